"""What may be said of a difference: better, worse, no worse, or that these documents cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from statistics import NormalDist
from typing import Literal

from .intervals import ALPHA, Estimate, Interval

Word = Literal["better", "worse", "no worse", "cannot tell"]

FEWEST = 6
"""With fewer clusters nothing is told: of 2^5 ways to exchange, two are always as great, and 2 / 32 is above ALPHA."""

POWER = 0.8


@dataclass(frozen=True)
class Verdict:
    """What may be said, in a word and in a sentence.

    `detectable` is the least true difference in micro F1 that such a comparison finds with POWER; null where no
    difference could be found. `documents` is how many documents like these it takes to find a difference of the
    margin so often, or, where there is none, to show that the loss is below the margin; null where these documents
    do not say how much they vary.
    """

    word: Word
    sentence: str
    detectable: float | None
    documents: int | None


def judge(
    names: tuple[str, str],
    estimate: Estimate | None,
    p: float,
    *,
    margin: float,
    family: int = 1,
    documents: int,
) -> Verdict:
    """The verdict on a difference, the first of these that holds.

    - *better*, *worse*: the adjusted p is at most ALPHA and the interval lies on the same side of no difference;
    - *no worse*: the simultaneous lower bound is above -margin;
    - *cannot tell*: neither; always so under FEWEST clusters.

    Args:
        names: those of the baseline and of the candidate.
        estimate: the candidate's micro F1 less the baseline's; null where one has nothing to count.
        p: adjusted for the family.
        margin: the loss in micro F1 that does not matter.
        family: how many comparisons are looked at together.
        documents: how many there are.
    """
    if estimate is None:
        return Verdict("cannot tell", f"{_pair(names)}: cannot tell; there is nothing to count.", None, None)
    word = _word(estimate, p, margin, family)
    least, needed = detectable(estimate, family), documents_needed(estimate, margin, family, documents)
    said = f"{_PHRASES[word].format(*names, margin=_points(margin))}; {_figures(estimate, p, family)}"
    doubt = f" {_doubt(estimate, least, needed, margin)}" if word == "cannot tell" else ""
    return Verdict(word, f"{said}.{doubt}", least, needed)


def simultaneous(estimate: Estimate, family: int) -> Interval:
    """The interval at which all of a family's intervals hold together with 1 - ALPHA (Bonferroni)."""
    return estimate.interval(ALPHA / family)


def detectable(estimate: Estimate, family: int = 1) -> float | None:
    """The least difference found with POWER; null where so few clusters can show none, or do not say how they vary."""
    possible = estimate.clusters >= FEWEST and family * 2.0 ** (1 - estimate.clusters) <= ALPHA
    return _detectable(estimate, family) if possible and estimate.error else None


def documents_needed(estimate: Estimate, margin: float, family: int, documents: int) -> int | None:
    """How many documents it takes to find a difference of the margin with POWER; null as for `Verdict.documents`.

    The standard error shrinks with the root of the number of clusters; there are as many documents to a cluster as
    now, and never fewer than FEWEST clusters.
    """
    if not estimate.error:
        return None
    least = FEWEST / estimate.clusters
    return ceil(documents * max(least, (_detectable(estimate, family) / margin) ** 2))


def _detectable(estimate: Estimate, family: int) -> float:
    """(t + z) · SE: t for the two-sided test at the family's strictest level, z for the power."""
    threshold = student(1 - ALPHA / family / 2, estimate.clusters - 1)
    return (threshold + NormalDist().inv_cdf(POWER)) * (estimate.error or 0.0)


def student(probability: float, freedom: int) -> float:
    """A quantile of Student's t, from the normal one (M. Abramowitz and I. A. Stegun, 1964, 26.7.5)."""
    z = NormalDist().inv_cdf(probability)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def _word(estimate: Estimate, p: float, margin: float, family: int) -> Word:
    if estimate.clusters < FEWEST:
        return "cannot tell"
    low, high = estimate.interval()
    if p <= ALPHA and low > 0:
        return "better"
    if p <= ALPHA and high < 0:
        return "worse"
    return "no worse" if simultaneous(estimate, family).low > -margin else "cannot tell"


# ── The sentence ───────────────────────────────────────────────────────────────────────────────────────────────────

_PHRASES: dict[Word, str] = {
    "better": "{1} is better than {0}",
    "worse": "{1} is worse than {0}",
    "no worse": "{1} is no worse than {0}: a loss of {margin} or more is ruled out",
    "cannot tell": "{1} against {0}: cannot tell",
}


def _figures(estimate: Estimate, p: float, family: int) -> str:
    low, high = estimate.interval()
    adjusted = f" after Holm over {family}" if family > 1 else ""
    told = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    interval = f"95% interval {_signed(low)} to {_signed(high)}"
    return f"micro F1 {_signed(estimate.value)} points ({interval}, {told}{adjusted})"


def _doubt(estimate: Estimate, least: float | None, needed: int | None, margin: float) -> str:
    if estimate.clusters < FEWEST:
        found = f"Nothing can be told from under {FEWEST} clusters (here: {estimate.clusters})."
    elif least is None:
        found = f"So few clusters ({estimate.clusters}) can show no difference, however great."
    else:
        found = f"A true difference of {_points(least)} is found four times in five, a smaller one less often."
    return f"{found} To tell {_points(margin)} takes about {needed} documents." if needed else found


def _pair(names: tuple[str, str]) -> str:
    return f"{names[1]} against {names[0]}"


def _signed(share: float) -> str:
    """The share in points with its sign; what rounds to nothing has a plus."""
    return f"{round(100 * share, 1) + 0.0:+.1f}"


def _points(share: float) -> str:
    return f"{100 * share:.3g} point{'' if round(100 * share, 6) == 1 else 's'}"
