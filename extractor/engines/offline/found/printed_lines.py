"""The lines that a document prints, without running heads, footnotes and their marks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from extractor.engines.offline.reading import Reading

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_PLAIN = str.maketrans(_RAISED, "0123456789")
_FOOTNOTE = re.compile(rf"([0-9{_RAISED}]{{1,2}})(?:$| ?(?=[A-Z(]))")
_BARE_NUMBER = re.compile(rf"[0-9{_RAISED}]{{1,2}}")
_REFERENCE = re.compile(rf"(?:(?<=[a-z.,;)'\"])|^)([0-9]{{1,2}}|[{_RAISED}]{{1,2}})(?![0-9.%])")
_WIDEST_COLUMN = 130
_FULL = 0.88
_SHORT = 20


class Line(NamedTuple):
    """A line of text: text[start:end] of the reading.

    `gap` tells that an empty line stands before it on its page; `closes` that it ends before the column does, so that
    a paragraph, an item or a heading can end with it.
    """

    start: int
    end: int
    text: str
    page: int
    gap: bool
    closes: bool = True


def lines(reading: Reading) -> list[Line]:
    """Every line that is not empty, in order."""
    printed = list(_printed(reading))
    if reading.document.pages:
        pages = groupby(printed, lambda line: line.page)
        printed = [line for _, page in pages for line in _without_notes(list(page))]
    width = _column(printed, paged=bool(reading.document.pages))
    if width is None:
        return printed
    pairs = pairwise(printed)
    seen = [line if _has_room(line, after, width) else line._replace(closes=False) for line, after in pairs]
    return [*seen, *printed[-1:]]


def _printed(reading: Reading) -> Iterator[Line]:
    starts = [start for start, _ in reading.document.pages]
    position, page, gap = 0, 0, False
    for raw in reading.text.split("\n"):
        text = raw.strip()
        if text:
            start = position + raw.index(text[0])
            here = bisect_right(starts, start)
            yield Line(start, start + len(text), text, here, gap and here == page)
            page = here
        gap = not text
        position += len(raw) + 1


def _without_notes(page: list[Line]) -> list[Line]:
    """The lines without the footnotes at the page's end, and without bare numbers that refer to them.

    A note opens with its number, and stands below an empty line or is referred to further up.
    """
    first = len(page)
    for index in range(len(page) - 1, 0, -1):
        number = _FOOTNOTE.match(page[index].text)
        if number and (page[index].gap or _is_referred_to(number[1], page[:index])):
            first = index
        elif page[index].gap:
            break
    return [line for line in page[:first] if not _BARE_NUMBER.fullmatch(line.text)]


def _is_referred_to(number: str, above: Sequence[Line]) -> bool:
    mark = number.translate(_PLAIN)
    return any(mark in (found[1].translate(_PLAIN) for found in _REFERENCE.finditer(line.text)) for line in above)


def _column(printed: Sequence[Line], *, paged: bool) -> int | None:
    """How many characters a full line has; null where each paragraph is one line."""
    lengths = sorted(len(line.text) for line in printed if len(line.text) > _SHORT)
    if not lengths:
        return None
    width = lengths[int(0.9 * (len(lengths) - 1))]
    if paged:
        return width
    pairs = [(one, other) for one, other in pairwise(printed) if len(one.text) > 0.75 * width]
    wrapped = sum(not other.gap and other.text[:1].islower() for _, other in pairs)
    return width if width <= _WIDEST_COLUMN and 4 * wrapped >= len(pairs) > 0 else None


def _has_room(line: Line, following: Line, width: int) -> bool:
    """Whether the first word of the line after it would have stood in this one."""
    return following.gap or len(line.text) + 1 + len(following.text.split(None, 1)[0]) <= _FULL * width
