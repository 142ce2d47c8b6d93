"""The second opinion: where the rules read a grade or a date otherwise than the model, and nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakeserver import FakeServer, answer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from typer.testing import CliRunner

from extractor import Document, Extraction, extract
from extractor.cli import app
from extractor.edtf import agree
from extractor.schemas.extraction import Evidence
from extractor.schemas.inspection import InspectionRecord
from extractor.second_opinion import CONTRADICTED, ONE_SIDED, Opinion, second_opinion

JSON = dict[str, Any]
Serve = Callable[..., FakeServer]

TEXT = """\
Inspection of Torbay Council children’s services
Friday 10 May 2024

Ofsted inspected children’s services in Torbay from 4 to 15 March 2024. They were rated good overall.

The experiences and progress of care leavers were judged outstanding, and the impact of leaders on social work practice
was judged good. In 2018, the council was rated inadequate overall by the same inspectorate.
"""
WHEN = "Ofsted inspected children’s services in Torbay from 4 to 15 March 2024"
RECORD: JSON = {
    "authority": {"quote": "Inspection of Torbay Council children’s services", "as_written": "Torbay Council"},
    "inspection_start": {"quote": WHEN, "words": "4 to 15 March 2024"},
    "inspection_end": {"quote": WHEN, "words": "15 March 2024"},
    "overall_grade": {"quote": "They were rated good overall", "value": "good"},
    "judgements": [
        {
            "quote": "The experiences and progress of care leavers were judged outstanding",
            "area": "The experiences and progress of care leavers",
            "grade": "outstanding",
        },
        {
            "quote": "the impact of leaders on social work practice\nwas judged good",
            "area": "the impact of leaders on social work practice",
            "grade": "good",
        },
    ],
}


def asked(serve: Serve, *records: JSON, text: str = TEXT, **arguments: Any) -> Extraction:
    """What comes of a model that answers with these records."""
    server = serve(answer({"records": list(records)}))
    told = {"journal": False, "max_reasks": 0, **arguments}
    return extract(Document.from_text(text), model="openai/fake", base_url=server.base_url, **told)


def opinions(extraction: Extraction) -> list[tuple[str, str | None]]:
    return [(one.code, one.field) for one in extraction.warnings if one.code.startswith("second_opinion")]


def record(**changes: Any) -> JSON:
    return {**copy.deepcopy(RECORD), **changes}


# ── what it says ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_where_both_read_the_same_nothing_is_said(serve: Serve) -> None:
    extraction = asked(serve, RECORD)
    assert extraction.warnings == []
    assert extraction.records[0].overall_grade == "good"


def test_another_overall_grade_is_a_contradiction_with_both_values_and_the_rules_words(serve: Serve) -> None:
    older = {"quote": "the council was rated inadequate overall", "value": "inadequate"}
    extraction = asked(serve, record(overall_grade=older))
    (warning,) = extraction.warnings
    assert (warning.code, warning.field) == (CONTRADICTED, "/records/0/overall_grade")
    for said in ("inadequate", "good", '"They were rated good overall', "grade."):
        assert said in warning.message
    assert extraction.records[0].overall_grade == "inadequate"


def test_another_date_is_a_contradiction_and_a_less_exact_one_is_none(serve: Serve) -> None:
    other = {"quote": "Friday 10 May 2024", "words": "10 May 2024"}
    extraction = asked(serve, record(inspection_end=other))
    assert opinions(extraction) == [(CONTRADICTED, "/records/0/inspection_end")]
    assert extraction.records[0].inspection_end == "2024-05-10"
    assert opinions(asked(serve, record(inspection_end={"quote": WHEN, "words": "March 2024"}))) == []


def test_a_value_that_only_the_rules_have_is_told_apart_from_a_contradiction(serve: Serve) -> None:
    extraction = asked(serve, record(overall_grade=None, inspection_start=None, judgements=RECORD["judgements"][:1]))
    assert opinions(extraction) == [
        (ONE_SIDED, "/records/0/overall_grade"),
        (ONE_SIDED, "/records/0/inspection_start"),
        (ONE_SIDED, "/records/0/judgements/-"),
    ]
    assert extraction.records[0].overall_grade is None


def test_an_overall_grade_that_the_rules_do_not_read_is_told(serve: Serve) -> None:
    text = TEXT.replace("They were rated good overall.", "The visit was the second monitoring visit.")
    older = {"quote": "the council was rated inadequate overall", "value": "inadequate"}
    extraction = asked(serve, record(overall_grade=older, judgements=[]), text=text)
    assert (ONE_SIDED, "/records/0/overall_grade") in opinions(extraction)


def test_another_grade_of_an_area_is_a_contradiction_where_it_stands_in_the_models_list(serve: Serve) -> None:
    text = TEXT.replace(
        "was judged good.", "was judged good. Inspectors call leaders of social work practice inadequate."
    )
    wrong = {
        "quote": "leaders of social work practice inadequate",
        "area": "the impact of leaders on social work practice",
        "grade": "inadequate",
    }
    extraction = asked(serve, record(judgements=[RECORD["judgements"][0], wrong]), text=text)
    assert [item.grade for item in extraction.records[0].judgements] == ["outstanding", "inadequate"]
    assert opinions(extraction) == [(CONTRADICTED, "/records/0/judgements/1")]


def test_an_inspection_that_only_one_of_the_two_finds_is_one_warning(serve: Serve) -> None:
    (missed,) = asked(serve).warnings
    assert (missed.code, missed.field) == (ONE_SIDED, None)
    assert "Torbay" in missed.message
    quote = "Leeds City Council was rated good overall"
    leeds = {
        "authority": {"quote": quote, "as_written": "Leeds City Council"},
        "overall_grade": {"quote": quote, "value": "good"},
    }
    text = f"The weather in Leeds was fine. {quote}, a reader wrote about its swimming baths.\n"
    made_up = asked(serve, leeds, text=text)
    assert [one for one in opinions(made_up) if one[1] == "/records/0"] == [(ONE_SIDED, "/records/0")]


def test_of_a_round_up_only_whole_inspections_are_compared(serve: Serve) -> None:
    text = TEXT + "\nLeeds City Council was rated outstanding overall by Ofsted in the same week.\n"
    quote = "Leeds City Council was rated outstanding overall"
    leeds = {
        "authority": {"quote": quote, "as_written": "Leeds City Council"},
        "overall_grade": {"quote": quote, "value": "outstanding"},
    }
    wrong = record(overall_grade={"quote": "the council was rated inadequate overall", "value": "inadequate"})
    codes = [code for code, _ in opinions(asked(serve, wrong, leeds, text=text))]
    assert CONTRADICTED not in codes


def test_findings_people_and_speech_are_not_compared(serve: Serve) -> None:
    text = TEXT + '\nAnn Lee, director of children’s services, said: "We are proud of our staff. 12 of them are new."\n'
    assert opinions(asked(serve, RECORD, text=text)) == []


# ── what it never does ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "told",
    [(), (RECORD,), (record(overall_grade=None),), (record(inspection_end={"quote": WHEN, "words": "4"}),)],
    ids=["none", "right", "no grade", "other date"],
)
def test_it_changes_nothing_but_the_warnings(serve: Serve, told: tuple[JSON, ...]) -> None:
    with_it, without = (json.loads(asked(serve, *told, second_opinion=on).model_dump_json()) for on in (True, False))
    assert [one["code"] for one in without["warnings"] if one["code"].startswith("second")] == []
    assert {**with_it, "warnings": [], "endpoint": None} == {**without, "warnings": [], "endpoint": None}
    assert with_it["warnings"][: len(without["warnings"])] == without["warnings"]


def test_the_offline_engine_has_no_second_opinion_and_a_schema_of_the_callers_own_neither(serve: Serve) -> None:
    class Own(BaseModel):
        council: str

    assert extract(Document.from_text(TEXT)).warnings == []
    assert opinions(asked(serve, {"council": "Torbay"}, schema=Own)) == []


def test_the_command_can_switch_it_off(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_text(TEXT, encoding="utf-8")
    server = serve(answer({"records": [record(overall_grade=None)]}))
    command = ["extract", str(path), "--model", "openai/fake", "--base-url", server.base_url, "--no-journal"]
    on, off = (
        CliRunner().invoke(app, [*command, "--format", "json", *more]).stdout for more in ([], ["--no-second-opinion"])
    )
    assert ONE_SIDED in on
    assert "second_opinion" not in off


def test_a_value_that_the_rules_words_do_not_surely_show_is_no_opinion() -> None:
    mine = Opinion([InspectionRecord(overall_grade="good")], [])
    theirs = [InspectionRecord(overall_grade="inadequate", inspection_start="2024-03-04")]
    shown: list[Evidence] = [
        Evidence(field=f"/records/0/{name}", quote="…", spans=[], verdict="verified", support=support)
        for name, support in (("overall_grade", "unknown"), ("inspection_start", "yes"))
    ]
    assert [one.field for one in second_opinion(mine, Opinion(theirs, shown))] == ["/records/0/inspection_start"]


# ── dates ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("2024-03-04", "2024-03-04", True),
        ("2024-03-04", "2024-03", True),
        ("2024-03-04", "2024", True),
        ("XXXX-03-04", "2024-03-04", True),
        ("2024-03-04", "2024-03-05", False),
        ("2024-03", "2024-04-01", False),
        ("XXXX-03-04", "2024-03-05", False),
        ("2023", "2024-03", False),
    ],
)
def test_dates_agree_where_both_can_be_true(one: str, other: str, expected: bool) -> None:
    assert agree(one, other) is agree(other, one) is expected


edtf = st.from_regex(r"\A[0-9X]{4}(-[0-9X]{2}(-[0-9X]{2})?)?\Z")


@given(edtf, st.integers(0, 9))
def test_a_date_agrees_with_itself_and_with_any_part_of_it(date: str, less: int) -> None:
    assert agree(date, date)
    assert agree(date, date[: 4 + 3 * (less % 3)])
    assert agree("".join("X" if character.isdigit() and less % 2 else character for character in date), date)
