"""A Word file as a package: its parts unpacked within limits, each parsed so that nothing outside it is ever read."""

from __future__ import annotations

import lzma
import posixpath
import zipfile
import zlib
from io import BytesIO
from typing import Any, Never

from extractor.errors import BinaryDocument, EncryptedDocument, OversizedDocument, TruncatedDocument

LIMIT_UNPACKED_BYTES = 500_000_000
"""No Word file is read whose parts take more than this unpacked (500 MB), pictures among them."""
LIMIT_PART_BYTES = 30_000_000
"""No part is read that is larger than this unpacked (30 MB): the text of a long report takes under 5 MB."""
LIMIT_RATIO = 250
"""No file is read in which a part of text over 1 MB, or all over 50 MB, unpacks to more than so many times its packed
size: long reports come to about 30."""

_RATIO_FROM, _RATIO_FROM_ALL = 1_000_000, 50_000_000
_LIMIT_PARTS = 10_000
_MAIN = "word/document.xml"
_ENCRYPTED = 0x1
_BROKEN = (zipfile.BadZipFile, ValueError, OSError, NotImplementedError)
_DAMAGED = "Open it in a word processor and save a copy, or save it as PDF."


class WordFile:
    """The parts of one Word file; `name` is what errors call it.

    Raises:
        TruncatedDocument: it ends too early or is damaged.
        EncryptedDocument: its parts are encrypted.
        BinaryDocument: a ZIP archive, but no Word file.
        OversizedDocument: it unpacks to more than the limits above.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        try:
            self._archive = zipfile.ZipFile(BytesIO(data))
        except _BROKEN as error:
            self._damaged(error)
        self._parts = {info.filename: info for info in self._archive.infolist()}
        self._check(len(data))
        self.main = self._main()

    def part(self, path: str) -> Any | None:
        """The root element of the part at this path; null where there is none.

        Raises:
            TruncatedDocument: it cannot be unpacked or parsed, or declares a document type.
            OversizedDocument: larger than `LIMIT_PART_BYTES`.
        """
        from lxml import etree  # type: ignore[import-untyped]

        info = self._parts.get(path)
        if info is None:
            return None
        data = self._unpacked(info)
        if b"<!DOCTYPE" in data.replace(b"\0", b""):  # no Word file has one, and entities need it
            self._damaged(f"{path} declares a document type")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            return etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            self._damaged(error)

    def related(self, kind: str) -> Any | None:
        """The root of the part that the main one calls its `kind`, such as "styles"; null where it has none."""
        folder, file = posixpath.split(self.main)
        target = self._target(f"{folder}/_rels/{file}.rels", kind, folder)
        return self.part(target) if target else None

    def _main(self) -> str:
        target = self._target("_rels/.rels", "officeDocument", "")
        main = target if target in self._parts else _MAIN
        if main not in self._parts or not main.startswith("word/"):
            fault = "it is a ZIP archive, but no Word file: there is no word/document.xml in it"
            raise BinaryDocument(self._name, fault, "Save the document as .docx, PDF or plain text and give that.")
        return main

    def _target(self, relations: str, kind: str, folder: str) -> str | None:
        """The path of the part that stands in this relation, from the root of the package."""
        root = self.part(relations)
        for relation in () if root is None else root:
            if relation.get("Type", "").endswith(f"/{kind}") and relation.get("TargetMode") != "External":
                target: str = relation.get("Target", "")
                return posixpath.normpath(target[1:] if target.startswith("/") else posixpath.join(folder, target))
        return None

    def _check(self, packed: int) -> None:
        """Refuse what is encrypted, and what unpacks to too much by its own account."""
        parts = self._parts.values()
        if any(part.flag_bits & _ENCRYPTED for part in parts):
            way_out = "Open it with the password, save it without one, and give that."
            raise EncryptedDocument(self._name, "it is encrypted and opens with a password only", way_out)
        total = sum(part.file_size for part in parts)
        if total > LIMIT_UNPACKED_BYTES or len(parts) > _LIMIT_PARTS:
            self._oversized(f"it unpacks to more than the limit of {LIMIT_UNPACKED_BYTES / 1_000_000:g} MB")
        texts = [part for part in parts if part.filename.endswith((".xml", ".rels")) and part.file_size > _RATIO_FROM]
        ratios = [part.file_size / max(1, part.compress_size) for part in texts]
        if max([*ratios, total / packed if total > _RATIO_FROM_ALL else 0]) > LIMIT_RATIO:
            self._oversized(f"it unpacks to more than {LIMIT_RATIO} times its size, as no document does")

    def _unpacked(self, part: zipfile.ZipInfo) -> bytes:
        """The bytes of a part; what it declares for its size is not trusted."""
        try:
            with self._archive.open(part) as file:
                data = file.read(LIMIT_PART_BYTES + 1)
        except (*_BROKEN, zlib.error, lzma.LZMAError, EOFError, RuntimeError) as error:
            self._damaged(error)
        if len(data) > LIMIT_PART_BYTES:
            self._oversized(f"its part {part.filename} is larger than the limit of {LIMIT_PART_BYTES / 1_000_000:g} MB")
        return data

    def _damaged(self, detail: object) -> Never:
        fault = f"the Word file is cut short or damaged ({str(detail).rstrip('.')})"
        raise TruncatedDocument(self._name, fault, _DAMAGED)

    def _oversized(self, fault: str) -> Never:
        raise OversizedDocument(self._name, fault, "Give the report itself, as PDF or plain text.")
