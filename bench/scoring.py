"""How fast 10,000 record pairs are scored beside a 30-line floor and beside two published scorers.

Usage: python bench/scoring.py. All run in turn on the same pairs, in one process; only their ratios are meant.
"""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import Any

from extractor_eval.rubric import rubric
from extractor_eval.score import score_record
from rapidfuzz import fuzz

PAIRS, BATCH, PEER_PAIRS, ROUNDS = 10_000, 1_000, 100, 3

JSON = dict[str, Any]
Pair = tuple[JSON, JSON]

GRADES = ["outstanding", "good", "requires improvement", "inadequate"]
LABELS = {
    "framework": ["SLAC", "SIF", "ILACS", "JTAI", "other"],
    "inspection_type": ["full", "short", "standard", "re-inspection", "monitoring visit", "focused visit"],
    "overall_grade": GRADES,
    "inspectorate": ["Ofsted", "Care Quality Commission", "HMICFRS", "HMI Probation"],
}
DATES = ["inspection_start", "inspection_end", "report_published"]
NUMBERS = ["children", "cases"]
TEXTS = ["provider", "outcome"]
COUNCILS = ["Bexley Council", "Kingston upon Hull", "Halton Borough Council", "Sandwell", "Norfolk County Council"]
AREAS = [
    "the experiences and progress of children who need help and protection",
    "the experiences and progress of children in care",
    "the experiences and progress of care leavers",
    "the impact of leaders on social work practice",
    "leadership, management and governance",
    "adoption performance",
    "capacity for improvement",
    "the effectiveness of the local safeguarding children board",
]
FIRST = "Amira Tom Grace Will Teresa Peter Jon Ann Karim Ruth Leila Hugh Nadia Owen"
LAST = "Khan Hughes Tuckley O'Neill Murphy Hunt Lee Osei Barlow Finch Grant Yates Moss Quine"
ROLES = ["lead inspector", "chief executive", "director of children's services", "council leader", "cabinet member"]
WORDS = """children families workers plans visits records leaders managers partners carers homes schools assessments
decisions thresholds caseloads supervision practice oversight quality support risks needs delay drift progress change
are is remain become too not always often rarely well clearly quickly slowly high low good weak strong late timely
in of for with across despite because and but when where most some many all few"""
SIZE = 118

RUBRIC = rubric(
    {
        "fields": {
            "authority": {"scorer": "council", "weight": 1},
            **{name: {"scorer": "exact", "weight": 1} for name in LABELS},
            **{name: {"scorer": "edtf", "weight": 1} for name in DATES},
            **{name: {"scorer": "number", "weight": 1} for name in NUMBERS},
            **{name: {"scorer": "text", "weight": 1} for name in TEXTS},
            "judgements": {"align": "area", "identity": "area", "parts": {"grade": "grade"}, "weight": 1},
            "people": {"align": "person", "identity": "name", "parts": {"role": "text"}, "weight": 1},
            "findings": {"align": "text", "identity": "text", "parts": {"kind": "exact"}, "weight": 1},
        }
    }
)
SCALARS = ["authority", *LABELS, *DATES, *NUMBERS, *TEXTS]
LISTS = {"judgements": ("area", "grade"), "people": ("name", "role"), "findings": ("text", "kind")}


# ── The pairs ──────────────────────────────────────────────────────────────────────────────────────────────────────


def sentence(dice: random.Random) -> str:
    """A finding of 118 characters."""
    words = WORDS.split()
    text = dice.choice(words).capitalize()
    while len(text) < SIZE - 1:
        text += f" {dice.choice(words)}"
    return f"{text[: SIZE - 1].rstrip():s<{SIZE - 1}}."


def a_record(dice: random.Random) -> JSON:
    """A gold record: 12 scalars, 8 judgements, 6 people, 10 findings."""
    names = [
        f"{first} {last}"
        for first, last in zip(dice.sample(FIRST.split(), 6), dice.sample(LAST.split(), 6), strict=True)
    ]
    return {
        "authority": dice.choice(COUNCILS),
        **{name: dice.choice(labels) for name, labels in LABELS.items()},
        **{name: f"20{dice.randint(10, 24)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}" for name in DATES},
        **{name: dice.randint(2, 4000) for name in NUMBERS},
        **{name: sentence(dice)[: dice.randint(20, 60)] for name in TEXTS},
        "judgements": [{"area": area, "grade": dice.choice(GRADES)} for area in AREAS],
        "people": [{"name": name, "role": dice.choice(ROLES)} for name in names],
        "findings": [{"text": sentence(dice), "kind": dice.choice(["strength", "weakness"])} for _ in range(10)],
    }


def respelled(dice: random.Random, text: str) -> str:
    """The text with a slip: a word lost, two letters swapped, or another kind of white space."""
    words = text.split()
    at = dice.randrange(len(words))
    match dice.randrange(3):
        case 0 if len(words) > 3:
            del words[at]
        case 1:
            words[at] = words[at][:1] + words[at][1:][::-1]
        case _:
            return text.replace(" ", "\u00a0", 2)
    return " ".join(words)


def an_answer(dice: random.Random, gold: JSON) -> JSON:
    """What a middling model makes of it: a tenth of everything wrong, lost or made up, every list in another order."""
    other = a_record(dice)
    answer: JSON = {
        name: dice.choices([gold[name], other[name], None], [85, 10, 5])[0] for name in gold if name not in LISTS
    }
    for name, (identity, part) in LISTS.items():
        items = [dict(item) for item in gold[name] if dice.random() > 0.07]
        for item in items:
            if dice.random() < 0.15:
                item[identity] = respelled(dice, item[identity])
            if dice.random() < 0.1:
                item[part] = dice.choice(other[name])[part]
        items += [dict(item) for item in other[name] if dice.random() < 0.07]
        answer[name] = dice.sample(items, len(items))
    return answer


def pairs(dice: random.Random, count: int) -> list[Pair]:
    """As many pairs of gold and answer."""
    golds = [a_record(dice) for _ in range(count)]
    return [(gold, an_answer(dice, gold)) for gold in golds]


# ── The floor: the least that tells right from wrong, with no kinds of wrong, no types and no optimal assignment ─────


MARKS = str.maketrans("‘’“”–—\u00a0", "''\"\"-- ")


def plain(value: Any) -> str:
    """The floor's idea of folding."""
    text = str(value) if value is not None else ""
    return " ".join((text if text.isascii() else text.translate(MARKS)).lower().split())


def floor(pair: Pair) -> JSON:
    """Correct, wrong, missed and invented by field: exact pairs first, then greedily by rapidfuzz from 70."""
    gold, answer = pair
    counts = {name: [0, 0, 0, 0] for name in (*SCALARS, *LISTS)}
    for name in SCALARS:
        one, other = plain(gold[name]), plain(answer[name])
        if one or other:
            counts[name][3 if not one else 2 if not other else one != other] += 1
    for name, (identity, part) in LISTS.items():
        found = [(plain(item[identity]), plain(item[part])) for item in answer[name]]
        left = []
        for item in [(plain(item[identity]), plain(item[part])) for item in gold[name]]:
            same = [answered for answered in found if answered[0] == item[0]]
            if same:
                best = item if item in same else same[0]
                found.remove(best)
                counts[name][best != item] += 1
            else:
                left.append(item)
        near = [
            (fuzz.ratio(item[0], answered[0], score_cutoff=70), item, answered) for item in left for answered in found
        ]
        for score, item, answered in sorted(near, reverse=True):
            if score and item in left and answered in found:
                left.remove(item)
                found.remove(answered)
                counts[name][item[1] != answered[1]] += 1
        counts[name][2] += len(left)
        counts[name][3] += len(found)
    return counts


def ours(pair: Pair) -> Any:
    """The project's own way, kept as the harness keeps it: the counts."""
    return score_record(*pair, RUBRIC).counts


def seconds(work: Callable[[Pair], object], many: list[Pair]) -> float:
    """How long the work takes on all of them once."""
    started = perf_counter()
    for pair in many:
        work(pair)
    return perf_counter() - started


def peak(work: Callable[[Pair], object], many: list[Pair]) -> int:
    """The most memory, in bytes, that the work and all that it returns take above the pairs themselves."""
    work(many[0])
    tracemalloc.start()
    kept = [work(pair) for pair in many]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most if kept else 0


# ── The peers, where they are installed ────────────────────────────────────────────────────────────────────────────


def by_stickler() -> Callable[[Pair], object]:
    """stickler-eval: rapidfuzz for words (its own Levenshtein takes fifty times as long), Hungarian lists."""
    stickler = import_module("stickler")
    words, label = stickler.FuzzyComparator(), stickler.ExactComparator()

    def field(comparator: Any, threshold: float) -> Any:
        return stickler.ComparableField(comparator=comparator, threshold=threshold, default=None)

    def model(name: str, kinds: dict[str, Any], fields: JSON) -> Any:
        return type(name, (stickler.StructuredModel,), {"__annotations__": kinds, "__module__": __name__, **fields})

    parts: JSON = {}
    for name, (identity, part) in LISTS.items():
        fields = {identity: field(words, 0.7), part: field(label, 1.0)}
        item = model(f"A{name.title()}", {identity: str | None, part: str | None}, fields)
        parts[name] = (list[item], stickler.ComparableField(default=None))  # type: ignore[valid-type]
    kinds = {name: int | None if name in NUMBERS else str | None for name in SCALARS}
    scalars = {name: field(words if name in TEXTS else label, 0.7 if name in TEXTS else 1.0) for name in SCALARS}
    record = model(
        "ARecord",
        {**kinds, **{name: kind for name, (kind, _) in parts.items()}},
        {**scalars, **{name: own for name, (_, own) in parts.items()}},
    )
    return lambda pair: record(**pair[0]).compare_with(record(**pair[1]))


def by_structured_eval() -> Callable[[Pair], object]:
    """structured-eval: exact scalars, lists paired by Levenshtein on their identity from 0.7."""
    evaluate = import_module("structured_eval").evaluate
    models, metrics = import_module("structured_eval.models.config"), import_module("structured_eval.metrics")
    fields = {
        name: models.ArrayFieldConfig(
            strategy="by_key", params={"key": identity, "key_metric": metrics.Levenshtein(), "threshold": 0.7}
        )
        for name, (identity, _) in LISTS.items()
    }
    config = models.EvalConfig(fields=fields)
    return lambda pair: evaluate(pair[1], pair[0], config)


PEERS = {"stickler-eval": ("1.0.0", by_stickler), "structured-eval": ("0.3", by_structured_eval)}


def main() -> None:
    """Time the floor and the project's own way on all pairs, then each peer on the first hundred."""
    dice = random.Random(2024)
    spent = [0.0, 0.0]
    for _ in range(PAIRS // BATCH):
        batch = pairs(dice, BATCH)
        gc.collect()
        gc.freeze()  # the pairs are not the work
        timed = [(seconds(floor, batch), seconds(ours, batch)) for _ in range(ROUNDS)]
        gc.unfreeze()
        spent = [total + min(column) for total, column in zip(spent, zip(*timed, strict=True), strict=True)]
    print(f"{PAIRS:,} record pairs, best of {ROUNDS} alternations each {BATCH:,}")
    print(f"score_record goes at {spent[0] / spent[1]:.2f} times the floor's rate (aim: at least 0.5)")
    print(f"and takes {peak(ours, batch) / peak(floor, batch):.2f} times its memory (aim: at most 2)")
    few = batch[:PEER_PAIRS]
    for name, (wanted, build) in PEERS.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            print(f"{name}: not installed, skipped")
            continue
        peer = build()
        timed = [(seconds(peer, few), seconds(ours, few)) for _ in range(ROUNDS)]
        theirs, own = (min(column) for column in zip(*timed, strict=True))
        note = "" if found.startswith(wanted) else f" (meant for {wanted})"
        print(f"{name} {found}{note}: score_record goes at {theirs / own:.0f} times its rate on {len(few)} pairs")


if __name__ == "__main__":
    main()
