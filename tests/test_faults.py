"""Each fault of a server has a known answer: how many requests it costs, how long, and how the document ends."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakeserver import FakeServer, answer
from faults import faults
from smallgold import reply_of, text_of

from extractor.client import Client, drive, endpoint
from extractor.document import Document
from extractor.engines.llm import fill
from extractor.errors import ExtractorError
from extractor.journal import Journal, NoJournal
from extractor.prompt import load
from extractor.schemas.inspection import InspectionRecord

Serve = Callable[..., FakeServer]
REPLY = reply_of("Leeds")
FAULTS = faults(REPLY, retry_after="7")
KNOWN = tomllib.loads((Path(__file__).parent / "data" / "faults.toml").read_text(encoding="utf-8"))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite") as opened:
        yield opened


def asked(server: FakeServer, journal: Journal | NoJournal, name: str) -> tuple[str, float]:
    """How a document ends that this server is asked about, and for how many seconds was waited."""
    where = endpoint("openai/fake", server.base_url, api_key="key", timeout=KNOWN[name].get("timeout", 600))
    asking: Any = fill(Document.from_text(text_of("Leeds")), load("plain"), InspectionRecord, max_reasks=2)
    slept: list[float] = []
    with Client(where, journal, sleep=slept.append) as client:
        try:
            (record,) = drive(asking, client).records
        except ExtractorError as error:
            return type(error).__name__, sum(slept)
    assert record["overall_grade"]["value"] == "good"
    return "delivered", sum(slept)


def test_every_fault_has_a_known_answer():
    assert set(KNOWN) == set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("when", ["once", "always"])
def test_a_fault_ends_as_it_must(serve: Serve, name: str, when: str):
    requests, ends, seconds = KNOWN[name][when]
    times = KNOWN[name].get("times", 1)
    server = serve(*([*[FAULTS[name]] * times, answer(REPLY)] if when == "once" else [FAULTS[name]]))
    end, slept = asked(server, NoJournal(), name)
    assert (len(server.arrived(requests)), end) == (requests, ends)
    assert seconds / 2 <= slept <= seconds


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_kept_is_not_asked_for_again_in_a_later_run(serve: Serve, journal: Journal, name: str):
    requests, ends, _ = KNOWN[name]["always"]
    server = serve(FAULTS[name])
    assert [asked(server, journal, name)[0] for _ in range(2)] == [ends, ends]
    expected = KNOWN[name].get("kept", 2 * requests)
    assert len(server.arrived(expected)) == expected
