"""What documents, file names and servers say reaches terminals, lines of JSON and tables as text and nothing else."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from extractor_eval.naming import file_name
from extractor_eval.tables import Table, as_csv, as_json, as_markdown, terminal
from fakeserver import Behaviour, FakeServer, Received, answer, error, model_list
from hypothesis import given
from hypothesis import strategies as st
from smallgold import reply_of, text_of

from extractor.parts import begun
from extractor.sheets.csv_file import guarded
from extractor.terminal import escaped, flat, plain

Serve = Callable[..., FakeServer]

CODES = (
    "\x1b[31mred\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\ \x9b2J \x1b]0;title\x9c \u202egrade\u202c "
    "[red]markup[/] :warning:"
)
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
TEXTS = st.text(st.characters(exclude_categories=()))


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(TEXTS)
def test_plain_text_commands_nothing_and_keeps_its_places(text: str) -> None:
    shown = plain(text)
    assert len(shown) == len(text)
    assert not COMMANDS.search(shown)
    assert all(one in (other, "\ufffd") for one, other in zip(shown, text, strict=True))
    assert "\n" not in flat(text)


@given(TEXTS)
def test_escaped_json_says_the_same_in_one_line(text: str) -> None:
    line = escaped(json.dumps({text: [text]}, ensure_ascii=False))
    assert json.loads(line) == {text: [text]}
    assert len(line.splitlines()) == 1
    assert not COMMANDS.search(line)


@given(st.text(st.sampled_from("=+-@＝＋－＠\t\r\n '\ufeff\u200b\xa0a1|!;,\"")))
def test_no_guarded_cell_is_a_formula_and_the_guard_comes_off(text: str) -> None:
    cell = str(guarded(text))
    seen = unicodedata.normalize("NFKC", cell.strip().strip("\ufeff\u200b"))
    assert not seen.startswith(("=", "+", "-", "@"))
    assert cell in (text, f"'{text}")
    assert guarded(cell) == (cell if cell == text else f"'{cell}")


BAD_NAMES = ("..", "/etc", "CON", "nul.txt", "a/../..", "C:\\x", "x" * 400, ".", "", "Report.html", "é" * 99, "𝐱" * 99)


@given(st.lists(st.one_of(TEXTS, st.sampled_from(BAD_NAMES))))
def test_a_name_stays_in_its_folder(parts: list[str]) -> None:
    name = file_name(*parts)
    assert re.fullmatch(r"[\w.-]+", name)
    assert name == os.path.basename(name)
    assert name.strip(".-") == name
    assert len(f".{name}.jsonl.part".encode()) <= 255
    assert not re.match(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", name, re.IGNORECASE)
    assert name.lower() != "report.html"
    assert file_name(name) == name


def test_no_link_is_written_through(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("kept")
    (tmp_path / ".out.part").symlink_to(theirs)
    begun(tmp_path / ".out.part").write_text("ours")
    assert theirs.read_text() == "kept"


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def run(*arguments: object, columns: int = 200, **env: str) -> str:
    """What a command says, on either stream."""
    command = [sys.executable, "-m", "extractor.cli", *map(str, arguments)]
    given = {**os.environ, "OPENAI_API_KEY": "key", "COLUMNS": str(columns), "PYTHONIOENCODING": "utf-8", **env}
    done = subprocess.run(command, capture_output=True, env=given, check=False, timeout=300)
    said = (done.stdout + done.stderr).decode("utf-8")
    assert "Traceback" not in said, said
    return said


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A document whose words and name are full of codes."""
    path = tmp_path / "documents" / "\x1b[31mname\x9b[red].txt"
    path.parent.mkdir()
    said = f'"{CODES} is fair," said council leader Ann {CODES} Lee.'
    path.write_text(f"{text_of('Leeds')}\n{CODES}\n\n{said}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "command", [("extract",), ("extract", "-v"), ("extract", "--format", "json"), ("explain",), ("explain", "--whole")]
)
def test_a_document_commands_no_terminal(hostile: Path, command: tuple[str, ...]) -> None:
    name, *options = command
    said = run(name, hostile, *options)
    assert "good" in said
    assert not COMMANDS.search(said)


def test_markup_and_signs_are_shown_as_they_stand(hostile: Path) -> None:
    said = run("explain", hostile, "--whole")
    assert "[red]markup[/]" in said
    assert ":warning:" in said


def test_a_server_commands_no_terminal(serve: Serve, hostile: Path, tmp_path: Path) -> None:
    reply = reply_of("Leeds")
    reply["records"][0]["overall_grade"] = {"quote": CODES, "value": CODES}
    ways: list[Behaviour] = [error(400, CODES), answer("", refusal=CODES), answer(reply), model_list(CODES)]
    for way in ways:
        server = serve(way)
        where = ("--model", "openai/fake", "--base-url", server.base_url, "--no-journal", "--prompt", "plain")
        told = [run("extract", hostile, *where, "-v"), run("extract", hostile, *where, "--format", "jsonl")]
        told.append(run("extract", hostile, *where, "-o", tmp_path / "out.jsonl"))
        told.append(run("table", tmp_path / "out.jsonl", "-o", tmp_path / "out.csv"))
        told.append(run("models", "--base-url", server.base_url))
        assert [COMMANDS.findall(one) for one in told] == [[]] * len(told)
        assert not COMMANDS.search((tmp_path / "out.jsonl").read_text(encoding="utf-8"))


def test_messages_are_exact_in_a_pipe_and_harmless_on_a_terminal(hostile: Path) -> None:
    assert "\x1b]8;;http://evil.example" in run("render", hostile)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "extractor.cli", "render", str(hostile)]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 65_536):
                said += piece
        except OSError:  # Linux says so at the end
            pass
        assert process.wait() == 0
    os.close(ours)
    assert not COMMANDS.search(said.decode("utf-8").replace("\r\n", "\n"))
    assert b"[red]markup[/]" in said


# ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────

FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "＝1+1", "  =1+1", "\xa0=1", "=cmd|' /C calc'!A0")
HARM = f"<script>x</script> [a](javascript:x) | a\nb `c` *d* {CODES}"


def test_tables_of_the_evaluation_are_text_in_every_form() -> None:
    table = Table(HARM, (HARM, "=1+1"), ((HARM, "=1+1"), ("@x", 1.5)), (HARM,))
    for form in (terminal, as_json, as_csv, as_markdown):
        if form is not as_csv:
            assert not COMMANDS.search(form([table]))
    cells = [cell for row in csv.reader(io.StringIO(as_csv([table]))) for cell in row]
    assert "'=1+1" in cells
    assert "'@x" in cells
    markdown = as_markdown([table])
    assert "<script" not in markdown
    assert "](" not in markdown.replace("\\]", "")
    assert len(markdown.splitlines()) == 8


@pytest.mark.parametrize("layout", [(), ("--layout", "d2i"), ("--layout", "ofsted")], ids=" ".join)
def test_no_cell_of_a_workbook_is_a_formula(serve: Serve, tmp_path: Path, layout: tuple[str, ...]) -> None:
    text = text_of("Leeds")

    def reply(received: Received) -> Behaviour:
        said = reply_of("Leeds")
        said["records"][0]["people"] = [
            {"quote": one, "name": one, "role": one, "organisation": one} for one in FORMULAS
        ]
        return answer(said)

    for number, one in enumerate(FORMULAS):
        (tmp_path / f"={number}+1.txt").write_text(f"{text}\n" + "\n".join([*FORMULAS, one]), encoding="utf-8")
    server = serve(script=reply)
    where = ("--model", "openai/fake", "--base-url", server.base_url, "--no-journal", "--prompt", "plain")
    book = tmp_path / "out.xlsx"
    run("table", *sorted(tmp_path.glob("=*.txt")), "-o", book, *layout, *where)
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    sheets = [part for name, part in parts.items() if name.startswith("xl/worksheets/sheet")]
    assert sheets
    assert not any(re.search(r"<f[ >/]", part) for part in sheets)
    outside = [name for name, part in parts.items() if "ddeLink" in part or 'TargetMode="External"' in part]
    assert outside == []
    assert not [name for name in parts if "externalLink" in name]
