"""What the scores of many documents come to: counts by field, what matters most by itself, and counts by cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, NamedTuple

from pydantic import BaseModel

from .align import Spans
from .rubric import Rubric
from .score import Counts, DocumentScore, Outcome, micro, pooled


class Grades(NamedTuple):
    """Grades where gold has none, and grades turned into another: the errors that a reader can least afford."""

    invented: int = 0
    changed: int = 0


class Quotes(NamedTuple):
    """What became of the quotes. The shares are null where there were none."""

    verified: int = 0
    altered: int = 0
    withheld: int = 0

    @property
    def shares(self) -> tuple[float, float, float] | None:
        """The share of each, in the order of the fields."""
        every = sum(self)
        return (self.verified / every, self.altered / every, self.withheld / every) if every else None


@dataclass(frozen=True)
class Summary:
    """One prompt on one set.

    `failed` documents are among `documents`, all of their gold missed. `empty` are the documents in which gold has
    no record, `rejected` those of them that were answered by none. `counts` and `spans` are by field and part,
    `grades` by field. `total` is the sum of the primary fields by weight; its F1 is the primary figure. `credit` is
    the mean of the documents' credits, half-right values and all; null where none has any.
    """

    documents: int
    failed: int
    empty: int
    rejected: int
    counts: Mapping[str, Counts]
    spans: Mapping[str, Spans]
    total: Counts
    grades: Mapping[str, Grades]
    quotes: Quotes
    credit: float | None

    @property
    def grades_invented(self) -> int:
        """Grades that gold has not, over all fields that hold one."""
        return sum(own.invented for own in self.grades.values())

    @property
    def severe(self) -> int:
        """Grades turned into another, over all fields that hold one."""
        return sum(own.changed for own in self.grades.values())


def summarise(scores: Iterable[DocumentScore], rubric: Rubric, extractions: Iterable[Any] = ()) -> Summary:
    """The documents' scores, pooled; `extractions` (models or their JSON) are asked for their quotes alone."""
    held = list(scores)
    counts = dict.fromkeys(rubric.counted, Counts()) | pooled(score.counts for score in held)
    found = [score.credit for score in held if score.credit is not None]
    return Summary(
        documents=len(held),
        failed=sum(score.failed is not None for score in held),
        empty=sum(score.rejected is not None for score in held),
        rejected=sum(score.rejected is True for score in held),
        counts=counts,
        spans=pooled(score.spans for score in held),
        total=micro(counts, rubric),
        grades=grades(held, rubric),
        quotes=quotes(extractions),
        credit=fmean(found) if found else None,
    )


def grades(scores: Iterable[DocumentScore], rubric: Rubric) -> dict[str, Grades]:
    """Grades invented and grades turned into another, for each field that holds a grade."""
    found = dict.fromkeys(rubric.graded, Grades())
    for score in scores:
        for record in score.records:
            for outcome in record.outcomes:
                if outcome.field in found:
                    invented, changed = found[outcome.field]
                    found[outcome.field] = Grades(
                        invented + (outcome.outcome == "invented"), changed + _changed(outcome)
                    )
    return found


def _changed(outcome: Outcome) -> bool:
    return any(one.kind == "other grade" for one in (outcome, *outcome.parts))


def quotes(extractions: Iterable[Any]) -> Quotes:
    """How many values came with the document's words, with words that differ from the model's, or were withheld."""
    verified = altered = withheld = 0
    for extraction in extractions:
        given = vars(extraction) if isinstance(extraction, BaseModel) else extraction
        shown = [vars(one) if isinstance(one, BaseModel) else one for one in given.get("evidence", [])]
        verdicts = [one["verdict"] for one in shown]
        verified += verdicts.count("verified")
        altered += verdicts.count("altered")
        withheld += len(given.get("withheld", []))
    return Quotes(verified, altered, withheld)


@dataclass(frozen=True)
class ClusterCounts:
    """Counts by cluster, for the statistics.

    `rows[c][f]` is (correct, wrong, missed, invented) of cluster `clusters[c]` in field `fields[f]`, the primary
    fields; `numpy.array(rows)` has the shape (clusters, fields, 4). `weights[f]` is the field's weight.
    """

    clusters: tuple[str, ...]
    fields: tuple[str, ...]
    weights: tuple[int, ...]
    rows: tuple[tuple[tuple[int, int, int, int], ...], ...]


def cluster_counts(scores: Sequence[DocumentScore], clusters: Sequence[str], rubric: Rubric) -> ClusterCounts:
    """The primary fields' counts, summed within each cluster; `clusters` names each score's, clusters come sorted.

    Raises:
        ValueError: where there are not as many clusters as scores.
    """
    members: dict[str, list[Mapping[str, Counts]]] = {}
    for score, cluster in zip(scores, clusters, strict=True):
        members.setdefault(cluster, []).append(score.counts)
    names = tuple(sorted(members))
    sums = [pooled(members[name]) for name in names]
    return ClusterCounts(
        names,
        tuple(rubric.weights),
        tuple(rubric.weights.values()),
        tuple(tuple(own[field][:4] for field in rubric.weights) for own in sums),
    )
