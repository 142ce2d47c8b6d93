"""A report cut into its headings, paragraphs and list items, each whole over lines and pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from extractor.document import Span
from extractor.engines.offline.found.printed_lines import Line, lines
from extractor.engines.offline.reading import Reading, Sentence, bounded

_MARK = re.compile(
    r"(?P<bullet>[•*·▪◼◾■●○▫□◦>\uf000-\uf0ff-]|o(?= ))(?:\s+|$)"
    r"|(?P<number>[0-9]{1,3})[.)](?:\s+|$|(?=[A-Z]))"
    r"|\(?(?P<letter>[a-z]|[ivx]{1,4})\)(?:\s+|$)"
)
_COMPLETE = re.compile(r"[.!?;:][\"')\]]*$")
_STATED = re.compile(r"[.;:][\"')\]]*$")
_GRADED_HEADING = re.compile(
    r"[A-Z].{10,120}(?::|\bis|\bare)\s*:?\s*"
    r"(?:outstanding|good|adequate|inadequate|requires? improvement(?: to be good)?)$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"\S.*?(?:[.!?][\"')\]]*(?=\s+[\"'(\[]*[A-Z0-9])|$)", re.DOTALL)
_FARTHEST_AHEAD = 12


@dataclass
class Block:
    """A heading, a paragraph or an item. `mark` is what an item opens with: "•", "12", "(a)" as "a"; "" for none."""

    mark: str
    parts: list[Line] = field(default_factory=list)
    begins: int = 0

    @cached_property
    def text(self) -> str:
        """Its words in one line, without the mark; not to be asked for before the block is whole."""
        return " ".join(text for text, _, _ in self._pieces())

    def spans(self, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
        """Where its words from `start` to `end` stand in the document: a span on each page."""
        stop = len(self.text) if end is None else end
        found: list[tuple[int, Span]] = []
        position = 0
        for text, at, page in self._pieces():
            first, last = max(start - position, 0), min(stop - position, len(text))
            position += len(text) + 1
            if first >= last:
                continue
            if found and found[-1][0] == page:
                found[-1] = page, (found[-1][1][0], at + last)
            else:
                found.append((page, (at + first, at + last)))
        return tuple(span for _, span in found)

    def _pieces(self) -> Iterator[tuple[str, int, int]]:
        """Each line's words, where they begin, and on which page."""
        for line in self.parts:
            start = max(line.start, self.begins)
            if start < line.end:
                yield line.text[start - line.start :], start, line.page


def sentences(reading: Reading, found: Sequence[Block]) -> Iterator[Sentence]:
    """The sentences of the blocks, each whole over lines and pages; what stands between its lines is in it."""
    for number, block in enumerate(found):
        for match in _SENTENCE.finditer(block.text):
            for run in bounded(block.text, *match.span()):
                spans = block.spans(*run)
                start, end = spans[0][0], spans[-1][1]
                yield Sentence(start, end, reading.text[start:end], number)


def blocks(reading: Reading) -> list[Block]:
    """Every block of the document that has words, in order."""
    return [block for block in list(_cut(reading)) if block.text]


def _cut(reading: Reading) -> Iterator[Block]:
    printed = lines(reading)
    block: Block | None = None
    number = 0
    for index, line in enumerate(printed):
        mark = _MARK.match(line.text)
        if mark and mark["number"] and block and not _opens(block.parts[-1], int(mark["number"]), number):
            mark = None
        if block and not mark and _goes_on(printed, index, block):
            block.parts.append(line)
            continue
        if block:
            yield block
        block = Block(mark[mark.lastgroup or 0] if mark else "", [line], line.start + (mark.end() if mark else 0))
        number = int(mark["number"]) if mark and mark["number"] else number
    if block:
        yield block


def _opens(before: Line, number: int, last: int) -> bool:
    """Whether a number at the start of a line is an item's, and not one of a sentence that goes on."""
    return number == last + 1 or before.closes or _COMPLETE.search(before.text) is not None


def _goes_on(printed: Sequence[Line], index: int, block: Block) -> bool:
    """Whether the line belongs to the block before it."""
    before, line = block.parts[-1], printed[index]
    if block.mark and before.end <= block.begins:
        return True  # a bullet alone on its line
    if line.gap:
        return False
    complete = _COMPLETE.search(before.text) is not None
    if not complete and line.text[0].islower():
        return True
    if before.closes:
        return False
    ahead = _ahead(printed, index)
    return not _GRADED_HEADING.match(ahead) and (not complete or _STATED.search(ahead) is not None)


def _ahead(printed: Sequence[Line], index: int) -> str:
    """The words from this line to where a paragraph or a heading can end."""
    kept: list[str] = []
    closed = False
    for line in printed[index : index + _FARTHEST_AHEAD]:
        if kept and (line.gap or _MARK.match(line.text) or (closed and not line.text[0].islower())):
            break
        kept.append(line.text)
        closed = line.closes
    return " ".join(kept)
