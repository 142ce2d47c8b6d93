"""A grid's rows under a publisher's columns, wherever in the grid they begin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from extractor.crosscheck.grid import Grid, Raw
from extractor.sheets.layout import Filled, Layout, layouts

_HEADER_WITHIN = 30
"""Rows among which the header is looked for."""


@dataclass(frozen=True)
class Row:
    """One row: its number as a spreadsheet shows it, and the text of each known column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A publisher's table: `places` gives each known column's letters, `unknown` are the others' names."""

    sheet: str
    layout: Layout
    places: Mapping[str, str]
    unknown: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def columns(self) -> list[Filled]:
        """The layout's columns that the table has."""
        return [column for column in self.layout.columns if column.name in self.places]

    def text(self, row: Row, field: str) -> str:
        """What a row says in the column of this field; empty where it has none, or the publisher's word for nothing."""
        found = (row.cells[column.name] for column in self.columns if column.field == field)
        return next((text for text in found if text.lower() not in self.layout.blanks), "")


def table(grid: Grid) -> Table | None:
    """The table in a grid; null where no row names a council's column beside a grade's or a date's.

    The header is the row that names most columns of one layout, each by its name or one of its other spellings.
    """
    best: tuple[int, Layout, dict[str, int]] = max(
        (
            (number, layout, places)
            for number, cells in enumerate(grid.rows[:_HEADER_WITHIN])
            for layout in layouts().values()
            if _serves(layout, places := _places(layout, [_folded(_text(cell)) for cell in cells]))
        ),
        key=lambda found: len(found[2]),
        default=(0, next(iter(layouts().values())), {}),
    )
    number, layout, places = best
    if not places:
        return None
    header = [_text(cell) for cell in grid.rows[number]]
    return Table(
        grid.name,
        layout,
        {name: letters(place) for name, place in places.items()},
        tuple(name for place, name in enumerate(header) if name and place not in places.values()),
        tuple(
            Row(at, {name: _text(cells[place]) if place < len(cells) else "" for name, place in places.items()})
            for at, cells in enumerate(grid.rows[number + 1 :], number + 2)
            if any(_text(cell) for cell in cells)
        ),
    )


def letters(place: int) -> str:
    """The letters of a column by its place from 0: A, B, …, Z, AA."""
    before, last = divmod(place, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + last)


def _places(layout: Layout, header: list[str]) -> dict[str, int]:
    """Where the layout's columns stand in a header."""
    found = {}
    for column in layout.columns:
        spellings = [_folded(name) for name in (column.name, *column.also)]
        place = next((header.index(spelling) for spelling in spellings if spelling in header), None)
        if place is not None:
            found[column.name] = place
    return found


def _serves(layout: Layout, places: Mapping[str, int]) -> bool:
    held = [column for column in layout.columns if column.name in places]
    return any(column.field == "council" for column in held) and any(
        column.is_grade or column.field == "inspection_start" for column in held
    )


def _text(cell: Raw) -> str:
    """A cell as text; a whole number without a decimal point, a code stored as a number being one."""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return " ".join(text.split())


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().lower()
