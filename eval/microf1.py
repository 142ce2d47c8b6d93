"""Micro F1 of one run, or of two side by side, from what each cluster adds to it.

F1 is 2 · correct / (2 · correct + 2 · wrong + missed + invented), so a cluster adds to a numerator and to a
denominator; all statistics here work on those two. The last axis of `parts` is that pair, the one before it the
clusters, and where runs stand side by side they are the first axis: (clusters, 2) or (runs, clusters, 2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_NUMERATOR, _DENOMINATOR = (2, 0, 0, 0), (2, 2, 1, 1)


def parts(counts: ArrayLike, weights: ArrayLike | None = None) -> Array:
    """What each cluster adds: from counts (…, 4) of correct, wrong, missed, invented, to (…, 2).

    With weights, counts are (…, fields, 4), and the fields are summed by weight.
    """
    held: Array = np.asarray(counts, float) @ np.array([_NUMERATOR, _DENOMINATOR], float).T
    return held if weights is None else np.asarray(np.asarray(weights, float) @ held)


def ratio(numerator: Array, denominator: Array) -> Array:
    """F1 from its parts; NaN where there is nothing to count."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(numerator / denominator)


def oriented(baseline: Array, candidate: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Two runs side by side, in an order that neither clusters' names nor which run is which can change.

    So random draws fall on the same clusters whatever they are called, and to exchange the runs mirrors every figure.

    Args:
        baseline: (…, clusters, 2).
        candidate: the same, cluster by cluster.

    Returns:
        (…, 2, clusters, 2), and whether the runs stand exchanged, (…).
    """
    given, exchanged = (ordered(np.stack(pair, axis=-3)) for pair in ((baseline, candidate), (candidate, baseline)))
    apart = (given - exchanged).reshape(*given.shape[:-3], -1)
    first = np.take_along_axis(apart, (apart != 0).argmax(axis=-1)[..., None], axis=-1)[..., 0]
    return np.where((first > 0)[..., None, None, None], exchanged, given), first > 0


def ordered(runs: Array) -> Array:
    """The clusters of runs that stand side by side, (…, runs, clusters, 2), in the order of what they add."""
    keys = [runs[..., run, :, part] for run in range(runs.shape[-3]) for part in range(2)]
    return np.take_along_axis(runs, np.lexsort(keys)[..., None, :, None], axis=-2)
