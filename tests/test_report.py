"""The report: what it says is what was measured, and nothing that it was given can become markup."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from extractor_eval.comparing import compare
from extractor_eval.dossiers import dossiers
from extractor_eval.errors import ComparisonError
from extractor_eval.marking import GOLD, Mark, pieces
from extractor_eval.report import html
from extractor_eval.rubric import load
from extractor_eval.runs import Run, Used
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring
from reporting import FAILED, HOSTILE, PERFECT, TEXTS, WORSE, answers, extraction, hostile, run


def words(element: Any) -> str:
    """An element's text as a reader has it."""
    return " ".join(" ".join(element.itertext()).split())


def told(tree: Any, path: str) -> list[str]:
    return [words(one) for one in tree.xpath(path)]


@pytest.fixture(scope="module")
def two() -> list[Run]:
    return [run("plain", answers(PERFECT)), run("terse", answers(WORSE, beta=FAILED))]


@pytest.fixture(scope="module")
def page(two: list[Run]) -> Any:
    return document_fromstring(html(two, compare(two)))


# ── What it says ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_verdict_comes_first_in_words(page: Any) -> None:
    assert told(page, "//h1") == ["Cannot tell terse from plain"]
    assert told(page, "//p[@class='verdict']")[0].startswith("terse against plain: cannot tell; micro F1")
    assert "3 documents in 3 clusters; 1 failure, all of the gold counted as missed" in told(page, "//header")[0]


def test_a_headline_names_every_run_that_was_held_against_the_baseline() -> None:
    runs = [run(name, answers(PERFECT)) for name in ("plain", "a", "b")]
    compared = compare(runs)
    assert told(document_fromstring(html(runs, compared)), "//h1") == ["Cannot tell from plain: a, b"]
    better = replace(compared.pairs[1], verdict=replace(compared.pairs[1].verdict, word="better"))
    again = document_fromstring(html(runs, replace(compared, pairs=(compared.pairs[0], better))))
    assert told(again, "//h1") == ["Better than plain: b; cannot tell: a"]


def test_runs_that_are_not_compared_are_shown_all_the_same(two: list[Run]) -> None:
    alone = document_fromstring(html(two[:1], None))
    assert told(alone, "//h1") == ["plain, by itself"]
    assert told(alone, "//p[@class='verdict']") == ["plain reaches micro F1 100.0."]
    assert not alone.xpath("//*[@class='forest']")
    assert told(document_fromstring(html(two, None)), "//h1") == ["Nothing is compared"]


def matrix(page: Any) -> dict[str, list[str]]:
    rows = page.xpath("//table[@class='matrix']//tr[td]")
    return {words(row.find("th")): [words(cell) for cell in row.findall("td")] for row in rows}


def test_the_matrix_holds_the_figures_of_the_comparison(two: list[Run], page: Any) -> None:
    cells = matrix(page)
    for column, one in enumerate(compare(two).competitors):
        for name, figure in {"All primary fields": one.f1, **one.fields}.items():
            if figure.value is not None:
                places = 1 if name == "All primary fields" else 0
                shown = f"{100 * figure.value:.1f} {100 * figure.low:.{places}f}–{100 * figure.high:.{places}f} "
                assert cells[name.replace("_", " ")][column].startswith(shown), name


def test_the_matrix_has_the_primary_fields_first_and_the_counts_of_each(page: Any) -> None:
    cells = matrix(page)
    assert list(cells)[:2] == ["All primary fields", "authority"]
    assert list(cells).index("claims") < list(cells).index("provider")
    assert cells["overall grade"][1].endswith("0 correct, 1 wrong, 1 missed, 0 invented, agreement 0.0")
    assert cells["provider"][0].startswith("nothing to count")
    assert "unknown keys" not in cells


def test_drafts_are_scored_in_a_row_of_their_own_where_they_were_kept(two: list[Run]) -> None:
    kept = replace(two[0], draft_scores=two[1].scores)
    cells = matrix(document_fromstring(html([kept, two[1]], None)))
    assert cells["the same before look-ups"] == [cells["All primary fields"][1], "–"]


def test_counts_are_means_over_repeats() -> None:
    again = document_fromstring(html([run("plain", answers(PERFECT), answers(WORSE))], None))
    assert "1.5 correct, 0.5 wrong, 0 missed, 0 invented" in matrix(again)["overall grade"][0]


def test_the_forest_plot_says_in_words_and_in_a_table_what_it_draws(two: list[Run], page: Any) -> None:
    (plot,) = page.xpath("//*[@class='forest']")
    assert plot.get("role") == "img"
    assert [page.get_element_by_id(name) is not None for name in plot.get("aria-labelledby").split()] == [True, True]
    own = compare(two).pairs[0].difference
    signed = [f"{100 * one:+.1f}".replace("-", "−") for one in (own.value, own.low, own.high)]
    (row,) = told(page, "//section[@id='differences']//tbody/tr")
    assert row.startswith(f"terse less plain {signed[0]} {signed[1]} to {signed[2]}")
    assert f"terse less plain: {signed[0]}, from {signed[1]} to {signed[2]}: cannot tell." in words(plot)


def test_a_difference_is_drawn_where_its_figures_are(two: list[Run], page: Any) -> None:
    own = compare(two).pairs[0].difference
    bar = page.xpath("//*[@class='forest']//*[@class='bar']")[0].get("d")
    low, high = map(float, re.match(r"M([\d.]+) \d+H([\d.]+)M", bar).groups())
    zero = float(re.match(r"M([\d.]+)", page.xpath("//*[@class='forest']//*[@class='zero']")[0].get("d"))[1])
    assert (low - zero) / (high - zero) == pytest.approx(own.low / own.high, abs=0.01)


def test_grades_are_counted_gold_by_answer(page: Any) -> None:
    (table,) = page.xpath("(//details[@class='grades'])[2]//table[caption='overall grade']")
    assert told(table, ".//thead//th") == ["good", "inadequate", "none"]
    assert told(table, ".//tbody/tr") == ["good · 1 ·", "inadequate · · 1"]
    assert told(page, "(//details[@class='grades'])[2]/summary") == ["terse 2 changed, 1 invented"]


def test_quotes_are_counted_by_verdict() -> None:
    one = extraction(PERFECT["alpha"], text=TEXTS["alpha"], shown=[("/records/0/authority", "Leeds City Council")] * 3)
    altered = {**one["evidence"][0], "verdict": "altered"}
    withheld = {"field": "/records/0/outcome", "value": "x", "model_quote": "x", "reason": "nowhere in the document"}
    given = one | {"evidence": [*one["evidence"], altered], "withheld": [withheld]}
    tree = document_fromstring(html([run("plain", {"alpha": given})], None))
    assert told(tree, "//table[@class='quotes']/tbody/tr") == ["plain 60.0 3 20.0 1 20.0 1"]
    assert told(tree, "//details[@class='doc']//li") == ["outcome x nowhere in the document"]


def cost(used: Used | None) -> list[str]:
    tree = document_fromstring(html([run("plain", answers(PERFECT), used=used)], None))
    return told(tree, "(//section[@id='price']//tbody)[1]/tr/td")[4:]


def test_cost_and_latency_stand_beside_quality_and_unknown_is_said() -> None:
    assert cost(Used(2, 1000, 200, 0.01, 3.0)) == ["6", "0.0300", "3.0", "1,000 / 200"]
    assert cost(Used(2, None, 200, None, None)) == ["6", "unknown", "unknown", "unknown / 200"]
    assert cost(None) == ["none", "–", "–", "–"]


def test_every_number_leads_to_its_recipe(two: list[Run]) -> None:
    one, other = run("plain", answers(PERFECT), prompt_sha256="a" * 64), two[1]
    tree = document_fromstring(html([one, other], None))
    assert {link.get("href") for link in tree.xpath("//a[@class='run']")} == {"#recipe-0", "#recipe-1"}
    recipe = told(tree, "//section[@id='recipe']")[0]
    for key, value in one.signature.items():
        assert f"{key.replace('_', ' ')} {value}" in recipe or value is None
    assert load().sha256 in recipe


# ── Documents ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_failures_come_first_then_the_worst(two: list[Run], page: Any) -> None:
    assert [one.case.id for one in dossiers(two, load())] == ["beta", "gamma", "alpha"]
    assert told(page, "//details[@class='doc']/summary") == [
        "beta plain 100.0 terse failed",
        "gamma plain rightly none terse invented a record",
        "alpha plain 100.0 terse 28.6",
    ]
    assert "Failed. CallTimedOut: no answer within 600 s All of its gold counts as missed." in words(page)


def test_each_value_is_shown_with_what_is_wrong(page: Any) -> None:
    (alpha,) = page.xpath("//details[@data-name='alpha']//section[@class='answer-1']")
    assert told(alpha, ".//table[thead]/tbody/tr") == [
        "overall grade wrong other grade good inadequate",
        "judgements wrong grade: other grade Care leavers · outstanding Care leavers · good",
        "judgements invented Leaders · good",
    ]
    assert told(alpha, ".//details[@class='correct']//tr") == ["authority Leeds"]


def test_of_several_repeats_the_worst_is_shown_and_named() -> None:
    repeats = answers(PERFECT, alpha=extraction([])), answers(PERFECT, alpha=FAILED), answers(WORSE)
    (first, *_) = held = dossiers([run("plain", *repeats)], load())
    assert (first.case.id, first.answers[0].repeat, first.answers[0].note) == ("alpha", 2, "failed")
    assert {one.case.id: one.answers[0].repeat for one in held}["gamma"] == 3
    assert "repeat 2 of 3, its worst" in html([run("plain", *repeats)], None)


def marks(*, text: str = TEXTS["alpha"]) -> list[tuple[str, dict[int, tuple[str, ...]]]]:
    shown = [("/records/0/authority/as_written", "Leeds City"), ("/records/0/judgements/0", "Care leavers")]
    one = run("plain", {"alpha": extraction(PERFECT["alpha"], text=text, shown=shown)})
    return [(piece.text, piece.fields) for piece in dossiers([one], load())[0].pieces if piece.fields]


def test_gold_and_the_answer_are_marked_in_the_text() -> None:
    assert marks() == [
        ("Leeds City", {GOLD: ("authority",), 0: ("authority",)}),
        (" Council", {GOLD: ("authority",)}),
        ("Ofsted judged the council good overall", {GOLD: ("overall grade",)}),
        ("Care leavers", {GOLD: ("judgements",), 0: ("judgements",)}),
        (": outstanding", {GOLD: ("judgements",)}),
    ]


def test_places_in_another_text_are_not_marked() -> None:
    assert all(0 not in fields for _, fields in marks(text=TEXTS["alpha"] + "More."))


def test_a_value_leads_to_its_words() -> None:
    shown = [("/records/0/judgements/0", "Care leavers")]
    page = document_fromstring(
        html([run("plain", {"alpha": extraction(PERFECT["alpha"], text=TEXTS["alpha"], shown=shown)})], None)
    )
    links = {words(one): one.get("href")[1:] for one in page.xpath("//table[@class='outcomes']//a")}
    assert links.keys() == {"Leeds", "good", "Care leavers · outstanding"}
    assert words(page.get_element_by_id(links["good"])).startswith("Ofsted judged")
    assert words(page.get_element_by_id(links["Care leavers · outstanding"])) == "Care leavers"


def test_a_text_is_there_once_however_many_runs_read_it(page: Any) -> None:
    assert page.xpath("//details[@data-name='alpha']//div[@class='text']")[0].text_content() == TEXTS["alpha"]
    assert html([run(str(n), answers(PERFECT)) for n in range(5)], None).count("The library opens at nine") == 1


SPANS = st.tuples(st.integers(-3, 30), st.integers(-3, 30))


@given(
    st.text(max_size=25), st.lists(st.builds(Mark, SPANS, st.integers(-1, 3), st.sampled_from("ab"))), st.lists(SPANS)
)
def test_pieces_are_the_text_and_carry_the_marks_that_cover_them(
    text: str, held: list[Mark], unseen: list[Any]
) -> None:
    found = list(pieces(text, held, unseen))
    assert "".join(piece.text for piece in found) == text
    for piece in found:
        for place in range(piece.start, piece.start + len(piece.text)):
            over = [mark for mark in held if mark.span[0] <= place < mark.span[1]]
            assert {(by, name) for by, names in piece.fields.items() for name in names} == {mark[1:] for mark in over}
            assert piece.unseen == any(start <= place < end for start, end in unseen)


# ── What it keeps out ──────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_that_was_given_becomes_markup() -> None:
    runs = hostile()
    page = html(runs, compare(runs))
    tree = document_fromstring(page)
    assert len(tree.xpath("//script")) == len(tree.xpath("//style")) == len(tree.xpath("//title")) - 1 == 1
    assert not tree.xpath(
        "//img | //a[not(starts-with(@href, '#'))] | //*[@onload or @onerror or @onfocus or @autofocus]"
    )
    assert not re.search(r"<(script|img|svg onload|a href='javascript)[^>]*(harmed|src=)", page)
    assert "49" not in words(tree.xpath("//div[@class='text']")[0])
    (text,) = tree.xpath("//div[@class='text']")
    assert HOSTILE.replace("\x00", "\ufffd") in text.text_content()
    assert "\x00" not in page
    page.encode("utf-8")


def test_the_page_lets_nothing_run_and_nothing_load_but_its_own(two: list[Run]) -> None:
    page = html(two, None)
    (policy,) = document_fromstring(page).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    for name in ("style", "script"):
        own = re.search(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"https?://|url\(|@import|\bsrc=", page)


@pytest.mark.parametrize(
    ("reported", "said"),
    [
        (lambda runs: html([], None), "nothing to report"),
        (lambda runs: html([replace(runs[0], scores=())], None), "plain has no scores"),
        (lambda runs: html([replace(runs[0], signature={"rubric": "another"})], None), "another rubric"),
        (lambda runs: html(runs[:1], compare(runs)), "of other runs"),
    ],
)
def test_a_fault_of_the_harness_stops_the_report(two: list[Run], reported: Any, said: str) -> None:
    with pytest.raises(ComparisonError, match=said):
        reported(two)
