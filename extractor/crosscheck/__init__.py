"""Our outcomes held against a publisher's sheet: which cells differ, with our words, and what could not be joined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractor.crosscheck.comparing import Compared, compare
from extractor.crosscheck.grid import grids
from extractor.crosscheck.joining import Alone, join
from extractor.crosscheck.table import Table, table
from extractor.errors import DocumentError
from extractor.sheets.facts import Inspection, inspections
from extractor.sheets.rows import name

__all__ = ["Alone", "Compared", "Crosscheck", "Table", "crosscheck"]

JSON = dict[str, Any]


@dataclass(frozen=True)
class Crosscheck:
    """Every cell that was compared, and what stands alone on either side; `joined` counts inspections with a row."""

    tables: tuple[Table, ...]
    joined: int
    cells: tuple[Compared, ...]
    alone: tuple[Alone, ...]

    @property
    def differences(self) -> list[Compared]:
        """The cells in which the sheet is not what our documents say."""
        return [cell for cell in self.cells if cell.is_difference]

    @property
    def silent(self) -> list[Compared]:
        """The cells of which our documents say nothing: no differences."""
        return [cell for cell in self.cells if cell.verdict == "ours is silent"]


def crosscheck(extractions: Iterable[JSON], sheet: Path) -> Crosscheck:
    """Hold Extractions (as JSON data) against every table in a spreadsheet file whose columns are a publisher's.

    Raises:
        DocumentError: the file cannot be read, or has no such table.
        SettingsError: the package that reads it is not installed.
    """
    tables = tuple(found for grid in grids(sheet) if (found := table(grid)))
    if not tables:
        fault = "no row of it has the columns of Data to Insight's or Ofsted's sheet"
        raise DocumentError(str(sheet), fault, "A council's name and a grade or a date of inspection are needed.")
    ours: list[Inspection] = []
    without: list[Alone] = []
    for extraction in extractions:
        told = list(inspections(extraction))
        ours += told
        if not told:
            without.append(Alone("ours", "", "", name(extraction), _reason(extraction)))
    pairs, alone = join(ours, tables)
    cells = tuple(cell for pair in pairs for cell in compare(pair))
    joined = len({id(pair.ours) for pair in pairs})
    ordered = sorted(cells, key=lambda cell: (cell.council, cell.inspection))
    return Crosscheck(tables, joined, tuple(ordered), (*without, *alone))


def _reason(extraction: JSON) -> str:
    """Why a document has no inspection to compare."""
    if extraction["error"]:
        return f"the document failed: {extraction['error']['message'].removeprefix(f'{name(extraction)}: ')}"
    return "the document reports no inspection of a council"
