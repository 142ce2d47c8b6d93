"""What requests a document must make, and how it must end, by the weather that they meet and the policy that is stated.

The policy is that of data/faults.toml alone: none of the product's code is asked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

KNOWN = tomllib.loads((Path(__file__).parent / "data" / "faults.toml").read_text(encoding="utf-8"))
DELIVERED, UNUSABLE = "delivered", "ReplyUnusable"
QUESTIONS = KNOWN["another shape"]["always"][0]
"""How often a document is asked about while its replies are unusable."""
FIRST = "the first question"

Replies = dict[str, str | None]
"""What is kept: the question (FIRST, or the fault that the reply had before) and what came (null: a right reply)."""


@dataclass(frozen=True)
class Course:
    """One run's way with one document: `requests` it makes; null `end`: it has to make more than were met."""

    requests: int
    end: str | None
    kept: Replies = field(default_factory=dict)


def course(weather: Sequence[str | None], before: Replies) -> Course:
    """The way of a document whose requests meet this weather, with the replies kept from earlier runs."""
    met, made, kept, question = iter(weather), 0, dict(before), FIRST
    for asked in range(1, QUESTIONS + 1):
        if question not in kept:
            for attempt in range(1, QUESTIONS + 9):
                if made == len(weather):
                    return Course(made, None, kept)
                fault, made = next(met), made + 1
                if not passes(fault):
                    break
                if attempt >= KNOWN[fault]["always"][0]:
                    return Course(made, KNOWN[fault]["always"][1], kept)
            if fault is not None and "kept" not in KNOWN[fault]:
                return Course(made, KNOWN[fault]["always"][1], kept)
            kept[question] = fault
        fault = kept[question]
        end = KNOWN[fault]["always"][1] if fault else DELIVERED
        if fault is None or not asked_again(fault) or asked == QUESTIONS:
            return Course(made, end, kept)
        question = fault
    raise AssertionError("the last question ends it")


def passes(fault: str | None) -> bool:
    """Whether the same request is sent again, since the fault may pass."""
    return (
        fault is not None and KNOWN[fault]["always"][1] not in (DELIVERED, UNUSABLE) and KNOWN[fault]["always"][0] > 1
    )


def asked_again(fault: str) -> bool:
    """Whether a reply with this fault makes another question."""
    return bool(KNOWN[fault]["once"] != KNOWN[fault]["always"])


@dataclass(frozen=True)
class Account:
    """All runs' way with one document: the requests that were to be made, of them those that an earlier run had made.

    `end` is null where the document should have gone on.
    """

    requests: int
    repeated: int
    end: str | None


def account(runs: Sequence[Sequence[str | None]], end: str) -> Account:
    """What was to be made, given what each run's requests met; all runs but the last were cut off somewhere.

    Where a run was cut off, its last reply may have been kept or not: what fits the end is taken. A document for which
    there is no money left may stop anywhere.
    """
    found = list(_accounts(runs, {}, end))
    made = sum(map(len, runs))
    fitting = [one for one in found if one.end == end]
    return min(fitting or found, key=lambda one: abs(one.requests - made))


def _accounts(runs: Sequence[Sequence[str | None]], kept: Replies, end: str) -> Iterator[Account]:
    this, *later = runs
    one = course(this, kept)
    if not later:
        if one.end is None and end == "BudgetSpent":
            yield Account(one.requests, 0, end)
        elif one.end is None:
            yield Account(one.requests + 1, 0, None)
        else:
            yield Account(one.requests, 0, one.end)
        return
    # What did not come to an end in an earlier run, or to one that is not kept, is asked anew but for what was kept.
    new = len(one.kept) - len(kept)
    for state, more in {(one.requests, new): (one.kept, new), **_cut(this, one, kept)}.values():
        for rest in _accounts(later, state, end):
            yield Account(one.requests + rest.requests, one.requests - more + rest.repeated, rest.end)


def _cut(this: Sequence[str | None], one: Course, kept: Replies) -> dict[tuple[int, int], tuple[Replies, int]]:
    """The same run where its last reply came too late to be kept."""
    short = course(this[: one.requests - 1], kept) if one.requests else one
    new = len(short.kept) - len(kept)
    return {} if short.kept == one.kept else {(short.requests, new): (short.kept, new)}
