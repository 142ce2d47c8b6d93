"""The journal on its own: what is served, what survives, who may read it, how it fails."""

from __future__ import annotations

import inspect
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

import pytest

from extractor import journal as journal_module
from extractor.errors import JournalError
from extractor.journal import Journal, NoJournal, RawReply, cache_folder, default_path, request_key

USABLE = RawReply(200, {"content-type": "application/json"}, b'{"choices": [{}], "n": 1}')
OTHER_USABLE = RawReply(200, {}, b'{"choices": [{}], "n": 2}')

NEVER_SERVED = {
    "429": RawReply(429, {}, USABLE.body),
    "500": RawReply(500, {}, b"{}"),
    "200 with an error": RawReply(200, {}, b'{"error": {"message": "no"}}'),
    "200 with an error and choices": RawReply(200, {}, b'{"error": "no", "choices": [{}]}'),
    "no choices": RawReply(200, {}, b'{"choices": []}'),
    "choices null": RawReply(200, {}, b'{"choices": null}'),
    "a list": RawReply(200, {}, b"[1]"),
    "a web page": RawReply(200, {}, b"<html>"),
    "half a reply": RawReply(200, {}, b'{"choices": [{'),
    "no UTF-8": RawReply(200, {}, b"\xff\xfe\xfa"),
    "a deep nest": RawReply(200, {}, b"[" * 100_000),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "journal.sqlite"


def call(journal: Journal, key: str = "k", request: bytes = b"{}") -> int:
    return journal.start(key, "http://x/v1", "model", request)


def rows(path: Path, query: str) -> list[Any]:
    database = sqlite3.connect(path)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


# ── what is served ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reply_is_served_as_it_came(path: Path) -> None:
    with Journal(path) as journal:
        assert journal.find("k") is None
        journal.finish(call(journal), USABLE)
    with Journal(path) as journal:
        assert journal.find("k") == USABLE
        assert journal.find("other") is None


def test_the_first_usable_reply_is_the_one(path: Path) -> None:
    with Journal(path) as journal:
        for reply in (NEVER_SERVED["429"], USABLE, OTHER_USABLE):
            journal.finish(call(journal), reply)
        assert journal.find("k") == USABLE
    assert rows(path, "SELECT count(*) FROM done") == [(3,)]


@pytest.mark.parametrize("what", NEVER_SERVED)
def test_errors_are_kept_but_never_served(path: Path, what: str) -> None:
    with Journal(path) as journal:
        journal.finish(call(journal), NEVER_SERVED[what])
        assert journal.find("k") is None
    assert rows(path, "SELECT status, reply FROM done") == [(NEVER_SERVED[what].status, NEVER_SERVED[what].body)]


def test_a_call_without_a_reply_says_why(path: Path) -> None:
    with Journal(path) as journal:
        journal.fail(call(journal), "no reply")
        assert journal.find("k") is None
    assert rows(path, "SELECT status, reply, fault FROM done") == [(None, None, "no reply")]


def test_a_key_is_one_for_a_request_and_its_repeat() -> None:
    body = {"model": "m", "schema": {"quote": 1, "value": 2}}
    keys = {
        request_key("http://x", body, 0),
        request_key("http://y", body, 0),
        request_key("http://x", body, 1),
        request_key("http://x", {**body, "model": "n"}, 0),
        request_key("http://x", {**body, "schema": {"value": 2, "quote": 1}}, 0),
    }
    assert len(keys) == 5
    assert request_key("http://x", dict(body), 0) in keys


def test_modes_are_remembered_apart(path: Path) -> None:
    with Journal(path) as journal:
        assert journal.mode("x", "m") is None
        journal.remember_mode("x", "m", "TOOLS")
        journal.remember_mode("x", "m", "MD_JSON")
    with Journal(path) as journal:
        assert journal.mode("x", "m") == "MD_JSON"
        assert journal.mode("y", "m") is None
        assert journal.mode("x", "n") is None


def test_no_journal_takes_what_a_journal_takes_and_keeps_nothing() -> None:
    none = NoJournal()
    for name, method in inspect.getmembers(NoJournal, inspect.isfunction):
        assert inspect.signature(method) == inspect.signature(getattr(Journal, name))
    none.finish(none.start("k", "x", "m", b""), USABLE)
    none.remember_mode("x", "m", "TOOLS")
    assert none.find("k") is None
    assert none.mode("x", "m") is None


# ── what survives ────────────────────────────────────────────────────────────────────────────────────────────────────


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, text=True)


KILLED = f"""
import os, sys
from extractor.journal import Journal
journal = Journal(sys.argv[1])
journal.start("k", "http://x/v1", "model", b"the request")
os.kill(os.getpid(), {int(signal.SIGTERM)})
"""


def test_a_kill_between_started_and_done_leaves_what_was_started(path: Path) -> None:
    assert python(KILLED, str(path)).wait() != 0
    with Journal(path) as journal:
        assert journal.find("k") is None
        journal.finish(call(journal), USABLE)
        assert journal.find("k") == USABLE
    assert rows(path, "SELECT request, status FROM started LEFT JOIN done ON call = id ORDER BY id") == [
        (b"the request", None),
        (b"{}", 200),
    ]


WRITER = """
import sys
from extractor.journal import Journal, RawReply
with Journal(sys.argv[1]) as journal:
    for n in range(30):
        key = f"{sys.argv[2]}-{n}"
        call = journal.start(key, "http://x/v1", "model", key.encode())
        journal.finish(call, RawReply(200, {}, b'{"choices": ["%s"]}' % key.encode()))
        journal.remember_mode("http://x/v1", "model", key)
"""


def test_many_processes_make_and_write_one_journal(path: Path) -> None:
    writers = [python(WRITER, str(path), str(n)) for n in range(6)]
    assert [writer.communicate()[1] for writer in writers] == [""] * 6
    with Journal(path) as journal:
        for writer in range(6):
            for n in range(30):
                reply = journal.find(f"{writer}-{n}")
                assert reply is not None
                assert reply.completion() == {"choices": [f"{writer}-{n}"]}


def test_a_journal_that_another_process_is_making_is_waited_for(path: Path) -> None:
    path.parent.mkdir()
    maker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    maker.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, maker.execute, ["COMMIT"])
    release.start()
    with Journal(path) as journal:
        journal.finish(call(journal), USABLE)
        assert journal.find("k") == USABLE
    release.join()
    maker.close()


def test_many_threads_write_one_journal(path: Path) -> None:
    def write(n: int) -> RawReply | None:
        journal.finish(call(journal, f"{n}"), RawReply(200, {}, b'{"choices": [%d]}' % n))
        return journal.find(f"{n}")

    with Journal(path) as journal, ThreadPoolExecutor(16) as pool:
        found = list(pool.map(write, range(300)))
    assert [reply and reply.completion() for reply in found] == [{"choices": [n]} for n in range(300)]


# ── who may read it ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_only_its_owner_can_read_it(path: Path) -> None:
    before = os.umask(0)
    try:
        with Journal(path) as journal:
            call(journal)
            made = [path.parent, *path.parent.iterdir()]
            assert len(made) > 2
            assert [stat.S_IMODE(item.stat().st_mode) for item in made] == [0o700] + [0o600] * (len(made) - 1)
    finally:
        os.umask(before)


def test_a_purge_leaves_no_document_behind(path: Path) -> None:
    with Journal(path) as journal:
        for n in range(50):
            words = b"the document's own words " * 99
            journal.finish(call(journal, f"{n}", words), RawReply(200, {}, b'{"choices": ["%s"]}' % words))
        journal.remember_mode("x", "m", "TOOLS")
        assert journal.purge() == 50
        assert path.stat().st_size < len(words) * 50
        assert all(b"own words" not in file.read_bytes() for file in path.parent.iterdir())
        assert journal.find("1") is None
        assert journal.mode("x", "m") is None
        assert journal.purge() == 0


def test_a_call_in_flight_during_a_purge_answers_no_other(path: Path) -> None:
    with Journal(path) as journal:
        early = call(journal, "early")
        journal.purge()
        late = call(journal, "late")
        journal.finish(early, USABLE)
        assert (journal.find("early"), journal.find("late")) == (None, None)
        journal.finish(late, OTHER_USABLE)
        assert journal.find("late") == OTHER_USABLE


HOMES: list[tuple[str, dict[str, str], PurePath, PurePath]] = [
    ("linux", {}, PurePosixPath("/home/a"), PurePosixPath("/home/a/.cache")),
    ("linux", {"XDG_CACHE_HOME": "/x"}, PurePosixPath("/home/a"), PurePosixPath("/x")),
    ("linux", {"XDG_CACHE_HOME": "relative"}, PurePosixPath("/home/a"), PurePosixPath("/home/a/.cache")),
    ("darwin", {}, PurePosixPath("/Users/a"), PurePosixPath("/Users/a/Library/Caches")),
    ("win32", {"LOCALAPPDATA": r"C:\L"}, PureWindowsPath(r"C:\Users\a"), PureWindowsPath(r"C:\L")),
    ("win32", {}, PureWindowsPath(r"C:\Users\a"), PureWindowsPath(r"C:\Users\a\AppData\Local")),
]


@pytest.mark.parametrize(("platform", "environ", "home", "folder"), HOMES)
def test_cache_folder(platform: str, environ: dict[str, str], home: PurePath, folder: PurePath) -> None:
    assert cache_folder(platform, environ, home) == folder


@pytest.mark.skipif(sys.platform == "win32", reason="XDG_CACHE_HOME is POSIX")
def test_the_default_is_in_the_users_cache(tmp_path: Path) -> None:
    with Journal() as journal:
        assert journal.path == default_path() == tmp_path / "cache" / "extractor" / "journal.sqlite"
    assert journal.path.exists()


# ── how it fails ─────────────────────────────────────────────────────────────────────────────────────────────────────


def a_folder(path: Path) -> None:
    path.mkdir(parents=True)


def below_a_file(path: Path) -> None:
    path.parent.write_text("a file")


def no_database(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"Report on the inspection " * 99)


def of_a_newer_version(path: Path) -> None:
    Journal(path).close()
    rows(path, f"PRAGMA user_version = {journal_module.VERSION + 1}")


def of_another_program(path: Path) -> None:
    path.parent.mkdir()
    rows(path, "CREATE TABLE other (x)")


UNUSABLE: list[tuple[Callable[[Path], None], str]] = [
    (a_folder, "unable to open"),
    (below_a_file, "File exists|Not a directory"),
    (no_database, "not a database"),
    (of_a_newer_version, "newer version"),
    (of_another_program, "another program"),
]


@pytest.mark.parametrize(("spoil", "words"), UNUSABLE)
def test_a_file_that_cannot_be_used_is_named_with_a_way_out(
    path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    spoil(path)
    with pytest.raises(JournalError, match=words) as caught:
        Journal(path)
    assert str(path) in str(caught.value)
    assert "--no-journal" in str(caught.value)


def test_another_programs_file_is_left_as_it_was(path: Path) -> None:
    of_another_program(path)
    with pytest.raises(JournalError):
        Journal(path)
    assert rows(path, "SELECT name FROM sqlite_master") == [("other",)]


def test_damage_is_told(path: Path) -> None:
    with Journal(path) as journal:
        for n in range(200):
            journal.finish(call(journal, f"{n}", b"x" * 999), USABLE)
    damaged = bytearray(path.read_bytes())
    damaged[4096:] = b"\xab" * len(damaged[4096:])
    path.write_bytes(damaged)
    with pytest.raises(JournalError, match="malformed"), Journal(path) as journal:
        journal.find("7")


def test_a_locked_journal_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "BUSY_SECONDS", 0.05)
    with Journal(path) as journal:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="locked"):
            call(journal)
        holder.execute("COMMIT")
        holder.close()
        call(journal)


def test_a_closed_journal_is_told(path: Path) -> None:
    journal = Journal(path)
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.find("k")
