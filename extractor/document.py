"""A document: its text as printed, and where its pages, furniture and hidden parts are."""

from __future__ import annotations

import bisect
import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property

from extractor.folding import Folded, Span, without

__all__ = ["Document", "Span"]

_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Document:
    """One document, read once and never changed.

    `text` is what is printed, with line ends (LF) and line-end hyphens mended. Offsets always point into it.
    `pages` are the spans of page 1, 2, …; empty where the format has no pages.
    `furniture` are running heads and footers, `hidden` what a reader cannot see: both stay in `text`, and no
    evidence is ever found in them.
    `published` is the document's own date in EDTF, null where it states none; `path` is null for text from memory.
    `warnings` are what its reader could not read, each a code and a sentence.
    """

    text: str
    path: str | None = None
    sha256: str = ""
    media_type: str = "text/plain"
    reader: str = "text"
    published: str | None = None
    pages: tuple[Span, ...] = ()
    furniture: tuple[Span, ...] = field(default=(), repr=False)
    hidden: tuple[Span, ...] = field(default=(), repr=False)
    warnings: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_text(cls, text: str, *, published: str | None = None, path: str | None = None) -> Document:
        """A document from text in memory; `sha256` is that of the text as given.

        Line ends are mended, and each half of a character, which no file can hold, is a replacement character.
        """
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        mended = _HALF.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))
        return cls(text=mended, path=path, sha256=digest, published=published)

    @cached_property
    def text_sha256(self) -> str:
        """SHA-256 of `text` in UTF-8: what offsets are valid for."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def visible(self) -> str:
        """The text without furniture and hidden spans: what is shown to a model."""
        return without(self.text, (*self.furniture, *self.hidden))

    @cached_property
    def folded(self) -> Folded:
        """The text as quotes are compared with it, furniture and hidden spans left out."""
        return Folded(self.text, (*self.furniture, *self.hidden))

    def shown(self, span: Span) -> tuple[Span, ...]:
        """The parts of a span that a reader sees: no furniture, nothing hidden, no white space at their edges."""
        parts, position = [], span[0]
        for index in range(bisect.bisect_right(self._unseen_ends, span[0]), len(self._unseen)):
            start, end = self._unseen[index]
            if start >= span[1]:
                break
            parts.append((position, max(position, start)))
            position = end
        parts.append((position, max(position, span[1])))
        trimmed = ((start, end, self.text[start:end]) for start, end in parts)
        return tuple(
            (start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip()))
            for start, end, text in trimmed
            if text.strip()
        )

    @cached_property
    def _unseen(self) -> list[Span]:
        """Furniture and hidden spans in order, those that touch as one."""
        joined: list[Span] = []
        for start, end in sorted(span for span in (*self.furniture, *self.hidden) if span[0] < span[1]):
            if joined and start <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(joined[-1][1], end)
            else:
                joined.append((start, end))
        return joined

    @cached_property
    def _unseen_ends(self) -> list[int]:
        return [end for _, end in self._unseen]

    @cached_property
    def _page_starts(self) -> list[int]:
        return [start for start, _ in self.pages]

    def page_of(self, offset: int) -> int | None:
        """The page number (from 1) that `offset` is on; null where there are no pages."""
        return max(1, bisect.bisect_right(self._page_starts, offset)) if self.pages else None
