"""Reading in a process of its own: the same documents, and a file that hangs or crashes it costs only itself."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import malformed
import pytest

from extractor import extract_many
from extractor.errors import DocumentError, EmptyDocument, OversizedDocument, TruncatedDocument
from extractor.readers import apart, read, read_bytes

EXAMPLES = Path(__file__).parents[1] / "examples"
REPORT = EXAMPLES / "report.pdf"


def written(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(malformed.bytes_of(name, "http://127.0.0.1:9/x"))
    return path


@pytest.fixture(scope="module")
def deadly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF over which PDFium ends its process."""
    return written(tmp_path_factory.mktemp("deadly"), "forms-doubling-30-times.pdf")


@pytest.mark.parametrize(
    "name",
    ["words-that-are-hidden.pdf", "frame-with-its-page.html", "tables-80-deep.docx", "page-a-thousand-times-over.pdf"],
)
def test_a_document_is_the_same_read_here_or_apart(name: str, tmp_path: Path) -> None:
    path = REPORT if name.startswith("words") else written(tmp_path, name)
    assert read(path) == read_bytes(path.read_bytes(), str(path))


def test_its_errors_are_the_same_too(tmp_path: Path) -> None:
    path = tmp_path / "half\udcff.html"
    path.write_bytes(b"<html><body></body></html>")
    with pytest.raises(EmptyDocument, match=r"half\\udcff.html: there is no visible text") as apart_:
        read(path)
    with pytest.raises(EmptyDocument) as here:
        read_bytes(path.read_bytes(), str(path))
    assert (apart_.value.path, str(apart_.value)) == (here.value.path, str(here.value))


def test_plain_text_needs_no_process(tmp_path: Path) -> None:
    code = (
        "import sys; from extractor.readers import apart, read; read(sys.argv[1]); "
        "sys.exit(apart._ROOM.process is not None or 'subprocess' in sys.modules)"
    )
    path = EXAMPLES / "many-grades.txt"
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 0


def test_a_file_that_crashes_the_parser_costs_only_itself(deadly: Path) -> None:
    with pytest.raises(DocumentError, match=r"(broke down|memory)") as caught:
        read(deadly)
    assert caught.type in (TruncatedDocument, OversizedDocument)
    assert str(caught.value).startswith(str(deadly))
    assert read(REPORT).text


@pytest.mark.parametrize("processes", [0, 2])
def test_a_batch_loses_nothing_else_to_it(deadly: Path, processes: int) -> None:
    paths = [REPORT, deadly, EXAMPLES / "old-and-new.txt"]
    made = {one.source.path: one for one in extract_many(paths, processes=processes)}
    failed = {path: one.error.type for path, one in made.items() if one.error}
    assert set(made) == {str(path) for path in paths}
    assert failed in ({str(deadly): "TruncatedDocument"}, {str(deadly): "OversizedDocument"})


def test_a_file_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "attributes-a-million.html")
    monkeypatch.setattr(apart, "PATIENCE", 0.01)
    with pytest.raises(OversizedDocument, match="reading it takes more than 120 seconds"):
        read(path)
    monkeypatch.undo()
    assert read(REPORT).text


def test_a_process_that_an_earlier_file_left_broken_is_replaced() -> None:
    whole = read(REPORT)
    process = apart._ROOM.process
    assert process is not None
    process._process.kill()
    process._process.wait()
    assert read(REPORT) == whole


def test_threads_have_their_turns(tmp_path: Path) -> None:
    pages = [tmp_path / f"{number}.html" for number in range(12)]
    for number, path in enumerate(pages):
        path.write_text(f"<html><body><p>The council's visit number {number} went well.</p></body></html>")
    with ThreadPoolExecutor(6) as pool:
        read_ = list(pool.map(read, pages))
    assert [f"number {number} " in one.text for number, one in enumerate(read_)] == [True] * 12
    assert [one.path for one in read_] == [str(path) for path in pages]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_copy_of_this_process_has_a_reader_of_its_own() -> None:
    code = (
        "import os, sys; from extractor.readers import read; first = read(sys.argv[1]); pid = os.fork()\n"
        "same = all(read(sys.argv[1]) == first for _ in range(20))\n"
        "if pid == 0: os._exit(not same)\n"
        "sys.exit(not same or os.waitpid(pid, 0)[1] != 0)"
    )
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(REPORT)], check=False).returncode == 0


def test_where_no_process_can_be_started_it_is_read_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    apart._ROOM.leave()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    monkeypatch.setattr(apart._ROOM, "possible", True)
    assert read(REPORT) == read_bytes(REPORT.read_bytes(), str(REPORT))
    assert apart._ROOM.process is None
