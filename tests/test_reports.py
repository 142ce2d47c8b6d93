"""Official reports of every framework, drawn as their layouts are: each field against its known answer, and laws."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from drawnreport import drawn_report
from hypothesis import given
from hypothesis import strategies as st

from extractor import Document, extract
from extractor.domain.areas import areas
from extractor.domain.tables import rows
from extractor.readers import read_bytes

JSON = dict[str, Any]

HERE = Path(__file__).parent
DRAWN: JSON = tomllib.loads((HERE / "data" / "reports.toml").read_text(encoding="utf-8"))
REPORTS: dict[str, JSON] = {report["what"]: report for report in DRAWN["report"]}


@cache
def pdf_of(what: str) -> bytes:
    return drawn_report(REPORTS[what], DRAWN["body"])


@cache
def extraction_of(what: str) -> JSON:
    """What the offline engine makes of the drawn report, as JSON."""
    extraction: JSON = json.loads(extract(read_bytes(pdf_of(what), "report.pdf")).model_dump_json())
    return extraction


def record_of(text: str) -> JSON:
    """The one record of a text."""
    record: JSON
    (record,) = json.loads(extract(Document.from_text(text)).model_dump_json())["records"]
    return record


def judged(record: JSON) -> list[list[str]]:
    return sorted([item["area_code"] or item["area"], item["grade"]] for item in record["judgements"])


FIELDS: dict[str, Callable[[JSON], Any]] = {
    "authority": lambda record: record["authority"]["name"],
    "framework": lambda record: record["framework"] or "",
    "type": lambda record: record["inspection_type"] or "",
    "leads": lambda record: record["lead_inspectors"],
    "days": lambda record: [record["inspection_start"] or "", record["inspection_end"] or ""],
    "published": lambda record: record["report_published"] or "",
    "overall": lambda record: record["overall_grade"] or record["overall_grade_absent"],
    "judgements": judged,
}
SAID = [(what, field) for what, report in REPORTS.items() for field in FIELDS if field in report["known"]]


@pytest.mark.parametrize(("what", "field"), SAID)
def test_a_report_says_what_its_layout_says(what: str, field: str) -> None:
    known = REPORTS[what]["known"][field]
    (record,) = extraction_of(what)["records"]
    assert FIELDS[field](record) == (sorted(known) if field == "judgements" else known)


@pytest.mark.parametrize("what", REPORTS)
def test_two_grades_for_one_area_are_a_warning_that_names_both(what: str) -> None:
    warned = [one for one in extraction_of(what)["warnings"] if one["code"] == "grade_differs"]
    known = REPORTS[what]["known"].get("warned", [])
    assert len(warned) == len(known)
    for one, (code, *words) in zip(warned, known, strict=True):
        assert one["code"] == code
        assert [word for word in words if word not in one["message"]] == []


@pytest.mark.parametrize("what", REPORTS)
def test_what_the_rules_read_in_a_report_stands_on_its_page(what: str) -> None:
    extraction = extraction_of(what)
    assert extraction["withheld"] == []
    document = read_bytes(pdf_of(what), "report.pdf")
    for item in extraction["evidence"]:
        assert item["verdict"] == "verified"
        for start, end, page in item["spans"]:
            first, last = document.pages[page - 1]
            assert first <= start < end <= last
    graded = [item for item in extraction["evidence"] if "/judgements/" in item["field"] or "overall" in item["field"]]
    unsure = [item["quote"] for item in graded if item["support"] != "yes"]
    assert len(unsure) == REPORTS[what]["known"].get("unsure", 0), unsure


@pytest.mark.parametrize("what", [what for what in REPORTS if "'s letter" in what])
def test_a_letter_recalls_the_standing_grade_and_gives_none(what: str) -> None:
    (record,) = extraction_of(what)["records"]
    assert [record["overall_grade"], record["judgements"]] == [None, []]
    assert [item["grade"] for item in record["previous_judgements"]] == REPORTS[what]["known"]["recalled"]


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

TITLES = {
    "ILACS": "Inspection of Rutland local authority children’s services",
    "SIF": "Rutland County Council\nInspection of services for children in need of help and protection, children looked"
    " after and care leavers",
}
TABLES = {
    "ILACS": [
        *(area.heading for area in areas() if area.framework == "ILACS" and area.code != "ilacs.in_care_and_leavers"),
        "Overall effectiveness",
    ],
    "SIF": [area.heading for area in areas() if area.framework == "SIF" and area.code != "sif.board"],
}
PRINTED = ("Outstanding", "Good", "Requires improvement to be good", "Requires improvement", "Inadequate")
SITS = {"top": 0, "middle": 0.5, "bottom": 1}


def table(cells: Sequence[tuple[str, str]], order: str, sits: str, widths: tuple[int, int]) -> str:
    """The text of a table of areas and grades as a reader of PDFs meets it: row by row, line by line or in columns.

    "near" takes words less than a line apart for one line, as readers of PDFs do.
    """
    placed: list[tuple[int, float, int, str]] = []
    above = 0.0
    for number, pair in enumerate(cells):
        wrapped = [textwrap.wrap(cell, width) for cell, width in zip(pair, widths, strict=True)]
        height = max(map(len, wrapped))
        for column, lines in enumerate(wrapped):
            free = (height - len(lines)) * SITS[sits]
            placed += [(number, above + free + line, column, text) for line, text in enumerate(lines)]
        above += height
    if order in ("lines", "near"):
        by_line: dict[float, list[tuple[float, int, str]]] = {}
        for _, depth, column, text in placed:
            by_line.setdefault(depth if order == "lines" else depth // 1, []).append((depth, column, text))
        return "\n".join(" ".join(text for *_, text in sorted(by_line[line])) for line in sorted(by_line))
    kept = sorted(placed, key=lambda one: (one[0], one[2]) if order == "rows" else (one[2], one[0]))
    return "\n".join(text for _, _, _, text in kept)


@given(
    st.sampled_from(sorted(TABLES)),
    st.lists(st.sampled_from(PRINTED), min_size=5, max_size=5),
    st.sampled_from(["rows", "lines", "near", "columns"]),
    st.sampled_from(sorted(SITS)),
    st.tuples(st.integers(22, 95), st.integers(12, 40)),
)
def test_a_table_says_the_same_however_its_cells_are_wrapped_and_read(
    framework: str, grades: list[str], order: str, sits: str, widths: tuple[int, int]
) -> None:
    cells = table(list(zip(TABLES[framework], grades, strict=True)), order, sits, widths)
    days = "Inspection dates: 3 to 14 March 2025"
    text = f"{TITLES[framework]}\n{days}\nJudgement Grade\n{cells}\nOfsted came in 2019 too.\n"
    record = record_of(text)
    read = [item["grade"] for item in record["judgements"]] + [record["overall_grade"]] * (framework == "ILACS")
    assert read == [grade.lower().removesuffix(" to be good") for grade in grades]


@pytest.mark.parametrize("council", rows("authorities.csv"), ids=lambda row: row["name"])
def test_a_title_names_its_council_whatever_others_the_text_names(council: dict[str, str]) -> None:
    year = max(2014, int(council["valid_from"][:4] or 0) + 1)
    if council["valid_to"] and council["valid_to"] < f"{year}-03":
        return
    for name in (council["name"], council["official_long_name"]):
        title = "\n".join(textwrap.wrap(f"Inspection of {name} children’s services", 34, break_on_hyphens=False))
        neighbours = "Ofsted has seen help from Kent, Leeds and Bury. In Kent, Leeds and Bury services are good. " * 6
        record = record_of(f"{title}\nInspection dates: 3 to 14 March {year}\n\n{neighbours}\n")
        assert record["authority"]["gss_code"] == council["gss_code"]


# ── the command that measures it ─────────────────────────────────────────────────────────────────────────────────────


def test_the_bench_counts_names_each_miss_and_goes_on_past_a_file_that_is_no_report(tmp_path: Path) -> None:
    """One report as it is labelled, one labelled otherwise, and a web page under a PDF's name."""
    labels = []
    for number, report in enumerate(DRAWN["report"][:2]):
        known = report["known"]
        path = tmp_path / f"report-{number}.pdf"
        path.write_bytes(pdf_of(report["what"]))
        labels.append(
            {
                "file": path.name,
                "pages": 8,
                "authority": known["authority"],
                "framework": known["framework"],
                "lead_inspector": " and ".join(known["leads"]),
                "inspection_start": known["days"][0],
                "inspection_end": known["days"][1],
                "published": known["published"] or None,
                "overall": known["overall"],
                "judgements": [{"area": code, "grade": grade} for code, grade in known["judgements"]],
            }
        )
    labels[1]["overall"] = "good"
    (tmp_path / "page.pdf").write_text("<!doctype html><title>Not found</title>", encoding="utf-8")
    labels.append(dict.fromkeys(labels[0]) | {"file": "page.pdf", "pages": 0, "authority": "York", "judgements": []})
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, labels)), encoding="utf-8")
    bench = HERE.parent / "bench" / "reports.py"
    told = subprocess.run([sys.executable, bench, tmp_path], capture_output=True, text=True, check=True).stdout
    counts = {cells[1].strip(): cells[2:5] for line in told.splitlines() if len(cells := line.split("│")) == 6}
    assert {name: [int(cell) for cell in cells] for name, cells in counts.items()} == {
        "authority": [2, 2, 0],
        "framework": [2, 2, 0],
        "lead inspectors": [3, 3, 0],
        "start": [2, 2, 0],
        "end": [2, 2, 0],
        "published": [0, 0, 0],
        "overall": [1, 2, 0],
        "judgements": [6, 6, 0],
    }
    assert "report-1.pdf · overall: read inadequate, labelled good" in told
    assert "MislabelledDocument" in told
    assert "times the text alone" in told
    assert "peak memory" in told
