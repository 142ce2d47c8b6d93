"""Of what type the inspection is: "a focused visit", or a follow-up that can only be a monitoring visit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from extractor import dates
from extractor.domain.cues import cue
from extractor.domain.grades import grade_words
from extractor.domain.tables import toml
from extractor.engines.offline.inspected.front import Front
from extractor.engines.offline.inspected.moments import is_news
from extractor.engines.offline.reading import Found, Reading

_OPENING, _LONG = 1500, 4500  # characters in which a long document says what it is; from where on it is long
_RECENT = timedelta(days=300)  # how long before the document's own date an inspection can be that it reports
_GIVEN = 60  # characters before a grade in which a verb says that it was given
_SUPPOSED_BEFORE, _SUPPOSED_BEHIND, _DATED_BEHIND = 60, 20, 30
_INADEQUATE = "inadequate"
_BARE = {"short", "standard", "full"}  # forms that alone do not say what they are types of
_AT = re.compile(r",?\s+(?:back\s+)?(?:in|on|of|from|during|between)\s+(?:early\s+|late\s+|the\s+)?", re.IGNORECASE)
_OF_A_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\s+(?:Ofsted\s+)?$")
_NUMBERED = re.compile(r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth)\s+$", re.IGNORECASE)
_SINCE = re.compile(r"\s+(?:\w+\s+){0,3}since\b")
_LAST_WORD = re.compile(r"\s+(?:[\w-]+\s+)?")
_ONE_OF = re.compile(r"\b(?:first|second|third|fourth|fifth|sixth|latest|last|one) of\b[\w\s']{0,20}$")


def inspection_type(reading: Reading, front: Front | None) -> Found | None:
    """The type that the text calls this inspection, or that a follow-up must have; a recalled one does not count.

    A report's own stands in its title, which `front` has.
    """
    own = reading.document.published
    for start, end, kind in sorted(_named(reading, front)):
        if not _is_another(reading, start, end, own):
            return Found({"value": kind}, (reading.clause(start, end),), "type.named")
    return _follow_up(reading)


def _named(reading: Reading, front: Front | None) -> Iterator[tuple[int, int, str]]:
    """Every mention of a type, in a report's title or, without one, in the opening or a short text."""
    long = len(reading.text) > _LONG
    text = reading.text[: front.title[1] if front else _OPENING if long else len(reading.text)]
    for kind in toml("bodies.toml")["inspection_types"]:
        for match in _forms(kind).finditer(text):
            yield *match.span(), kind


def _is_another(reading: Reading, start: int, end: int, own: str | None) -> bool:
    """Whether the words around a type say that another inspection is meant: an older, a later or anybody's."""
    sentence = reading.sentence_at(start)
    before, behind = reading.text[sentence.start : start], reading.text[end : sentence.end]
    if _NUMBERED.search(before) and _SINCE.match(behind):
        return False
    others = list(cue("another_inspection").finditer(before))
    if others and _LAST_WORD.fullmatch(before, others[-1].end()):
        return not _ONE_OF.search(before)
    supposed = before[-_SUPPOSED_BEFORE:], behind[:_SUPPOSED_BEHIND]
    if any(cue("supposed").search(around) for around in supposed):
        return True
    return any(not _is_recent(period, own) for period in _dated(before, behind[:_DATED_BEHIND]))


def _dated(before: str, behind: str) -> Iterator[dates.Period]:
    """The date that a type is given: "the 2018 focused visit", "a focused visit in March 2019"."""
    year = _OF_A_YEAR.search(before)
    yield from dates.periods(f"in {year[0]}") if year else ()
    yield from (period for period in dates.periods(behind)[:1] if _AT.fullmatch(behind, 0, period.start))


def _is_recent(period: dates.Period, own: str | None) -> bool:
    """Whether an inspection of that date can be news; one of a bare year only in a document of that year."""
    bare = len(period.last or "") == len("2021")
    return (own or "")[:4] == period.last if bare else is_news(period, own, _RECENT)


def _follow_up(reading: Reading) -> Found | None:
    """A monitoring visit told, not named: inspectors came back to a council judged inadequate, and graded nothing."""
    if len(reading.text) > _LONG:
        return None
    text = reading.text
    given = [form for form in grade_words(text) if cue("grading").search(text, max(0, form.start - _GIVEN), form.start)]
    if not given or any(form.grade != _INADEQUATE for form in given):
        return None
    for sentence in reading.sentences_from(given[0].start):
        told = all(cue(name).search(sentence.text) for name in ("came_back", "inspectors"))
        if told and not cue("yet_to_come").search(sentence.text):
            return Found({"value": "monitoring visit"}, ((sentence.start, sentence.end),), "type.follow-up")
    return None


@cache
def _forms(kind: str) -> re.Pattern[str]:
    forms = [form for form in toml("bodies.toml")["inspection_types"][kind] if form not in _BARE]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})\b", re.IGNORECASE)
