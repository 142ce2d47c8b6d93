"""Folding: what counts for nothing, and the way back to the source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.folding import Folded, fold, words

TEXTS = st.text(st.sampled_from("abC .,'\"“”‘’«»-–—…\n\t\u00a0\u2009\u00ad\u200b\ufeffﬀﬁﬃß1İ\U0001f600")) | st.text()


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("“Good”", "Good"),
        ("children’s", "children's"),
        ("« bon »", "bon"),
        ("6–17 June", "6-17 June"),
        ("well\u2011being — now", "well-being - now"),
        ("o\ufb03cer of the \ufb01rst \ufb02oor", "officer of the first floor"),
        ("inade\u00adquate", "inadequate"),
        ("\ufeffrated\u200b good", "rated good"),
        ("two\u00a0\u2009 \n weeks", "two weeks"),
        ("wait … and see", "wait ... and see"),
        (" - [The end.] ", "The end"),
        ("Good GOOD", "Good GOOD"),
        ("53,806", "53,806"),
        ("café ½ ²", "café ½ ²"),
    ],
)
def test_what_is_folded_away(printed: str, folded: str) -> None:
    assert fold(printed) == folded


def test_words_keep_their_case_and_their_apostrophes() -> None:
    assert words("“O’Neill” isn’t Mc\u00adKay – 1,255") == ["O'Neill", "isn't", "McKay", "1", "255"]


@given(TEXTS, st.data())
def test_a_folded_span_leads_back_to_a_slice_that_folds_to_it(text: str, data: st.DataObject) -> None:
    folded = Folded(text)
    shown = [at for at, character in enumerate(folded.text) if character != " "]  # no quote begins or ends in a blank
    if not shown:
        return
    start = data.draw(st.sampled_from(shown))
    end = data.draw(st.sampled_from([at for at in shown if at >= start])) + 1
    first, last = folded.source_span(start, end)
    assert 0 <= first < last <= len(text)
    assert folded.text[start:end] in Folded(text[first:last]).text


@given(TEXTS)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_every_word_is_indexed_where_it_stands(text: str) -> None:
    folded = Folded(text)
    for word, places in folded.places.items():
        assert all(folded.lower.startswith(word, place) for place in places)


@given(TEXTS, TEXTS, TEXTS)
def test_an_unseen_span_counts_as_white_space(before: str, unseen: str, after: str) -> None:
    blank = before + " " * len(unseen) + after
    folded = Folded(before + unseen + after, [(len(before), len(before) + len(unseen))])
    assert folded.text == Folded(blank).text


def test_unseen_spans_may_overlap_and_come_in_any_order() -> None:
    assert Folded("good page 3 footer grade", [(9, 18), (5, 11)]).text == "good grade"


def test_only_whole_words_are_occurrences() -> None:
    text = Folded("inadequate, adequate; 53,806 and non-compliant")
    assert list(text.occurrences("adequate")) == [12]
    assert not list(text.occurrences("806"))
    assert not list(text.occurrences("compliant"))
