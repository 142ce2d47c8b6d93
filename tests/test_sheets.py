"""Records as sheets: every format gives back the same cells, and no text becomes anything but text."""

from __future__ import annotations

import csv
import json
import math
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st
from smallsheets import command, extraction, write_lines
from started import Started

from extractor.errors import SettingsError
from extractor.schemas.extraction import Extraction
from extractor.schemas.inspection import InspectionRecord
from extractor.sheets.cells import Cell, cell
from extractor.sheets.extra import needed
from extractor.sheets.files import SINGLES, WORKBOOK, homes, writing
from extractor.sheets.rows import ITEMS, rows
from extractor.sheets.sheet import Column, Sheet, sheets
from extractor.sheets.workbook import Workbook

JSON = dict[str, Any]
Cells = dict[str, list[tuple[Cell, ...]]]

KNOWN = tomllib.loads((Path(__file__).parent / "data" / "sheets.toml").read_text(encoding="utf-8"))
SUFFIXES = [WORKBOOK, *SINGLES]
ARTICLE = Path(__file__).parent.parent / "examples" / "many-grades.txt"
DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\t=1",
    "\r=1",
    "'=1",
    "=cmd|' /C calc'!A1",
    "＝1",
    "_x0041_",
    " x ",
    "\n",
    "[/red]",
]


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("known", KNOWN["rows"], ids=lambda known: known["name"])
def test_an_extraction_is_the_rows_that_are_known(known: JSON) -> None:
    record = InspectionRecord.model_validate({**known["record"], "previous_judgements": []}).model_dump(mode="json")
    record["previous_judgements"] = known["record"]["previous_judgements"]
    made = {
        "source": {
            "path": "reports/a.pdf",
            "pages": 9,
            "published": None,
            "media_type": "application/pdf",
            "sha256": "abc",
        },
        "engine": "offline",
        "model": None,
        "prompt": None,
        "extractor_version": "1.2.3",
        "records": [record],
        "evidence": [
            {"field": field, "quote": quote, "spans": [[10, 20, page]], "verdict": "verified", "support": "yes"}
            for field, (quote, page) in known["evidence"].items()
        ],
        "withheld": [],
        "warnings": [],
        "error": None,
    }
    expected = {sheet.name: [sheet.cells(row) for row in known["expected"][sheet.name]] for sheet in sheets()}
    assert cells_of([made]) == expected


def test_every_field_of_the_record_has_a_column() -> None:
    columns = {sheet.name: {column.name for column in sheet.columns} for sheet in sheets()}
    fields = InspectionRecord.model_fields
    assert set(fields) - set(ITEMS) <= columns["inspections"]
    for name in ITEMS:
        (item,) = fields[name].annotation.__args__  # type: ignore[union-attr]
        assert set(item.model_fields) <= columns[name]


def test_what_went_wrong_is_told_document_by_document() -> None:
    told = [
        extraction({"document": "a.txt", "error": "a.txt: no text at all. Check it."}).model_dump(mode="json"),
        Extraction.model_validate({"source": {"path": "b.txt"}, "engine": "offline"}).model_dump(mode="json"),
        Extraction.model_validate(
            {
                "source": {"path": "c.txt"},
                "engine": "offline",
                "records": [{"of": "my own schema"}],
                "withheld": [{"field": "/records/0/x", "value": {"a": 1}, "model_quote": "q", "reason": "nowhere"}],
                "warnings": [{"code": "date_candidates", "field": None, "message": "which year?"}],
            }
        ).model_dump(mode="json"),
    ]
    problems = [row for data in told for name, row in rows(data) if name == "problems"]
    assert [(row["document"], row["kind"]) for row in problems] == [
        ("a.txt", "failed"),
        ("b.txt", "no inspection"),
        ("c.txt", "schema"),
        ("c.txt", "withheld"),
        ("c.txt", "warning"),
    ]
    assert problems[0]["message"] == "a.txt: no text at all. Check it."
    assert problems[3]["value"] == "1"


@pytest.mark.parametrize("known", KNOWN["cell"], ids=lambda known: repr(known["value"]))
def test_a_value_is_the_cell_that_is_known(known: JSON) -> None:
    assert cell(known["value"]) == (None if known["is"] == "" else known["is"])


# ── every format gives back the same cells ───────────────────────────────────────────────────────────────────────────

TEXT = st.one_of(
    st.text(max_size=12), st.sampled_from(DANGEROUS), st.text("=+-@'\t\r\n_x00\ud800\ufffe\x0b", max_size=6)
)
MAYBE = st.none() | TEXT
EDTF = st.sampled_from(
    ["2023-02-06", "2023-02", "2023", "XXXX-02-06", "1899-12-31", "1900-02-28", "2023-02-30", "20XX"]
)
NUMBER = st.none() | st.integers() | st.floats()
KINDS = {"text": MAYBE, "date": st.none() | EDTF, "number": NUMBER, "integer": st.none() | st.integers(0, 10**6)}
KINDS["boolean"] = st.none() | st.booleans()


def part(names: list[str], **kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[JSON]:
    """Objects with these keys, their values text where nothing else is said."""
    return st.fixed_dictionaries({name: kinds.get(name, MAYBE) for name in names})


def records() -> st.SearchStrategy[JSON]:
    """Records with any text in any field."""
    made: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(InspectionRecord.model_fields, MAYBE)
    for name in ITEMS:
        (item,) = InspectionRecord.model_fields[name].annotation.__args__  # type: ignore[union-attr]
        one = part(list(item.model_fields), date=EDTF, as_of=EDTF, value=NUMBER, direct=st.booleans())
        made[name] = st.lists(one, max_size=2)
    made["authority"] = st.none() | part(["name", "as_written", "gss_code", "la_code"])
    made |= {name: st.lists(TEXT, max_size=2) for name in ("inspectorates", "lead_inspectors")}
    made |= {name: st.none() | EDTF for name in ("inspection_start", "inspection_end", "report_published")}
    return st.fixed_dictionaries(made)


EVIDENCE = part(
    ["field", "quote", "verdict", "support", "basis", "model_quote"],
    field=st.sampled_from(["/records/0/authority", "/records/0/judgements/0", "/records/0/outcome", "/x/~1", ""]),
    quote=TEXT,
).flatmap(
    lambda one: st.sampled_from([[], [[0, 5, 2]], [[0, 5, None], [7, 9, None]]]).map(lambda s: one | {"spans": s})
)

EXTRACTIONS = st.fixed_dictionaries(
    {
        "source": part(["path", "pages", "published", "media_type", "sha256"], pages=st.none() | st.integers(1, 99)),
        "engine": st.just("llm"),
        "model": MAYBE,
        "prompt": st.none() | part(["name", "sha256"]),
        "extractor_version": TEXT,
        "records": st.lists(records() | part(["my_own"]), max_size=2),
        "evidence": st.lists(EVIDENCE, max_size=2),
        "withheld": st.lists(part(["field", "value", "model_quote", "reason"]), max_size=1),
        "warnings": st.lists(part(["code", "field", "message"]), max_size=1),
        "error": st.none() | part(["type", "message"]),
    }
)


@settings(max_examples=60)
@given(st.lists(EXTRACTIONS, max_size=2))
def test_every_format_gives_back_the_same_cells(made: list[JSON]) -> None:
    expected = cells_of(made)
    for suffix in SUFFIXES:
        with TemporaryDirectory() as folder:
            out = Path(folder) / f"out{suffix}"
            with writing(out, sheets()) as written:
                for data in made:
                    for name, row in rows(data):
                        written.add(name, row)
            assert read_back(out, sheets()) == expected, suffix
            assert {name: len(found) for name, found in expected.items()} == dict(written.rows)


@given(st.lists(st.fixed_dictionaries(dict(KINDS)), min_size=1, max_size=3))
def test_every_kind_of_cell_comes_back_from_every_format(made: list[JSON]) -> None:
    sheet = Sheet("kinds", (Column("document"), *(Column(kind, kind) for kind in KINDS)))  # type: ignore[arg-type]
    made = [row | {"document": "a.txt"} for row in made]  # every row of ours says where it is from
    for suffix in SUFFIXES:
        with TemporaryDirectory() as folder:
            out = Path(folder) / f"out{suffix}"
            with writing(out, [sheet]) as written:
                for row in made:
                    written.add("kinds", row)
            assert read_back(out, [sheet]) == {"kinds": [sheet.cells(row) for row in made]}, suffix


def cells_of(made: list[JSON]) -> Cells:
    """The cells that Extractions (as JSON data) come to, by sheet."""
    by_name = {sheet.name: sheet for sheet in sheets()}
    found: Cells = {name: [] for name in by_name}
    for data in made:
        for name, row in rows(data):
            found[name].append(by_name[name].cells(row))
    return found


def read_back(out: Path, written: Any) -> Cells:
    """The cells of each sheet as the file has them, read with another library where there is one."""
    files = homes(out, written)
    return {sheet.name: list(READ[out.suffix](files[sheet.name], sheet)) for sheet in written}


def from_csv(path: Path, sheet: Sheet) -> Iterator[tuple[Cell, ...]]:
    with path.open(encoding="utf-8", newline="") as stream:
        head, *lines = csv.reader(stream)
    assert head == [column.name for column in sheet.columns]
    for line in lines:
        yield tuple(typed(column, text) for column, text in zip(sheet.columns, line, strict=True))


def typed(column: Column, text: str) -> Cell:
    """A field of CSV as the cell that it was: one apostrophe less where one was put."""
    if text == "":
        return None
    if column.kind == "boolean":
        return {"true": True, "false": False}[text]
    if column.kind in ("integer", "number"):
        return cell(float(text))
    return re.sub(r"^'('*(?:[\s\u200b-\u200f\u2060-\u2064\ufeff]*[=+\-@＝＋－＠]|[\t\r]))", r"\1", text)


def from_lines(path: Path, sheet: Sheet) -> Iterator[tuple[Cell, ...]]:
    with path.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            yield tuple(json.loads(line)[column.name] for column in sheet.columns)


def from_parquet(path: Path, sheet: Sheet) -> Iterator[tuple[Cell, ...]]:
    table = pyarrow.parquet.read_table(path)
    assert table.column_names == [column.name for column in sheet.columns]
    for row in table.to_pylist():
        yield tuple(cell(value) for value in row.values())


def from_workbook(path: Path, sheet: Sheet) -> Iterator[tuple[Cell, ...]]:
    head, *lines = python_calamine.load_workbook(path).get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
    assert head == [column.name for column in sheet.columns]
    for line in lines:
        yield tuple(None if one == "" else one.isoformat() if isinstance(one, date) else shrunk(one) for one in line)


def shrunk(value: Any) -> Cell:
    """A number as a cell; anything else as it is."""
    return cell(value) if isinstance(value, float) else value  # type: ignore[no-any-return]


READ = {".csv": from_csv, ".jsonl": from_lines, ".parquet": from_parquet, ".xlsx": from_workbook}


# ── what a spreadsheet program makes of it ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("known", KNOWN["guarded"], ids=lambda known: known["text"])
@pytest.mark.parametrize("raw", [False, True])
def test_text_that_begins_as_a_formula_has_an_apostrophe_in_csv(known: JSON, raw: bool, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    sheet = Sheet("one", (Column("text"), Column("value", "number")))
    with writing(out, [sheet], raw=raw) as written:
        written.add("one", {"text": known["text"], "value": -5})
    with out.open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream))[1] == [known["text"] if raw else known["is"], "-5"]


def test_a_workbook_has_text_and_no_formula(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    sheet = Sheet("one", (Column("text"), Column("day", "date"), Column("value", "number"), Column("value_quote")))
    with writing(out, [sheet]) as written:
        for text in DANGEROUS:
            written.add("one", {"text": text, "day": text, "value": 7, "value_quote": text})
        written.add("one", {"text": "http://example.org/", "day": "2023-02-06"})
    xml = parts(out)["xl/worksheets/sheet1.xml"]
    assert "<f>" not in xml
    assert "<hyperlink" not in xml
    assert xml.count('t="inlineStr"') == 4 + 3 * len(DANGEROUS) + 1
    assert 'state="frozen"' in xml
    assert f'<autoFilter ref="A1:D{len(DANGEROUS) + 2}"/>' in xml
    assert re.search(r'<col min="4" max="4" width="60[^>]*outlineLevel="1"', xml)
    rows_read = python_calamine.load_workbook(out).get_sheet_by_name("one").to_python()
    assert rows_read[-1][1] == date(2023, 2, 6)
    assert rows_read[1][2] == 7


def test_text_longer_than_a_cell_is_cut_and_counted(tmp_path: Path) -> None:
    sheet = Sheet("one", (Column("text"),))
    longest = ["x" * 32_767, "x" * 32_768, "😀" * 16_384]
    with writing(tmp_path / "out.xlsx", [sheet]) as written:
        for text in longest:
            written.add("one", {"text": text})
    read = [row[0] for row in from_workbook(tmp_path / "out.xlsx", sheet)]
    assert read == [longest[0], "x" * 32_766 + "…", "😀" * 16_383 + "…"]
    assert written.cut == 2


def test_more_rows_than_a_sheet_has_go_on_in_a_further_one(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    book = Workbook(out, [Sheet("evidence", (Column("text"),))], rows=2)
    for text in ("a", "b", "c", "d", "e"):
        book.add("evidence", [text])
    book.close()
    read = python_calamine.load_workbook(out)
    held = [read.get_sheet_by_name(name).to_python() for name in read.sheet_names]
    assert read.sheet_names == ["evidence", "evidence 2", "evidence 3"]
    assert held == [[["text"], ["a"], ["b"]], [["text"], ["c"], ["d"]], [["text"], ["e"]]]


def parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


# ── files: whole or not at all, and nowhere else ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_run_that_breaks_leaves_the_file_that_was_there(suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"out{suffix}"
    out.write_text("before")

    def broken() -> None:
        with writing(out, sheets()) as written:
            written.add("people", {"name": "Ann Lee"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert out.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_an_interrupted_run_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    out.write_text("before")
    run = Started("table", "-", "-o", out)
    assert run.until(lambda: any(tmp_path.glob(".out.xlsx.*.part")))
    run.interrupt()
    assert run.ended()[0] == 130
    assert out.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["out.xlsx"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_name_in_a_document_moves_a_file(suffix: str, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "out"
    folder.mkdir(parents=True)
    told = write_lines(tmp_path / "told.jsonl", [{"document": "../../../x\0.csv", "overall_grade": "good"}])
    assert command("table", told, "-o", folder / f"o{suffix}").status == 0
    assert {path.parent for path in tmp_path.rglob("o*") if path.is_file()} == {folder}
    names = ["o.xlsx"] if suffix == WORKBOOK else sorted([f"o{suffix}", *(f"o.{s.name}{suffix}" for s in sheets()[1:])])
    assert sorted(path.name for path in folder.iterdir()) == names


@pytest.mark.parametrize("name", ["out.doc", "out", "no/such/folder/out.csv", "no/such/folder/out.xlsx"])
def test_a_file_that_cannot_be_written_is_status_2(name: str, tmp_path: Path) -> None:
    ran = command("table", ARTICLE, "-o", tmp_path / name)
    assert ran.status == 2
    assert name in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_what_is_read_is_never_written_over(suffix: str, tmp_path: Path) -> None:
    told = write_lines(tmp_path / "told.jsonl", [{"document": "a.txt"}])
    before = told.read_bytes()
    (tmp_path / "told.csv").write_text("a document\n")
    read = tmp_path / f"told{suffix}"
    ran = command("table", told, *([read] if suffix == ".csv" else []), "-o", read)
    assert ran.status == 2
    assert "written over" in ran.err
    assert told.read_bytes() == before


def test_a_missing_package_is_named_with_the_extra_that_brings_it() -> None:
    with pytest.raises(SettingsError, match=r"no_such_package.*pip install 'extractor\[tables\]'"):
        needed("no_such_package.inside", ".xlsx")


@pytest.mark.parametrize(("package", "suffix"), [("xlsxwriter", "xlsx"), ("pyarrow", "parquet")])
def test_without_the_extra_nothing_is_read_or_written(package: str, suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"out.{suffix}"
    code = f"import sys; sys.modules[{package!r}] = None; from extractor.cli import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", code, "table", str(ARTICLE), "-o", str(out)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[-1].endswith("pip install 'extractor[tables]'")
    assert list(tmp_path.iterdir()) == []


# ── the command ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_documents_and_saved_extractions_stand_in_one_table(tmp_path: Path) -> None:
    told = write_lines(
        tmp_path / "told.jsonl", [{"document": "halton.pdf", "council": "Halton", "overall_grade": "good"}]
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "story.txt").write_text(ARTICLE.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "in" / "picture.png").write_bytes(b"\x89PNG")
    ran = command("table", tmp_path / "in", told, "-o", tmp_path / "out.csv")
    assert ran.status == 0
    assert "2 documents read, 1 with other suffixes passed over" in ran.err
    read = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8")))
    assert sorted(Path(row["document"]).name for row in read) == ["halton.pdf", "story.txt"]
    judged = list(csv.DictReader((tmp_path / "out.judgements.csv").open(encoding="utf-8")))
    assert ("adoption", "good") in {(row["area_code"].rpartition(".")[2], row["grade"]) for row in judged}


def test_a_failed_document_is_a_row_and_status_1(tmp_path: Path) -> None:
    ran = command("table", tmp_path / "missing.txt", ARTICLE, "-o", tmp_path / "out.jsonl")
    assert ran.status == 1
    assert "1 documents read, 1 failed" in ran.err
    problems = [json.loads(line) for line in (tmp_path / "out.problems.jsonl").read_text().splitlines()]
    assert [(one["kind"], one["code"]) for one in problems] == [("failed", "MissingDocument")]


@pytest.mark.parametrize("line", ["{}", "not JSON", '{"sheet": "inspections"}'])
def test_a_file_of_something_else_is_status_2_and_says_where(line: str, tmp_path: Path) -> None:
    told = write_lines(tmp_path / "told.jsonl", [{"document": "a.txt"}])
    told.write_text(told.read_text() + "\n" + line + "\n")
    ran = command("table", told, "-o", tmp_path / "out.csv")
    assert ran.status == 2
    assert "told.jsonl, line 3: this is not an Extraction" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["told.jsonl"]


def test_one_documents_json_is_read_too(tmp_path: Path) -> None:
    told = tmp_path / "one.json"
    told.write_text(extraction({"document": "a.txt", "council": "Leeds"}).model_dump_json(indent=1), encoding="utf-8")
    assert command("table", told, "-o", tmp_path / "out.jsonl").status == 0
    assert json.loads((tmp_path / "out.jsonl").read_text())["council"] == "Leeds"


def test_a_number_is_never_infinite() -> None:
    assert cell(10**400) is None
    assert cell(math.pi) == 3.14159265358979
