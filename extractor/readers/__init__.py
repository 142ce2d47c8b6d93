"""Readers: a file, standard input or bytes in, a `Document` out.

One module a format; which one reads is settled by the content first, then by the suffix.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace

from extractor.document import Document
from extractor.errors import EmptyDocument, OversizedDocument
from extractor.readers import apart, docx, html, pdf, text
from extractor.readers.pdf import LIMIT_PAGES
from extractor.readers.sniff import DOCX, SUFFIXES, media_type
from extractor.readers.source import LIMIT_BYTES, check_size, fetch

__all__ = ["LIMIT_BYTES", "LIMIT_CHARACTERS", "LIMIT_PAGES", "READERS", "SUFFIXES", "read", "read_bytes"]

Reader = Callable[[bytes, str], Document]

READERS: dict[str, Reader] = {
    "text/plain": text.read,
    "text/markdown": text.read,
    "text/html": html.read,
    "application/pdf": pdf.read,
    DOCX: docx.read,
}
"""Media type → what reads it, given the bytes and the name that errors should carry."""

LIMIT_CHARACTERS = 5_000_000
"""No document with more text than this is read: about as much as 2,000 pages have."""


def read(path: str | os.PathLike[str]) -> Document:
    """The document at `path`; "-" is standard input.

    All but plain text is read in a process of its own, within limits of time and memory (see apart.py).

    Raises:
        DocumentError: whatever is wrong with it, named by the subclass; nothing else escapes for bad input.
    """
    name = os.fspath(path)
    data = fetch(name)
    return read_bytes(data, name) if READERS[_kind(data, name)] is text.read else apart.read(data, name, read_bytes)


def read_bytes(data: bytes, name: str) -> Document:
    """The document that `data` holds, read in this process; `name` gives the suffix and stands in `path` and in errors.

    A malformed PDF, web page or Word file can make it hang or crash: `read` is made for files that are not trusted.

    Raises:
        DocumentError: whatever is wrong with it, named by the subclass; nothing else escapes for bad input.
    """
    kind = _kind(data, name)
    document = READERS[kind](data, name)
    if len(document.text) > LIMIT_CHARACTERS:
        fault = f"its text is longer than the limit of {LIMIT_CHARACTERS / 1_000_000:g} million characters"
        raise OversizedDocument(name, fault, "Give the report itself, or split the file into its documents.")
    return replace(document, path=name, sha256=hashlib.sha256(data).hexdigest(), media_type=kind)


def _kind(data: bytes, name: str) -> str:
    check_size(len(data), name, LIMIT_BYTES)
    if not data.strip():
        raise EmptyDocument(name, "it is empty", "Check that the file was saved or downloaded in full.")
    return media_type(data, name)
