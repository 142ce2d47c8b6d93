"""Which pairs may be made is settled before the best of them are chosen, not after."""

from __future__ import annotations

from extractor_eval.rubric import load
from extractor_eval.score import score_record


def test_a_pair_that_may_not_be_made_displaces_none() -> None:
    """Likeness 0.75 and 0.71 to the first answer, 0.69 and 0.40 to the second: from 0.7 on they may be one item.

    Solved first, 0.69 + 0.71 beats 0.75 + 0.40; to bar 0.69 then leaves 0.71, where 0.75 was to be had.
    """
    gold = ["a" * 75 + "b" * 25, "a" * 71 + "c" * 29]
    predicted = ["a" * 100, "d" * 31 + "a" * 44 + "b" * 25]
    findings = [[{"kind": "strength", "text": text} for text in side] for side in (gold, predicted)]
    score = score_record(*({"findings": side} for side in findings), load())
    told = [
        (outcome.outcome, outcome.gold_index, outcome.predicted_index)
        for outcome in score.outcomes
        if outcome.field == "findings"
    ]
    assert told == [("correct", 0, 0), ("missed", 1, None), ("invented", None, 1)]
