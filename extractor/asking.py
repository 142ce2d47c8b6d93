"""A worker's event loop, which keeps many calls on their way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from extractor.client import AsyncClient, Line
from extractor.extracting import aextract_with, open_journal
from extractor.gate import Gate
from extractor.governor import Governor
from extractor.journal import Journal
from extractor.purse import Purse
from extractor.schemas.extraction import Extraction
from extractor.working import Item, Orders, failure

if TYPE_CHECKING:
    from extractor.working import Give


class ManyCalls:
    """The work of a model: every document that comes is begun at once, and the gate lets its calls through."""

    def __init__(self, orders: Orders, give: Give) -> None:
        self._orders, self._give = orders, give
        self._loop = asyncio.new_event_loop()
        self._inbox: asyncio.Queue[Item] = asyncio.Queue()
        self._working: asyncio.Task[None] | None = None

    def put(self, item: Item) -> None:
        """See `Work`."""
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself, which is told
            self._loop.call_soon_threadsafe(self._inbox.put_nowait, item)

    def run(self, begun: Callable[[], None]) -> None:
        """See `Work`."""
        asyncio.set_event_loop(self._loop)
        self._working = self._loop.create_task(self._work(begun))
        try:
            with contextlib.suppress(asyncio.CancelledError):
                self._loop.run_until_complete(self._working)
        finally:
            self._loop.close()

    def stop(self) -> None:
        """See `Work`; the calls in flight are given up."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(lambda: self._working and self._working.cancel())

    async def _work(self, begun: Callable[[], None]) -> None:
        under_way: set[asyncio.Task[None]] = set()
        async with _asking(self._orders) as ask:
            begun()

            async def one(number: int, path: str) -> None:
                try:
                    made = await ask(path)
                except Exception as error:
                    made = failure(self._orders.chosen, path, error)
                self._give(number, made)

            try:
                while True:
                    task = asyncio.create_task(one(*await self._inbox.get()))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
            finally:
                for task in under_way:
                    task.cancel()
                await asyncio.gather(*under_way, return_exceptions=True)


@asynccontextmanager
async def _asking(orders: Orders) -> AsyncIterator[Callable[[str], Awaitable[Extraction]]]:
    """What asks about one document, through connections, a journal and a gate that all of them share."""
    chosen, at = orders.chosen, orders.chosen.endpoint
    assert at
    with open_journal(chosen.journal) as journal, Journal(orders.ledger) as ledger:
        purse = None if orders.most is None else Purse(ledger, orders.run, orders.worker, orders.most)
        gate = Gate(orders.places, Governor(ledger, f"{at.base_url} {at.model}", orders.limits), purse, orders.price)
        line = Line(at, gate, orders.places)

        async def ask(path: str) -> Extraction:
            async with AsyncClient(at, journal, line=line) as client:
                made = await aextract_with(chosen, path, client)
            if made.usage and orders.price:
                made.usage.cost = orders.price.cost(client.usage)
            return made

        try:
            yield ask
        finally:
            await line.closed()
