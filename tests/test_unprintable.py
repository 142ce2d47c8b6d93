"""Names and replies that no file can hold as they are: they are told, and end no run."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fakeserver import FakeServer, answer
from smallgold import reply_of, text_of

from extractor import Document, extract, extract_many
from extractor.errors import printable

Serve = Callable[..., FakeServer]


@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are text")
def test_a_file_whose_name_is_no_text(tmp_path: Path):
    for name, text in ((b"\xff.txt", text_of("Leeds")), (b"\xfe.txt", "")):
        Path(os.fsdecode(bytes(tmp_path / "x")[:-1] + name)).write_text(text, encoding="utf-8")
    found = sorted(extract_many(sorted(tmp_path.iterdir())), key=lambda one: one.source.path or "")
    told = [json.loads(one.model_dump_json()) for one in found]
    assert [Path(one["source"]["path"]).name for one in told] == ["\\udcfe.txt", "\\udcff.txt"]
    assert "\\udcfe.txt: it is empty" in told[0]["error"]["message"]
    assert told[1]["records"][0]["overall_grade"] == "good"
    assert printable("plain é.txt") == "plain é.txt"


@pytest.mark.parametrize("half", ["\\ud800", "\\uDFFF", "\\ud800\\ud800"])
def test_a_reply_with_half_a_character(serve: Serve, half: str):
    reply = json.dumps(reply_of("Leeds")).replace("rated good", f"rated {half}good")
    server = serve(answer(reply), answer("{}"))
    where = {"model": "openai/fake", "base_url": server.base_url, "api_key": "key", "prompt": "plain"}
    told = extract(Document.from_text(text_of("Leeds")), journal=False, **where).model_dump_json()
    assert "\N{REPLACEMENT CHARACTER}" in told
