"""When this inspection was and when its report came out: the one date of several that is its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from extractor.datelines import dateline
from extractor.domain.cues import cue
from extractor.domain.grades import grade_words
from extractor.engines.offline.inspected.moments import Moment, headings, labelled, moments
from extractor.engines.offline.reading import Found, Reading
from extractor.orders import order_in

_OLDEST, _SLOWEST, _AHEAD = timedelta(days=430), timedelta(days=330), timedelta(days=60)
"""How long before the document's own date the inspection and the report can be; how long after it a letter's."""
_FRONT = 6000  # characters of a report in which the labels of its own dates stand
_YEAR = 1
_OF_REPORT = re.compile(r"\b(?:report|letter)\b", re.IGNORECASE)  # a label not of the article that it stands in
_BARE_DAY = re.compile(r"\W*(?:on\s+)?(?:[A-Z][a-z]+day\s+)?(?P<day>(?:the\s+)?[0-9]{1,2}(?:st|nd|rd|th))\b")


@dataclass(frozen=True)
class Events:
    """The first and last day of the inspection and the report's publication, each as the text's words."""

    start: Found | None = None
    end: Found | None = None
    published: Found | None = None

    @classmethod
    def of(cls, reading: Reading, *, graded: bool) -> Events:
        """The dates that the text gives to the inspection it reports, which is of a kind that gives grades or not.

        Older inspections', next visits' and the article's own dates are none of them.
        """
        printed = _printed(reading)
        # A report's sentences tell of other dates than its own.
        told = [] if printed else [moment for moment in moments(reading) if not _is_ordered(reading, moment)]
        stays = printed or _fieldwork(reading, told, graded=graded)
        return cls(*_stay(stays), _publication(reading, told, stays[:1], is_report=bool(printed)))


def _is_ordered(reading: Reading, moment: Moment) -> bool:
    """Whether the date stands in words that tell their reader what to write down."""
    return order_in(moment.sentence.text if moment.sentence else _line(reading, moment)) is not None


def _printed(reading: Reading) -> list[Moment]:
    """The days that a report prints under its title, at one place or at one each; empty in any other document."""
    labels = [*labelled(reading, "inspected", _head(reading)), *headings(reading)]
    printed = [moment for moment in labels if not _is_ordered(reading, moment)]
    return [moment for moment in printed if moment.edge] or printed[:1]


def _head(reading: Reading) -> int:
    """Where the labels of a document's own dates can stand: at the front of a long one."""
    return _FRONT if reading.is_long else len(reading.text)


def _fieldwork(reading: Reading, told: Sequence[Moment], *, graded: bool) -> list[Moment]:
    """Dates of this inspection, the likeliest first: days before months, a stay before one day of it."""
    own = reading.document.published
    found = [
        moment
        for moment in told
        if moment.event == "inspected"
        and (moment.precision > _YEAR or (moment.precision == _YEAR and "this year" in moment.period.words))
        and moment.is_news(own, _OLDEST)
        and (graded or not grade_words(reading.text[slice(*moment.span)]))
    ]
    return sorted(_latest(found), key=_likelihood)


def _latest(found: Sequence[Moment]) -> list[Moment]:
    """The dates of the last year that any of them has, and those that have none."""
    latest = max((moment.year for moment in found if moment.year), default=None)
    return [moment for moment in found if moment.year in (None, latest)]


def _likelihood(moment: Moment) -> tuple[bool, int, bool, int]:
    of_another = moment.sentence is not None and cue("other_body").search(moment.sentence.text) is not None
    return (of_another, -moment.precision, moment.period.first == moment.period.last, moment.place)


def _stay(found: Sequence[Moment]) -> tuple[Found | None, Found | None]:
    """The first and the last day, by the likeliest date and, where it is only one of the two, those beside it."""
    if not found:
        return None, None
    best = found[0]
    beside = [moment for moment in found if moment.sentence is best.sentence]
    came = next((moment for moment in beside if moment.edge == "start"), best if best.edge != "end" else None)
    went = next((moment for moment in beside if moment.edge == "end"), best if best.edge != "start" else None)
    start = Found({"words": came.period.first_words}, (came.span,), "date.inspection") if came else None
    end = Found({"words": went.period.last_words}, (went.span,), "date.inspection") if went else _behind(best, "went")
    return start, end


def _behind(moment: Moment, told: str) -> Found | None:
    """A later day of the same sentence as a bare ordinal: "arrived on 8 July and left on the 18th"."""
    if moment.sentence is None:
        return None
    for verb in cue(told).finditer(moment.sentence.text, moment.place - moment.sentence.start):
        day = _BARE_DAY.match(moment.sentence.text, verb.end())
        if day:
            return Found({"words": day["day"]}, ((moment.span[0], moment.sentence.start + day.end()),), "date.ordinal")
    return None


def _publication(reading: Reading, told: Sequence[Moment], stays: Sequence[Moment], *, is_report: bool) -> Found | None:
    """When the report came out: by its label, or else the most precise date that a sentence gives."""
    stamp = _stamp(reading)
    found = [
        moment
        for moment in labelled(reading, "published", _head(reading))
        if is_report or _OF_REPORT.search(reading.text[slice(*moment.span)])
    ]
    own = reading.document.published
    found += [
        moment
        for moment in told
        if moment.event == "published"
        and (moment.precision > _YEAR or (moment.precision == _YEAR and "year" in moment.period.words))
        and moment.is_news(own, _SLOWEST, _AHEAD)
        and _line(reading, moment) != stamp
    ]
    for moment in sorted(_latest(found), key=_newsworthiness)[:1]:
        return Found({"words": moment.period.words}, (moment.span,), "date.published")
    return next(filter(None, (_behind(stay, "published") for stay in stays)), None)


def _newsworthiness(moment: Moment) -> tuple[bool, int, bool, int]:
    """A label first, then days before months, publication before the date on the letter."""
    words = moment.sentence.text[: moment.place - moment.sentence.start] if moment.sentence else ""
    return (moment.sentence is not None, -moment.precision, words.rstrip().endswith("dated"), moment.place)


def _stamp(reading: Reading) -> str | None:
    """The line that holds the document's own dateline; null where there is none."""
    text = reading.document.visible
    own = dateline(text)
    return _whole_line(text, own.start) if own else None


def _line(reading: Reading, moment: Moment) -> str:
    return _whole_line(reading.document.text, moment.place)


def _whole_line(text: str, offset: int) -> str:
    end = text.find("\n", offset)
    return text[text.rfind("\n", 0, offset) + 1 : end if end >= 0 else len(text)].strip()
