"""What a prediction got right of the gold: each field of a record has one of five outcomes, each item of a list too.

*correct* and *wrong*: both say something; *missed*: only gold does; *invented*: only the prediction does; *absent*:
neither does. Precision is correct / (correct + wrong + invented), recall correct / (correct + wrong + missed); what
is absent on both sides enters neither.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel

from extractor.document import Document, Span
from extractor.evidence import locate

from .align import ALIGNERS, Lists, Spans, assign
from .rubric import UNKNOWN, Field, Rubric, RubricError
from .scorers import CORRECT, SCORERS, Scorer, Verdict, absent, folded, printed

Said = Literal["correct", "wrong", "missed", "invented", "absent"]
OUTCOMES: tuple[Said, ...] = ("correct", "wrong", "missed", "invented", "absent")
_CORRECT, _WRONG, _MISSED, _INVENTED, _ABSENT = range(5)

JSON = dict[str, Any]
_Sum = TypeVar("_Sum", "Counts", Spans)


class Counts(NamedTuple):
    """How often each outcome was met. Ratios are null where there is nothing to divide by."""

    correct: int = 0
    wrong: int = 0
    missed: int = 0
    invented: int = 0
    absent: int = 0

    @property
    def precision(self) -> float | None:
        """The share of predicted values that are correct."""
        return _ratio(self.correct, self.correct + self.wrong + self.invented)

    @property
    def recall(self) -> float | None:
        """The share of gold values that were predicted correctly."""
        return _ratio(self.correct, self.correct + self.wrong + self.missed)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; 0 where only one side has values."""
        return _ratio(2 * self.correct, 2 * (self.correct + self.wrong) + self.missed + self.invented)

    @property
    def agreement(self) -> float | None:
        """The share of all that was compared on which both agree, null with null counted."""
        return _ratio(self.correct + self.absent, sum(self))

    @property
    def compared(self) -> int:
        """How many outcomes are not absent on both sides."""
        return self.correct + self.wrong + self.missed + self.invented


class Outcome(NamedTuple):
    """What became of one scalar, or one item of a list.

    `gold` and `predicted` are as they were given, quotes included; `predicted` is a list where the verdict is
    "split". `gold_index` and `predicted_index` say where in the two lists, null for a scalar. `kind` names the
    difference ("over-precise", "negated", …; for an item whose other parts differ, the first such part); it can be
    set on a correct one that is not the same ("near"). `parts` are an item's parts that are not correct.
    """

    field: str
    outcome: Said
    gold: Any = None
    predicted: Any = None
    kind: str | None = None
    credit: float = 0.0
    gold_index: int | None = None
    predicted_index: int | None = None
    parts: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordScore:
    """One record against one record, or against none.

    `counts` has every name in `rubric.counted`; `total` sums those of the primary fields by weight. `spans` has the
    lists of texts. `credit`, from 0 to 1, is the mean of the primary outcomes' credits, half-right values and all:
    shown beside F1, never in its place; null where nothing was compared.
    """

    noted: tuple[tuple[Any, ...], ...] = dataclasses.field(repr=False)
    counts: Mapping[str, Counts]
    spans: Mapping[str, Spans]
    total: Counts
    credit: float | None

    @property
    def outcomes(self) -> list[Outcome]:
        """Every field's outcome, every item's in a list. Made when asked for: most are only counted."""
        return [Outcome._make((*noted[:-1], tuple(Outcome(*part) for part in noted[-1]))) for noted in self.noted]


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """All records of one document; the sums are over `records`.

    `pairs` says which gold and which predicted record each score is of; null on the gold side for a record that gold
    has not (its values are invented), null on the predicted side for one that was not found (its values are missed).
    `failed` is the error of a document that could not be extracted: all of its gold is missed. `rejected` is null
    where gold has records; where it has none, whether the answer was none too.
    """

    records: tuple[RecordScore, ...]
    pairs: tuple[tuple[int | None, int | None], ...]
    counts: Mapping[str, Counts]
    spans: Mapping[str, Spans]
    total: Counts
    credit: float | None
    failed: str | None
    rejected: bool | None


def score_record(gold: Any, predicted: Any, rubric: Rubric, text: str | Document | None = None) -> RecordScore:
    """One predicted record against one gold record; each a mapping, in the gold or the record shape, or a model.

    With the document's text, quotes must be printed in it, and evidence is compared by place.

    Raises:
        RubricError: where gold has a key that the rubric does not know. One in the prediction counts as invented.
    """
    return _record(_plain(gold), _plain(predicted), rubric, _Source(_document(text), {}), "")


def score_document(
    gold_records: Iterable[Any], extraction: Any, rubric: Rubric, text: str | Document | None = None
) -> DocumentScore:
    """All records of a document: an Extraction, its JSON, or a list of records, against the gold ones.

    Records find each other by the rubric's `records` field; those left over, by what else they agree on, unless that
    field contradicts and nothing else agrees.

    Raises:
        RubricError: as `score_record`.
    """
    gold = [_plain(record) for record in gold_records]
    records, evidence, failed = _answer(extraction)
    predicted = [
        _plain(record) if isinstance(record, BaseModel | Mapping) else {"record": record} for record in records
    ]
    source = _Source(_document(text), evidence)
    scored: dict[tuple[int, int], RecordScore] = {}

    def worth(i: int, j: int) -> int:
        if (i, j) not in scored:
            scored[i, j] = _record(gold[i], predicted[j], rubric, source, f"/records/{j}")
        every = sum(scored[i, j].counts[each.name].correct for each in rubric.fields)
        return scored[i, j].total.correct * 10**6 + every

    def paired(likely: Callable[[int, int], bool], ours: Iterable[int], theirs: Iterable[int]) -> list[tuple[int, int]]:
        weights = {(i, j): 1 + worth(i, j) for i in ours for j in theirs if likely(i, j)}
        return assign(weights, lambda i: repr(gold[i]), lambda j: repr(predicted[j]))

    named = {(i, j): _same(one, other, rubric) for i, one in enumerate(gold) for j, other in enumerate(predicted)}
    pairs = paired(lambda i, j: named[i, j] is True, range(len(gold)), range(len(predicted)))
    left = [i for i in range(len(gold)) if all(i != one for one, _ in pairs)]
    spare = [j for j in range(len(predicted)) if all(j != other for _, other in pairs)]
    pairs += paired(lambda i, j: named[i, j] is None or worth(i, j) >= 10**6, left, spare)
    found = dict(pairs)
    whole: list[tuple[int | None, int | None]] = [(i, found.get(i)) for i in range(len(gold))]
    whole += [(None, j) for j in range(len(predicted)) if j not in found.values()]
    scores = [
        scored[i, j]
        if i is not None and j is not None
        else _record(None if i is None else gold[i], None if j is None else predicted[j], rubric, source, "")
        for i, j in whole
    ]
    counts = pooled(score.counts for score in scores) or dict.fromkeys(rubric.counted, Counts())
    total = micro(counts, rubric)
    credit = sum((score.credit or 0) * score.total.compared for score in scores)
    return DocumentScore(
        records=tuple(scores),
        pairs=tuple(whole),
        counts=counts,
        spans=pooled(score.spans for score in scores),
        total=total,
        credit=credit / total.compared if total.compared else None,
        failed=failed,
        rejected=None if gold else not predicted and failed is None,
    )


def micro(counts: Mapping[str, Counts], rubric: Rubric) -> Counts:
    """The primary fields' counts in sum, each by its weight."""
    rows = [
        counts[name] if weight == 1 else [weight * count for count in counts[name]]
        for name, weight in rubric.weights.items()
    ]
    return Counts(*map(sum, zip(*rows, strict=True))) if rows else Counts()


def pooled(many: Iterable[Mapping[str, _Sum]]) -> dict[str, _Sum]:
    """Counts or spans by name, summed name by name."""
    found: dict[str, list[_Sum]] = {}
    for one in many:
        for name, counts in one.items():
            found.setdefault(name, []).append(counts)
    return {name: type(counts[0])(*map(sum, zip(*counts, strict=True))) for name, counts in found.items()}


def _ratio(share: int, whole: int) -> float | None:
    return share / whole if whole else None


# ── One record ─────────────────────────────────────────────────────────────────────────────────────────────────────

_new = tuple.__new__  # makes a Counts in half the time
_OBJECTS = {dict}
_UNLIKE = Verdict(False)
_SAME = _CORRECT, CORRECT


class _Sheet:
    """Where the outcomes of one record are noted while they are found."""

    def __init__(self, rubric: Rubric) -> None:
        self.rubric = rubric
        self.tally = {name: [0, 0, 0, 0, 0] for name in rubric.counted}
        self.noted: list[tuple[Any, ...]] = []  # the fields of each Outcome
        self.spans: dict[str, Spans] = {}

    def note(self, field: str, said: int, *rest: Any) -> None:
        """Count an outcome and keep it: the fields of Outcome from `gold` on."""
        self.tally[field][said] += 1
        self.noted.append((field, OUTCOMES[said], *rest))

    def check(self, given: JSON, known: Set[str], where: str, *, gold: bool) -> None:
        """Keys that the rubric does not know: refused in gold, invented in a prediction."""
        if given.keys() <= known:
            return
        strange = sorted(key for key in given.keys() - known if not absent(given[key]))
        if gold and strange:
            raise RubricError(f"gold has {where}{strange[0]}, which the rubric does not know: name it there.")
        for key in strange:
            self.note(UNKNOWN, _INVENTED, None, {where + key: given[key]}, "unknown key", 0.0, None, None, ())

    def items(self, field: Field, given: list[Any], *, gold: bool) -> list[JSON]:
        """The items as objects, their keys checked; one that is a plain value has nothing but its identity."""
        if {*map(type, given)} == _OBJECTS and field.keys.issuperset(chain.from_iterable(given)):
            return given
        objects = [item if type(item) is dict else {field.identity or "": item} for item in given]
        for item in objects:
            self.check(item, field.keys, f"{field.name}.", gold=gold)
        return objects

    def alone(self, field: Field, said: int, item: Any) -> None:
        """Count the parts of an item that found no other."""
        for key, name in field.counted:
            if not absent(item.get(key)):
                self.tally[name][said] += 1

    def matched(
        self,
        field: Field,
        one: Any,
        other: Any,
        places: tuple[int, int],
        identity: Verdict,
        parts: list[tuple[int, Verdict]],
        more: Sequence[Any] = (),
    ) -> None:
        """Note two items that found each other: correct where the verdicts on identity and on every part are."""
        if field.identity is not None:
            present = not (absent(one.get(field.identity)) and absent(other.get(field.identity)))
            parts = [((_CORRECT if identity.correct else _WRONG) if present else _ABSENT, identity), *parts]
        differing: list[tuple[Any, ...]] = []
        gained: list[float] = []
        for (key, name), (said, (_, kind, credit)) in zip(field.counted, parts, strict=True):
            self.tally[name][said] += 1
            if said != _ABSENT:
                gained.append(credit)
                if said != _CORRECT:
                    differing.append((name, OUTCOMES[said], one.get(key), other.get(key), kind, credit))
        said = _CORRECT if identity.correct and not differing else _WRONG
        kind = identity.kind or (differing[0][0].removeprefix(f"{field.name}.") if differing else None)
        share = sum(gained) / len(gained) if gained else identity.credit
        shown = [other, *more] if more else other
        self.note(field.name, said, one, shown, kind, share, *places, differing)

    def score(self) -> RecordScore:
        """What was noted."""
        counts = {name: _new(Counts, own) for name, own in self.tally.items()}
        total, weights = micro(counts, self.rubric), self.rubric.weights
        credit = sum([weights[noted[0]] * noted[5] for noted in self.noted if noted[0] in weights])
        share = credit / total.compared if total.compared else None
        return RecordScore(tuple(self.noted), counts, self.spans, total, share)


def _record(gold: JSON | None, predicted: JSON | None, rubric: Rubric, source: _Source, pointer: str) -> RecordScore:
    """The score of a pair, or of a record that is on one side only: there, nothing is absent on both."""
    sheet = _Sheet(rubric)
    ours, theirs = gold or {}, predicted or {}
    sheet.check(ours, rubric.by_name.keys(), "", gold=True)
    document = source.document
    for field in rubric.fields:
        name = field.name
        one, other = ours.get(name), theirs.get(name)
        if field.scorer is None:
            _list(field, _items(one), _items(other), sheet, source, f"{pointer}/{name}")
        elif one and one == other and document is None:
            sheet.tally[name][_CORRECT] += 1
            sheet.noted.append((name, "correct", one, other, None, 1.0, None, None, ()))
        else:
            said, (_, kind, credit) = _compared(_value(one), _value(other), SCORERS[field.scorer], document)
            sheet.note(name, said, one, other, kind, credit, None, None, ())
    sheet.check(theirs, rubric.by_name.keys(), "", gold=False)
    if gold is None or predicted is None:
        sheet.noted = [noted for noted in sheet.noted if noted[1] != "absent"]
        for counts in sheet.tally.values():
            counts[_ABSENT] = 0
    return sheet.score()


def _compared(gold: Any, predicted: Any, scorer: Scorer, document: Document | None) -> tuple[int, Verdict]:
    """The outcome of two values, each perhaps absent, and the verdict on them where both are there."""
    if gold == predicted and gold and document is None:
        return _SAME
    if absent(gold):
        return (_ABSENT if absent(predicted) else _INVENTED), _UNLIKE
    if absent(predicted):
        return _MISSED, _UNLIKE
    verdict = scorer(gold, predicted, document)
    return (_CORRECT if verdict.correct else _WRONG), verdict


def _value(given: Any) -> Any:
    """A scalar without its quote: of gold's {quote, value}, of the wire's {quote, words}; a council keeps its parts."""
    if isinstance(given, dict) and "quote" in given:
        return given["value"] if "value" in given else given.get("words", given)
    return given


def _items(given: Any) -> list[Any]:
    """The items of a list; none for null. A value that is no list is its only item."""
    if type(given) is not list:
        given = given if isinstance(given, tuple) else [] if absent(given) else [given]
    return [item for item in given if item is not None and item != ""] if None in given or "" in given else given


# ── One list ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _list(field: Field, gold: list[Any], predicted: list[Any], sheet: _Sheet, source: _Source, pointer: str) -> None:
    """Note the outcome of every item: of those that found each other, then of the missed, then of the invented."""
    if not gold and not predicted:
        sheet.note(field.name, _ABSENT, None, None, None, 0.0, None, None, ())
        return
    if field.keys:
        ours = gold = sheet.items(field, gold, gold=True)
        theirs = predicted = sheet.items(field, predicted, gold=False)
    else:
        ours, theirs = [*map(_value, gold)], [*map(_value, predicted)]
    document, scored = source.document, field.scored

    def parts(i: int, j: int) -> list[tuple[int, Verdict]]:
        one, other = ours[i], theirs[j]
        return [_compared(one.get(key), other.get(key), scorer, document) for key, scorer in scored]

    def agree(i: int, j: int) -> int:
        right = [said in (_CORRECT, _ABSENT) for said, _ in parts(i, j)]
        return sum(each << 10 * place for place, each in enumerate([*right, all(right)]))

    def overlap(i: int, j: int) -> bool:
        return source.overlap(gold[i], predicted[j], f"{pointer}/{j}")

    shown = overlap if "quote" in chain.from_iterable(gold) else None
    exact, near, spans = ALIGNERS[field.align or ""](Lists(ours, theirs, field.identity, agree, shown))
    if spans is not None:
        sheet.spans[field.name] = spans
    left, spare, name = [True] * len(gold), [True] * len(predicted), field.name
    alike, keys = 0, field.part_keys
    for i, j in exact:
        left[i] = spare[j] = False
        if document is None and _alike(ours[i], theirs[j], keys):
            alike += 1
            sheet.noted.append((name, "correct", gold[i], predicted[j], None, 1.0, i, j, ()))
        else:
            sheet.matched(field, gold[i], predicted[j], (i, j), CORRECT, parts(i, j))
    for each in field.names:
        sheet.tally[each][_CORRECT] += alike
    for i, j, verdict, more in near:
        left[i] = False
        for answer in (j, *more):
            spare[answer] = False
        verdict = source.checked(theirs[j], field, verdict)
        sheet.matched(field, gold[i], predicted[j], (i, j), verdict, parts(i, j), [predicted[each] for each in more])
    for i, item in enumerate(gold):
        if left[i]:
            sheet.note(name, _MISSED, item, None, None, 0.0, i, None, ())
            sheet.alone(field, _MISSED, ours[i])
    for j, item in enumerate(predicted):
        if spare[j]:
            sheet.note(name, _INVENTED, None, item, None, 0.0, None, j, ())
            sheet.alone(field, _INVENTED, theirs[j])


def _alike(one: Any, other: Any, keys: Iterable[str]) -> bool:
    """Whether these parts are there and the same on both sides, to the letter."""
    for key in keys:
        value = one.get(key)
        if not value or value != other.get(key):
            return False
    return True


# ── Documents and what an engine answered ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Source:
    """Where quotes stand: in the document, null where it is not at hand, and in the evidence, by JSON pointer."""

    document: Document | None
    evidence: Mapping[str, tuple[str, list[Span]]]

    def overlap(self, gold: Any, predicted: Any, pointer: str) -> bool:
        """Whether one passage shows both items: by place where places are known, otherwise one quote in the other."""
        ours = _quote(gold)
        theirs, spans = self.evidence.get(pointer, (_quote(predicted), []))
        if not ours or not theirs or not isinstance(theirs, str):
            return False
        if self.document is not None:
            place = locate(self.document, ours).spans
            spans = spans or list(locate(self.document, theirs).spans)
            if place and spans:
                return any(start < last and first < end for start, end in place for first, last in spans)
        one, other = folded(ours), folded(theirs)
        return one in other or other in one

    def checked(self, item: Any, field: Field, verdict: Verdict) -> Verdict:
        """The verdict on a text that is near gold's: wrong where the document is at hand and does not print it."""
        if verdict.kind != "near" or field.align != "text" or self.document is None:
            return verdict
        words = item[field.identity] if field.identity else item
        return verdict if printed(words, self.document) else Verdict(False, "not in the document", verdict.credit)


def _quote(item: Any) -> Any:
    return item.get("quote") if isinstance(item, dict) else None


def _document(text: str | Document | None) -> Document | None:
    return Document.from_text(text) if isinstance(text, str) else text


def _plain(record: Any) -> JSON:
    return record if type(record) is dict else record.model_dump() if isinstance(record, BaseModel) else dict(record)


def _answer(extraction: Any) -> tuple[list[Any], dict[str, tuple[str, list[Span]]], str | None]:
    """The records of an answer, its evidence by JSON pointer, and its error; no records where there is one."""
    if extraction is None:
        return [], {}, "no extraction"
    if not isinstance(extraction, BaseModel | Mapping):
        return list(extraction), {}, None
    given = extraction if isinstance(extraction, Mapping) else vars(extraction)
    error = given.get("error")
    if error is not None:
        told = _plain(error)
        return [], {}, f"{told['type']}: {told['message']}" if isinstance(told, Mapping) else str(told)
    shown = [_plain(one) for one in given.get("evidence", [])]
    places = {one["field"]: (one["quote"], [(start, end) for start, end, _ in one["spans"]]) for one in shown}
    return list(given["records"]), places, None


def _same(gold: JSON, predicted: JSON, rubric: Rubric) -> bool | None:
    """Whether two records name the same in the rubric's `records` field; null where one of them names nothing."""
    if rubric.records is None:
        return None
    one, other = _value(gold.get(rubric.records)), _value(predicted.get(rubric.records))
    if absent(one) or absent(other):
        return None
    return SCORERS[rubric.by_name[rubric.records].scorer or ""](one, other, None).correct
