"""A value as a cell that every file format can hold, and gives back the same."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any

Cell = str | int | float | bool | None

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DIGITS = 15
"""What a spreadsheet keeps of a number."""


def plain(text: str) -> str:
    r"""The text with every line end \n, and � for what XML, UTF-8 or a terminal cannot hold."""
    return _UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def cell(value: Any) -> Cell:
    """The value as a cell: text made plain, numbers to 15 digits; null for empty text and for a number without end."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    return plain(str(value)) or None


def _number(value: int | float) -> int | float | None:
    try:
        kept = float(f"{float(value):.{_DIGITS}g}")
    except OverflowError:
        return None
    if not math.isfinite(kept):
        return None
    return int(kept) if kept.is_integer() and abs(kept) < 10**_DIGITS else kept


def whole_day(edtf: str) -> date | None:
    """The day that an EDTF date names; null where it is less than a day, open, or in no calendar."""
    try:
        return date.fromisoformat(edtf) if len(edtf) == 10 else None
    except ValueError:
        return None


def first_day(edtf: str | None) -> date | None:
    """The first day of the day, month or year that an EDTF date names; null where part of it is open."""
    return whole_day(f"{edtf}-01-01"[:10]) if edtf else None
