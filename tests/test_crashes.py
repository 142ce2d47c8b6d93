"""Kills, full disks, read-only folders, two at once, damaged files: a clear error or a clean going on."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from fakeserver import FakeServer, hang
from smalldisk import Disk, Ended, Limit, can_mount
from smallgold import COUNCILS, answering, text_of, write_set
from started import hearing

from extractor import extract
from extractor.errors import DocumentError, JournalError
from extractor.extracting import settings
from extractor.journal import VERSION, Journal, RawReply, looked_into
from extractor.resuming import Results
from extractor.saved import saved

pytestmark = pytest.mark.once

Serve = Callable[..., FakeServer]
Place = Disk | Limit

HERE = Path(__file__).parent
EXTRACT = (sys.executable, "-m", "extractor.cli", "extract", "-q")
TABLE = (sys.executable, "-m", "extractor.cli", "table")
EVAL = (sys.executable, "-m", "extractor_eval.cli")
COUNT = 24

PLACES = [
    pytest.param(Disk, marks=pytest.mark.skipif(not can_mount(), reason="no disk can be mounted here")),
    Limit,
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents, so many that what is made of them fills a small disk."""
    made = tmp_path / "in"
    made.mkdir()
    for case in range(COUNT):
        text = f"{text_of(COUNCILS[case % len(COUNCILS)])}\nCase {case}.\n"
        (made / f"{case:03}.txt").write_text(text, encoding="utf-8")
    return made


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with request.param(tmp_path / "small", kilobytes=32) as made:
        yield made


def complaint(ended: Ended, status: int = 2) -> str:
    """The one line in which a command says why it ended."""
    assert (ended.returncode, "Traceback" in ended.stderr) == (status, False), ended.stderr
    lines = [line for line in ended.stderr.splitlines() if not line.startswith("No model named")]
    assert len(lines) == 1, ended.stderr
    return lines[0]


def names(out: Path) -> list[str]:
    """The documents in a file of results, each line of which is whole."""
    text = out.read_text(encoding="utf-8")
    assert not text or text.endswith("\n")
    return [Path(json.loads(line)["source"]["path"]).name for line in text.splitlines()]


def fill(folder: Path, out: Path) -> Path:
    """A finished file of results."""
    made = subprocess.run([*EXTRACT, folder, "-o", out], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return out


# ── a full disk ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_results_on_a_full_disk_stay_whole_and_go_on_with_room(place: Place, folder: Path) -> None:
    command = (*EXTRACT, folder, "-o", place.folder / "out.jsonl")
    assert "out.jsonl cannot be written" in complaint(place.run(*command))
    before = names(place.seen / "out.jsonl")
    assert 0 < len(before) < COUNT
    place.more()
    ended = place.run(*command)
    assert ended.returncode == 0, ended.stderr
    assert f"{len(before)} of them before" in ended.stderr
    assert sorted(names(place.seen / "out.jsonl")) == [f"{case:03}.txt" for case in range(COUNT)]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "jsonl", "parquet"])
def test_a_table_on_a_full_disk_leaves_the_old_one(place: Place, folder: Path, tmp_path: Path, suffix: str) -> None:
    if isinstance(place, Limit) and suffix == "parquet":
        pytest.skip("no file of it is large enough: the disk shows it")
    out = f"sheet.{suffix}"
    made = fill(folder, tmp_path / "made.jsonl")
    made.write_bytes(made.read_bytes() * 8)
    (place.seen / out).write_text("old")
    assert "cannot be written" in complaint(place.run(*TABLE, made, "-o", place.folder / out))
    assert [(one.name, one.read_text()) for one in place.seen.iterdir()] == [(out, "old")]
    place.more()
    assert place.run(*TABLE, made, "-o", place.folder / out).returncode == 0
    assert (place.seen / out).stat().st_size > 3


@pytest.mark.skipif(not can_mount(), reason="no disk can be mounted here")
def test_a_review_on_a_full_disk_is_told_and_the_results_are_kept(folder: Path, tmp_path: Path) -> None:
    out, count = tmp_path / "out.jsonl", 10 * COUNT
    for case in range(count):
        (folder / f"{case:03}.txt").write_text("")  # a document that fails is one to look at
    with Disk(tmp_path / "small", kilobytes=32) as disk:
        command = (*EXTRACT, folder, "-o", out, "--review", disk.folder / "review.jsonl")
        ended = disk.run(*command)
        assert (ended.returncode, "Traceback" in ended.stderr) == (2, False), ended.stderr
        assert "review.jsonl cannot be written" in ended.stderr.splitlines()[-1]
        assert len(names(out)) == count
        assert list(disk.seen.iterdir()) == []
        disk.more()
        assert disk.run(*command).returncode == 1
        assert len((disk.seen / "review.jsonl").read_text().splitlines()) == count


def test_a_run_of_the_harness_on_a_full_disk_is_told(place: Place, tmp_path: Path) -> None:
    command = (*EVAL, "run", "--gold", write_set(tmp_path / "gold"), "-o", place.folder)
    assert "cannot be written" in complaint(place.run(*command))
    place.more()
    assert place.run(*command).returncode == 0


def test_a_journal_on_a_full_disk_fails_documents_and_goes_on_with_room(
    serve: Serve, folder: Path, tmp_path: Path
) -> None:
    server = serve(script=answering())
    out = tmp_path / "out.jsonl"
    for kind in (Disk, Limit) if can_mount() else (Limit,):
        out.unlink(missing_ok=True)
        with kind(tmp_path / kind.__name__, kilobytes=300) as place:
            at = ("--model", "openai/fake", "--base-url", server.base_url, "--prompt", "plain")
            command = (*EXTRACT, folder, "-o", out, *at, "--journal", place.folder / "journal.sqlite")
            ended = place.run(*command)
            assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stderr
            failed = [one.error.type for one in saved(out) if one.error]
            assert set(failed) == {"JournalError"}
            assert len(failed) < COUNT
            place.more()
            ended = place.run(*command)
            assert ended.returncode == 0, ended.stderr
            assert sorted(names(out)) == [f"{case:03}.txt" for case in range(COUNT)]


def test_a_journal_that_cannot_be_begun_is_told(serve: Serve, folder: Path, tmp_path: Path) -> None:
    server = serve(script=answering())
    with Limit(tmp_path / "small", kilobytes=1) as place:
        at = ("--model", "openai/fake", "--base-url", server.base_url, "--journal", place.folder / "journal.sqlite")
        assert "journal.sqlite cannot be used" in complaint(place.run(*EXTRACT, folder, *at))
    assert server.received == []


# ── a folder that is read-only ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not can_mount(), reason="no disk can be mounted here")
def test_what_is_read_only_is_told(serve: Serve, folder: Path, tmp_path: Path) -> None:
    server, made = serve(script=answering()), fill(folder, tmp_path / "made.jsonl")
    model = ("--model", "openai/fake", "--base-url", server.base_url)
    with Disk(tmp_path / "disk", kilobytes=4000) as disk:
        with Journal(disk.seen / "journal.sqlite"):
            pass
        disk.read_only()
        at = disk.folder
        for command, fault in (
            ((*EXTRACT, folder, "-o", at / "out.jsonl"), "out.jsonl cannot be written (Read-only file system)"),
            ((*EXTRACT, folder / "000.txt", "-o", at / "out.json"), "out.json cannot be written"),
            ((*TABLE, made, "-o", at / "out.xlsx"), "out.xlsx cannot be written"),
            ((*EXTRACT, folder, *model, "--journal", at / "journal.sqlite"), "journal.sqlite cannot be used"),
            ((*EXTRACT, folder, *model, "--journal", at / "new.sqlite"), "new.sqlite cannot be used"),
            ((*EVAL, "run", "--gold", write_set(tmp_path / "gold"), "-o", at / "runs"), "cannot be written"),
        ):
            assert fault in complaint(disk.run(*command))
        assert [one.name for one in disk.seen.iterdir()] == ["journal.sqlite"]
    assert server.received == []


# ── two at once ──────────────────────────────────────────────────────────────────────────────────────────────────────


def started(*command: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hearing,
        start_new_session=True,
    )


def until(reached: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not reached():
        assert process.poll() is None
        time.sleep(0.01)


def test_two_runs_share_a_journal(serve: Serve, folder: Path, tmp_path: Path) -> None:
    server = serve(script=answering())
    at = ("--model", "openai/fake", "--base-url", server.base_url, "--prompt", "plain")
    outs = [tmp_path / f"{number}.jsonl" for number in range(2)]
    runs = [started(*EXTRACT, folder, "-o", out, *at, "--journal", tmp_path / "journal.sqlite") for out in outs]
    assert [(run.communicate(timeout=300)[1].count("Traceback"), run.returncode) for run in runs] == [(0, 0)] * 2
    for out in outs:
        assert sorted(names(out)) == [f"{case:03}.txt" for case in range(COUNT)]
    assert COUNT <= len(server.received) <= 2 * COUNT
    asked = len(server.received)
    assert subprocess.run([*EXTRACT, folder, *at, "--journal", tmp_path / "journal.sqlite"]).returncode == 0
    assert len(server.received) == asked


def test_a_second_run_on_the_same_results_is_refused(serve: Serve, folder: Path, tmp_path: Path) -> None:
    server = serve(hang)
    command = (*EXTRACT, folder, "-o", tmp_path / "out.jsonl", "--no-journal")
    first = started(*command, "--model", "openai/fake", "--base-url", server.base_url)
    until(lambda: len(server.received) > 0, first)
    second = subprocess.run(command, capture_output=True, text=True)
    first.kill()
    first.communicate()
    assert "is being written by another run" in complaint(second)


def test_two_tables_written_at_once_are_each_whole(folder: Path, tmp_path: Path) -> None:
    made, out = fill(folder, tmp_path / "made.jsonl"), tmp_path / "out.csv"
    assert subprocess.run([*TABLE, made, "-o", out], capture_output=True).returncode == 0
    alone = {one.name: one.read_bytes() for one in tmp_path.glob("out*.csv")}
    runs = [started(*TABLE, made, "-o", out) for _ in range(4)]
    assert [(run.communicate()[1].count("Traceback"), run.returncode) for run in runs] == [(0, 0)] * 4
    assert {one.name: one.read_bytes() for one in tmp_path.glob("out*.csv")} == alone
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


# ── kills and signals ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_hundred_kills_while_it_writes_leave_nothing_half(tmp_path: Path) -> None:
    command = [sys.executable, HERE / "committing.py", tmp_path, "--kills", "100"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert found["sound"]
    assert (found["wrong"], found["doubled"], found["damaged"], found["lost"]) == (0, 0, 0, 0)
    assert found["unfinished"] <= 100
    assert found["calls"] - found["unfinished"] - found["results"] <= 100
    assert found["results"] > 100


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_a_table_that_is_killed_leaves_the_old_one_or_the_new(folder: Path, tmp_path: Path, suffix: str) -> None:
    made, out = fill(folder, tmp_path / "made.jsonl"), tmp_path / f"out.{suffix}"
    assert subprocess.run([*TABLE, made, "-o", out], capture_output=True).returncode == 0
    length, killed = out.stat().st_size, 0
    out.write_text("old")
    while killed < 5:
        process = started(*TABLE, made, "-o", out)
        until(lambda: any(one.name.endswith(".part") for one in tmp_path.iterdir()) or not out.exists(), process)
        process.kill()
        process.communicate()
        killed += 1
        for part in tmp_path.glob(".*.part"):
            part.unlink()
        assert out.read_bytes() == b"old" or abs(out.stat().st_size - length) < 100


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_run_that_is_told_to_end_keeps_what_it_has_and_goes_on(
    serve: Serve, folder: Path, tmp_path: Path, sent: signal.Signals, status: int
) -> None:
    replies = iter(range(10))

    def some(received: Any) -> Any:
        return answering()(received) if next(replies, None) is not None else hang

    server, out = serve(script=some), tmp_path / "out.jsonl"
    at = ("--model", "openai/fake", "--base-url", server.base_url, "--prompt", "plain")
    command = (*EXTRACT, folder, "-o", out, *at, "--journal", tmp_path / "journal.sqlite")
    process = started(*command)
    until(lambda: out.exists() and out.read_bytes().count(b"\n") == 10, process)
    process.send_signal(sent)
    said = process.communicate(timeout=300)[1]
    assert (process.returncode, "Traceback" in said) == (status, False)
    assert f"10 of {COUNT} documents are done, in {out}; the same command goes on" in said
    server.script = answering()
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert sorted(names(out)) == [f"{case:03}.txt" for case in range(COUNT)]


CALLER = """
import sys
from pathlib import Path
from extractor import extract_many
paths = sorted(Path(sys.argv[1]).iterdir())
more = dict(model="openai/fake", base_url=sys.argv[2], journal=sys.argv[3], prompt="plain", concurrency=4)
for extraction in extract_many(paths, **more):
    print(extraction.source.path, extraction.error, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_a_caller_of_the_library_that_is_ended_pays_for_no_reply_twice(
    serve: Serve, folder: Path, tmp_path: Path, sent: signal.Signals
) -> None:
    server = serve(script=answering())
    command = [sys.executable, "-c", CALLER, str(folder), server.base_url, str(tmp_path / "journal.sqlite")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=hearing)
    assert process.stdout
    done = [process.stdout.readline() for _ in range(5)]
    process.send_signal(sent)
    process.communicate()
    assert process.returncode == -sent
    assert all(line.endswith(" None\n") for line in done)
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.stdout.count(" None\n") == COUNT
    assert len(server.received) <= COUNT + 4


# ── a journal that is older, damaged, or something else ──────────────────────────────────────────────────────────────


KEYS = [f"{number:064x}" for number in range(40)]


def kept(key: str) -> RawReply:
    body = {"choices": [{"said": key, "more": "words of the reply " * (20 if int(key, 16) % 2 else 400)}]}
    return RawReply(200, {"date": key}, json.dumps(body).encode())


def journal_with_calls(path: Path) -> Path:
    with Journal(path) as journal:
        for key in KEYS:
            journal.finish(journal.start(key, "http://x/v1", "model", b"the question " * 50), kept(key))
    return path


def is_refused_or_sound(path: Path) -> bool:
    """Whether the journal is refused; where it is not, it serves what was kept or nothing, and takes new calls."""
    with suppress(JournalError), Journal(path) as journal:
        for key in KEYS:
            assert journal.find(key) in (kept(key), None)
        journal.finish(journal.start("new", "http://x/v1", "model", b"new"), kept(KEYS[0]))
        assert journal.calls() > 0
        journal.mode("http://x/v1", "model")
        journal.latest("http://x/v1", "model", 100)
        return False
    return True


def test_a_journal_of_format_1_is_brought_up_to_date(tmp_path: Path) -> None:
    path = journal_with_calls(tmp_path / "journal.sqlite")
    with closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE done DROP COLUMN seal")
        database.execute("PRAGMA user_version = 1")
        database.commit()
    before = path.read_bytes()
    with looked_into(path) as past:  # who only looks changes nothing
        assert [past.find(key) for key in KEYS] == list(map(kept, KEYS))
    assert path.read_bytes() == before
    for _ in range(2):
        with Journal(path) as journal:
            assert [journal.find(key) for key in KEYS] == list(map(kept, KEYS))
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert database.execute("SELECT count(*) FROM done WHERE seal IS NULL").fetchone() == (0,)


def test_a_reply_that_was_changed_is_not_served_and_a_new_one_is(tmp_path: Path) -> None:
    path = journal_with_calls(tmp_path / "journal.sqlite")
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE done SET reply = replace(reply, '\"said\"', '\"Said\"') WHERE call = 1")
        database.execute("UPDATE done SET call = -call WHERE call IN (2, 3)")
        database.execute("UPDATE done SET call = CASE call WHEN -2 THEN 3 WHEN -3 THEN 2 END WHERE call < 0")
        database.execute("UPDATE done SET seal = NULL WHERE call = 4")
        database.commit()
    with Journal(path) as journal:
        assert [journal.find(key) for key in KEYS[:4]] == [None] * 4
        assert [journal.find(key) for key in KEYS[4:]] == list(map(kept, KEYS[4:]))
        journal.finish(journal.start(KEYS[0], "http://x/v1", "model", b""), kept(KEYS[0]))
        assert journal.find(KEYS[0]) == kept(KEYS[0])


@pytest.mark.parametrize("seed", range(20))
def test_flipped_bytes_never_make_another_answer(tmp_path: Path, seed: int) -> None:
    whole, path = journal_with_calls(tmp_path / "whole.sqlite").read_bytes(), tmp_path / "journal.sqlite"
    chance = random.Random(seed)
    for _ in range(10):
        spoilt = bytearray(whole)
        for at in [chance.randrange(len(whole)) for _ in range(chance.choice([1, 1, 4, 100]))]:
            spoilt[at] ^= chance.randrange(1, 256)
        for beside in tmp_path.glob("journal.sqlite*"):
            beside.unlink()
        path.write_bytes(spoilt)
        is_refused_or_sound(path)


def test_zeroed_pages_and_cut_files_are_refused_or_gone_on_with(tmp_path: Path) -> None:
    whole, path = journal_with_calls(tmp_path / "whole.sqlite").read_bytes(), tmp_path / "journal.sqlite"
    pages = range(0, len(whole), 4096)
    spoilt = [whole[:at] + bytes(4096) + whole[at + 4096 :] for at in pages]
    spoilt += [whole[: at + more] for at in pages for more in (0, 1, 2000)]
    refused = 0
    for data in spoilt:
        for beside in tmp_path.glob("journal.sqlite*"):
            beside.unlink()
        path.write_bytes(data)
        refused += is_refused_or_sound(path)
    assert 0 < refused < len(spoilt)


LEFT = """
import os, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from test_crashes import journal_with_calls, Journal, KEYS, kept
journal = Journal(sys.argv[1])
for key in KEYS:
    journal.finish(journal.start(key, "http://x/v1", "model", b"the question"), kept(key))
os.kill(os.getpid(), 9)
"""


def test_a_log_that_is_cut_or_garbage_loses_the_last_calls_at_most(tmp_path: Path) -> None:
    made, used = tmp_path / "made", tmp_path / "used"
    made.mkdir()
    path = made / "journal.sqlite"
    subprocess.run([sys.executable, "-c", LEFT, path, HERE])
    wal, shm = made / "journal.sqlite-wal", made / "journal.sqlite-shm"
    assert wal.stat().st_size > 100_000
    whole, chance = wal.read_bytes(), random.Random(7)
    cuts = [whole[: chance.randrange(len(whole))] for _ in range(30)]
    flips = [whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :] for at in chance.sample(range(len(whole)), 30)]
    for data in [whole, b"", *cuts, *flips]:
        shutil.rmtree(used, ignore_errors=True)
        shutil.copytree(made, used)
        (used / wal.name).write_bytes(data)
        (used / shm.name).write_bytes(chance.randbytes(shm.stat().st_size))
        with Journal(used / path.name) as journal:
            found = [journal.find(key) for key in KEYS]
        served = [reply for reply in found if reply is not None]
        assert served == list(map(kept, KEYS[: len(served)])), "the first ones, and none after one that is lost"
        assert data is not whole or len(served) == len(KEYS)
        assert not is_refused_or_sound(used / path.name)


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_a_folder_in_a_files_place_is_told(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"journal.sqlite{suffix}").mkdir()
    with pytest.raises(JournalError, match=r"journal\.sqlite cannot be used"), Journal(tmp_path / "journal.sqlite"):
        pass


# ── a file of results that is damaged ────────────────────────────────────────────────────────────────────────────────

DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "a torn line": lambda line: line[: len(line) // 2] + b"\n",
    "garbage": lambda line: b"\xff\xfe garbage\n",
    "NULs": lambda line: bytes(500) + b"\n",
    "NULs before it": lambda line: bytes(500) + line,
    "no Extraction": lambda line: b'{"source": {"path": "x"}, "error": null}\n',
    "another type": lambda line: b"[1]\n",
    "an empty line": lambda line: b"\n",
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_line_of_results_is_told_and_its_document_read_again(folder: Path, tmp_path: Path, what: str) -> None:
    out = tmp_path / "out.jsonl"
    paths = sorted(folder.iterdir())[:4]
    with Results(out, settings()) as results:
        for path in results.wanted(iter(paths)):
            results.write(extract(path))
        results.close(finished=False, all_read=True)
    lines = out.read_bytes().splitlines(keepends=True)
    lines[1] = DAMAGED[what](lines[1])
    out.write_bytes(b"".join(lines))
    with pytest.raises(DocumentError, match="line 2") if what != "an empty line" else nullcontext():
        list(saved(out))
    ended = subprocess.run([*EXTRACT, *paths, "-o", out], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "out.jsonl is damaged: 1 lines, first line 2" in ended.stderr
    assert "4 documents read, 3 of them before" in ended.stderr
    assert sorted(names(out)) == [path.name for path in paths]


@pytest.mark.parametrize("note", [b"", b"[]", b"{", b"\xff\x00", b'{"settings": 1}', b"null"])
def test_a_damaged_note_begins_anew_and_leaves_the_results(folder: Path, tmp_path: Path, note: bytes) -> None:
    out = fill(folder, tmp_path / "out.jsonl")
    before = out.read_bytes()
    out.with_name(".out.jsonl.run").write_bytes(note)
    fill(folder, out)
    assert sorted(out.read_bytes().splitlines()) == sorted(before.splitlines())
