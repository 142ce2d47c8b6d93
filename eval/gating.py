"""Whether a run may take the place of a baseline: not on a real loss, nor where it breaks a grade that was right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from .comparing import MARGIN, Comparison, compare
from .rubric import Field, Rubric
from .rubric import load as load_rubric
from .runs import Run
from .score import DocumentScore, Outcome

Place = tuple[int, str, int | None]
"""Where a grade stands in gold: the record, the field, and the item of a list; null for a scalar."""


@dataclass(frozen=True)
class Break:
    """A grade that the baseline had right each time it was asked, turned into another at least once.

    `record` and `item` count from 0 in gold; `item` is null for a scalar. `gold` and `predicted` are the grades.
    """

    document: str
    record: int
    field: str
    item: int | None
    gold: str
    predicted: str

    def __str__(self) -> str:
        where = self.field if self.item is None else f"{self.field} {self.item + 1}"
        return f"{self.document}, record {self.record + 1}, {where}: {self.gold} became {self.predicted}"


@dataclass(frozen=True)
class Gate:
    """What the gate found.

    `loss` is the sentence of a real loss, null where there is none; `breaks` are the severe ones. `documents` are the
    ids of all documents, in their order.
    """

    comparison: Comparison
    loss: str | None
    breaks: tuple[Break, ...]
    documents: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """No real loss and no severe break. That a loss cannot be told is no loss."""
        return self.loss is None and not self.breaks

    @property
    def sentences(self) -> list[str]:
        """What was found, one line each: the verdict, then the breaks."""
        return [self.comparison.pairs[0].verdict.sentence, *map(str, self.breaks)]

    def junit(self) -> str:
        """The same as JUnit XML: one test for the loss, then one for each document's grades."""
        (pair,) = self.comparison.pairs
        tests = [("micro F1", "loss", self.loss or "")]
        for document in self.documents:
            broken = "\n".join(str(each) for each in self.breaks if each.document == document)
            tests.append((document, "break", broken))
        totals = {"tests": str(len(tests)), "failures": str(sum(bool(failure) for *_, failure in tests))}
        root = ElementTree.Element("testsuites", totals)
        suite = ElementTree.SubElement(
            root, "testsuite", {"name": _plain(f"{pair.name} against {pair.baseline}"), **totals}
        )
        for name, kind, failure in tests:
            test = ElementTree.SubElement(suite, "testcase", {"classname": "extractor-eval gate", "name": _plain(name)})
            if failure:
                message = _plain(failure.splitlines()[0])
                ElementTree.SubElement(test, "failure", {"type": kind, "message": message}).text = _plain(failure)
        ElementTree.SubElement(suite, "system-out").text = _plain(pair.verdict.sentence)
        ElementTree.indent(root)
        return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def gate(run: Run, baseline: Run, margin: float = MARGIN, *, rubric: Rubric | None = None) -> Gate:
    """Hold a run against a baseline on the same gold set.

    A loss is real where the verdict is *worse*, unless it is shown to be smaller than the margin.

    Raises:
        ComparisonError: as `compare`.
    """
    rubric = rubric or load_rubric()
    comparison = compare([baseline, run], margin=margin, rubric=rubric)
    (pair,) = comparison.pairs
    lost = pair.verdict.word == "worse" and pair.simultaneous.low <= -margin
    documents = tuple(case.id for case in baseline.cases)
    return Gate(comparison, pair.verdict.sentence if lost else None, tuple(breaks(run, baseline, rubric)), documents)


def breaks(run: Run, baseline: Run, rubric: Rubric) -> Iterator[Break]:
    """Every grade that the baseline had right in all of its repeats and the run turned into another in any of its."""
    ours, theirs = _by_document(baseline), _by_document(run)
    for document, scores in ours.items():
        right = set.intersection(*(_right(score, rubric) for score in scores))
        changed: dict[Place, tuple[str, str]] = {}
        for score in reversed(theirs[document]):
            changed |= _changed(score, rubric)
        for place in sorted(right & changed.keys(), key=repr):
            yield Break(document, *place, *changed[place])


def _by_document(run: Run) -> dict[str, list[DocumentScore]]:
    return {case.id: [scores[place] for scores in run.scores] for place, case in enumerate(run.cases)}


def _graded(score: DocumentScore, rubric: Rubric) -> Iterator[tuple[Place, Field, Outcome]]:
    """Every outcome about a grade that gold has, with its place."""
    for (gold, _), record in zip(score.pairs, score.records, strict=True):
        for outcome in record.outcomes:
            if gold is not None and outcome.field in rubric.graded and outcome.outcome not in ("invented", "absent"):
                yield (gold, outcome.field, outcome.gold_index), rubric.by_name[outcome.field], outcome


def _right(score: DocumentScore, rubric: Rubric) -> set[Place]:
    """Where a grade is right: that of an item whose identity is, whatever its other parts are."""
    return {
        place
        for place, field, outcome in _graded(score, rubric)
        if outcome.outcome == "correct"
        or (
            outcome.outcome == "wrong"
            and field.scorer is None
            and not {part.field for part in outcome.parts} & _decisive(field)
        )
    }


def _decisive(field: Field) -> set[str]:
    """The parts of an item that must be right for its grade to be: its identity and every grade."""
    keys = [field.identity, *(key for key, scorer in field.parts if scorer == "grade")]
    return {f"{field.name}.{key}" for key in keys}


def _changed(score: DocumentScore, rubric: Rubric) -> dict[Place, tuple[str, str]]:
    """Where a grade was turned into another: gold's and the predicted one."""
    return {
        place: (_grade(one.gold), _grade(one.predicted))
        for place, _, outcome in _graded(score, rubric)
        for one in (outcome, *outcome.parts)
        if one.kind == "other grade"
    }


def _grade(said: object) -> str:
    """A grade, with its quote or without."""
    return str(said.get("value", said)) if isinstance(said, Mapping) else str(said)


_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _plain(text: str) -> str:
    """The text without the characters that no XML may hold."""
    return _UNPRINTABLE.sub("\ufffd", text)
