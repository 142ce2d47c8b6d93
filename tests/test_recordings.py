"""The recorded replies: they are of the prompts and the gold as these are now, and give the scores that are told."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from extractor_eval.gold import cases, fingerprint
from extractor_eval.headline import headline
from extractor_eval.recordings import Recordings
from extractor_eval.rubric import load as load_rubric
from extractor_eval.running import Terms, competitors, run
from extractor_eval.runs import summary
from extractor_eval.standings import markdown

from extractor.prompt import default, load, scores

EVAL = Path(__file__).parent.parent / "eval"
SETS = ("dev", "test")
HEADS = [
    pytest.param(split, json.loads(path.open(encoding="utf-8").readline()), id=f"{split}-{path.stem}")
    for split in SETS
    for path in sorted((EVAL / "recordings" / split).glob("*.jsonl"))
]


@pytest.mark.parametrize(("split", "head"), HEADS)
def test_a_recording_is_of_the_prompt_and_the_gold_as_they_are(split: str, head: dict[str, Any]):
    assert head["prompt_sha256"] == load(head["prompt"]).sha256
    assert head["split"] == split
    assert head["gold"] == scores()["sets"][split]["gold"] == fingerprint(cases(EVAL / "gold" / split))


def test_every_prompt_was_measured():
    told = scores()
    for split, fewest in (("dev", 7), ("test", 2)):
        names = {path.stem for path in (EVAL / "recordings" / split).glob("*.jsonl")}
        assert len(names) >= fewest
        assert {name for name, one in told["runs"].items() if split in one} == names | {"offline"}
    figures = {name: one["dev"]["f1"][0] for name, one in told["runs"].items() if one["sha256"]}
    assert figures[default()] == max(figures.values())


@pytest.mark.parametrize("split", SETS)
def test_the_table_in_the_readme_is_that_of_the_scores(split: str):
    assert markdown(scores(), split) in (EVAL / "recordings" / "README.md").read_text(encoding="utf-8")


def test_the_planted_prompt_is_told_apart():
    told = scores()["runs"]
    assert told["guess"]["dev"]["verdict"] == "worse"


@pytest.mark.parametrize("split", SETS)
def test_the_default_prompt_gives_its_scores_again_without_a_network(
    split: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    recorded, rubric, gold = Recordings(EVAL / "recordings" / split), load_rubric(), cases(EVAL / "gold" / split)
    (one,) = competitors([], [default()], recorded=recorded)
    made = run(one, Terms(gold, split, None, rubric, {}, recorded=recorded, concurrency=1), tmp_path / "run")
    told = scores()["runs"][default()][split]
    assert round(summary(made, rubric).total.f1 or 0, 4) == told["f1"][0]
    assert [share.right for share in headline(made)] == [share["right"] for share in told["shares"]]
