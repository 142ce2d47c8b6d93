"""The file of results: whole lines, each document once, whatever cuts the run off."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fakeserver import FakeServer, Received, answer, error, hang
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from started import Started

from extractor import Extraction, extract
from extractor.errors import SettingsError
from extractor.extracting import Settings, failed, settings
from extractor.resuming import Results, fingerprint

JSON = dict[str, Any]
Serve = Callable[..., FakeServer]

DATA = Path(__file__).parent / "data" / "llm"
TEXT = (DATA / "article.txt").read_text(encoding="utf-8")
REPLY: JSON = json.loads((DATA / "reply.json").read_text(encoding="utf-8"))
OFFLINE = settings()


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return write(tmp_path / "in", 4)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def write(folder: Path, count: int) -> list[Path]:
    folder.mkdir(exist_ok=True)
    made = [folder / f"{number:03}.txt" for number in range(count)]
    for number, path in enumerate(made):
        path.write_text(TEXT.replace("340", f"{1_000 + number}"), encoding="utf-8")
    return made


def lines(out: Path) -> list[JSON]:
    text = out.read_text(encoding="utf-8")
    assert not text or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def names(out: Path) -> list[str]:
    return [Path(line["source"]["path"]).name for line in lines(out)]


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def run(out: Path, paths: list[Path], *, fail: str = "", stop: int | None = None, chosen: Settings = OFFLINE) -> int:
    """A run that fails at one document, and is left after so many; gives how many were kept from before."""
    with Results(out, chosen) as results:
        finished, all_read = True, True
        for done, path in enumerate(results.wanted(iter(paths))):
            if done == stop:
                finished = False
                break
            if path.name == fail:
                all_read = False
                results.write(failed(chosen, path, SettingsError("no")))
            else:
                results.write(extract(path))
        results.close(finished=finished, all_read=all_read)
        return results.kept


# ── one run after another ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_finished_run_leaves_the_file_alone(out: Path, paths: list[Path]) -> None:
    assert run(out, paths) == 0
    assert names(out) == [path.name for path in paths]
    assert hidden(out.parent) == []
    assert [Extraction.model_validate(line).error for line in lines(out)] == [None] * 4


def test_a_run_goes_on_where_it_stopped(out: Path, paths: list[Path]) -> None:
    run(out, paths, stop=2)
    assert names(out) == ["000.txt", "001.txt"]
    assert run(out, paths) == 2
    assert names(out) == [path.name for path in paths]
    assert hidden(out.parent) == []


def test_what_failed_is_tried_again_and_replaced(out: Path, paths: list[Path]) -> None:
    run(out, paths, fail="001.txt")
    assert [bool(line["error"]) for line in lines(out)] == [False, True, False, False]
    assert run(out, paths, fail="001.txt") == 3
    assert sorted(names(out)) == [path.name for path in paths]
    assert run(out, paths) == 3
    assert sorted(names(out)) == [path.name for path in paths]
    assert [line["error"] for line in lines(out)] == [None] * 4
    assert hidden(out.parent) == []


def test_a_finished_file_is_made_anew_and_never_double(out: Path, paths: list[Path]) -> None:
    run(out, paths)
    before = out.read_bytes()
    with Results(out, OFFLINE) as results:
        for path in results.wanted(iter(paths)):
            results.write(extract(path))
            assert out.read_bytes() == before
        results.close(finished=True, all_read=True)
    assert results.kept == 0
    assert out.read_bytes() == before
    assert hidden(out.parent) == []


def test_a_document_that_changed_is_read_again(out: Path, paths: list[Path]) -> None:
    run(out, paths, stop=3)
    paths[1].write_text(TEXT.replace("340", "77"), encoding="utf-8")
    assert run(out, paths) == 2
    assert sorted(names(out)) == [path.name for path in paths]
    (changed,) = [line for line in lines(out) if line["source"]["path"] == str(paths[1])]
    assert changed["source"]["sha256"] == extract(paths[1]).source.sha256


def test_what_is_not_asked_for_any_more_is_dropped_at_the_end(out: Path, paths: list[Path]) -> None:
    run(out, paths, stop=3)
    assert run(out, paths[1:]) == 2
    assert names(out) == ["001.txt", "002.txt", "003.txt"]


def test_a_path_that_is_named_twice_has_one_line(out: Path, paths: list[Path]) -> None:
    with Results(out, OFFLINE) as results:
        assert list(results.wanted(iter([*paths, *paths]))) == paths
    run(out, [*paths, *paths])
    assert names(out) == [path.name for path in paths]


def test_other_settings_leave_the_file_until_they_are_done(out: Path, paths: list[Path]) -> None:
    run(out, paths)
    before = out.read_bytes()
    other = settings(published="2017-02-10")
    run(out, paths, stop=2, chosen=other)
    assert out.read_bytes() == before
    assert names(out.with_name(".out.jsonl.part")) == ["000.txt", "001.txt"]
    assert run(out, paths, chosen=other) == 2
    assert names(out) == [path.name for path in paths]
    assert hidden(out.parent) == []


def test_another_programs_file_is_left_until_the_run_is_done(out: Path, paths: list[Path]) -> None:
    out.write_text("before\n")
    run(out, paths, stop=0)
    assert (out.read_text(), hidden(out.parent)) == ("before\n", [])
    run(out, paths)
    assert names(out) == [path.name for path in paths]


@given(cut=st.integers(1, 200))
@examples(max_examples=15)
def test_a_torn_line_is_cut(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("torn")
    out, paths = folder / "out.jsonl", write(folder / "in", 3)
    run(out, paths, stop=2)
    whole = out.read_bytes()
    out.write_bytes(whole[:-cut])
    assert run(out, paths) == 1
    assert sorted(names(out)) == [path.name for path in paths]


def test_a_file_without_a_line_in_it_is_gone_on_with(out: Path, paths: list[Path]) -> None:
    run(out, paths, stop=1)
    out.write_bytes(out.read_bytes()[:-1])
    assert run(out, paths) == 0
    assert names(out) == [path.name for path in paths]


def test_settings_that_decide_nothing_are_no_other_settings() -> None:
    one = settings(model="openai/a", base_url="http://x/v1", api_key="one", timeout=5, journal=False)
    other = settings(model="openai/a", base_url="http://x/v1", api_key="other-key", timeout=9)
    assert fingerprint(one) == fingerprint(other)


DECIDE: list[JSON] = [
    {"model": "openai/b"},
    {"base_url": "http://y/v1"},
    {"parameters": {"seed": 1}},
    {"max_reasks": 0},
    {"verified_only": True},
    {"published": "2017-02-10"},
]


@pytest.mark.parametrize("more", DECIDE)
def test_settings_that_decide_something_are_others(more: JSON) -> None:
    plain = {"model": "openai/a", "base_url": "http://x/v1"}
    assert fingerprint(settings(**plain)) != fingerprint(settings(**{**plain, **more}))


def test_two_runs_never_write_one_file(out: Path, paths: list[Path]) -> None:
    with Results(out, OFFLINE), pytest.raises(SettingsError, match="another run"):
        Results(out, OFFLINE)
    assert run(out, paths) == 0


@pytest.mark.parametrize("place", ["no/such/folder/out.jsonl", "a file/out.jsonl"])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        Results(tmp_path / place, OFFLINE)


# ── the command, killed and interrupted ──────────────────────────────────────────────────────────────────────────────

COUNT, CONCURRENCY = 16, 4


class Command(Started):
    """`extractor extract` on a folder, as a process."""

    def __init__(self, folder: Path, out: Path, *more: object) -> None:
        super().__init__("extract", folder, "-o", out, "--max-reasks", 0, *more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "in", COUNT)
    return tmp_path / "in"


def grown(out: Path, most: int) -> Callable[[], bool]:
    return lambda: out.exists() and out.read_bytes().count(b"\n") >= most


def slowly(received: Received) -> Any:
    time.sleep(0.05)
    return answer(REPLY)(received)


def model(server: FakeServer, journal: Path) -> tuple[object, ...]:
    at = ("--model", "openai/fake", "--base-url", server.base_url, "--journal", journal)
    return (*at, "--concurrency", CONCURRENCY)


def kills() -> Iterator[int]:
    """After how many lines, or calls, the run is killed."""
    yield from (1, 3, 7, 12)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9")
def test_a_run_killed_again_and_again_ends_with_each_document_once(serve: Serve, folder: Path, out: Path) -> None:
    server, killed = serve(slowly), 0
    for calls in kills():
        command = Command(folder, out, *model(server, out.with_name("journal.sqlite")), "--processes", 2)
        if command.until(lambda calls=calls: len(server.received) >= calls):  # type: ignore[misc]
            command.process.kill()
            killed += 1
        command.ended()
    assert killed > 2
    assert Command(folder, out, *model(server, out.with_name("journal.sqlite"))).ended()[0] == 0
    assert sorted(names(out)) == [f"{number:03}.txt" for number in range(COUNT)]
    assert [line["error"] for line in lines(out)] == [None] * COUNT
    assert COUNT <= len(server.received) <= COUNT + killed * CONCURRENCY
    assert hidden(out.parent) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9")
def test_offline_too(folder: Path, out: Path) -> None:
    killed = 0
    for done in kills():
        command = Command(folder, out, "--processes", 2)
        if command.until(grown(out, done)):
            command.process.kill()
            killed += 1
        command.ended()
    assert killed > 1
    assert Command(folder, out).ended()[0] == 0
    assert sorted(names(out)) == [f"{number:03}.txt" for number in range(COUNT)]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing there")
def test_an_interrupted_run_keeps_what_it_has_says_how_to_go_on_and_goes_on(
    serve: Serve, folder: Path, out: Path
) -> None:
    turns, interrupted = count(), threading.Event()

    def some_before(received: Received) -> Any:
        """Answer a few; the rest, however slow the machine is, once the run was interrupted."""
        if next(turns) >= CONCURRENCY:
            interrupted.wait()
        return answer(REPLY)(received)

    server = serve(some_before)
    command = Command(folder, out, *model(server, out.with_name("journal.sqlite")), "--processes", 2)
    assert command.until(grown(out, 3))
    command.interrupt()
    before = command.told("Ctrl-C again")
    interrupted.set()
    status, said = command.ended()
    assert status == 130
    assert "Traceback" not in before + said
    done = names(out)
    assert 3 <= len(done) < COUNT
    assert f"{len(done)} of {COUNT} documents are done, in {out}; the same command goes on" in said
    status, said = Command(folder, out, *model(server, out.with_name("journal.sqlite"))).ended()
    assert status == 0
    assert f"{COUNT} documents read, {len(done)} of them before" in said
    assert sorted(names(out)) == [f"{number:03}.txt" for number in range(COUNT)]
    assert len(server.received) <= COUNT + CONCURRENCY


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing there")
def test_interrupted_twice_it_leaves_at_once(serve: Serve, folder: Path, out: Path) -> None:
    server = serve(hang)
    command = Command(folder, out, *model(server, out.with_name("journal.sqlite")))
    assert command.until(lambda: len(server.received) > 0)
    command.interrupt()
    command.told("Ctrl-C again")
    command.interrupt()
    assert command.ended()[0] == 130


def test_with_more_money_the_same_command_goes_on(serve: Serve, folder: Path, out: Path) -> None:
    server = serve(answer(REPLY, usage=(1000, 20)))
    prices = out.with_name("prices.toml")
    prices.write_text("[fake]\ninput = 10\noutput = 100\nmost_output = 1000\ndate = 2026-01-01\n")
    arguments = (*model(server, out.with_name("journal.sqlite")), "--prices", prices)
    status, said = Command(folder, out, *arguments, "--max-cost", 0.33).ended()
    paid = len(server.received)
    assert (status, 0 < paid < COUNT) == (1, True)
    assert f"{paid} documents read, {COUNT - paid} failed" in said
    failures = {line["error"]["type"] for line in lines(out) if line["error"]}
    assert failures == {"BudgetSpent"}
    assert Command(folder, out, *arguments, "--max-cost", 0.33).ended()[0] == 1
    assert len(server.received) == paid, "what was spent before counts: nothing more is asked"
    assert Command(folder, out, *arguments, "--max-cost", 5).ended()[0] == 0
    assert len(server.received) == COUNT
    assert sorted(names(out)) == [f"{number:03}.txt" for number in range(COUNT)]
    assert hidden(out.parent) == []


def test_a_run_that_failed_is_tried_again_where_it_failed(serve: Serve, folder: Path, out: Path) -> None:
    def script(received: Received) -> Any:
        return error(401) if "about 1007 children" in str(received.body) else answer(REPLY)

    server = serve(script=script)
    arguments = model(server, out.with_name("journal.sqlite"))
    assert Command(folder, out, *arguments).ended()[0] == 1
    server.script = [answer(REPLY)]
    asked = len(server.received)
    assert Command(folder, out, *arguments).ended()[0] == 0
    assert len(server.received) == asked + 1
    assert [line["error"] for line in lines(out)] == [None] * COUNT
