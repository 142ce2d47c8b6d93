"""Many documents: results as they come, and a document that fails is a result too."""

from __future__ import annotations

import contextlib
import os
import queue
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, cast

from extractor.errors import ExtractorError
from extractor.extracting import Arguments, Settings, failed, settings, takes_settings
from extractor.limits import Limits
from extractor.pending import STDIN, STRIKES, Pending
from extractor.redaction import veiled
from extractor.schemas.extraction import Extraction
from extractor.terms import Terms, check, price
from extractor.workers import READY, Inside, Worker
from extractor.working import Orders

if TYPE_CHECKING:
    from extractor.estimating import Asked
    from extractor.journal import Journal
    from extractor.processes import Process
    from extractor.purse import Purse
    from extractor.working import Made

BUSY_FOR, BUSY = 1.0, 0.5
"""Processes are started where this one has worked for this share of so many seconds."""
LOOK = 0.5
"""Seconds between looks at the clock while nothing is told."""
DIED = f"{STRIKES} processes died over it. Look at the file; --processes 0 reads it in this one."


@takes_settings
def extract_many(
    paths: Iterable[str | os.PathLike[str]],
    *,
    concurrency: int = 4,
    processes: int | None = None,
    rpm: float | None = None,
    tpm: float | None = None,
    max_cost: float | None = None,
    prices: Path | None = None,
    **arguments: Unpack[Arguments],
) -> Iterator[Extraction]:
    """Extract many documents, in any order; one that fails has `error` set and stops nothing.

    Files of the same content are asked about once: the others wait, and are answered from the journal.

    Args:
        paths: files to read; taken as they are needed, so an endless iterable is fine.
        concurrency: calls on their way at once; offline, documents worked on.
        processes: how many to work in; null starts them where one has too much to do, 0 never.
        rpm: requests a minute, counted over everybody who keeps the same journal.
        tpm: tokens a minute, likewise.
        max_cost: US dollars that may be spent: the documents for which none are left fail with BudgetSpent.
        prices: a price table (TOML) in place of the package's own.
        **arguments: as for `settings`.

    Raises:
        SettingsError, PromptError, UnknownPrice, JournalError: before the first document, where the arguments cannot
            work.
    """
    terms = Terms(concurrency, processes, Limits(rpm, tpm), max_cost, prices)
    arguments = veiled(arguments)
    return Batch(settings(**arguments), paths, terms).results()


def many_with(chosen: Settings, paths: Iterable[str | os.PathLike[str]], concurrency: int = 4) -> Iterator[Extraction]:
    """`extract_many` with settings that are checked already."""
    return Batch(chosen, paths, Terms(concurrency)).results()


class Batch:
    """Documents on their way through workers: one in this process, others in processes once there is work for them.

    Args:
        chosen: how each document is extracted.
        paths: taken one by one as there is room.
        terms: how many at once, and what may be asked and spent.
        dry_run: only work out what would be asked, by `asked`; nothing is sent or written.

    Raises:
        SettingsError, UnknownPrice, JournalError: the terms cannot work.
    """

    def __init__(
        self, chosen: Settings, paths: Iterable[str | os.PathLike[str]], terms: Terms, *, dry_run: bool = False
    ) -> None:
        check(terms)
        self._chosen, self._terms, self._dry_run = chosen, terms, dry_run
        self._price = price(chosen, terms)
        self._concurrency = max(1, terms.concurrency)
        self._command = os.urandom(16).hex()
        self._run = terms.run or self._command
        self._pending = Pending(paths, twins_wait=chosen.endpoint is not None and not dry_run)

        self._may_start = terms.processes != 0
        self._inside: Inside | None = None
        self._starting: list[Process] = []
        self._processes: list[Process] = []
        self._told: queue.SimpleQueue[tuple[Worker | None, Any, Made | None]] = queue.SimpleQueue()

        self._until: float | None = None
        self._looked: tuple[float, float] | None = None
        self._open = contextlib.ExitStack()
        self._ledger = self._opened() if chosen.endpoint and not dry_run else None
        self._purse = self._opened_purse(self._ledger) if self._ledger else None

    def results(self) -> Iterator[Extraction]:
        """Each document's Extraction as it comes. Who stops early does not wait for the calls in flight."""
        return cast("Iterator[Extraction]", self._made())

    def asked(self) -> Iterator[Asked]:
        """In a dry run: what each document would be asked."""
        from extractor.estimating import Asked

        for made in self._made():
            yield made if isinstance(made, Asked) else Asked(made.source.path or "", error=made.error)

    def _made(self) -> Iterator[Made]:
        try:
            while True:
                self._start_processes()
                while self._pending.suspects and not self._processes and not self._starting:
                    yield self._failed(self._pending.suspects.popleft(), DIED)
                self._feed()
                if not self._pending or self._is_over():
                    return
                try:
                    worker, number, made = self._told.get(timeout=LOOK)
                except queue.Empty:
                    continue
                if worker is not None and made is not None:
                    worker.in_hand.discard(number)
                    self._pending.done(number)
                    yield made
                elif worker is not None:
                    yield from self._heard(worker, number)
        finally:
            self._close()

    def stop(self, grace: float) -> None:
        """Take no more documents, and end within `grace` seconds. It may be called from a signal's handler."""
        self._until = time.monotonic() + grace
        self._told.put((None, None, None))

    def _is_over(self) -> bool:
        """Whether it was told to stop, and has: nobody has anything in hand, or the time is up."""
        if self._until is None:
            return False
        workers: list[Worker] = [*self._processes, *([self._inside] if self._inside else [])]
        return time.monotonic() > self._until or not any(worker.in_hand for worker in workers)

    @property
    def spent(self) -> float | None:
        """US dollars spent in this run so far, what calls under way may cost included; null without a limit."""
        return self._purse.spent if self._purse else None

    # ── documents ────────────────────────────────────────────────────────────────────────────────────────────────

    def _feed(self) -> None:
        """Hand out documents while a worker has room for one."""
        while self._until is None:
            suspects, first = self._pending.suspects, next(iter(self._processes), None)
            if suspects and first and not first.in_hand:
                self._give(first, suspects.popleft())
            worker = self._free()
            number = self._pending.next(self._most()) if worker else None
            if worker is None or number is None:
                return
            # A process has a standard input of its own.
            self._give(self._within() if self._pending.path(number) == STDIN else worker, number)

    def _give(self, worker: Worker, number: int) -> None:
        worker.in_hand.add(number)
        worker.give(number, self._pending.path(number))

    def _failed(self, number: int, fault: str) -> Extraction:
        path = self._pending.path(number)
        self._pending.done(number)
        return failed(self._chosen, path, ExtractorError(f"{path}: {fault}"))

    # ── workers ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _most(self) -> int:
        """How many documents may be in hand: some are read, or looked through, while others wait for replies."""
        if self._inside and self._inside.in_hand and self._processes:
            return self._concurrency  # both have places for all calls
        return sum(map(_room, self._processes)) or _room(self._within())

    def _free(self) -> Worker | None:
        """The worker with most room. The first process has none for others while it is alone with a suspect."""
        workers: list[Worker] = [*self._processes] or [self._within()]
        if self._pending.suspects or any(map(self._pending.is_suspect, workers[0].in_hand)):
            workers = workers[1:]
        best = max(workers, key=lambda worker: _room(worker) - len(worker.in_hand), default=None)
        return best if best and len(best.in_hand) < _room(best) else None

    def _within(self) -> Inside:
        """The worker in this process."""
        if self._inside is None:
            self._inside = Inside(self._orders(self._chosen, self._concurrency, 0), self._tell)
        return self._inside

    def _start_processes(self) -> None:
        """Start processes, once, where they are asked for, or where this one has more to do than it can."""
        if not self._may_start or self._pending.all_taken or self._until is not None:
            return
        asked = self._terms.processes
        if asked is None and not self._is_busy():
            return
        from extractor.journal import Journal
        from extractor.processes import processors

        self._may_start = False
        count = asked or min(processors(), self._concurrency)
        if not asked and count == 1:
            return
        journal = self._chosen.journal
        chosen = replace(self._chosen, journal=str(journal.path)) if isinstance(journal, Journal) else self._chosen
        for number in range(count):
            places = max(1, (self._concurrency + number) // count)  # together as many as there may be
            self._start(self._orders(chosen, places, number + 1))
        while asked and self._starting:  # nothing is to be done in this process
            worker, word, _ = self._told.get()
            list(self._heard(worker, word))

    def _is_busy(self) -> bool:
        """Whether this process has had more to do lately than it can; what it took to begin does not count."""
        now = time.monotonic(), time.process_time()
        if self._looked is None or now[0] - self._looked[0] < BUSY_FOR:
            self._looked = self._looked or (now if self._pending.any_done else None)
            return False
        (before, worked), self._looked = self._looked, now
        return now[1] - worked > BUSY * (now[0] - before)

    def _start(self, orders: Orders) -> None:
        from extractor.processes import Process

        with contextlib.suppress(Exception):  # what no process can be given stays in this one
            self._starting.append(Process(orders, self._tell))

    def _orders(self, chosen: Settings, places: int, number: int) -> Orders:
        return Orders(
            chosen,
            places=places if chosen.endpoint else 1,
            limits=self._terms.limits,
            ledger=str(self._ledger.path) if self._ledger else "",
            run=self._run,
            worker=f"{self._command}/{number}",
            most=self._terms.most,
            price=self._price,
            dry_run=self._dry_run,
        )

    def _tell(self, worker: Worker, number: Any, made: Made | None) -> None:
        self._told.put((worker, number, made))

    def _heard(self, worker: Worker | None, word: Any) -> Iterator[Extraction]:
        """What a worker says that is no Extraction: it is ready, or it is gone."""
        if isinstance(worker, Inside):
            self._inside = None
            for number in worker.in_hand:
                yield self._failed(number, f"its worker could not go on ({worker.fault})")
        elif word == READY:
            self._processes += [one for one in self._starting if one is worker]
            self._starting = [one for one in self._starting if one is not worker]
        elif worker is not None:
            worker.stop()
            if worker in self._starting:
                self._starting = [one for one in self._starting if one is not worker]
                return  # it never was: another one would not be either
            self._processes = [one for one in self._processes if one is not worker]
            if self._purse:
                self._purse.abandon(worker.orders.worker)
            for number in worker.in_hand:
                if not self._pending.strike(number):
                    yield self._failed(number, DIED)
            self._start(worker.orders)

    # ── the file that all share ──────────────────────────────────────────────────────────────────────────────────

    def _opened(self) -> Journal:
        """The journal; where none is kept, a file for the pace and the purse that is gone with the batch."""
        from extractor.journal import Journal

        journal = self._chosen.journal
        if isinstance(journal, Journal):
            return journal
        if journal is None or isinstance(journal, (str, os.PathLike)):
            opened = Journal(journal)
        else:
            import tempfile

            self._may_start = self._may_start and journal is False
            folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="extractor-"))
            opened = Journal(Path(folder, "ledger.sqlite"))
        return self._open.enter_context(opened)

    def _opened_purse(self, ledger: Journal) -> Purse | None:
        if self._terms.most is None:
            return None
        from extractor.purse import Purse

        return Purse(ledger, self._run, "", self._terms.most)

    def _close(self) -> None:
        for worker in (self._inside, *self._starting, *self._processes):
            if worker is not None:
                worker.stop()
        self._open.close()


def _room(worker: Worker) -> int:
    """How many documents a worker can have in hand."""
    places = worker.orders.places
    return places + max(1, places // 2)
