"""One sheet as a CSV file, in which no text can become a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from extractor.sheets.cells import Cell
from extractor.sheets.sheet import Sheet

_FORMULA = re.compile(r"'*[\s\u200b-\u200f\u2060-\u2064\ufeff]*[=+\-@＝＋－＠]|'*[\t\r]")


class CsvFile:
    """UTF-8 with a header row, in the CSV of RFC 4180; null is an empty field.

    Spreadsheets take text that begins with = + - @ or a tab for a formula, some also after blanks: such text gets a
    leading apostrophe, unless `raw`. Where apostrophes stand before it already there is one more, so that taking one
    off gives back every text. Numbers stay as they are.
    """

    def __init__(self, path: Path, sheet: Sheet, *, raw: bool = False) -> None:
        self._stream = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._stream)
        self._raw = raw
        self._writer.writerow([self._written(column.name) for column in sheet.columns])

    def add(self, cells: Sequence[Cell]) -> None:
        """One row, its cells in the order of the columns."""
        self._writer.writerow([self._written(cell) for cell in cells])

    def close(self) -> None:
        """Nothing more will be added."""
        self._stream.close()

    def _written(self, cell: Cell) -> str | int | float | None:
        if isinstance(cell, bool):
            return "true" if cell else "false"
        return cell if self._raw else guarded(cell)


def guarded(cell: Cell) -> Cell:
    """The cell with an apostrophe before text that would be a formula."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
