"""How often the statistics cry wolf, and how often they see a true difference of five points, on made-up runs.

Usage: python bench/simulation.py [REPLICATES]. Two runs answer the same documents; what a document and an item are
like is shared by both, so that they go right and wrong together. Each replicate goes through the code that `compare`
uses. Exit status 1 where a rate is not within its bounds.

*plain*: every document is its own cluster. *councils*: one to four documents a council, and a run may be good at one
council and bad at another. *unlike*: plain, but one run leaves out what it does not know, and the other guesses.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import cycle, product, repeat
from math import sqrt
from multiprocessing import get_context
from statistics import NormalDist
from time import perf_counter

import numpy as np
from extractor_eval.intervals import ALPHA, difference
from extractor_eval.microf1 import Array, parts
from extractor_eval.swapping import p_values
from extractor_eval.verdicts import judge

REPLICATES = 2_000
DRAWS = 999  # of the bootstrap; `compare` takes more, which moves a bound's last digit
F1, GAP = 0.8, 0.05
SIZES, ITEMS = (20, 40, 60), (25, 5)
MARGIN = 0.02


@dataclass(frozen=True)
class Kind:
    """How two runs differ besides their F1.

    `guesses` are, of each run, the shares of items that it does not get right and answers all the same; `invents` how
    many items it makes up for each one in gold. `by_council` is the share of the variance that is a run's way with a
    council; councils have one to four documents, and one where it is 0.
    """

    guesses: tuple[float, float] = (0.5, 0.5)
    invents: tuple[float, float] = (0.06, 0.06)
    by_council: float = 0.0


KINDS = {
    "plain": Kind(),
    "councils": Kind(by_council=0.15),
    "unlike": Kind(guesses=(0.0, 0.9), invents=(0.02, 0.1)),
}
BY_ITEM, BY_DOCUMENT, BY_RUN = 0.4, 0.1, 0.05  # shares of the variance: shared by both runs, twice; a run's own way


@dataclass(frozen=True)
class Rates:
    """Shares of the replicates; `clusters` is how many there are.

    `alarms`: p small though there is no difference; `unclustered`: the same where documents are exchanged one by one;
    `verdicts`: better or worse said all the same; `covered`: the interval holds the truth. `power` and `told` are p
    small, and better said, where there is a difference of GAP; `detectable` is the mean of what the verdicts then
    name as found four times in five, null where they name nothing.
    """

    clusters: int
    alarms: float
    unclustered: float
    verdicts: float
    covered: float
    power: float
    told: float
    detectable: float | None

    def within(self, items: int) -> bool:
        """Whether these are the rates that the method promises."""
        least = 0.035 if items >= 25 else 0.0
        return least <= self.alarms <= 0.065 and self.verdicts <= self.alarms


def rates(name: str, documents: int, items: int, replicates: int = REPLICATES) -> Rates:
    """One row of the table; the same numbers every time."""
    kind, random = KINDS[name], np.random.default_rng([documents, items, list(KINDS).index(name)])
    null, sizes = simulated(random, kind, documents, items, replicates, 0.0)
    apart, _ = simulated(random, kind, documents, items, replicates, GAP)
    starts = np.cumsum([0, *sizes[:-1]])
    same, other = (np.add.reduceat(held, starts, axis=2) for held in (null, apart))
    p, q = p_values(*same), p_values(*other)
    one_by_one = p_values(*null) if kind.by_council else p
    verdicts = covered = told = 0
    least: list[float] = []
    for one, two, value in zip(*same, p, strict=True):
        estimate = difference(one, two, draws=DRAWS)
        low, high = estimate.interval() if estimate else (-1, 1)
        covered += low <= 0 <= high
        said = judge(("A", "B"), estimate, value, margin=MARGIN, documents=documents)
        verdicts += said.word in ("better", "worse")
        least += [said.detectable] if said.detectable is not None else []
    for one, two, value in zip(*other, q, strict=True):
        if value <= ALPHA:
            estimate = difference(one, two, draws=DRAWS)
            told += judge(("A", "B"), estimate, value, margin=MARGIN, documents=documents).word == "better"
    return Rates(
        clusters=len(sizes),
        alarms=float((p <= ALPHA).mean()),
        unclustered=float((one_by_one <= ALPHA).mean()),
        verdicts=verdicts / replicates,
        covered=covered / replicates,
        power=float((q <= ALPHA).mean()),
        told=told / replicates,
        detectable=float(np.mean(least)) if least else None,
    )


def simulated(
    random: np.random.Generator, kind: Kind, documents: int, items: int, replicates: int, gap: float
) -> tuple[Array, list[int]]:
    """What each document adds to the micro F1 of two runs whose true F1 differ by `gap`.

    Returns:
        (2, replicates, documents, 2) as `microf1.parts`, and how many documents each council has, in their order.
    """
    sizes = list(_councils(documents)) if kind.by_council else [1] * documents
    shape = replicates, documents, items

    def effect(share: float, *size: int) -> Array:
        return sqrt(share) * random.standard_normal(size, dtype=np.float32)

    shared = effect(BY_ITEM, *shape) + effect(BY_DOCUMENT, *shape[:2], 1)
    own = 1 - BY_ITEM - BY_DOCUMENT - BY_RUN - kind.by_council
    found = []
    for target, guesses, invents in zip((F1, F1 + gap), kind.guesses, kind.invents, strict=True):
        way = np.repeat(effect(kind.by_council, replicates, len(sizes), 1), sizes, axis=1)
        luck = shared + way + effect(BY_RUN, *shape[:2], 1) + effect(own, *shape)
        correct = (luck < NormalDist().inv_cdf(_share_correct(target, guesses, invents))).sum(axis=2)
        wrong, invented = random.binomial(items - correct, guesses), random.binomial(items, invents, shape[:2])
        found.append(parts(np.stack([correct, wrong, items - correct - wrong, invented], axis=-1)))
    return np.stack(found), sizes


def _share_correct(f1: float, guesses: float, invents: float) -> float:
    """The share of items that a run gets right whose micro F1 is `f1` in the long run.

    With c of them right, F1 = 2c / (2c + (1 - c) (1 + guesses) + invents), solved for c.
    """
    return f1 * (1 + guesses + invents) / (2 - f1 * (1 - guesses))


def _councils(documents: int) -> Iterator[int]:
    for size in cycle((1, 2, 3, 4)):
        if documents <= size:
            yield documents
            return
        yield size
        documents -= size


# ── The table ──────────────────────────────────────────────────────────────────────────────────────────────────────

COLUMNS = {
    "kind": 9,
    "documents": 10,
    "clusters": 9,
    "| p small": 10,
    "unclustered": 12,
    "verdict": 8,
    "covered": 9,
    "| p small ": 10,
    "better": 8,
    "| detectable": 12,
}
OVER = f"{'':28}| no difference: false alarms, coverage  | 5 points: found    |"


def _line(cells: Iterable[object]) -> str:
    return " ".join(f"{cell!s:{width}}" for cell, width in zip(cells, COLUMNS.values(), strict=True)).rstrip()


def _cells(name: str, documents: int, row: Rates) -> list[object]:
    shares = (row.alarms, row.unclustered, row.verdicts, row.covered, row.power, row.told)
    p, unclustered, verdict, covered, power, told = (f"{100 * share:.1f}%" for share in shares)
    least = "-" if row.detectable is None else f"{100 * row.detectable:.1f} points"
    return [name, documents, row.clusters, f"| {p}", unclustered, verdict, covered, f"| {power}", told, f"| {least}"]


def main() -> None:
    """Print the table, one part for each number of items."""
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATES
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each process has its own row to work on
    start, outside = perf_counter(), 0
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for items in ITEMS:
            print(f"\n{items} items a document, {replicates} replicates a row\n{OVER}\n{_line(COLUMNS)}")
            rows = list(product(KINDS, SIZES))
            found = pool.map(rates, *zip(*rows, strict=True), repeat(items), repeat(replicates))
            for (name, documents), row in zip(rows, found, strict=True):
                print(
                    _line(_cells(name, documents, row)) + ("" if row.within(items) else "  OUT OF BOUNDS"), flush=True
                )
                outside += not row.within(items)
    print("\nBounds: p small in 3.5 to 6.5% of replicates (5 items: in at most 6.5%), the verdict in no more of them.")
    print(f"{perf_counter() - start:.0f} s")
    sys.exit(outside > 0)


if __name__ == "__main__":
    main()
