"""The inspection itself: who inspected, and by which framework."""

from __future__ import annotations

import re
from functools import cache

from extractor.document import Span
from extractor.domain.frameworks import named_in
from extractor.domain.tables import toml
from extractor.engines.offline.inspected.front import Front
from extractor.engines.offline.reading import Found, Reading

_OPENING = 1500  # characters in which a long document says what it is
_FRONT = 6000  # characters in which it names its framework and its inspectorates


def inspectorates(reading: Reading) -> list[Found]:
    """The inspectorate that the text names first, and those named beside it in one sentence, where they first are."""
    hits = _named(reading.text[:_FRONT]) or _named(reading.text)
    lead = next((name for _, _, name in hits), None)
    beside = {reading.sentence_at(start).start for start, _, name in hits if name == lead}
    first: dict[str, Span] = {}
    for start, end, name in hits:
        if name == lead or reading.sentence_at(start).start in beside:
            first.setdefault(name, (start, end))
    return [
        Found({"value": name}, (reading.clause(*first[name]),), "inspectorate.named")
        for name in _bodies()
        if name in first
    ]


def framework(reading: Reading, front: Front | None) -> Found | None:
    """The framework that the text names; null where it names none or several, of which other bodies' are none.

    A report can name others that its council has met: only its title's own is its own.
    """
    named = named_in(reading.text[:_OPENING]) or named_in(reading.text[:_FRONT])
    if front:
        named = [hit for hit in named if hit[0] == front.framework]
    own = [hit for hit in named if hit[0] != "other"] or named
    if len({code for code, _, _ in own}) != 1:
        return None
    code, start, end = own[0]
    return Found({"value": code}, (reading.clause(start, end),), "framework.named")


def _named(text: str) -> list[tuple[int, int, str]]:
    """Every mention of an inspectorate, in order; the HMI of "HMI Probation" is none of Ofsted's."""
    hits = sorted((*match.span(), name) for name, pattern in _bodies().items() for match in pattern.finditer(text))
    return list({start: (start, end, name) for start, end, name in hits}.values())


@cache
def _bodies() -> dict[str, re.Pattern[str]]:
    return {
        name: re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})\b", re.IGNORECASE)
        for name, forms in toml("bodies.toml")["inspectorates"].items()
    }
