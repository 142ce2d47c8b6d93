"""Running heads and footers: lines at the edge of pages that come back from page to page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractor.document import Span

_DEPTH = 4
_SHARE = 4
_NUMBER = re.compile(r"[0-9]+")
_PAGE_NUMBER = re.compile(r"[\W_]*(?:page )?#(?: ?(?:of|/) ?#)?[\W_]*")


@dataclass(frozen=True)
class _Line:
    """One line near the edge of a page; `key` is its words with every number as "#"."""

    start: int
    end: int
    key: str
    steps: frozenset[tuple[str, int, int]]

    @property
    def worded(self) -> bool:
        return any(character.isalpha() for character in self.key)


def furniture(pages: Sequence[str]) -> list[list[Span]]:
    """For each page of text, the spans of its running head and footer.

    A line is furniture when it comes back, numbers ignored, on a quarter of the pages: three at least, or two if one
    of its numbers goes up with the pages. Lines between it and the edge of the page go with it if they come back on
    two. The top of page 1 is a title: there only a line that counts the pages is furniture. Under three pages only
    a bare page number counts.
    """
    edges = [_edges(page, number) for number, page in enumerate(pages)]
    heads, feet = _Running([top for top, _ in edges]), _Running([bottom for _, bottom in edges])
    spans = []
    for number, (top, bottom) in enumerate(edges):
        head = heads.block(top, title=number == 0)
        foot = feet.block([line for line in bottom if line not in head])
        spans.append([_span(block) for block in (head, foot) if block])
    return spans


def _span(block: list[_Line]) -> Span:
    return min(line.start for line in block), max(line.end for line in block)


class _Running:
    """What comes back at one side of the pages."""

    def __init__(self, sides: list[list[_Line]]) -> None:
        self._pages = len(sides)
        self._keys = Counter(key for lines in sides for key in {line.key for line in lines})
        self._steps = Counter(step for lines in sides for step in {step for line in lines for step in line.steps})

    def block(self, lines: list[_Line], *, title: bool = False) -> list[_Line]:
        """The lines from the edge inwards, up to the last that is surely furniture."""
        depth = 0
        for number, line in enumerate(lines, start=1):
            if not (self._counts(line) or (self._repeated(line, 2) and not title)):
                break
            if self._counts(line) or self._repeated(line, 3):
                depth = number
        return lines[:depth]

    def _counts(self, line: _Line) -> bool:
        """Whether it holds a number that goes up with the pages."""
        if self._pages < 3 and not _PAGE_NUMBER.fullmatch(line.key):
            return False
        return any(self._enough(self._steps[step], 2) for step in line.steps)

    def _repeated(self, line: _Line, least: int) -> bool:
        return line.worded and self._enough(self._keys[line.key], least)

    def _enough(self, count: int, least: int) -> bool:
        return count >= least and count * _SHARE >= self._pages


def _edges(page: str, number: int) -> tuple[list[_Line], list[_Line]]:
    """The lines at the top and at the bottom of a page, each counted from the edge inwards."""
    lines = [span for span in _line_spans(page) if page[slice(*span)].strip()]
    top, bottom = lines[:_DEPTH], lines[: -_DEPTH - 1 : -1]
    return [_line(page, span, number) for span in top], [_line(page, span, number) for span in bottom]


def _line_spans(page: str) -> Iterator[Span]:
    start = 0
    for line in page.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def _line(page: str, span: Span, page_number: int) -> _Line:
    words = " ".join(page[slice(*span)].casefold().split())
    key = _NUMBER.sub("#", words)
    numbers = enumerate(_NUMBER.findall(words))
    steps = frozenset((key, place, int(digits) - page_number) for place, digits in numbers if len(digits) <= 4)
    return _Line(*span, key, steps)
