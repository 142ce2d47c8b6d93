"""A prompt whose example is a document of the gold is not measured on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from extractor_eval.gold import cases
from extractor_eval.leaks import refuse_leaks
from smallgold import write_set

from extractor.errors import PromptError
from extractor.prompt import Example, load, shipped

GOLD = Path(__file__).parent.parent / "eval" / "gold"


@pytest.mark.parametrize(
    "shown",
    [
        lambda text: text,
        lambda text: text.replace("good", "outstanding").replace("\n", " "),
        lambda text: "Another page altogether. " * 20 + text[:220] + " And so on. " * 20,
    ],
    ids=["the document itself", "with other grades", "a passage of it"],
)
def test_an_example_from_the_gold_is_refused(shown, tmp_path: Path):
    gold = cases(write_set(tmp_path / "gold"))
    text = next(case.document.visible for case in gold if case.id == "leeds")
    prompt = replace(load("one-line"), examples=(Example("Quite another matter.", "{}"), Example(shown(text), "{}")))
    with pytest.raises(PromptError, match="one-line: example 2 is a document of the gold set"):
        refuse_leaks(prompt, gold)


@pytest.mark.parametrize("split", ["dev", "more", "test"])
def test_no_prompt_of_ours_shows_a_document_of_the_gold(split: str):
    gold = cases(GOLD / split)
    for prompt in shipped():
        refuse_leaks(prompt, gold)
