"""The workers of a batch as the batch sees them: given paths, they tell of what became of each."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from extractor.errors import ExtractorError
from extractor.working import OneByOne, Orders, Work

if TYPE_CHECKING:
    from extractor.working import Give, Made

log = logging.getLogger("extractor.batch")

Tell = Callable[["Worker", Any, "Made | None"], None]
"""Takes the worker, and a document's number with what became of it; or READY, or GONE, and nothing more."""
READY, GONE = "ready", "gone"
"""What is told of a worker in a process that can begin; and of one that has ended without being stopped."""


class Worker(Protocol):
    """One who extracts."""

    orders: Orders
    in_hand: set[int]
    """The numbers of the documents that it was given and has not told of; the batch keeps it."""

    def give(self, number: int, path: str) -> None:
        """Hand it a document."""

    def stop(self) -> None:
        """Let go of it, whatever it has in hand."""


class Inside:
    """A worker in this process, in a thread of its own: there at once, but held up by whatever else this process does.

    A thread that hangs in a call does not keep the process from ending.
    """

    def __init__(self, orders: Orders, tell: Tell) -> None:
        self.orders, self._tell = orders, tell
        self.in_hand: set[int] = set()
        self.fault = ""
        """Why it is gone."""
        self._work = work_of(orders, lambda number, made: tell(self, number, made))
        threading.Thread(target=self._run, daemon=True).start()

    def give(self, number: int, path: str) -> None:
        """Hand it a document."""
        self._work.put((number, path))

    def stop(self) -> None:
        """Let go of it, whatever it has in hand."""
        self._work.stop()

    def _run(self) -> None:
        try:
            self._work.run(lambda: None)
        except Exception as error:
            log.debug("a worker ended", exc_info=True)
            self.fault = str(error) if isinstance(error, ExtractorError) else f"{type(error).__name__}: {error}"
            self._tell(self, GONE, None)


def work_of(orders: Orders, give: Give) -> Work:
    """The work that these orders mean; `give` is told what became of each document."""
    if orders.chosen.endpoint is None or orders.dry_run:
        return OneByOne(orders, give)
    from extractor.asking import ManyCalls

    return ManyCalls(orders, give)
