"""A council's row in the register, and the codes that it had."""

from __future__ import annotations

import re
from functools import cache

from extractor.domain.tables import rows

Row = dict[str, str]

_FORMER = re.compile(r"([A-Z][0-9]{8}) \(to ([0-9-]+)\)")


def row_of(gss_code: str | None) -> Row | None:
    """The register's row with this GSS code; null where there is none."""
    return _by_code().get(gss_code or "")


def code_at(row: Row, day: str) -> str:
    """The GSS code that the council had on a day (ISO): a former one up to the day that the register gives."""
    return next((code for code, last in sorted(former(row), key=lambda one: one[1]) if day <= last), row["gss_code"])


def former(row: Row) -> list[tuple[str, str]]:
    """The GSS codes that it had before, each with its last day (ISO)."""
    return _FORMER.findall(row["previous_gss_codes"])


@cache
def _by_code() -> dict[str, Row]:
    return {row["gss_code"]: row for row in rows("authorities.csv") if row["gss_code"]}
