"""Readers: a file, standard input or bytes in, a `Document` out.

One module a format; which one reads is settled by the content first, then by the suffix.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace

from extractor.document import Document
from extractor.errors import EmptyDocument
from extractor.readers import docx, html, pdf, text
from extractor.readers.pdf import LIMIT_PAGES
from extractor.readers.sniff import DOCX, SUFFIXES, media_type
from extractor.readers.source import LIMIT_BYTES, check_size, fetch

__all__ = ["LIMIT_BYTES", "LIMIT_PAGES", "READERS", "SUFFIXES", "read", "read_bytes"]

Reader = Callable[[bytes, str], Document]

READERS: dict[str, Reader] = {
    "text/plain": text.read,
    "text/markdown": text.read,
    "text/html": html.read,
    "application/pdf": pdf.read,
    DOCX: docx.read,
}
"""Media type → what reads it, given the bytes and the name that errors should carry."""


def read(path: str | os.PathLike[str]) -> Document:
    """The document at `path`; "-" is standard input.

    Raises:
        DocumentError: whatever is wrong with it, named by the subclass; nothing else escapes for bad input.
    """
    name = os.fspath(path)
    return read_bytes(fetch(name), name)


def read_bytes(data: bytes, name: str) -> Document:
    """The document that `data` holds; `name` gives the suffix and stands in `path` and in errors.

    Raises:
        DocumentError: whatever is wrong with it, named by the subclass; nothing else escapes for bad input.
    """
    check_size(len(data), name, LIMIT_BYTES)
    if not data.strip():
        raise EmptyDocument(name, "it is empty", "Check that the file was saved or downloaded in full.")
    kind = media_type(data, name)
    document = READERS[kind](data, name)
    return replace(document, path=name, sha256=hashlib.sha256(data).hexdigest(), media_type=kind)
