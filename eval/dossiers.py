"""What the report shows of one document: its text with all marks, and what each run made of it, field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from extractor.document import Document, Span
from extractor.evidence import locate
from extractor.schemas.wire import quoted

from .gold import Case
from .marking import GOLD, Mark, Piece, pieces
from .rubric import Rubric
from .runs import Run
from .score import Counts, DocumentScore, Outcome, RecordScore

JSON = dict[str, Any]
Places = Mapping[str, tuple[Span, ...]]
"""Where the evidence of an extraction stands, by JSON pointer."""

_FIRST = {"wrong": 0, "missed": 1, "invented": 2, "correct": 3}


@dataclass(frozen=True)
class Row:
    """One value: what gold says of it and what was answered, in words, "" where nothing.

    `kind` says what is wrong in which part, or how a correct one differs; "" where there is nothing to say. `gold_at`
    and `answer_at` are offsets of the words, null where they have none. `severe`: a grade became another grade.
    """

    field: str
    primary: bool
    outcome: str
    gold: str
    gold_at: int | None
    answer: str
    answer_at: int | None
    kind: str
    severe: bool


@dataclass(frozen=True)
class Section:
    """One record of gold beside one of the answer; `title` says which, "" where the document has only these."""

    title: str
    faults: tuple[Row, ...]
    correct: tuple[Row, ...]


@dataclass(frozen=True)
class Answer:
    """What one run made of the document.

    With several repeats, `share` is over all of them, and all else is of the worst, number `repeat` (from 1). `share`
    is micro F1, null where the primary fields have nothing to count; `standing`, from 0 to 1, is what to sort by.
    `withheld` is field, value, reason; `warnings` are sentences.
    """

    run: int
    share: float | None
    standing: float
    note: str
    failed: str | None
    repeat: int
    counts: Counts
    sections: tuple[Section, ...]
    withheld: tuple[tuple[str, str, str], ...]
    warnings: tuple[str, ...]

    @property
    def has(self) -> tuple[str, ...]:
        """What the document can be found by: "failed", "fault", "severe"."""
        rows = [row for section in self.sections for row in section.faults]
        told = {"failed": self.failed is not None, "fault": bool(rows), "severe": any(row.severe for row in rows)}
        return tuple(name for name, holds in told.items() if holds)


@dataclass(frozen=True)
class Dossier:
    """One document and the answers of all runs, in their order."""

    case: Case
    pieces: tuple[Piece, ...]
    answers: tuple[Answer, ...]

    @property
    def failed(self) -> bool:
        """Whether any run failed on it."""
        return any(answer.failed is not None for answer in self.answers)

    @property
    def standing(self) -> float:
        """The mean of the answers' standings."""
        return sum(answer.standing for answer in self.answers) / len(self.answers)

    @property
    def has(self) -> frozenset[str]:
        """What any of its answers has."""
        return frozenset(name for answer in self.answers for name in answer.has)


def dossiers(runs: Sequence[Run], rubric: Rubric) -> list[Dossier]:
    """One for each document of any run: those on which a run failed, then the worst first.

    A run without the document has no answer in it.
    """
    held: dict[str, Case] = {case.id: case for run in runs for case in run.cases}
    found = [_dossier(case, runs, rubric) for case in held.values()]
    return sorted(found, key=lambda one: (not one.failed, one.standing, one.case.id))


def _dossier(case: Case, runs: Sequence[Run], rubric: Rubric) -> Dossier:
    place = partial(_stands, case.document)
    marks = {
        Mark(span, GOLD, spoken(pointer.split("/")[2]))
        for pointer, item in quoted(case.records)
        for span in place(item["quote"])
    }
    answers = []
    for number, run in enumerate(runs):
        at = next((index for index, own in enumerate(run.cases) if own.id == case.id), None)
        if at is None:
            continue
        scores = [row[at] for row in run.scores]
        worst = min(range(len(scores)), key=lambda repeat: (scores[repeat].failed is None, _standing([scores[repeat]])))
        extraction = run.extractions[worst][at]
        shown = _places(extraction, case)
        marks |= {Mark(span, number, _field(pointer)) for pointer, spans in shown.items() for span in spans}
        answers.append(_answer(number, scores, worst, extraction, shown, place, rubric))
    unseen = (*case.document.furniture, *case.document.hidden)
    return Dossier(case, tuple(pieces(case.document.text, sorted(marks), unseen)), tuple(answers))


@lru_cache(8192)
def _stands(document: Document, quote: str) -> tuple[Span, ...]:
    """Where gold's quote stands, looked for once for all pages that show the document."""
    return locate(document, quote).spans


def _places(extraction: JSON, case: Case) -> Places:
    """Where the evidence stands; nothing where it points into a text that reads otherwise."""
    if extraction.get("source", {}).get("text_sha256") not in ("", None, case.document.text_sha256):
        return {}
    return {
        one["field"]: tuple((start, end) for start, end, *_ in one["spans"]) for one in extraction.get("evidence", [])
    }


def _field(pointer: str) -> str:
    """The field of a JSON pointer such as /records/0/judgements/2; the pointer itself where it has none."""
    steps = pointer.split("/")
    return spoken(steps[3] if len(steps) > 3 else pointer)


def spoken(name: str) -> str:
    """A field's name as words."""
    return name.replace("_", " ")


# ── One answer ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _answer(
    number: int,
    scores: Sequence[DocumentScore],
    worst: int,
    extraction: JSON,
    shown: Places,
    place: Callable[[str], tuple[Span, ...]],
    rubric: Rubric,
) -> Answer:
    score, whole = scores[worst], _total(scores)
    return Answer(
        run=number,
        share=whole.f1,
        standing=_standing(scores),
        note=_note(score),
        failed=score.failed,
        repeat=worst + 1,
        counts=score.total,
        sections=tuple(_sections(score, shown, place, rubric)),
        withheld=tuple(
            (_field(one["field"]), said(one["value"]), one["reason"]) for one in extraction.get("withheld", [])
        ),
        warnings=tuple(one["message"] for one in extraction.get("warnings", [])),
    )


def _total(scores: Sequence[DocumentScore]) -> Counts:
    return Counts(*map(sum, zip(*(score.total for score in scores), strict=True)))


def _standing(scores: Sequence[DocumentScore]) -> float:
    """Micro F1; where there is nothing to count, 1 unless it failed or an empty document was answered by a record."""
    if any(score.failed is not None for score in scores):
        return 0.0
    share = _total(scores).f1
    return share if share is not None else float(all(score.rejected is not False for score in scores))


def _note(score: DocumentScore) -> str:
    """What F1 does not say of the document."""
    if score.failed is not None:
        return "failed"
    return {None: "", True: "rightly none", False: "invented a record"}[score.rejected]


def _sections(
    score: DocumentScore, shown: Places, place: Callable[[str], tuple[Span, ...]], rubric: Rubric
) -> Iterator[Section]:
    alone = score.pairs in (((0, 0),), ((0, None),), ((None, 0),))
    for record, (ours, theirs) in zip(score.records, score.pairs, strict=True):
        rows = sorted(_rows(record, theirs, shown, place, rubric), key=lambda row: _FIRST[row.outcome])
        yield Section(
            "" if alone else _title(ours, theirs),
            tuple(row for row in rows if row.outcome != "correct"),
            tuple(row for row in rows if row.outcome == "correct"),
        )


def _title(ours: int | None, theirs: int | None) -> str:
    if ours is None:
        return f"Record {(theirs or 0) + 1} of the answer, which gold has not"
    if theirs is None:
        return f"Record {ours + 1} of gold, which was not found"
    return f"Record {ours + 1} of gold and {theirs + 1} of the answer"


def _rows(
    record: RecordScore,
    theirs: int | None,
    shown: Places,
    place: Callable[[str], tuple[Span, ...]],
    rubric: Rubric,
) -> Iterator[Row]:
    for outcome in record.outcomes:
        if outcome.outcome == "absent":
            continue
        pointer = "/".join(map(str, ["", "records", theirs, outcome.field, outcome.predicted_index][: _depth(outcome)]))
        quote = outcome.gold.get("quote") if isinstance(outcome.gold, dict) else None
        yield Row(
            field=spoken(outcome.field),
            primary=outcome.field in rubric.weights,
            outcome=outcome.outcome,
            gold=said(outcome.gold),
            gold_at=_first(place(quote)) if quote else None,
            answer=said(outcome.predicted),
            answer_at=_first(_under(shown, pointer)),
            kind=_kind(outcome),
            severe=any(one.kind == "other grade" for one in (outcome, *outcome.parts)),
        )


def _depth(outcome: Outcome) -> int:
    return 4 if outcome.predicted_index is None else 5


def _under(shown: Places, pointer: str) -> tuple[Span, ...]:
    """The spans of the value at the pointer, or of the first of its parts."""
    return next((spans for field, spans in shown.items() if f"{field}/".startswith(f"{pointer}/")), ())


def _first(spans: Iterable[Span]) -> int | None:
    return next((start for start, _ in spans), None)


def _kind(outcome: Outcome) -> str:
    """What differs: each part that is not correct, or else the outcome's own kind."""
    own = f"{outcome.field}."
    told = [f"{spoken(part.field.removeprefix(own))}: {part.kind or part.outcome}" for part in outcome.parts]
    return "; ".join(told) or outcome.kind or ""


# ── Values in words ────────────────────────────────────────────────────────────────────────────────────────────────


def said(value: Any) -> str:
    """A value in words, without its quote and without codes: "Help and protection · good"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " / ".join(filter(None, map(said, value)))
    if not isinstance(value, dict):
        return str(value)
    if "value" in value and value.keys() <= {"quote", "words", "value"}:
        return said(value["value"] if value["value"] is not None else value.get("words"))
    if "as_written" in value:
        return said(value.get("name") or value["as_written"])
    return " · ".join(filter(None, (_told(key, own) for key, own in value.items())))


def _told(key: str, value: Any) -> str:
    if key == "quote" or key.endswith("_code"):
        return ""
    return f"{spoken(key)}: {said(value)}" if isinstance(value, bool) else said(value)
