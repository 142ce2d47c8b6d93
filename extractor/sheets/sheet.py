"""A sheet: its name, its columns in order, and the kind of value that each holds."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

from extractor.sheets.cells import Cell, cell

Kind = Literal["text", "date", "number", "integer", "boolean"]


@dataclass(frozen=True)
class Column:
    """One column. A date is EDTF as text, and a real date in a workbook where it is a whole day."""

    name: str
    kind: Kind = "text"

    @property
    def behind(self) -> bool:
        """Whether it holds the words behind another column, or their page."""
        return self.name.endswith(("_quote", "_page"))

    @property
    def width(self) -> int:
        """Characters that a workbook shows of it."""
        widths = toml("sheets.toml")["width"]
        return cast(int, widths.get(self.name.rpartition("_")[2], widths["kinds"][self.kind]))


@dataclass(frozen=True)
class Sheet:
    """A name and the columns under it."""

    name: str
    columns: tuple[Column, ...]

    def cells(self, row: Mapping[str, Any]) -> tuple[Cell, ...]:
        """The row's values in the order of the columns; what it lacks is null."""
        return tuple(cell(row.get(column.name)) for column in self.columns)


@cache
def sheets(which: str = "sheet") -> tuple[Sheet, ...]:
    """The sheets of sheets.toml: "sheet" of Extractions, "beside" a publisher's layout, "crosscheck" of differences."""
    return tuple(Sheet(row["name"], columns(row["columns"])) for row in toml("sheets.toml")[which])


def columns(said: list[str]) -> tuple[Column, ...]:
    """Columns from the short form that sheets.toml explains."""
    made: list[Column] = []
    for one in said:
        name, _, kind = one.partition(":")
        made.append(Column(name.rstrip("*"), cast(Kind, kind or "text")))
        if name.endswith("*"):
            made += [Column(f"{made[-1].name}_quote"), Column(f"{made[-1].name}_page", "integer")]
    return tuple(made)


@cache
def toml(name: str) -> dict[str, Any]:
    """One of this folder's TOML files."""
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
