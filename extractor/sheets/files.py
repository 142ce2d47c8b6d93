"""Sheets written to files, by suffix, whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from extractor.errors import SettingsError
from extractor.parts import replacing
from extractor.sheets.cells import Cell
from extractor.sheets.csv_file import CsvFile
from extractor.sheets.json_lines import JsonLines
from extractor.sheets.parquet_file import ParquetFile
from extractor.sheets.sheet import Sheet
from extractor.sheets.workbook import Workbook

WORKBOOK = ".xlsx"


class Single(Protocol):
    """A file that holds one sheet."""

    def add(self, cells: Sequence[Cell]) -> None:
        """One row, its cells in the order of the columns."""

    def close(self) -> None:
        """Nothing more will be added."""


SINGLES: dict[str, Callable[[Path, Sheet], Single]] = {
    ".csv": CsvFile,
    ".jsonl": JsonLines,
    ".parquet": ParquetFile,
}
"""Suffix → what writes a sheet to a file of its own."""


class Writing:
    """Sheets being written: `rows` counts each sheet's, `cut` the texts that were longer than a cell of it can hold."""

    def __init__(self, sheets: Sequence[Sheet], add: Callable[[str, Sequence[Cell]], None]) -> None:
        self._sheets = {sheet.name: sheet for sheet in sheets}
        self._add = add
        self.rows = Counter(dict.fromkeys(self._sheets, 0))
        self.cut = 0

    def add(self, sheet: str, row: Mapping[str, Any]) -> None:
        """One row of a sheet; what the row lacks is null."""
        self._add(sheet, self._sheets[sheet].cells(row))
        self.rows[sheet] += 1


def homes(out: Path, sheets: Sequence[Sheet]) -> dict[str, Path]:
    """The file of each sheet: OUT itself for a workbook, else for the first, the others beside it as OUT.SHEET.suffix.

    Raises:
        SettingsError: a suffix that no format has.
    """
    suffix = out.suffix.lower()
    if suffix == WORKBOOK:
        return {sheet.name: out for sheet in sheets}
    if suffix not in SINGLES:
        known = ", ".join((WORKBOOK, *SINGLES))
        raise SettingsError(f"{out}: tables are written to {known}; name such a file with -o.")
    return {
        sheet.name: out.with_suffix(f".{sheet.name}{out.suffix}") if sheet != sheets[0] else out for sheet in sheets
    }


@contextmanager
def writing(out: Path, sheets: Sequence[Sheet], *, raw: bool = False) -> Iterator[Writing]:
    """A `Writing` of these sheets to the files that `homes` names; they appear only when all is written.

    `raw` leaves text in CSV as it is, also where a spreadsheet would take it for a formula.

    Raises:
        SettingsError: a file cannot be written, or its format needs a package that is not installed.
    """
    files = homes(out, sheets)
    try:
        with ExitStack() as open_:
            parts = {path: open_.enter_context(replacing(path)) for path in dict.fromkeys(files.values())}
            yield from _written(out.suffix.lower(), sheets, {name: parts[path] for name, path in files.items()}, raw)
    except OSError as error:
        fault = f"{out} cannot be written ({error.strerror or error}); name another file with -o."
        raise SettingsError(fault) from error


def _written(suffix: str, sheets: Sequence[Sheet], parts: Mapping[str, Path], raw: bool) -> Iterator[Writing]:
    if suffix == WORKBOOK:
        book = Workbook(parts[sheets[0].name], sheets)
        written = Writing(sheets, book.add)
        yield written
        book.close()
        written.cut = book.cut
        return
    opened = SINGLES | {".csv": partial(CsvFile, raw=raw)}
    with ExitStack() as open_:
        singles: dict[str, Single] = {}
        for sheet in sheets:
            singles[sheet.name] = opened[suffix](parts[sheet.name], sheet)
            open_.callback(singles[sheet.name].close)  # each of them, whatever becomes of the others
        yield Writing(sheets, lambda sheet, cells: singles[sheet].add(cells))
