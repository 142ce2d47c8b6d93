"""How far two people agree who labelled the same documents without seeing each other's labels.

Closed values are compared by Krippendorff's alpha (nominal; Krippendorff, Content Analysis, 2004, chapter 11): 1 is
full agreement, 0 what chance would give. Null is a value of its own: to say nothing is a choice too. Lists are compared
by F1 over their items, and the passages quoted for a field by F1 over their characters; both are the same whichever of
the two labellers is called the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from extractor.document import Document
from extractor.evidence import locate
from extractor.schemas.wire import gold_model, quoted

from .errors import GoldChanged, GoldError
from .gold import Case, cases
from .rubric import Rubric
from .score import Counts, DocumentScore, score_document
from .summary import summarise
from .tables import Cell, Table

JSON = dict[str, Any]
_CLOSED = ("exact", "grade", "edtf", "council")
"""The scorers of values that are picked from a closed list, or that are one of a known set."""


def agreement(first: Path, second: Path, rubric: Rubric) -> list[Table]:
    """The agreement of two folders of labels on the documents of the first; the second needs no documents.

    Raises:
        GoldError: the first set cannot be trusted, or a label of the second has not the shape of one.
        GoldChanged: the second has a document that the first has not, or not in this state, or they share none.
    """
    gold = {case.id: case for case in cases(first)}
    other = labels(second)
    if strange := sorted(set(other) - set(gold)):
        raise GoldChanged(f"{second}: {first} has no document {', '.join(strange[:5])}.")
    changed = [name for name, label in other.items() if label["document_sha256"] != gold[name].document.sha256]
    if changed or not other:
        raise GoldChanged(f"{second}: {', '.join(changed[:5]) or 'no document'} was labelled as it stands in {first}.")
    pairs = [(gold[name], label["records"]) for name, label in sorted(other.items())]
    scores = [score_document(case.records, records, rubric, case.document) for case, records in pairs]
    shared = f"{len(pairs)} of {len(gold)} documents of {first.name} were labelled twice."
    met = "Alpha is over the records, and in a list over the items, that both have; the lists below show the others."
    closed = (_records(pairs), *_closed(pairs, scores, rubric))
    only = (f"only {first.name}", f"only {second.name}")
    return [
        Table("Closed values", ("value", "alpha", "units", "same", "differ"), closed, (met,)),
        Table("Lists, by item", ("list", "F1", "same", "differ", *only), tuple(_lists(scores, rubric))),
        Table("Quoted characters", ("field", "F1", "both", *only), tuple(_passages(pairs, rubric)), (shared,)),
    ]


def labels(folder: Path) -> dict[str, JSON]:
    """The labels in a folder by id; their documents need not be there.

    Raises:
        GoldError: a file that is no label.
    """
    found: dict[str, JSON] = {}
    wrong: list[str] = []
    for path in sorted(folder.glob("*.json")):
        try:
            label = json.loads(path.read_text(encoding="utf-8"))
            gold_model().model_validate(label)
            found[label["id"]] = label
        except ValidationError as error:
            wrong += [f"{path}: {'/'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        except ValueError as error:
            wrong.append(f"{path}: is no JSON ({error})")
    if wrong:
        raise GoldError(wrong)
    return found


Pairs = Sequence[tuple[Case, list[JSON]]]
"""Each document with the first labeller's records, and the second's records."""


def _records(pairs: Pairs) -> tuple[Cell, ...]:
    """How many records each document has."""
    return _alpha_row("records in a document", [(len(case.records), len(records)) for case, records in pairs])


def _closed(pairs: Pairs, scores: Sequence[DocumentScore], rubric: Rubric) -> Iterator[tuple[Cell, ...]]:
    """Every closed field of the records that both have, and the grades of the areas that both have."""
    for field in rubric.fields:
        if field.scorer in _CLOSED:
            told = [
                (_label(case.records[i].get(field.name)), _label(records[j].get(field.name)))
                for (case, records), score in zip(pairs, scores, strict=True)
                for i, j in score.pairs
                if i is not None and j is not None
            ]
            yield _alpha_row(field.name, told)
    for field in rubric.fields:
        for part in [name for name, scorer in field.parts if scorer in _CLOSED]:
            met = [
                (_label(outcome.gold.get(part)), _label(outcome.predicted.get(part)))
                for score in scores
                for record in score.records
                for outcome in record.outcomes
                if outcome.field == field.name
                and isinstance(outcome.gold, dict)
                and isinstance(outcome.predicted, dict)
            ]
            yield _alpha_row(f"{field.name}.{part}", met)


def _label(value: Any) -> str:
    """A value as a category: a council by its code, anything else by what it says."""
    if isinstance(value, dict):
        value = value.get("gss_code") or value.get("name") or value.get("value", value.get("as_written"))
    return json.dumps(value, ensure_ascii=False)


def _alpha_row(name: str, told: Sequence[tuple[object, object]]) -> tuple[Cell, ...]:
    same = sum(one == other for one, other in told)
    return name, alpha(told), len(told), same, len(told) - same


def alpha(told: Sequence[tuple[object, object]]) -> float | None:
    """Krippendorff's alpha of two labellers over units, nominal; null where only one value was ever given."""
    import krippendorff

    codes = {value: code for code, value in enumerate(dict.fromkeys(value for pair in told for value in pair))}
    if len(codes) < 2:
        return None
    rows = [[float(codes[pair[side]]) for pair in told] for side in (0, 1)]
    return float(krippendorff.alpha(reliability_data=rows, level_of_measurement="nominal"))


def _lists(scores: Sequence[DocumentScore], rubric: Rubric) -> Iterator[tuple[Cell, ...]]:
    """The items of every list: those in common by the rubric's own way to align them, correct in every part."""
    found = summarise(scores, rubric)
    for field in rubric.fields:
        if field.align:
            counts = found.counts[field.name]
            yield field.name, counts.f1, counts.correct, counts.wrong, counts.missed, counts.invented


def _passages(pairs: Pairs, rubric: Rubric) -> Iterator[tuple[Cell, ...]]:
    """The characters quoted for each field, over all records of a document; a quote that is nowhere has none."""
    ours = [_quoted(case.document, case.records) for case, _ in pairs]
    theirs = [_quoted(case.document, records) for case, records in pairs]
    for field in rubric.fields:
        common = first = second = 0
        for one, other in zip(ours, theirs, strict=True):
            a, b = one.get(field.name, set()), other.get(field.name, set())
            common, first, second = common + len(a & b), first + len(a - b), second + len(b - a)
        if common or first or second:
            yield field.name, Counts(correct=common, missed=first, invented=second).f1, common, first, second


def _quoted(document: Document, records: Sequence[JSON]) -> Mapping[str, set[int]]:
    found: dict[str, set[int]] = {}
    for record in records:
        for pointer, item in quoted(record):
            field = pointer.split("/")[1]
            for start, end in locate(document, item["quote"]).spans:
                found.setdefault(field, set()).update(range(start, end))
    return found
