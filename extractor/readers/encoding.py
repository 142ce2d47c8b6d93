"""Bytes to text: the encoding that the bytes themselves show, and never a guess that makes nonsense."""

from __future__ import annotations

import codecs
import re

from extractor.errors import BinaryDocument, UndecodableDocument

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_CONTROLS_ALLOWED = 0.01
_HIGH = bytes(range(0x80, 0x100))
_HIGH_ALLOWED = 0.2
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LEGACY = re.compile(r"iso-8859-(?:[2-9]|1[013-6])|windows-125[0-8]|macintosh|koi8-[ru]")


def decode(data: bytes, name: str, *, declared: str | None = None) -> str:
    r"""The text of `data`, without its byte order mark, every line end \n.

    A byte order mark decides; without one a legacy encoding that the document declares, then UTF-8. Windows-1252 is
    taken only where it gives plausible English: few bytes beyond ASCII, and none that are pieces of broken UTF-8.

    Raises:
        BinaryDocument: the bytes are no text at all.
        UndecodableDocument: they are text in no encoding that is expected here.
    """
    mark, encoding = marked(data)
    body = data[len(mark) :]
    if not encoding:
        _refuse_binary(body, name)
        encoding = legacy(declared) or "utf-8"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        if mark or not _plausible_windows(body):
            raise _undecodable(name, encoding, error) from error
        text = body.decode("cp1252")
    if "\0" in text:
        raise BinaryDocument(name, "it holds NUL characters, as no text does", _WAY_OUT)
    return text.replace("\r\n", "\n").replace("\r", "\n")


_WAY_OUT = "Give the document as PDF, a web page or plain text in UTF-8."


def marked(data: bytes) -> tuple[bytes, str]:
    """The byte order mark that `data` opens with and its encoding; both empty where there is none."""
    return next(((mark, encoding) for mark, encoding in _MARKS if data.startswith(mark)), (b"", ""))


def legacy(declared: str | None) -> str | None:
    """The Python codec for a declared single-byte encoding; null for UTF-8, for Windows-1252 and for nonsense.

    Windows-1252 and what browsers take for it (ISO 8859-1, ASCII) are declared far more often than they are meant.
    """
    label = (declared or "").strip().lower()
    return label if _LEGACY.fullmatch(label) and label != "windows-1252" else None


def _refuse_binary(data: bytes, name: str) -> None:
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if b"\0" in data or controls > len(data) * _CONTROLS_ALLOWED:
        raise BinaryDocument(name, "it holds control bytes, as no text does, and is of no format known here", _WAY_OUT)


def _plausible_windows(data: bytes) -> bool:
    high = len(data) - len(data.translate(None, _HIGH))
    if high > len(data) * _HIGH_ALLOWED or _UTF8_SEQUENCE.search(data):
        return False
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return True


def _undecodable(name: str, encoding: str, error: UnicodeDecodeError) -> UndecodableDocument:
    fault = f"byte {error.start} (0x{error.object[error.start]:02x}) is no {encoding.upper()}"
    return UndecodableDocument(name, f"{fault}, nor is the whole plausible Windows-1252", "Save it as UTF-8.")
