"""What a file is: by its content first, then by its suffix."""

from __future__ import annotations

import os
import re
from html import unescape

from extractor.errors import BinaryDocument, EncryptedDocument, MislabelledDocument
from extractor.readers.encoding import marked

_PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_TYPES = {
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".pdf": _PDF,
    ".docx": DOCX,
}

SUFFIXES = frozenset(_TYPES)
"""The suffixes, in lower case, of the files that a walk through a folder takes up."""

_ZIP = b"PK\x03\x04"
_FOREIGN = (
    (_ZIP, "a ZIP archive or another Office file (.xlsx, .pptx, .odt)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.doc, .xls, .msg)"),
    (b"{\\rtf", "a rich text file (.rtf)"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"%!PS", "a PostScript file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"SQLite format 3\0", "an SQLite database"),
)
_PDF_WITHIN = 1024
_HTML = re.compile(
    r"(?:\s|<\?xml[^>]*>|<!--(?>.*?-->))*+<(?:!doctype\s+html|html|head|body)\b", re.DOTALL | re.IGNORECASE
)
_TITLE = re.compile(r"<title[^>]*>([^<]+)", re.IGNORECASE)
_KINDS = {_PDF: "a PDF", "text/html": "a web page", DOCX: "a Word document"}
_WORD_PART = b"word/document"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # what Office wraps a file with a password in


def media_type(data: bytes, name: str) -> str:
    """The media type to read `data` as, a key of `READERS`.

    Raises:
        BinaryDocument: it is of a format that is not read here; the message says which it seems to be.
        EncryptedDocument: an Office file with a password.
        MislabelledDocument: the content is not what the suffix of `name` says.
    """
    said = _TYPES.get(os.path.splitext(name)[1].lower())
    seen = _seen(data, said)
    if not seen:
        _refuse_foreign(data, name)
    if said and seen and seen != said:
        raise _mislabelled(data, name, seen)
    if said in (_PDF, DOCX) and not seen:
        fault = f"it is called {_suffix(said)}, but does not open as {_KINDS[said]} does"
        raise MislabelledDocument(name, fault, "Download the report again, or rename the file to what it is.")
    return seen or said or "text/plain"


def _refuse_foreign(data: bytes, name: str) -> None:
    for signature, kind in _FOREIGN:
        if data.startswith(signature):
            if _ENCRYPTED in data:
                way_out = "Open it with the password, save it without one, and give that."
                raise EncryptedDocument(name, "it is encrypted and opens with a password only", way_out)
            raise BinaryDocument(name, f"it seems to be {kind}", "Save it as PDF or plain text and give that.")


def _seen(data: bytes, said: str | None) -> str | None:
    if data.startswith(_ZIP):
        return DOCX if said == DOCX or _WORD_PART in data else None
    within = data[:_PDF_WITHIN] if said == _PDF else data[:_PDF_WITHIN].lstrip()[:5]
    if b"%PDF-" in within:
        return _PDF
    return "text/html" if _HTML.match(_opening(data)) else None


def _opening(data: bytes) -> str:
    """The first few thousand characters, near enough to look for tags in."""
    mark, encoding = marked(data)
    return data[len(mark) : 8192].decode(encoding or "utf-8", "replace")


def _mislabelled(data: bytes, name: str, seen: str) -> MislabelledDocument:
    suffix = os.path.splitext(name)[1]
    title = _TITLE.search(_opening(data)) if seen == "text/html" else None
    titled = f" titled “{' '.join(unescape(title[1]).split())}”" if title else ""
    return MislabelledDocument(
        name,
        f"it is called {suffix}, but it is {_KINDS[seen]}{titled}",
        f"Download the document again, or rename the file to {_suffix(seen)} to read it as {_KINDS[seen]}.",
    )


def _suffix(kind: str) -> str:
    return next(suffix for suffix, one in _TYPES.items() if one == kind)
