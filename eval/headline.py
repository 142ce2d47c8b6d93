"""What a user asks of a run first: how much of each matter was right, out of how many, between which bounds.

Where null can be the right answer (a council, a date, a framework, the overall grade), a place on which both sides
say nothing is right too. In a list, the share is F1: what gold has not counts against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .intervals import f1_of, wilson
from .runs import Run
from .score import OUTCOMES, Counts, DocumentScore
from .summary import quotes

JSON = dict[str, Any]
DATES = ("inspection_start", "inspection_end", "report_published")


@dataclass(frozen=True)
class Share:
    """`right` of `total`, `invented` beside them where gold has no such item; `value` is the share, from 0 to 1.

    `low` and `high` bound it with 95% confidence, documents drawn by cluster. Null where there is nothing to count.
    """

    question: str
    right: int
    total: int
    invented: int | None
    value: float | None
    low: float
    high: float


@dataclass(frozen=True)
class _Part:
    """What one document adds: right, of, invented; and to the share's numerator and denominator."""

    right: int
    total: int
    invented: int
    numerator: float
    denominator: float


_Asked = Callable[[DocumentScore, JSON], _Part]


def headline(run: Run) -> list[Share]:
    """A share a question, in the order of QUESTIONS, over documents and repeats."""
    return [_share(name, ask, run) for name, ask in QUESTIONS.items()]


def _share(name: str, ask: _Asked, run: Run) -> Share:
    held: dict[str, list[_Part]] = {}
    for scores, extractions in zip(run.scores, run.extractions, strict=True):
        for case, score, extraction in zip(run.cases, scores, extractions, strict=True):
            held.setdefault(case.cluster, []).append(ask(score, extraction))
    every = [part for parts in held.values() for part in parts]
    right, total = sum(part.right for part in every), sum(part.total for part in every)
    invented = sum(part.invented for part in every) if name in LISTED else None
    if name == INVENTED:  # documents of one outcome each
        low, high = wilson(right, total)
        return Share(name, right, total, None, right / total if total else None, low, high)
    clusters = [
        (sum(part.numerator for part in parts), sum(part.denominator for part in parts)) for parts in held.values()
    ]
    found = f1_of(np.array(clusters, float))
    low, high = found.interval() if found else (0.0, 1.0)
    return Share(name, right, total, invented, found.value if found else None, low, high)


# ── The questions ──────────────────────────────────────────────────────────────────────────────────────────────────


def _with_null(*fields: str) -> _Asked:
    """Places where both sides agree, null with null counted, of all places."""

    def asked(score: DocumentScore, _: JSON) -> _Part:
        counts = [score.counts[field] for field in fields]
        right = sum(one.correct + one.absent for one in counts)
        total = sum(map(sum, counts))
        return _Part(right, total, 0, right, total)

    return asked


def _items(field: str) -> _Asked:
    """Items of a list: right of those in gold, and those invented; the share is F1."""
    return lambda score, _: _f1(score.counts[field])


def _direct(score: DocumentScore, _: JSON) -> _Part:
    """Statements in quotation marks, as gold has them, or, of those that it has not, as the prediction does."""
    found = [
        outcome.outcome
        for record in score.records
        for outcome in record.outcomes
        if outcome.field == "statements" and (outcome.gold or outcome.predicted or {}).get("direct")
    ]
    return _f1(Counts(*map(found.count, OUTCOMES)))


def _f1(counts: Counts) -> _Part:
    right, total = counts.correct, counts.correct + counts.wrong + counts.missed
    return _Part(right, total, counts.invented, 2 * right, 2 * (right + counts.wrong) + counts.missed + counts.invented)


def _graded_by_nobody(*graded: str) -> _Asked:
    """Documents in which a grade was invented."""
    fields = set(graded)

    def asked(score: DocumentScore, _: JSON) -> _Part:
        found = any(
            outcome.field in fields and outcome.outcome == "invented"
            for record in score.records
            for outcome in record.outcomes
        )
        return _Part(int(found), 1, 0, 0, 0)

    return asked


def _quoted(verdict: str) -> _Asked:
    """Values whose quote ended so, of all values with one."""

    def asked(_: DocumentScore, extraction: JSON) -> _Part:
        found = quotes([extraction])
        right: int = getattr(found, verdict)
        return _Part(right, sum(found), 0, right, sum(found))

    return asked


INVENTED = "documents with a grade invented"
LISTED = ("judgements, F1", "counts, F1", "direct statements, F1")
QUESTIONS: dict[str, _Asked] = {
    "judgements, F1": _items("judgements"),
    "overall grade": _with_null("overall_grade"),
    "authority": _with_null("authority"),
    "dates": _with_null(*DATES),
    "framework": _with_null("framework"),
    "counts, F1": _items("counts"),
    "direct statements, F1": _direct,
    INVENTED: _graded_by_nobody("overall_grade", "judgements", "previous_judgements", "claims"),
    "quotes verified": _quoted("verified"),
    "quotes altered": _quoted("altered"),
    "values withheld": _quoted("withheld"),
}
"""Each question and how a document answers it."""
