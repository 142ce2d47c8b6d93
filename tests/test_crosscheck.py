"""Our outcomes against a publisher's sheet: each differing cell is found, with our words, and nothing else."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import python_calamine
import xlsxwriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from smallsheets import command, extraction, write_lines, write_sheet

from extractor.crosscheck import Crosscheck, crosscheck
from extractor.crosscheck.grid import Grid, grids
from extractor.crosscheck.meaning import day, grade
from extractor.crosscheck.table import letters, table
from extractor.errors import DocumentError

JSON = dict[str, Any]

KNOWN = tomllib.loads((Path(__file__).parent / "data" / "crosscheck.toml").read_text(encoding="utf-8"))
CASES = [pytest.param(case, id=case["name"]) for case in KNOWN["case"]]
FORMATS = [".csv", ".xlsx", ".ods"]


def sheet_of(case: JSON, path: Path) -> Path:
    """The case's sheet as a file; a text that is a day is a real date where the format has such."""
    rows = [[dated(cell) if path.suffix != ".csv" else cell for cell in row] for row in case["sheet"]]
    return write_sheet(path, rows)


def dated(cell: Any) -> Any:
    try:
        return date.fromisoformat(cell) if len(cell) == 10 else cell
    except (TypeError, ValueError):
        return cell


def checked(told: Sequence[JSON], sheet: Path) -> Crosscheck:
    return crosscheck([extraction(one).model_dump(mode="json") for one in told], sheet)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_what_differs_is_what_is_known_to(case: JSON, suffix: str, tmp_path: Path) -> None:
    check = checked(case["told"], sheet_of(case, tmp_path / f"sheet{suffix}"))
    found = [[one.council, one.column, one.verdict, one.ours, one.theirs, one.cell] for one in check.differences]
    assert found == case["differences"]
    assert [[one.council, one.column, one.theirs] for one in check.silent] == case["silent"]
    alone = [[one.side, one.council, one.reason.replace("(row", "(outcomes row")] for one in check.alone]
    assert alone == case["alone"]


def test_a_difference_has_our_words_their_page_and_document(tmp_path: Path) -> None:
    case = KNOWN["case"][1]
    first = checked(case["told"], sheet_of(case, tmp_path / "sheet.xlsx")).differences[0]
    assert (first.document, first.page, first.quote) == ("r.pdf", 3, "ilacs.leaders: good")
    assert (first.sheet, first.inspection, first.derived) == ("outcomes", "2023-06-05", None)


def test_a_derived_length_says_how_it_was_derived(tmp_path: Path) -> None:
    case = KNOWN["case"][8]
    found = checked(case["told"], sheet_of(case, tmp_path / "sheet.csv")).differences
    assert found[1].derived == "by 12 days of fieldwork, 2022-10-07 to 2022-10-18"


@pytest.mark.parametrize("known", KNOWN["day"], ids=lambda known: known["text"])
def test_a_date_is_read_day_first(known: JSON) -> None:
    assert (day(known["text"]) or "") == known["is"]


@pytest.mark.parametrize("known", KNOWN["grade"], ids=lambda known: known["text"])
def test_a_cell_is_a_grade_only_if_it_is_nothing_else(known: JSON) -> None:
    assert (grade(known["text"]) or "") == known["is"]


@pytest.mark.parametrize(("place", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_a_column_has_the_letters_that_spreadsheets_give_it(place: int, name: str) -> None:
    assert letters(place) == name


@pytest.mark.parametrize("above", [0, 1, 5])
def test_the_header_is_found_wherever_it_stands(above: int) -> None:
    rows = [["a title"]] * above + [["Local authority name", "Inspection date"], ["Leeds", "2022-02-21"], [], ["York"]]
    found = table(Grid("x", rows))
    assert found is not None
    assert [(row.number, row.cells["Local authority name"]) for row in found.rows] == [
        (above + 2, "Leeds"),
        (above + 4, "York"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_is_read_however_it_was_saved(delimiter: str, encoding: str, tmp_path: Path) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([["name", "say"], ["Máire", "one\ntwo, ‘three’; four"]])
    (tmp_path / "sheet.csv").write_bytes(out.getvalue().encode(encoding))
    assert grids(tmp_path / "sheet.csv") == [Grid("", [["name", "say"], ["Máire", "one\ntwo, ‘three’; four"]])]


# ── the command, from a drawn report to the sheet ────────────────────────────────────────────────────────────────────

AREAS = {
    "impact_of_leaders_grade": "The impact of leaders on social work practice with children and families",
    "help_and_protection_grade": "The experiences and progress of children who need help and protection",
    "in_care_grade": "The experiences and progress of children in care",
    "care_leavers_grade": "The experiences and progress of care leavers",
    "overall_effectiveness_grade": "Overall effectiveness",
}
PRINTED = dict(zip(AREAS, ["Good", "Requires improvement to be good", "Good", "Good", "Good"], strict=True))
RIGHT = {name: grade.lower().removesuffix(" to be good") for name, grade in PRINTED.items()}
WRONG = RIGHT | {
    "impact_of_leaders_grade": "requires improvement",
    "help_and_protection_grade": "good",
    "care_leavers_grade": "outstanding",
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `extractor extract` makes of a report that is drawn here."""
    folder = tmp_path_factory.mktemp("report")
    canvas = Canvas(str(folder / "knowsley.pdf"), pagesize=A4, invariant=1)
    lines = [
        "Inspection of Knowsley local authority children's services",
        "Inspection dates: 12 to 23 June 2023",
        "Lead inspector: Ann Lee, His Majesty's Inspector",
        "Judgement Grade",
        *(f"{area} {PRINTED[name]}" for name, area in AREAS.items()),
        "Children in Knowsley benefit from services that have become stronger since the last inspection in 2019.",
    ]
    canvas.setFont("Helvetica", 9)  # what runs over the edge of the page is not seen, and not read
    for at, line in enumerate(lines):
        canvas.drawString(60, 780 - 30 * at, line)
    canvas.save()
    out = folder / "outcomes.jsonl"
    assert command("extract", folder / "knowsley.pdf", "--format", "jsonl", "-o", out).status == 0
    return out


def d2i(grades: dict[str, str]) -> list[list[Any]]:
    """A sheet in Data to Insight's layout, with its row of Knowsley and another council's."""
    header = ["local_authority", "inspection_start_date", *AREAS]
    return [
        header,
        ["leeds", "21/02/2022", *RIGHT.values()],
        ["knowsley", "12/06/2023", *(grades[name] for name in AREAS)],
    ]


@pytest.mark.parametrize("suffix", FORMATS)
def test_wrong_grades_in_a_sheet_are_found_from_the_report_alone(suffix: str, outcomes: Path, tmp_path: Path) -> None:
    ran = command("crosscheck", outcomes, write_sheet(tmp_path / f"s{suffix}", d2i(WRONG)), "-o", tmp_path / "d.csv")
    assert ran.status == 1
    assert "6 cells compared: 3 differ" in " ".join(ran.out.split())
    with (tmp_path / "d.csv").open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    wrong = [name for name in AREAS if WRONG[name] != RIGHT[name]]
    assert [(row["column"], row["ours"], row["theirs"]) for row in found] == [
        (name, RIGHT[name], WRONG[name]) for name in wrong
    ]
    for row in found:
        assert PRINTED[row["column"]] in " ".join(row["quote"].split())
        assert (Path(row["document"]).name, row["page"]) == ("knowsley.pdf", "1")


def test_a_right_sheet_is_status_0(outcomes: Path, tmp_path: Path) -> None:
    ran = command("crosscheck", outcomes, write_sheet(tmp_path / "s.xlsx", d2i(RIGHT)))
    assert ran.status == 0
    assert "6 cells compared: 0 differ" in " ".join(ran.out.split())


def test_what_the_layout_writes_is_recognised_and_agrees(outcomes: Path, tmp_path: Path) -> None:
    for layout in ("d2i", "ofsted"):
        for suffix in (".csv", ".xlsx"):
            sheet = tmp_path / f"{layout}{suffix}"
            assert command("table", outcomes, "-o", sheet, "--layout", layout).status == 0
            ran = command("crosscheck", outcomes, sheet, "-o", tmp_path / "found.jsonl")
            assert ran.status == 0
            assert (tmp_path / "found.unjoined.jsonl").read_text() == ""


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".jsonl", ".parquet"])
def test_all_that_was_found_is_written_in_each_format(suffix: str, outcomes: Path, tmp_path: Path) -> None:
    out = tmp_path / f"found{suffix}"
    assert command("crosscheck", outcomes, write_sheet(tmp_path / "s.csv", d2i(WRONG)), "-o", out).status == 1
    names = {path.name for path in tmp_path.iterdir()} - {"s.csv"}
    if suffix == ".xlsx":
        assert names == {"found.xlsx"}
        book = python_calamine.load_workbook(out)
        assert book.sheet_names == ["differences", "silent", "unjoined"]
        assert len(book.get_sheet_by_name("differences").to_python()) == 4
    else:
        assert names == {f"found{suffix}", f"found.silent{suffix}", f"found.unjoined{suffix}"}


def test_what_a_sheet_or_document_says_is_shown_as_text(tmp_path: Path) -> None:
    hostile = "[bold red]good[/]\x1b[31m\x9b31m"
    told = write_lines(
        tmp_path / "told.jsonl",
        [
            {
                "document": f"[link=x]{hostile}.pdf",
                "council": "Leeds",
                "inspection_start": "2022-02-21",
                "overall_grade": "good",
            }
        ],
    )
    sheet = write_sheet(
        tmp_path / "s.csv",
        [["local_authority", "inspection_start_date", "overall_effectiveness_grade"], ["leeds", "21/02/2022", hostile]],
    )
    ran = command("crosscheck", told, sheet)
    assert ran.status == 1
    assert "[bold" in ran.out
    assert "\x1b" not in ran.out
    assert "\x9b" not in ran.out


def far_cell(path: Path) -> None:
    """A workbook of two cells, as far apart as cells can be."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "local_authority")
        sheet.write(1_048_575, 16_383, "x")


UNUSABLE: dict[str, tuple[str, Any]] = {
    "no such file": ("s.xlsx", None),
    "no spreadsheet": ("s.txt", b"local_authority,overall_effectiveness_grade\n"),
    "empty": ("s.xlsx", b""),
    "damaged": ("s.xlsx", b"PK\x03\x04 no more"),
    "another file's bytes": ("s.ods", b"<html>"),
    "no table": ("s.csv", b"name,age\nAnn,41\n"),
    "a council's column and nothing to compare": ("s.csv", b"local_authority,age\nleeds,41\n"),
    "a cell far outside": ("s.xlsx", far_cell),
    "a field without end": ("s.csv", b'local_authority,overall_effectiveness_grade\n"' + b"x" * 200_000),
    "nothing that can be joined": ("s.csv", b"local_authority,overall_effectiveness_grade\nleeds,good\n"),
}


@pytest.mark.parametrize(("name", "made"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_sheet_that_is_of_no_use_is_status_2_and_one_line(
    name: str, made: Any, outcomes: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / name
    if callable(made):
        made(sheet)
    elif made is not None:
        sheet.write_bytes(made)
    ran = command("crosscheck", outcomes, sheet)
    assert ran.status == 2
    assert ran.err.startswith("extractor: ")
    assert len(ran.err.splitlines()) == 1
    assert name in ran.err


def test_a_sheet_is_never_written_over(outcomes: Path, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "s.csv", d2i(WRONG))
    before = sheet.read_bytes()
    ran = command("crosscheck", outcomes, sheet, "-o", sheet)
    assert ran.status == 2
    assert sheet.read_bytes() == before


def test_a_document_error_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "s.xlsx").write_bytes(b"PK")
    with pytest.raises(DocumentError) as raised:
        crosscheck([], tmp_path / "s.xlsx")
    assert raised.value.path == str(tmp_path / "s.xlsx")


def test_lines_of_json_say_the_same_as_the_terminal(
    outcomes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    sheet = write_sheet(tmp_path / "s.csv", d2i(WRONG))
    ran = command("crosscheck", outcomes, sheet, "-o", tmp_path / "found.jsonl")
    for line in (tmp_path / "found.jsonl").read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        assert told["ours"] in ran.out
        assert told["cell"] in ran.out
    (theirs,) = map(json.loads, (tmp_path / "found.unjoined.jsonl").read_text(encoding="utf-8").splitlines())
    assert (theirs["side"], theirs["council"], theirs["reason"]) == (
        "theirs",
        "leeds",
        "no document of ours is about this council",
    )
