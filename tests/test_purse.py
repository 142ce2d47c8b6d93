"""Money: what is held and paid, over threads and processes, and after a worker was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import BudgetSpent
from extractor.journal import Journal
from extractor.purse import Purse


def purse(journal: Journal, limit: float, worker: str = "command/1", run: str = "run") -> Purse:
    return Purse(journal, run, worker, limit)


@given(st.lists(st.tuples(st.floats(0.01, 3), st.floats(0, 1)), max_size=30), st.floats(0, 20))
def test_the_limit_is_never_exceeded(tmp_path_factory: pytest.TempPathFactory, calls: list, limit: float) -> None:
    with Journal(tmp_path_factory.mktemp("purse") / "journal.sqlite") as journal:
        mine = purse(journal, limit)
        for bound, share in calls:
            try:
                held = mine.hold(bound)
            except BudgetSpent:
                assert mine.spent + bound > limit
                continue
            assert mine.spent <= limit + 1e-6
            if held is not None:
                mine.pay(held, bound * share)
        assert mine.spent <= limit + 1e-6


def test_what_calls_under_way_hold_is_waited_for(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        one, two = purse(journal, 1.0), purse(journal, 1.0, "command/2")
        held = one.hold(0.9)
        assert held is not None
        assert two.hold(0.5) is None
        one.pay(held, 0.1)
        assert two.hold(0.5) is not None
        assert one.spent == pytest.approx(0.6)


def test_more_than_could_come_back_is_not_waited_for(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        mine = purse(journal, 1.0)
        mine.pay(mine.hold(0.5) or 0, 0.5)
        assert mine.hold(0.2) is not None
        with pytest.raises(BudgetSpent, match=r"\$0.3000 is left"):
            mine.hold(0.6)


def test_a_dead_workers_money_is_spent(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        dead, alive = purse(journal, 1.0), purse(journal, 1.0, "command/2")
        dead.hold(0.9)
        alive.abandon("command/1")
        with pytest.raises(BudgetSpent):
            alive.hold(0.5)
        assert purse(journal, 2.0, "later/1").hold(0.5) is not None


def test_runs_are_apart(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        purse(journal, 1.0).hold(1.0)
        assert purse(journal, 1.0, run="another").hold(1.0) is not None


KILLED = f"""
import os, sys
from extractor.journal import Journal
from extractor.purse import Purse
purse = Purse(Journal(sys.argv[1]), "run", "first/1", 1.0)
purse.pay(purse.hold(0.3), 0.2)
purse.hold(0.3)
os.kill(os.getpid(), {int(signal.SIGTERM) if os.name == "nt" else int(signal.SIGKILL)})
"""


def test_what_was_held_when_a_process_was_killed_counts_as_spent(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    assert subprocess.run([sys.executable, "-c", KILLED, str(path)]).returncode != 0
    with Journal(path) as journal:
        later = purse(journal, 1.0, "second/1")
        assert later.spent == pytest.approx(0.5)
        with pytest.raises(BudgetSpent):
            later.hold(0.6)


SPENDER = """
import random, sys
from extractor.errors import BudgetSpent
from extractor.journal import Journal
from extractor.purse import Purse
with Journal(sys.argv[1]) as journal:
    purse = Purse(journal, "run", "command/" + sys.argv[2], 1.0)
    try:
        while True:
            held = purse.hold(0.1)
            if held is not None:
                purse.pay(held, random.uniform(0, 0.1))
    except BudgetSpent:
        pass
"""


def test_processes_never_spend_more_than_the_limit_together(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    spenders = [subprocess.Popen([sys.executable, "-c", SPENDER, str(path), str(number)]) for number in range(4)]
    assert [spender.wait() for spender in spenders] == [0] * 4
    with Journal(path) as journal:
        assert 0.9 < purse(journal, 1.0).spent <= 1.0 + 1e-6
