"""Whether there is money left for the next call: its bound is set aside before it, its true cost settled after."""

from __future__ import annotations

import threading

from .errors import BudgetSpent

_CENT_OF_A_MICRO = 1e-9
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
            if self._spent + bound > self.limit + _CENT_OF_A_MICRO:
                raise BudgetSpent(
                    f"The next call can cost up to ${bound:.4f}, and of --max-cost {self.limit:g} "
                    f"${max(self.limit - self._spent, 0):.4f} is left. Run the same again with more: what was answered "
                    "is kept."
                )
            self._spent += bound

    def settle(self, bound: float, cost: float) -> None:
        """Charge the true cost in place of what was set aside."""
        with self._lock:
            self._spent += cost - bound

    def charge(self, cost: float) -> None:
        """Charge what was spent before this command began; it may be more than the limit."""
        with self._lock:
            self._spent += cost
