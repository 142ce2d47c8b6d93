"""The offline engine against known answers: the examples, single sentences, and the labelled seeds."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from extractor import Document, extract
from extractor.folding import fold

JSON = dict[str, Any]

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
KNOWN: JSON = tomllib.loads((HERE / "data" / "offline.toml").read_text(encoding="utf-8"))
SEEDS = sorted((HERE.parent.parent / "shared" / "seeds").glob("*.json"))
OPENING = "Ofsted has inspected Torbay Council's work with children and families.\n\n"


def record_of(source: Path | Document) -> JSON:
    """The one record that the engine makes of the source."""
    record: JSON
    (record,) = json.loads(extract(source).model_dump_json())["records"]
    return record


@cache
def example(name: str) -> JSON:
    return record_of(EXAMPLES / name)


def judgements(record: JSON) -> list[list[str]]:
    return sorted([item["area_code"] or fold(item["area"]).lower(), item["grade"]] for item in record["judgements"])


def same_previous(found: list[JSON], known: list[list[str]]) -> bool:
    """Whether the older grades are the known ones; a known area is some of the found one's words."""

    def fits(item: JSON, area: str, grade: str, date: str) -> bool:
        told = (item["area"] or "").lower()
        return (bool(told) == bool(area)) and area in told and (item["grade"], item["date"] or "") == (grade, date)

    return len(found) == len(known) and all(any(fits(item, *row) for item in found) for row in known)


# ── the examples ─────────────────────────────────────────────────────────────────────────────────────────────────────

CHECKS: dict[str, Callable[[JSON], Any]] = {
    "council": lambda record: [record["authority"]["name"], record["authority"]["gss_code"]],
    "framework": lambda record: [record["framework"] or "", record["framework_basis"] or ""],
    "type": lambda record: record["inspection_type"] or "",
    "dates": lambda record: [
        record[field] or "" for field in ("inspection_start", "inspection_end", "report_published")
    ],
    "lead": lambda record: record["lead_inspectors"],
    "overall": lambda record: record["overall_grade"] or record["overall_grade_absent"],
    "claims": lambda record: [[item["speaker"], item["grade"]] for item in record["claims"]],
    "people": lambda record: sorted(item["name"] for item in record["people"]),
}


@pytest.mark.parametrize("field", CHECKS)
@pytest.mark.parametrize("known", KNOWN["document"], ids=lambda known: known["file"])
def test_the_examples_come_out_as_a_person_reads_them(known: JSON, field: str) -> None:
    assert CHECKS[field](example(known["file"])) == known[field]


@pytest.mark.parametrize("known", KNOWN["document"], ids=lambda known: known["file"])
def test_the_examples_have_their_judgements_and_no_other(known: JSON) -> None:
    assert judgements(example(known["file"])) == sorted(known["judgements"])


@pytest.mark.parametrize("known", KNOWN["document"], ids=lambda known: known["file"])
def test_the_examples_older_grades_are_kept_apart(known: JSON) -> None:
    found = example(known["file"])["previous_judgements"]
    assert same_previous(found, known["previous"]), found


@pytest.mark.parametrize("known", KNOWN["document"], ids=lambda known: known["file"])
def test_the_examples_dates_are_those_of_the_document(known: JSON) -> None:
    assert (extract(EXAMPLES / known["file"]).source.published or "") == known["published"]


@pytest.mark.parametrize("known", KNOWN["document"], ids=lambda known: known["file"])
def test_the_rules_propose_nothing_for_the_examples_that_their_own_check_withholds(known: JSON) -> None:
    assert extract(EXAMPLES / known["file"]).withheld == []


# ── sentences ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("known", KNOWN["sentence"], ids=lambda known: known["what"])
def test_a_sentence_holds_these_grades_and_no_other(known: JSON) -> None:
    record = record_of(Document.from_text(f"{OPENING}{known['text'].strip()}\n"))
    assert judgements(record) == sorted(known.get("judgements", []))
    assert (record["overall_grade"] or "") == known.get("overall", "")
    assert same_previous(record["previous_judgements"], known.get("previous", [])), record["previous_judgements"]
    assert [[item["speaker"], item["grade"]] for item in record["claims"]] == known.get("claims", [])


def test_the_order_of_paragraphs_changes_no_grade() -> None:
    text = (EXAMPLES / "many-grades.txt").read_text(encoding="utf-8")
    head, date, *paragraphs = text.split("\n\n")
    turned = record_of(Document.from_text("\n\n".join([head, date, *reversed(paragraphs)])))
    assert judgements(turned) == judgements(example("many-grades.txt"))


@pytest.mark.parametrize(
    "change", [str.upper, lambda text: text.replace("\n", "\r\n"), lambda text: f"\n\n {text}  \n"]
)
def test_the_dress_of_a_text_changes_no_grade(change: Callable[[str], str]) -> None:
    line = "Overall effectiveness: good\n\nThe experiences and progress of children in care: outstanding\n"
    record = record_of(Document.from_text(OPENING + change(line)))
    assert (record["overall_grade"], judgements(record)) == ("good", [["ilacs.in_care", "outstanding"]])


# ── the seeds, where they are ────────────────────────────────────────────────────────────────────────────────────────


def plain(item: Any) -> Any:
    """A label's value without its quote."""
    return item["value"] if isinstance(item, dict) and "value" in item and "measure" not in item else item


SEED_FIELDS: dict[str, Callable[[JSON], Any]] = {
    "authority": lambda record: (record["authority"]["gss_code"], record["authority"]["as_written"]),
    "inspectorates": lambda record: [plain(item) for item in record["inspectorates"]],
    "framework and basis": lambda record: (plain(record["framework"]), record["framework_basis"]),
    "inspection_start": lambda record: plain(record["inspection_start"]),
    "inspection_end": lambda record: plain(record["inspection_end"]),
    "report_published": lambda record: plain(record["report_published"]),
    "overall grade or reason": lambda record: plain(record["overall_grade"]) or record["overall_grade_absent"],
    "judgements": judgements,
    "previous judgements": lambda record: record["previous_judgements"],
    "claims": lambda record: [(item["speaker"], item["area"], item["grade"]) for item in record["claims"]],
    "counts": lambda record: sorted(
        (item["value"], item["unit"], item["qualifier"], item["as_of"] or "", item["scope"])
        for item in record["counts"]
    ),
    "people": lambda record: sorted(
        (item["name"], item["role"], item["organisation"] or "") for item in record["people"]
    ),
    "statements": lambda record: sorted(
        (item["speaker"], fold(item["text"]), item["direct"]) for item in record["statements"]
    ),
}


@pytest.mark.skipif(not SEEDS, reason="../shared/seeds is not here")
@pytest.mark.parametrize("field", SEED_FIELDS)
@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem[:3])
def test_the_seeds_come_out_as_their_labels_say(path: Path, field: str) -> None:
    (label,) = json.loads(path.read_text(encoding="utf-8"))["records"]
    extraction = extract(path.with_suffix(".txt"))
    (found,) = json.loads(extraction.model_dump_json())["records"]
    assert SEED_FIELDS[field](found) == SEED_FIELDS[field](label)
