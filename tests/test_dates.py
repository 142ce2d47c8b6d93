"""Dates: known answers in data/dates.toml, the laws that hold for any text, and the real reports' own lines."""

import json
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from growing import growth
from hypothesis import given
from hypothesis import strategies as st

from extractor.datelines import dateline
from extractor.dates import periods, resolve

KNOWN = tomllib.loads((Path(__file__).parent / "data" / "dates.toml").read_text(encoding="utf-8"))
REPORTS = Path(__file__).parents[2] / "shared" / "reports"
MONTHS = [date(2000, month, 1).strftime("%B") for month in range(1, 13)]


def label(case: dict) -> str:
    return " | ".join(str(case[key]) for key in ("text", "words", "quote", "part", "published") if case.get(key))[:80]


@pytest.mark.parametrize("case", KNOWN["periods"], ids=label)
def test_periods(case):
    found = [[p.words, p.first or "", p.last or ""] for p in periods(case["text"], case.get("published"))]
    assert found == case["found"]


@pytest.mark.parametrize("case", KNOWN["ends"], ids=label)
def test_each_end_has_its_words(case):
    (period,) = periods(case["text"])
    assert [period.first_words, period.last_words] == case["gives"]


@pytest.mark.parametrize("case", KNOWN["resolve"], ids=label)
def test_resolve(case):
    asked = {key: case[key] for key in ("quote", "part", "published") if key in case}
    resolved = resolve(case["words"], **asked)
    assert (resolved.edtf or "") == case["gives"]
    assert list(resolved.candidates) == case.get("candidates", [])


@pytest.mark.parametrize("case", KNOWN["dateline"], ids=label)
def test_dateline(case):
    found = dateline(case["text"])
    assert ([found.words, found.edtf] if found else None) == case.get("gives")
    assert found is None or case["text"][found.start : found.end] == found.words


DAYS = st.dates(date(1990, 1, 1), date(2049, 10, 31))
FORMATS = {
    "ISO": lambda d: d.isoformat(),
    "slashes": lambda d: f"{d.day:02}/{d.month:02}/{d.year}",
    "dots": lambda d: f"{d.day}.{d.month}.{d.year}",
    "day first": lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    "ordinal": lambda d: f"the {d.day}th of {MONTHS[d.month - 1]}, {d.year}",
    "month first": lambda d: f"{MONTHS[d.month - 1]} {d.day}, {d.year}",
    "short": lambda d: f"{d.day} {MONTHS[d.month - 1][:3]}{'.' * (d.month != 5)} {d.year}",
    "capitals": lambda d: f"{d.day} {MONTHS[d.month - 1].upper()} {d.year}",
    "weekday": lambda d: f"{d:%A}, {d.day} {MONTHS[d.month - 1]}\n{d.year}",
}


@pytest.mark.parametrize("render", FORMATS.values(), ids=FORMATS)
@given(day=DAYS)
def test_a_date_comes_back_from_every_format(render, day):
    (period,) = periods(f"They came on {render(day)} and left.")
    assert period.first == period.last == day.isoformat()
    assert resolve(render(day)).edtf == day.isoformat()


@given(first=DAYS, length=st.integers(1, 60), separator=st.sampled_from([" to ", "–", " - ", " until ", " and "]))
def test_a_range_comes_back_with_its_year_said_once(first, length, separator):
    last = date.fromordinal(first.toordinal() + length)
    ends = [f"{day.day} {MONTHS[day.month - 1]}" for day in (first, last)]
    (period,) = periods(f"between {separator.join(ends)} {last.year}, they")
    assert (period.first, period.last) == (first.isoformat(), last.isoformat())


@given(day=DAYS, gap=st.integers(0, 364))
def test_a_bare_day_is_the_latest_that_is_not_after_the_published_day(day, gap):
    published = date.fromordinal(day.toordinal() + gap)
    if (day.month, day.day) == (2, 29) or published.year > 2049:
        return
    (period,) = periods(f"on {day.day} {MONTHS[day.month - 1]}", published.isoformat())
    latest = max(
        candidate
        for year in (published.year - 1, published.year)
        if (candidate := date(year, day.month, day.day)) <= published
    )
    assert period.first == latest.isoformat()


WORDS = """6 17 31 2013 2016-17 12/09 12/09/2016 December May may march last next this year month week Friday today ago
three early summer term to – - and , . ( ) of the in on between from children Smith £10 16:13"""
PIECES = st.sampled_from([*WORDS.split(), "\n", "\n\n"])
TEXTS = st.text() | st.lists(PIECES, max_size=25).map(" ".join) | st.lists(PIECES, max_size=25).map("".join)
PUBLISHED = st.none() | st.sampled_from(["2017", "2017-02", "2017-02-10", "2016-02-29", "2017-13", "XXXX-02", "soon"])
EDTF = re.compile(r"\d{4}(-\d\d(-\d\d)?)?|XXXX-\d\d(-\d\d)?")


@given(text=TEXTS, published=PUBLISHED)
def test_periods_are_in_order_and_say_their_own_words(text, published):
    reached = 0
    for period in periods(text, published):
        assert reached <= period.start < period.end
        assert text[period.start : period.end] == period.words
        assert period.first_words in period.words
        assert period.last_words in period.words
        assert all(end is None or EDTF.fullmatch(end) for end in (period.first, period.last))
        reached = period.end


@given(text=TEXTS)
def test_a_published_date_never_changes_what_the_text_says_itself(text):
    for alone, settled in zip(periods(text), periods(text, "2017-02-10"), strict=True):
        assert alone.words == settled.words
        assert alone.first is None or alone.first.startswith("XXXX") or alone.first == settled.first


@given(words=TEXTS, quote=TEXTS, part=st.sampled_from(["start", "end"]), published=PUBLISHED)
def test_any_words_resolve_without_an_error(words, quote, part, published):
    resolved = resolve(words, quote=quote, part=part, published=published)
    assert resolved.edtf is None or EDTF.fullmatch(resolved.edtf)
    assert not resolved.candidates or (resolved.edtf or "").startswith("XXXX")


@given(text=TEXTS)
def test_a_dateline_is_a_day_or_a_month_of_the_text(text):
    found = dateline(text)
    assert found is None or (
        text[found.start : found.end] == found.words and date.fromisoformat(f"{found.edtf}-01"[:10])
    )


@pytest.mark.parametrize(
    "piece", ["1 to ", "1 and ", "12, ", "May ", "1.", "Monday, ", " ", "\n", "2013-", "6 May and "]
)
def test_time_grows_with_the_text_and_no_faster(piece):
    assert growth(lambda text: (periods(text, "2017-02-10"), dateline(text)), piece, 5_000) < 24  # 64 if by the square


@pytest.mark.skipif(not REPORTS.exists(), reason="the reports do not stand beside this checkout")
def test_the_inspection_dates_of_real_reports():
    pdfium = pytest.importorskip("pypdfium2")
    read = 0
    for line in (REPORTS / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        path = REPORTS / gold["file"]
        if path.read_bytes()[:4] != b"%PDF":
            continue
        text = pdfium.PdfDocument(path)[0].get_textpage().get_text_range()
        after = re.search(r"Inspection dates?\s*:", text).end()
        period = next(p for p in periods(text) if p.start >= after)
        assert (period.first, period.last) == (gold["inspection_start"], gold["inspection_end"]), gold["file"]
        read += 1
    assert read > 40
