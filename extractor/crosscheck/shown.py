"""A cross-check on the terminal."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from extractor.crosscheck import Compared, Crosscheck
from extractor.terminal import flat

_LONGEST = 200
"""Characters of a quote that are shown; a file written with -o has all."""


def shown(check: Crosscheck) -> RenderableType:
    """Every differing cell with our words, then what was compared and what was not joined, with why."""
    parts: list[RenderableType] = [_differences(check.differences)] if check.differences else []
    sheets = ", ".join(table.sheet for table in check.tables if table.sheet)
    silent = Counter(cell.column for cell in check.silent)
    parts += [
        Text(flat(f"{check.joined} inspections joined{f' with rows of {sheets}' if sheets else ''}")),
        Text(f"{len(check.cells) - silent.total()} cells compared: {len(check.differences)} differ"),
        Text(f"{silent.total()} cells in which only they say something{_counted(silent)}"),
    ]
    ours = [one for one in check.alone if one.side == "ours"]
    theirs = Counter(one.reason.partition(":")[0] for one in check.alone if one.side == "theirs")
    if ours:
        parts.append(Text(f"\nNot joined of ours: {len(ours)}"))
        parts += [_line(f"{PurePath(one.place).name} {one.council} {one.date}: {one.reason}") for one in ours]
    if theirs:
        parts.append(Text(f"\nNot joined of theirs: {theirs.total()}"))
        parts += [_line(f"{count}: {reason}") for reason, count in theirs.most_common()]
    return Group(*parts)


def _differences(cells: list[Compared]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_lines=True, expand=True)
    for heading, ratio in (("inspection", 3), ("their cell", 4), ("theirs", 3), ("ours", 3), ("our words", 6)):
        table.add_column(heading, ratio=ratio, overflow="fold")
    for cell in cells:
        page = f", page {cell.page}" if cell.page else ""
        table.add_row(
            _cell(cell.council, cell.inspection),
            _cell(cell.column, f"{cell.sheet} {cell.cell}"),
            _cell(cell.theirs or "(blank)"),
            _cell(cell.ours, cell.derived or ""),
            _cell(_short(cell.quote or ""), f"{PurePath(cell.document).name}{page}"),
        )
    return table


def _cell(first: str, second: str = "") -> Text:
    """The first text, and below it, dim, a second one."""
    text = Text(flat(first))
    return text.append(f"\n{flat(second)}", style="dim") if second else text


def _line(text: str) -> Text:
    return Text(f"  {flat(text)}")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _counted(columns: Counter[str]) -> str:
    return f" ({', '.join(f'{name} {count}' for name, count in columns.most_common())})" if columns else ""
