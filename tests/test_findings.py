"""Findings, actions and the outcome by rule, against known answers."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from extractor import Document, extract

JSON = dict[str, Any]

KNOWN: JSON = tomllib.loads((Path(__file__).parent / "data" / "findings.toml").read_text(encoding="utf-8"))
OPENING = "Ofsted has inspected Torbay Council's work with children and families.\n\n"


def record_of(known: JSON) -> JSON:
    """The one record that the engine makes of the passage."""
    record: JSON
    text = f"{OPENING}{known.get('before', '')} {known['text']}\n"
    (record,) = json.loads(extract(Document.from_text(text)).model_dump_json())["records"]
    return record


@pytest.mark.parametrize("known", KNOWN["findings"], ids=lambda known: known["what"])
def test_these_findings_and_no_other(known: JSON) -> None:
    assert [[item["kind"][:3], item["text"]] for item in record_of(known)["findings"]] == known["found"]


@pytest.mark.parametrize("known", KNOWN["actions"], ids=lambda known: known["text"][:40])
def test_these_actions_and_no_other(known: JSON) -> None:
    assert [[item["status"], item["text"]] for item in record_of(known)["actions"]] == known["found"]


@pytest.mark.parametrize("known", KNOWN["outcome"], ids=lambda known: known["text"][:40])
def test_the_outcome_is_one_sentence_of_an_ungraded_inspection(known: JSON) -> None:
    assert (record_of(known)["outcome"] or "") == known["found"]
