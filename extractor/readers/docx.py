"""Word files: their paragraphs, lists, tables and notes in one text, with what cannot be seen marked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from extractor.document import Document, Span
from extractor.errors import EmptyDocument, ImageOnlyDocument

if TYPE_CHECKING:
    from extractor.readers.wordtext import Line


def read(data: bytes, name: str) -> Document:
    """The document in `data`: a line a paragraph or a table's row, its cells apart by tabs; notes stand at the end.

    Bullets and numbers stand before their paragraphs as they are printed. Left out are running heads and footers,
    comments, and what tracked changes have deleted or moved away. Marked as hidden: text with the property "hidden",
    in white on white, or too small to read. A Word file states no date of publication, and has no pages.

    Raises:
        TruncatedDocument: the file ends too early or is damaged.
        EncryptedDocument: it opens with a password only.
        BinaryDocument: a ZIP archive, but no Word file.
        OversizedDocument: it unpacks to more than the limits in wordfile.py.
        ImageOnlyDocument: it holds pictures and no text.
        EmptyDocument: it holds nothing.
    """
    from extractor.readers.wordfile import WordFile
    from extractor.readers.wordtext import WordText

    word = WordText(WordFile(data, name))
    text, hidden = _joined(word.lines())
    if not text:
        if word.pictures:
            way_out = "Run text recognition (OCR) on it first, and give the result."
            raise ImageOnlyDocument(name, "it holds pictures, as of a scan, and no text", way_out)
        raise EmptyDocument(name, "there is no text in it", "Check that it was saved or downloaded in full.")
    return Document(text=text, reader="docx", hidden=hidden)


def _joined(lines: Iterable[Line]) -> tuple[str, tuple[Span, ...]]:
    """The lines as one text, an empty line between paragraphs, and the spans of it that cannot be seen."""
    parts: list[str] = []
    hidden: list[Span] = []
    length, before = 0, ""
    for line in lines:
        if not line.text.strip():
            continue
        if parts:
            parts.append("\n" if before == line.kind != "paragraph" else "\n\n")
            length += len(parts[-1])
        before = line.kind
        for text, seen in line.pieces:
            if not seen and text.strip():
                joins = hidden and hidden[-1][1] == length
                hidden.append((hidden.pop()[0] if joins else length, length + len(text)))
            parts.append(text)
            length += len(text)
    return "".join(parts), tuple(hidden)
