"""PDF: its pages put together to one text, with running heads, footers and unseen text marked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from extractor.document import Document, Span
from extractor.readers.furniture import furniture
from extractor.readers.printed import printer

if TYPE_CHECKING:
    from extractor.readers.unseen import Piece

LIMIT_PAGES = 2_000
"""No PDF with more pages than this is read: the longest inspection report seen has under 100."""

_BETWEEN_PAGES = "\n\n"
_END = re.compile(rb"startxref\s+\d+")
_END_WITHIN = 2048


def read(data: bytes, name: str) -> Document:
    """The document in `data`.

    Raises:
        EncryptedDocument: it opens with a password only.
        ImageOnlyDocument: the pages hold pictures and no text.
        EmptyDocument: the pages hold nothing.
        TruncatedDocument: the file or one of its pages is damaged.
        OversizedDocument: more than `LIMIT_PAGES` pages.
    """
    from extractor.readers.pdfium import damaged, raw_pages

    if not _END.search(data[-_END_WITHIN:]):  # PDFium would go on with the pages that are left, and say nothing
        raise damaged(name, "the end of the file is missing")
    raw = raw_pages(data, name, LIMIT_PAGES)
    mend = printer(text for page in raw for text, _ in page.pieces)
    document = _document([[(mend(text), seen) for text, seen in page.pieces] for page in raw])
    pictures = [number for number, page in enumerate(raw, start=1) if page.is_picture and _is_blank(document, number)]
    return replace(document, warnings=(("pages_without_text", _told(pictures)),)) if pictures else document


def _document(pages: list[list[Piece]]) -> Document:
    """The pages in one text, each span counted from its start."""
    texts = ["".join(text for text, _ in page) for page in pages]
    starts = list(accumulate((len(text) + len(_BETWEEN_PAGES) for text in texts), initial=0))[:-1]
    return Document(
        text=_BETWEEN_PAGES.join(texts),
        reader="pdf",
        pages=tuple((start, start + len(text)) for start, text in zip(starts, texts, strict=True)),
        furniture=_shifted(starts, furniture(texts)),
        hidden=_shifted(starts, map(_unseen, pages)),
    )


def _unseen(page: list[Piece]) -> list[Span]:
    ends = list(accumulate(len(text) for text, _ in page))
    return [(end - len(text), end) for (text, seen), end in zip(page, ends, strict=True) if not seen]


def _shifted(starts: list[int], pages: Iterable[list[Span]]) -> tuple[Span, ...]:
    return tuple((start + a, start + b) for start, spans in zip(starts, pages, strict=True) for a, b in spans)


def _is_blank(document: Document, number: int) -> bool:
    """Whether the page has nothing but running heads and footers."""
    return not document.shown(document.pages[number - 1])


def _told(pictures: list[int]) -> str:
    """The warning that these pages are pictures: numbers in a row are told as a range."""
    ranges: list[list[int]] = []
    for number in pictures:
        if ranges and ranges[-1][-1] == number - 1:
            ranges[-1] = [ranges[-1][0], number]
        else:
            ranges.append([number])
    pages = ", ".join("-".join(map(str, one)) for one in ranges)
    which = f"Page {pages} is a picture" if len(pictures) == 1 else f"Pages {pages} are pictures"
    return f"{which}, as of a scan, without a text layer: nothing there was read. Run text recognition (OCR) first."
