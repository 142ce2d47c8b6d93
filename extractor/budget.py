"""Whether there is money left for the next call: its bound is set aside before it, its true cost settled after."""

from __future__ import annotations

import threading

from extractor.client import usage_of
from extractor.errors import BudgetSpent
from extractor.journal import RawReply
from extractor.prices import Price

CENT_OF_A_MICRO = 1e-9
"""Sums of prices are off by less than this."""


class Budget:
    """What a command may spend, in US dollars, over all of its threads.

    What is set aside and never settled stays spent: a call that was started may be billed, whatever came of it.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._spent = 0.0
        self._lock = threading.Lock()

    @property
    def spent(self) -> float:
        """What was charged so far, what is set aside included."""
        return self._spent

    def reserve(self, bound: float) -> None:
        """Set aside what a call can cost at most.

        Raises:
            BudgetSpent: less than that is left.
        """
        with self._lock:
            if self._spent + bound > self.limit + CENT_OF_A_MICRO:
                raise too_dear(bound, self.limit, self._spent)
            self._spent += bound

    def settle(self, bound: float, cost: float) -> None:
        """Charge the true cost in place of what was set aside."""
        with self._lock:
            self._spent += cost - bound

    def charge(self, cost: float) -> None:
        """Charge what was spent before this command began; it may be more than the limit."""
        with self._lock:
            self._spent += cost


def too_dear(bound: float, limit: float, spent: float) -> BudgetSpent:
    """The error of a call that can cost `bound` when `spent` of `limit` is gone, all in US dollars."""
    return BudgetSpent(
        f"The next call can cost up to ${bound:.4f}, and of --max-cost {limit:g} ${max(limit - spent, 0):.4f} is left. "
        "Run the same again with more: what was answered is kept."
    )


def settled(reply: RawReply, bound: float, price: Price) -> float:
    """What an answered call counts for: its cost, or its bound where the server did not count the tokens.

    A refusal (status 4xx but for 408, a timeout) counts for nothing: no server bills it.
    """
    if 400 <= reply.status < 500 and reply.status != 408:
        return 0.0
    completion = reply.completion()
    cost = price.cost(usage_of(completion)) if completion else None
    return bound if cost is None else cost
