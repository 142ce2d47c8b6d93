"""The governor: turns far enough apart, for all who keep the journal, and patience where a server asks for it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given as law
from hypothesis import strategies as st

from extractor.governor import FIRST_SPACING, WIDEST_SPACING, Governor, Pace, Turn, corrected, given, held
from extractor.journal import Journal
from extractor.limits import Limits

MINUTE = 60.0
ASKS = st.lists(st.tuples(st.floats(0, 30), st.integers(0, 5_000)), min_size=1, max_size=60)
RATES = st.integers(1, 600)


def turns(asks: list[tuple[float, int]], limits: Limits) -> list[Turn]:
    """The turns of calls that come so many seconds after each other."""
    pace, now, taken = Pace(), 1e9, []
    for later, tokens in asks:
        now += later
        turn, pace = given(pace, limits, tokens, now)
        assert turn.at >= now
        taken.append(turn)
    return taken


# ── the pace ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@law(ASKS, RATES)
def test_no_minute_has_more_requests_than_the_limit(asks: list[tuple[float, int]], rate: int) -> None:
    taken = [turn.at for turn in turns(asks, Limits(requests=rate))]
    assert taken == sorted(taken)
    for start in taken:
        assert sum(start <= at < start + MINUTE for at in taken) <= rate


@law(ASKS, st.integers(100, 100_000))
def test_no_minute_has_more_tokens_than_the_limit_but_for_its_last_request(
    asks: list[tuple[float, int]], rate: int
) -> None:
    taken = turns(asks, Limits(tokens=rate))
    for start in taken:
        within = [turn.tokens for turn in taken if start.at <= turn.at < start.at + MINUTE]
        assert sum(within[:-1]) <= rate


@law(ASKS)
def test_without_limits_nobody_waits(asks: list[tuple[float, int]]) -> None:
    now = 1e9
    for (later, _), turn in zip(asks, turns(asks, Limits()), strict=True):
        now += later
        assert turn.at == now


@law(st.lists(st.integers(0, 5_000), min_size=1, max_size=20), st.integers(100, 100_000))
def test_tokens_that_were_fewer_than_thought_are_given_back(used: list[int], rate: int) -> None:
    limits, pace = Limits(tokens=rate), Pace()
    for tokens in used:
        turn, pace = given(pace, limits, 5_000, 1e9)
        pace = corrected(pace, limits, turn, tokens)
    exact = Pace()
    for tokens in used:
        _, exact = given(exact, limits, tokens, 1e9)
    assert pace.next_tokens == pytest.approx(exact.next_tokens)


@law(st.floats(0, 120), st.floats(0, 100), RATES)
def test_held_up_nobody_is_sent_before_the_time(seconds: float, later: float, rate: int) -> None:
    limits = Limits(requests=rate)
    turn, pace = given(Pace(), limits, 10, 1e9)
    waiting, pace = given(pace, limits, 10, 1e9)
    pace = held(pace, limits, turn, seconds, 1e9 + 1)
    assert pace.holds != waiting.holds, "a turn that was given before is void"
    again, _ = given(pace, limits, 10, 1e9 + 1 + later)
    assert again.at >= 1e9 + 1 + seconds


def test_a_limit_that_nobody_stated_is_learnt_and_forgotten() -> None:
    pace, limits = Pace(), Limits()
    spacings = []
    for _ in range(20):
        turn, pace = given(pace, limits, 0, 1e9)
        pace = held(pace, limits, turn, 1, 1e9)
        spacings.append(pace.spacing)
    assert spacings[:3] == [FIRST_SPACING, 2 * FIRST_SPACING, 4 * FIRST_SPACING]
    assert spacings[-1] == WIDEST_SPACING
    for _ in range(300):
        turn, pace = given(pace, limits, 0, 1e9)
        pace = corrected(pace, limits, turn, None)
    assert pace.spacing == 0


def test_a_server_that_holds_up_every_fourth_call_is_not_asked_ever_more_slowly() -> None:
    pace, limits, spacings = Pace(), Limits(), []
    for number in range(400):
        turn, pace = given(pace, limits, 0, 1e9)
        pace = corrected(pace, limits, turn, None) if number % 4 else held(pace, limits, turn, 1, 1e9)
        spacings.append(pace.spacing)
    assert sum(spacings) / len(spacings) < WIDEST_SPACING / 2


def test_calls_that_were_held_up_together_teach_once() -> None:
    pace = Pace()
    together = [given(pace, Limits(), 0, 1e9)[0] for _ in range(50)]
    for turn in together:
        pace = held(pace, Limits(), turn, 1, 1e9)
    assert pace.spacing == FIRST_SPACING


def test_a_clock_that_was_turned_back_stops_nobody() -> None:
    _, pace = given(Pace(), Limits(requests=1), 0, 1e9)
    pace = replace(pace, held_until=1e9 + 100)
    assert given(pace, Limits(requests=1), 0, 1e9 - 3600)[0].at == 1e9 - 3600


# ── in a journal's file ──────────────────────────────────────────────────────────────────────────────────────────────

TAKER = """
import json, sys
from extractor.governor import Governor
from extractor.journal import Journal
from extractor.limits import Limits
with Journal(sys.argv[1]) as journal:
    governor = Governor(journal, "place", Limits(requests=600))
    print(json.dumps([governor.turn(10).at for _ in range(40)]))
"""


def test_processes_on_one_journal_are_counted_together(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    takers = [
        subprocess.Popen([sys.executable, "-c", TAKER, str(path)], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    taken = sorted(at for taker in takers for at in json.loads(taker.communicate()[0]))
    assert len(taken) == 120
    assert min(later - sooner for sooner, later in pairwise(taken)) >= 0.1 - 1e-6


def test_a_hold_is_for_all_who_keep_the_journal_and_for_no_other_place(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path) as journal, Journal(path) as other:
        one, two = Governor(journal, "place", Limits()), Governor(other, "place", Limits())
        waiting = two.turn(10)
        assert two.stands(waiting)
        until = time.time() + 1_000
        one.hold(one.turn(10), 1_000)
        assert not two.stands(waiting)
        assert two.turn(10).at >= until
        assert Governor(other, "another model", Limits()).turn(10).at < until


def test_tokens_are_corrected_by_what_a_reply_took(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        governor = Governor(journal, "place", Limits(tokens=60))
        first = governor.turn(10_000)
        governor.done(first, 0)
        assert governor.turn(0).at < first.at + 10_000
