"""Inspections as rows of a publisher's layout: one a council, its latest graded one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from extractor.sheets.facts import REPORT_DAYS, Fact, Inspection
from extractor.sheets.layout import LED, Filled, Layout
from extractor.sheets.sheet import Sheet, sheets

JSON = dict[str, Any]

FRAMEWORK = "ILACS"
"""The framework whose judgements both layouts have columns for."""


class LaidOut:
    """The latest graded inspection of each council, collected document by document.

    Documents of one council that are at most `REPORT_DAYS` apart tell of the same inspection: the one that fills most
    columns is taken, its grades first. `left_out` counts the inspections that are not in the sheet by the reason.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.left_out: Counter[str] = Counter()
        self._latest: dict[str, list[Inspection]] = {}

    def add(self, inspection: Inspection) -> None:
        """One more inspection."""
        reason = self._unfit(inspection)
        if reason:
            self.left_out[reason] += 1
            return
        held = self._latest.setdefault(inspection.record["authority"]["gss_code"], [])
        held.append(inspection)
        newest = max(map(_day, held))
        kept = [one for one in held if (newest - _day(one)).days <= REPORT_DAYS]
        if len(kept) < len(held):
            self.left_out["older than the council's latest"] += len(held) - len(kept)
        held[:] = kept

    def chosen(self) -> list[Inspection]:
        """The inspections in the sheet, by name of the council."""
        best = [max(held, key=self._fullness) for held in self._latest.values()]
        return sorted(best, key=lambda one: self._named(one).casefold())

    def rows(self) -> Iterator[tuple[str, JSON]]:
        """The rows of `sheets_of` the layout."""
        chosen, layout = self.chosen(), self.layout
        main, evidence, columns = (sheet.name for sheet in sheets_of(layout))
        led = Counter(leads for one in chosen if (leads := self._leads(one)))
        for inspection in chosen:
            told = {column.name: (column, layout.fact(inspection, column)) for column in layout.columns}
            row = {name: self._cell(inspection, *pair) for name, pair in told.items()}
            row |= {one.name: str(led[self._leads(inspection)]) for one in layout.columns if one.field == LED}
            yield main, row
            for name, (column, fact) in told.items():
                if fact.values and column.written:
                    yield (
                        evidence,
                        {
                            "council": self._named(inspection),
                            "column": name,
                            "value": row[name] or " or ".join(fact.values),
                            "derived": fact.derived,
                            "document": inspection.document,
                            "page": fact.page,
                            "quote": fact.quote,
                        },
                    )
        for column in layout.columns:
            if column.written:
                yield columns, {"column": column.name, "about": about(column)}

    def divided(self) -> list[str]:
        """Grades left blank because the document gives two for one area: council, column and grades, in words."""
        return [
            f"{self._named(one)}, {column.name}: {' or '.join(fact.values)} ({one.document})"
            for one in self.chosen()
            for column in self.layout.columns
            if column.is_grade and len((fact := self.layout.fact(one, column)).values) > 1
        ]

    def _unfit(self, inspection: Inspection) -> str | None:
        if inspection.record["framework"] != FRAMEWORK:
            return f"not {FRAMEWORK}"
        if not any(self.layout.fact(inspection, column).values for column in self.layout.columns if column.is_grade):
            return "without a grade"
        return None if inspection.council else "of no council in the register"

    def _fullness(self, inspection: Inspection) -> tuple[int, int, str]:
        facts = [(column.is_grade, self.layout.fact(inspection, column)) for column in self.layout.columns]
        grades = sum(bool(fact.values) for is_grade, fact in facts if is_grade)
        return grades, sum(bool(fact.values) for _, fact in facts), inspection.document

    def _named(self, inspection: Inspection) -> str:
        column = next(column for column in self.layout.columns if column.field == "council")
        return self.layout.spell(column, (inspection.council or {})["name"])

    def _leads(self, inspection: Inspection) -> str:
        return "; ".join(inspection.record["lead_inspectors"])

    def _cell(self, inspection: Inspection, column: Filled, fact: Fact) -> str | None:
        codes = {item["area_code"] for item in inspection.record["judgements"]}
        if column.is_grade and len(fact.values) != 1:
            instead = (words for code, words in (column.instead or {}).items() if code in codes)
            return next(instead, column.none)
        return "; ".join(self.layout.spell(column, value) for value in fact.values) or None


def sheets_of(layout: Layout) -> tuple[Sheet, ...]:
    """The layout's sheet, and the two beside it: the evidence of its cells, and what fills its columns."""
    return (layout.sheet, *sheets("beside"))


def about(column: Filled) -> str:
    """What fills a column of a layout, in words."""
    if column.is_blank:
        return "left blank: no document tells it"
    if column.field == "length":
        return "DERIVED where the document does not say it: up to 7 days of fieldwork is short, more is standard"
    if column.field == LED:
        return "DERIVED: the rows of this sheet with the same lead inspector"
    if column.field in ("urn", "la_code", "gss_code", "council", "region", "ofsted_region"):
        return "by the register of councils, from the name in the document"
    return "as the document says; its words are in the sheet evidence"


def _day(inspection: Inspection) -> date:
    return inspection.when or date.min
