"""The journal remembers every call to a model in one append-only SQLite file: cache, resume, cost, replay.

It holds document text, so it is made readable for its owner alone, and `Journal.purge` empties it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from types import TracebackType
from typing import Any, Literal

from extractor.errors import JournalError

log = logging.getLogger("extractor.journal")

VERSION = 2
BUSY_SECONDS = 30.0
WAY_OUT = "Move the file away, name another one with --journal, or go without one with --no-journal."

# A call is a row in `started`, then one in `done`; no row is ever changed. A call that was cut off has only the first.
# No number is given out twice, so a call that was on its way during a purge cannot end as the answer to another.
# A usable reply is sealed together with its request's key: what is changed on the disk answers nothing any more.
TABLES = """
CREATE TABLE started (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL,
    request BLOB NOT NULL, at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')));
CREATE INDEX started_key ON started (key);
CREATE TABLE done (
    call INTEGER PRIMARY KEY REFERENCES started (id), status INTEGER, headers TEXT, reply BLOB, fault TEXT,
    usable INTEGER NOT NULL, at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), seal BLOB);
CREATE TABLE modes (endpoint TEXT, model TEXT, mode TEXT NOT NULL, PRIMARY KEY (endpoint, model));
"""
# Format 1 had no seals: what lies in it is sealed as it is, all at once or not at all.
FROM_FORMAT_1 = (
    "ALTER TABLE done ADD COLUMN seal BLOB",
    """
    UPDATE done SET seal = seal_of((SELECT key FROM started WHERE id = call), status, headers, reply) WHERE usable
    """,
)
START = "INSERT INTO started (key, endpoint, model, request) VALUES (?, ?, ?, ?)"
END = """
INSERT INTO done (status, headers, reply, fault, usable, seal, call)
SELECT ?1, ?2, ?3, ?4, ?5, iif(?5, seal_of(key, ?1, ?2, ?3), NULL), id FROM started WHERE id = ?6
"""
FIND = """
SELECT status, headers, reply, seal, seal_of(?1, status, headers, reply)
FROM started JOIN done ON call = id WHERE key = ?1 AND usable ORDER BY id
"""
FIND_IN_FORMAT_1 = FIND.replace(" seal,", " NULL,").replace("seal_of(?1, status, headers, reply)", "NULL")
LATEST = """
SELECT status, headers, reply FROM started JOIN done ON call = id WHERE endpoint = ? AND model = ? AND usable
ORDER BY id DESC LIMIT ?
"""


@dataclass(frozen=True)
class RawReply:
    """What a server sent back, as it came: the status, the headers that matter, the bytes of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def completion(self) -> dict[str, Any] | None:
        """The body as a chat completion; None for an error (also one sent with status 200), a web page, half a reply.

        A completion may still hold no choices at all: see `usable`. It is read once, and not to be changed.
        """
        return self._completion

    @cached_property
    def _completion(self) -> dict[str, Any] | None:
        try:
            body = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        whole = self.status == 200 and isinstance(body, dict) and isinstance(body.get("choices"), list)
        return body if whole and not body.get("error") else None

    def usable(self) -> bool:
        """Whether this reply may be served again: a chat completion with choices."""
        completion = self.completion()
        return completion is not None and bool(completion["choices"])


def raw_reply(status: object, headers: object, reply: object) -> RawReply:
    """A reply as it lies in a row.

    Raises:
        sqlite3.DatabaseError: what lies there is none.
    """
    try:
        if isinstance(status, int) and isinstance(headers, str) and isinstance(reply, bytes):
            return RawReply(status, {str(name): str(value) for name, value in json.loads(headers).items()}, reply)
    except (ValueError, AttributeError, RecursionError):
        pass
    raise sqlite3.DatabaseError("a reply in it is damaged")


def request_key(endpoint: str, body: Mapping[str, Any], repeat: int) -> str:
    """The name of a request in the journal: one for the same endpoint, body and repeat, whoever asks.

    The order of keys in `body` counts: models that are held to a schema answer in the schema's order.
    """
    return hashlib.sha256(json.dumps([endpoint, body, repeat]).encode()).hexdigest()


def default_path() -> Path:
    """The journal in the user's cache folder."""
    return Path(cache_folder(sys.platform, os.environ, Path.home())) / "extractor" / "journal.sqlite"


def cache_folder(platform: str, environ: Mapping[str, str], home: PurePath) -> PurePath:
    """Where a platform keeps a user's caches; XDG_CACHE_HOME counts on each of them, if it is an absolute path."""
    if PurePosixPath(chosen := environ.get("XDG_CACHE_HOME", "")).is_absolute():
        return PurePosixPath(chosen)
    if platform == "win32":
        return PureWindowsPath(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    return home / "Library" / "Caches" if platform == "darwin" else home / ".cache"


class NoJournal:
    """The journal of a user who wants none: it remembers nothing."""

    def find(self, key: str) -> RawReply | None:
        """Never anything."""
        return None

    def start(self, key: str, endpoint: str, model: str, request: bytes) -> int:
        """Nothing is written."""
        return 0

    def finish(self, call: int, reply: RawReply) -> None:
        """Nothing is written."""

    def fail(self, call: int, fault: str) -> None:
        """Nothing is written."""

    def mode(self, endpoint: str, model: str) -> str | None:
        """Never known."""
        return None

    def remember_mode(self, endpoint: str, model: str, mode: str) -> None:
        """Nothing is written."""

    def close(self) -> None:
        """Nothing is open."""


class Journal:
    """One journal file, safe for many threads and many processes at once.

    Args:
        path: the file, made if it is not there; None takes the one in the user's cache folder.
        read_only: write nothing, not even a file beside it; the file has to be there.

    Raises:
        JournalError: from here and from every method, when the file cannot be opened, read or written, is damaged,
            is something else than a journal, or was written by a newer version. One that an older version wrote is
            brought up to date when it is opened to be written; from then on that version refuses it.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, *, read_only: bool = False) -> None:
        self.path = default_path() if path is None else Path(path)
        self._lock = threading.Lock()
        with self._told():
            self._database = _looked_into(self.path) if read_only else _opened(self.path)
            try:
                self._database.create_function("seal_of", 4, _seal, deterministic=True)
                if not read_only:
                    _set_up(self._database)
                self._find = FIND if _format(self._database) > 1 else FIND_IN_FORMAT_1
            except BaseException:
                self._database.close()
                raise

    def find(self, key: str) -> RawReply | None:
        """The first usable reply to this request, or None. Errors are kept, but never served.

        Nor is a reply that is not any more what the server said: the file is damaged there, and the request is made
        anew.
        """
        with self.cursor() as cursor:
            for status, headers, reply, seal, due in cursor.execute(self._find, (key,)):
                if seal == due:
                    return raw_reply(status, headers, reply)
                log.warning("a reply in the journal %s is damaged: it is not used", self.path)
        return None

    def start(self, key: str, endpoint: str, model: str, request: bytes) -> int:
        """Write down a request that is about to be sent; the number returned stands for it in `finish` and `fail`."""
        with self.cursor() as cursor:
            cursor.execute(START, (key, endpoint, model, request))
            return int(cursor.lastrowid or 0)

    def finish(self, call: int, reply: RawReply) -> None:
        """Write down what the server replied, be it an answer or an error."""
        with self.cursor() as cursor:
            headers = json.dumps(dict(reply.headers))
            cursor.execute(END, (reply.status, headers, reply.body, None, reply.usable(), call))

    def fail(self, call: int, fault: str) -> None:
        """Write down that no reply came, and why."""
        with self.cursor() as cursor:
            cursor.execute(END, (None, None, None, fault, False, call))

    def mode(self, endpoint: str, model: str) -> str | None:
        """The mode in which this model last answered here, or None if it never did."""
        with self.cursor() as cursor:
            row = cursor.execute(
                "SELECT mode FROM modes WHERE endpoint = ? AND model = ?", (endpoint, model)
            ).fetchone()
        return row and str(row[0])

    def remember_mode(self, endpoint: str, model: str, mode: str) -> None:
        """Keep the mode in which this model answers here."""
        with self.cursor() as cursor:
            cursor.execute("INSERT OR REPLACE INTO modes VALUES (?, ?, ?)", (endpoint, model, mode))

    def latest(self, endpoint: str, model: str, most: int) -> list[RawReply]:
        """The usable replies that this model gave here last, at most so many."""
        with self.cursor() as cursor:
            rows = cursor.execute(LATEST, (endpoint, model, most)).fetchall()
            return [raw_reply(*row) for row in rows]

    def calls(self) -> int:
        """How many calls are in it, finished or not."""
        with self.cursor() as cursor:
            count: int = cursor.execute("SELECT count(*) FROM started").fetchone()[0]
            return count

    def purge(self) -> int:
        """Forget everything, also in the bytes of the file; says how many calls were in it."""
        with self.cursor() as cursor:
            cursor.execute("DELETE FROM done")
            calls = cursor.execute("DELETE FROM started").rowcount
            cursor.execute("DELETE FROM modes")
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return calls

    def close(self) -> None:
        """Let go of the file. A second time does nothing."""
        with self._lock:
            self._database.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Cursor]:
        """A change of several statements, which no other thread or process comes between: all of it, or none."""
        with self.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    @contextmanager
    def cursor(self) -> Iterator[sqlite3.Cursor]:
        """The file, for one statement."""
        with self._told(), self._lock:
            yield self._database.cursor()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say every fault of the file as a JournalError that names it and a way out."""
        try:
            yield
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:  # the last: damaged names in the tables' own list
            raise JournalError(f"The journal {self.path} cannot be used: {error}. {WAY_OUT}") from error


def _opened(path: Path) -> sqlite3.Connection:
    """A connection to the file, which is first made private: SQLite would let everybody read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _looked_into(path: Path) -> sqlite3.Connection:
    """A connection that only reads. A file that nobody has open is taken to stay as it is, so that no log is made."""
    mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None, check_same_thread=False
    )


def looked_into(path: str | os.PathLike[str] | Literal[False] | None) -> Journal | NoJournal:
    """The journal at this path (null: in the user's cache folder) to read in; none where there is no file, or False."""
    if path is False or not (found := default_path() if path is None else Path(path)).exists():
        return NoJournal()
    return Journal(found, read_only=True)


def _seal(key: object, status: object, headers: object, reply: object) -> bytes:
    """What shows that a reply is still the one that came to this request."""
    told = reply if isinstance(reply, bytes) else repr(reply).encode("utf-8", "replace")
    return hashlib.sha256(json.dumps([key, status, headers], default=repr).encode() + told).digest()


def _format(database: sqlite3.Connection) -> int:
    """The format that a file is written in; 0 where it is none of ours.

    Raises:
        sqlite3.DatabaseError: a newer one.
    """
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise sqlite3.DatabaseError(f"a newer version of extractor wrote it (format {version}, not {VERSION})")
    return version


def _set_up(database: sqlite3.Connection) -> None:
    """Switch on the write-ahead log, and make the tables in a new file, or bring those of an older one up to date.

    Two processes may do so at once.
    """
    _switch_on_the_log(database, time.monotonic() + BUSY_SECONDS)
    database.execute("PRAGMA synchronous = NORMAL")
    with database:
        database.execute("BEGIN IMMEDIATE")
        version = _format(database)
        if version == 0 and database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise sqlite3.DatabaseError("it belongs to another program")
        if version < VERSION:
            for statement in FROM_FORMAT_1 if version else TABLES.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {VERSION}")


def _switch_on_the_log(database: sqlite3.Connection, end: float) -> None:
    """Try until `end` on the monotonic clock: for this one statement SQLite itself does not wait for its turn."""
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)
