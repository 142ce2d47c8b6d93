"""What is kept where sections exclude each other.

What the document's first section says, if its words surely show it: reports state their grades there, under their own
heading. Without that a grade is kept from nowhere: a wrong one does more harm than a missing one, and what a later page
seems to say is often another body's grade or an older one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from extractor.engines.merging.items import Item


@dataclass
class Settled:
    """What is kept of a field, what gives way and why, and each conflict in words."""

    kept: list[Item] = field(default_factory=list)
    fallen: list[tuple[Item, str]] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)

    def settle(self, what: str, classes: Sequence[Sequence[Item]], *, is_grade: bool) -> Item | None:
        """Note a conflict between classes of values that say the same, best first; gives the item to keep, if any."""
        begun = [[item for item in alike if item.section == 0 and item.is_sure] for alike in classes]
        first = [alike[0] for alike in begun if alike]
        kept = first[0] if len(first) == 1 else None if is_grade else classes[0][0]
        told = " or ".join(alike[0].told for alike in classes)
        ending = f"delivered is {kept.told}" if kept else "none is delivered"
        self.conflicts.append(f"{what}: sections of the document say {told}; {ending}.")
        for alike in classes:
            if kept not in alike:
                self.fallen.append((alike[0], f"sections of the document exclude each other: {told}"))
        return kept
