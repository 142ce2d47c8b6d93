"""Places where there is no room to write: a small disk in a namespace of its own, and a limit on the size of files."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import TracebackType

Ended = subprocess.CompletedProcess[str]


class Disk:
    """A tmpfs that only commands run by `run` see at `folder`; others see what is in it at `seen`.

    It is there as long as the process that holds it.
    """

    def __init__(self, folder: Path, kilobytes: int) -> None:
        folder.mkdir()
        self.folder = folder
        mount = f'mount -t tmpfs -o size={kilobytes}k small "$0" && echo ready && exec cat'
        self._holder = subprocess.Popen(
            ["unshare", "-rm", "sh", "-c", mount, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._holder.stdout
        self.mounted = self._holder.stdout.readline() == "ready\n"
        self.seen = Path(f"/proc/{self._holder.pid}/root{folder.resolve()}")

    def run(self, *command: object) -> Ended:
        """The command with the disk in its place."""
        inside = ["nsenter", "-t", str(self._holder.pid), "-U", "-m", "--preserve-credentials"]
        return _ended([*inside, *map(str, command)])

    def more(self) -> None:
        """There is room again."""
        self._remount("size=200m")

    def read_only(self) -> None:
        """Nothing more can be written."""
        self._remount("ro")

    def _remount(self, options: str) -> None:
        done = self.run("mount", "-o", f"remount,{options}", self.folder)
        assert done.returncode == 0, done.stderr

    def __enter__(self) -> Disk:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._holder.communicate()


class Limit:
    """A folder in which no file of a command run by `run` may grow beyond a size."""

    def __init__(self, folder: Path, kilobytes: int) -> None:
        folder.mkdir()
        self.folder = self.seen = folder
        self._bytes = kilobytes * 1024

    def run(self, *command: object) -> Ended:
        """The command under the limit."""
        most = (self._bytes, resource.RLIM_INFINITY)
        return _ended(list(map(str, command)), lambda: resource.setrlimit(resource.RLIMIT_FSIZE, most))

    def more(self) -> None:
        """There is room again."""
        self._bytes = 200_000_000

    def __enter__(self) -> Limit:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing is held."""


def _ended(command: list[str], before: Callable[[], None] | None = None) -> Ended:
    return subprocess.run(command, capture_output=True, text=True, timeout=300, preexec_fn=before)


@cache
def can_mount() -> bool:
    """Whether this machine lets a user mount a disk in a namespace."""
    if not (shutil.which("unshare") and shutil.which("nsenter")):
        return False
    return subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "x", "/mnt"], capture_output=True).returncode == 0
