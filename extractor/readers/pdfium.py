"""PDFium at work: the raw text of each page, and its faults as errors of ours."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import dataclass

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
from pypdfium2 import PdfDocument, PdfiumError

from extractor.errors import (
    DocumentError,
    EmptyDocument,
    EncryptedDocument,
    ImageOnlyDocument,
    OversizedDocument,
    TruncatedDocument,
)
from extractor.readers.pageitems import drawn, pictured
from extractor.readers.unseen import Piece, pieces

_NEXT_TO_NONE = 200
_HALF = 0.5
_ONE_AT_A_TIME = threading.Lock()  # PDFium knows no threads


@dataclass(frozen=True)
class RawPage:
    """A page's text as PDFium gives it; `is_picture` where it has next to none, and pictures cover half of it."""

    pieces: list[Piece]
    is_picture: bool


def raw_pages(data: bytes, name: str, limit: int) -> list[RawPage]:
    """The pages of the PDF in `data`: each is closed before the next is opened.

    Raises:
        EncryptedDocument: it opens with a password only.
        ImageOnlyDocument: the pages hold pictures and no text.
        EmptyDocument: the pages hold nothing.
        TruncatedDocument: the file or one of its pages is damaged.
        OversizedDocument: more than `limit` pages.
    """
    try:
        with _ONE_AT_A_TIME, closing(PdfDocument(data)) as document:
            if len(document) > limit:
                fault = f"its {len(document)} pages are more than the limit of {limit}"
                raise OversizedDocument(name, fault, "Split the file into its documents.")
            pages = [_page(document, index) for index in range(len(document))]
            if not any(text.strip() for page in pages for text, _ in page.pieces):
                raise _without_text(document, name)
            return pages
    except PdfiumError as error:
        raise _refused(name, error) from error


def damaged(name: str, detail: str) -> TruncatedDocument:
    """The error for a PDF that ends too early or is broken elsewhere."""
    fault = f"the PDF is cut short or damaged ({detail})"
    return TruncatedDocument(name, fault, "Download it again, or open it in a PDF viewer and save a copy.")


def _page(document: PdfDocument, index: int) -> RawPage:
    with closing(document[index]) as page, closing(page.get_textpage()) as text:
        found = drawn(page)
        is_picture = text.count_chars() <= _NEXT_TO_NONE and pictured(page, found) >= _HALF
        return RawPage(pieces(page, text, found), is_picture)


def _without_text(document: PdfDocument, name: str) -> DocumentError:
    for index in range(len(document)):
        with closing(document[index]) as page:
            if pdfium.FPDFPage_CountObjects(page):
                fault = "its pages are pictures, as of a scan, without a text layer"
                return ImageOnlyDocument(name, fault, "Run text recognition (OCR) on it first, and give the result.")
    return EmptyDocument(name, "its pages are empty", "Check that it was saved or downloaded in full.")


def _refused(name: str, error: PdfiumError) -> DocumentError:
    if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
        way_out = "Open it with the password, print it to a new PDF, and give that."
        return EncryptedDocument(name, "it is encrypted and opens with a password only", way_out)
    return damaged(name, str(error).rstrip("."))
