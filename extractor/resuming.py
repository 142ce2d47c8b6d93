"""The file of results, a document a line, which an unfinished run goes on with.

Lines are appended whole to OUT as they come, and `.OUT.run` beside it says what run they are of; it stays until every
document is read. A run that finds OUT made by another one leaves it as it is, writes to `.OUT.part`, and puts that in
its place at the end. A document that is tried again has two lines for a while: at the end the later one is kept.
A line that was being written when the run was cut off is cut away; one that is no Extraction any more, since the file
was damaged, is counted, dropped at the end, and its document read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from extractor import __version__
from extractor.errors import SettingsError, printable
from extractor.extracting import Settings
from extractor.parts import begun
from extractor.pending import content_of
from extractor.schemas.extraction import SCHEMA_VERSION, Extraction
from extractor.terminal import escaped

ENDED = b"\n"


def fingerprint(chosen: Settings) -> str:
    """The name of all that decides what becomes of a document, but for the document itself."""
    said: dict[str, Any] = {one.name: getattr(chosen, one.name) for one in fields(chosen) if one.name != "journal"}
    at, prompt = chosen.endpoint, chosen.prompt
    said["endpoint"] = [at.base_url, at.model, dict(at.parameters)] if at else None
    said["prompt"] = prompt.sha256 if prompt else None
    said["schema"] = chosen.schema.model_json_schema()
    said["versions"] = [__version__, SCHEMA_VERSION]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


class Results:
    """OUT, open to be written.

    Args:
        out: the file of results.
        chosen: how its documents are extracted: with the same settings an unfinished run goes on.

    Raises:
        SettingsError: it cannot be written, or another run is writing it.
    """

    def __init__(self, out: Path, chosen: Settings) -> None:
        self.out = out
        self.kept = 0
        """How many documents had been read before, and were passed over."""
        self.damaged: set[int] = set()
        """The numbers, from 1, of the lines that are no Extractions any more."""
        self._part, self._note = out.with_name(f".{out.name}.part"), out.with_name(f".{out.name}.run")
        self._read: dict[bytes, bytes] = {}  # path → content, of what was read before
        self._asked: set[bytes] = set()
        self._lines = 0
        with self._told():
            self._lock = _locked(self._note, out)
            try:
                self._go_on(fingerprint(chosen))
            except BaseException:
                self._lock.close()
                raise

    def wanted(self, paths: Iterator[Path]) -> Iterator[Path]:
        """Of these documents each once, without those that were read before and have not changed since."""
        for path in paths:
            name = _name(os.fspath(path))
            if name in self._asked:
                continue
            self._asked.add(name)
            content = content_of(os.fspath(path)) if name in self._read else None
            if content is not None and self._read[name] == _name(content.hex()):
                self.kept += 1
            else:
                yield path

    def write(self, extraction: Extraction) -> None:
        """Append one line, whole."""
        with self._told():
            self._stream.write(escaped(extraction.model_dump_json()).encode() + ENDED)
            self._stream.flush()
            self._lines += 1

    def close(self, *, finished: bool, all_read: bool) -> None:
        """End the run, or leave it to be gone on with.

        Args:
            finished: every document was asked for: what is of others is dropped.
            all_read: and none failed: nothing is left to be tried again.
        """
        with self._told():
            self._stream.close()
            last = self._last(keep=lambda name: not finished or name in self._asked)
            if self._lines != len(last):
                self._rewrite(set(last.values()))
            if finished and self._part.exists():
                self._part.replace(self.out)
            if finished and all_read:
                self._note.unlink(missing_ok=True)
            self._let_go(finished)

    @property
    def target(self) -> Path:
        """Where the lines are while the run is unfinished."""
        return self._part if self._part.exists() else self.out

    def __enter__(self) -> Results:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not self._lock.closed:
            with contextlib.suppress(OSError):  # the disk is full: of a line that did not fit nothing stays
                self._stream.close()
            with contextlib.suppress(OSError):
                _cut_torn_line(self.target)
            self._let_go(finished=False)

    def _let_go(self, finished: bool) -> None:
        """Unlock the file; an unfinished run that came to nothing leaves nothing."""
        if not finished and not self._lines:
            self.target.unlink(missing_ok=True)
            self._note.unlink(missing_ok=True)
        self._lock.close()

    def _go_on(self, settings: str) -> None:
        """Open the file of the run that is to go on, or begin one."""
        before, self.run = _noted(self._lock.read())
        self.out.with_name(f".{self.out.name}.new").unlink(missing_ok=True)
        if self.run and before == settings and self.target.exists():
            _cut_torn_line(self.target)
            self._stream = self.target.open("ab")
            for number, line in enumerate(_lines(self.target), 1):
                self._lines += 1
                made = _extraction(line)
                if made is None:
                    self.damaged.add(number)
                    continue
                name = _name(made.source.path)
                self._read.pop(name, None)
                if made.error is None:
                    self._read[name] = _name(made.source.sha256)
            return
        self.run = os.urandom(16).hex()
        if self.out.exists() and self.out.stat().st_size:
            self._stream = begun(self._part).open("wb")
        else:
            self._part.unlink(missing_ok=True)
            self._stream = self.out.open("wb")
        self._lock.seek(0)
        self._lock.truncate()
        self._lock.write(json.dumps({"settings": settings, "run": self.run}).encode())
        self._lock.flush()

    def _last(self, keep: Callable[[bytes], bool]) -> dict[bytes, int]:
        """The number of each document's last line."""
        last = {}
        for number, line in enumerate(_lines(self.target), 1):
            if number not in self.damaged and keep(name := _name(json.loads(line)["source"]["path"])):
                last[name] = number
        return last

    def _rewrite(self, numbers: set[int]) -> None:
        """Keep these lines and no others."""
        new = self.out.with_name(f".{self.out.name}.new")
        with begun(new).open("wb") as stream:
            stream.writelines(line for number, line in enumerate(_lines(self.target), 1) if number in numbers)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(self.target)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            fault = f"{self.out} cannot be written ({error.strerror}); name another file with -o."
            raise SettingsError(fault) from error


def _name(path: str | None) -> bytes:
    """A path, or a content's own name, in few bytes: there may be very many."""
    return hashlib.blake2b(printable(path or "").encode(), digest_size=16).digest()


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from stream


def _extraction(line: bytes) -> Extraction | None:
    """What a line holds; null where it is no Extraction of a file."""
    from pydantic import ValidationError

    try:
        made = Extraction.model_validate_json(line)
    except ValidationError:
        return None
    return made if made.source.path is not None else None


def _noted(note: bytes) -> tuple[str, str]:
    """The settings and the name of the run that a note is of; nothing where it says none."""
    try:
        said = json.loads(note)
        return str(said["settings"]), str(said["run"])
    except (ValueError, TypeError, KeyError):
        return "", ""


def _cut_torn_line(path: Path) -> None:
    """Drop a last line that was being written when the run was killed."""
    with path.open("rb+") as stream:
        end = stream.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65_536)
            stream.seek(start)
            found = stream.read(end - start).rfind(ENDED)
            if found >= 0:
                stream.truncate(start + found + 1)
                return
            end = start
        stream.truncate(0)


def _locked(path: Path, out: Path) -> IO[bytes]:
    """The file, open and locked where the platform can: the lock goes with the process, however it ends."""
    if path.is_symlink():
        path.unlink()  # not ours: a note is a file
    stream = path.open("ab+")
    try:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        pass
    except OSError as error:
        stream.close()
        raise SettingsError(f"{out} is being written by another run; wait for it, or name another file.") from error
    stream.seek(0)
    return stream
