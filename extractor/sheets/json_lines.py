"""One sheet as JSON lines: an object a row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from extractor.sheets.cells import Cell
from extractor.sheets.sheet import Sheet
from extractor.terminal import escaped


class JsonLines:
    """UTF-8, every column in every object."""

    def __init__(self, path: Path, sheet: Sheet) -> None:
        self._stream = path.open("w", encoding="utf-8", newline="\n")
        self._names = [column.name for column in sheet.columns]

    def add(self, cells: Sequence[Cell]) -> None:
        """One row, its cells in the order of the columns."""
        row = json.dumps(dict(zip(self._names, cells, strict=True)), ensure_ascii=False)
        self._stream.write(escaped(row) + "\n")

    def close(self) -> None:
        """Nothing more will be added."""
        self._stream.close()
