"""Support: does the passage say the value?"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import extractor.domain
from extractor.checking import check
from extractor.document import Document
from extractor.support import Passage, supports

GRADES = tomllib.loads((Path(extractor.domain.__file__).parent / "grades.toml").read_text(encoding="utf-8"))
FORMS = [(row["grade"], form) for row in GRADES["form"] for form in row["words"]]


@pytest.mark.parametrize(("grade", "form"), FORMS, ids=[f"{grade}: {form}" for grade, form in FORMS])
def test_every_form_of_a_grade_supports_it(grade: str, form: str) -> None:
    quote = f"The adoption service in the city was given {form} by the visiting team"
    item = {"quote": quote, "area": "The adoption service", "grade": grade}
    result = check(Document(text=f"{quote}. Nothing else was inspected."), "judgements", item)
    assert (result.verdict, result.support) == ("verified", "yes"), result


@pytest.mark.parametrize(("grade", "form"), FORMS, ids=[f"{grade}: {form}" for grade, form in FORMS])
def test_a_form_of_one_grade_contradicts_the_others(grade: str, form: str) -> None:
    passage = Passage(f"The adoption service in the city was given {form} by the visiting team")
    also = {other for other, said in FORMS if said == form}
    for other in {*GRADES["scale"]} - also:
        assert supports("judgements", {"area": "adoption service", "grade": other}, passage).support == "contradicts"


@pytest.mark.parametrize(
    ("field", "values", "passage", "support"),
    [
        ("counts", {"value": 5}, "Five of the twelve teams", "yes"),
        ("counts", {"value": 12}, "Five of the twelve teams", "yes"),
        ("counts", {"value": 7}, "Five of the twelve teams", "contradicts"),
        ("counts", {"value": 5}, "Some of the teams", "unknown"),
        ("counts", {"value": None}, "well over a third", "yes"),
        ("counts", {"value": 1255}, "There were 1,255 cases", "yes"),
        ("counts", {"value": 2.4}, "an extra 2.4 per cent", "yes"),
        ("people", {"name": "Ruth Amadi-Cole"}, "Cllr Ruth Amadi-Cole, lead member", "yes"),
        ("people", {"name": "Peter Langridge"}, "Mr Langridge said", "unknown"),
        ("people", {"name": "Peter Langridge"}, "Paul Langridge said", "contradicts"),
        ("people", {"name": "Peter Langridge"}, "Helen Pryce said", "contradicts"),
        ("lead_inspectors", {"value": "Teresa O’Neill"}, "Teresa O'Neill's team", "yes"),
        ("authority", {"as_written": "Ashdale Council"}, "ASHDALE COUNCIL’S services", "yes"),
        ("authority", {"as_written": "Ashdale Council"}, "Northmere Council’s services", "contradicts"),
        ("inspectorates", {"value": "Ofsted"}, "Ofsted inspectors", "yes"),
        ("inspectorates", {"value": "Ofsted"}, "the Care Quality Commission", "contradicts"),
        ("inspection_type", {"value": "short"}, "a one-week inspection", "contradicts"),
        ("inspection_type", {"value": "focused visit"}, "a focused visit in May", "yes"),
        ("inspection_start", {"words": "6 to 17 June"}, "from 6 to 17 June", "yes"),
        ("inspection_start", {"words": "6 to 17 July"}, "from 6 to 17 June", "contradicts"),
        ("framework", {"value": "SIF"}, "under the single inspection framework", "yes"),
        ("framework", {"value": "ILACS"}, "under the single inspection framework", "contradicts"),
        ("overall_grade", {"value": "good"}, "The council was rated good", "yes"),
        ("overall_grade", {"value": "good"}, "Good", "contradicts"),
        ("judgements", {"area": "adoption", "grade": "good"}, "Adoption was rated good", "yes"),
        ("judgements", {"area": "adoption", "grade": "good"}, "Adoption was no longer good", "contradicts"),
        ("judgements", {"area": "adoption", "grade": "good"}, "Adoption was praised", "contradicts"),
        ("judgements", {"area": "adoption", "grade": "good"}, "Adoption has the same mark as the whole", "unknown"),
        ("previous_judgements", {"area": None, "grade": "good"}, "services were rated good in 2019", "yes"),
        ("findings", {"kind": "strength", "text": "…"}, "anything at all", "yes"),
    ],
)
def test_what_a_passage_says(field: str, values: dict[str, Any], passage: str, support: str) -> None:
    assert supports(field, values, Passage(passage)).support == support


def test_a_negation_before_the_quote_counts() -> None:
    values = {"area": "fostering", "grade": "good"}
    denied = Passage("rated good for its fostering", lead=lambda: "It was not ")
    assert supports("judgements", values, denied).support == "contradicts"


def test_a_form_that_is_part_of_a_longer_one_is_none() -> None:
    values = {"area": "adoption", "grade": "outstanding"}
    cut = Passage("highest grade for adoption", lead=lambda: "It got the second ")
    assert supports("judgements", values, cut).support != "yes"
