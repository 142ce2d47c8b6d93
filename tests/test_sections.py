"""A long document in sections: all of it once, in order, each within its room, nothing cut that belongs together."""

from __future__ import annotations

import itertools
from pathlib import Path

import longreport
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import Document
from extractor.engines.sections import Section, part, sections
from extractor.engines.window import LEAST_ROOM, room, tokens, weight
from extractor.errors import DocumentError, SettingsError
from extractor.prompt import Prompt, Step, load
from extractor.readers import read
from extractor.schemas.wire import schema_text, wire_model

REPORTS = Path(__file__).parent.parent.parent / "shared" / "reports"
MODEL = wire_model()

# ── the window ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("text", "expected"), [("", 0), ("a", 1), ("four", 1), ("fives", 2), ("“", 2), ("漢字", 3)])
def test_a_token_is_four_plain_characters_and_any_other_is_one_more(text: str, expected: int) -> None:
    assert tokens(text) == expected


@given(st.text(), st.text())
def test_weights_add_up(one: str, other: str) -> None:
    assert weight(one + other) == weight(one) + weight(other)


def prompt(*users: str, system: str | None = None) -> Prompt:
    steps = [Step(user, system, "text") for user in users[:-1]] + [Step(users[-1], system)]
    return Prompt("own", "…", tuple(steps), (), "")


def test_half_of_what_the_prompt_and_the_schema_leave_is_the_documents() -> None:
    left = room(prompt("$document"), MODEL, 30_000)
    assert left == room(prompt("$document"), MODEL, 28_000) + 1_000
    assert 2 * left + tokens(schema_text(MODEL)) == pytest.approx(30_000, rel=0.01)


def test_a_step_that_shows_the_reply_before_or_the_document_twice_has_room_for_it() -> None:
    once = room(prompt("$document"), MODEL, 40_000)
    assert room(prompt("$document", "$previous $document"), MODEL, 40_000) == pytest.approx(once * 2 / 3, rel=0.01)
    assert room(prompt("$document $document"), MODEL, 40_000) == pytest.approx(once * 2 / 3, rel=0.01)


def test_a_long_prompt_leaves_less_room() -> None:
    assert room(prompt("$document", system="x" * 4_000), MODEL, 30_000) == room(prompt("$document"), MODEL, 29_000)


def test_a_window_without_room_for_a_document_is_refused_with_the_least_that_would_do() -> None:
    with pytest.raises(SettingsError, match="--window") as caught:
        room(load(), MODEL, 4_000)
    least = int(str(caught.value).split("at least ")[1].split(" ")[0].replace(",", ""))
    assert room(load(), MODEL, least) == LEAST_ROOM


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

WORDS = [
    "children",
    "inspectors",
    "plans",
    "good",
    "Dr. Lamb",
    "e.g. visits",
    "2.5 years",
    "£3.4m",
    "“quoted” words",
    "on",
]
FOOT = "Torbay: report"


@st.composite
def units(draw: st.DrawFn) -> str:
    """A sentence over several lines, a list item, a table row or a heading with its first sentence."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=3, max_size=25))
    plain = draw(st.sampled_from([" ", "\n"])).join(words)
    kind = draw(st.sampled_from(["sentence", "said", "item", "row", "headed", "numbered"]))
    if kind == "item":
        return f"• The {plain}\n"
    if kind == "row":
        return f"| The {' '.join(words)}. The {words[0]} | Good |\n"
    ends = {"said": f"“The {plain},” she said.\n", "headed": f"What needs to improve\nThe {plain}.\n"}
    return ends.get(kind, f"{'12. ' if kind == 'numbered' else ''}The {plain}{draw(st.sampled_from('.!?'))}\n")


@st.composite
def documents(draw: st.DrawFn) -> tuple[Document, set[int]]:
    """A document, its pages ending where they may, with where its units begin."""
    text, starts, furniture, pages = "", set(), [], [0]
    for unit in draw(st.lists(units(), min_size=8, max_size=60)):
        starts.add(len(text))
        for line in unit.splitlines(keepends=True):
            text += line
            if draw(st.integers(0, 9)) == 0:
                furniture.append((len(text), len(text) + len(FOOT)))
                text += f"{FOOT}\n\n"
                pages.append(len(text))
    spans = [(start, end) for start, end in itertools.pairwise([*pages, len(text)]) if start < end]
    starts = {start + len(text[start:]) - len(text[start:].lstrip()) for start in starts}
    return Document(text=text, pages=tuple(spans), furniture=tuple(furniture)), starts


SPACES = st.integers(230, 700)
"""Tokens: the least has room for the longest unit beside the front."""


@given(documents(), SPACES)
def test_sections_cover_the_text_once_in_order_and_have_room(told: tuple[Document, set[int]], space: int) -> None:
    document, _ = told
    cut = sections(document, space)
    assert [section.start for section in cut] == [0, *(section.end for section in cut[:-1])]
    assert cut[-1].end == len(document.text)
    assert all(section.start < section.end for section in cut)
    for section in cut:
        assert tokens(section.shown(document)) <= space
    if tokens(document.visible) <= space:
        assert cut == [Section(0, len(document.text))]


@given(documents(), SPACES)
def test_no_sentence_item_row_or_heading_is_cut(told: tuple[Document, set[int]], space: int) -> None:
    document, starts = told
    for section in sections(document, space)[1:]:
        assert section.start in starts, document.text[section.start - 40 : section.start + 40]


@given(st.text(max_size=3_000), st.integers(LEAST_ROOM, 600))
def test_any_text_at_all_is_covered_and_has_room(text: str, space: int) -> None:
    document = Document.from_text(text)
    cut = sections(document, space)
    assert "".join(document.text[section.start : section.end] for section in cut) == document.text
    assert all(tokens(section.shown(document)) <= space for section in cut)


@given(documents(), SPACES)
def test_a_part_shows_the_front_and_the_section_and_keeps_the_offsets(
    told: tuple[Document, set[int]], space: int
) -> None:
    document, _ = told
    for section in sections(document, space):
        seen = part(document, section)
        assert seen.text == document.text
        stretches = [(0, section.front), (section.start, section.end)]
        expected = "".join(document.text[slice(*span)] for stretch in stretches for span in document.shown(stretch))
        assert "".join(seen.visible.split()) == "".join(expected.split())


# ── where it is cut ──────────────────────────────────────────────────────────────────────────────────────────────────

SENTENCE = "Social workers visit children often and know them well. "


def first_cut(text: str, space: int = LEAST_ROOM, **more: tuple[tuple[int, int], ...]) -> str:
    """The line that the second section begins with."""
    document = Document(text=text, **more)
    return document.text[sections(document, space)[1].start :].split("\n")[0]


def test_a_heading_is_the_best_place() -> None:
    before, after = SENTENCE * 18 + "\n", SENTENCE * 8 + "\n"
    assert first_cut(f"{before}What needs to improve\n{after}{after}{after}") == "What needs to improve"


def test_a_heading_over_two_lines_is_one() -> None:
    heading = "The experiences and progress of children who need help and\nprotection: requires improvement\n"
    text = f"{SENTENCE * 18}\n{heading}1. {SENTENCE * 30}\n"
    assert first_cut(text).startswith("The experiences and progress")


def test_without_a_heading_the_page_is_the_best_place_and_then_the_paragraph() -> None:
    lines = [f"{number}. {SENTENCE * 4}\n" for number in range(1, 21)]
    at = sum(map(len, lines[:5]))
    text = "".join(lines)
    assert first_cut(text, pages=((0, at), (at, len(text)))).startswith("6. ")
    assert first_cut(text).startswith("8. ")


def test_the_heading_must_be_in_the_second_half_of_what_has_room() -> None:
    text = f"{SENTENCE * 4}\nWhat needs to improve\n{SENTENCE * 60}\n"
    assert first_cut(text).startswith("Social workers")


def test_a_sentence_that_runs_over_a_page_stays_whole() -> None:
    text = "".join(f"{number}. The plans of children who\nneed them are good.\n" for number in range(1, 90))
    places = [at for at in range(len(text)) if text.startswith("need them", at)]
    pages = tuple(itertools.pairwise([0, *places[::5], len(text)]))
    document = Document(text=text, pages=pages)
    for section in sections(document, LEAST_ROOM)[1:]:
        assert document.text[section.start].isdigit()


@pytest.mark.parametrize("stop", ["Dr. Lamb", "e.g. Leeds", "St. Albans", "J. Smith", "No. 12"])
def test_an_abbreviation_ends_no_sentence(stop: str) -> None:
    document = Document.from_text(f"Plans of {stop} are good for most children here. " * 80)
    for section in sections(document, LEAST_ROOM):
        assert document.text[section.start :].startswith("Plans")


def test_a_table_is_cut_between_rows() -> None:
    document = Document.from_text("| Area. Next | Good. Better |\n" * 200)
    for section in sections(document, LEAST_ROOM):
        assert document.text[section.start :].startswith("| Area")


def test_a_row_stays_whole_also_where_only_its_sentences_end_in_the_second_half() -> None:
    rows = ["| Plans are late. They are | Good |\n", f"| {'Plans are late. ' * 60}They are | Good |\n"]
    document = Document.from_text("".join([rows[0] * 20, rows[1]] * 6))
    for section in sections(document, LEAST_ROOM):
        assert document.text[section.start :].startswith("| Plans")
        assert document.text[: section.end].endswith("|\n")


@pytest.mark.parametrize("blank", ["\n", " "])
def test_what_is_too_long_to_stay_whole_is_cut_after_a_line_or_else_a_word(blank: str) -> None:
    document = Document.from_text(f"unending{blank}" * 600)
    cut = sections(document, LEAST_ROOM)
    assert len(cut) > 2
    assert all(document.text[section.start :].startswith("unending") for section in cut)


# ── the front ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_section_but_the_first_is_shown_with_the_documents_front() -> None:
    document = longreport.report()
    first, *others = sections(document, 2_000)
    assert (first.start, first.front) == (0, 0)
    assert first.shown(document).count("Inspection dates") == 1
    assert len(others) > 5
    for section in others:
        shown = section.shown(document)
        assert shown.startswith("Inspection of Torbay local authority children’s services\nInspection dates")
        assert shown.count("[… pages ") == 1
        assert tokens(document.text[: section.front]) <= 400


def test_a_section_says_its_pages_or_else_its_characters() -> None:
    document = longreport.report()
    section = sections(document, 2_000)[2]
    numbers = [document.page_of(start) for start, _ in document.shown((section.start, section.end))]
    assert section.place(document) == f"pages {numbers[0]} to {numbers[-1]}"
    plain = Document.from_text(document.text)
    assert section.place(plain) == f"characters {section.start:,} to {section.end:,}"


# ── real reports ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not REPORTS.is_dir(), reason="the real reports do not stand beside this checkout")
def test_real_reports_fit_a_window_of_8_000_tokens_in_sections_and_the_usual_one_whole() -> None:
    space, usual = room(load(), MODEL, 8_000), room(load(), MODEL, 128_000)
    seen = 0
    for path in sorted(REPORTS.glob("*.pdf")):
        try:
            document = read(path)
        except DocumentError:
            continue
        cut = sections(document, space)
        assert "".join(document.text[section.start : section.end] for section in cut) == document.text
        assert max(tokens(section.shown(document)) for section in cut) <= space, path.name
        assert len(cut) <= 2.5 * tokens(document.visible) / space, path.name
        assert len(sections(document, usual)) == 1
        seen += 1
    assert seen == 43
