"""The cells of a pair held against each other, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from extractor.crosscheck.joining import Pair
from extractor.crosscheck.meaning import day, grade
from extractor.edtf import agree
from extractor.sheets.facts import Fact, graded
from extractor.sheets.layout import DATES, LED, Filled
from extractor.sheets.register import Row, former

Verdict = Literal["same", "differs", "theirs is blank", "ours is silent"]


@dataclass(frozen=True)
class Compared:
    """One cell of theirs beside what our document says, with its words.

    "ours is silent": the document says nothing that belongs there, which is no difference. `derived` says how our value
    follows where no words say it. `cell` is the cell's place in their sheet.
    """

    verdict: Verdict
    council: str
    inspection: str
    column: str
    ours: str
    theirs: str
    document: str
    page: int | None
    quote: str | None
    derived: str | None
    sheet: str
    cell: str

    @property
    def is_difference(self) -> bool:
        """Whether the document says what their sheet does not."""
        return self.verdict in ("differs", "theirs is blank")


def compare(pair: Pair) -> Iterator[Compared]:
    """Every cell of the pair that a document could tell and that either side fills."""
    table, row, ours = pair.theirs.table, pair.theirs.row, pair.ours
    for column in table.columns:
        if column.is_blank or column.field in (LED, "council"):
            continue
        fact = _instead(pair, column) or table.layout.fact(ours, column)
        text = row.cells[column.name]
        blank = text.lower() in table.layout.blanks
        if blank and (fact.values in _NOTHING or fact.derived == _JUDGED_TOGETHER):
            continue
        yield Compared(
            _verdict(pair, column, fact, text, blank),
            council=ours.council["name"] if ours.council else "",
            inspection=ours.record["inspection_start"] or str(ours.when or ""),
            column=column.name,
            ours=" / ".join(fact.values),
            theirs=text,
            document=ours.document,
            page=fact.page,
            quote=fact.quote,
            derived=fact.derived,
            sheet=table.sheet,
            cell=f"{table.places[column.name]}{row.number}",
        )


_JUDGED_TOGETHER = "the report has one judgement for both"
_NOTHING = ((), ("not judged",))


def _instead(pair: Pair, column: Filled) -> Fact | None:
    """That the column must be empty, because the document judges its area together with another."""
    together = graded(pair.ours, tuple(column.instead or ()))
    if not together.values or graded(pair.ours, column.areas).values:
        return None
    return Fact(("no grade of its own",), together.quote, together.page, _JUDGED_TOGETHER)


def _verdict(pair: Pair, column: Filled, fact: Fact, text: str, blank: bool) -> Verdict:
    if not fact.values:
        return "ours is silent"
    if blank:
        return "theirs is blank"
    return "same" if _same(pair, column, fact.values, text) else "differs"


def _same(pair: Pair, column: Filled, values: tuple[str, ...], text: str) -> bool:
    layout = pair.theirs.table.layout
    if column.is_grade:
        theirs = grade(text)
        return len(values) == 1 and theirs in (values[0], grade(layout.spell(column, values[0])))
    if column.field in DATES:
        theirs = day(text)
        return theirs is not None and agree(values[0], theirs)
    if column.field == "gss_code":
        return text in _codes(pair.ours.council or {})
    if column.field == "length":
        return values[0] in text.lower()
    return any(_folded(text) in (_folded(value), _folded(layout.spell(column, value))) for value in values)


def _codes(row: Row) -> list[str]:
    return [row["gss_code"], *(code for code, _ in former(row))] if row else []


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
