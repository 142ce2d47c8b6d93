"""Web pages: their main text as trafilatura finds it, and the date that they state for themselves."""

from __future__ import annotations

import re

from extractor.document import Document
from extractor.errors import EmptyDocument, OversizedDocument, TruncatedDocument
from extractor.readers.encoding import decode
from extractor.readers.source import check_size

LIMIT_PAGE_BYTES = 10_000_000
"""No web page larger than this is read (10 MB): taking one apart costs two seconds a megabyte."""

LIMIT_TAGS = 500_000
"""No web page with more tags is read: a long one has some thousands."""

_CHARSET = re.compile(rb"""<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_CHARSET_WITHIN = 4096


def read(data: bytes, name: str) -> Document:
    """The page in `data`: one line a paragraph, list item or table row; what a visitor cannot see is left out.

    Nothing is ever fetched: what hides text is known from the `hidden` attribute, from style attributes and from style
    sheets in the page itself, for simple selectors (see hiding.py).

    Raises:
        OversizedDocument: larger than `LIMIT_PAGE_BYTES`, or with more tags than `LIMIT_TAGS`.
        EmptyDocument: no text that a visitor could see.
        TruncatedDocument: the page cannot be taken apart.
        BinaryDocument: no text at all.
        UndecodableDocument: text in no expected encoding.
    """
    from extractor.readers.webpage import main_text

    check_size(len(data), name, LIMIT_PAGE_BYTES)
    if data.count(b"<") > LIMIT_TAGS:
        fault = f"it has more than the limit of {LIMIT_TAGS:,} tags"
        raise OversizedDocument(name, fault, "Save its text from the browser, and give that as .txt.")
    declared = _CHARSET.search(data[:_CHARSET_WITHIN])
    source = decode(data, name, declared=declared[1].decode("ascii") if declared else None)
    try:
        text, date = main_text(source)
    except MemoryError:
        raise
    except Exception as error:  # lxml and trafilatura fail in many ways on pages that are none
        fault = f"the page cannot be taken apart ({type(error).__name__})"
        raise TruncatedDocument(name, fault, "Save it again from the browser, or give its text as .txt.") from error
    if not text:
        way_out = "If a script fills the page, open it in a browser and save its text."
        raise EmptyDocument(name, "there is no visible text in the page", way_out)
    return Document(text=text, reader="html", published=date)
