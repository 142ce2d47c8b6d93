"""The command `extractor-eval`: what each command prints, keeps and exits with, against a server on loopback."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest
from extractor_eval.agreeing import alpha
from extractor_eval.calls import RunJournal
from extractor_eval.cli import main
from extractor_eval.tables import Table, as_csv, as_json, as_markdown, terminal
from fakeserver import Behaviour, FakeServer, Received, answer, error, hang
from smallgold import COUNCILS, PRICES, answering, council_in, reply_of, write_set

Serve = Callable[..., FakeServer]
PLAIN = ["run", "--model", "openai/fake", "--prompt", "plain"]


class Command:
    """Runs `extractor-eval`; keeps what it said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.captured = monkeypatch, captured
        self.out = self.err = ""

    def __call__(self, *arguments: str | Path) -> int:
        self.monkeypatch.setattr(sys, "argv", ["extractor-eval", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        self.out, self.err = self.captured.readouterr()
        return int(ended.value.code or 0)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return write_set(tmp_path / "gold")


def second_prompt(tmp_path: Path) -> Path:
    path = tmp_path / "terse.toml"
    path.write_text('name = "terse"\nabout = "Short."\n[[steps]]\nuser = "TERSE: fill the records from $document"\n')
    return path


def losing(received: Received) -> Behaviour:
    """Right for one prompt; the terse one loses the grade and its kind."""
    reply = reply_of(council_in(received))
    if "TERSE" in json.dumps(received.body["messages"]):
        reply["records"][0] |= {"overall_grade": None, "inspection_start": None, "inspection_end": None}
    return answer(reply)


# ── run and compare ────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_prompts_are_run_compared_and_shown(command: Command, serve: Serve, gold: Path, tmp_path: Path):
    server, out = serve(script=losing), tmp_path / "out"
    arguments = [*PLAIN, "--prompt", second_prompt(tmp_path), "--base-url", server.base_url]
    assert command(*arguments, "--gold", gold, "--out", out) == 0
    assert len(server.received) == 2 * len(COUNCILS)
    assert "terse is worse than plain" in " ".join(command.out.split())
    assert str(out / "report.html") in command.err
    assert "<html" in (out / "report.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in (out / "terse").iterdir() if not path.name.startswith("journal")) == [
        "extractions.jsonl",
        "report.html",
        "run.json",
        "scores.jsonl",
        "summary.json",
    ]
    assert json.loads((out / "terse" / "run.json").read_text())["prompt"] == "terse"

    assert command("compare", out / "plain", out / "terse", "--format", "json") == 0
    verdict = json.loads(command.out)["Verdict"]["rows"][0]
    assert (verdict["run"], verdict["against"], verdict["verdict"]) == ("terse", "plain", "worse")
    assert verdict["high"] < 0

    assert command("gate", out / "terse", "--baseline", out / "plain", "--junit", tmp_path / "gate.xml") == 1
    assert int(ElementTree.parse(tmp_path / "gate.xml").getroot().get("failures", "0")) >= 1
    assert command("gate", out / "plain", "--baseline", out / "terse") == 0

    assert command("report", out / "plain", out / "terse", "-o", tmp_path / "page.html") == 0
    assert "terse" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_runs_on_different_gold_are_not_compared(command: Command, gold: Path, tmp_path: Path):
    fewer = write_set(tmp_path / "fewer", COUNCILS[:3])
    assert command("run", "--model", "offline", "--gold", gold, "--out", tmp_path / "a") == 0
    assert command("run", "--model", "offline", "--gold", fewer, "--out", tmp_path / "b") == 0
    assert command("compare", tmp_path / "a" / "offline", tmp_path / "b" / "offline") == 2
    assert "cannot be compared" in command.err
    assert command("gate", tmp_path / "a" / "offline", "--baseline", tmp_path / "b" / "offline") == 2


def test_a_failed_document_is_said_and_exits_1(command: Command, serve: Serve, gold: Path, tmp_path: Path):
    server = serve(script=answering({"Salford": error(422, "too strange")}))
    arguments = ["--base-url", server.base_url, "--gold", gold, "--out", tmp_path / "out", "--format", "json"]
    assert command(*PLAIN, *arguments) == 1
    assert "salford.txt" in command.err
    assert "too strange" in command.err
    shown = json.loads(command.out)["Runs"]["rows"][0]
    assert (shown["failed"], shown["documents"]) == (1, len(COUNCILS))
    assert list(shown)[:2] == ["run", "failed"]


def test_a_folder_of_splits_is_gold_too(command: Command, tmp_path: Path):
    write_set(tmp_path / "sets" / "later", COUNCILS[:1])
    arguments = ["--gold", tmp_path / "sets", "--split", "later", "--out", tmp_path / "out"]
    assert command("run", *arguments) == 0
    assert json.loads((tmp_path / "out" / "offline" / "run.json").read_text())["split"] == "later"
    assert command("score", tmp_path / "out" / "offline") == 0
    assert command("score", tmp_path / "out" / "offline", "--gold", tmp_path / "sets") == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--prompt", "plain"], "needs a model"),
        (["--model", "openai/fake", "--prompt", "no-such", "--base-url", "http://127.0.0.1:9/v1"], "no-such"),
        (["--split", "moon"], "no split 'moon'"),
        (["--model", "openai/gpt-5"], "no API key"),
        (["--replay", "nowhere"], "holds no recordings"),
        (["--prices", "nowhere.toml"], "cannot be used"),
        (["--without", "moon"], "no field"),
    ],
)
def test_arguments_that_cannot_work_exit_2(
    command: Command, gold: Path, tmp_path: Path, arguments: list[str], said: str
):
    own = [] if "--split" in arguments else ["--gold", gold]
    assert command("run", *arguments, *own, "--out", tmp_path / "out") == 2
    assert said in command.err
    assert "Traceback" not in command.err


def test_gold_that_cannot_be_trusted_is_not_run(command: Command, gold: Path, tmp_path: Path):
    (gold / "leeds.txt").write_text("Another text.")
    assert command("run", "--gold", gold, "--out", tmp_path / "out") == 2
    assert "changed since it was labelled" in command.err
    assert command("gold", "check", gold) == 1


# ── Money ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_price_exits_2_and_asks_nothing(command: Command, serve: Serve, gold: Path, tmp_path: Path):
    server = serve(script=answering())
    arguments = ["--base-url", server.base_url, "--gold", gold, "--max-cost", "5"]
    assert command(*PLAIN, *arguments, "--out", tmp_path / "out") == 2
    assert "price of fake is not known" in command.err
    assert server.received == []


def test_a_budget_stops_and_more_goes_on(command: Command, serve: Serve, gold: Path, tmp_path: Path):
    server = serve(script=answering(usage=(1000, 500)))
    table = tmp_path / "prices.toml"  # a call costs $0.05, and can cost $0.10
    table.write_text("[fake]\ninput = 0\noutput = 100\nmost_output = 1000\ndate = 2026-01-01\n")
    arguments = ["--base-url", server.base_url, "--gold", gold, "--prices", table, "--out", tmp_path / "out"]
    assert command(*PLAIN, *arguments, "--concurrency", "2", "--max-cost", "0.25") == 2
    assert "up to $0.1000, and of --max-cost 0.25 $0.0500 is left" in command.err
    assert len(server.received) == 4
    assert command(*PLAIN, *arguments, "--max-cost", "0.39") == 2
    assert len(server.received) == 6  # what was spent before counts
    assert command(*PLAIN, *arguments, "--max-cost", "0.40") == 0
    assert len(server.received) == len(COUNCILS)


# ── Killed, replayed, scored again ─────────────────────────────────────────────────────────────────────────────────


def test_a_killed_run_goes_on_where_it_stopped(serve: Serve, gold: Path, tmp_path: Path):
    hung = {"Sunderland": hang, "Wakefield": hang}
    server = serve(script=lambda received: answering(hung)(received))
    (tmp_path / "prices.toml").write_text(PRICES)
    arguments = [*PLAIN, "--base-url", server.base_url, "--gold", gold, "--out", tmp_path / "out"]
    arguments += ["--prices", tmp_path / "prices.toml", "--max-cost", "9", "--concurrency", "2"]
    started = [sys.executable, "-m", "extractor_eval.cli", *map(str, arguments)]
    process = subprocess.Popen(started, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        end = time.monotonic() + 300
        while len(server.received) < len(COUNCILS) and time.monotonic() < end:
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert sorted(map(council_in, server.received)) == sorted(COUNCILS)
    assert not (tmp_path / "out" / "plain" / "run.json").exists()
    with closing(RunJournal(tmp_path / "out" / "plain" / "journal.sqlite")) as journal:
        calls = list(journal.history())
    assert len([call for call in calls if call.reply is None]) == len(hung)

    hung.clear()
    finished = subprocess.run(started, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    asked_again = [council_in(received) for received in server.received[len(COUNCILS) :]]
    assert sorted(asked_again) == ["Sunderland", "Wakefield"]
    assert json.loads((tmp_path / "out" / "plain" / "summary.json").read_text())["run"]["primary"]["f1"] == 1


def test_a_recording_is_made_and_replayed(command: Command, serve: Serve, gold: Path, tmp_path: Path):
    server = serve(script=losing)
    arguments = [*PLAIN, "--prompt", second_prompt(tmp_path), "--base-url", server.base_url, "--gold", gold]
    assert command(*arguments, "--out", tmp_path / "out", "--repeats", "2") == 0
    asked = len(server.received)
    for name in ("plain", "terse"):
        assert command("record", tmp_path / "out" / name, tmp_path / "recordings") == 0
        assert command.out.strip() == str(tmp_path / "recordings" / f"{name}.jsonl")
    server.close()
    told = ["--prompt", "plain", "--prompt", tmp_path / "terse.toml", "--gold", gold, "--out", tmp_path / "again"]
    assert command("run", "--replay", tmp_path / "recordings", *told) == 0
    assert len(server.received) == asked
    for name in ("plain", "terse"):
        first, again = (
            json.loads((tmp_path / place / name / "summary.json").read_text()) for place in ("out", "again")
        )
        assert first == again
        first, again = (json.loads((tmp_path / place / name / "run.json").read_text()) for place in ("out", "again"))
        assert first == again


def test_a_mended_label_needs_scoring_again(command: Command, gold: Path, tmp_path: Path):
    folder = tmp_path / "out" / "offline"
    assert command("run", "--gold", gold, "--out", tmp_path / "out") == 0
    label = json.loads((gold / "leeds.json").read_text())
    label["records"][0]["inspectorates"] = []
    (gold / "leeds.json").write_text(json.dumps(label))
    assert command("report", folder) == 2
    assert f"extractor-eval score {folder}" in command.err
    assert command("score", folder, "--format", "csv") == 0
    rows = {row[0]: row for row in csv.reader(io.StringIO(command.out)) if row}
    assert rows["inspectorates"][8] == "1"  # invented
    assert command("report", folder) == 0


# ── Agreement and tables ───────────────────────────────────────────────────────────────────────────────────────────


def test_two_labellers_are_compared(command: Command, gold: Path, tmp_path: Path):
    second = tmp_path / "second"
    second.mkdir()
    for path in gold.glob("*.json"):
        shutil.copy(path, second)
    label = json.loads((second / "leeds.json").read_text())
    quote = label["records"][0]["overall_grade"]["quote"]
    label["records"][0] |= {"overall_grade": None, "overall_grade_absent": "not stated", "inspectorates": []}
    (second / "leeds.json").write_text(json.dumps(label))
    assert command("agree", gold, second, "--format", "json") == 0
    told = json.loads(command.out)
    closed = {row["value"]: row for row in told["Closed values"]["rows"]}
    assert closed["overall_grade"] == {"value": "overall_grade", "alpha": 0.0, "units": 7, "same": 6, "differ": 1}
    assert closed["framework"]["alpha"] is None  # one value on both sides: nothing to measure
    lists = {row["list"]: row for row in told["Lists, by item"]["rows"]}
    assert lists["inspectorates"]["F1"] == pytest.approx(12 / 13)
    assert (lists["inspectorates"]["same"], lists["inspectorates"]["only gold"]) == (6, 1)
    quoted = {row["field"]: row for row in told["Quoted characters"]["rows"]}
    assert quoted["overall_grade"]["only gold"] == len(quote)
    others = [len(quote) - len("Leeds") + len(council) for council in COUNCILS if council != "Leeds"]
    assert quoted["overall_grade"]["both"] == sum(others)
    assert quoted["inspection_start"]["F1"] == 1

    (second / "moon.json").write_text(json.dumps(label | {"id": "moon"}))
    assert command("agree", gold, second) == 2
    assert "has no document moon" in command.err


@pytest.mark.parametrize(
    ("first", "second", "known"),
    [  # Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011: sections A and B
        ("0100000010", "1110010000", 0.095),
        ("aabbdcccedda", "babbbccceddd", 0.692),
    ],
)
def test_alpha_has_its_published_values(first: str, second: str, known: float):
    assert alpha(list(zip(first, second, strict=True))) == pytest.approx(known, abs=0.0005)


TABLE = Table("A | B", ("name", "F1", "n"), (("one|two", 0.5, 1200), ("[red]", None, 0)), ("A note.",))


def test_a_table_in_every_form():
    assert list(csv.reader(io.StringIO(as_csv([TABLE])))) == [
        ["name", "F1", "n"],
        ["one|two", "0.5", "1200"],
        ["[red]", "", "0"],
    ]
    assert json.loads(as_json([TABLE]))["A | B"]["rows"][1] == {"name": "[red]", "F1": None, "n": 0}
    assert as_markdown([TABLE]).splitlines()[2:6] == [
        "| name | F1 | n |",
        "| --- | --- | --- |",
        "| one\\|two | 0.500 | 1,200 |",
        "| [red] | – | 0 |",
    ]
    shown = terminal([TABLE])
    for words in ("A | B", "[red]", "0.500", "1,200", "A note."):
        assert words in shown


def test_a_wide_table_is_shown_turned():
    wide = Table("T", ("run", "F1", "p"), (("a", 0.5, 1.0), ("b", 0.25, None)), wide=True)
    assert wide.turned() == Table("T", ("run", "a", "b"), (("F1", 0.5, 0.25), ("p", 1.0, None)))
    assert json.loads(as_json([wide]))["T"]["rows"][0] == {"run": "a", "F1": 0.5, "p": 1.0}
