"""Each fault of a server has a known answer: how many requests it costs, and whether the document is delivered."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from fakeserver import FakeServer, answer
from faults import faults
from smallgold import reply_of, text_of

from extractor.client import Client, drive, endpoint
from extractor.document import Document
from extractor.engines.llm import fill
from extractor.errors import ExtractorError
from extractor.journal import NoJournal
from extractor.prompt import load
from extractor.schemas.inspection import InspectionRecord

Serve = Callable[..., FakeServer]
REPLY = reply_of("Leeds")
FAULTS = faults(REPLY)
KNOWN = tomllib.loads((Path(__file__).parent / "data" / "faults.toml").read_text(encoding="utf-8"))


def test_every_fault_has_a_known_answer():
    assert set(KNOWN) == set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("when", ["once", "always"])
def test_a_fault_ends_as_it_must(serve: Serve, name: str, when: str):
    requests, ends = KNOWN[name][when]
    server = serve(*([FAULTS[name], answer(REPLY)] if when == "once" else [FAULTS[name]]))
    where = endpoint("openai/fake", server.base_url, api_key="key", timeout=KNOWN[name].get("timeout", 600))
    asking = fill(Document.from_text(text_of("Leeds")), load("plain"), InspectionRecord, max_reasks=2)
    with Client(where, NoJournal(), sleep=lambda seconds: None) as client:
        try:
            (record,) = drive(asking, client).records
        except ExtractorError as error:
            found = type(error).__name__
        else:
            found = "delivered"
            assert record["overall_grade"]["value"] == "good"
    assert (len(server.arrived(requests)), found) == (requests, ends)
