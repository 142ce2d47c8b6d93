"""What each date of a text is the date of: an inspection, a report's publication or something else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import islice

from extractor import dates
from extractor.document import Span
from extractor.domain.cues import cue
from extractor.engines.offline.reading import Reading, Sentence

_HEAD = 1200  # characters in which a report prints the days of its fieldwork as a heading
_BEFORE, _BEHIND = 150, 60  # characters before and behind a date in which its cue may stand
_BESIDE = 25  # characters behind a date in which its clause may name the inspectors
_EDGE = 40  # characters before a date in which a verb says that they came or left
_LABELS = {
    "inspected": re.compile(
        r"\b(?:(?:inspection|visit|fieldwork)\s+(?:(?P<edge>start|end)\s+)?dates?|dates?\s+of\s+(?:the\s+)?(?:inspection|visit|fieldwork)"
        r"|(?:inspection|fieldwork)(?=:))\s*:?\s+(?=\S)",
        re.IGNORECASE,
    ),
    "published": re.compile(
        r"^[ \t]*(?:(?:(?:report|letter)\s+)?(?:published|publication\s+date)|date\s+(?:of\s+publication|published))"
        r"(?:\s+on)?\s*:?\s+(?=[0-9A-Z])",
        re.IGNORECASE | re.MULTILINE,
    ),
}
_LABEL_GAP = 25  # characters of a weekday or the like between a label and its date
_DATE = re.compile(
    r"[0-9]|\b(?:(?:Jan|Febr)uary|March|April|May|Ju(?:ne|ly)|August|(?:Sept|Nov|Dec)ember|October"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday|today|month|year|morning|afternoon)\b",
    re.IGNORECASE,
)
_ITS_REPORT = re.compile(
    r"'s\s+(?:[A-Z]\w+\s+)?(?:report|letter|findings|verdict|judgement|announcement)\b", re.IGNORECASE
)
_ITS_VISIT = re.compile(r"(?:'s)?\s+(?:[\w-]+\s+)?(?:inspection|visit|fieldwork)\b", re.IGNORECASE)
_LINE_END = re.compile(r"\n")
_FROM = re.compile(r"\bfrom\s+$", re.IGNORECASE)
_YEAR = re.compile(r"[0-9]{4}")
_PRONOUN = re.compile(r"\W*(?:They|It|Their|Its|He|She)\b")
_EVENTS = ("other_event", "graded_then", "attended", "inspected", "published")
"""Cues of what happened on a date; of two that end at one place, the later one here."""
_TELLING = ("attended", "inspected", "published", "reporting")
"""Cues of which a sentence must hold one to tell of an inspection."""


@dataclass(frozen=True)
class Moment:
    """A date of the text that tells an event: `place` is its offset there, `span` the words that say what happened."""

    event: str
    period: dates.Period
    place: int
    span: Span
    sentence: Sentence | None = None
    edge: str = ""  # "start" or "end" where only that day of a longer stay is told

    @cached_property
    def precision(self) -> int:
        """How much is known: 3 a day, 2 a month, 1 a year, 0 nothing, as of "this week"."""
        return len((self.period.last or "").split("-")) if self.period.last else 0

    @cached_property
    def year(self) -> str | None:
        """The year, where one is known."""
        year = (self.period.last or "")[:4]
        return year if year.isdecimal() else None

    def is_news(self, published: str | None, back: timedelta, ahead: timedelta = timedelta(0)) -> bool:
        """Whether it falls in this time before and after the document's own date, as far as the two are known."""
        return is_news(self.period, published, back, ahead)


def is_news(period: dates.Period, published: str | None, back: timedelta, ahead: timedelta = timedelta(0)) -> bool:
    """Whether a date falls in this time before and after the document's own, as far as the two are known."""
    own, first, last = _day(published), _day(period.first), _day(period.last, last=True)
    return not (own and first and last) or (own - back <= last and first <= own + ahead)


def labelled(reading: Reading, event: str, until: int) -> Iterator[Moment]:
    """Dates behind a label of their own, up to that offset: "Inspection dates: 6 to 17 December 2021"."""
    for label in _LABELS[event].finditer(reading.text, 0, until):
        stop = _next_line_end(reading.text, label.end())
        for period in dates.periods(reading.text[label.end() : stop])[:1]:
            if period.start < _LABEL_GAP:
                span = (label.start(), label.end() + period.end)
                edge = (label.groupdict().get("edge") or "").lower()
                yield Moment(event, period, label.end() + period.start, span, edge=edge)


def _next_line_end(text: str, start: int) -> int:
    """Where the line after this one ends: a long date runs on."""
    ends = (match.start() for match in _LINE_END.finditer(text, start))
    return next(islice(ends, 1, None), len(text))


def headings(reading: Reading) -> Iterator[Moment]:
    """The days of fieldwork as a line of their own near a report's head."""
    for line in re.finditer(r"[^\n]+", reading.text[:_HEAD]):
        words = line[0].strip()
        for period in dates.periods(words) if len(words) < _BEHIND else ():
            if period.words == words and period.first != period.last and len(period.last or "") == len("2021-12-17"):
                place = line.start() + line[0].index(words)
                yield Moment("inspected", period, place, (place, place + len(words)))


def moments(reading: Reading) -> Iterator[Moment]:
    """Each date by whose words a sentence tells of an inspection or a publication.

    Older inspections' dates and those yet to come are left out.
    """
    before: Sentence | None = None
    for sentence in reading.sentences:
        if _DATE.search(sentence.text) and any(cue(name).search(sentence.text) for name in _TELLING):
            reported = _reported_in(sentence, before)
            reached = 0
            for period in dates.periods(sentence.text, reading.document.published):
                older = cue("older_inspection").search(sentence.text, reached, period.start)
                event = None if older else _event(sentence, period, reported)
                reached = period.end
                if event:
                    place = sentence.start + period.start
                    span = reading.clause(place, sentence.start + period.end)
                    yield Moment(event, period, place, span, sentence, _edge(sentence.text[: period.start], period))
        before = sentence


def _reported_in(sentence: Sentence, before: Sentence | None) -> str:
    """The sentence before, where this one opens with a pronoun: whom "They" means."""
    return before.text if before and _PRONOUN.match(sentence.text) else ""


def _event(sentence: Sentence, period: dates.Period, context: str) -> str | None:
    """The event that the words around a date tell: "inspected" or "published"; null for any other."""
    before = sentence.text[max(0, period.start - _BEFORE) : period.start]
    behind = sentence.text[period.end : period.end + _BEHIND]
    owned = "published" if _ITS_REPORT.match(behind) else "inspected" if _ITS_VISIT.match(behind) else None
    event = owned or _nearest(before, behind, context)
    coming = cue("yet_to_come").search(before) is not None
    if event == "published":
        return event if _is_report(context + before, behind) and (not coming or _YEAR.search(period.words)) else None
    return event if event == "inspected" and not coming else None


def _nearest(before: str, behind: str, context: str) -> str | None:
    """What a date is the date of: by the last cue before it, or else by the first one behind."""
    for name, found in [*reversed(_cues(before)), *_cues(behind)]:
        if name != "attended":
            return name
        if cue("inspectors").search(context + before + behind[: _BEHIND if found.string is behind else _BESIDE]):
            return "inspected"
    return None


def _cues(text: str) -> list[tuple[str, re.Match[str]]]:
    """The cues in a text by where they end; of two that end at one place, the one that tells more comes last."""
    papers = {match.start() for match in cue("paper").finditer(text)}
    found = [(name, match) for name in _EVENTS for match in cue(name).finditer(text)]
    return sorted((hit for hit in found if hit[1].start() not in papers), key=lambda hit: hit[1].end())


def _is_report(before: str, behind: str) -> bool:
    """Whether what came out is a report: the last word before the date for something that can be published decides."""
    reports = [match.end() for match in cue("reporting").finditer(before)]
    others = [match.end() for match in cue("other_publication").finditer(before)]
    if reports or others:
        return max(reports, default=0) >= max(others, default=0)
    return cue("reporting").search(behind) is not None


def _edge(before: str, period: dates.Period) -> str:
    """Which day of the stay a single date is, where the words right before it say so."""
    if period.first != period.last:
        return ""
    close = before[-_EDGE:] if not _FROM.search(before) else ""
    came, went = (max((found.end() for found in cue(name).finditer(close)), default=0) for name in ("came", "went"))
    return "start" if not close or came > went else "end" if went else ""


def _day(edtf: str | None, *, last: bool = False) -> date | None:
    """The first day, or about the last, that a date with a year can mean; null without a year."""
    if not edtf or edtf.startswith("X"):
        return None
    rest = edtf[4:] or ("-12" if last else "-01")
    return date.fromisoformat(edtf[:4] + rest + ("" if len(rest) > 3 else "-28" if last else "-01"))
