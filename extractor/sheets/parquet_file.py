"""One sheet as a Parquet file with typed columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from extractor.sheets.cells import Cell
from extractor.sheets.extra import needed
from extractor.sheets.sheet import Sheet

_BATCH = 5_000
"""Rows held in memory before they are written."""


class ParquetFile:
    """Text, 64-bit integers, 64-bit floats, booleans; dates are EDTF, so text."""

    def __init__(self, path: Path, sheet: Sheet) -> None:
        self._arrow = needed("pyarrow", path.suffix)
        kinds = {"number": self._arrow.float64(), "integer": self._arrow.int64(), "boolean": self._arrow.bool_()}
        text = self._arrow.string()
        self._schema = self._arrow.schema([(column.name, kinds.get(column.kind, text)) for column in sheet.columns])
        self._waiting: list[Sequence[Cell]] = []
        self._writer = needed("pyarrow.parquet", path.suffix).ParquetWriter(path, self._schema, compression="zstd")

    def add(self, cells: Sequence[Cell]) -> None:
        """One row, its cells in the order of the columns."""
        self._waiting.append(cells)
        if len(self._waiting) == _BATCH:
            self._write()

    def close(self) -> None:
        """Write what waits; nothing more will be added."""
        try:
            self._write()
            self._writer.close()
        except BaseException:
            self._writer.is_open = False  # or its end would try once more, and print what went wrong
            raise

    def _write(self) -> None:
        columns = zip(*self._waiting, strict=True) if self._waiting else ((),) * len(self._schema)
        arrays = [self._arrow.array(list(one), kind) for one, kind in zip(columns, self._schema.types, strict=True)]
        self._writer.write_batch(self._arrow.record_batch(arrays, schema=self._schema))
        self._waiting = []
