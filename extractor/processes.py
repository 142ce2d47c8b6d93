"""A worker in a process of its own, both ends of its pipe."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import pickle
import subprocess
import sys
import threading
from typing import Any

from extractor.terminal import show_logs
from extractor.workers import GONE, READY, Tell, work_of
from extractor.working import Orders

LAST_WORDS = 5.0
"""Seconds that a process has for its end."""


class Process:
    """A worker in a process of its own.

    Raises:
        OSError: it cannot be started.
        Exception: its orders cannot be sent to a process (pickle's own errors are of many kinds).
    """

    def __init__(self, orders: Orders, tell: Tell) -> None:
        self.orders, self._tell = orders, tell
        self.in_hand: set[int] = set()
        given = pickle.dumps((logging.getLogger("extractor").level, orders), pickle.HIGHEST_PROTOCOL)
        # Not by multiprocessing, which would run the caller's own script once more in each process.
        code = f"import sys; sys.path[:] = {json.dumps(sys.path)}; from extractor.processes import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # the terminal's Ctrl-C is for who started it, and who decides what it means
        )
        self._stopped = False
        self._send(given)
        threading.Thread(target=self._listen, daemon=True).start()

    def give(self, number: int, path: str) -> None:
        """Hand it a document. Where it has just died, that is told like every other death."""
        self._send(pickle.dumps((number, path), pickle.HIGHEST_PROTOCOL))

    def stop(self) -> None:
        """Let go of it; it ends at once."""
        self._stopped = True
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(LAST_WORDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, message: bytes) -> None:
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.write(message)
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout
        with contextlib.suppress(Exception):  # the end of the pipe, or half a message: it is dead either way
            while True:
                self._tell(self, *pickle.load(self._process.stdout))
        if not self._stopped:
            self._tell(self, GONE, None)


def main() -> None:
    """Be a worker's process: orders and items are read from standard input, and results written to standard output.

    It ends with its standard input, whatever it has in hand: who started it is done, or dead.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not get among the answers
    given = sys.stdin.buffer
    try:
        level, orders = pickle.load(given)
    except Exception:  # such as a class of the caller's own script
        os._exit(1)
    if level:
        show_logs(level)
    sys.setswitchinterval(0.001)  # what is done aside must not hold up the calls

    def tell(*answer: Any) -> None:
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()

    work = work_of(orders, tell)

    def listen() -> None:
        try:
            while True:
                work.put(pickle.load(given))
        except (EOFError, OSError, pickle.UnpicklingError):
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    try:
        work.run(lambda: tell(READY, None))
    except Exception:
        logging.getLogger("extractor.batch").debug("a worker ended", exc_info=True)
    os._exit(1)  # who started it does the work in another way, and says what is wrong


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
