"""Quotes that were changed on the way: which still find their place, and which values may leave."""

from __future__ import annotations

import random
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.checking import Check, check
from extractor.document import Document
from extractor.evidence import cut, locate
from extractor.folding import fold

EDITS = Path(__file__).parent / "data" / "edits"
TEXTS = {"findings", "actions", "statements"}


def edits(name: str) -> list[Any]:
    """The edits of one data file, each with its source text, as test parameters."""
    data = tomllib.loads((EDITS / f"{name}.toml").read_text(encoding="utf-8"))
    return [
        pytest.param({"text": data["sources"].get(edit.get("source"))} | edit, id=edit["id"]) for edit in data["edit"]
    ]


def absent_quotes() -> list[Any]:
    data = tomllib.loads((EDITS / "absent.toml").read_text(encoding="utf-8"))
    return [
        pytest.param(data["sources"][source], quote, id=f"{source}-{quote[:40]}")
        for source, quotes in data["quotes"].items()
        for quote in quotes
    ]


def document(edit: dict[str, Any]) -> Document:
    text, furniture = edit["text"], edit.get("furniture")
    start = text.index(furniture) if furniture else 0
    return Document(text=text, furniture=((start, start + len(furniture)),) if furniture else ())


def checked(edit: dict[str, Any]) -> Check:
    values = {"text": edit["quote"]} if edit["kind"] in TEXTS else {}
    return check(document(edit), edit["kind"], {"quote": edit["quote"]} | values | edit["values"])


@pytest.mark.parametrize("edit", edits("turning"))
def test_a_turned_quote_delivers_nothing(edit: dict[str, Any]) -> None:
    result = checked(edit)
    kept = edit["turned"] in result.said if "turned" in edit else True
    assert not (result.delivered and kept), f"{edit['why']}: {result}"


@pytest.mark.parametrize("edit", edits("harmless"))
def test_a_harmless_edit_loses_nothing(edit: dict[str, Any]) -> None:
    result = checked(edit)
    assert result.delivered, f"{edit['why']}: {result}"
    assert result.verdict == "verified" or not edit.get("verified"), edit["why"]


@pytest.mark.parametrize("edit", edits("harmless"))
def test_what_is_delivered_is_the_sources_own(edit: dict[str, Any]) -> None:
    source, result = document(edit), checked(edit)
    assert result.quote == cut(source, result.spans)
    pieces = [piece for value in result.said.values() for piece in value.split(" … ")]
    assert all(fold(piece) in source.folded.text for piece in pieces), result.said


@pytest.mark.parametrize(("text", "quote"), absent_quotes())
def test_an_absent_quote_is_placed_nowhere(text: str, quote: str) -> None:
    found = locate(Document(text=text), quote)
    assert (found.verdict, found.spans) == ("absent", ()), cut(Document(text=text), found.spans)
    assert found.reason


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("findings", {"kind": "strength", "text": "Managers check every plan each month"}),
        ("actions", {"status": "done", "text": "Managers will never check every plan each month"}),
        ("statements", {"speaker": "Ofsted", "direct": True, "text": "Managers check few plans each month"}),
    ],
)
def test_a_text_that_the_source_does_not_have_gives_way_to_the_quote(kind: str, values: dict[str, Any]) -> None:
    source = Document(text="Ofsted said: managers do not check every plan each month. Staff are keen.")
    quote = "managers do not check every plan each month"
    assert check(source, kind, {"quote": quote} | values).said["text"] == quote


def test_the_edits_are_as_many_as_they_should_be() -> None:
    assert len(edits("turning")) >= 70
    assert len(edits("harmless")) >= 70
    assert len(absent_quotes()) == 50


# Every sentence of every passage


def sentences() -> list[Any]:
    """Each sentence of the passages in the data files, with its document."""
    passages = {
        f"{name}-{source}": text
        for name in ("turning", "harmless", "absent")
        for source, text in tomllib.loads((EDITS / f"{name}.toml").read_text(encoding="utf-8"))["sources"].items()
    }
    return [
        pytest.param(Document(text=text), " ".join(part.split()), id=f"{where}-{number}")
        for where, text in passages.items()
        for number, part in enumerate(re.split(r"(?<=[.!?])[\"”]?\s+|\n+", text))
        if len(part.split()) >= 7
    ]


def leaves(source: Document, quote: str) -> bool:
    return check(source, "findings", {"quote": quote, "text": quote, "kind": "strength"}).delivered


@pytest.mark.parametrize(("source", "sentence"), sentences())
def test_a_whole_sentence_is_delivered_and_not_with_a_negation_put_in(source: Document, sentence: str) -> None:
    assert leaves(source, sentence)
    said = sentence.split()
    for at in range(1, len(said)):
        assert not leaves(source, " ".join((*said[:at], "not", *said[at:])))


@pytest.mark.parametrize(("source", "sentence"), sentences())
def test_no_digit_may_be_another(source: Document, sentence: str) -> None:
    for match in re.finditer(r"[0-9]", sentence):
        other = str((int(match[0]) + 1) % 10)
        assert not leaves(source, sentence[: match.start()] + other + sentence[match.end() :])


# Laws

WORDS = st.text(st.sampled_from("abcdeéßxyz"), min_size=1, max_size=6)
MARKS = st.sampled_from([" ", "  ", "\n", "\u00a0", ", ", "; ", " – ", " “", "” ", "\u00ad ", ". "])
NOISE = st.text(st.sampled_from("ab .,;:!?…'\"“”‘’«»-–—()[]\n\t\u00a0\u00ad\u200b\ufeffﬁﬂß12İ́\U0001f600"))


@st.composite
def passages(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and a slice of four whole words or more of it."""
    parts = draw(st.lists(st.tuples(WORDS, MARKS), min_size=4, max_size=30))
    first = draw(st.integers(0, len(parts) - 4))
    last = draw(st.integers(first + 4, len(parts)))
    before, middle = ("".join(map("".join, parts[a:b])) for a, b in ((0, first), (first, last - 1)))
    return before + middle + "".join(map("".join, parts[last - 1 :])), middle + parts[last - 1][0]


@given(passages())
def test_a_verbatim_slice_is_always_verified(passage: tuple[str, str]) -> None:
    text, quote = passage
    source = Document(text=text)
    found = locate(source, quote)
    assert found.verdict == "verified"
    assert fold(cut(source, found.spans)).lower() == fold(quote).lower()


@given(NOISE | st.text(), NOISE | st.text())
def test_any_two_strings_have_an_answer(text: str, quote: str) -> None:
    found = locate(Document(text=text), quote)
    assert (found.verdict == "absent") == (not found.spans)
    assert all(0 <= start < end <= len(text) for start, end in found.spans)


@given(passages(), st.integers(0, 200), st.sampled_from(["furniture", "hidden"]))
def test_no_quote_is_found_where_a_reader_does_not_look(passage: tuple[str, str], at: int, where: str) -> None:
    text, quote = passage
    at %= len(text) + 1
    unseen = (at, at + len(quote) + 4)
    source = Document(text=f"{text[:at]}\n\n{quote}\n\n{text[at:]}", **{where: (unseen,)})
    found = locate(source, quote)
    assert all(end <= unseen[0] or unseen[1] <= start for start, end in found.spans)


@pytest.mark.parametrize("where", ["furniture", "hidden"])
def test_what_stands_only_in_the_unseen_is_absent(where: str) -> None:
    text = "Care leavers are well supported.\nAshdale Council inspection report 2024\nTheir views are heard."
    start = text.index("Ashdale")
    source = Document(text=text, **{where: ((start, start + len("Ashdale Council inspection report 2024")),)})
    assert locate(source, "Ashdale Council inspection report 2024").verdict == "absent"
    assert locate(source, "well supported. Their views are heard").verdict == "verified"


def test_what_is_placed_among_many_like_it_is_the_one_meant() -> None:
    dice = random.Random(5)
    numbers = dice.sample(range(100, 1000), 60)
    text = " ".join(f"Team {number} visited {number * 3} children in the course of the year." for number in numbers)
    source = Document(text=text)
    for number in numbers:
        (span,) = locate(source, f"Team {number} visited {number * 3} children").spans
        assert text[slice(*span)] == f"Team {number} visited {number * 3} children"


def test_words_that_fit_two_places_are_placed_in_neither() -> None:
    text = "The north team keeps its records well. Nothing else was seen. The south team keeps its records well."
    found = locate(Document(text=text), "The west team keeps its records well")
    assert found.verdict == "absent"
    assert found.reason


def test_a_few_words_that_stand_twice_need_their_sentence() -> None:
    source = Document(text="Adoption is good. Fostering is good.")
    assert locate(source, "is good").verdict == "absent"
    assert locate(source, "Fostering is good").verdict == "verified"
    assert locate(source, "is good", within=(18, 36)).spans == ((28, 35),)
