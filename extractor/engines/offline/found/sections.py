"""The sections of a report that hold findings: under a heading or a lead-in of a kind, its items or its prose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from extractor.document import Span
from extractor.engines.offline.found.blocks import Block
from extractor.engines.offline.found.headings import calls_for_items, heading_kind, is_part

_NUMBER = "number"
_MOST_LINES = 6  # of a lead-in
_LONGEST_MARK = 8


@dataclass
class Item:
    """One item: its words in one line, and where they stand."""

    text: str
    spans: tuple[Span, ...]


@dataclass
class Section:
    """What stands under one heading.

    `style` is the mark of its items, `number` the last one's where they are counted; `parts` tells that sub-headings
    stand among them, `inner` that the items now are those of a lead-in that is an item itself.
    """

    kind: str
    heading: str
    items: list[Item] = field(default_factory=list)
    prose: list[Block] = field(default_factory=list)
    style: str = ""
    number: int = 0
    parts: bool = False
    inner: bool = False

    def takes(self, block: Block) -> bool:
        """Whether the marked block can be the section's next item, or a part of its last."""
        style = _style(block)
        if style == _NUMBER:
            return self.style in ("", _NUMBER) and self.number in (0, int(block.mark) - 1)
        return self.style in ("", style) or bool(self.items)

    def take(self, block: Block) -> None:
        """Add the marked block: as an item, as a part of the last one, or in the place of one that only leads in."""
        item, style = Item(block.text, block.spans()), _style(block)
        self.style = self.style or style
        last = self.items[-1] if self.items else None
        if last is None or not self._is_within(last, item, style):
            self.inner = False
            self.items.append(item)
        elif calls_for_items(last.text):
            self.inner = True
            self.items[-1] = item
        elif self.inner:
            self.items.append(item)
        else:
            self.items[-1] = Item(f"{last.text} {item.text}", _joined(last.spans, item.spans))
        if style == _NUMBER:
            self.number = int(block.mark)

    def _is_within(self, last: Item, item: Item, style: str) -> bool:
        """Whether the item stands a level below the section's."""
        if style != self.style:
            return True
        return last.text.endswith(":") and last.text[0].isupper() and item.text[:1].islower()


def sections(found: Sequence[Block]) -> list[Section]:
    """Every section of findings among a document's blocks that is not empty, in order."""
    return [section for section in list(_walk(found)) if section.items or section.prose]


def _walk(found: Sequence[Block]) -> Iterator[Section]:
    section: Section | None = None
    for block, after in zip(found, [*found[1:], None], strict=True):
        if section and block.mark and section.takes(block):
            section.take(block)
            continue
        kind = heading_kind(block.text) if len(block.parts) <= _MOST_LINES else None
        if kind and (not block.mark or block.text.endswith(":")):
            section = Section(kind, block.text)
            yield section
        elif section and (block.mark or not _goes_on(section, block, after)):
            section = None


def _goes_on(section: Section, block: Block, after: Block | None) -> bool:
    """Whether the section goes on with a block that has no mark: a lead-in, prose, or a heading among its items."""
    if calls_for_items(block.text) or block.text.endswith(":"):
        section.style = ""
        return True
    if not section.items and block.text.endswith((".", ")", ";")):
        section.prose.append(block)
        return True
    if section.items and not section.parts:
        return False
    among = after is not None and after.mark != "" and section.takes(after) and is_part(block.text)
    section.parts = section.parts or among
    return among


def _joined(before: tuple[Span, ...], after: tuple[Span, ...]) -> tuple[Span, ...]:
    """The spans, as one where nothing but a mark stands between them."""
    (start, end), (begin, stop) = before[-1], after[0]
    return (*before[:-1], (start, stop), *after[1:]) if begin - end <= _LONGEST_MARK else before + after


def _style(block: Block) -> str:
    if block.mark.isdigit():
        return _NUMBER
    return "letter" if block.mark.isalpha() and block.mark != "o" else block.mark
