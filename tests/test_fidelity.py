"""Fidelity: which changed words change the meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.fidelity import hides_turn, turned

SOURCE = "Most social workers do not visit 53 children who were rated, before May, by the Ashdale team"


@pytest.mark.parametrize(
    "quote",
    [
        "Most social workers do visit 53 children who were rated, before May, by the Ashdale team",
        "Few social workers do not visit 53 children who were rated, before May, by the Ashdale team",
        "Social workers do not visit 53 children who were rated, before May, by the Ashdale team",
        "Most social workers do not visit 35 children who were rated, before May, by the Ashdale team",
        "Most social workers do not visit children who were rated, before May, by the Ashdale team",
        "Most social workers do not visit 53 children who were rated, after May, by the Ashdale team",
        "Most social workers do not visit 53 children who were rated, before June, by the Ashdale team",
        "Most social workers do not visit 53 children who were rated, before May, by the Ashvale team",
        "Most social workers do not visit 53 children who were rated good, before May, by the Ashdale team",
        "Most social workers do not visit 53 children who could be rated, before May, by the Ashdale team",
        "Most [ineffective] social workers do not visit 53 children who were rated, before May, by the Ashdale team",
        "Most social workers do not visit 53 parents who were rated, before May, by the Ashdale team",
        "Most social workers don't always visit 53 children who were rated, before May, by the Ashdale team",
    ],
)
def test_a_turn_is_named(quote: str) -> None:
    assert turned(quote, SOURCE, lambda word: False)


@pytest.mark.parametrize(
    "quote",
    [
        SOURCE,
        SOURCE.lower(),
        SOURCE.replace(",", ""),
        "Most of the social workers do not visit the 53 children who were rated, before May, by the Ashdale team",
        "Most workers do not visit 53 children who were judged, before May, by that Ashdale team",
        "Most social workers do not visit 53 children who were rated - before May - by “the Ashdale team”",
    ],
)
def test_no_turn_is_none(quote: str) -> None:
    assert turned(quote, SOURCE) is None


@given(st.text())
def test_nothing_turns_itself(quote: str) -> None:
    assert turned(quote, quote) is None


@pytest.mark.parametrize(
    ("gap", "hides"),
    [
        ("from home", False),
        (", the director of the service,", False),
        ("are good, but the homes", True),
        ("did not", True),
        ("would, if asked,", True),
        ("was rated outstanding and", True),
        (", while those in hostels", True),
    ],
)
def test_what_an_ellipsis_hides(gap: str, hides: bool) -> None:
    assert bool(hides_turn(gap)) is hides
