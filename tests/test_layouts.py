"""Publishers' layouts: their columns in their order, their spelling, and what cannot be filled said aloud."""

from __future__ import annotations

import csv
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from smallsheets import command, extraction, write_lines

from extractor.sheets.facts import FIELDS, inspections
from extractor.sheets.laid_out import LaidOut, sheets_of
from extractor.sheets.layout import LED, layouts

JSON = dict[str, Any]

KNOWN = tomllib.loads((Path(__file__).parent / "data" / "layouts.toml").read_text(encoding="utf-8"))
CASES = [pytest.param(case, name, id=f"{name}: {case['name']}") for case in KNOWN["case"] for name in layouts()]
FULL = KNOWN["case"][0]["told"]


def laid_out(told: list[JSON], layout: str) -> LaidOut:
    made = LaidOut(layouts()[layout])
    for one in told:
        for inspection in inspections(extraction(one).model_dump(mode="json")):
            made.add(inspection)
    return made


@pytest.mark.parametrize(("case", "layout"), CASES)
def test_documents_are_the_rows_that_are_known(case: JSON, layout: str) -> None:
    made = laid_out(case["told"], layout)
    sheet = made.layout.sheet
    read = [
        dict(zip(KNOWN["columns"][layout], sheet.cells(row), strict=True))
        for name, row in made.rows()
        if name == sheet.name
    ]
    assert [{name: cell for name, cell in row.items() if cell is not None} for row in read] == case[layout]
    assert made.left_out == case["left_out"]


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_the_documents_changes_nothing(order: int) -> None:
    told = KNOWN["case"][3]["told"][::order]
    (chosen,) = laid_out(told, "d2i").chosen()
    assert chosen.document == "report.pdf"


@pytest.mark.parametrize("layout", layouts())
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_columns_are_theirs(layout: str, suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"out{suffix}"
    ran = command("table", write_lines(tmp_path / "told.jsonl", FULL), "-o", out, "--layout", layout)
    assert ran.status == 0
    read = python_calamine.load_workbook(out).get_sheet_by_index(0).to_python() if suffix == ".xlsx" else None
    header = read[0] if read else next(csv.reader(out.open(encoding="utf-8", newline="")))
    assert header == KNOWN["columns"][layout]
    if read and layout == "ofsted":
        assert date(2024, 4, 29) in read[1]


@pytest.mark.parametrize("layout", layouts())
def test_what_is_blank_or_derived_is_said(layout: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    ran = command("table", write_lines(tmp_path / "told.jsonl", FULL), "-o", out, "--layout", layout)
    (row,) = csv.DictReader(out.open(encoding="utf-8", newline=""))
    blank = [name for name, cell in row.items() if not cell]
    assert blank
    assert all(f"{name}: left blank: no document tells it" in ran.err for name in blank)
    about = {
        row["column"]: row["about"] for row in csv.DictReader((tmp_path / "out.columns.csv").open(encoding="utf-8"))
    }
    assert list(about) == KNOWN["columns"][layout]
    derived = [name for name, words in about.items() if words.startswith("DERIVED")]
    assert derived == (["inspection_framework", "inspectors_inspections_count"] if layout == "d2i" else [])
    assert all(f"{name}: DERIVED" in ran.err for name in derived)


def test_the_evidence_has_the_words_and_how_the_length_was_derived(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    command("table", write_lines(tmp_path / "told.jsonl", FULL), "-o", out, "--layout", "d2i")
    read = list(csv.DictReader((tmp_path / "out.evidence.csv").open(encoding="utf-8", newline="")))
    told = {row["column"]: row for row in read}
    grade, length = told["in_care_grade"], told["inspection_framework"]
    assert (grade["value"], grade["quote"], grade["page"], grade["document"], grade["derived"]) == (
        "requires improvement",
        "ilacs.in_care: requires improvement",
        "3",
        "r.pdf",
        "",
    )
    assert length["derived"] == "by 5 days of fieldwork, 2024-04-29 to 2024-05-03"


def test_two_grades_for_one_area_are_told(tmp_path: Path) -> None:
    told = write_lines(tmp_path / "told.jsonl", KNOWN["case"][4]["told"])
    ran = command("table", told, "-o", tmp_path / "out.csv", "--layout", "d2i")
    assert "left blank, two grades: wigan, help_and_protection_grade: good or inadequate (b.pdf)" in ran.err
    assert "2 councils, each with its latest graded ILACS inspection" in ran.err


def test_every_column_is_filled_by_something_that_is_known() -> None:
    for layout in layouts().values():
        for column in layout.columns:
            assert column.field in {None, LED, *FIELDS}
            assert not (column.field and column.areas)
        assert [sheet.name for sheet in sheets_of(layout)][1:] == ["evidence", "columns"]
