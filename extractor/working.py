"""A worker: paths in, Extractions out, in whichever process it is."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from extractor.errors import ExtractorError
from extractor.extracting import Settings, extract_with, failed
from extractor.limits import Limits
from extractor.prices import Price
from extractor.schemas.extraction import Extraction

if TYPE_CHECKING:
    from extractor.estimating import Asked

    Made = Extraction | Asked
    """What became of a document; in a dry run, what it would be asked."""
    Give = Callable[[int, Made], None]

log = logging.getLogger("extractor.batch")

Item = tuple[int, str]
"""A document's number in the batch, and its path."""


@dataclass(frozen=True)
class Orders:
    """What a worker is to do with every document.

    `places` is how many calls it may have on their way, `ledger` the journal's file, or another one where calls are
    not kept: in it lie the pace and the purse of the `run`. `most` is null where spending is not limited.
    """

    chosen: Settings
    places: int = 1
    limits: Limits = field(default_factory=Limits)
    ledger: str = ""
    run: str = ""
    worker: str = ""
    most: float | None = None
    price: Price | None = None
    dry_run: bool = False


class Work(Protocol):
    """A worker at work, in the thread that runs it."""

    def put(self, item: Item) -> None:
        """Hand it a document, from any thread."""

    def run(self, begun: Callable[[], None]) -> None:
        """Work until it is stopped; `begun` is called when it can."""

    def stop(self) -> None:
        """Let it come to an end, from any thread."""


class OneByOne:
    """The work of rules, and of a dry run: it asks nobody, and has nothing to wait for."""

    def __init__(self, orders: Orders, give: Give) -> None:
        self._orders, self._give = orders, give
        self._inbox: queue.SimpleQueue[Item | None] = queue.SimpleQueue()

    def put(self, item: Item) -> None:
        """See `Work`."""
        self._inbox.put(item)

    def run(self, begun: Callable[[], None]) -> None:
        """See `Work`."""
        with _making(self._orders) as make:
            begun()
            while (item := self._inbox.get()) is not None:
                number, path = item
                try:
                    self._give(number, make(path))
                except Exception as error:
                    self._give(number, failure(self._orders.chosen, path, error))

    def stop(self) -> None:
        """See `Work`."""
        self._inbox.put(None)


@contextmanager
def _making(orders: Orders) -> Iterator[Callable[[str], Made]]:
    chosen = orders.chosen
    if not orders.dry_run:
        yield lambda path: extract_with(chosen, path)
        return
    from extractor.estimating import asked_of
    from extractor.journal import looked_into

    with closing(looked_into(chosen.journal)) as past:
        yield lambda path: asked_of(chosen, path, past)


def failure(chosen: Settings, path: str, error: Exception) -> Extraction:
    """A document that failed, as data: a fault of ours must not cost the other documents either."""
    if isinstance(error, ExtractorError):
        return failed(chosen, path, error)
    log.debug("fault at %s", path, exc_info=error)
    message = f"{path}: a fault in extractor itself ({type(error).__name__}: {error}). Please report it."
    return failed(chosen, path, ExtractorError(message))
