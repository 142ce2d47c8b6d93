"""A spreadsheet file as grids of cells."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from extractor.errors import DocumentError
from extractor.readers.encoding import decode
from extractor.readers.source import fetch
from extractor.sheets.extra import needed

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
_READER = Path(__file__).with_name("workbook_reader.py")
_DELIMITERS = (",", ";", "\t")
_SECONDS = 300
_WAY_OUT = "Open it in a spreadsheet program, and save it again as .xlsx or .csv."

Raw = str | int | float
"""A cell as it stands: a date is text, YYYY-MM-DD; an empty cell is ""."""


@dataclass(frozen=True)
class Grid:
    """One sheet of a file, from its first row and column on; `name` is empty for a CSV file."""

    name: str
    rows: Sequence[Sequence[Raw]]


def grids(path: Path) -> list[Grid]:
    """The sheets of a file, by its suffix: .csv or one of `WORKBOOKS`.

    Raises:
        DocumentError: there is no such file, or it cannot be read as a spreadsheet.
        SettingsError: the package that reads it is not installed.
    """
    suffix = path.suffix.lower()
    if suffix not in (".csv", *WORKBOOKS):
        raise DocumentError(str(path), "it is no spreadsheet", f"Name a .csv file, or one of {', '.join(WORKBOOKS)}.")
    data = fetch(str(path))
    if suffix == ".csv":
        try:
            return [Grid("", _separated(decode(data, str(path))))]
        except csv.Error as error:
            raise DocumentError(str(path), f"it cannot be read as CSV ({error})", _WAY_OUT) from error
    needed("python_calamine", suffix)
    return _workbook(path, data)


def _separated(text: str) -> list[list[str]]:
    """The rows of CSV, whichever of comma, semicolon and tab gives most of its rows most fields."""
    read = [list(csv.reader(io.StringIO(text, newline=""), delimiter=one)) for one in _DELIMITERS]
    return max(read, key=lambda rows: Counter(map(len, rows)).most_common(1)[0][0] if rows else 0)


def _workbook(path: Path, data: bytes) -> list[Grid]:
    command = [sys.executable, "-P", str(_READER)]
    try:
        run = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise DocumentError(str(path), f"it could not be read in {_SECONDS} seconds", _WAY_OUT) from error
    if run.returncode:
        told = run.stderr.decode("utf-8", "replace").strip().splitlines() if run.returncode == 1 else []
        reason = told[-1] if told else "it is damaged, or far larger than it looks"
        raise DocumentError(str(path), f"it cannot be read as a spreadsheet ({reason})", _WAY_OUT)
    return [Grid(name, rows) for name, rows in json.loads(run.stdout)]
