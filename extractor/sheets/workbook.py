"""Sheets as one Excel workbook, of any size in little memory."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from extractor.sheets.cells import Cell, whole_day
from extractor.sheets.extra import needed
from extractor.sheets.sheet import Column, Sheet

ROWS = 1_048_575
"""Rows that a sheet has beside its header; what is more goes on in a further sheet."""
_LONGEST = 32_767
_FIRST_DAY = "1900-03-01"
"""Excel's calendar has a 29 February 1900; days before that are text."""
_SETTINGS = {"constant_memory": True, "use_zip64": True}


class Workbook:
    """One .xlsx file: header rows that stay in sight, filters, columns wide enough to read.

    Text is written as text, whatever it begins with; `cut` counts those longer than a cell can hold, which end in "…".
    The words behind a value stand in the columns beside it, which fold away together: a note on a cell would be a
    drawing, and 10,000 documents would have 100,000 of them.
    """

    def __init__(self, path: Path, sheets: Sequence[Sheet], *, rows: int = ROWS) -> None:
        self._book = needed("xlsxwriter", ".xlsx").Workbook(str(path), _SETTINGS)
        self._head = self._book.add_format({"bold": True, "bottom": 1})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._rows = rows
        self._pages = {sheet.name: [self._page(sheet, sheet.name)] for sheet in sheets}
        self._filled = dict.fromkeys(self._pages, 0)
        self._sheets = {sheet.name: sheet for sheet in sheets}
        self.cut = 0

    def add(self, sheet: str, cells: Sequence[Cell]) -> None:
        """One row of a sheet, its cells in the order of the columns."""
        if self._filled[sheet] == self._rows:
            self._finish(sheet)
            pages = self._pages[sheet]
            pages.append(self._page(self._sheets[sheet], f"{sheet} {len(pages) + 1}"))
            self._filled[sheet] = 0
        self._filled[sheet] += 1
        for number, (column, cell) in enumerate(zip(self._sheets[sheet].columns, cells, strict=True)):
            if cell is not None:
                self._write(self._pages[sheet][-1], self._filled[sheet], number, column, cell)

    def close(self) -> None:
        """Write the file; nothing more will be added.

        Raises:
            OSError: it cannot be written.
        """
        for sheet in self._pages:
            self._finish(sheet)
        try:
            self._book.close()
        except needed("xlsxwriter.exceptions", ".xlsx").FileCreateError as error:
            raise OSError(errno.EIO, str(error)) from error

    def _page(self, sheet: Sheet, name: str) -> Any:
        page = self._book.add_worksheet(name)
        page.freeze_panes(1, 0)
        for number, column in enumerate(sheet.columns):
            page.set_column(number, number, column.width, None, {"level": 1} if column.behind else {})
            page.write_string(0, number, column.name, self._head)
        return page

    def _finish(self, sheet: str) -> None:
        self._pages[sheet][-1].autofilter(0, 0, self._filled[sheet], len(self._sheets[sheet].columns) - 1)

    def _write(self, page: Any, row: int, number: int, column: Column, cell: Cell) -> None:
        if isinstance(cell, bool):
            page.write_boolean(row, number, cell)
        elif isinstance(cell, int | float):
            page.write_number(row, number, cell)
        elif cell is not None:
            day = whole_day(cell) if column.kind == "date" else None
            if day and cell >= _FIRST_DAY:
                page.write_datetime(row, number, day, self._day)
            else:
                page.write_string(row, number, self._fitting(cell))

    def _fitting(self, text: str) -> str:
        """The text, cut where a cell can hold no more: a character beyond U+FFFF counts as two."""
        if len(text) + sum(character > "\uffff" for character in text) <= _LONGEST:
            return text
        self.cut += 1
        units = text.encode("utf-16-le")[: 2 * (_LONGEST - 1)]
        return units.decode("utf-16-le", "ignore") + "…"
