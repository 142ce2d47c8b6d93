"""What several p values are worth when they are looked at together.

S. Holm, A simple sequentially rejective multiple test procedure, 1979.
"""

from __future__ import annotations

from collections.abc import Sequence


def holm(values: Sequence[float]) -> list[float]:
    """The adjusted p values, in the order given: each may be held against the same threshold as one p alone.

    The smallest is multiplied by how many there are, the next by one less, and so on; none falls below one before it.
    """
    adjusted, reached = [0.0] * len(values), 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        reached = max(reached, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = reached
    return adjusted
