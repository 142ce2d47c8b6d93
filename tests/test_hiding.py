"""Web pages whose own styles hide words: what a visitor cannot see is left out, and nothing else is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.readers import read_bytes

KNOWN = tomllib.loads((Path(__file__).parent / "data" / "hiding.toml").read_text(encoding="utf-8"))
WORDS = "Overall grade outstanding."


def text_of(css: str, markup: str, head: str = "") -> str:
    body = f"<article><p>Inspectors came in May.</p>{markup}<p>They left in June.</p></article>"
    page = f"<!DOCTYPE html><html><head>{head}<style>{css}</style></head><body>{body}</body></html>"
    return read_bytes(page.replace("SECRET", WORDS).encode(), "a.html").text


@pytest.mark.parametrize("known", KNOWN["hidden"], ids=lambda known: f"{known['css']} {known['markup']}"[:70])
def test_what_styles_hide_is_left_out(known: dict[str, str]) -> None:
    text = text_of(known["css"], known["markup"])
    assert WORDS not in text
    assert "Inspectors came in May." in text
    assert "They left in June." in text


@pytest.mark.parametrize("known", KNOWN["seen"], ids=lambda known: f"{known['css']} {known['markup']}"[:70])
def test_what_they_leave_to_be_seen_stays(known: dict[str, str]) -> None:
    assert WORDS in text_of(known["css"], known["markup"])


def test_white_words_stay_where_a_file_that_is_not_read_may_paint_behind_them() -> None:
    markup = '<p class="x">SECRET</p>'
    assert WORDS in text_of(".x{color:white}", markup, '<link rel="stylesheet" href="site.css">')
    assert WORDS not in text_of(".x{color:white;background:white}", markup, '<link rel="stylesheet" href="site.css">')


def test_a_sheet_for_print_hides_nothing() -> None:
    assert WORDS in text_of("", '<p class="x">SECRET</p>', '<style media="print">.x{display:none}</style>')


@given(st.text(alphabet="{}@.#;: ax/*!0-\n", max_size=60))
def test_any_style_sheet_is_survived(css: str) -> None:
    assert "They left in June." in text_of(f"{css}", "<p>SECRET</p>")
