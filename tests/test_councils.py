"""Which councils the rules take for inspected, and which they leave open."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from extractor import Document, extract

KNOWN: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "data" / "councils.toml").read_text(encoding="utf-8")
)["text"]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known["what"])
def test_a_text_says_which_councils_were_inspected(known: dict[str, Any]) -> None:
    extraction = extract(Document.from_text(known["text"], published=known.get("published")))
    records = extraction.model_dump(mode="json")["records"]
    assert [(record["authority"] or {}).get("name") or "" for record in records] == known["councils"]
    assert [record["provider"] or "" for record in records if record["provider"]] == (
        [known["provider"]] if "provider" in known else []
    )


@pytest.mark.parametrize("known", [one for one in KNOWN if "warning" in one], ids=lambda known: known["what"])
def test_a_name_that_could_be_several_is_a_warning_with_the_candidates(known: dict[str, Any]) -> None:
    extraction = extract(Document.from_text(known["text"], published=known.get("published")))
    (warned,) = [one for one in extraction.warnings if one.code == known["warning"]]
    assert " or " in warned.message
