"""The governor says when a call may be sent: so many requests and tokens a minute over all workers of one journal.

Each caller is given a turn, evenly spaced from the one before, by one row of the journal's file; so every thread and
process that keeps the same journal is counted, also those of another command. A server that asks for patience (429)
holds all of them up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from extractor.journal import Journal
from extractor.limits import Limits

MARGIN = 1.02
"""Turns are this much further apart than a limit asks for, since neither clocks nor networks are even."""
FIRST_SPACING, WIDEST_SPACING = 0.05, 1.0
"""Seconds between turns after a server without a stated limit held us up once, and at most.

It only keeps those who were held up from coming back all at once: the wait itself is what the server asked for.
"""
EASED = 0.7
"""What the spacing shrinks to with each reply: it grows only where a third of all calls are held up."""
CLOCK_TURNED_BACK = 5.0


@dataclass(frozen=True)
class Pace:
    """Where the callers of one model at one endpoint are: moments of the wall clock, in seconds.

    `holds` counts the times that a server asked for patience: a turn given before the last one is void. `spacing` is
    what was learnt of a limit that nobody stated, in seconds between turns.
    """

    next_request: float = 0.0
    next_tokens: float = 0.0
    held_until: float = 0.0
    holds: int = 0
    spacing: float = 0.0
    seen: float = 0.0


@dataclass(frozen=True)
class Turn:
    """When a call may be sent, on the wall clock; void once there were more holds than `holds`."""

    at: float
    tokens: int
    holds: int


def given(pace: Pace, limits: Limits, tokens: int, now: float) -> tuple[Turn, Pace]:
    """The next turn of a call that takes about so many tokens, and the pace after it."""
    if now < pace.seen - CLOCK_TURNED_BACK:
        pace = Pace(holds=pace.holds, spacing=pace.spacing)
    at = max(now, pace.next_request, pace.next_tokens)
    apart = max(pace.spacing, MARGIN * 60 / limits.requests if limits.requests else 0.0)
    return Turn(at, tokens, pace.holds), replace(
        pace,
        next_request=at + apart,
        next_tokens=at + _seconds(tokens, limits),
        seen=now,
    )


def held(pace: Pace, limits: Limits, turn: Turn, seconds: float, now: float) -> Pace:
    """The pace after a server asked, in reply to the call of this turn, to wait so many seconds."""
    first = turn.holds == pace.holds  # calls that were on their way together tell one and the same
    until = max(pace.held_until, now + seconds)
    spacing = min(max(2 * pace.spacing, FIRST_SPACING), WIDEST_SPACING) if first else pace.spacing
    return Pace(until, until, until, pace.holds + 1, 0.0 if limits.requests else spacing, now)


def corrected(pace: Pace, limits: Limits, turn: Turn, tokens: int | None) -> Pace:
    """The pace after a reply that took so many tokens in truth; null where nobody counted them."""
    more = 0.0 if tokens is None else _seconds(tokens - turn.tokens, limits)
    spacing = pace.spacing * EASED
    return replace(pace, next_tokens=pace.next_tokens + more, spacing=spacing if spacing > 0.001 else 0.0)


def _seconds(tokens: int, limits: Limits) -> float:
    return MARGIN * 60 * tokens / limits.tokens if limits.tokens else 0.0


COLUMNS = [field.name for field in fields(Pace)]
TABLE = f"CREATE TABLE IF NOT EXISTS pace (place TEXT PRIMARY KEY, {', '.join(f'{name} REAL' for name in COLUMNS)})"
READ = f"SELECT {', '.join(COLUMNS)} FROM pace WHERE place = ?"
WRITE = f"INSERT OR REPLACE INTO pace (place, {', '.join(COLUMNS)}) VALUES (?{', ?' * len(COLUMNS)})"


class Governor:
    """The pace of one model at one endpoint, kept in a journal's file.

    Args:
        journal: whose other users are counted too.
        place: the endpoint and the model.
        limits: what this user may ask for; others may have other limits.
    """

    def __init__(self, journal: Journal, place: str, limits: Limits) -> None:
        self._journal, self._place, self._limits = journal, place, limits
        with journal.change() as cursor:
            cursor.execute(TABLE)

    def turn(self, tokens: int) -> Turn:
        """A turn for a call that takes about so many tokens. When its moment has come, ask whether it `stands`."""
        now, pace = time.time(), self._read()
        if self._limits == Limits() and pace.held_until <= now and not pace.spacing:
            return Turn(now, tokens, pace.holds)  # nothing to write down
        turns: list[Turn] = []

        def give(pace: Pace) -> Pace:
            turn, after = given(pace, self._limits, tokens, time.time())
            turns.append(turn)
            return after

        self._change(give)
        return turns[0]

    def stands(self, turn: Turn) -> bool:
        """Whether nothing has held all callers up since the turn was given."""
        return self._read().holds == turn.holds

    def hold(self, turn: Turn, seconds: float) -> None:
        """Hold everybody up: the server asked for it in reply to the call of this turn."""
        self._change(lambda pace: held(pace, self._limits, turn, seconds, time.time()))

    def done(self, turn: Turn, tokens: int | None) -> None:
        """Tell how many tokens the call took in truth; null where nobody counted them."""
        if self._limits.tokens or self._read().spacing:
            self._change(lambda pace: corrected(pace, self._limits, turn, tokens))

    def _read(self) -> Pace:
        with self._journal.cursor() as cursor:
            return _pace(cursor.execute(READ, (self._place,)).fetchone())

    def _change(self, change: Callable[[Pace], Pace]) -> None:
        with self._journal.change() as cursor:
            pace = change(_pace(cursor.execute(READ, (self._place,)).fetchone()))
            cursor.execute(WRITE, (self._place, *asdict(pace).values()))


def _pace(row: tuple[Any, ...] | None) -> Pace:
    return Pace(*row) if row else Pace()
