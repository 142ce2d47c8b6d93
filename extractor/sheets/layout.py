"""A publisher's layout: its columns, what fills each, and how it spells a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from extractor.sheets.cells import whole_day
from extractor.sheets.facts import Fact, Inspection, fact, graded
from extractor.sheets.sheet import Column, Sheet, toml

DATES = ("inspection_start", "inspection_end", "report_published")
LED = "led"
"""The one field that the sheet itself fills: how many of its rows have the same lead inspector."""


@dataclass(frozen=True)
class Filled:
    """One column of a layout; layouts.toml says what each part means. Neither `field` nor `areas`: left blank."""

    name: str
    also: tuple[str, ...] = ()
    field: str | None = None
    areas: tuple[str, ...] = ()
    instead: Mapping[str, str] | None = None
    none: str | None = None
    dates: str | None = None
    lower: bool = False
    written: bool = True

    @property
    def is_grade(self) -> bool:
        """Whether it holds a grade."""
        return bool(self.areas) or self.field == "overall_grade"

    @property
    def is_blank(self) -> bool:
        """Whether no document tells what it holds."""
        return not self.areas and self.field is None


@dataclass(frozen=True)
class Layout:
    """A publisher's sheet of outcomes."""

    name: str
    publisher: str
    sheet_name: str
    columns: tuple[Filled, ...]
    codes_as_at: str
    blanks: frozenset[str]
    spelled: Mapping[str, str]

    @property
    def sheet(self) -> Sheet:
        """The sheet that is written: its columns in its order."""
        written = [column for column in self.columns if column.written]
        real = {column.name for column in written if column.field in DATES and not column.dates}
        return Sheet(
            self.sheet_name, tuple(Column(one.name, "date" if one.name in real else "text") for one in written)
        )

    def fact(self, inspection: Inspection, column: Filled) -> Fact:
        """What the inspection says that belongs into the column."""
        if column.areas:
            return graded(inspection, column.areas)
        return Fact() if column.field in (None, LED) else fact(inspection, column.field, self.codes_as_at)

    def spell(self, column: Filled, value: str) -> str:
        """The value as the publisher prints it in this column."""
        if column.dates:
            day = whole_day(value)
            return day.strftime(column.dates) if day else value
        return self.spelled.get(value, value.lower() if column.lower else value)


@cache
def layouts() -> dict[str, Layout]:
    """The publishers' layouts, by name."""
    return {
        row["name"]: Layout(
            name=row["name"],
            publisher=row["publisher"],
            sheet_name=row["sheet"],
            columns=tuple(
                Filled(**one | {key: tuple(one[key]) for key in ("also", "areas") if key in one})
                for one in row["columns"]
            ),
            codes_as_at=row["codes_as_at"],
            blanks=frozenset(row["blanks"]),
            spelled=row["spelled"],
        )
        for row in toml("layouts.toml")["layout"]
    }
