"""Two dates in EDTF held beside each other."""

from __future__ import annotations


def agree(one: str, other: str) -> bool:
    """Whether both can be said of one day: parts that either leaves out or open (X) go with anything."""
    return all(
        a == b or "X" in (a, b)
        for mine, theirs in zip(one.split("-"), other.split("-"), strict=False)
        for a, b in zip(mine, theirs, strict=True)
    )
