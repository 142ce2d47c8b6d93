"""Which predicted item answers which gold item: one to one, whatever the order of the two lists.

Exact (normalised) pairs come first. Of the rest, only pairs that pass a gate may be made, and of all ways to make
them the best is taken (Hungarian algorithm). Where identity leaves a tie, evidence decides and then the other parts,
so that neither list's order can matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Container, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from rapidfuzz.distance import LCSseq, Levenshtein

from extractor.domain.areas import plain

from .scorers import CORRECT, Verdict, folded, name_words, same_person, unit_words, worth

NEAR = 0.7
"""Least Levenshtein similarity (1 - distance / longer length) at which two texts can be one item."""

Pair = tuple[int, int]
"""Where an item stands in the gold list, and where in the predicted one."""


class Match(NamedTuple):
    """A predicted item that answers a gold one.

    The verdict is on the identity alone; `more` are further predicted items that hold parts of the same gold item.
    """

    gold: int
    predicted: int
    verdict: Verdict = CORRECT
    more: tuple[int, ...] = ()


class Spans(NamedTuple):
    """Characters of a list of texts: how many there are on each side, and how many the other side has too."""

    gold: int = 0
    predicted: int = 0
    gold_found: int = 0
    predicted_found: int = 0

    @property
    def precision(self) -> float | None:
        """The share of what was predicted that gold has; null where nothing was."""
        return self.predicted_found / self.predicted if self.predicted else None

    @property
    def recall(self) -> float | None:
        """The share of gold that was predicted; null where gold has nothing."""
        return self.gold_found / self.gold if self.gold else None


class Aligned(NamedTuple):
    """What aligning comes to; items in no pair and no match are missed or invented.

    `exact` are the pairs with the same identity, `near` all others. `spans` is null where items are no texts.
    """

    exact: list[Pair]
    near: list[Match]
    spans: Spans | None = None


Key = TypeVar("Key", bound=Hashable)


class Lists(NamedTuple):
    """What an aligner sees.

    `identity` names the part of an item that says what it is about, words or null; itself null where items are plain
    words. `agree` is greater the better two items' other parts agree, below TOP. `overlap` says whether one passage
    shows both; null where nothing is known of passages.
    """

    gold: Sequence[Any]
    predicted: Sequence[Any]
    identity: str | None = None
    agree: Callable[[int, int], int] = lambda gold, predicted: 0
    overlap: Callable[[int, int], bool] | None = None

    def said(self, name: str | None) -> tuple[Sequence[Any], Sequence[Any]]:
        """That part of every item, of gold and of predicted; the items themselves for null."""
        if name is None:
            return self.gold, self.predicted
        return [item.get(name) for item in self.gold], [item.get(name) for item in self.predicted]

    def same(
        self, kind: Callable[[Any], Key], done: Sequence[Pair] = (), barred: Container[Pair] = ()
    ) -> tuple[list[Pair], dict[int, Key], dict[int, Key]]:
        """Pairs with the same identity, to the letter or as `kind` folds it; the folded identity of what is left.

        What is done is out of it; barred pairs are not made.
        """
        ours, theirs = self.said(self.identity)
        gold: dict[int, Any] = dict(enumerate(map(_words_of, ours) if {*map(type, ours)} - _WORDS else ours))
        predicted: dict[int, Any] = dict(enumerate(map(_words_of, theirs) if {*map(type, theirs)} - _WORDS else theirs))
        for i, j in done:
            del gold[i], predicted[j]
        pairs = self.taken(gold, predicted, barred)
        for i in gold:
            gold[i] = kind(gold[i])
        for j in predicted:
            predicted[j] = kind(predicted[j])
        if gold and predicted:
            pairs += self.taken(gold, predicted, barred)
        return pairs, gold, predicted

    def taken(self, gold: dict[int, Key], predicted: dict[int, Key], barred: Container[Pair] = ()) -> list[Pair]:
        """Pairs of items with the same key, taken out of both; none with a null key, and no barred ones."""
        places = {key: j for j, key in predicted.items()}
        if len(places) == len(predicted) and len({*gold.values()}) == len(gold) and not barred:
            places.pop(None, None)  # type: ignore[arg-type]
            pairs = [(i, places[key]) for i, key in gold.items() if key in places]
        else:
            pairs = self._of_groups(gold, predicted, barred)
        for i, j in pairs:
            del gold[i], predicted[j]
        return pairs

    def _of_groups(self, gold: Mapping[int, Key], predicted: Mapping[int, Key], barred: Container[Pair]) -> list[Pair]:
        """As `taken`, where several items have one key: evidence decides between them, then agreement."""
        places: dict[Key, list[int]] = {}
        for j, key in predicted.items():
            places.setdefault(key, []).append(j)
        groups: dict[Key, list[int]] = {}
        for i, key in gold.items():
            if key in places and key is not None:
                groups.setdefault(key, []).append(i)
        pairs: list[Pair] = []
        for key, ours in groups.items():
            free = [(i, j) for i in ours for j in places[key] if (i, j) not in barred]
            if len(free) < 2:
                pairs += free
            else:
                shown = self.overlap
                pairs += self.best({pair: 1 if shown is None else 1 + shown(*pair) for pair in free})
        return pairs

    def _content(self, pair: Pair) -> tuple[str, str]:
        """What two items say, as an order that no list's order changes."""
        return repr(self.gold[pair[0]]), repr(self.predicted[pair[1]])

    def best(self, likeness: Mapping[Pair, float]) -> list[Pair]:
        """The assignment with the greatest likeness in sum, then the greatest agreement."""
        rows, columns = len({i for i, _ in likeness}), len({j for _, j in likeness})
        if rows == columns == len(likeness):
            return list(likeness)  # nothing to choose
        weights = {pair: round(1000 * alike) * TOP + self.agree(*pair) for pair, alike in likeness.items()}
        if rows == 1 or columns == 1:
            best = max(weights.values())
            first = [pair for pair, weight in weights.items() if weight == best]
            return [first[0] if len(first) == 1 else min(first, key=self._content)]
        return assign(weights, lambda i: repr(self.gold[i]), lambda j: repr(self.predicted[j]))


TOP = 1 << 400
_WORDS = {str, type(None)}


def _words_of(said: Any) -> str | None:
    """What is no words, though it should be, as words."""
    return None if said is None else str(said)


# ── The aligners, one for each kind of identity ────────────────────────────────────────────────────────────────────


def by_label(lists: Lists) -> Aligned:
    """Labels of a closed list: the same words, folded."""
    return Aligned(lists.same(folded)[0], [])


def by_person(lists: Lists) -> Aligned:
    """Persons: the same name, then the same but for initials or a lone surname."""
    exact, gold, predicted = lists.same(name_words)
    alike = {
        (i, j): likeness
        for i, one in gold.items()
        for j, other in predicted.items()
        if (likeness := same_person(one, other))
    }
    return Aligned(exact, [Match(i, j, Verdict(True, "near", alike[i, j])) for i, j in lists.best(alike)])


def by_area(lists: Lists) -> Aligned:
    """Judged areas: the same code; without one on both sides, the same folded words, then the same passage.

    A passage that shows several items does not tell which is meant: there half of the words must be in common too.
    The overall grade and the grade of one area are never right for each other.
    """
    codes = lists.said(f"{lists.identity}_code")
    ours, theirs = (
        {place: code for place, code in enumerate(own) if code and isinstance(code, str)} if any(own) else {}
        for own in codes
    )
    coded = lists.taken(ours, theirs) if ours and theirs else []
    both = {(i, j) for i in ours for j in theirs}
    worded, gold, predicted = lists.same(area_words, coded, both)
    exact = coded + worded
    if not gold or not predicted or lists.overlap is None:
        return Aligned(exact, [])
    together = [(i, j) for i in range(len(lists.gold)) for j in predicted if lists.overlap(i, j)]
    shown, shows = Counter(i for i, _ in together), Counter(j for _, j in together)
    likeness = {
        (i, j): 1 + common
        for i, j in together
        if i in gold and (i, j) not in both
        if (common := _common(gold[i], predicted[j])) >= 0.5 or shown[i] == shows[j] == 1
    }
    near = [
        Match(i, j, Verdict(True, "near", 1.0) if bool(gold[i]) == bool(predicted[j]) else Verdict(False, "other area"))
        for i, j in lists.best(likeness)
    ]
    return Aligned(exact, near)


_OVERALL = {
    *("overall", "overall effectiveness", "overall grade", "overall rating", "overall judgement", "overall judgment"),
    *("services", "children's services", "children's services overall", "overall children's services"),
}


@lru_cache(4096)
def area_words(area: str | None) -> str:
    """An area as it is compared; empty for null and for words that mean the service as a whole."""
    words = plain(area or "")
    return "" if words in _OVERALL else words


def _common(one: str, other: str) -> float:
    """The share of words in common (Dice), from 0 to 1."""
    ours, theirs = set(one.split()), set(other.split())
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours or theirs else 1.0


def by_count(lists: Lists) -> Aligned:
    """Quantities: the same value and unit; of the rest, those that one passage shows, likest first."""
    gold, predicted = dict(enumerate(map(_quantity, lists.gold))), dict(enumerate(map(_quantity, lists.predicted)))
    exact = lists.taken(gold, predicted)
    if lists.overlap is None:
        return Aligned(exact, [])
    likeness = {
        (i, j): 1 + 2 * (one[0] == other[0]) + (one[1] == other[1])
        for i, one in gold.items()
        for j, other in predicted.items()
        if lists.overlap(i, j)
    }
    return Aligned(exact, [Match(i, j) for i, j in lists.best(likeness)])


def _quantity(item: Mapping[str, Any]) -> tuple[float | None, str]:
    """An item's value (null for "most") and unit."""
    value, behind = worth(item.get("value")) or (None, "")
    return value, unit_words(item.get("unit")) or behind


def by_text(lists: Lists) -> Aligned:
    """Sentences: the same once folded, then those near each other, then those that are pieces of each other.

    *near* is a text from NEAR on; where the one denies and the other does not it is *negated*, and wrong. Of what is
    left, a text half of which (in runs of three words) stands in another is a piece of it: *truncated* or *extended*
    where it is one for one, *split* where several predicted items share one gold item, *merged* where one predicted
    item holds several gold ones. All of these are wrong as items; as spans they count for the words that they share.
    """
    exact, gold, predicted = lists.same(folded)
    name = lists.identity
    same = sum([len(lists.gold[i][name] if name else lists.gold[i]) for i, _ in exact])
    all_gold, all_predicted = same + sum(map(len, gold.values())), same + sum(map(len, predicted.values()))
    if not gold or not predicted:
        return Aligned(exact, [], Spans(all_gold, all_predicted, same, same))
    near = {
        (i, j): alike
        for i, one in gold.items()
        for j, other in predicted.items()
        if (alike := Levenshtein.normalized_similarity(one, other, score_cutoff=NEAR))
    }
    links = {(i, j): LCSseq.similarity(gold[i], predicted[j]) for i, j in lists.best(near)}
    if len(links) < max(len(gold), len(predicted)):
        links = _with_pieces(lists, links, gold, predicted)
    matches = []
    answers, answered = _grouped(links, 0), _grouped(links, 1)
    for i, own in answers.items():
        first, *more = (j for _, j in own)
        if not more and own[0] in near and len(answered[first]) == 1:
            denied = _denies(gold[i]) != _denies(predicted[first])
            verdict = Verdict(not denied, "negated" if denied else "near", near[own[0]])
        else:
            shorter = len(predicted[first]) < len(gold[i])
            alone = "truncated" if shorter else "extended"
            kind = "split" if more else "merged" if len(answered[first]) > 1 else alone
            shared, size = sum(links[pair] for pair in own), sum(len(predicted[j]) for _, j in own)
            verdict = Verdict(False, kind, min(1.0, 2 * shared / (len(gold[i]) + size)))
        matches.append(Match(i, first, verdict, tuple(more)))
    ours = sum(min(len(gold[i]), sum([links[pair] for pair in own])) for i, own in answers.items())
    theirs = sum(min(len(predicted[j]), sum([links[pair] for pair in own])) for j, own in answered.items())
    return Aligned(exact, matches, Spans(all_gold, all_predicted, same + ours, same + theirs))


def _grouped(links: Mapping[Pair, int], side: int) -> dict[int, list[Pair]]:
    found: dict[int, list[Pair]] = {}
    for pair in links:
        found.setdefault(pair[side], []).append(pair)
    return found


_DENIALS = {"not", "no", "never", "nor", "neither", "without", "cannot", "none", "nobody", "nothing"}


def _denies(text: str) -> int:
    """How many words of the folded text deny."""
    return sum(map(_DENIALS.__contains__, text.replace(",", " ").split())) + text.count("n't")


class _Words:
    """A folded text's words, and the runs of three of them."""

    def __init__(self, text: str) -> None:
        self.words = words = text.replace(",", "").split()
        self.runs = frozenset(zip(words, words[1:], words[2:]))  # noqa: B905 - the last two words begin no run

    def shared(self, other: _Words) -> set[int]:
        """Which words stand in a run that the other has too."""
        runs = self.runs & other.runs
        in_order = zip(self.words, self.words[1:], self.words[2:], strict=False)
        return {place + step for place, run in enumerate(in_order) if run in runs for step in range(3)}

    def characters(self, places: Collection[int]) -> int:
        """How many characters the words at these places take, with one between neighbours."""
        return sum(len(self.words[place]) + (place - 1 in places) for place in places)


def _with_pieces(
    lists: Lists, links: dict[Pair, int], gold: Mapping[int, str], predicted: Mapping[int, str]
) -> dict[Pair, int]:
    """The links, and of the items without one, those to the item whose piece they are, greatest overlap first."""
    ours, theirs = {i: _Words(text) for i, text in gold.items()}, {j: _Words(text) for j, text in predicted.items()}
    placed, answered = {i for i, _ in links}, {j for _, j in links}
    shared = [
        (i, j)
        for i, one in ours.items()
        for j, other in theirs.items()
        if not (i in placed and j in answered) and not one.runs.isdisjoint(other.runs)
    ]
    if not shared:
        return links
    linked = dict(links)

    def with_gold(i: int) -> list[int]:
        return [other for one, other in linked if one == i]

    def with_predicted(j: int) -> list[int]:
        return [one for one, other in linked if other == j]

    def overlap(pair: Pair) -> Any:
        i, j = pair
        size = ours[i].characters(ours[i].shared(theirs[j]))
        return size, lists.agree(i, j), repr(lists.gold[i]), repr(lists.predicted[j])

    for i, j in sorted(shared, key=overlap, reverse=True) if len(shared) > 1 else shared:
        beside, above = with_gold(i), with_predicted(j)
        if beside and above:
            continue  # both have their place
        if any(len(with_predicted(other)) > 1 for other in beside) or any(len(with_gold(one)) > 1 for one in above):
            continue  # a piece of a piece
        new = ours[i].shared(theirs[j]).difference(*(ours[i].shared(theirs[other]) for other in beside))
        fresh = theirs[j].shared(ours[i]).difference(*(theirs[j].shared(ours[one]) for one in above))
        size = min(ours[i].characters(new), theirs[j].characters(fresh))
        if 2 * size >= min(len(gold[i]), len(predicted[j])):
            linked[i, j] = size
    return linked


def assign(
    weights: Mapping[Pair, int],
    gold_order: Callable[[int], Any] = lambda i: i,
    predicted_order: Callable[[int], Any] = lambda j: j,
) -> list[Pair]:
    """One-to-one pairs with the greatest sum of weights, each above 0; only pairs that have a weight are made.

    Solved component by component. The orders say in which order items stand where two assignments are equally good.
    """
    pairs: list[Pair] = []
    for rows, columns in _components(weights):
        if len(rows) == len(columns) == 1:
            pairs.append((rows[0], columns[0]))
            continue
        rows, columns = sorted(rows, key=gold_order), sorted(columns, key=predicted_order)
        if 1 in (len(rows), len(columns)):
            pairs.append(max(((i, j) for i in rows for j in columns), key=weights.__getitem__))
            continue
        if len(rows) <= len(columns):
            solved = _solve([[weights.get((i, j), 0) for j in columns] for i in rows])
        else:
            solved = [(i, j) for j, i in _solve([[weights.get((i, j), 0) for i in rows] for j in columns])]
        pairs += [(rows[i], columns[j]) for i, j in solved if (rows[i], columns[j]) in weights]
    return pairs


def _components(weights: Mapping[Pair, int]) -> Iterable[tuple[list[int], list[int]]]:
    """The rows and columns that hang together by pairs."""
    if len(weights) == 1:
        return [([i], [j]) for i, j in weights]
    by_row: dict[int, list[int]] = {}
    by_column: dict[int, list[int]] = {}
    for i, j in weights:
        by_row.setdefault(i, []).append(j)
        by_column.setdefault(j, []).append(i)
    found: list[tuple[list[int], list[int]]] = []
    while by_row:
        start = next(iter(by_row))
        rows, columns, reached = [start], list[int](), {start}
        for row in rows:  # grows as it goes
            for column in by_row.pop(row):
                if column in by_column:
                    columns.append(column)
                    fresh = [other for other in by_column.pop(column) if other not in reached]
                    reached.update(fresh)
                    rows += fresh
        found.append((rows, columns))
    return found


def _solve(weight: Sequence[Sequence[int]]) -> list[Pair]:
    """A column for each row so that the sum is greatest; no more rows than columns, weights from 0.

    The Hungarian algorithm with prices, in O(rows² × columns), as in https://cp-algorithms.com/graph/hungarian-algorithm.html
    """
    width = len(weight[0]) + 1
    row_price, price = [0] * (len(weight) + 1), [0] * width
    row_of, came_from = [0] * width, [0] * width  # numbered from 1; column 0 holds the row being placed
    for row in range(1, len(weight) + 1):
        row_of[0], column = row, 0
        least: list[float] = [float("inf")] * width
        done = [False] * width
        while row_of[column]:
            done[column], here, step, nearest = True, row_of[column], float("inf"), 0
            for other in range(1, width):
                if not done[other]:
                    cost = -weight[here - 1][other - 1] - row_price[here] - price[other]
                    if cost < least[other]:
                        least[other], came_from[other] = cost, column
                    if least[other] < step:
                        step, nearest = least[other], other
            for other in range(width):
                if done[other]:
                    row_price[row_of[other]] += int(step)
                    price[other] -= int(step)
                else:
                    least[other] -= step
            column = nearest
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    return [(row - 1, column - 1) for column, row in enumerate(row_of) if column and row]


ALIGNERS: dict[str, Callable[[Lists], Aligned]] = {
    "label": by_label,
    "person": by_person,
    "area": by_area,
    "count": by_count,
    "text": by_text,
}
"""Each way to align by the name that rubric.toml gives it."""
