"""Offline, and with recorded replies, no socket is opened; with a model, only the server that was named is reached."""

from __future__ import annotations

import os
import pkgutil
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from fakeserver import FakeServer, answer
from reportlab.pdfgen.canvas import Canvas
from smallgold import answering, text_of, write_set

pytestmark = pytest.mark.once

Serve = Callable[..., FakeServer]

SEALED = Path(__file__).parent / "data" / "sealed"
GOLD = ("Leeds", "Bradford")
APART = ["unshare", "-rn"]
"""What starts a command where there is no network at all, on the systems that have it."""


def without_network() -> list[str]:
    found = shutil.which(APART[0])
    return APART if found and subprocess.run([*APART, "true"], capture_output=True, check=False).returncode == 0 else []


class Watched:
    """Commands whose every socket is told; they work in a folder of their own."""

    def __init__(self, folder: Path, *, tell_only: bool = False, before: list[str] | None = None, **env: str) -> None:
        self.folder, self.before, self.told = folder, before or [], folder / "sockets"
        inherited = os.environ.get("PYTHONPATH", "")
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
            "PYTHONPATH": os.pathsep.join([str(SEALED), inherited]),
            "SEAL": str(self.told),
            **env,
            **({"TELL_ONLY": "1"} if tell_only else {}),
        }

    def __call__(self, *arguments: object, python: bool = False) -> int:
        start = [sys.executable, "-c"] if python else [sys.executable, "-m"]
        command = [*self.before, *start, *map(str, arguments)]
        run = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, timeout=600, check=False)
        self.said = (run.stdout + run.stderr).decode("utf-8", "replace")
        assert "Traceback" not in self.said, self.said
        return run.returncode

    @property
    def sockets(self) -> list[str]:
        return self.told.read_text().splitlines() if self.told.exists() else []

    @property
    def reached(self) -> set[str]:
        return {line for line in self.sockets if line.startswith(("socket.connect", "socket.getaddrinfo"))}


def documents(folder: Path, url: str) -> None:
    """A document of each format that names an address in each way that its format has."""
    folder.mkdir()
    (folder / "a.txt").write_text(f"{url}/a\n{text_of('Leeds')}", encoding="utf-8")
    (folder / "b.md").write_text(f"![]({url}/b.png)\n\n{text_of('Salford')}", encoding="utf-8")
    page = f"""<!DOCTYPE html SYSTEM "{url}/page.dtd" [<!ENTITY remote SYSTEM "{url}/entity">]>
    <html><head><base href="{url}/"><link rel="stylesheet" href="{url}/sheet.css"><link rel="preload" href="{url}/l">
    <meta http-equiv="refresh" content="0;url={url}/refresh"><style>@import url({url}/more.css);</style>
    <script src="{url}/script.js"></script></head><body background="{url}/back.png"><iframe src="{url}/frame"></iframe>
    <img src="{url}/image.png" srcset="{url}/other.png 2x"><object data="{url}/object"></object>
    <article><p>{text_of("Bradford")} &remote;</p></article></body></html>"""
    (folder / "c.html").write_text(page, encoding="utf-8")
    (folder / "d.htm").write_text(f'<?xml version="1.0"?>\n{page}', encoding="utf-8")
    canvas = Canvas(str(folder / "e.pdf"))
    for number, line in enumerate(text_of("Wakefield").splitlines()):
        canvas.drawString(40, 700 - 14 * number, line)
    canvas.linkURL(f"{url}/uri", (40, 600, 200, 700))
    canvas.linkURL(f"{url}/other.pdf", (40, 500, 200, 600), kind="GoToR")
    canvas.save()
    (folder / "f.docx").write_bytes(word_file(url))


def word_file(url: str) -> bytes:
    """A Word file with a template, a picture and a link elsewhere."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    remote = "".join(
        f'<Relationship Id="{kind}" Type="{kinds}/{kind}" Target="{url}/{kind}" TargetMode="External"/>'
        for kind in ("attachedTemplate", "image", "hyperlink", "styles", "numbering")
    )
    main = f'<Relationship Id="a" Type="{kinds}/officeDocument" Target="word/document.xml"/>'
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{package}">{main}</Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>{text_of("Plymouth")}</w:t></w:r>'
        "</w:p></w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}">{remote}</Relationships>',
        "word/_rels/settings.xml.rels": f'<Relationships xmlns="{package}">{remote}</Relationships>',
    }
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def sheet(path: Path, url: str) -> None:
    """A workbook with formulas and links that name an address."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        page.write_formula(0, 0, f'=WEBSERVICE("{url}/formula")')
        page.write_url(1, 0, f"{url}/link")


@pytest.mark.parametrize("apart", [False, True], ids=["here", "in a place without network"])
def test_offline_no_socket_is_opened(serve: Serve, tmp_path: Path, apart: bool) -> None:
    if apart and not without_network():
        pytest.skip("this system has no namespaces")
    canary = serve(answer({}))
    documents(tmp_path / "documents", canary.base_url)
    sheet(tmp_path / "theirs.xlsx", canary.base_url)
    write_set(tmp_path / "gold", GOLD)
    run = Watched(tmp_path, before=APART if apart else None)
    assert run("extractor.cli", "extract", "documents", "-o", "out.jsonl", "--review", "review.jsonl") == 0, run.said
    assert "6 documents read" in run.said
    assert run("extractor.cli", "extract", "documents", "--processes", "2", "-v") == 0, run.said
    for one in sorted((tmp_path / "documents").iterdir()):
        assert run("extractor.cli", "explain", one) == 0, run.said
    assert run("extractor.cli", "render", "documents/c.html") == 0, run.said
    assert run("extractor.cli", "table", "out.jsonl", "-o", "sheet.xlsx") == 0, run.said
    assert run("extractor.cli", "crosscheck", "out.jsonl", "theirs.xlsx") == 2, run.said
    assert run("extractor_eval.cli", "run", "--gold", "gold", "--out", "runs") == 0, run.said
    assert run("extractor_eval.cli", "report", "runs/offline") == 0, run.said
    assert (run.sockets, canary.received) == ([], [])


def test_recorded_replies_open_no_socket(serve: Serve, tmp_path: Path) -> None:
    server = serve(script=answering())
    write_set(tmp_path / "gold", GOLD)
    asking = Watched(tmp_path, tell_only=True, OPENAI_API_KEY="key")
    prompts = ("--prompt", "plain", "--prompt", "one-line")
    where = ("--model", "openai/fake", "--base-url", server.base_url, "--gold", "gold")
    assert asking("extractor_eval.cli", "run", *where, *prompts, "--out", "asked") == 0, asking.said
    for name in ("plain", "one-line"):
        assert asking("extractor_eval.cli", "record", f"asked/{name}", "recorded") == 0, asking.said
    assert {line for line in asking.reached if str(server.port) not in line} == set()
    asking.told.unlink()

    asked = len(server.received)
    run = Watched(tmp_path, before=without_network())
    runs = ("replayed/plain", "replayed/one-line")
    assert run("extractor_eval.cli", "run", "--replay", "recorded", "--gold", "gold", "--out", "replayed") == 0, (
        run.said
    )
    assert run("extractor_eval.cli", "compare", *runs) == 0, run.said
    assert run("extractor_eval.cli", "gate", runs[0], "--baseline", runs[1]) == 0, run.said
    assert run("extractor_eval.cli", "report", *runs) == 0, run.said
    assert run("extractor_eval.cli", "score", runs[0]) == 0, run.said
    assert (run.sockets, len(server.received)) == ([], asked)


def test_imports_open_no_socket(tmp_path: Path) -> None:
    import extractor_eval

    import extractor

    own = [
        one.name
        for package in (extractor, extractor_eval)
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not one.name.endswith(("__main__", ".conftest"))
    ]
    theirs = ["openai", "instructor", "httpx2", "aiohttp", "tenacity", "trafilatura", "pypdfium2", "pyarrow", "jinja2"]
    assert len(own) > 80
    run = Watched(tmp_path)
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    assert run(code, *own, *theirs, python=True) == 0, run.said
    assert run.sockets == []


@pytest.mark.parametrize("more", [("--processes", "0"), ("--processes", "2")], ids=" ".join)
def test_a_model_is_the_only_one_reached(serve: Serve, tmp_path: Path, more: tuple[str, str]) -> None:
    server, canary = serve(script=answering()), serve(answer({}))
    documents(tmp_path / "documents", canary.base_url)
    run = Watched(tmp_path, tell_only=True, OPENAI_API_KEY="key")
    where = ("--model", "openai/fake", "--base-url", server.base_url, *more)
    assert run("extractor.cli", "extract", "documents", *where) == 0, run.said
    assert server.received
    assert canary.received == []
    assert {line for line in run.reached if str(server.port) not in line} == set()
