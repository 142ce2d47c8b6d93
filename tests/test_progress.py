"""How far a run is, in words."""

from __future__ import annotations

from typing import Any

import pytest

from extractor.progress import EVERY, Progress, shown
from extractor.schemas.extraction import Extraction, Failure, Source, UsageTotal

LINES: list[tuple[dict[str, Any], float, str]] = [
    ({}, 5, "0 documents"),
    ({"read": 40}, 10, "40 documents, 4.0 a second"),
    ({"total": 10_000, "read": 1_000}, 10, "1,000 of 10,000 documents, 100.0 a second, 2 min left"),
    (
        {"total": 100, "before": 50, "read": 9, "failed": 1},
        60,
        "60 of 100 documents, 10.0 a minute, 1 failed, 4 min left",
    ),
    ({"total": 100_000, "read": 10}, 10, "10 of 100,000 documents, 1.0 a second, 27.8 h left"),
    ({"total": 10, "read": 5, "spent": 0.0123}, 5, "5 of 10 documents, 1.0 a second, $0.0123, 5 s left"),
    ({"total": 10, "read": 10, "spent": 1234.5}, 5, "10 of 10 documents, 2.0 a second, $1,234.50"),
]


@pytest.mark.parametrize(("state", "seconds", "line"), LINES)
def test_lines(state: dict[str, Any], seconds: float, line: str) -> None:
    assert Progress(**state, begun=100.0).line(100.0 + seconds) == line


def made(cost: float | None = None, *, failed: bool = False) -> Extraction:
    extraction = Extraction(source=Source(path="x"), engine="llm", usage=UsageTotal(calls=1, cost=cost))
    return extraction.model_copy(update={"error": Failure(type="E", message="m")}) if failed else extraction


def test_results_are_counted_and_their_cost_added_up() -> None:
    progress = Progress(total=4)
    for extraction in (made(), made(0.25), made(0.5), made(failed=True)):
        progress.count(extraction)
    assert (progress.read, progress.failed, progress.done, progress.spent) == (3, 1, 4, 0.75)
    without = Progress()
    without.count(made())
    assert without.spent is None


def test_without_a_terminal_it_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(total=3)
    with shown(progress, bar=False, quiet=False) as show:
        show()
        assert capsys.readouterr().err == ""
    progress = Progress(total=3, read=1, begun=progress.begun - EVERY)
    with shown(progress, bar=False, quiet=False) as show:
        show()
        show()
    said = capsys.readouterr()
    assert said.err.count("extractor: 1 of 3 documents") == 1
    assert said.out == ""


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with shown(Progress(read=1, begun=-1e6), bar=True, quiet=True) as show:
        show()
    assert capsys.readouterr().err == ""


def test_a_bar_is_drawn_on_standard_error(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    progress = Progress(total=3)
    with shown(progress, bar=True, quiet=False) as show:
        progress.read = 2
        show()
    said = capsys.readouterr()
    assert "2 of 3 documents" in said.err
    assert said.out == ""
