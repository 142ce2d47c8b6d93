"""A program of its own: a workbook's bytes on standard input, its sheets as JSON on standard output.

A damaged file, or one cell far outside, can bring the reader down: only this process falls with it.
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import suppress
from datetime import date, datetime

_MEMORY = 2 << 30


def _sheets(data: bytes) -> list[tuple[str, list[list[str | int | float]]]]:
    """The name and the rows of each sheet, from its first row and column on; a date is text, YYYY-MM-DD."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [
        (name, [[_raw(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)])
        for name in book.sheet_names
    ]


def _raw(cell: object) -> str | int | float:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return cell if isinstance(cell, int | float) and not isinstance(cell, bool) else str(cell)


def _limit_memory() -> None:
    """Where the system can: a sheet that needs more is one that only looks small."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


if __name__ == "__main__":
    _limit_memory()
    try:
        read = _sheets(sys.stdin.buffer.read())
    except Exception as fault:
        raise SystemExit(str(fault)) from fault
    json.dump(read, sys.stdout)
