"""What an inspection says that a publisher's sheet has a column for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from extractor.sheets.cells import first_day, whole_day
from extractor.sheets.register import code_at, row_of
from extractor.sheets.rows import is_inspection, name, page

JSON = dict[str, Any]

REPORT_DAYS = 120
"""A report follows its fieldwork within so many days."""
SHORT_DAYS = 7
"""Fieldwork of an ILACS inspection up to this long is a short one's: one week, where a standard one takes two."""


@dataclass(frozen=True)
class Inspection:
    """One inspection as one document tells it.

    `record` is its record and `words` the evidence by JSON pointer, of which this record's begin with `root`;
    `published` is the document's own date, EDTF or null.
    """

    document: str
    published: str | None
    root: str
    record: JSON
    words: Mapping[str, JSON]

    @property
    def council(self) -> dict[str, str] | None:
        """The council's row in the register; null where the record names none that is in it."""
        return row_of((self.record["authority"] or {}).get("gss_code"))

    @property
    def when(self) -> date | None:
        """The day that places it in time: the first of its fieldwork's, else of what was published; null if unknown."""
        record = self.record
        told = (record["inspection_start"], record["inspection_end"], record["report_published"], self.published)
        return next(filter(None, (first_day(edtf) for edtf in told)), None)


@dataclass(frozen=True)
class Fact:
    """What fills one column: no value where nothing is said, several where more than one is said.

    `quote` and `page` are the words that the first value came from. `derived` says how it follows, where no words say
    it.
    """

    values: tuple[str, ...] = ()
    quote: str | None = None
    page: int | None = None
    derived: str | None = None


def inspections(extraction: JSON) -> Iterator[Inspection]:
    """The inspections in an Extraction (as JSON data)."""
    words = {entry["field"]: entry for entry in extraction["evidence"]}
    for index, record in enumerate(extraction["records"]):
        if is_inspection(record):
            published = extraction["source"]["published"]
            yield Inspection(name(extraction), published, f"/records/{index}", record, words)


def graded(inspection: Inspection, areas: Sequence[str]) -> Fact:
    """The grades of these areas, each grade once."""
    items = inspection.record["judgements"]
    said = [(item["grade"], index) for index, item in enumerate(items) if item["area_code"] in areas]
    return _told(inspection, dict.fromkeys(grade for grade, _ in said), *(f"/judgements/{index}" for _, index in said))


def fact(inspection: Inspection, field: str, codes_as_at: str) -> Fact:
    """What the inspection says of a field; `field` is one of `FIELDS`."""
    return FIELDS[field](inspection, codes_as_at)


def _told(inspection: Inspection, values: Sequence[str] | Mapping[str, None], *pointers: str) -> Fact:
    entry = next(filter(None, (inspection.words.get(inspection.root + pointer) for pointer in pointers)), {})
    return Fact(tuple(values), entry.get("quote"), page(entry)) if values else Fact()


def _said(field: str) -> Callable[[Inspection, str], Fact]:
    """A field that the record has under the same name."""

    def told(inspection: Inspection, _: str) -> Fact:
        value = inspection.record[field]
        return _told(inspection, [value] if value else [], f"/{field}")

    return told


def _lead_inspectors(inspection: Inspection, _: str) -> Fact:
    return _told(inspection, inspection.record["lead_inspectors"], "/lead_inspectors/0")


def _registered(column: str) -> Callable[[Inspection, str], Fact]:
    """What the register says of the council."""

    def told(inspection: Inspection, codes_as_at: str) -> Fact:
        row = inspection.council
        if not row:
            return Fact()
        value = code_at(row, codes_as_at) if column == "gss_code" else row[column]
        entry = inspection.words.get(f"{inspection.root}/authority", {})
        return Fact((value,) if value else (), entry.get("quote"), page(entry), "by the register of councils")

    return told


def _length(inspection: Inspection, _: str) -> Fact:
    """Short or standard: as the document says, else by the days of an ILACS inspection's fieldwork."""
    record = inspection.record
    if record["inspection_type"] in ("short", "standard"):
        return _told(inspection, [record["inspection_type"]], "/inspection_type")
    first, last = (whole_day(record[field] or "") for field in ("inspection_start", "inspection_end"))
    is_full = record["framework"] == "ILACS" and record["inspection_type"] in (None, "full")
    if not (is_full and first and last and first <= last):
        return Fact()
    days = (last - first).days + 1
    words = inspection.words.get(f"{inspection.root}/inspection_start", {})
    derived = f"by {days} days of fieldwork, {first} to {last}"
    return Fact(("short" if days <= SHORT_DAYS else "standard",), words.get("quote"), page(words), derived)


FIELDS: dict[str, Callable[[Inspection, str], Fact]] = {
    "urn": _registered("urn"),
    "la_code": _registered("la_code"),
    "gss_code": _registered("gss_code"),
    "council": _registered("name"),
    "region": _registered("region"),
    "ofsted_region": _registered("ofsted_region"),
    "length": _length,
    "lead_inspectors": _lead_inspectors,
    "inspection_start": _said("inspection_start"),
    "inspection_end": _said("inspection_end"),
    "report_published": _said("report_published"),
    "overall_grade": _said("overall_grade"),
}
"""A layout's `field` → what an inspection says of it, GSS codes being those of the day given (ISO)."""
