"""Many documents: processes, twins, deaths, limits on speed and money, and an early end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from deadly import Deadly
from fakeserver import Behaviour, FakeServer, Received, answer, error, hang, reset

from extractor import Extraction, extract, extract_many
from extractor.batch import Batch
from extractor.errors import JournalError, SettingsError, UnknownPrice
from extractor.extracting import settings
from extractor.journal import Journal
from extractor.terms import Terms

JSON = dict[str, Any]
Serve = Callable[..., FakeServer]

DATA = Path(__file__).parent / "data" / "llm"
TEXT = (DATA / "article.txt").read_text(encoding="utf-8")
REPLY: JSON = json.loads((DATA / "reply.json").read_text(encoding="utf-8"))
PRICES = "[fake]\ninput = 10\noutput = 100\nmost_output = 1_000\ndate = 2026-01-01\n"
"""A reply of (1000, 20) tokens costs $0.012; before it is known, a call may cost 10 cents and more."""


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "prices.toml"
    path.write_text(PRICES)
    return path


def write(folder: Path, count: int) -> list[Path]:
    """So many articles that differ."""
    paths = [folder / f"{number:03}.txt" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(TEXT.replace("340", f"{1_000 + number}"), encoding="utf-8")
    return paths


def asking(server: FakeServer, journal: Any, **more: Any) -> JSON:
    return {"model": "openai/fake", "base_url": server.base_url, "journal": journal, "max_reasks": 0, **more}


def by_name(extractions: Iterator[Extraction]) -> dict[str, Extraction]:
    found = list(extractions)
    named = {Path(one.source.path or "").name: one for one in found}
    assert len(named) == len(found)
    return named


def errors(extractions: dict[str, Extraction]) -> dict[str, str | None]:
    return {name: one.error.type if one.error else None for name, one in extractions.items()}


def plain(extraction: Extraction) -> JSON:
    return json.loads(extraction.model_dump_json(exclude={"usage"}))  # type: ignore[no-any-return]


# ── processes ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("processes", [0, 2])
def test_offline_results_are_the_same_wherever_they_are_made(tmp_path: Path, processes: int) -> None:
    paths = [*write(tmp_path, 6), tmp_path / "missing.txt"]
    found = by_name(extract_many(paths, processes=processes))
    assert errors(found) == {path.name: None for path in paths[:-1]} | {"missing.txt": "MissingDocument"}
    for path in paths[:-1]:
        assert plain(found[path.name]) == plain(extract(path))


@pytest.mark.parametrize("processes", [0, 2])
def test_a_models_results_are_the_same_wherever_they_are_made(serve: Serve, tmp_path: Path, processes: int) -> None:
    server, paths = serve(answer(REPLY)), write(tmp_path, 6)
    kept = tmp_path / "journal.sqlite"
    found = by_name(extract_many(paths, processes=processes, concurrency=3, **asking(server, kept)))
    assert len(server.received) == 6
    for path in paths:
        assert plain(found[path.name]) == plain(extract(path, **asking(server, kept)))
    assert len(server.received) == 6, "every call is in the journal"


def test_a_journal_that_is_open_serves_processes_too_and_stays_open(serve: Serve, tmp_path: Path) -> None:
    server, paths = serve(answer(REPLY)), write(tmp_path, 4)
    with Journal(tmp_path / "journal.sqlite") as journal:
        assert set(errors(by_name(extract_many(paths, processes=2, **asking(server, journal)))).values()) == {None}
        assert journal.calls() == 4


def test_what_no_process_can_be_given_is_done_in_this_one(serve: Serve, tmp_path: Path) -> None:
    class Local(Deadly):
        """A class that only this function knows."""

    server = serve(answer({"records": [{"council": "Torbay"}]}))
    found = by_name(extract_many(write(tmp_path, 3), processes=2, **asking(server, False, schema=Local)))
    assert {type(one.records[0]) for one in found.values()} == {Local}


def test_a_class_of_the_script_itself_is_done_in_this_process(serve: Serve, tmp_path: Path) -> None:
    server = serve(answer({"records": [{"council": "Torbay"}]}))
    write(tmp_path, 3)
    script = tmp_path / "script.py"
    script.write_text(f"""
import sys
from pathlib import Path
from extractor import extract_many
from pydantic import BaseModel
class Own(BaseModel):
    council: str
print("begun")  # once: no process runs the script again
asked = dict(model="openai/fake", base_url={server.base_url!r}, journal=False, schema=Own)
for made in extract_many(Path(sys.argv[1]).glob("*.txt"), processes=2, **asked):
    print(made.error, made.records)
""")
    ran = subprocess.run([sys.executable, script, tmp_path], capture_output=True, text=True)
    assert ran.stdout.splitlines() == ["begun"] + ["None [Own(council='Torbay')]"] * 3
    assert ran.stderr == ""


def test_calls_on_their_way_are_never_more_than_asked_for(serve: Serve, tmp_path: Path) -> None:
    under_way, most, before, lock = [0], [0], [0], threading.Lock()

    def busy(received: Received) -> Any:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        server.arrived(before[0] + 2)  # however slow the machine is, the first waits for the second
        time.sleep(0.1)
        with lock:
            under_way[0] -= 1
        return answer(REPLY)(received)

    server = serve(busy)
    list(extract_many(write(tmp_path, 12), concurrency=3, **asking(server, False)))
    assert 1 < most[0] <= 3
    most[0], before[0] = 0, len(server.received)
    list(extract_many(write(tmp_path, 12), concurrency=3, processes=2, **asking(server, False)))
    assert 1 < most[0] <= 3


def test_many_paths_are_never_held(tmp_path: Path) -> None:
    (path,) = write(tmp_path, 1)
    taken = [0]

    def paths() -> Iterator[Path]:
        for _ in range(200):
            taken[0] += 1
            yield path

    for done, _ in enumerate(extract_many(paths(), concurrency=2, processes=2)):
        assert taken[0] - done < 12
    assert taken[0] == 200


# ── twins ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("processes", [0, 2])
def test_files_of_the_same_content_are_asked_about_once(serve: Serve, tmp_path: Path, processes: int) -> None:
    def slow(received: Received) -> Any:
        time.sleep(0.2)
        return answer(REPLY)(received)

    server = serve(slow)
    paths = [tmp_path / f"{number}.txt" for number in range(6)]
    for number, path in enumerate(paths):
        path.write_text(TEXT.replace("340", f"34{number // 3}"), encoding="utf-8")
    kept = tmp_path / "journal.sqlite"
    found = by_name(extract_many(paths, concurrency=6, processes=processes, **asking(server, kept)))
    assert set(errors(found)) == {path.name for path in paths}
    assert len(server.received) == 2
    assert sum(one.usage.calls for one in found.values() if one.usage) == 2


def test_the_twin_of_a_document_that_failed_is_asked_about_anew(serve: Serve, tmp_path: Path) -> None:
    server = serve(error(401), answer(REPLY))
    paths = [tmp_path / f"{number}.txt" for number in range(3)]
    for path in paths:
        path.write_text(TEXT, encoding="utf-8")
    found = by_name(extract_many(paths, **asking(server, tmp_path / "journal.sqlite")))
    assert sorted(map(str, errors(found).values())) == ["None", "None", "RequestRejected"]
    assert len(server.received) == 2


# ── deaths ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_document_that_kills_processes_costs_no_other(serve: Serve, tmp_path: Path) -> None:
    def script(received: Received) -> Behaviour:
        poisoned = "about 1005 children" in str(received.body)
        return answer({"records": [{"council": "poison" if poisoned else "Torbay"}]})

    paths = write(tmp_path, 12)
    arguments = asking(serve(script=script), tmp_path / "journal.sqlite", schema=Deadly)
    found = by_name(extract_many(paths, concurrency=4, processes=2, **arguments))
    assert errors(found) == {path.name: None for path in paths} | {"005.txt": "ExtractorError"}
    assert "processes died" in found["005.txt"].error.message  # type: ignore[union-attr]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9")
def test_no_money_is_waited_for_that_a_dead_process_holds(serve: Serve, tmp_path: Path, prices: Path) -> None:
    kept, started = tmp_path / "journal.sqlite", threading.Event()

    def kill_who_asks(received: Received) -> Any:
        """Kill the process of the first call, which holds more money than is left for the next."""
        started.wait()
        with Journal(kept) as journal, journal.cursor() as cursor:
            (name,) = cursor.execute("SELECT worker FROM held").fetchone()
        (worker,) = [one for one in batch._processes if one.orders.worker == name]
        worker._process.kill()
        return hang(received)

    arguments = asking(serve(kill_who_asks, answer(REPLY, usage=(1000, 20))), kept)
    batch = Batch(settings(**arguments), write(tmp_path, 6), Terms(2, 2, most=0.4, prices=prices))
    started.set()
    found = by_name(batch.results())
    assert set(errors(found).values()) == {"BudgetSpent"}


@pytest.mark.parametrize("processes", [0, 2])
def test_where_no_worker_can_work_every_document_fails(serve: Serve, tmp_path: Path, processes: int) -> None:
    kept = tmp_path / "journal.sqlite"
    batch = Batch(settings(**asking(serve(answer(REPLY)), kept)), write(tmp_path, 5), Terms(2, processes))
    kept.unlink()
    kept.mkdir()
    found = by_name(batch.results())
    assert set(errors(found).values()) == {"ExtractorError"}
    assert all("unable to open" in one.error.message for one in found.values() if one.error)


# ── speed ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_server_that_asks_for_patience_is_left_alone_by_all(serve: Serve, tmp_path: Path) -> None:
    asked: list[tuple[float, bool]] = []

    def script(received: Received) -> Behaviour:
        refused = not asked
        asked.append((time.time(), refused))
        return error(429, Retry_After="1") if refused else answer(REPLY)

    # With one place, the next document's call would go out at once: only its own caller waits for a Retry-After.
    found = by_name(extract_many(write(tmp_path, 3), concurrency=1, **asking(serve(script=script), False)))
    assert set(errors(found).values()) == {None}
    assert len(asked) == 4
    assert min(at for at, refused in asked if not refused) - asked[0][0] >= 1


def test_requests_a_minute_are_kept_over_processes(serve: Serve, tmp_path: Path) -> None:
    at: list[float] = []

    def note(received: Received) -> Any:
        at.append(time.time())
        return answer(REPLY)(received)

    begun = time.time()
    list(extract_many(write(tmp_path, 8), concurrency=8, processes=2, rpm=120, **asking(serve(note), False)))
    assert len(at) == 8
    assert max(at) - begun >= 7 * 0.5, "any but the last may come late"


@pytest.mark.parametrize("terms", [{"rpm": 0}, {"tpm": -1}, {"rpm": float("nan")}, {"max_cost": -1}])
def test_terms_under_which_nothing_can_be_done_are_refused(tmp_path: Path, terms: JSON) -> None:
    with pytest.raises(SettingsError):
        extract_many([tmp_path / "none.txt"], **terms)


# ── money ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("processes", [0, 2])
def test_the_budget_is_never_exceeded_and_what_it_refuses_fails(
    serve: Serve, tmp_path: Path, prices: Path, processes: int
) -> None:
    server, paths = serve(answer(REPLY, usage=(1000, 20))), write(tmp_path, 20)
    kept = tmp_path / "journal.sqlite"
    terms = Terms(concurrency=4, processes=processes, most=0.3, prices=prices)
    batch = Batch(settings(**asking(server, kept)), paths, terms)
    found = by_name(batch.results())
    assert set(errors(found)) == {path.name for path in paths}
    paid = len(server.received)
    assert 1 < paid < 20
    assert list(errors(found).values()).count("BudgetSpent") == 20 - paid
    assert [one.usage.cost for one in found.values() if one.usage] == [pytest.approx(0.012)] * paid
    assert paid * 0.012 <= 0.3

    again = by_name(extract_many(paths, max_cost=5.0, prices=prices, **asking(server, kept)))
    assert set(errors(again).values()) == {None}
    assert len(server.received) == 20, "what was answered is not asked again"


def test_calls_wait_for_money_that_others_only_hold(serve: Serve, tmp_path: Path, prices: Path) -> None:
    """Four calls at once could cost more than there is, and cost much less: none of them is refused."""
    server = serve(answer(REPLY, usage=(1000, 20)))
    paths = write(tmp_path, 10)
    found = by_name(extract_many(paths, concurrency=4, max_cost=0.4, prices=prices, **asking(server, False)))
    assert set(errors(found).values()) == {None}


def test_a_server_that_is_not_there_costs_nothing(serve: Serve, tmp_path: Path, prices: Path) -> None:
    server = serve(answer(REPLY))
    server.close()
    chosen = settings(**asking(server, tmp_path / "journal.sqlite", timeout=5))
    batch = Batch(chosen, write(tmp_path, 1), Terms(most=0.5, prices=prices))
    results = batch.results()
    (failed,) = [next(results)]
    assert failed.error
    assert failed.error.type == "EndpointFault"
    assert batch.spent == 0


def test_a_call_that_was_cut_off_may_have_cost_all_it_could(serve: Serve, tmp_path: Path, prices: Path) -> None:
    chosen = settings(**asking(serve(reset), tmp_path / "journal.sqlite"))
    batch = Batch(chosen, write(tmp_path, 1), Terms(most=1.2, prices=prices))
    results = batch.results()
    assert next(results).error
    assert batch.spent is not None
    assert batch.spent > 0.9


def test_an_unknown_price_stops_before_anything_is_asked(serve: Serve, tmp_path: Path) -> None:
    server = serve(answer(REPLY))
    with pytest.raises(UnknownPrice):
        extract_many(write(tmp_path, 2), max_cost=1.0, **asking(server, tmp_path / "journal.sqlite"))
    assert server.received == []
    assert not (tmp_path / "journal.sqlite").exists()


def test_a_journal_that_cannot_be_used_stops_before_anything_is_asked(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"no database" * 100)
    server = serve(answer(REPLY))
    with pytest.raises(JournalError):
        extract_many(write(tmp_path, 2), **asking(server, tmp_path / "journal.sqlite"))
    assert server.received == []


# ── an early end ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("processes", [0, 2])
def test_told_to_stop_it_takes_no_more_and_gives_what_comes_in_time(
    serve: Serve, tmp_path: Path, processes: int
) -> None:
    batch = Batch(settings(**asking(serve(answer(REPLY)), False)), write(tmp_path, 40), Terms(2, processes))
    results = batch.results()
    first = next(results)
    batch.stop(60)
    rest = list(results)
    assert {one.error for one in [first, *rest]} == {None}
    assert len(rest) < 10


@pytest.mark.parametrize("processes", [0, 2])
def test_calls_that_hang_are_given_up_when_it_stops(serve: Serve, tmp_path: Path, processes: int) -> None:
    server = serve(answer(REPLY), hang)
    batch = Batch(settings(**asking(server, False)), write(tmp_path, 6), Terms(2, processes))
    results = batch.results()
    next(results)
    batch.stop(0)
    assert list(results) == []
