"""Between which bounds a micro F1, or the difference of two, may well lie.

A studentised bootstrap over clusters: clusters are drawn again with replacement, and each draw's distance from the
estimate is measured in that draw's own jackknife standard errors (B. Efron and R. J. Tibshirani, An Introduction to
the Bootstrap, 1993, sections 11.2 and 12.5). A share of documents with one outcome each has Wilson's interval.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import floor, sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from .microf1 import Array, ordered, oriented, ratio

ALPHA = 0.05
"""All intervals are at 1 - ALPHA, a p is small from ALPHA down."""

DRAWS = 4_999

SEED = 20_151_103

_NOTHING = 1e-12  # a standard error below this is rounding


class Interval(NamedTuple):
    """Lower and upper bound."""

    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """A figure and how sure it is.

    `error` is the jackknife standard error; null with one cluster. `farthest` are the bounds that the figure itself
    cannot pass. `below` and `above` are the bootstrap's distances in standard errors, sorted; draws in which nothing
    can be told stand at the far end of both, so that they widen the interval.
    """

    value: float
    error: float | None
    clusters: int
    farthest: Interval
    below: Array = field(repr=False, compare=False)
    above: Array = field(repr=False, compare=False)

    def interval(self, alpha: float = ALPHA) -> Interval:
        """The two-sided interval that misses with probability alpha, half of it on either side.

        With one cluster, everything is possible. Where one run's clusters are all right, or all wrong, no draw can
        show anything else; then Wilson's interval for so many of so many.
        """
        least, most = self.farthest
        if self.error is None:
            return self.farthest
        if self.error == 0 and self.value in (0, 1) and least == 0:
            return wilson(self.value * self.clusters, self.clusters, alpha)
        if self.error == 0:
            return Interval(self.value, self.value)
        rank = floor((len(self.below) + 1) * alpha / 2)
        if rank < 1:
            return self.farthest
        low = self.value - self.above[-rank] * self.error
        high = self.value - self.below[rank - 1] * self.error
        return Interval(max(least, float(low)), min(most, float(high)))


def f1_of(run: Array, *, draws: int = DRAWS) -> Estimate | None:
    """Micro F1 of one run from what each cluster adds, (clusters, 2); null where there is nothing to count."""
    return _estimate(ordered(run[None]), (1,), Interval(0.0, 1.0), draws)


def difference(baseline: Array, candidate: Array, *, draws: int = DRAWS) -> Estimate | None:
    """Micro F1 of the candidate less that of the baseline; null where either has nothing to count.

    To exchange the two mirrors the interval; clusters' names and order change nothing.
    """
    held, exchanged = oriented(baseline, candidate)
    found = _estimate(held, (-1, 1), Interval(-1.0, 1.0), draws)
    if found is None or not exchanged:
        return found
    return Estimate(-found.value, found.error, found.clusters, found.farthest, -found.above[::-1], -found.below[::-1])


def _estimate(held: Array, signs: tuple[int, ...], farthest: Interval, draws: int) -> Estimate | None:
    """The signed sum of the runs' F1; `held` is (runs, clusters, 2). Clusters without any count are no clusters.

    A draw may leave out all that vary, and seem sure. So none is taken to vary less than if one of its clusters alone
    varied as all do: its squared error is at least one cluster's share of the squared error.
    """
    held = held[:, held.any(axis=(0, 2))]
    clusters = held.shape[1]
    value = float(np.array(signs) @ ratio(*held.sum(axis=1).T))
    if np.isnan(value):
        return None
    error = float(_jackknife(held, signs, np.ones((1, clusters)))[1][0]) if clusters > 1 else np.nan
    if np.isnan(error):
        return Estimate(value, None, clusters, farthest, np.empty(0), np.empty(0))
    values, errors = _jackknife(held, signs, _draws(clusters, draws))
    distance = (values - value) / np.maximum(errors, error / sqrt(clusters)) if error else np.zeros(draws)
    below, above = np.where(np.isnan(distance), -np.inf, distance), np.where(np.isnan(distance), np.inf, distance)
    return Estimate(value, error, clusters, farthest, np.sort(below), np.sort(above))


def _jackknife(held: Array, signs: tuple[int, ...], times: Array) -> tuple[Array, Array]:
    """The statistic and its standard error for each sample; `times` (samples, clusters) says how often each is in it.

    Leaves one cluster out at a time: SE² = (n - 1) / n · Σ (without one - their mean)² (Efron and Tibshirani, 11.5).
    N / D without (n, d) is N / D - (n - N / D · d) / (D - d); the last term alone is needed.
    """
    clusters = held.shape[1]
    value, change = np.zeros(len(times)), np.zeros(times.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        for run, sign in zip(held, signs, strict=True):
            sums = times @ run
            share, under = ratio(*sums.T), sums[:, 1:]
            value += sign * share
            added = np.multiply.outer(share * sign, run[:, 1])
            added -= sign * run[:, 0]
            added /= under - run[:, 1]
            change += added
    if not np.isfinite(change).all():
        change[times == 0] = 0
    weighed = times * change
    squares, mean = np.einsum("sc,sc->s", weighed, change), weighed.sum(axis=1) / clusters
    error = np.sqrt(np.maximum((clusters - 1) / clusters * (squares - clusters * mean * mean), 0))
    return value, np.where(error < _NOTHING, 0.0, error)


@lru_cache(128)
def _draws(clusters: int, draws: int) -> Array:
    """How often each cluster is drawn: (draws, clusters), each row's sum being the number of clusters."""
    random = np.random.default_rng(SEED)
    return random.multinomial(clusters, np.full(clusters, 1 / clusters), size=draws).astype(float)


def wilson(right: float, of: float, alpha: float = ALPHA) -> Interval:
    """The interval of a share, `right` of `of` documents with one outcome each; 0 to 1 where there are none.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    if not of:
        return Interval(0.0, 1.0)
    z, share = NormalDist().inv_cdf(1 - alpha / 2), right / of
    middle, width = share + z * z / (2 * of), z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    low, high = (middle - width) / scale, (middle + width) / scale
    return Interval(low if right > 0 else 0.0, high if right < of else 1.0)
