"""Plain text and Markdown: the text as it stands."""

from __future__ import annotations

from extractor.document import Document
from extractor.errors import EmptyDocument
from extractor.readers.encoding import decode


def read(data: bytes, name: str) -> Document:
    """The document in `data`, marks of Markdown kept.

    Raises:
        EmptyDocument: nothing but white space.
        BinaryDocument: no text at all.
        UndecodableDocument: text in no expected encoding.
    """
    text = decode(data, name)
    if not text.strip():
        raise EmptyDocument(name, "there is no text in it", "Check that the file was saved or downloaded in full.")
    return Document(text=text, reader="text")
