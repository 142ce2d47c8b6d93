"""One value out of those that several sections give for a field that has only one."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.edtf import agree
from extractor.engines.merging.items import Item, compared, edtf
from extractor.engines.merging.settling import Settled


def settled(name: str, items: Sequence[Item], published: str | None) -> Settled:
    """The value that stands; what gives way to another, and what does not stand and no other says, is named."""
    made = Settled()
    classes: list[list[Item]] = []
    for item in sorted((item for item in items if item.stands), key=lambda item: (*item.merit, item.section)):
        alike = next((known for known in classes if _agree(name, known[0], item, published)), None)
        if alike is None:
            classes.append([item])
        else:
            alike.append(item)
    if len(classes) > 1:
        kept = made.settle(name, classes, is_grade=name == "overall_grade")
    else:
        kept = _most_exact(classes[0], published) if classes else next(iter(items), None)
    made.kept = [kept] if kept else []
    for item in items:
        if not item.stands and item is not kept and not (kept and _agree(name, item, kept, published)):
            made.fallen.append((item, item.check.reason or "the quote is not in the document"))
    return made


def _agree(name: str, one: Item, other: Item, published: str | None) -> bool:
    """Whether two values of one field say the same."""
    if name == "authority" and one.stands and other.stands:
        return True  # the records of one inspection name one council
    if "words" in one.value:
        part = "start" if name == "inspection_start" else "end"
        days = edtf(one, "words", part, published), edtf(other, "words", part, published)
        if days[0] and days[1]:
            return agree(days[0], days[1])
    return compared(one, published) == compared(other, published)


def _most_exact(alike: Sequence[Item], published: str | None) -> Item:
    """Of values that say the same the best shown, and of dates that are shown as well the most exact."""

    def digits(item: Item) -> int:
        return len((edtf(item, "words", "end", published) or "").replace("X", "")) if "words" in item.value else 0

    return min(alike, key=lambda item: (*item.merit, -digits(item), item.section))
