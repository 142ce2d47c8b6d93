"""The gate that a worker's calls pass: a free place, money for the call, its turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from extractor.budget import settled
from extractor.client import retry_after_of, usage_of
from extractor.engines import Usage
from extractor.errors import EndpointFault
from extractor.governor import Governor, Turn
from extractor.journal import RawReply
from extractor.prices import Price
from extractor.purse import Purse

BYTES_PER_TOKEN = 4
FIRST_OUTPUT = 1_000
"""How many tokens a reply is taken to have before the first has come."""
IMPATIENCE = 1.0
"""Seconds that everybody waits where a server says 429 and not how long."""
LOOK_AGAIN = 0.1
"""Seconds between looks whether money has come back."""


@dataclass
class _Passed:
    """One call that was let through: `reply` is null where none came."""

    turn: Turn | None = None
    held: int | None = None
    bound: float = 0.0
    sent: bool = False
    reply: RawReply | None = None


class Gate:
    """Lets the calls of one event loop through, a number of them at once.

    Args:
        places: how many calls can be on their way.
        governor: whose turns they wait for.
        purse: that they are paid from, at `price`; null where spending is not limited.
        price: of the model that is asked.
    """

    def __init__(self, places: int, governor: Governor, purse: Purse | None = None, price: Price | None = None) -> None:
        self._places = asyncio.Semaphore(places)
        self._governor, self._purse, self._price = governor, purse, price
        self._paying = asyncio.Lock()
        self._output = float(FIRST_OUTPUT)

    @asynccontextmanager
    async def __call__(self, body: bytes) -> AsyncIterator[Callable[[RawReply], None]]:
        """Wait until this body may be sent; the caller tells the reply, or leaves with none.

        Raises:
            BudgetSpent: there is not enough money left for it.
        """
        passed = _Passed()

        def tell(reply: RawReply) -> None:
            passed.reply = reply

        async with self._places:
            try:
                await self._pay(passed, body)
                await self._wait(passed, body)
                passed.sent = True
                yield tell
            except EndpointFault as fault:
                passed.sent = fault.reached
                raise
            finally:
                self._settle(passed)

    async def _pay(self, passed: _Passed, body: bytes) -> None:
        """Hold what the call can cost; while calls under way hold too much, wait for them in one queue."""
        if self._purse is None or self._price is None:
            return
        passed.bound = self._price.bound(body)
        async with self._paying:
            while (held := self._purse.hold(passed.bound)) is None:
                await asyncio.sleep(LOOK_AGAIN)
            passed.held = held

    async def _wait(self, passed: _Passed, body: bytes) -> None:
        """Wait for a turn, and for another one where all were held up meanwhile."""
        tokens = len(body) // BYTES_PER_TOKEN + round(self._output)
        while True:
            passed.turn = self._governor.turn(tokens)
            wait = passed.turn.at - time.time()
            if wait <= 0:
                return
            await asyncio.sleep(wait)
            if self._governor.stands(passed.turn):
                return

    def _settle(self, passed: _Passed) -> None:
        reply = passed.reply
        if self._purse and self._price and passed.held is not None:
            cost = settled(reply, passed.bound, self._price) if reply else passed.bound if passed.sent else 0.0
            self._purse.pay(passed.held, cost)
        if reply is None or passed.turn is None:
            return
        if seconds := _patience(reply):
            self._governor.hold(passed.turn, seconds)
        else:
            used = usage_of(reply.completion() or {})
            self._governor.done(passed.turn, _tokens(used))
            if used.output_tokens is not None:
                self._output += (used.output_tokens - self._output) / 10


def _patience(reply: RawReply) -> float:
    """How many seconds a reply asks everybody to wait."""
    asked = retry_after_of(reply) if reply.status >= 400 else 0.0
    return asked if asked is not None else IMPATIENCE if reply.status == 429 else 0.0


def _tokens(used: Usage) -> int | None:
    known = [count for count in (used.input_tokens, used.output_tokens) if count is not None]
    return sum(known) if known else None
