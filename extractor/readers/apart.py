"""A file read in a process of its own, within limits of time and memory: both ends of its pipe.

The parsers of PDF, web pages and Word files are native code, which a malformed file can make hang, grow or crash. What
comes back is JSON, so that a parser that was taken over can say what is in a document, and nothing else.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import fields
from typing import IO, Any, Never

from extractor import errors
from extractor.document import Document
from extractor.errors import DocumentError, OversizedDocument, TruncatedDocument

LIMIT_SECONDS = 120
"""Processor time that reading one file may take; the longest report takes under 2 s."""
LIMIT_MEMORY_BYTES = 2_000_000_000
"""Memory that the process that reads may take (2 GB), where the system can be told."""
PATIENCE = 5
"""A busy machine may take so many times as long by the clock."""

_SPANS = ("pages", "furniture", "hidden")
_READY = b"ready\n"
_WAY_OUT = "Open it in a program that shows it and save a copy, or give its text as .txt."

Read = Callable[[bytes, str], Document]


def read(data: bytes, name: str, here: Read) -> Document:
    """The document in `data`, read in a process of its own; by `here` where the system lets none be started.

    Raises:
        OversizedDocument: it takes more than the limits.
        TruncatedDocument: the parser breaks down over it.
        DocumentError: whatever else is wrong with it.
    """
    with _ROOM.lock:
        for _ in range(2):  # what an earlier file left behind must not count against this one
            process = _ROOM.process or _begun()
            if process is None:
                return here(data, name)
            fresh, _ROOM.process = process.served == 0, None
            said = process.ask(data, name)
            if said is not None:
                _ROOM.process = None if said.get("last") else process
                break
            process.stop()
            if fresh or process.late:
                process.refuse(name)
    return _made(said or {}, name)


class _Process:
    """A process that reads; `late` tells that it was ended for taking too long."""

    def __init__(self) -> None:
        import subprocess

        code = f"import sys; sys.path[:] = {json.dumps(sys.path)}; from extractor.readers.apart import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what a parser prints may hold a document's words
            start_new_session=True,  # the terminal's Ctrl-C is for who started it
        )
        self.served = 0
        self.late = False
        self.begun = self._answers.readline() == _READY

    @property
    def _answers(self) -> IO[bytes]:
        assert self._process.stdout
        return self._process.stdout

    def ask(self, data: bytes, name: str) -> dict[str, Any] | None:
        """What it says of these bytes; null where it ended without a word."""
        assert self._process.stdin
        watch = threading.Timer(LIMIT_SECONDS * PATIENCE, self._end_late)
        watch.daemon = True
        watch.start()
        try:
            self._process.stdin.write(_headed({"name": name}))
            self._process.stdin.write(_counted(data))
            self._process.stdin.flush()
            said = _next(self._answers)
        except OSError:
            return None
        finally:
            watch.cancel()
        self.served += 1
        return None if said is None else json.loads(said)

    def _end_late(self) -> None:
        self.late = True
        self._process.kill()

    def stop(self) -> None:
        """Let go of it; it ends at once."""
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe and pipe.close()
        self._process.kill()
        ended = self._process.wait()
        self.late = self.late or ended == -getattr(signal, "SIGXCPU", signal.SIGTERM)

    def refuse(self, name: str) -> Never:
        """Say why it ended over a file."""
        if self.late:
            raise OversizedDocument(name, f"reading it takes more than {LIMIT_SECONDS} seconds", _WAY_OUT)
        ended = self._process.returncode
        with contextlib.suppress(ValueError):
            ended = signal.Signals(-ended).name
        fault = (
            f"its parser broke down over it ({ended}): it is damaged, or needs more memory than the limit of {_MEMORY}"
        )
        raise TruncatedDocument(name, fault, _WAY_OUT)


class _Room:
    """The one process that reads for this one, and whose turn it is."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: _Process | None = None
        self.possible = not getattr(sys, "frozen", False) and bool(sys.executable)

    def leave(self) -> None:
        """Let go of the process."""
        if self.process:
            self.process.stop()
            self.process = None


_ROOM = _Room()
_MEMORY = f"{LIMIT_MEMORY_BYTES / 1e9:g} GB"
atexit.register(_ROOM.leave)


def _after_fork() -> None:
    """In a copy of this process: the process that reads is the other's."""
    _ROOM.lock, _ROOM.process = threading.Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _begun() -> _Process | None:
    """A process that is ready to read; null where there can be none."""
    if _ROOM.possible:
        with contextlib.suppress(OSError):
            process = _Process()
            if process.begun:
                return process
            process.stop()
        _ROOM.possible = False
    return None


def _made(said: dict[str, Any], name: str) -> Document:
    if "document" in said:
        told = said["document"]
        told |= {key: tuple((start, end) for start, end in told[key]) for key in _SPANS}
        return Document(**told | {"warnings": tuple((code, words) for code, words in told["warnings"])})
    if "error" in said:
        kind = getattr(errors, str(said["error"]), DocumentError)
        raise kind(name, said["fault"], said["way_out"])
    raise RuntimeError(said.get("broken"))


# ── the other end ────────────────────────────────────────────────────────────────────────────────────────────────────


def main() -> None:
    """Be the process that reads: files from standard input, what is in them to standard output, until that ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not get among the answers
    _limit_memory()
    answers.write(_READY)
    answers.flush()
    while (header := _next(sys.stdin.buffer)) is not None and (data := _next(sys.stdin.buffer)) is not None:
        _limit_time()
        said = _read(data, json.loads(header)["name"])
        answers.write(_headed(said))
        answers.flush()
        if said.get("last"):
            break
    os._exit(0)


def _read(data: bytes, name: str) -> dict[str, Any]:
    from extractor.readers import read_bytes

    try:
        document = read_bytes(data, name)
        return {"document": {one.name: getattr(document, one.name) for one in fields(document)}}
    except DocumentError as error:
        return {"error": type(error).__name__, "fault": error.fault, "way_out": error.way_out}
    except MemoryError:
        fault = f"reading it takes more memory than the limit of {_MEMORY}"
        return {"error": OversizedDocument.__name__, "fault": fault, "way_out": _WAY_OUT, "last": True}
    except Exception as fault:
        import traceback

        return {"broken": f"{type(fault).__name__}: {fault}\n{traceback.format_exc()}"}


def _limit_memory() -> None:
    """Where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = LIMIT_MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(LIMIT_MEMORY_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _limit_time() -> None:
    """So much from now on: the system ends this process then, whatever native code it is in."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime) + LIMIT_SECONDS
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard - 1), hard))


# ── messages: their length in eight bytes, and JSON or a file's bytes ────────────────────────────────────────────────


def _headed(said: dict[str, Any]) -> bytes:
    return _counted(json.dumps(said).encode())


def _counted(data: bytes) -> bytes:
    return len(data).to_bytes(8, "big") + data


def _next(pipe: IO[bytes]) -> bytes | None:
    """The next message; null where the pipe has ended."""
    length = pipe.read(8)
    if len(length) < 8:
        return None
    size = int.from_bytes(length, "big")
    data = pipe.read(size)
    return data if len(data) == size else None
