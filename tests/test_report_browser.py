"""The report in a real browser: Chromium, by CHROMIUM or from PATH. Without one installed there is nothing to drive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from extractor_eval.comparing import compare
from extractor_eval.report import html
from playwright.sync_api import Browser, Page, expect, sync_playwright
from reporting import FAILED, PERFECT, WORSE, answers, hostile, run

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

QUIET = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 300_000  # milliseconds
expect.set_options(timeout=PATIENCE)

Shown = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses its sandbox to root
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *root], timeout=PATIENCE) as started,
    ):
        yield started


@pytest.fixture(scope="module")
def report() -> str:
    runs = [run("plain", answers(PERFECT)), run("terse", answers(WORSE, beta=FAILED)), run("bare", answers(WORSE))]
    return html(runs, compare(runs))


@pytest.fixture(scope="module")
def harmful() -> str:
    return html(hostile(), compare(hostile()))


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Shown]:
    """Opens a page: show(html, **of the context). At the end nothing may have left it and no error been told."""
    left: list[str] = []
    errors: list[str] = []
    with ExitStack() as stack:

        def opened(content: str, *, watched: bool = True, **context: Any) -> Page:
            path = tmp_path / "report.html"
            path.write_text(content, encoding="utf-8")
            page = stack.enter_context(browser.new_context(**context)).new_page()
            page.set_default_timeout(PATIENCE)
            if watched:
                page.on("request", lambda request: left.append(request.url))
                page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
                page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(path.as_uri())
            return page

        yield opened
        outside = [url for url in left if url != (tmp_path / "report.html").as_uri() and not url.startswith("data:")]
        assert (outside, errors) == ([], [])


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


# ── Harm ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_of_a_document_or_a_model_runs(show: Shown, harmful: str) -> None:
    page = show(harmful)
    open_all(page)
    for link in page.get_by_role("link").all():
        assert (link.get_attribute("href") or "").startswith("#")
    page.get_by_role("searchbox").fill("<script>")
    assert page.evaluate("window.harmed") is None
    assert page.locator("main script, main img, main iframe").count() == 0
    assert page.locator(".text").inner_text().count("<script>window.harmed = 1</script>") == 1


def test_the_policy_holds_even_where_markup_slips_through(show: Shown, report: str) -> None:
    slipped = "<script>window.harmed = 1</script><img src=x onerror='window.harmed = 2'>"
    page = show(report.replace("<main>", f"<main>{slipped}"), watched=False)  # once loaded, the picture has failed
    assert page.evaluate("window.harmed") is None
    assert page.locator("#shown").inner_text() == "3 of 3"  # its own script ran


# ── By hand ────────────────────────────────────────────────────────────────────────────────────────────────────────


def focused(page: Page) -> str:
    return str(
        page.evaluate("document.activeElement.closest('.doc')?.dataset.name + ' ' + document.activeElement.tagName")
    )


def tab_to(page: Page, wanted: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if focused(page) == wanted:
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")


def test_a_row_opens_by_the_keyboard_and_shows_its_focus(show: Shown, report: str) -> None:
    page = show(report)
    tab_to(page, "beta SUMMARY")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    row = page.locator(".doc[data-name=beta]")
    expect(row.locator(".text")).to_be_visible()
    expect(row.locator(".answer-0")).to_be_visible()
    expect(row.locator(".answer-1")).to_be_hidden()
    tab_to(page, "beta INPUT")
    page.keyboard.press("ArrowRight")
    expect(row.locator(".answer-0")).to_be_hidden()
    expect(row.locator(".answer-1 .failure")).to_contain_text("CallTimedOut")
    tab_to(page, "beta A")
    page.keyboard.press("Enter")
    assert page.locator(":target").inner_text() in row.locator(".text").inner_text()


def test_counts_are_shown_on_demand(show: Shown, report: str) -> None:
    page = show(report)
    counts = page.locator(".matrix .counts").first
    expect(counts).to_be_hidden()
    page.get_by_label("Show correct, wrong, missed and invented").check()
    expect(counts).to_be_visible()


def names(page: Page) -> list[str]:
    return [one.inner_text() for one in page.locator(".doc:visible .name").all()]


def test_rows_are_found_and_ordered(show: Shown, report: str) -> None:
    page = show(report)
    assert names(page) == ["beta", "gamma", "alpha"]
    page.get_by_label("Order").select_option("by name")
    assert names(page) == ["alpha", "beta", "gamma"]
    page.get_by_label("Order").select_option("worst for bare")
    assert names(page) == ["gamma", "alpha", "beta"]
    page.get_by_label("Show", exact=True).select_option("failed")
    assert names(page) == ["beta"]
    page.get_by_label("Show", exact=True).select_option("all")
    page.get_by_label("Find").fill("LIBRARY opens")
    assert names(page) == ["gamma"]
    expect(page.locator("#shown")).to_have_text("1 of 3")


def test_without_script_all_is_there_but_filter_and_order(show: Shown, report: str) -> None:
    page = show(report, java_script_enabled=False)
    expect(page.locator(".tools")).to_be_hidden()
    assert page.locator(".doc").count() == 3
    row = page.locator(".doc[data-name=alpha]")
    row.locator("summary").first.click()
    expect(row.locator(".text")).to_be_visible()
    row.get_by_label("terse").check()
    expect(row.locator(".answer-1 .fault").first).to_be_visible()
    expect(row.locator(".answer-0")).to_be_hidden()


# ── By eye ─────────────────────────────────────────────────────────────────────────────────────────────────────────

CONTRAST = """() => {
  const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ground = (one) => {
    const own = rgb(getComputedStyle(one).backgroundColor);
    return own[3] === 0 ? ground(one.parentElement) : own;
  };
  const told = {};
  for (const one of document.querySelectorAll("body *")) {
    const words = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!words || !one.checkVisibility() || one.closest("script, style, desc, title")) continue;
    const style = getComputedStyle(one);
    const ink = one instanceof SVGElement ? style.fill : style.color;
    const [high, low] = [light(rgb(ink)), light(ground(one))].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    const name = one.tagName + "." + one.getAttribute("class");
    told[name] = Math.min(told[name] ?? 99, ratio);
  }
  return told;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_words_keep_their_contrast(show: Shown, report: str, scheme: str) -> None:
    page = show(report, color_scheme=scheme)
    page.get_by_label("Show correct, wrong, missed and invented").check()
    open_all(page)
    ratios = page.evaluate(CONTRAST)
    assert len(ratios) > 30
    assert {name: ratio for name, ratio in ratios.items() if ratio < 4.5} == {}


def test_dark_is_dark(show: Shown, report: str) -> None:
    def paper(scheme: str) -> int:
        told = show(report, color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in told.strip("rgb()").split(","))

    assert paper("light") > 700
    assert paper("dark") < 150


def test_marks_are_told_apart_without_colour(show: Shown, report: str) -> None:
    page = show(report)
    gold, answer = page.locator("p .m.g"), page.locator("p .m.answered")
    edges = """(one) => [getComputedStyle(one).borderTopColor, getComputedStyle(one).borderBottomColor]
        .map((colour) => colour === 'rgba(0, 0, 0, 0)')"""
    assert (gold.evaluate(edges), answer.evaluate(edges)) == ([True, False], [False, True])
    open_all(page)
    marked = page.locator(".doc[data-name=alpha] .text .g").first
    assert marked.evaluate(edges) == [True, False]


@pytest.mark.parametrize("which", ["report", "harmful"])
def test_a_phone_scrolls_down_only(show: Shown, which: str, request: pytest.FixtureRequest) -> None:
    page = show(request.getfixturevalue(which), viewport={"width": 360, "height": 740})
    open_all(page)
    page.locator("#show-counts").check()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_what_is_for_the_hand_is_not_printed(show: Shown, report: str) -> None:
    page = show(report)
    page.emulate_media(media="print")
    for name in (".tools", "nav", ".switch"):
        expect(page.locator(name)).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
