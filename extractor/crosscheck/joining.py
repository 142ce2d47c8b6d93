"""Which inspection of ours is which row of a publisher's table: the same council, and near in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from extractor.crosscheck.meaning import day
from extractor.crosscheck.table import Row, Table
from extractor.domain.authorities import councils_called
from extractor.domain.frameworks import gives_grades
from extractor.domain.tables import rows
from extractor.edtf import agree
from extractor.sheets.cells import first_day
from extractor.sheets.facts import REPORT_DAYS, Inspection
from extractor.sheets.register import former

NEAR_DAYS = 31
"""Inspections of one council whose fieldwork began further apart are two."""

_VISITS = ("monitoring visit", "focused visit")
_CODES = ("gss_code", "la_code", "urn")


@dataclass(frozen=True)
class Theirs:
    """One row of a publisher's table, with the GSS codes of the councils that it can mean, and its dates (EDTF)."""

    table: Table
    row: Row
    councils: frozenset[str]
    start: str | None
    end: str | None
    published: str | None

    @property
    def is_visit(self) -> bool:
        """Whether the row tells of a visit without grades."""
        return "visit" in self.table.text(self.row, "length").lower()

    @property
    def place(self) -> str:
        """Its sheet and row, for a message."""
        return f"{self.table.sheet} row {self.row.number}".strip()


@dataclass(frozen=True)
class Pair:
    """One inspection, as our document and as a publisher's row tell it."""

    ours: Inspection
    theirs: Theirs


@dataclass(frozen=True)
class Alone:
    """What has no counterpart, and why: `side` is "ours" or "theirs", `place` the document, or the sheet and row.

    `council` and `date` (EDTF) are empty where they are not known.
    """

    side: str
    council: str
    date: str
    place: str
    reason: str


def join(ours: Iterable[Inspection], tables: Sequence[Table]) -> tuple[list[Pair], list[Alone]]:
    """Join each inspection with the nearest row of its council in every table; what is left has a reason.

    Several documents about one inspection all join with its row. A row and an inspection join where a date of theirs
    agrees, or where their fieldwork began at most `NEAR_DAYS` apart, and where both or neither are ungraded visits.
    """
    theirs = [_theirs(table, row) for table in tables for row in table.rows]
    by_council: dict[str, list[Theirs]] = {}
    for row in theirs:
        for code in row.councils:
            by_council.setdefault(code, []).append(row)
    pairs: list[Pair] = []
    alone: list[Alone] = []
    told: dict[str, list[str]] = {}
    for one in ours:
        council = one.council
        code = council["gss_code"] if council else ""
        told.setdefault(code, []).append(_date(one) or "no date")
        rows_of_it = by_council.get(code, [])
        found = [Pair(one, row) for row in _nearest(one, rows_of_it)]
        pairs += found
        if not found:
            alone.append(Alone("ours", _called(one), _date(one), one.document, _our_reason(one, rows_of_it)))
    taken = {id(pair.theirs) for pair in pairs}
    alone += [
        Alone(
            "theirs",
            row.table.text(row.row, "council"),
            row.start or row.published or "",
            row.place,
            _reason(row, told),
        )
        for row in theirs
        if id(row) not in taken
    ]
    return pairs, alone


def councils(table: Table, row: Row) -> frozenset[str]:
    """The GSS codes of the councils that a row can mean: by its name, or by its codes where the register lacks that."""
    named = councils_called(table.text(row, "council"))
    if named:
        return frozenset(council.gss_code for council in named)
    return frozenset(code for field in _CODES for code in _coded().get((field, table.text(row, field)), ()))


@cache
def _coded() -> dict[tuple[str, str], tuple[str, ...]]:
    """Field and code → the GSS codes of the councils that have, or had, this code."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in rows("authorities.csv"):
        codes = [(field, row[field]) for field in _CODES] + [("gss_code", code) for code, _ in former(row)]
        for key in codes:
            if key[1] and row["gss_code"]:
                found[key] = (*found.get(key, ()), row["gss_code"])
    return found


def _theirs(table: Table, row: Row) -> Theirs:
    start, end, published = (
        day(table.text(row, field)) for field in ("inspection_start", "inspection_end", "report_published")
    )
    return Theirs(table, row, councils(table, row), start, end, published)


def _nearest(one: Inspection, rows: Sequence[Theirs]) -> list[Theirs]:
    """The row nearest in time in each table, where it is near enough."""
    best: dict[int, tuple[int, Theirs]] = {}
    for row in rows:
        gap = _days_apart(one, row) if row.is_visit == _is_visit(one) else None
        if gap is not None and gap <= NEAR_DAYS and gap < best.get(id(row.table), (NEAR_DAYS + 1, row))[0]:
            best[id(row.table)] = gap, row
    return [row for _, row in best.values()]


def _days_apart(one: Inspection, row: Theirs) -> int | None:
    """Days between an inspection and a row: none where a date agrees, else between the first dates that both give.

    Where one gives only its fieldwork and the other only its report's date, a report at the usual distance is just near
    enough. Null where no dates can be held against each other.
    """
    record = one.record
    said = [
        (record["inspection_start"], row.start),
        (record["inspection_end"], row.end),
        (record["report_published"], row.published),
    ]
    if any(mine and other and first_day(mine) and agree(mine, other) for mine, other in said):
        return 0
    for mine, other in (*said, (one.published, row.published)):
        first, second = first_day(mine), first_day(other)
        if first and second:
            return abs((first - second).days)
    for fieldwork, report in ((one.when, first_day(row.published)), (first_day(row.start), one.when)):
        if fieldwork and report:
            days = (report - fieldwork).days
            return NEAR_DAYS if 0 <= days <= REPORT_DAYS else abs(days)
    return None


def _is_visit(one: Inspection) -> bool:
    return one.record["inspection_type"] in _VISITS or not gives_grades(one.record["framework"])


def _called(one: Inspection) -> str:
    written = (one.record["authority"] or {}).get("as_written") or ""
    return one.council["name"] if one.council else written


def _date(one: Inspection) -> str:
    record = one.record
    return record["inspection_start"] or record["inspection_end"] or record["report_published"] or one.published or ""


def _our_reason(one: Inspection, rows: Sequence[Theirs]) -> str:
    if not one.council:
        return "the document names no council that the register settles"
    if not rows:
        return "the sheet has no row of this council"
    kind = "ungraded visit" if _is_visit(one) else "graded inspection"
    alike = [row for row in rows if row.is_visit == _is_visit(one)]
    if not alike:
        return f"the sheet has no {kind} of this council"
    gaps = [(gap, row) for row in alike if (gap := _days_apart(one, row)) is not None]
    if not gaps:
        return "the document and the sheet have no date in common"
    gap, row = min(gaps, key=lambda pair: pair[0])
    return f"the council's nearest {kind} in the sheet is {gap} days away: {row.start or row.published} ({row.place})"


def _reason(row: Theirs, told: dict[str, list[str]]) -> str:
    if not row.councils:
        return "its council is not in the register"
    dates = [date for code in sorted(row.councils) for date in told.get(code, [])]
    if not dates:
        return "no document of ours is about this council"
    return f"our documents about this council are of other inspections: {', '.join(sorted(dates))}"
