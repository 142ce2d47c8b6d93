"""The inspection itself: who inspected, of what type, by which framework, when, led by whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from extractor import dates
from extractor.document import Span
from extractor.domain.cues import cue
from extractor.domain.frameworks import named_in
from extractor.domain.tables import toml
from extractor.engines.offline.reading import Found, Reading

_NAME = r"(?P<name>[A-Z][\w'-]+(?: [A-Z]\.?)?(?: [A-Z][\w'-]+){1,2})"
_OPENING = 1500  # characters in which a long document says what it is
_LEAD = [
    re.compile(rf"(?<!eputy )\b(?:[Ll]ead|[Rr]eporting) [Ii]nspectors?:?,?\s+{_NAME}"),
    re.compile(rf"{_NAME},?\s+(?:the|who was the|who is the)\s+lead inspector\b"),
    re.compile(rf"\bled by\s+{_NAME}"),
    re.compile(rf"{_NAME},\s+(?:His|Her) Majesty's Inspector,?[^.]{{0,20}}\b(?:led|headed)\b"),
]


def inspectorates(reading: Reading) -> list[Found]:
    """Each inspectorate that the text names, where it first does."""
    found = []
    for name, pattern in _bodies().items():
        match = pattern.search(reading.text)
        if match:
            found.append(Found({"value": name}, (reading.clause(*match.span()),), "inspectorate.named"))
    return found


def inspection_type(reading: Reading) -> Found | None:
    """The type that the text calls this inspection, where it first does; a recalled one does not count."""
    hits = [
        (match.start(), kind)
        for kind in ("monitoring visit", "focused visit", "re-inspection", "short", "standard", "full")
        for match in _type(kind).finditer(reading.text)
        if not _recalled(reading, match.start()) and (match.start() < _OPENING or len(reading.text) < 3 * _OPENING)
    ]
    if not hits:
        return None
    start, kind = min(hits)
    return Found({"value": kind}, (reading.clause(start, start + 1),), "type.named")


def framework(reading: Reading) -> Found | None:
    """The framework that the text names; null where it names none or several."""
    named = named_in(reading.text[:_OPENING]) or named_in(reading.text)
    if len({code for code, _, _ in named}) != 1:
        return None
    code, start, end = named[0]
    return Found({"value": code}, (reading.clause(start, end),), "framework.named")


def inspection_dates(reading: Reading) -> tuple[Found | None, Found | None]:
    """The first and last day of the inspection, as words."""
    dated = list(_dated(reading, "inspected"))
    if not dated:
        return None, None
    period, span = max(dated, key=lambda found: len(found[0].first or ""))  # the first of the most precise
    return (
        Found({"words": period.first_words}, (span,), "date.inspection"),
        Found({"words": period.last_words}, (span,), "date.inspection"),
    )


def published(reading: Reading) -> Found | None:
    """When the report was published, as words."""
    for period, span in _dated(reading, "published"):
        return Found({"words": period.words}, (span,), "date.published")
    return None


def lead_inspectors(reading: Reading) -> list[Found]:
    """Names of the lead inspectors."""
    names: dict[str, Found] = {}
    for pattern in _LEAD:
        for match in pattern.finditer(reading.text):
            name = " ".join(match["name"].split())
            name = re.sub(r"\s(?:HMI|His|Her|Ofsted|Published|Age)\b.*$", "", name)
            sentence = reading.sentence_at(match.start("name"))
            line = (max(sentence.start, match.start()), max(match.end("name"), match.start() + 1))
            names.setdefault(name, Found({"value": name}, (line,), "inspector.lead"))
    return list(names.values())


def _dated(reading: Reading, wanted: str) -> Iterator[tuple[dates.Period, Span]]:
    """Dates whose nearest cue in their sentence is the wanted one, with their clause; labelled ones first."""
    for label in _LABEL[wanted].finditer(reading.text):
        line_end = reading.text.find("\n", label.end() + 12)
        stop = len(reading.text) if line_end < 0 else line_end
        for period in dates.periods(reading.text[label.end() : stop])[:1]:
            yield period, (label.start(), label.end() + period.end)
    for sentence in reading.sentences:
        if cue(wanted).search(sentence.text):
            for period in dates.periods(sentence.text):
                before = sentence.text[: period.start]
                if _nearest(before, sentence.text[period.end :]) == wanted and not cue("older_inspection").search(
                    before
                ):
                    yield period, reading.clause(sentence.start + period.start, sentence.start + period.end)


def _nearest(before: str, after: str) -> str | None:
    """What a date is the date of: by the last cue before it, or else by the cues after it."""
    ends = [(match.end(), name) for name in _EVENTS for match in cue(name).finditer(before)]
    return max(ends)[1] if ends else next((name for name in _EVENTS[:2] if cue(name).search(after)), None)


_EVENTS = ("published", "inspected", "other_event")
_LABEL = {
    "inspected": re.compile(r"\b(?:Inspection|Visit) dates?:?\s+(?=\S)"),
    "published": re.compile(r"\bPublished:?\s+(?=[0-9])"),
}


def _recalled(reading: Reading, offset: int) -> bool:
    """Whether the words right before say that another inspection than this one is meant."""
    before = reading.text[max(0, offset - 40) : offset]
    found = list(cue("another_inspection").finditer(before))
    return bool(found) and re.fullmatch(r"\s+(?:\w+\s+)?", before[found[-1].end() :]) is not None


@cache
def _bodies() -> dict[str, re.Pattern[str]]:
    return {
        name: re.compile(rf"\b(?:{'|'.join(re.escape(form) for form in forms)})\b", re.IGNORECASE)
        for name, forms in toml("bodies.toml")["inspectorates"].items()
    }


@cache
def _type(kind: str) -> re.Pattern[str]:
    forms = [
        form for form in toml("bodies.toml")["inspection_types"][kind] if " " in form or "-" in form or kind[0] == "r"
    ]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})\b", re.IGNORECASE)
