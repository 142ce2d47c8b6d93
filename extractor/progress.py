"""How far a run is: counted as results come, shown on a terminal as a bar and elsewhere as a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from extractor.schemas.extraction import Extraction

EVERY = 30.0
"""Seconds between lines where there is no terminal."""


@dataclass
class Progress:
    """What became of the documents so far; `total` is null where nobody counted them.

    `before` were read in an earlier part of the run. `spent` is in US dollars, null where no price is known.
    """

    total: int | None = None
    before: int = 0
    read: int = 0
    failed: int = 0
    spent: float | None = None
    begun: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> int:
        """Documents that are through, whatever became of them."""
        return self.before + self.read + self.failed

    def count(self, extraction: Extraction) -> None:
        """Note one result."""
        if extraction.error:
            self.failed += 1
        else:
            self.read += 1
        if extraction.usage and extraction.usage.cost is not None:
            self.spent = (self.spent or 0.0) + extraction.usage.cost

    def line(self, now: float) -> str:
        """All of it in one line."""
        told = [f"{self.done:,} of {self.total:,} documents" if self.total else f"{self.done:,} documents"]
        rate = (self.read + self.failed) / max(now - self.begun, 1e-6)
        if rate:
            told.append(f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute")
        if self.failed:
            told.append(f"{self.failed:,} failed")
        if self.spent is not None:
            told.append(f"${self.spent:,.4f}" if self.spent < 1 else f"${self.spent:,.2f}")
        if self.total and rate and self.done < self.total:
            told.append(f"{_duration((self.total - self.done) / rate)} left")
        return ", ".join(told)


def _duration(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


@contextmanager
def shown(progress: Progress, *, bar: bool, quiet: bool) -> Iterator[Callable[[], None]]:
    """A function to be called after each result, which shows how far the run is on standard error.

    Args:
        progress: what is shown.
        bar: a bar that is drawn over and over, for a terminal; otherwise a line every half minute.
        quiet: nothing at all.
    """
    if quiet:
        yield lambda: None
    elif bar:
        yield from _bar(progress)
    else:
        last = [progress.begun]

        def tell() -> None:
            now = time.monotonic()
            if now - last[0] >= EVERY:
                last[0] = now
                print(f"extractor: {progress.line(now)}", file=sys.stderr, flush=True)

        yield tell


def _bar(progress: Progress) -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    # Standard output may be a file: it is none of the bar's business.
    with Bar(
        BarColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=True,
    ) as bar:
        task = bar.add_task("", total=progress.total)

        def draw() -> None:
            line = progress.line(time.monotonic())
            bar.update(task, completed=progress.done, description=line)

        draw()
        yield draw
