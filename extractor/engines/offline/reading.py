"""A document as the rules read it: one plain text with paragraphs, sentences and quoted speech marked.

The plain text has the same length as the document's, so that an offset in it is an offset in the document.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from extractor.document import Document, Span
from extractor.folding import blanked

_ONE_TO_ONE = {'"': "“”„‟«»", "'": "‘’‚‛`´ʼ", "-": "‐‑‒–—―−─", " ": "\u00a0"}
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_BULLET = rf"[•*·▪◼◾■●○-]\s|[0-9]+(?:\.[0-9]+)*[.)]?\s(?!\s*{_MONTH})"
_PARAGRAPH = re.compile(
    r"\n\s*\n"  # a blank line
    rf"|\n(?=[ \t]*(?:{_BULLET}))"  # an item of a list
    r"|(?<=[.!?:\"'])[ \t]*\n(?=[ \t]*[\"'(A-Z0-9])"  # a line that ends as sentences do
)
# It begins at the first blank, or a comma's second one: a look from every blank would be endless in a run of them.
_LINE_END = re.compile(r"(?:(?<![,; \t-])|(?<=[,;-][ \t]))[ \t]*\n(?=[ \t]*[\"'(A-Z0-9])")
_SENTENCE = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]*[A-Z0-9])")
_STOP = re.compile(r"[,;:]\s+|\s-\s")
_FEWEST_WORDS = 4
_LONGEST = 2000
_LONGEST_STORY = 16_000
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Cllr|Prof|St|Rev|Hon|No|Nos|vs|etc|e\.g|i\.e|p|pp|[A-Z])\.$")


@dataclass(frozen=True)
class Found:
    """A value that a rule read: the wire item's values, the spans that say it, and the rule's name."""

    values: dict[str, Any]
    spans: tuple[Span, ...]
    rule: str


Fields = dict[str, Found | Sequence[Found] | None]
"""What was found for the fields of a record."""


def once(found: Iterable[Found], *keys: str) -> list[Found]:
    """The found items, each set of these values once."""
    kept: dict[tuple[Any, ...], Found] = {}
    for one in found:
        kept.setdefault(tuple(one.values.get(key) for key in keys), one)
    return list(kept.values())


@dataclass(frozen=True)
class Sentence:
    """A sentence or a list item: text[start:end]; `paragraph` numbers its paragraph."""

    start: int
    end: int
    text: str
    paragraph: int


@dataclass(frozen=True)
class Quotation:
    """Words in quotation marks: the span leaves the marks out."""

    start: int
    end: int
    paragraph: int


@dataclass(frozen=True)
class Reading:
    """A document, plain and marked up. Offsets are the document's own."""

    document: Document
    text: str = field(repr=False)

    @classmethod
    def of(cls, document: Document) -> Reading:
        """Read a document; furniture and hidden spans are blank in it."""
        plain = document.text
        for one, kinds in _ONE_TO_ONE.items():
            for kind in kinds:
                plain = plain.replace(kind, one)  # several times as quick as str.translate
        return cls(document, blanked(plain, (*document.furniture, *document.hidden)))

    @property
    def is_long(self) -> bool:
        """Whether it is longer than any story or letter: a report, in which nobody is quoted and much is evidence."""
        return len(self.text) > _LONGEST_STORY

    @cached_property
    def paragraphs(self) -> list[Span]:
        """Paragraphs, headings and list items, without the white space around them."""
        breaks = [match.span() for match in _PARAGRAPH.finditer(self.text)] + [
            match.span() for match in _LINE_END.finditer(self.text) if self._is_short(match.start())
        ]
        found, position = [], 0
        for start, end in [*sorted(breaks), (len(self.text), len(self.text))]:
            span = _trimmed(self.text, position, max(position, start))
            if span[0] < span[1]:
                found.append(span)
            position = max(position, end)
        return found

    def _is_short(self, end: int) -> bool:
        """Whether the line that ends here stops well before the text's lines do, as headings and table cells do."""
        return end - (self.text.rfind("\n", 0, end) + 1) < 0.75 * self._line_length

    @cached_property
    def _line_length(self) -> int:
        lengths = sorted(len(line) for line in self.text.splitlines() if len(line) > 20)
        return lengths[int(0.9 * len(lengths))] if lengths else 0

    @cached_property
    def sentences(self) -> list[Sentence]:
        """Every sentence, in order; one with a list's item is the item."""
        return [
            Sentence(start, end, self.text[start:end], number)
            for number, paragraph in enumerate(self.paragraphs)
            for whole in self._split(*paragraph)
            for start, end in bounded(self.text, *whole)
        ]

    def _split(self, start: int, end: int) -> Iterator[Span]:
        position = start
        for match in _SENTENCE.finditer(self.text, start, end):
            stop = match.start() + len(match[0].rstrip()) if match[0].strip() else match.start()
            if _ABBREVIATION.search(self.text, max(start, stop - 6), stop):
                continue
            yield position, stop
            position = match.end()
        if position < end:
            yield position, end

    def sentence_at(self, offset: int) -> Sentence:
        """The sentence that the offset is in, or the one before it."""
        return next(self.sentences_from(offset))

    def sentences_from(self, offset: int) -> Iterator[Sentence]:
        """The sentence at the offset, and those after it."""
        for index in range(max(0, bisect_right(self._starts, offset) - 1), len(self.sentences)):
            yield self.sentences[index]

    def clause(self, start: int, end: int) -> Span:
        """The span with the words around it in its sentence, up to a comma or the like; never under four words."""
        sentence = self.sentence_at(start)
        stops = [sentence.start, *(match.end() for match in _STOP.finditer(self.text, sentence.start, start))]
        ends = [match.start() for match in _STOP.finditer(self.text, end, sentence.end)] + [sentence.end]
        span = stops[-1], max(end, ends[0])
        if len(self.text[slice(*span)].split()) < _FEWEST_WORDS:
            span = sentence.start, max(end, sentence.end)
        return _trimmed(self.text, *span)

    @cached_property
    def _starts(self) -> list[int]:
        return [sentence.start for sentence in self.sentences]

    @cached_property
    def quotations(self) -> list[Quotation]:
        """Words in double quotation marks; one left open runs to the end of its paragraph."""
        return [
            Quotation(start, end, number)
            for number, paragraph in enumerate(self.paragraphs)
            for start, end in _quoted(self.text, *paragraph)
        ]


def bounded(text: str, start: int, end: int) -> Iterator[Span]:
    """The sentence, or runs of whole words of one too long to be any: no rule's work grows with its length."""
    while end - start > _LONGEST:
        cut = max(text.rfind(" ", start + 1, start + _LONGEST), start + _LONGEST // 2)
        yield start, cut
        start = cut + 1
    yield start, end


def _trimmed(text: str, start: int, end: int) -> Span:
    inner = text[start:end]
    return start + len(inner) - len(inner.lstrip()), end - (len(inner) - len(inner.rstrip()))


def _quoted(text: str, start: int, end: int) -> Iterator[Span]:
    marks = [match.start() for match in re.finditer('"', text[start:end])]
    for opening, closing in zip(marks[::2], [*marks[1::2], end - start], strict=False):
        yield start + opening + 1, start + closing
