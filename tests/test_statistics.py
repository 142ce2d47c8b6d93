"""Statistics: answers worked out by hand, laws that hold whatever the counts, and false alarms on made-up runs."""

from __future__ import annotations

import importlib.util
import random
import sys
import tomllib
from fractions import Fraction
from math import isclose, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from extractor_eval.holm import holm
from extractor_eval.intervals import Estimate, Interval, difference, f1_of, wilson
from extractor_eval.microf1 import Array, parts
from extractor_eval.swapping import FLIPS, p_value, p_values
from extractor_eval.verdicts import Word, detectable, documents_needed, judge, student
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parent.parent
KNOWN = tomllib.loads((ROOT / "tests" / "data" / "statistics.toml").read_text(encoding="utf-8"))


def known(what: str) -> Any:
    return pytest.mark.parametrize("case", KNOWN[what], ids=lambda case: case.get("name", ""))


# ── By hand ────────────────────────────────────────────────────────────────────────────────────────────────────────


@known("swaps")
def test_the_p_of_a_few_clusters_is_counted_by_hand(case: Any) -> None:
    baseline, candidate = parts(case["baseline"]), parts(case["candidate"])
    assert p_value(baseline, candidate) == float(Fraction(*case["p"]))


@known("errors")
def test_f1_and_its_jackknife_error_by_hand(case: Any) -> None:
    found = f1_of(parts(case["counts"]))
    assert found is not None
    assert found.value == pytest.approx(float(Fraction(*case["f1"])))
    assert found.error == pytest.approx(sqrt(Fraction(*case["square"])))
    mirrored = difference(parts(case["counts"]), parts(case["counts"]) * [0, 1])
    assert mirrored is not None
    assert mirrored.value == pytest.approx(-found.value)
    assert mirrored.error == pytest.approx(found.error)


@known("wilson")
def test_wilsons_interval_is_the_published_one(case: Any) -> None:
    assert wilson(case["right"], case["of"]) == pytest.approx((case["low"], case["high"]), abs=5e-5)


def test_wilsons_interval_of_nothing_is_everything() -> None:
    assert wilson(0, 0) == (0, 1)
    assert wilson(5, 10, alpha=0.01).low < wilson(5, 10).low < 0.5


@known("holm")
def test_holms_p_is_the_known_one(case: Any) -> None:
    assert holm(case["p"]) == pytest.approx(case["adjusted"])


@known("student")
def test_students_t_is_the_tables(case: Any) -> None:
    assert student(case["probability"], case["freedom"]) == pytest.approx(case["t"], rel=2e-3)


def test_fields_are_summed_by_weight() -> None:
    counts = [[[1, 0, 0, 0], [0, 1, 1, 1]], [[0, 0, 2, 0], [0, 0, 0, 0]]]
    assert parts(counts, [3, 1]).tolist() == [[6, 10], [0, 6]]
    assert parts(counts, [1, 0]).tolist() == [[2, 2], [0, 2]]


# ── With many clusters ─────────────────────────────────────────────────────────────────────────────────────────────


def made_up(seed: int, clusters: int, gap: float = 0.0, items: int = 20) -> tuple[Array, Array]:
    dice = np.random.default_rng(seed)
    right = [dice.binomial(items, share, clusters) for share in (0.7, 0.7 + gap)]
    first, second = (parts(np.stack([own, items - own, 0 * own, 0 * own], axis=1)) for own in right)
    return first, second


def test_random_flips_come_near_all_flips_and_are_never_0() -> None:
    baseline, candidate = made_up(3, 15, 0.1)
    change = (candidate - baseline)[:, 0]
    signs = 1 - 2 * (np.arange(2**15)[:, None] >> np.arange(15) & 1)
    every = (np.abs(signs @ change) >= abs(change.sum()) - 1e-9).mean()
    assert 0.001 < every < 0.5
    assert p_value(baseline, candidate) == pytest.approx(every, abs=4 * sqrt(every / FLIPS))
    far = made_up(3, 20)[0]
    assert p_value(far, np.array([40.0, 40.0]) + 0 * far) == 1 / (FLIPS + 1)


def test_many_comparisons_at_once_are_each_one_alone() -> None:
    every = [made_up(seed, 14, 0.03, items=3) for seed in range(40)]
    at_once = p_values(np.stack([one for one, _ in every]), np.stack([other for _, other in every]))
    assert at_once.tolist() == [p_value(*pair) for pair in every]


def by_the_book(baseline: Array, candidate: Array, draws: int) -> tuple[float, float]:
    """The studentised interval in plain loops, with other random draws."""

    def value(rows: list[Any]) -> float:
        sums = [sum(column) for column in zip(*rows, strict=True)]
        return float(sums[2] / sums[3] - sums[0] / sums[1])

    def error(rows: list[Any]) -> float:
        without = [value(rows[:place] + rows[place + 1 :]) for place in range(len(rows))]
        mean = sum(without) / len(rows)
        return sqrt((len(rows) - 1) / len(rows) * sum((each - mean) ** 2 for each in without))

    rows = np.concatenate([baseline, candidate], axis=1).tolist()
    dice, found = random.Random(5), []
    for _ in range(draws):
        drawn = dice.choices(rows, k=len(rows))
        found.append((value(drawn) - value(rows)) / error(drawn))
    found.sort()
    return (
        value(rows) - found[round(draws * 0.975)] * error(rows),
        value(rows) - found[round(draws * 0.025)] * error(rows),
    )


def test_the_interval_is_the_one_of_the_book() -> None:
    baseline, candidate = made_up(1, 12, 0.1)
    candidate[:2] *= 3  # two great clusters, so that the interval is lopsided
    estimate = difference(baseline, candidate)
    assert estimate is not None
    low, high = estimate.interval()
    assert (low, high) == pytest.approx(by_the_book(baseline, candidate, 4000), abs=0.05 * (high - low))
    assert not isclose(estimate.value - low, high - estimate.value, rel_tol=0.1)


def test_clusters_that_are_all_alike_have_wilsons_interval() -> None:
    found = f1_of(parts([[4, 0, 0, 0]] * 20))
    assert found is not None
    assert found.interval() == wilson(20, 20)
    nothing_right = f1_of(parts([[0, 2, 1, 0]] * 20))
    assert nothing_right is not None
    assert nothing_right.interval() == wilson(0, 20)


def test_one_cluster_tells_nothing() -> None:
    estimate = difference(parts([[0, 5, 0, 0]]), parts([[5, 0, 0, 0]]))
    assert estimate is not None
    assert (estimate.value, estimate.error, estimate.interval()) == (1, None, (-1, 1))


def test_one_cluster_of_many_that_differs_leaves_much_open() -> None:
    """Over a third of the draws leave that cluster out and vary not at all: they count as far off, not as sure."""
    baseline = parts([[9, 1, 0, 0]] * 12)
    candidate = parts([[9, 1, 0, 0]] * 11 + [[8, 2, 0, 0]])
    estimate = difference(baseline, candidate)
    assert estimate is not None
    assert estimate.value == pytest.approx(-1 / 120)
    assert estimate.error == pytest.approx(1 / 120)
    assert estimate.interval().low == pytest.approx(-(1 + sqrt(12)) / 120)
    assert said(estimate, 1) == "cannot tell"


def test_where_there_is_nothing_to_count_there_is_no_estimate() -> None:
    assert f1_of(parts([[0, 0, 0, 0]] * 8)) is None
    assert difference(parts([[0, 0, 0, 0]] * 8), parts([[1, 0, 0, 0]] * 8)) is None


# ── The verdict ────────────────────────────────────────────────────────────────────────────────────────────────────


def estimated(value: float, error: float | None, clusters: int = 21, spread: float = 2.0) -> Estimate:
    """An estimate whose interval reaches `spread` errors to both sides, at whatever level."""
    distances = np.repeat([-spread, spread], 5000)
    return Estimate(value, error, clusters, Interval(-1, 1), distances, distances)


def said(estimate: Estimate | None, p: float, margin: float = 0.02, family: int = 1) -> Word:
    return judge(("A", "B"), estimate, p, margin=margin, family=family, documents=40).word


@pytest.mark.parametrize(
    ("value", "error", "p", "margin", "word"),
    [
        (0.05, 0.01, 0.01, 0.02, "better"),
        (0.05, 0.01, 0.05, 0.02, "better"),
        (0.05, 0.01, 0.06, 0.02, "no worse"),
        (0.05, 0.03, 0.01, 0.02, "no worse"),
        (0.05, 0.04, 0.01, 0.02, "cannot tell"),
        (-0.05, 0.01, 0.01, 0.02, "worse"),
        (-0.05, 0.01, 0.06, 0.02, "cannot tell"),
        (-0.05, 0.03, 0.01, 0.02, "cannot tell"),
        (-0.01, 0.004, 0.01, 0.02, "worse"),
        (-0.01, 0.004, 0.06, 0.02, "no worse"),
        (-0.01, 0.004, 0.06, 0.015, "cannot tell"),
        (0.0, 0.0, 1.0, 0.02, "no worse"),
    ],
)
def test_the_verdict_is_the_first_that_holds(value: float, error: float, p: float, margin: float, word: Word) -> None:
    assert said(estimated(value, error), p, margin) == word


def test_under_six_clusters_nothing_can_be_told() -> None:
    assert said(estimated(0.5, 0.01, clusters=6), 0.001) == "better"
    assert said(estimated(0.5, None, 1), 0.001) == "cannot tell"
    for clusters in range(2, 6):
        assert said(estimated(0.5, 0.01, clusters), 0.001) == "cannot tell"
        assert said(estimated(0.0, 0.0, clusters), 1) == "cannot tell"
        assert detectable(estimated(0.5, 0.01, clusters)) is None
    assert said(None, 1) == "cannot tell"


def test_no_worse_is_said_of_all_pairs_together() -> None:
    distances = np.sort(np.random.default_rng(1).standard_normal(9999))
    estimate = Estimate(0.0, 0.009, 40, Interval(-1, 1), distances, distances)
    assert said(estimate, 1, family=1) == "no worse"
    assert said(estimate, 1, family=10) == "cannot tell"


def test_what_could_be_found_and_what_it_takes() -> None:
    estimate = estimated(0.01, 0.03, clusters=21)
    least = detectable(estimate)
    assert least == pytest.approx((2.086 + 0.8416) * 0.03, rel=1e-3)
    assert detectable(estimate, family=3) > least > 0
    assert documents_needed(estimate, least, 1, 42) == 42
    assert documents_needed(estimate, least / 2, 1, 42) == 168
    assert documents_needed(estimate, 0.9, 1, 42) == 12  # six clusters of two
    assert documents_needed(estimated(0, None, 1), 0.02, 1, 3) is None
    assert detectable(estimated(0.01, 0.03, clusters=6)) is not None
    assert detectable(estimated(0.01, 0.03, clusters=6), family=2) is None  # at best 2 / 2^6, twice


def test_the_sentence_says_it_all() -> None:
    verdict = judge(("old", "new"), estimated(-0.01, 0.03), 0.4, margin=0.02, family=3, documents=30)
    assert verdict.sentence == (
        "new against old: cannot tell; micro F1 -1.0 points (95% interval -7.0 to +5.0, p = 0.400 after Holm over 3). "
        f"A true difference of {100 * (verdict.detectable or 0):.3g} points is found four times in five, a smaller one "
        f"less often. To tell 2 points takes about {verdict.documents} documents."
    )
    better = judge(("old", "new"), estimated(0.05, 0.01), 0.0001, margin=0.02, documents=30)
    assert better.sentence == ("new is better than old; micro F1 +5.0 points (95% interval +3.0 to +7.0, p < 0.001).")


# ── Laws ───────────────────────────────────────────────────────────────────────────────────────────────────────────

COUNTS = st.lists(
    st.tuples(*[st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(0, 5), st.integers(0, 3))] * 2),
    min_size=1,
    max_size=18,
)
MIRROR: dict[Word, set[Word]] = {
    "better": {"worse"},
    "worse": {"better"},
    "no worse": {"no worse", "cannot tell"},
    "cannot tell": {"no worse", "cannot tell"},
}


def two(counts: list[Any]) -> tuple[Array, Array]:
    return parts([one for one, _ in counts]), parts([other for _, other in counts])


def everything(baseline: Array, candidate: Array) -> Any:
    """All that is said of two runs."""
    p, estimate = p_value(baseline, candidate, flips=999), difference(baseline, candidate, draws=499)
    verdict = judge(("A", "B"), estimate, p, margin=0.02, documents=2 * len(baseline))
    figures = estimate and (estimate.value, estimate.error, estimate.clusters, estimate.interval())
    return p, figures, verdict, estimate


@given(COUNTS)
@settings(max_examples=60)
def test_to_exchange_the_runs_mirrors_the_verdict(counts: list[Any]) -> None:
    baseline, candidate = two(counts)
    p, _, verdict, estimate = everything(baseline, candidate)
    q, _, mirrored, other = everything(candidate, baseline)
    assert p == q
    assert mirrored.word in MIRROR[verdict.word]
    assert (mirrored.detectable, mirrored.documents) == (verdict.detectable, verdict.documents)
    assert (estimate is None) == (other is None)
    if estimate and other and estimate.value:
        low, high = estimate.interval()
        assert other.value == -estimate.value
        assert other.interval() == (-high, -low)


@given(COUNTS, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_clusters_never_matters(counts: list[Any], dice: random.Random) -> None:
    assert everything(*two(counts))[:3] == everything(*two(dice.sample(counts, len(counts))))[:3]


@given(COUNTS)
@settings(max_examples=40)
def test_a_run_against_itself_is_no_other(counts: list[Any]) -> None:
    run = two(counts)[0]
    p, figures, verdict, _ = everything(run, run)
    assert p == 1
    assert verdict.word in ("no worse", "cannot tell")
    assert figures is None or figures[0] == 0


@given(COUNTS)
@settings(max_examples=40)
def test_a_cluster_without_any_count_changes_nothing(counts: list[Any]) -> None:
    nothing = ((0, 0, 0, 0), (0, 0, 0, 0))
    assert everything(*two(counts))[:2] == everything(*two([*counts, nothing, nothing]))[:2]


@given(COUNTS)
@settings(max_examples=40)
def test_a_surer_interval_holds_the_other_and_both_are_possible(counts: list[Any]) -> None:
    baseline, candidate = two(counts)
    for estimate, least in ((difference(baseline, candidate, draws=499), -1), (f1_of(candidate, draws=499), 0)):
        if estimate is not None:
            (low, high), (lower, higher) = estimate.interval(), estimate.interval(0.01)
            assert least <= lower <= low <= high <= higher <= 1


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_keeps_order_and_never_makes_p_smaller(values: list[float]) -> None:
    adjusted = holm(values)
    assert all(value <= each <= 1 for value, each in zip(values, adjusted, strict=True))
    assert sorted(range(len(values)), key=lambda at: (values[at], at)) == sorted(
        range(len(values)), key=lambda at: (adjusted[at], values[at], at)
    )


# ── False alarms ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def simulation() -> Any:
    spec = importlib.util.spec_from_file_location("simulation", ROOT / "bench" / "simulation.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["simulation"] = module
    spec.loader.exec_module(module)
    return module


def test_where_there_is_no_difference_few_alarms_are_raised(simulation: Any) -> None:
    found = simulation.rates("plain", 20, 25, 400)
    assert 0.02 <= found.alarms <= 0.08
    assert found.alarms == found.unclustered
    assert found.verdicts <= found.alarms
    assert 0.91 <= found.covered <= 0.98
    assert 0.4 <= found.told <= found.power <= 0.6
    assert 0.06 <= found.detectable <= 0.09


def test_by_council_the_unit_is_the_council(simulation: Any) -> None:
    found = simulation.rates("councils", 40, 25, 400)
    assert found.clusters == 16
    assert 0.02 <= found.alarms <= 0.08
    assert found.verdicts <= found.alarms
    assert found.unclustered >= 0.12


def test_the_made_up_runs_have_the_f1_that_they_claim(simulation: Any) -> None:
    for kind in simulation.KINDS.values():
        held, _ = simulation.simulated(np.random.default_rng(1), kind, 20, 25, 2000, simulation.GAP)
        sums = held.sum(axis=(1, 2))
        assert sums[:, 0] / sums[:, 1] == pytest.approx([simulation.F1, simulation.F1 + simulation.GAP], abs=0.006)
