"""The command: arguments in, files and exit status out, and one line on standard error where it cannot work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fakeserver import FakeServer, answer, error, model_list, web_page
from started import Started

from extractor import extract
from extractor.cli import main
from extractor.journal import default_path
from extractor.prompt import default
from extractor.schemas.wire import strict_schema, wire_model

JSON = dict[str, Any]
Serve = Callable[..., FakeServer]

DATA = Path(__file__).parent / "data" / "llm"
ARTICLE = DATA / "article.txt"
TEXT = ARTICLE.read_text(encoding="utf-8")
REPLY: JSON = json.loads((DATA / "reply.json").read_text(encoding="utf-8"))
OFFLINE = "No model named"
KEY = "sk-this-is-a-secret-0123456789"


@dataclass(frozen=True)
class Ran:
    """What a run of the command left: its exit status and what it printed."""

    status: int
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _no_model_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXTRACTOR_MODEL", raising=False)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process: command("extract", path, …)."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["extractor", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)

    return run


def process(*arguments: object, given: bytes = b"", **environ: str) -> Ran:
    """Runs the command as a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "extractor.cli", *map(str, arguments)],
        input=given,
        capture_output=True,
        env={**os.environ, **environ},
        timeout=600,
    )
    return Ran(run.returncode, run.stdout.decode(), run.stderr.decode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two articles, one of them in a folder below, beside two files that are no documents."""
    top = tmp_path / "in"
    (top / "below").mkdir(parents=True)
    (top / "one.txt").write_text(TEXT, encoding="utf-8")
    (top / "below" / "two.md").write_text(TEXT, encoding="utf-8")
    (top / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    (top / "sums.xlsx").write_bytes(b"PK\x03\x04")
    return top


def lines(text: str) -> list[JSON]:
    return [json.loads(line) for line in text.splitlines()]


# ── extract ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_becomes_a_table_of_values_and_their_words(command: Command) -> None:
    ran = command("extract", ARTICLE)
    assert ran.status == 0
    assert "Torbay" in ran.out
    assert "outstanding: The experiences and progress of care leavers" in ran.out
    assert "1 document read" in ran.err


def test_json_is_exactly_the_extraction(command: Command) -> None:
    ran = command("extract", ARTICLE, "--format", "json")
    assert json.loads(ran.out) == json.loads(extract(ARTICLE).model_dump_json())


def test_a_folder_is_read_below_too_and_what_is_passed_over_is_counted(command: Command, folder: Path) -> None:
    ran = command("extract", folder, "--format", "jsonl")
    assert ran.status == 0
    assert {Path(one["source"]["path"]).name for one in lines(ran.out)} == {"one.txt", "two.md"}
    assert "2 documents read, 2 with other suffixes passed over" in ran.err


def test_standard_input_is_read_as_a_dash() -> None:
    ran = process("extract", "-", "--format", "json", given=TEXT.encode())
    assert ran.status == 0
    data = json.loads(ran.out)
    assert data["source"]["path"] == "-"
    assert data["records"] == json.loads(extract(ARTICLE).model_dump_json())["records"]


def test_a_missing_file_is_status_1_and_no_traceback() -> None:
    ran = process("extract", "no such file.txt")
    assert ran.status == 1
    assert "no such file.txt" in ran.out + ran.err
    assert "Traceback" not in ran.out + ran.err
    assert "1 failed" in ran.err


def test_a_document_that_fails_is_a_line_too_and_the_others_are_read(command: Command, folder: Path) -> None:
    (folder / "three.txt").write_bytes(b"")
    ran = command("extract", folder, folder / "missing.txt", "--format", "jsonl")
    assert ran.status == 1
    found = {Path(one["source"]["path"]).name: one for one in lines(ran.out)}
    assert found.keys() == {"one.txt", "two.md", "three.txt", "missing.txt"}
    errors = {name: one["error"]["type"] for name, one in found.items() if one["error"]}
    assert errors == {"three.txt": "EmptyDocument", "missing.txt": "MissingDocument"}
    assert all(list(one) == list(found["one.txt"]) for one in found.values())
    assert "missing.txt" in ran.err


UNUSABLE: dict[str, tuple[str, ...]] = {
    "--param without =": ("--param", "temperature"),
    "--param that extractor sets": ("--model", "openai/x", "--base-url", "http://x/v1", "--param", "stream=true"),
    "--published that is no date": ("--published", "yesterday"),
    "unknown prompt": ("--model", "openai/x", "--base-url", "http://x/v1", "--prompt", "plane"),
    "bad address": ("--model", "openai/x", "--base-url", "ftp://x"),
    "no key": ("--model", "openai/x"),
    "no model": ("--model", "openai/"),
    "timeout": ("--model", "openai/x", "--base-url", "http://x/v1", "--timeout", "-1"),
    "json of two": (str(ARTICLE), "--format", "json"),
    "no requests a minute": ("--model", "openai/x", "--base-url", "http://x/v1", "--rpm", "0"),
    "money without a price": ("--model", "openai/x", "--base-url", "http://x/v1", "--max-cost", "1"),
    "no price table": ("--model", "openai/x", "--base-url", "http://x/v1", "--prices", "nowhere.toml"),
    "a dry run of nothing": ("--dry-run",),
    "a folder that is not there": ("-o", "no/such/folder/out.json"),
}


@pytest.mark.parametrize("arguments", UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_arguments_are_status_2_and_one_line(command: Command, arguments: tuple[str, ...]) -> None:
    ran = command("extract", ARTICLE, *arguments)
    said = [line for line in ran.err.splitlines() if OFFLINE not in line]
    assert ran.status == 2
    assert ran.out == ""
    assert len(said) == 1
    assert said[0].startswith("extractor: ")


@pytest.mark.parametrize("arguments", [("--format", "yaml"), ("--concurrency", "0"), ("--colour", "red")])
def test_what_the_command_does_not_know_is_status_2(command: Command, arguments: tuple[str, ...]) -> None:
    assert command("extract", ARTICLE, *arguments).status == 2


@pytest.mark.parametrize(("name", "each"), [("out.json", 1), ("out.jsonl", 2)])
def test_a_file_is_written_whole_by_its_suffix(
    command: Command, folder: Path, tmp_path: Path, name: str, each: int
) -> None:
    out = tmp_path / name
    assert command("extract", ARTICLE, *[folder / "one.txt"][: each - 1], "-o", out).status == 0
    written = out.read_text(encoding="utf-8")
    found = lines(written) if each > 1 else [json.loads(written)]
    assert len(found) == each
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_with_a_file_and_no_format_there_are_no_tables(command: Command, tmp_path: Path) -> None:
    assert command("extract", ARTICLE, "-o", tmp_path / "out.jsonl").out == ""
    assert "Torbay" in command("extract", ARTICLE, "--format", "table", "-o", tmp_path / "out.jsonl").out
    assert len(lines((tmp_path / "out.jsonl").read_text(encoding="utf-8"))) == 1


def test_arguments_that_cannot_work_leave_no_file(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    ran = command("extract", ARTICLE, "--model", "openai/x", "--base-url", "http://x/v1", "--max-cost", "1", "-o", out)
    assert ran.status == 2
    (tmp_path / "bad.sqlite").write_bytes(b"no journal" * 999)
    bad = ("--model", "openai/x", "--base-url", "http://x/v1", "--journal", tmp_path / "bad.sqlite")
    assert command("extract", ARTICLE, *bad, "-o", out).status == 2
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["bad.sqlite"]


def test_two_documents_never_end_in_one_json_file(command: Command, tmp_path: Path) -> None:
    ran = command("extract", ARTICLE, ARTICLE, "-o", tmp_path / "out.json")
    assert ran.status == 2
    assert not (tmp_path / "out.json").exists()


def test_an_interrupted_run_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    out, part = tmp_path / "out.jsonl", tmp_path / ".out.jsonl.part"
    out.write_text("before\n")
    run = Started("extract", "-", "-o", out)
    assert run.until(part.exists)
    run.interrupt()
    assert run.ended()[0] != 0
    assert out.read_text() == "before\n"


def test_a_published_date_settles_the_year(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "undated.txt"
    path.write_text("Ofsted inspected Torbay Council in March. Its children's services were judged good overall.\n")
    ran = command("extract", path, "--published", "2017-05-01", "--format", "json")
    assert json.loads(ran.out)["records"][0]["inspection_start"] == "2017-03"


def test_that_no_model_was_named_is_said_once(command: Command, folder: Path) -> None:
    ran = command("extract", folder, "--format", "jsonl")
    assert ran.err.count(OFFLINE) == 1
    assert OFFLINE not in ran.out


def test_verdicts_are_shown_on_request(command: Command) -> None:
    ran = process("extract", ARTICLE, "-v")
    assert "0 requests" in ran.err
    assert "verified" in ran.err
    assert "0 requests" not in command("extract", ARTICLE).err


# ── extract with a model ─────────────────────────────────────────────────────────────────────────────────────────────


def asking(server: FakeServer, *more: object) -> tuple[object, ...]:
    return ("extract", ARTICLE, "--model", "openai/fake", "--base-url", server.base_url, "--format", "json", *more)


def test_a_model_is_asked_with_the_parameters_and_nothing_is_said_of_offline(command: Command, serve: Serve) -> None:
    server = serve(answer(REPLY))
    ran = command(*asking(server, "--no-journal", "--param", "temperature=0.5", "--param", "user=me"))
    data = json.loads(ran.out)
    assert (data["engine"], data["model"], data["usage"]["calls"]) == ("llm", "fake", 1)
    assert data["parameters"] == {"temperature": 0.5, "user": "me"}
    assert (server.bodies[0]["temperature"], server.bodies[0]["user"]) == (0.5, "me")
    assert OFFLINE not in ran.err


def test_the_environment_names_model_address_and_key_and_v_shows_requests_and_verdicts(serve: Serve) -> None:
    reply = json.loads(json.dumps(REPLY))
    reply["records"][0]["findings"][0]["quote"] = "the family hub was praised to the skies by all"
    server = serve(answer(reply), answer({"1": None}))
    environ = {"EXTRACTOR_MODEL": "openai/fake", "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY}
    ran = process("extract", ARTICLE, "--format", "json", "--no-journal", "-v", **environ)
    assert ran.status == 0
    assert json.loads(ran.out)["model"] == "fake"
    assert server.received[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in ran.out + ran.err
    for shown in ("request 1 (records) in mode JSON_SCHEMA", "(reask)", "2 requests", "1 withheld"):
        assert shown in ran.err


@pytest.mark.parametrize("status", [401, 429])
def test_a_key_that_the_server_repeats_is_in_no_output(
    command: Command, serve: Serve, monkeypatch: Any, status: int
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server = serve(error(status, f"Incorrect API key provided: {KEY}", Retry_After="0"))
    ran = command(*asking(server))
    assert ran.status == 1
    assert json.loads(ran.out)["error"]["type"] in ("RequestRejected", "RateLimited")
    assert KEY not in ran.out + ran.err
    assert KEY.encode() not in default_path().read_bytes()


def test_the_same_command_twice_asks_once(command: Command, serve: Serve, tmp_path: Path) -> None:
    server = serve(answer(REPLY))
    kept = tmp_path / "journal.sqlite"
    first, second = (json.loads(command(*asking(server, "--journal", kept)).out) for _ in range(2))
    assert len(server.bodies) == 1
    assert first | {"usage": None} == second | {"usage": None}


def test_without_a_journal_nothing_is_kept(command: Command, serve: Serve) -> None:
    server = serve(answer(REPLY))
    command(*asking(server, "--no-journal"))
    assert not default_path().exists()


def test_a_document_that_a_model_fails_on_is_data(command: Command, serve: Serve, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    server = serve(answer("", refusal="No."))
    ran = command(
        "extract", ARTICLE, "--model", "openai/fake", "--base-url", server.base_url, "--no-journal", "-o", out
    )
    assert ran.status == 1
    (line,) = lines(out.read_text(encoding="utf-8"))
    assert (line["error"]["type"], line["records"], line["engine"]) == ("Refused", [], "llm")


def test_verified_only_and_no_reasks_reach_the_engine(command: Command, serve: Serve) -> None:
    reply = json.loads(json.dumps(REPLY))
    reply["records"][0]["findings"][0]["quote"] = "Social workers know the children well and visit them often"
    reply["records"][0]["findings"][1]["quote"] = "Nobody has ever heard of an assessment in this town"
    server = serve(answer(reply))
    data = json.loads(command(*asking(server, "--no-journal", "--verified-only", "--max-reasks", 0)).out)
    assert len(server.bodies) == 1
    assert data["records"][0]["findings"] == []
    assert len(data["withheld"]) == 2


def test_a_dry_run_says_what_it_would_cost_and_sends_and_writes_nothing(
    command: Command, serve: Serve, folder: Path, tmp_path: Path
) -> None:
    server = serve(answer(REPLY))
    prices = tmp_path / "prices.toml"
    prices.write_text("[fake]\ninput = 10\noutput = 100\nmost_output = 1000\ndate = 2026-01-01\n")
    (folder / "empty.txt").write_text("")
    at = ("--model", "openai/fake", "--base-url", server.base_url, "--prices", prices)
    ran = command("extract", folder, *at, "-o", tmp_path / "o.jsonl", "--dry-run")
    assert (ran.status, ran.err) == (0, "")
    assert "3, 1 of them cannot be read" in ran.out
    assert "2 at least" in ran.out
    assert "by the prices of 2026-01-01" in ran.out
    assert server.received == []
    assert not default_path().exists()
    assert not (tmp_path / "o.jsonl").exists()


# ── the other commands ───────────────────────────────────────────────────────────────────────────────────────────────


def test_explain_sets_text_value_and_rule_side_by_side(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    line = "Ofsted has rated [bold]Torbay Council's[/bold] children's services good overall.\n"
    path.write_text(line + "The sea was calm.\n" * 9, encoding="utf-8")
    shown = command("explain", path)
    assert shown.status == 0
    (row,) = [one for one in shown.out.splitlines() if "overall_grade: good" in one]
    assert "grade.overall" in row
    assert "[bold]Torbay Council" in shown.out, "what looks like markup is text"
    assert "9 lines without a value" in shown.out
    assert "The sea was calm." not in shown.out
    assert command("explain", path, "--whole").out.count("The sea was calm.") == 9
    assert "derived authority: Torbay, E06000027" in shown.out


def test_explain_of_a_file_that_is_not_there_is_one_line(command: Command) -> None:
    shown = command("explain", "nowhere.txt")
    assert (shown.status, shown.err.count("\n")) == (2, 1)


def test_render_prints_the_exact_messages_and_sends_nothing(command: Command, serve: Serve) -> None:
    server = serve(answer(REPLY))
    shown = command("render", ARTICLE).out
    assert server.bodies == []
    command(*asking(server, "--no-journal"))
    for message in server.bodies[0]["messages"]:
        assert f"{message['role']}\n{message['content'].rstrip()}\n" in shown
    schema = json.loads(shown.splitlines()[-1])
    assert schema == server.bodies[0]["response_format"]["json_schema"]["schema"] == strict_schema(wire_model())


@pytest.mark.parametrize("arguments", [("no such file.txt",), (str(ARTICLE), "--prompt", "plane")])
def test_render_says_in_one_line_what_it_cannot_do(command: Command, arguments: tuple[str, ...]) -> None:
    ran = command("render", *arguments)
    assert ran.status in (1, 2)
    assert (ran.out, len(ran.err.splitlines())) == ("", 1)


@pytest.mark.parametrize(("shape", "has"), [("record", "framework_basis"), ("wire", "records"), ("gold", "labeller")])
def test_schema_prints_json(command: Command, shape: str, has: str) -> None:
    ran = command("schema", shape)
    assert ran.status == 0
    assert has in json.loads(ran.out)["properties"]


def test_schema_of_another_shape_is_refused(command: Command) -> None:
    assert command("schema", "silver").status == 2


def test_prompts_lists_each_prompt_with_what_it_is_for(command: Command) -> None:
    ran = command("prompts")
    assert default() in ran.out
    assert "(default)" in ran.out
    assert "one call" in ran.out


def test_models_lists_what_the_server_says_it_has(command: Command, serve: Serve) -> None:
    server = serve(model_list("large", "small"))
    ran = command("models", "--base-url", server.base_url)
    assert ran.status == 0
    assert "offline" in ran.out
    assert "openai/large" in ran.out
    assert "openai/small" in ran.out
    assert server.received[0].path == "/v1/models"


def test_models_without_an_address_asks_nobody(command: Command) -> None:
    ran = command("models")
    assert ran.status == 0
    assert "offline" in ran.out


@pytest.mark.parametrize(
    "fault", [error(404), error(500), web_page(), web_page(404)], ids=["404", "500", "page", "404 page"]
)
def test_a_server_that_lists_no_models_is_one_line(
    command: Command, serve: Serve, monkeypatch: Any, fault: Any
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    ran = command("models", "--base-url", serve(fault).base_url)
    assert ran.status == 2
    assert len(ran.err.splitlines()) == 1
    assert KEY not in ran.out + ran.err


def test_the_journal_is_shown_and_purged(command: Command, serve: Serve, tmp_path: Path) -> None:
    kept = tmp_path / "journal.sqlite"
    assert "no journal yet" in command("journal", kept).out
    command(*asking(serve(answer(REPLY)), "--journal", kept))
    assert "1 calls" in command("journal", kept).out.replace("1 call,", "1 calls,")
    assert TEXT[:40].encode() in b"".join(path.read_bytes() for path in tmp_path.glob("journal.sqlite*"))
    command("journal", kept, "--purge")
    assert TEXT[:40].encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("journal.sqlite*"))
    assert "0 calls" in command("journal", kept).out


def test_a_file_that_is_no_journal_is_one_line(command: Command) -> None:
    ran = command("journal", ARTICLE)
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)


@pytest.mark.parametrize(
    "arguments", [(), ("extract",), ("render",), ("schema",), ("models",), ("journal",), ("prompts",)]
)
def test_every_command_has_help(command: Command, arguments: tuple[str, ...]) -> None:
    ran = command(*arguments, "--help")
    assert ran.status == 0
    assert "Usage" in ran.out
