"""A run over documents, names and replies that are out to do harm: in a real browser its page obeys none of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import pytest
from extractor_eval import cli
from extractor_eval.comparing import compare
from extractor_eval.gating import gate
from extractor_eval.report import html
from extractor_eval.rubric import load as load_rubric
from extractor_eval.runs import load
from fakeserver import Behaviour, FakeServer, Received, answer, error
from playwright.sync_api import Page
from smallgold import record_of, reply_of, text_of
from test_report_browser import CHROMIUM, browser, open_all, show
from typer.testing import CliRunner

pytestmark = pytest.mark.once

__all__ = ["browser", "show"]

Serve = Callable[..., FakeServer]
Shown = Callable[..., Page]

HARM = (
    "<script>window.harmed=1</script> <img src={url}/img onerror=window.harmed=2> </script></style></title></textarea> "
    "<a href=javascript:window.harmed=3>here</a> <a href={url}/link>there</a> <svg onload=window.harmed=4> --> ]]> "
    "<meta http-equiv=refresh content=0;url={url}/away> <link rel=stylesheet href={url}/sheet> <base href={url}> "
    "<iframe src={url}/frame></iframe> <form action={url}/form><button>go</button></form> <!-- <![CDATA[ "
    "{{{{ 7 * 7 }}}} {{% for x in y %}} ${{window.harmed=5}} ' onfocus=window.harmed=6 autofocus x=' \" onclick=\" "
    "body {{ background: url({url}/css) }} @import '{url}/import'; \u202egnp.exe\u202c \u2066\u2028\x9b31m \x1b[31m"
)
NAME = "<img src=x onerror=window.harmed=7> {{ 7 * 7 }}"


@pytest.fixture
def place(serve: Serve, tmp_path: Path) -> tuple[Path, FakeServer]:
    """A folder with two runs of a hostile prompt, over documents whose texts and names are hostile."""
    canary = serve(answer({}))
    harm = HARM.format(url=canary.base_url)
    gold = tmp_path / "gold"
    gold.mkdir()
    for council, name in (("Leeds", NAME), ("Bradford", "failing"), ("Salford", "refused")):
        text = f"{text_of(council)}\n{harm}\n"
        (gold / f"{name}.txt").write_text(text, encoding="utf-8")
        label = {
            "id": name,
            "document_sha256": sha256(text.encode()).hexdigest(),
            "split": "dev",
            "labeller": harm,
            "date": "2026-11-22",
            "notes": harm,
            "cluster": harm + council,
            "records": [record_of(council)],
        }
        (gold / f"{name}.json").write_text(json.dumps(label), encoding="utf-8")
    for prompt in ("one", "other"):
        steps = f"[[steps]]\nuser = '''{prompt} $document'''\n"
        told = f"name = {json.dumps(f'{prompt} ../{NAME}')}\nabout = {json.dumps('harm')}\n"
        (tmp_path / f"{prompt}.toml").write_text(told + steps, encoding="utf-8")

    def script(received: Received) -> Behaviour:
        asked = json.dumps(received.body["messages"])
        if "with Bradford" in asked:
            return error(400, harm)
        if "with Salford" in asked:
            return answer("", refusal=harm)
        reply = reply_of("Leeds")
        record = reply["records"][0]
        record["overall_grade"] = {"quote": harm, "value": harm}
        record["findings"] = [{"quote": harm, "kind": "weakness", "text": harm}]
        record["people"] = [{"quote": harm, "name": harm, "role": harm, "organisation": harm}]
        return answer(reply | {harm: harm}, usage=(10, 10))

    server = serve(script=script)
    arguments = ["run", "--model", f"openai/{NAME}", "--base-url", server.base_url, "--gold", str(gold)]
    arguments += ["--out", str(tmp_path / "runs"), "--param", f"stop={json.dumps([harm])}"]
    for prompt in ("one", "other"):
        arguments += ["--prompt", str(tmp_path / f"{prompt}.toml")]
    done = CliRunner().invoke(cli.app, arguments)
    assert done.exit_code == 1, done.output
    return tmp_path, canary


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_the_page_of_a_run_runs_and_asks_nothing(place: tuple[Path, FakeServer], show: Shown) -> None:
    folder, canary = place
    content = (folder / "runs" / "report.html").read_text(encoding="utf-8")
    page = show(content)
    open_all(page)
    page.get_by_role("searchbox").fill("<script>")
    page.wait_for_timeout(500)
    assert page.evaluate("window.harmed") is None
    assert page.url.startswith("file:")
    assert canary.received == []
    inside = "main script, main img, main iframe, main link, main meta, main base, main form[action], svg[onload]"
    assert page.locator(inside).count() == 0
    text = page.locator(".text").first.inner_text()
    assert "<script>window.harmed=1</script>" in text
    assert "{{ 7 * 7 }}" in text
    assert not set("\u202e\u2066\x9b\x1b") & set(content)


def test_runs_stay_in_their_folder(place: tuple[Path, FakeServer]) -> None:
    folder, _ = place
    assert {path.name for path in folder.iterdir()} - {"cache"} == {"gold", "one.toml", "other.toml", "runs"}
    runs = sorted(path for path in (folder / "runs").iterdir() if path.is_dir())
    assert [path.name[:8] for path in runs] == ["one-..-i", "other-.."]


def test_a_run_that_was_saved_is_read_again(place: tuple[Path, FakeServer]) -> None:
    folder, _ = place
    runs = [load(path) for path in sorted((folder / "runs").iterdir()) if path.is_dir()]
    assert html(runs, compare(runs)) == (folder / "runs" / "report.html").read_text(encoding="utf-8")
    junit = gate(runs[0], runs[1], rubric=load_rubric()).junit()
    tests = ElementTree.fromstring(junit.encode()).iter("testcase")
    assert NAME in {test.get("name") for test in tests}
    assert not set("\x9b\x1b\x00") & set(junit.replace("\ufffd", ""))
