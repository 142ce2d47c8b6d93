"""The command `extractor` as a process of its own, to be waited for, interrupted or killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable


def hearing() -> None:
    """Let a new process hear what may end it: a shell's background job, or nohup's, is born deaf to some of it."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_DFL)


class Started:
    """A running command; its standard input stays open until `ended` is called."""

    def __init__(self, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "extractor.cli", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=hearing,
            start_new_session=True,
        )

    def until(self, reached: Callable[[], bool]) -> bool:
        """Wait until it is so; false where the process ends before, or five minutes do not bring it."""
        end = time.monotonic() + 300
        while self.process.poll() is None and time.monotonic() < end:
            if reached():
                return True
            time.sleep(0.01)
        return False

    def interrupt(self) -> None:
        """What Ctrl-C in a terminal does: the signal goes to all processes of the group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def told(self, words: str) -> str:
        """All that it has told once it tells these words."""
        said = ""
        assert self.process.stderr
        while words not in said:
            line = self.process.stderr.readline()
            assert line, said
            said += line
        return said

    def ended(self) -> tuple[int, str]:
        """The exit status, and what it told on standard error."""
        said = self.process.communicate(timeout=300)[1]
        return self.process.returncode, said
