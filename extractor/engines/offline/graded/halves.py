"""The inspections of 2009 to 2012 graded safeguarding and looked after children apart: which half a grade is of."""

from __future__ import annotations

import re
from dataclasses import replace

from extractor.document import Span
from extractor.domain.areas import plain
from extractor.domain.frameworks import could_be, named_in, shown_by
from extractor.engines.offline.graded.rows import Graded
from extractor.engines.offline.reading import Reading

_SAFEGUARDING = r"\bsafeguarding\b"
_LOOKED_AFTER = r"\b(?:services for )?(?:its )?(?:looked[- ]after children(?:'s services)?|children in (?:its )?care)\b"
_HALF = re.compile(rf"(?P<safeguarding>{_SAFEGUARDING})|(?P<looked_after>{_LOOKED_AFTER})", re.IGNORECASE)
_OF_EITHER = {
    "overall effectiveness", "capacity for improvement", "capacity to improve", "quality of provision",
    "leadership and management", "ambition and prioritisation", "partnership working", "equality and diversity",
}  # fmt: skip
_SENTENCES_BACK = 4
_FRONT = 8000
"""Characters in which a text says which inspection it is about."""


def is_in_halves(reading: Reading, present: str | None) -> bool:
    """Whether the text reports an inspection that gave two half-grades and none overall, and speaks of both halves."""
    if present is not None and not could_be("SLAC", present):
        return False
    front = reading.text[:_FRONT]
    if len({match.lastgroup for match in _HALF.finditer(front)}) < 2:
        return False
    named = {code for code, _, _ in named_in(front)}
    if named - {"SLAC"}:
        return False
    dated = present is not None and not present.startswith("X")
    return bool(named) or dated or shown_by(front) == "SLAC"


def in_half(reading: Reading, graded: Graded) -> Graded:
    """The grade with its half: "overall" becomes the half's own, and "capacity for improvement" names its half."""
    words = " ".join(reading.text[slice(*graded.area[0])].split()) if graded.area else "overall effectiveness"
    if plain(words) not in _OF_EITHER:
        return graded
    half = _half_of(reading, graded)
    if half is None:
        return graded
    if graded.area is None:
        spans = (half, *graded.spans) if half[1] <= graded.spans[0][0] else graded.spans
        return replace(graded, area=(half,), spans=spans, rule=f"{graded.rule}.half")
    spans = (half, *graded.spans) if half[1] <= graded.spans[0][0] else graded.spans
    return replace(graded, area=tuple(sorted((*graded.area, half))), spans=spans, rule=f"{graded.rule}.half")


def _half_of(reading: Reading, graded: Graded) -> Span | None:
    """The words that name the half: the nearest in its sentence, or else the last in the few before it."""
    at = graded.area[0] if graded.area else (graded.at, graded.at)
    sentence = reading.sentence_at(at[0])
    here = [match.span() for match in _HALF.finditer(reading.text, sentence.start, sentence.end)]
    if here:
        return min(here, key=lambda span: max(span[0] - at[1], at[0] - span[1]))
    index = next((number for number, one in enumerate(reading.sentences) if one.end > at[0]), 0)
    for before in reversed(reading.sentences[max(0, index - _SENTENCES_BACK) : index]):
        found = _HALF.search(before.text)
        if found:
            return before.start + found.start(), before.start + found.end()
    return None
