"""Which of several runs is better, and how sure that is: each against a baseline, on one gold set, by one rubric.

The unit is the document's cluster: documents about one matter go right or wrong together. Repeats are averaged within
each document. The primary fields, summed by weight, decide; single fields are shown beside them and decide nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .errors import ComparisonError
from .holm import holm
from .intervals import Estimate, Interval, difference, f1_of, wilson
from .microf1 import Array, parts
from .rubric import Rubric
from .rubric import load as load_rubric
from .runs import Run
from .summary import cluster_counts
from .swapping import p_value
from .verdicts import Verdict, judge, simultaneous

MARGIN = 0.02
"""The loss in micro F1 that does not matter, where no other is named."""

FIELD_DRAWS = 1_999
"""Bootstrap draws for what is only shown."""

SAME = {"gold": "gold set", "split": "split", "rubric": "rubric"}
"""What runs must share to be compared, by its key in the signature."""

_SHARES, _DIFFERENCES = Interval(0, 1), Interval(-1, 1)


@dataclass(frozen=True)
class Figure:
    """A figure and its 95% interval, as shares of 1.

    Where there is nothing to count, `value` is null and the interval all that is possible.
    """

    value: float | None
    low: float
    high: float


@dataclass(frozen=True)
class Competitor:
    """One run by itself.

    `f1` is the primary figure; `fields` the micro F1 of each field by itself, those of weight 0 too. `counts` are
    correct, wrong, missed and invented of each field, averaged over repeats. `failed` is the share of documents that
    failed, `rejected` that of the documents without a record that were answered by none, with Wilson's interval;
    null where every document has a record.
    """

    name: str
    signature: Mapping[str, Any]
    f1: Figure
    fields: Mapping[str, Figure]
    counts: Mapping[str, tuple[float, float, float, float]]
    failed: Figure
    rejected: Figure | None


@dataclass(frozen=True)
class Pair:
    """One run, `name`, against another, `baseline`; differences are its figures less the other's.

    `difference` is that of the primary figure, `simultaneous` its interval when all pairs are looked at together. `p`
    is the sign-flip test's, `holm` the same adjusted for all pairs. `fields` are the differences field by field.
    """

    baseline: str
    name: str
    difference: Figure
    simultaneous: Interval
    p: float
    holm: float
    verdict: Verdict
    fields: Mapping[str, Figure]


@dataclass(frozen=True)
class Comparison:
    """All runs on one gold set, the baseline first, and the pairs that were asked for.

    `signature` is what all share: gold, split and rubric. `primary` are the fields that decide, with their weights.
    """

    baseline: str
    signature: Mapping[str, Any]
    margin: float
    documents: int
    clusters: int
    primary: Mapping[str, int]
    competitors: tuple[Competitor, ...]
    pairs: tuple[Pair, ...]


def compare(
    runs: Sequence[Run],
    *,
    baseline: str | None = None,
    between: Iterable[tuple[str, str]] = (),
    margin: float = MARGIN,
    rubric: Rubric | None = None,
) -> Comparison:
    """Compare every run with the baseline, and the further pairs named, all of them one family for Holm.

    Args:
        runs: two or more. Runs of one name are told apart as in `labels`.
        baseline: the label of a run; null is the first.
        between: labels of further pairs, each (baseline, candidate).
        margin: the loss in micro F1 that does not matter, above 0 and below 1.
        rubric: the one that the runs were scored by; null takes the project's own.

    Raises:
        ComparisonError: fewer than two runs, another gold set, split or rubric, a label that no run has, a margin
            that is none, or scores that are not of the run's documents.
    """
    rubric = rubric or load_rubric()
    _comparable(runs, rubric, margin)
    named = dict(zip(labels(runs), runs, strict=True))
    first = baseline if baseline is not None else next(iter(named))
    pairs = _pairs(named, first, between)
    counts = {label: _counts(run, rubric) for label, run in named.items()}
    estimates = [difference(*(_primary(counts[label], rubric) for label in pair)) for pair in pairs]
    values = [p_value(*(_primary(counts[label], rubric) for label in pair)) for pair in pairs]
    documents = len(runs[0].cases)
    return Comparison(
        baseline=first,
        signature={key: runs[0].signature[key] for key in SAME},
        margin=margin,
        documents=documents,
        clusters=len({case.cluster for case in runs[0].cases}),
        primary=rubric.weights,
        competitors=tuple(_competitor(label, named[label], counts[label], rubric) for label in _first(named, first)),
        pairs=tuple(
            Pair(
                *pair,
                difference=_figure(estimate, _DIFFERENCES),
                simultaneous=simultaneous(estimate, len(pairs)) if estimate else _DIFFERENCES,
                p=p,
                holm=adjusted,
                verdict=judge(pair, estimate, adjusted, margin=margin, family=len(pairs), documents=documents),
                fields=_field_differences(counts[pair[0]], counts[pair[1]], rubric),
            )
            for pair, estimate, p, adjusted in zip(pairs, estimates, values, holm(values), strict=True)
        ),
    )


def labels(runs: Sequence[Run]) -> list[str]:
    """A name for each run that no other has: its own, where that is not enough with its model, then with a number."""
    names = [run.name for run in runs]
    with_model = [f"{run.name} ({run.signature.get('model')})" for run in runs]
    told = [model if names.count(name) > 1 else name for name, model in zip(names, with_model, strict=True)]
    met: Counter[str] = Counter()
    found = []
    for label in told:
        met[label] += 1
        found.append(label if met[label] == 1 else f"{label} #{met[label]}")
    return found


# ── Whether they can be compared ───────────────────────────────────────────────────────────────────────────────────


def _comparable(runs: Sequence[Run], rubric: Rubric, margin: float) -> None:
    if len(runs) < 2:
        raise ComparisonError("There is nothing to compare: name two runs or more.")
    if not 0 < margin < 1:
        raise ComparisonError(f"The margin is a share of micro F1 above 0 and below 1, such as {MARGIN}, not {margin}.")
    one = runs[0]
    for run in runs:
        for key, words in SAME.items():
            ours, theirs = one.signature.get(key), run.signature.get(key)
            if ours != theirs:
                raise ComparisonError(
                    f"{one.name} and {run.name} are on another {words} ({_short(ours)}, {_short(theirs)}) "
                    "and cannot be compared: run or score both on one."
                )
        if run.signature.get("rubric") != rubric.sha256:
            raise ComparisonError(f"{run.name} was scored by another rubric than this one: score it again.")
        if {(case.id, case.cluster) for case in run.cases} != {(case.id, case.cluster) for case in one.cases}:
            raise ComparisonError(f"{one.name} and {run.name} have other documents, though their gold set is the same.")
        if not run.scores or any(len(row) != len(run.cases) for row in run.scores):
            raise ComparisonError(f"{run.name} has not one score for each of its {len(run.cases)} documents.")


def _short(said: Any) -> str:
    return str(said)[:12]


def _pairs(named: Mapping[str, Run], first: str, between: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    pairs = [(first, label) for label in named if label != first]
    pairs += [pair for pair in between if pair not in pairs]
    for label in {label for pair in pairs for label in pair}:
        if label not in named:
            raise ComparisonError(f"No run is called {label!r}; there are {', '.join(named)}.")
    for one, other in pairs:
        if one == other:
            raise ComparisonError(f"{one} cannot be compared with itself.")
    return pairs


def _first(named: Mapping[str, Run], first: str) -> list[str]:
    return [first, *(label for label in named if label != first)]


# ── Figures ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _counts(run: Run, rubric: Rubric) -> dict[str, Array]:
    """Of each field, correct, wrong, missed and invented by cluster, (clusters, 4), averaged over repeats."""
    every = replace(rubric, fields=tuple(replace(field, weight=1) for field in rubric.fields), unknown_keys=1)
    clusters = [case.cluster for case in run.cases]
    held = [cluster_counts(scores, clusters, every) for scores in run.scores]
    mean = np.mean([np.array(one.rows, float) for one in held], axis=0)
    return {name: mean[:, place] for place, name in enumerate(held[0].fields)}


def _primary(counts: Mapping[str, Array], rubric: Rubric) -> Array:
    """What each cluster adds to the primary figure, (clusters, 2)."""
    return parts(np.stack([counts[name] for name in rubric.weights], axis=1), list(rubric.weights.values()))


def _competitor(label: str, run: Run, counts: Mapping[str, Array], rubric: Rubric) -> Competitor:
    every = [score for row in run.scores for score in row]
    empty = [score for score in every if score.rejected is not None]
    return Competitor(
        name=label,
        signature=run.signature,
        f1=_figure(f1_of(_primary(counts, rubric))),
        fields={name: _figure(f1_of(parts(own), draws=FIELD_DRAWS)) for name, own in counts.items()},
        counts={name: _four(own) for name, own in counts.items()},
        failed=_share(sum(score.failed is not None for score in every), len(every), len(run.scores)),
        rejected=_share(sum(score.rejected is True for score in empty), len(empty), len(run.scores)) if empty else None,
    )


def _field_differences(one: Mapping[str, Array], other: Mapping[str, Array], rubric: Rubric) -> dict[str, Figure]:
    found = {name: difference(parts(one[name]), parts(other[name]), draws=FIELD_DRAWS) for name in one}
    return {name: _figure(estimate, _DIFFERENCES) for name, estimate in found.items()}


def _figure(estimate: Estimate | None, possible: Interval = _SHARES) -> Figure:
    return Figure(estimate.value, *estimate.interval()) if estimate else Figure(None, *possible)


def _share(met: int, of: int, repeats: int) -> Figure:
    """A share of documents; repeats are no further documents."""
    return Figure(met / of, *wilson(met / repeats, of / repeats))


def _four(counts: Array) -> tuple[float, float, float, float]:
    correct, wrong, missed, invented = counts.sum(axis=0).tolist()
    return correct, wrong, missed, invented
