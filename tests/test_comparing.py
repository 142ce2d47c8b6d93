"""Comparing runs and gating them: what is refused, what is the unit, what decides, and what breaks a gate."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree import ElementTree

import pytest
from extractor_eval.comparing import Comparison, compare, labels
from extractor_eval.errors import ComparisonError
from extractor_eval.gating import Gate, breaks, gate
from extractor_eval.gold import Case
from extractor_eval.intervals import wilson
from extractor_eval.rubric import load
from extractor_eval.runs import Run, Used
from extractor_eval.score import score_document
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.document import Document

JSON = dict[str, Any]
RUBRIC = load()
SHARED = {"gold": "0" * 64, "split": "dev", "rubric": RUBRIC.sha256, "model": "m"}
FAILED: JSON = {"records": [], "error": {"type": "ReplyUnusable", "message": "cut off"}}


def record(grade: str | None = "good", areas: Sequence[tuple[str, str]] = (), **more: Any) -> JSON:
    judged = [{"area": area, "grade": each} for area, each in areas]
    return {"authority": {"as_written": "Bexley"}, "overall_grade": grade, "judgements": judged, **more}


def case(number: int, cluster: str | None = None, records: Sequence[JSON] | None = None) -> Case:
    document = Document.from_text(f"Document {number}.")
    return Case(
        f"{number:03}", document, cluster or f"c{number:03}", "x", [record()] if records is None else [*records]
    )


def run_of(name: str, cases: Sequence[Case], *repeats: Sequence[Any], **signature: Any) -> Run:
    """A run with these answers: a list of records a document, or FAILED; a row a repeat."""
    scores = tuple(
        tuple(score_document(case.records, answer, RUBRIC) for case, answer in zip(cases, answers, strict=True))
        for answers in repeats
    )
    extractions = tuple(tuple({"records": answer} for answer in answers) for answers in repeats)
    used = tuple(tuple(Used() for _ in answers) for answers in repeats)
    return Run(name, {**SHARED, **signature}, tuple(cases), extractions, scores, used)


def answers(right: Sequence[bool]) -> list[Any]:
    """One record a document, its overall grade right or not."""
    return [[record("good" if each else "inadequate")] for each in right]


def ten(name: str, right: int, documents: int = 12, **more: Any) -> Run:
    cases = [case(number, **more) for number in range(documents)]
    return run_of(name, cases, answers([number < right for number in range(documents)]))


def figures(comparison: Comparison) -> Any:
    """All that a comparison says."""
    return dataclasses.replace(comparison, competitors=()), [
        (one.f1, one.fields, one.counts, one.failed, one.rejected) for one in comparison.competitors
    ]


# ── What is refused ────────────────────────────────────────────────────────────────────────────────────────────────

OTHER: dict[str, Callable[[Run], Run]] = {
    "on another gold set": lambda run: dataclasses.replace(run, signature={**run.signature, "gold": "1"}),
    "on another split": lambda run: dataclasses.replace(run, signature={**run.signature, "split": "test"}),
    "on another rubric": lambda run: dataclasses.replace(run, signature={**run.signature, "rubric": "1"}),
    "have other documents": lambda run: dataclasses.replace(run, cases=(*run.cases[:-1], case(99))),
    "not one score for each": lambda run: dataclasses.replace(run, scores=(run.scores[0][:-1],)),
}


@pytest.mark.parametrize("says", OTHER)
def test_runs_that_are_not_alike_are_refused(says: str) -> None:
    one = ten("old", 3)
    with pytest.raises(ComparisonError, match=says):
        compare([one, OTHER[says](ten("new", 5))])


def test_runs_without_a_score_are_refused() -> None:
    one = ten("old", 3)
    with pytest.raises(ComparisonError, match="not one score"):
        compare([one, dataclasses.replace(one, scores=())])


def test_runs_of_another_rubric_than_the_one_given_are_refused() -> None:
    signature = {**SHARED, "rubric": "1"}
    runs = [dataclasses.replace(ten(name, 3), signature=signature) for name in ("old", "new")]
    with pytest.raises(ComparisonError, match="score it again"):
        compare(runs)


@pytest.mark.parametrize("margin", [0, -0.02, 1, 2])
def test_a_margin_that_is_none_is_refused(margin: float) -> None:
    with pytest.raises(ComparisonError, match="margin"):
        compare([ten("old", 3), ten("new", 3)], margin=margin)


def test_names_that_no_run_has_are_refused() -> None:
    runs = [ten("old", 3), ten("new", 3)]
    with pytest.raises(ComparisonError, match="'older'; there are old, new"):
        compare(runs, baseline="older")
    with pytest.raises(ComparisonError, match="'newer'"):
        compare(runs, between=[("old", "newer")])
    with pytest.raises(ComparisonError, match="itself"):
        compare(runs, between=[("new", "new")])
    with pytest.raises(ComparisonError, match="two runs"):
        compare(runs[:1])


# ── What decides ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_comparison_by_hand() -> None:
    """Of 8 documents with 2 values each, 8 + 1 against 8 + 7 are right: 6 grades change, p = 2 / 2^6."""
    found = compare([ten("old", 1, 8), ten("new", 7, 8)])
    (pair,) = found.pairs
    assert (pair.baseline, pair.name) == ("old", "new")
    assert pair.difference.value == pytest.approx(15 / 16 - 9 / 16)
    assert pair.p == pair.holm == 2 / 64
    assert pair.difference.low > 0
    assert pair.verdict.word == "better"
    assert (found.baseline, found.documents, found.clusters, found.margin) == ("old", 8, 8, 0.02)
    assert found.signature == {key: SHARED[key] for key in ("gold", "split", "rubric")}
    assert [one.name for one in found.competitors] == ["old", "new"]
    old, new = found.competitors
    assert old.f1.value == pytest.approx(9 / 16)
    assert new.counts["overall_grade"] == (7, 1, 0, 0)
    assert new.fields["overall_grade"].value == pytest.approx(7 / 8)
    assert new.fields["overall_grade"].low < 7 / 8 < new.fields["overall_grade"].high
    assert new.fields["people"].value is None
    assert pair.fields["overall_grade"].value == pytest.approx(6 / 8)
    assert pair.fields["authority"].value == 0
    assert compare([ten("old", 7, 8), ten("new", 1, 8)]).pairs[0].verdict.word == "worse"


def test_documents_of_one_cluster_stand_and_fall_together() -> None:
    """Twelve documents, each better, are sure; in five clusters they tell nothing, in six just enough."""

    def by(clusters: int) -> Any:
        cases = [case(number, f"council {number % clusters}") for number in range(12)]
        return compare([run_of("old", cases, answers([False] * 12)), run_of("new", cases, answers([True] * 12))])

    assert by(12).pairs[0].p == 2 / 2**12
    assert (by(6).pairs[0].p, by(6).pairs[0].verdict.word, by(6).clusters) == (2 / 2**6, "better", 6)
    assert (by(5).pairs[0].p, by(5).pairs[0].verdict.word, by(5).clusters) == (2 / 2**5, "cannot tell", 5)


def test_the_interval_too_is_over_clusters() -> None:
    """Each document twice: no news in its own cluster, a surer answer in another."""
    right = [number % 3 > 0 for number in range(16)]

    def interval(times: int, own: bool) -> float:
        cases = [case(16 * copy + n, f"c{n}-{copy if own else 0}") for copy in range(times) for n in range(16)]
        runs = [run_of("old", cases, answers([False] * len(cases))), run_of("new", cases, answers(right * times))]
        figure = compare(runs).pairs[0].difference
        return figure.high - figure.low

    assert interval(2, own=False) == pytest.approx(interval(1, own=False))
    assert interval(2, own=True) < 0.85 * interval(1, own=False)


def test_a_failed_document_misses_all_of_its_gold() -> None:
    cases = [case(number) for number in range(10)]
    whole = run_of("old", cases, answers([True] * 10))
    broken = run_of("new", cases, [FAILED] * 6 + answers([True] * 4))
    (pair,) = compare([whole, broken]).pairs
    assert pair.difference.value == pytest.approx(2 * 8 / (2 * 8 + 12) - 1)
    assert pair.verdict.word == "worse"
    failed = compare([whole, broken]).competitors[1].failed
    assert (failed.value, failed.low, failed.high) == (0.6, *wilson(6, 10))


def test_repeats_are_averaged_and_are_no_more_documents() -> None:
    cases = [case(number) for number in range(9)]
    some, others = answers([number < 6 for number in range(9)]), answers([number < 2 for number in range(9)])
    once = run_of("old", cases, answers([False] * 9))
    twice = run_of("new", cases, some, others)
    found = compare([once, twice])
    assert found.competitors[1].counts["overall_grade"] == (4, 5, 0, 0)
    assert found.pairs[0].difference.value == pytest.approx(4 / 18)
    again = compare([once, run_of("new", cases, some, others, some, others)])
    assert again.pairs[0] == found.pairs[0]
    half = compare([once, run_of("new", cases, [FAILED] * 9, answers([True] * 9))]).competitors[1].failed
    assert (half.value, half.low, half.high) == (0.5, *wilson(4.5, 9))


def test_all_pairs_are_one_family() -> None:
    runs = [ten("old", 1, 8), ten("new", 7, 8), ten("same", 1, 8)]
    alone = compare(runs[:2]).pairs[0]
    both = compare(runs).pairs
    assert [(pair.p, pair.holm) for pair in both] == [(2 / 64, 4 / 64), (1, 1)]
    assert (alone.verdict.word, both[0].verdict.word) == ("better", "no worse")
    wider = compare([ten("old", 1, 30), ten("new", 12, 30), ten("same", 1, 30)]).pairs[0]
    assert wider.simultaneous.low < wider.difference.low < wider.difference.high < wider.simultaneous.high
    assert alone.simultaneous == (alone.difference.low, alone.difference.high)
    three = compare(runs, baseline="same", between=[("old", "new"), ("same", "new")])
    assert [(pair.baseline, pair.name) for pair in three.pairs] == [("same", "old"), ("same", "new"), ("old", "new")]
    assert [one.name for one in three.competitors] == ["same", "old", "new"]
    assert [pair.holm for pair in three.pairs] == [1, 6 / 64, 6 / 64]


def test_fields_of_weight_0_are_shown_and_decide_nothing() -> None:
    gold = record(people=[{"name": "Ann Lee"}])
    cases = [case(number, records=[gold]) for number in range(8)]
    old, new = run_of("old", cases, [[record()]] * 8), run_of("new", cases, [[gold]] * 8)
    (pair,) = compare([old, new]).pairs
    assert (pair.difference.value, pair.p, pair.verdict.word) == (0, 1, "no worse")
    assert pair.fields["people"].value == 1
    assert "people" not in compare([old, new]).primary


def test_documents_without_a_record_are_answered_by_none_or_not() -> None:
    cases = [case(number, records=[]) for number in range(4)] + [case(number) for number in range(4, 10)]
    old = run_of("old", cases, [[]] * 3 + [[record()]] * 7)
    rejected = compare([old, old]).competitors[0].rejected
    assert rejected is not None
    assert (rejected.value, rejected.low, rejected.high) == (0.75, *wilson(3, 4))
    assert compare([ten("old", 3), ten("new", 3)]).competitors[0].rejected is None


def test_every_run_has_a_label_of_its_own() -> None:
    runs = [ten("plain", 1), ten("plain", 2), ten("offline", 3), ten("plain", 4)]
    runs[1] = dataclasses.replace(runs[1], signature={**SHARED, "model": "n"})
    assert labels(runs) == ["plain (m)", "plain (n)", "offline", "plain (m) #2"]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None)
def test_names_and_order_of_documents_and_clusters_never_matter(right: list[Any], dice: random.Random) -> None:
    def runs(order: Sequence[int], named: Callable[[int], str]) -> list[Run]:
        cases = [case(number, named(number)) for number in order]
        return [
            run_of(name, cases, answers([right[number][side] for number in order]))
            for side, name in enumerate(("old", "new"))
        ]

    order = range(len(right))
    once = figures(compare(runs(order, lambda number: f"c{number // 2}")))
    assert once == figures(compare(runs(dice.sample(order, len(order)), lambda number: f"c{number // 2}")))
    assert once == figures(compare(runs(order, lambda number: f"{99 - number // 2}x")))


# ── The gate ───────────────────────────────────────────────────────────────────────────────────────────────────────


def gated(gold: JSON, before: Sequence[Any], after: Sequence[Any], rest: int = 7) -> Gate:
    """One document with these answers, a repeat each, among others that both have right."""
    cases = [case(0, records=[gold]), *(case(number) for number in range(1, rest + 1))]

    def of(name: str, repeats: Sequence[Any]) -> Run:
        return run_of(name, cases, *([each, *answers([True] * rest)] for each in repeats))

    return gate(of("new", after), of("old", before))


AREAS = [("adoption", "good"), ("fostering", "inadequate")]
RECALLED = [{"area": None, "grade": "good", "date": "2012"}]


@pytest.mark.parametrize(
    ("before", "after", "broken"),
    [
        ([[record(areas=AREAS)]], [[record(areas=AREAS)]], []),
        ([[record(areas=AREAS)]], [[record("inadequate", AREAS)]],
         ["000, record 1, overall_grade: good became inadequate"]),
        ([[record("adequate", AREAS)]], [[record("inadequate", AREAS)]], []),
        ([[record(None, AREAS)]], [[record("inadequate", AREAS)]], []),
        ([[record(areas=AREAS)]], [[record(None, AREAS)]], []),
        ([[record(areas=AREAS)]], [FAILED], []),
        ([FAILED], [[record("inadequate", AREAS)]], []),
        ([[record(areas=AREAS)]], [[record(areas=[AREAS[0], ("fostering", "good")])]],
         ["000, record 1, judgements 2: inadequate became good"]),
        ([[record(areas=[AREAS[0], ("fostering", "good")])]], [[record(areas=[AREAS[0], ("fostering", "adequate")])]],
         []),
        ([[record(areas=AREAS[:1])]], [[record(areas=[("adoption", "adequate")])]],
         ["000, record 1, judgements 1: good became adequate"]),
        ([[record(areas=AREAS)]] * 2, [[record(areas=AREAS)], [record("inadequate", AREAS)]],
         ["000, record 1, overall_grade: good became inadequate"]),
        ([[record(areas=AREAS)], [record(None, AREAS)]], [[record("inadequate", AREAS)]], []),
    ],
)  # fmt: skip
def test_a_grade_that_was_right_and_is_another_breaks_the_gate(before: Any, after: Any, broken: list[str]) -> None:
    found = gated(record(areas=AREAS), before, after)
    assert [str(each) for each in found.breaks] == broken
    assert found.passed == (not broken)


def test_an_items_grade_is_right_whatever_its_date_is() -> None:
    gold = record(previous_judgements=RECALLED)
    undated = record(previous_judgements=[{"area": None, "grade": "good", "date": None}])
    changed = record(previous_judgements=[{"area": None, "grade": "inadequate", "date": "2012"}])
    assert len(gated(gold, [[undated]], [[changed]]).breaks) == 1
    assert gated(gold, [[changed]], [[undated]]).passed


def test_a_grade_with_its_quote_is_told_without() -> None:
    gold = {**record(), "overall_grade": {"quote": "was good", "value": "good"}}
    (broken,) = gated(gold, [[record()]], [[record("inadequate")]]).breaks
    assert (broken.gold, broken.predicted, broken.item) == ("good", "inadequate", None)


def losing(documents: int, every: int) -> tuple[Run, Run]:
    """A run that misses an area of every so many documents, and a baseline that has all; ten areas a document."""
    areas = [(f"area {number}", "good") for number in range(10)]
    cases = [case(number, records=[record(areas=areas)]) for number in range(documents)]
    whole = [[record(areas=areas)]] * documents
    less = [[record(areas=areas[number % every == 0 :])] for number in range(documents)]
    return run_of("new", cases, less), run_of("old", cases, whole)


def test_a_real_loss_fails_unless_it_is_surely_below_the_margin() -> None:
    run, baseline = losing(40, 1)  # 12 values, 11 found: F1 loses 1 - 22 / 23
    found = gate(run, baseline)
    assert found.comparison.pairs[0].verdict.word == "worse"
    assert not found.passed
    assert found.loss == found.sentences[0] == found.comparison.pairs[0].verdict.sentence
    assert found.breaks == ()
    tolerant = gate(run, baseline, 0.05)
    assert tolerant.comparison.pairs[0].verdict.word == "worse"
    assert tolerant.passed
    assert not gate(run, baseline, 0.04).passed
    assert gate(baseline, run).passed


def test_a_loss_that_cannot_be_told_is_none() -> None:
    run, baseline = losing(8, 4)
    found = gate(run, baseline)
    assert found.comparison.pairs[0].difference.value < 0
    assert found.comparison.pairs[0].verdict.word == "cannot tell"
    assert found.passed


def test_the_gate_as_junit() -> None:
    cases = [case(number) for number in range(8)]
    old = run_of("old", cases, answers([True] * 8))
    new = run_of("new <&\x00>", cases, answers([False] * 7 + [True]))
    xml = gate(new, old).junit()
    (suite,) = ElementTree.fromstring(xml)
    assert suite.get("name") == "new <&\ufffd> against old"
    assert (suite.get("tests"), suite.get("failures")) == ("9", "8")
    tests = suite.findall("testcase")
    assert [test.get("name") for test in tests] == ["micro F1", *(each.id for each in cases)]
    kinds = [failure.get("type") for test in tests for failure in test.findall("failure")]
    assert kinds == ["loss"] + ["break"] * 7
    assert tests[1].findtext("failure") == "000, record 1, overall_grade: good became inadequate"
    passed = ElementTree.fromstring(gate(old, old).junit())
    assert passed.get("failures") == "0"
    assert "no worse" in (passed.findtext("testsuite/system-out") or "")


def test_breaks_are_found_whatever_the_order_of_documents() -> None:
    cases = [case(number) for number in range(3)]
    old, new = run_of("old", cases, answers([True] * 3)), run_of("new", cases[::-1], answers([False, True, True]))
    assert [each.document for each in breaks(new, old, RUBRIC)] == ["002"]
