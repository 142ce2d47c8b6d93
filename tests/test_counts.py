"""Counts by rule, against known answers."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from extractor import Document, extract

JSON = dict[str, Any]

KNOWN: JSON = tomllib.loads((Path(__file__).parent / "data" / "counts.toml").read_text(encoding="utf-8"))
OPENING = "Ofsted has inspected Torbay Council's work with children and families.\n\n"
KEYS = ("value", "unit", "qualifier", "as_of", "scope")


@pytest.mark.parametrize("known", KNOWN["sentence"], ids=lambda known: known["what"])
def test_a_sentence_counts_these_and_no_other(known: JSON) -> None:
    (record,) = json.loads(extract(Document.from_text(f"{OPENING}{known['text']}\n")).model_dump_json())["records"]
    found = [["" if item[key] is None else item[key] for key in KEYS] for item in record["counts"]]
    assert found == known["found"]
