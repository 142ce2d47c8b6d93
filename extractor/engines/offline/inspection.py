"""The inspection itself: who inspected, of what type, by which framework, when, led by whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from extractor import dates
from extractor.document import Span
from extractor.domain.frameworks import named_in
from extractor.domain.tables import toml
from extractor.engines.offline.reading import Found, Reading

_PUBLISHED = re.compile(
    r"\b(?:publish\w*|publication|released?|(?:came|is|are|was|were|be) out|issued|unveiled|made public|posted)\b", re.IGNORECASE
)
_INSPECTED = re.compile(
    r"\b(?:inspect\w*|visit\w*|fieldwork|carried out|took place|take place|(?:came|come|went) back|return\w*|review\w*"
    r"|called|came to|were (?:in|at)|spent)\b",
    re.IGNORECASE,
)
_OLDER = re.compile(
    r"\b(?:last (?:full )?(?:ofsted )?inspect\w*|previous\w*|earlier|since|when it was last|had (?:been|called)|first (?:inspect|rated)\w*"
    r"|follow\w* (?:the|an|its) \w+ (?:rating|judgement|inspection) (?:in|of))\b",
    re.IGNORECASE,
)
_OTHER_EVENT = re.compile(
    r"\b(?:cabinet|committee|meeting|elections?|arrived|joined|appointed|started|began|died|death|born|as of|as at|set up)\b",
    re.IGNORECASE,
)
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
    for period, span in _dated(reading, _INSPECTED):
        return (
            Found({"words": period.first_words}, (span,), "date.inspection"),
            Found({"words": period.last_words}, (span,), "date.inspection"),
        )
    return None, None


def published(reading: Reading) -> Found | None:
    """When the report was published, as words."""
    for period, span in _dated(reading, _PUBLISHED):
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


def _dated(reading: Reading, trigger: re.Pattern[str]) -> Iterator[tuple[dates.Period, Span]]:
    """Dates whose nearest cue in their sentence is the trigger, with their sentence; labelled ones first."""
    cues = {_PUBLISHED: 0, _INSPECTED: 1, _OTHER_EVENT: 2}
    for label in re.finditer(r"\b(?:Inspection|Visit) dates?:?\s+(?=\S)|\bPublished:?\s+(?=[0-9])", reading.text):
        is_inspection = not label[0].startswith("Published")
        if is_inspection == (trigger is _INSPECTED):
            line_end = reading.text.find("\n", label.end() + 12)
            stop = len(reading.text) if line_end < 0 else line_end
            for period in dates.periods(reading.text[label.end() : stop])[:1]:
                yield period, (label.start(), label.end() + period.end)
    for sentence in reading.sentences:
        if not trigger.search(sentence.text):
            continue
        for period in dates.periods(sentence.text):
            before, after = sentence.text[: period.start], sentence.text[period.end :]
            nearest = max(
                ((match.end(), cue) for cue in cues for match in cue.finditer(before)), default=(0, None), key=lambda c: c[0]
            )[1]
            if nearest is None:
                nearest = next((cue for cue in (_PUBLISHED, _INSPECTED) if cue.search(after)), None)
            if nearest is trigger and not _OLDER.search(before):
                yield period, reading.clause(sentence.start + period.start, sentence.start + period.end)


def _recalled(reading: Reading, offset: int) -> bool:
    """Whether the words right before say that another inspection than this one is meant."""
    before = reading.text[max(0, offset - 40) : offset]
    return re.search(r"\b(?:next|last|previous|earlier|future|further|their|a third|until the)\s+(?:\w+\s+)?$", before) is not None


@cache
def _bodies() -> dict[str, re.Pattern[str]]:
    return {
        name: re.compile(rf"\b(?:{'|'.join(re.escape(form) for form in forms)})\b", re.IGNORECASE)
        for name, forms in toml("bodies.toml")["inspectorates"].items()
    }


@cache
def _type(kind: str) -> re.Pattern[str]:
    forms = [form for form in toml("bodies.toml")["inspection_types"][kind] if " " in form or "-" in form or kind[0] == "r"]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})\b", re.IGNORECASE)
