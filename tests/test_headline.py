"""What was right of each matter: every figure here can be counted by hand in tests/reporting.py."""

from __future__ import annotations

import pytest
from extractor_eval.errors import ComparisonError
from extractor_eval.headline import QUESTIONS, Share, headline
from extractor_eval.rubric import load
from extractor_eval.standings import standings
from reporting import FAILED, PERFECT, WORSE, answers, extraction, run

RUBRIC = load()


def shares(*runs) -> list[dict[str, Share]]:
    return [{share.question: share for share in headline(one)} for one in runs]


def test_the_figures_of_small_runs_counted_by_hand():
    perfect, worse = shares(run("best", answers(PERFECT)), run("worst", answers(WORSE)))
    assert list(perfect) == list(QUESTIONS)
    told = [
        (one.right, one.total, one.invented, one.value) for one in (perfect["judgements, F1"], worse["judgements, F1"])
    ]
    assert told == [(2, 2, 0, 1.0), (1, 2, 1, 2 / 5)]  # one of another grade, one where gold has none
    told = [(one.right, one.total, one.value) for one in (perfect["overall grade"], worse["overall grade"])]
    assert told == [(2, 2, 1.0), (1, 2, 0.5)]  # a record that gold has not, and no grade in it, is no place
    grades = "documents with a grade invented"
    assert [(one[grades].right, one[grades].total) for one in (perfect, worse)] == [(0, 3), (1, 3)]
    assert perfect["dates"].right == perfect["dates"].total == 6  # three dates of two records, null on both sides
    assert worse["judgements, F1"].low <= 2 / 5 <= worse["judgements, F1"].high


def test_a_failed_document_counts_as_missed_and_is_no_agreement():
    (found,) = shares(run("cut", answers(PERFECT, beta=FAILED)))
    assert (found["judgements, F1"].right, found["judgements, F1"].total) == (1, 2)
    assert (found["overall grade"].right, found["overall grade"].total) == (1, 2)


def test_direct_speech_alone_and_the_fate_of_quotes():
    said = [{"speaker": "Ann", "text": "Leeds City Council", "direct": True}]
    told = [{"speaker": "Ann", "text": "Care leavers: outstanding", "direct": False}]
    alpha = extraction(
        [{**PERFECT["alpha"][0], "statements": said + told}],
        text="Leeds City Council is here",
        shown=[("/records/0/authority", "Leeds City Council")],
        withheld=[{"field": "/records/0/claims/-", "value": {}, "reason": "absent"}],
    )
    (found,) = shares(run("said", answers(PERFECT, alpha=alpha)))
    direct = found["direct statements, F1"]
    assert (direct.right, direct.total, direct.invented) == (0, 0, 1)
    assert [found[name].right for name in ("quotes verified", "quotes altered", "values withheld")] == [1, 0, 1]
    assert found["quotes verified"].value == 0.5


def test_nothing_to_count_has_no_figure():
    (found,) = shares(run("empty", answers({"gamma": []})))
    assert found["judgements, F1"].value is None
    assert (found["judgements, F1"].low, found["judgements, F1"].high) == (0.0, 1.0)


def test_the_best_prompt_on_dev_is_the_default():
    best, worst = run("best", answers(PERFECT), prompt_sha256="b" * 64), run("worst", answers(WORSE))
    offline = run("offline", answers(PERFECT), prompt=None)
    told = standings([worst, best, offline], [worst, best], RUBRIC)
    assert told["default"] == "best"  # the offline engine is as good, and is no prompt
    assert list(told["runs"]) == ["worst", "best", "offline"]
    assert told["runs"]["best"]["sha256"] == "b" * 64
    assert told["runs"]["best"]["dev"]["f1"][0] == told["runs"]["best"]["test"]["f1"][0] == 1.0
    assert "test" not in told["runs"]["offline"]
    assert told["sets"]["dev"]["baseline"] == "worst"
    assert told["runs"]["worst"]["dev"]["verdict"] is None
    with pytest.raises(ComparisonError, match="no run of a prompt"):
        standings([offline, run("offline2", answers(WORSE), prompt=None)], [], RUBRIC)
