"""One list out of those that several sections give: each item once, with the better evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from extractor.domain.areas import area_code, areas, plain
from extractor.engines.merging.items import Item, compared
from extractor.engines.merging.settling import Settled

_OPEN: Mapping[str, frozenset[str]] = {
    "previous_judgements": frozenset({"date"}),
    "counts": frozenset({"as_of"}),
    "people": frozenset({"role", "organisation"}),
}
"""What an item may leave out and still be the same as one that says it."""


def gathered(name: str, items: Sequence[Item], published: str | None, framework: str | None) -> Settled:
    """The items of all sections in their order; two that one section gives are never taken for the same."""
    gathering = _Gathering(_OPEN.get(name, frozenset()))
    for item in items:
        said = dict(compared(item, published))
        if name == "judgements":
            said["area"] = _area(item, framework)
        gathering.add(item, said)
    made = Settled(kept=[one.item for one in gathering.kept])
    if name == "judgements":
        _settle_areas(gathering.kept, made)
    return made


def framework_of(judgements: Sequence[Item], named: str | None) -> str | None:
    """The framework whose areas these are: the one that is named, or else the one that has most of them."""
    said = [plain(item.value["area"]) for item in judgements]
    votes = Counter(row.framework for row in areas() for words in said if words in row.forms)
    return named or max(votes, key=lambda one: (votes[one], one), default=None)


@dataclass
class _Given:
    """An item, and what it says as it is compared."""

    item: Item
    said: Mapping[str, Any]


@dataclass
class _Gathering:
    """The items kept so far, and where to look for one that says the same."""

    may_lack: frozenset[str]
    kept: list[_Given] = field(default_factory=list)
    places: dict[Hashable, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, item: Item, said: Mapping[str, Any]) -> None:
        """Keep the item unless another section gave it; of two that say the same the one with more merit is kept."""
        given = _Given(item, said)
        keys: list[Hashable] = [tuple((key, value) for key, value in said.items() if key not in self.may_lack)]
        if "text" in said and item.check.spans:
            keys.append(("from", item.check.spans[0][0]))
            keys.append(("to", item.check.spans[-1][1]))
        near = dict.fromkeys(place for key in keys for place in self.places[key])
        twin = next((place for place in near if self._say_the_same(self.kept[place], given)), None)
        if twin is None:
            twin = len(self.kept)
            self.kept.append(given)
        elif item.merit < self.kept[twin].item.merit:
            self.kept[twin] = given
        for key in keys:
            self.places[key].append(twin)

    def _say_the_same(self, one: _Given, other: _Given) -> bool:
        """Whether both come from different sections and neither says what the other denies."""
        if one.item.section == other.item.section:
            return False
        return all(
            mine == theirs
            or (key in self.may_lack and None in (mine, theirs))
            or (key == "text" and (mine in theirs or theirs in mine))
            for (key, mine), theirs in zip(one.said.items(), other.said.values(), strict=True)
        )


def _area(item: Item, framework: str | None) -> str:
    """A judged area as it is compared: the code that its words and quote come to, or the words where they have none."""
    words = plain(item.value["area"])
    return area_code(words, framework, None, item.check.quote) or words


def _settle_areas(given: Sequence[_Given], made: Settled) -> None:
    """Settle the areas to which sections give different grades."""
    by_area: dict[Hashable, dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
    for one in given:
        if one.item.stands:
            by_area[one.said["area"]][one.item.value["grade"]].append(one.item)
    for grades in by_area.values():
        classes = sorted(grades.values(), key=lambda alike: (alike[0].merit, alike[0].section))
        if len(classes) > 1 and len({item.section for alike in classes for item in alike}) > 1:
            kept = made.settle(f"judgements: {classes[0][0].value['area']}", classes, is_grade=True)
            gone = [item for alike in classes if kept not in alike for item in alike]
            made.kept = [item for item in made.kept if item not in gone]
