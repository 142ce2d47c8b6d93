"""Malformed files, each in a process of its own with limits: what must come of it does, and nothing else is reached."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import malformed
import pytest
from growing import growth

from extractor import Document, extract

pytestmark = pytest.mark.once

WATCHED = Path(__file__).with_name("watched.py")
CANARY = "the words of another file"
EXPECTED = malformed.expected()


@contextmanager
def nobody() -> Iterator[socket.socket]:
    """A socket that takes connections, for whoever asks where nobody may."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def asked(server: socket.socket) -> bool:
    """Whether somebody connected."""
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def watched(path: Path) -> dict[str, Any]:
    """What came of the file, as the program that reads it under limits tells."""
    command = [sys.executable, str(WATCHED), str(path)]
    run = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=900, check=False)
    assert run.returncode == 0, f"ended by {run.returncode}: {run.stderr[-2000:]}"
    told: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return told


def test_every_file_of_the_corpus_has_a_known_answer() -> None:
    assert set(malformed.names()) == set(EXPECTED)
    assert len(EXPECTED) >= 120


@pytest.mark.parametrize("name", malformed.names())
def test_a_malformed_file_ends_as_it_must(name: str, tmp_path: Path) -> None:
    expected = EXPECTED[name]
    (tmp_path / "canary.txt").write_text(CANARY)
    with nobody() as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        (tmp_path / name).write_bytes(malformed.bytes_of(name, address))
        told = watched(tmp_path / name)
        assert not asked(server)
    assert told["reached"] == []
    assert told["outcome"] in expected.outcomes, told.get("message")
    text = told.get("text", "")
    assert expected.has in text
    for words in (*expected.has_not, CANARY, "root:x:0:0"):
        assert words not in text
    if told["outcome"] != "read":
        assert told["message"].startswith(str(tmp_path))
        assert told["message"].endswith(".")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "cache") == sorted(["canary.txt", name])


OPENING = "Ofsted inspectors judged Leeds City Council inadequate in 2013. "


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "good ",
            "good and ",
            "7",
            "12% ",
            "(",
            '"',
            "- ",
            " ",
            "\n",
            "\t\n",
            "\n\n",
            ". ",
            "A. ",
            "Council ",
            "Leeds ",
        ),
        *("Ofsted said Leeds was good on help ", "• a\n", "12 May 2017 ", "Ann Lee and ", " said: ", "Good\n", "x\n\n"),
        *("well-known-", "\u00ad", "\u202e", "not ", "requires improvement ", "Overall effectiveness: good\n"),
    ],
)
def test_the_rules_take_twice_as_long_for_twice_as_much(piece: str) -> None:
    def work(text: str) -> object:
        return extract(Document.from_text(OPENING + text))

    work(piece * 100)
    assert growth(work, piece, 4000) < 24


@pytest.mark.parametrize("hidden", [0, 4000])
def test_hidden_spans_cost_no_more_than_their_number(hidden: int) -> None:
    def work(text: str) -> object:
        spans = tuple((at, at + 2) for at in range(100, len(text), 8)) if hidden else ()
        return extract(Document(text=OPENING + text, hidden=spans))

    assert growth(work, "good care ", 4000) < 24
