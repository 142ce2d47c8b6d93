"""The text of a Word file in reading order: paragraphs, list items, rows of tables, text boxes and notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from unicodedata import category

from extractor.readers.printed import BULLETS
from extractor.readers.wordfile import WordFile
from extractor.readers.wordlists import Lists
from extractor.readers.wordml import child, local, value
from extractor.readers.wordstyles import Dress, Styles, dress, unseen

Piece = tuple[str, bool]
"""Some text, and whether it can be seen."""

_GONE = {"del", "moveFrom", "rPr", "pPr", "Fallback", "rt", "sectPr", "tblPr"}
"""What is deleted, moved away, an instruction to Word, or said in another way beside it."""
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_PICTURES = {"drawing", "pict", "object"}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
_LONGEST_CELL = 200


@dataclass(frozen=True)
class Line:
    """A paragraph, an item of a list or a row of a table."""

    kind: Literal["paragraph", "item", "row"]
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """Its words, what cannot be seen too."""
        return "".join(text for text, _ in self.pieces)


class WordText:
    """The text of one Word file; `pictures` tells, once it is read, whether pictures stand in it."""

    def __init__(self, file: WordFile) -> None:
        self._file = file
        self._styles, self._lists = Styles(file), Lists(file)
        self._notes: list[tuple[str, str]] = []
        self._boxes: list[Any] = []
        self._fields: list[bool] = []
        self.pictures = False

    def lines(self) -> Iterator[Line]:
        """Every line, in order; foot- and endnotes follow at the end, with their numbers."""
        root = self._file.part(self._file.main)
        body = child(root, "body")
        painted = value(child(root, "background"), "color").lower() not in ("", "auto", "ffffff")
        if body is not None:
            yield from self._blocks(body, shaded=painted)
        notes: dict[tuple[str, str], Any] = {}
        for kind in {kind for kind, _ in self._notes}:
            for one in _children(self._file.related(kind)):
                notes.setdefault((kind, value(one, "id")), one)
        for number, called in enumerate(list(self._notes), start=1):
            note = notes.get(called)
            for index, line in enumerate(self._blocks(note, shaded=False) if note is not None else ()):
                yield Line("paragraph", ((f"{number} ", True), *line.pieces)) if index == 0 else line

    def _blocks(self, holder: Any, *, shaded: bool) -> Iterator[Line]:
        """The lines of what holds paragraphs and tables: the body, a cell, a text box, a note."""
        joined: tuple[Piece, ...] = ()
        for node in _children(holder):
            name = local(node)
            if name == "p":
                line, goes_on = self._paragraph(node, shaded)
                line = Line(line.kind, joined + line.pieces)
                joined = line.pieces if goes_on else ()
                if not goes_on:
                    yield line
                yield from self._boxed()
            elif name == "tbl":
                for row in _descend(node, "tr"):
                    yield from self._row(row)
            elif name not in _GONE:
                yield from self._blocks(node, shaded=shaded)
        if joined:
            yield Line("paragraph", joined)

    def _boxed(self) -> Iterator[Line]:
        """What stands in the text boxes of the paragraph before; a box may have a colour of its own."""
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            yield from self._blocks(box, shaded=True)

    def _row(self, row: Any) -> Iterator[Line]:
        """A row as one line, cells apart by tabs; or the lines of its cells, where one has several."""
        if child(child(row, "trPr"), "del") is not None:
            return
        cells = [
            [line for line in self._blocks(cell, shaded=True) if line.text.strip()] for cell in _descend(row, "tc")
        ]
        filled = [cell for cell in cells if cell]
        if len(filled) > 1 and all(_is_short(cell) for cell in filled):
            yield Line("row", tuple(_between([_between([line.pieces for line in cell], " ") for cell in filled], "\t")))
        else:
            yield from (line for cell in filled for line in cell)

    def _paragraph(self, node: Any, shaded: bool) -> tuple[Line, bool]:
        """The paragraph, and whether its end is deleted, so that it goes on with the next."""
        properties = child(node, "pPr")
        said = self._styles.paragraph(properties)
        mark = self._lists.mark(said)
        shaded = shaded or bool(said.get("shade"))
        pieces = tuple(self._runs(node, said, shaded))
        if mark and any(text.strip() for text, _ in pieces):
            return Line("item", ((mark, pieces[0][1]), *pieces)), False
        return Line("paragraph", pieces), child(child(properties, "rPr"), "del") is not None

    def _runs(self, node: Any, around: Dress, shaded: bool) -> Iterator[Piece]:
        for one in _children(node):
            name = local(one)
            if name == "r":
                own = dress(child(one, "rPr"))
                said = around | (self._styles.of(own["style"]) if "style" in own else {}) | own
                text = "".join(self._signs(one))
                if text:
                    yield text, not unseen(said, shaded=shaded)
            elif name == "txbxContent":
                self._boxes.append(one)
            elif name not in _GONE:
                self.pictures = self.pictures or name in _PICTURES
                yield from self._runs(one, around, shaded)

    def _signs(self, run: Any) -> Iterator[str]:
        """The characters of a run; of a field only its result."""
        for one in _children(run):
            name = local(one)
            if name == "fldChar":
                self._field(value(one, "fldCharType"))
            elif name in _NOTES:
                self._notes.append((_NOTES[name], value(one, "id")))
            elif name in _PICTURES or name in ("AlternateContent", "Choice", "ruby", "rubyBase"):
                self.pictures = self.pictures or name in _PICTURES
                yield from (text for text, _ in self._runs(one, {}, shaded=True))
            elif all(self._fields):
                if name == "t":
                    yield (one.text or "").replace("\r", "\n")
                elif name == "sym":
                    yield _symbol(value(one, "char"))
                else:
                    yield _SIGNS.get(name, "")

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self._fields.append(False)
        elif self._fields and kind == "separate":
            self._fields[-1] = True
        elif self._fields and kind == "end":
            self._fields.pop()


def _children(node: Any) -> Iterable[Any]:
    return node if node is not None else ()


def _descend(node: Any, name: str) -> Iterator[Any]:
    """The elements of this name in the node, also where something wraps them; not those inside each other."""
    for one in node:
        if local(one) == name:
            yield one
        elif local(one) not in _GONE:
            yield from _descend(one, name)


def _is_short(cell: list[Line]) -> bool:
    return all(line.kind == "paragraph" for line in cell) and sum(len(line.text) for line in cell) <= _LONGEST_CELL


def _between(parts: list[tuple[Piece, ...]], sign: str) -> tuple[Piece, ...]:
    """The parts in a row with the sign between each two."""
    joined: list[Piece] = []
    for number, part in enumerate(parts):
        joined += [(sign, True), *part] if number else part
    return tuple(joined)


def _symbol(code: str) -> str:
    """The character of a symbol font by its code; one that is drawn as a bullet is one, no character is none."""
    try:
        sign = chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
    if category(sign) in ("Cc", "Cs"):
        return ""
    return "•" if sign in BULLETS or chr(ord(sign) | 0xF000) in BULLETS else sign
