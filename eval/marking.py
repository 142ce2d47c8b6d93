"""Which words of a document gold points at, and which each run does: its text in pieces, each with its marks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from extractor.document import Span

GOLD = -1
"""Whose mark gold's is; a run's is its number, from 0."""

_NOBODY = -2


class Mark(NamedTuple):
    """A span of the text, who points at it (GOLD, or a run's number) and for which field."""

    span: Span
    by: int
    field: str


@dataclass(frozen=True)
class Piece:
    """A stretch of text that the same marks cover from end to end.

    `fields` are the fields for which it is pointed at, by whom (GOLD, then run by run). `opens`: a mark begins here.
    `unseen`: no reader sees it (running heads and footers, hidden text).
    """

    start: int
    text: str
    fields: dict[int, tuple[str, ...]]
    opens: bool
    unseen: bool


def pieces(text: str, marks: Iterable[Mark], unseen: Iterable[Span] = ()) -> Iterator[Piece]:
    """The text, cut wherever a mark begins or ends; joined, the pieces are the text again.

    Marks may overlap and repeat; what lies outside the text is left out.
    """
    opening, closing = defaultdict(list), defaultdict(list)
    for (start, end), by, field in (*marks, *(Mark(span, _NOBODY, "") for span in unseen)):
        start, end = max(0, start), min(len(text), end)
        if start < end:
            opening[start].append((by, field))
            closing[end].append((by, field))
    held: Counter[tuple[int, str]] = Counter()
    for start, end in pairwise(sorted({0, len(text), *opening, *closing})):
        held.subtract(closing[start])
        held.update(opening[start])
        fields: dict[int, tuple[str, ...]] = {}
        for by, field in sorted(mark for mark, times in held.items() if times > 0):
            fields[by] = (*fields.get(by, ()), field)
        hidden = fields.pop(_NOBODY, None) is not None
        yield Piece(start, text[start:end], fields, any(by != _NOBODY for by, _ in opening[start]), hidden)
