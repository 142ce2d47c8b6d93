"""How often two runs would differ as much as they do if it made no difference which is which.

A sign-flip (paired permutation) test: in each cluster the two runs' counts are exchanged or left, and micro F1 is
recomputed from all counts (R. A. Fisher, The Design of Experiments, 1935, section 21; for micro F1, A. Yeh, More
accurate tests for the statistical significance of result differences, COLING 2000).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .microf1 import Array, oriented, ratio

EXACT = 13
"""With so many clusters that differ, or fewer, all 2^clusters ways to exchange are tried."""

FLIPS = 9_999
"""Otherwise, as many random ones."""

SEED = 20_151_103

_SAME = 1e-12  # two differences nearer than this differ by rounding alone


_AT_ONCE = 8  # comparisons, for the memory's sake


def p_value(baseline: Array, candidate: Array, *, flips: int = FLIPS) -> float:
    """The two-sided p of the difference in micro F1; 1 where either run has nothing to count.

    Clusters in which the runs do not differ are left alone: to exchange them changes nothing. Of random flips, the
    one that happened counts as one more, so that p is never 0 (B. Phipson and G. K. Smyth, Permutation p-values
    should never be zero, 2010).

    Args:
        baseline: what each cluster adds, (clusters, 2), as `microf1.parts`.
        candidate: the same for the other run, cluster by cluster.
        flips: how many random ones, where not all are tried.
    """
    return float(p_values(baseline[None], candidate[None], flips=flips)[0])


def p_values(baseline: Array, candidate: Array, *, flips: int = FLIPS) -> Array:
    """`p_value` of many comparisons at once: from (comparisons, clusters, 2) twice to (comparisons,)."""
    held, _ = oriented(baseline, candidate)
    sums, change = held.sum(axis=-2), held[:, 1] - held[:, 0]
    moving = np.asarray(change.any(axis=-1))
    found = np.empty(len(held))
    for many in np.unique(moving.sum(axis=-1)):
        (alike,) = np.nonzero(moving.sum(axis=-1) == many)
        for rows in np.array_split(alike, -(-len(alike) // _AT_ONCE)):
            moves = change[rows][moving[rows]].reshape(len(rows), many, 2)
            found[rows] = _share_as_great(sums[rows], moves, flips)
    return found


def _share_as_great(sums: Array, moves: Array, flips: int) -> Array:
    """The p of comparisons with these sums, (comparisons, 2, 2), and these clusters to move, (comparisons, many, 2)."""
    many = moves.shape[1]
    exact = many <= EXACT
    swaps = _all_swaps(many) if exact else _random_swaps(many, flips)
    moved = swaps @ np.ascontiguousarray(
        moves.transpose(2, 1, 0)
    )  # (2, swaps, comparisons): what leaves the candidate for the baseline
    first, second = sums.transpose(1, 2, 0)[:, :, None]
    differences = np.abs(ratio(*(second - moved)) - ratio(*(first + moved)))
    observed = np.abs(ratio(*second) - ratio(*first))
    fewer = (differences < observed - _SAME).sum(axis=0)  # one that is not defined is as great
    return np.asarray((len(swaps) - fewer + (not exact)) / (len(swaps) + (not exact)))


@lru_cache(16)
def _all_swaps(clusters: int) -> Array:
    numbers = np.arange(2**clusters)[:, None]
    return np.asarray(numbers >> np.arange(clusters) & 1, float)


@lru_cache(128)
def _random_swaps(clusters: int, flips: int) -> Array:
    return np.random.default_rng(SEED).integers(0, 2, size=(flips, clusters)).astype(float)
