"""A damaged or endless text is read all the same: laws of the offline engine's reading."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from extractor import Document, extract
from extractor.engines.offline.reading import Reading

EXAMPLES = [path.read_text() for path in sorted((Path(__file__).parent.parent / "examples").glob("*.txt"))]
SCRAPS = st.sampled_from(
    ['"', "“", "’", "\n", "\n\n", "- ", "\u00ad", "…", "%", ".", "Ofsted ", "good ", ' said: "', "12 "]
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """An example with scraps put in and stretches taken out."""
    text = draw(st.sampled_from(EXAMPLES))
    for at, scrap, lost in draw(st.lists(st.tuples(st.floats(0, 1), SCRAPS, st.integers(0, 60)), max_size=12)):
        place = int(at * len(text))
        text = text[:place] + scrap + text[place + lost :]
    return text


@settings(max_examples=60, deadline=None)
@given(damaged())
def test_a_damaged_article_is_read_and_its_evidence_is_in_it(text: str) -> None:
    document = Document.from_text(text)
    for evidence in extract(document).evidence:
        assert all(0 <= start < end <= len(document.text) for start, end, _ in evidence.spans)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="aA1 .\"'\n,-", max_size=400), st.integers(1, 40))
def test_sentences_follow_each_other_and_none_is_endless(text: str, times: int) -> None:
    reading = Reading.of(Document.from_text(text * times))
    sentences = reading.sentences
    assert all(one.end <= other.start for one, other in pairwise(sentences))
    assert all(sentence.end - sentence.start <= 2000 for sentence in sentences)
    assert all(sentence.text == reading.text[sentence.start : sentence.end] for sentence in sentences)
