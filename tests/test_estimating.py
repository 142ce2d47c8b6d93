"""A dry run: what would be asked, and about what it would cost; nothing sent, nothing written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakeserver import FakeServer, answer

from extractor import extract
from extractor.batch import Batch
from extractor.client import AsyncClient, Client  # noqa: F401  # loaded once, so that no test pays for it
from extractor.engines.llm import requests
from extractor.engines.window import size
from extractor.estimating import Estimate, estimate
from extractor.extracting import settings
from extractor.journal import Journal
from extractor.prices import prices
from extractor.prompt import load
from extractor.readers import read
from extractor.schemas.inspection import InspectionRecord
from extractor.terms import Terms

JSON = dict[str, Any]
Serve = Callable[..., FakeServer]

DATA = Path(__file__).parent / "data" / "llm"
TEXT = (DATA / "article.txt").read_text(encoding="utf-8")
REPLY: JSON = json.loads((DATA / "reply.json").read_text(encoding="utf-8"))
PRICE = prices()["gpt-4o"]


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "in"
    folder.mkdir()
    made = [folder / f"{number}.txt" for number in range(3)]
    for number, path in enumerate(made):
        path.write_text(TEXT.replace("340", f"{1_000 + number}"), encoding="utf-8")
    return made


def estimated(paths: list[Path], server: FakeServer, journal: Any, processes: int = 0, **more: Any) -> Estimate:
    chosen = settings(model="openai/fake", base_url=server.base_url, journal=journal, **more)
    return estimate(chosen, Batch(chosen, paths, Terms(processes=processes), dry_run=True).asked(), PRICE)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("processes", [0, 2])
def test_requests_and_tokens_are_those_of_the_rendered_requests(
    serve: Serve, paths: list[Path], tmp_path: Path, processes: int
) -> None:
    server, before = serve(answer(REPLY)), tree(tmp_path)
    found = estimated([*paths, tmp_path / "missing.txt"], server, None, processes)
    told = sum(size(request) for path in paths for request in requests(read(path), load(), InspectionRecord))
    assert (found.documents, found.unreadable, found.requests, found.answered) == (4, 1, 3, 0)
    assert found.input_tokens == told
    assert found.replies == "schema"
    assert 200 < found.reply_tokens < 3_000
    assert found.cost == pytest.approx((told * PRICE.input + 3 * found.reply_tokens * PRICE.output) / 1e6)
    assert server.received == []
    assert tree(tmp_path) == before


def test_what_the_journal_answers_costs_nothing_and_tells_how_long_replies_are(
    serve: Serve, paths: list[Path], tmp_path: Path
) -> None:
    server, kept = serve(answer(REPLY, usage=(5_000, 777))), tmp_path / "journal.sqlite"
    extract(paths[0], model="openai/fake", base_url=server.base_url, journal=kept, max_reasks=0)
    before = tree(tmp_path)
    found = estimated(paths, server, kept)
    assert (found.requests, found.answered, found.to_send) == (3, 1, 2)
    assert (found.reply_tokens, found.replies, found.output_tokens) == (777, "journal", 2 * 777)
    assert len(server.received) == 1
    assert tree(tmp_path) == before


def test_a_journal_that_others_have_open_is_looked_into_too(serve: Serve, paths: list[Path], tmp_path: Path) -> None:
    server, kept = serve(answer(REPLY)), tmp_path / "journal.sqlite"
    with Journal(kept) as journal:
        extract(paths[0], model="openai/fake", base_url=server.base_url, journal=journal, max_reasks=0)
        assert estimated(paths, server, kept).answered == 1


def test_a_journal_that_may_only_be_read_is_read(serve: Serve, paths: list[Path], tmp_path: Path) -> None:
    server, kept = serve(answer(REPLY)), tmp_path / "kept" / "journal.sqlite"
    extract(paths[0], model="openai/fake", base_url=server.base_url, journal=kept, max_reasks=0)
    os.chmod(kept.parent, 0o500)
    try:
        assert estimated(paths, server, kept).answered == 1
    finally:
        os.chmod(kept.parent, 0o700)


def test_a_model_without_a_price_has_no_cost(serve: Serve, paths: list[Path]) -> None:
    chosen = settings(model="openai/fake", base_url=serve(answer(REPLY)).base_url, journal=False)
    found = estimate(chosen, Batch(chosen, paths, Terms(), dry_run=True).asked(), None)
    assert found.cost is None
    assert found.input_tokens > 0
