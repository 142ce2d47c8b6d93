"""Words to EDTF: "last November", "Friday (August 24)", "6 to 17 December 2021".

A text becomes tokens, and each token one letter (its kind). The grammar below is written over those letters, so
that "Monday 6 to Friday 10 February 2023" is `WDsWDMY`. A point is one date; linked points make a chain, which
carries months and years between them; a chain with its years settled is a `Period`. Nothing here guesses: a year
comes from the text's own words or from the published date, or it stays XXXX.
"""

from __future__ import annotations

import calendar
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, NamedTuple


@dataclass(frozen=True)
class Period:
    """One date expression of a text, from its first day, month or year to its last.

    `words` is `text[start:end]`. `first` and `last` are EDTF, equal for a single date, and null where the words
    alone settle nothing ("yesterday" without a published date). `first_words` and `last_words` are the words that
    say each end; where an end lacks a month of its own ("6 to 17 December") the whole expression says both.
    """

    start: int
    end: int
    words: str
    first: str | None
    last: str | None
    first_words: str
    last_words: str


@dataclass(frozen=True)
class Resolved:
    """What some words come to: EDTF, or null where they settle no date.

    `candidates` are the full dates that fit a printed weekday while the year is unsettled. They are for a warning
    and never a value.
    """

    edtf: str | None
    candidates: tuple[str, ...] = ()


# ── Tokens: the words that matter, by kind ─────────────────────────────────────────────────────────────────────────


def _numbered(words: str, first: int) -> dict[str, int]:
    return {word: number for number, word in enumerate(words.split(), first)}


_FULL_MONTHS = _numbered(
    "january february march april may june july august september october november december", first=1
)
_MONTHS = _FULL_MONTHS | {month[:3]: n for month, n in _FULL_MONTHS.items()} | {"sept": 9}
_FULL_WEEKDAYS = _numbered("monday tuesday wednesday thursday friday saturday sunday", first=0)
_WEEKDAYS = _FULL_WEEKDAYS | {day[:3]: n for day, n in _FULL_WEEKDAYS.items()} | {"tues": 1, "thur": 3, "thurs": 3}
_COUNTS = _numbered("one two three four five six seven eight nine ten eleven twelve", first=1) | {"a": 1, "an": 1}

_ALSO_NAMES = {"march", "april", "may", "june", "august"}
"""Months that are also a verb, an adjective or a given name: alone they need a cue."""

_KIND_WORDS = {
    "U": "spring summer autumn winter",
    "H": "term half-term",
    "L": "last",
    "T": "this",
    "N": "next",
    "P": "previous preceding following every each",  # a month of no year that can be known from here
    "E": "earlier later",
    "e": "early late mid end start beginning middle",
    "y": "year years",
    "c": "month months",
    "z": "week weeks fortnight",
    "d": "day days",
    "r": "morning afternoon evening night",
    "R": "today yesterday tomorrow",
    "g": "ago",
    "1": " ".join(_COUNTS),
    "V": "over than under nearly almost about around some roughly approximately",
    "&": "and",
    "s": "to",
    "S": "until till through",
    "B": "between",
    "F": "from",
    "o": "of",
    "t": "the",
    "p": "in during",
    "Q": "on",
    "q": "by since after before around",
    "n": "commencing starting ending",
    "v": "inspection visit report letter meeting review judgement judgment rating deadline figures data result results"
    " monitoring focused unannounced re-inspection reinspection edition issue budget conference election elections",
    "C": "children child young people pupils students families staff social workers cases homes councils authorities"
    " inspectors referrals per percent years schools places adults carers babies boys girls others more of were",
    "l": "act regulations order rules measure directive",
}
_PUNCTUATION = {
    **dict.fromkeys("-‐‑‒–—―─−\ufffe", "-"),
    **dict(zip(",.&/()", ",.&/()", strict=True)),
}
_SLOTS = {  # where a token of a kind goes in a point
    kind: slot
    for slot, kinds in {
        "year": "Y",
        "short_year": "f",
        "years": "k",
        "month": "MAbma",
        "day": "DO",
        "weekday": "Ww",
        "full": "i",
        "iso_month": "j",
        "day_month": "h",
        "word": "RU1",
    }.items()
    for kind in kinds
}


def _by_spelling() -> dict[str, str]:
    """Every listed word in its spellings, and its kind; where a word is listed twice the first kind stands."""
    kinds: dict[str, str] = {}
    for month in _MONTHS:
        kinds[month] = "a" if month in {"may", "march", "mar"} else "m"
        kinds[month.title()] = kinds[month.upper()] = (
            "A" if month in _ALSO_NAMES else "M" if month in _FULL_MONTHS else "b"
        )
    for day in _WEEKDAYS:
        kinds[day.title()] = kinds[day.upper()] = "W" if day in _FULL_WEEKDAYS else "w"
    for kind, words in _KIND_WORDS.items():
        for word in words.split():
            for spelling in (word, word.title(), word.upper()):
                kinds.setdefault(spelling, kind)
    return kinds


_KINDS = _by_spelling()

_FIRST_YEAR, _LAST_YEAR = 1980, 2049
_YEAR = r"(?:19[89]|20[0-4])\d"
_TOKEN = re.compile(
    rf"""
    (?P<iso>{_YEAR}([-/.])\d\d\2\d\d(?!\d))
  | (?P<slashed>\d{{1,2}}([/.-])\d{{1,2}}\4{_YEAR}(?!\d) | (?:\d{{1,2}}/\d{{1,2}}/|\d\d\.\d\d\.)\d\d(?![\d/]|[.,:]\d))
  | (?P<years>{_YEAR}[-–/](?:{_YEAR}|\d\d)(?![\w/-]|\s{{0,4}}(?:{"|".join(month[:3] for month in _FULL_MONTHS)})))
  | (?P<short_year>['’‘]\d\d(?!\w))
  | (?P<owner>['’]s\b)
  | (?P<footnoted>{_YEAR}(?=\.\d{{1,2}}(?![\d%])))
  | (?P<number>[£$€]?\d+(?:[.,:/]\d+)*(?:%|[ ]?(?:st|nd|rd|th)\b|\w*))
  | (?P<week_of>\bw/c\b)
  | (?P<word>(?:half-term|re-inspection)\b|\w+)
  | (?P<mark>[^\w\s])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DAY_NUMBER = re.compile(r"(\d{1,2})( ?(?:st|nd|rd|th))?", re.IGNORECASE)
_DAY_AND_MONTH = re.compile(r"(\d{1,2})/(\d{1,2})")


class _Token(NamedTuple):
    kind: str
    start: int
    end: int
    word: str


def _number_kind(word: str) -> str:
    if len(word) == 4 and word.isdecimal() and _FIRST_YEAR <= int(word) <= _LAST_YEAR:
        return "Y"
    if (day := _DAY_NUMBER.fullmatch(word)) and 1 <= int(day[1]) <= 31:
        return "O" if day[2] else "D"
    if (pair := _DAY_AND_MONTH.fullmatch(word)) and _exists(None, int(pair[2]), int(pair[1])):
        return "h"
    return "#"


def _years_kind(word: str) -> str:
    """`k` for a span of years ("2016-17", "2013/2014"), `j` for the ISO month "2017-02"."""
    first, last = int(word[:4]), int(word[5:])
    if last > first or (last < 100 and (last == (first + 1) % 100 or last > max(12, first % 100))):
        return "k"
    return "j" if word[4] == "-" and 1 <= last <= 12 else "#"


def _word_kind(word: str) -> str:
    return _KINDS.get(word) or ("X" if word[0].isupper() else "x")


# The other kinds:  ' the end of "Monday's"
# M a month · A one that is also a name · b a short one · m, a in small letters (a: may, march)
# W, w a weekday, short · D a day's number · O an ordinal · Y a year · f '13 · k 2016-17 · j 2017-02 · i 04/05/2011
# h 12/09 · K w/c · # any other figure · X, x any other word, with and without a capital · ^ the start of a lone date
_KIND_BY_GROUP: dict[str, Callable[[str], str]] = {
    "iso": lambda word: "i" if _numeric(word) else "#",
    "slashed": lambda word: "i" if _numeric(word) else "#",
    "years": _years_kind,
    "short_year": lambda word: "f",
    "footnoted": lambda word: "Y",
    "number": _number_kind,
    "week_of": lambda word: "K",
    "owner": lambda word: "'",
    "word": _word_kind,
    "mark": lambda word: _PUNCTUATION.get(word, "x"),
}


def _numeric(word: str) -> tuple[int, int, int] | None:
    """(year, month, day) of an all-figures date, day first unless the year stands first; null if there is none."""
    if not word:
        return None
    figures = [int(figure) for figure in re.split(r"[-/.]", word)]
    year, month, day = figures if figures[0] > 31 else figures[::-1]
    year += 2000 if year < 100 else 0
    return (year, month, day) if _exists(year, month, day) else None


def _tokens(text: str) -> Iterator[_Token]:
    """The tokens of `text`, with an `x` wherever an empty line keeps two of them apart."""
    reached = 0
    for match in _TOKEN.finditer(text):
        start, word = match.start(), match[0]
        if start - reached > 1 and text.count("\n", reached, start) > 1:
            yield _Token("x", start, start, "")
        reached = match.end()
        yield _Token(_KIND_BY_GROUP[match.lastgroup or "mark"](word), start, reached, word)


# ── Points: the grammar of one date, over the letters ──────────────────────────────────────────────────────────────

_M = r"(?:[MA]|b(?:\.(?=,?[YDOf]))?)"
_Y = r"(?:o?(?:Y|[LT]y)|,(?:Y(?!C)|[LT]y)|f)"  # 2013 · of last year · , 2013 (but not ", 2000 children") · '13
_W = r"(?:[Ww]\.?,?)"
_VAGUE = r"(?:e[o-]?t?)"  # early · mid- · the end of
_DAY_FIRST = rf"{_W}?t?(?:Oo?|D)(?:{_M}|m|a(?=Y)){_Y}?"
_MONTH_FIRST = rf"(?:(?:{_W}|(?<!p)){_M}t?[DO](?!C){_Y}?|{_M}[DO],?Y)"  # "in May 20 children": a month and a count
_NUMERIC = rf"{_W}?i"
_ONE_DAY = rf"(?:{_NUMERIC}|{_DAY_FIRST}|{_MONTH_FIRST})"
_CUED = (  # a month alone that could be something else needs a word that makes it one
    r"(?<=[p^S])A|(?<=[qFB])A(?!X)|(?<![Xt])A(?=[-s&/]D?[MA])|(?<=[MAb][-sS&/,])A|A(?=,[MA][,&])|A(?=v)"
    r"|(?<=[p^])b(?!X)|(?<=[MAb][-sS&/,])b(?!X)"
)

_FORMS = {
    "aside": rf"(?:(?:L?W|R),?\({_ONE_DAY}\))",  # last Friday (August 24)
    "week_of": rf"(?:z[eno]|K)t?{_ONE_DAY}",  # the week beginning 4 March 2019
    "numeric": _NUMERIC,
    "day_first": _DAY_FIRST,
    "month_first": _MONTH_FIRST,
    "season": rf"{_VAGUE}?(?:UH?o?,?(?:[Yk]|[LT]y)|(?<!t)[LTN]UH?)",
    "month": rf"{_VAGUE}?(?:[LTNP]e?-?{_M}{_Y}?(?!X)|[LTNP]e?-?[MA]|{_M}{_Y})|{_VAGUE}[MA]|M|{_CUED}",
    "day_of_month": r"t?(?:Oo?|Do)[LT]c",  # the 15th of last month
    "bare_numeric": r"h",  # 12/09, in "12/09 to 06/10/2016"
    "years": r"k",
    "iso_month": r"j",
    "ago": r"(?<!V)[D1][yczd]g",
    "unit": r"(?<![tL])(?:E|e)?[LTN][yczr]",  # earlier this year
    "near": r"R(?:\(W\))?",
    "weekday": r"(?<!t)[LTN]W|(?<=[qQFSs^])W|(?<=W[-sS&/])W|W(?=')",
    "day": rf"{_W}?t?[DO](?:,?Y)?(?!C)",  # "6", in "6 to 17 December"
    "year": rf"{_VAGUE}?(?:(?<=[pqQFBS^eo])Y|(?<=Y[-sS&])Y|(?<![l#D])Y(?![C#]))",
}
_POINT = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _FORMS.items()))
_RANGE = re.compile(r",?[-sS]")
_LIST = re.compile(r",?(?:&[pFBQ]?|/)")
_LINKABLE = _FORMS.keys() - {"ago", "unit", "near", "aside", "week_of"}


@dataclass(frozen=True)
class _Point:
    """One date as the text says it: parts that it does not say are null. `shape` is its letters."""

    start: int
    end: int
    form: str
    shape: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    word: str = ""  # of a relative form, lower case
    mark: str = ""  # L, T, N or P (last, this, next, previous) by the month or the season
    year_mark: str = ""  # L or T where the year is said as "last year" or "this year"


@dataclass(frozen=True)
class _Chain:
    """Linked points; `links[n]` stands between points n and n + 1: "-" a range, "&" a list."""

    points: tuple[_Point, ...]
    links: str


def _point(form: str, tokens: list[_Token]) -> Iterator[_Point]:
    """The point that `tokens` say, "impossible" where there is no such day; two of one span for a span of years."""
    tokens = tokens[1:] if tokens[0].kind == "t" else tokens
    shape = "".join(token.kind for token in tokens)
    said = {_SLOTS[token.kind]: token.word.lower() for token in reversed(tokens) if token.kind in _SLOTS}
    mark, year_mark = _MARK.search(shape), _YEAR_MARK.search(shape)
    year, month, day = said.get("year"), said.get("month"), _DAY_NUMBER.match(said.get("day", ""))
    point = _Point(
        tokens[0].start,
        tokens[-1].end,
        form,
        shape,
        year=int(year) if year else 2000 + int(said["short_year"][1:]) if "short_year" in said else None,
        month=_MONTHS[month] if month else None,
        day=int(day[1]) if day else None,
        weekday=_WEEKDAYS.get(said.get("weekday", "")),
        word=said.get("word", ""),
        mark=mark[0] if mark else "",
        year_mark=year_mark[0] if year_mark else "",
    )
    if years := said.get("years"):
        first, last = int(years[:4]), int(years[5:])
        yield replace(point, year=first)
        yield replace(point, year=last if last > 99 else first - first % 100 + last + 100 * (last < first % 100))
    elif full := _numeric(said.get("full", "")):
        yield replace(point, year=full[0], month=full[1], day=full[2])
    elif iso_month := said.get("iso_month"):
        yield replace(point, year=int(iso_month[:4]), month=int(iso_month[5:]))
    elif day_month := _DAY_AND_MONTH.match(said.get("day_month", "")):
        yield replace(point, month=int(day_month[2]), day=int(day_month[1]))
    elif point.month and point.day and not _exists(point.year, point.month, point.day):
        yield replace(point, form="impossible")
    else:
        yield point


_MARK = re.compile(r"[LTNP](?=e?-?[MAbU])")
_YEAR_MARK = re.compile(r"[LT](?=y)")


def _exists(year: int | None, month: int, day: int | None) -> bool:
    """Whether there is such a day; without a year, whether some year has it."""
    return 1 <= month <= 12 and (day is None or 1 <= day <= calendar.monthrange(year or 2000, month)[1])


# ── Chains: points that lend each other a month ────────────────────────────────────────────────────────────────────


def _chains(text: str, *, alone: bool = False) -> list[_Chain]:
    """Every date expression of `text`, in order. `alone`: the text is itself a date, so "May" can be nothing else."""
    tokens = [_Token("^", 0, 0, "")] * alone + list(_tokens(text))
    chains: list[_Chain] = []
    for run in _runs("".join(token.kind for token in tokens)):
        points: list[_Point] = []
        links = ""
        for link, match in run:
            said = list(_point(match.lastgroup or "", tokens[match.start() : match.end()]))
            points += said
            links += link + "-" * (len(said) - 1)
        chains += _complete(points, links)
    return chains


_Run = list[tuple[str, re.Match[str]]]
"""Points yet unread, each with the link before it: "-" a range, "&" a list; empty before the first."""


def _runs(kinds: str) -> Iterator[_Run]:
    """The points, parted where nothing links them. Bare numbers with no date beside them are left out."""
    run: _Run = []
    for match in _POINT.finditer(kinds):
        link = _link(kinds, run[-1][1], match) if run else ""
        if not link:
            if any(earlier.lastgroup != "day" for _, earlier in run):
                yield run
            run = []
        run.append((link, match))
    if any(match.lastgroup != "day" for _, match in run):
        yield run


def _link(kinds: str, before: re.Match[str], match: re.Match[str]) -> str:
    """How a point is linked to the one before it: "-" a range, "&" a list, empty not at all."""
    if not 0 < match.start() - before.end() <= 3 or not {match.lastgroup, before.lastgroup} <= _LINKABLE:
        return ""
    gap = kinds[before.end() : match.start()]
    if gap == ",":  # 9, 10 and 11 March
        listed = kinds[match.end() : match.end() + 1] in {",", "&"}
        return "&" if listed and match.lastgroup in {"day", before.lastgroup} else ""
    between = kinds[max(0, before.start() - 1)] == "B"
    return "-" if _RANGE.fullmatch(gap) or (between and gap == "&") else "&" if _LIST.fullmatch(gap) else ""


def _complete(points: list[_Point], links: str) -> Iterator[_Chain]:
    """The chains of one run: bare days get the month beside them, and a day that gets none parts the run."""
    points = points[:]
    lends_back = {"day_first", "numeric"}  # 6 to 17 December
    for n in range(len(points) - 2, -1, -1):
        point, after = points[n], points[n + 1]
        if point.form == "day" and after.month and after.day and after.form in lends_back | {"day"}:
            points[n] = _lent(point, after, after.day > (point.day or 99))
        elif point.form == "day" and after.form == "day_of_month":  # the 14th and 15th of last month
            points[n] = replace(point, form=after.form, shape=after.shape)
    for n in range(1, len(points)):  # June 10 and 21
        point, before = points[n], points[n - 1]
        if point.form == "day" and not point.month and before.form in {"month_first", "day"} and before.day:
            points[n] = _lent(point, before, before.day < (point.day or 0) and not before.year)
    numeric = any(point.form == "numeric" for point in points)
    stands = [{"day": bool(p.month), "bare_numeric": numeric, "impossible": False}.get(p.form, True) for p in points]
    start = 0
    for n, kept in enumerate([*stands, False]):
        if not kept:
            if start < n:
                yield from _in_order(_Chain(tuple(points[start:n]), links[start : n - 1]))
            start = n + 1


def _lent(point: _Point, neighbour: _Point, ordered: bool) -> _Point:
    fits = ordered and neighbour.month is not None and _exists(point.year, neighbour.month, point.day)
    return replace(point, month=neighbour.month) if fits else point


def _in_order(chain: _Chain) -> Iterator[_Chain]:
    """The chain, parted where a list runs backwards: "in January 2016 and September 2015" is two expressions."""
    values = _values(chain, None)
    start = 0
    for n, link in enumerate(chain.links):
        left, right = values[n] or "", values[n + 1] or ""
        shared = min(len(left), len(right))
        if link == "&" and left[:4].isdecimal() and right[:4].isdecimal() and left[:shared] > right[:shared]:
            yield _Chain(chain.points[start : n + 1], chain.links[start:n])
            start = n + 1
    yield _Chain(chain.points[start:], chain.links[start:])


# ── Values: years carried along a chain, or settled by the published date ──────────────────────────────────────────


def _values(chain: _Chain, today: date | None) -> list[str | None]:
    """EDTF of each point; `today` is the published day, or null."""
    years = [_said_year(point, today) for point in chain.points]
    if today and not any(years) and not any(point.year_mark for point in chain.points):
        years = _settled_years(chain, today)
    else:
        years = _carried(chain, years, strict=True)
    return [
        _RELATIVE[point.form](point, today) if point.form in _RELATIVE else _edtf(year, point.month, point.day)
        for point, year in zip(chain.points, years, strict=True)
    ]


def _edtf(year: int | None, month: int | None, day: int | None) -> str | None:
    """EDTF of the parts; null where they are no date, or no part is said."""
    if month is None:
        return None if year is None else f"{year:04}"
    if not _exists(year, month, day):
        return None
    return f"{'XXXX' if year is None else f'{year:04}'}-{month:02}" + (f"-{day:02}" if day else "")


def _said_year(point: _Point, today: date | None) -> int | None:
    if point.year or not (today and point.year_mark):
        return point.year
    return today.year - (point.year_mark == "L")


def _carried(chain: _Chain, years: list[int | None], *, strict: bool) -> list[int | None]:
    """The years, each missing one taken from the next point, or else the one before, that has a month and a year.

    A range runs forward, so it may cross a year. A list need not: out of order, it gets no year where `strict`.
    """
    years = years[:]
    points = chain.points
    for n in range(len(points) - 2, -1, -1):
        year = years[n + 1]
        if years[n] is None and year is not None and points[n].month and points[n + 1].month:
            late = _later(points[n], points[n + 1])
            years[n] = year - late if not (late and strict and chain.links[n] == "&") else None
    for n in range(1, len(points)):
        year = years[n - 1]
        if years[n] is None and year is not None and points[n].month and points[n - 1].month:
            late = _later(points[n - 1], points[n])
            years[n] = year + late if not (late and strict and chain.links[n - 1] == "&") else None
    return years


def _later(one: _Point, other: _Point) -> bool:
    """Whether `one` stands later in a year than `other`, as far as both say."""
    both_days = one.day is not None and other.day is not None
    return ((one.month or 0), one.day if both_days else 0) > ((other.month or 0), other.day if both_days else 0)


def _settled_years(chain: _Chain, today: date) -> list[int | None]:
    """The years of a chain that says none, by the published day: the past one, unless its words point elsewhere."""
    points = chain.points
    mark = next((point.mark for point in points if point.mark), "")
    lead = 0 if mark == "N" or "&" not in chain.links else len(points) - 1
    years: list[int | None] = [None] * len(points)
    years[lead] = _nearest_year(points[lead], mark, today)
    years = _carried(chain, years, strict=False)
    fits = all(_weekday_fits(point, year) for point, year in zip(points, years, strict=True))
    return years if fits else [None] * len(points)


def _nearest_year(point: _Point, mark: str, today: date) -> int | None:
    """The year of a month or day seen from `today`: "" not after it, L before it, N after it, T the same year."""
    if point.month is None or mark == "P":
        return None
    month, day = point.month, point.day
    now = (today.month, today.day if day else None)
    years = [year for year in range(today.year - 8, today.year + 9) if _exists(year, month, day)]
    here = (month, day) == now
    passed = (month, day or 0) < (now[0], now[1] or 0)
    latest = today.year if passed or (here and mark == "") else today.year - 1
    if mark == "T":
        return today.year
    if mark == "N":
        earliest = today.year + (passed or here)
        return next((year for year in years if year >= earliest), None)
    return max((year for year in years if year <= latest), default=None)


def _weekday_fits(point: _Point, year: int | None) -> bool:
    if None in (point.weekday, year, point.month, point.day):
        return True
    try:
        return date(year or 1, point.month or 1, point.day or 1).weekday() == point.weekday
    except ValueError:
        return False


def _shifted_month(today: date, months: int) -> str:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return f"{year:04}-{month + 1:02}"


def _shifted_day(today: date, days: int) -> str | None:
    try:
        return (today + timedelta(days=days)).isoformat()
    except OverflowError:
        return None


_STEPS = {"L": -1, "T": 0, "N": 1}
_NEAR_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11)}  # winter lies in two years


def _near(point: _Point, today: date | None) -> str | None:
    return _shifted_day(today, _NEAR_DAYS[point.word]) if today else None


def _unit(point: _Point, today: date | None) -> str | None:
    """Say "earlier this year", "last month", "this morning"; a week is no EDTF, so null."""
    if not today:
        return None
    step, unit = _STEPS[point.shape[-2]], point.shape[-1]
    if unit == "r":
        return _shifted_day(today, min(step, 0))
    return {"y": f"{today.year + step:04}", "c": _shifted_month(today, step)}.get(unit)


def _day_of_month(point: _Point, today: date | None) -> str | None:
    """Say "the 15th of last month"."""
    if not today:
        return None
    year, month = map(int, _shifted_month(today, _STEPS[point.shape[-2]]).split("-"))
    return _edtf(year, month, point.day)


def _ago(point: _Point, today: date | None) -> str | None:
    """Say "three years ago": as precise as the unit; a year from twelve months on, and null for weeks."""
    if not today:
        return None
    count = point.day or _COUNTS[point.word]
    months = _shifted_month(today, -count)
    by_unit = {"y": f"{today.year - count:04}", "c": months if count < 12 else months[:4]}
    return _shifted_day(today, -count) if point.shape[-2] == "d" else by_unit.get(point.shape[-2])


def _season(point: _Point, today: date | None) -> str | None:
    """The year that a season stands in: "summer 2011", "last autumn"."""
    year = _said_year(point, today)
    if year or not point.mark or not today or point.word not in _SEASONS:
        return _edtf(year, None, None)
    first, last = _SEASONS[point.word]
    step = {"L": -(today.month <= last), "T": 0, "N": int(today.month >= first)}[point.mark]
    return f"{today.year + step:04}"


def _weekday(point: _Point, today: date | None) -> str | None:
    """Say "last Friday", before today, or "on Friday", which may be today; "this Friday" could be past or to come."""
    if not today or point.weekday is None or "T" in point.shape:
        return None
    back = (today.weekday() - point.weekday) % 7
    if "N" in point.shape:
        return _shifted_day(today, 7 - back)
    return _shifted_day(today, -(back or 7 * ("L" in point.shape)))


_RELATIVE: dict[str, Callable[[_Point, date | None], str | None]] = {
    "near": _near,
    "unit": _unit,
    "day_of_month": _day_of_month,
    "ago": _ago,
    "season": _season,
    "weekday": _weekday,
}

_PUBLISHED = re.compile(r"((?:19|20)\d\d)(?:-(\d\d)(?:-(\d\d))?)?(?!\d)")


def _published_days(published: str | None) -> tuple[date, date] | None:
    """The first and the last day that a published date may mean; null where it says no year."""
    match = _PUBLISHED.match(published or "")
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        last_day = day or calendar.monthrange(year or 0, month or 12)[1]
        return date(year or 0, month or 1, day or 1), date(year or 0, month or 12, last_day)
    except (ValueError, IndexError):
        return None


def _certain(chain: _Chain, published: str | None) -> list[str | None]:
    """EDTF of each point, with what the published date settles whichever day it may mean."""
    own = _values(chain, None)
    days = _published_days(published)
    if days is None:
        return own
    early, late = (_values(chain, day) for day in days)
    return [a if a == b else alone for a, b, alone in zip(early, late, own, strict=True)]


# ── The public three ───────────────────────────────────────────────────────────────────────────────────────────────


def periods(text: str, published: str | None = None) -> list[Period]:
    """Every date expression in `text`, in order, none overlapping, in time linear in its length.

    `published` is the EDTF of the day, month or year on which the text appeared: it settles "last November" and
    the year of a bare month or day. Without it those keep XXXX, and "yesterday" has null for a value.
    """
    return [_period(text, chain, _certain(chain, published)) for chain in _chains(text)]


def _period(text: str, chain: _Chain, values: list[str | None]) -> Period:
    first, last = chain.points[0], chain.points[-1]
    start, end = first.start, last.end
    words = text[start:end]
    whole = "day" in (first.form, last.form)
    first_words, last_words = (words if whole else text[point.start : point.end] for point in (first, last))
    return Period(start, end, words, values[0], values[-1], first_words, last_words)


class _Dated(NamedTuple):
    """A point of a quote with what it comes to by the text alone, and by the published date as well."""

    point: _Point
    own: str | None
    value: str | None


def _dated(chains: list[_Chain], published: str | None) -> list[_Dated]:
    return [
        _Dated(*entry)
        for chain in chains
        for entry in zip(chain.points, _values(chain, None), _certain(chain, published), strict=True)
    ]


def _has_year(edtf: str | None) -> bool:
    return edtf is not None and not edtf.startswith("XXXX")


def resolve(
    words: str, *, quote: str = "", part: Literal["start", "end"] = "start", published: str | None = None
) -> Resolved:
    """What `words` come to, as one end of the period that they may say.

    `quote` is the sentence that they stand in. It completes them: the month of a bare "14", the year printed once
    at the end of a range, or beside a full date of the same sentence within a month. Then `published` may settle the
    year. Null where the words, the quote and the published date settle nothing.
    """
    pick = 0 if part == "start" else -1
    said = _dated(_chains(words.title() if words.islower() else words, alone=True), published)
    mine = said[pick] if said else None
    if mine and _has_year(mine.own):
        return Resolved(mine.own)
    around = _dated(_chains(quote), published)
    places = _places(words, quote)
    twin = _twin(words, mine, around, places, pick)
    point = _merged(mine, twin) or _bare_day(words)
    if point is None:
        return Resolved(None)
    place = twin.point.start if twin else places[0][0] if places else None
    carried = None if place is None or (twin and _has_year(twin.own)) else _beside(point, place, around, quote)
    if carried:
        return Resolved(carried)
    edtf = _best(point, [twin.own if twin else None, twin.value if twin else None, mine.value if mine else None])
    return Resolved(edtf, _candidates(edtf, point.weekday))


def _places(words: str, quote: str) -> list[tuple[int, int]]:
    """Where `words` stand in `quote`, whatever the white space and the case."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    return [m.span() for m in re.finditer(rf"(?<!\w){pattern}(?!\w)", quote, re.IGNORECASE)] if pattern else []


def _twin(
    words: str, mine: _Dated | None, around: list[_Dated], places: list[tuple[int, int]], pick: int
) -> _Dated | None:
    """The date of the quote that `words` mean: the one printed in their place, or the only one that agrees."""
    touched = [[d for d in around if d.point.start < end and start < d.point.end] for start, end in places]
    inside = [
        [d for d in found if start <= d.point.start and d.point.end <= end]
        for (start, end), found in zip(places, touched, strict=True)
    ]
    wanted = mine.point if mine else _bare_day(words)
    located = next(filter(None, inside + touched), [])
    if wanted and wanted.form == "day":
        located = [d for d in located if d.point.day == wanted.day]
    if located or places:
        return located[pick] if located else None
    alike = [d for d in around if wanted and _agrees(wanted, d.point)]
    return alike[pick] if len({(d.own or "")[:4] for d in alike}) == 1 else None


def _agrees(wanted: _Point, other: _Point) -> bool:
    """Whether `other` has the month and the day that `wanted` says; a point that says neither agrees with none."""
    pairs = [(wanted.month, other.month), (wanted.day, other.day)]
    said = [(mine, theirs) for mine, theirs in pairs if mine is not None]
    return bool(said) and all(mine == theirs for mine, theirs in said)


def _bare_day(words: str) -> _Point | None:
    """The point that "14" or "the 14th" says; null for any other words."""
    match = _DAY_NUMBER.fullmatch(words.strip().lower().removeprefix("the ").strip())
    day = int(match[1]) if match else 0
    return _Point(0, 0, "day", "D", day=day) if 1 <= day <= 31 else None


def _merged(mine: _Dated | None, twin: _Dated | None) -> _Point | None:
    """The words' own point, as precise as they are, with the weekday that their twin in the quote adds."""
    if mine and twin and mine.point.month and not twin.point.month:
        return mine.point
    if mine and twin and mine.point.month:
        return replace(mine.point, weekday=mine.point.weekday if mine.point.weekday is not None else twin.point.weekday)
    return twin.point if twin else mine.point if mine else None


def _best(point: _Point, values: list[str | None]) -> str | None:
    """The first value with a year, or else the first at all, cut to the precision of the words' own point."""
    value = next(filter(_has_year, values), None) or next(filter(None, values), None)
    if value is None or point.month is None or not value[5:]:
        return value
    year = int(value[:4]) if _has_year(value) else None
    return _edtf(year, point.month, point.day)


_SENTENCE_END = re.compile(r"[.!?][\"'’”)]*\s+(?=[\"'‘“(]?[A-Z])")
_BESIDE = timedelta(days=31)


def _beside(point: _Point, place: int, around: list[_Dated], quote: str) -> str | None:
    """The date that a neighbour in the same sentence completes: within a month, and in the order of the text."""
    ends = [match.end() for match in _SENTENCE_END.finditer(quote)]
    sentence = bisect_left(ends, place + 1)
    neighbours = sorted(around, key=lambda dated: abs(dated.point.start - place))
    for dated in neighbours:
        here = dated.point.start != place and bisect_left(ends, dated.point.start + 1) == sentence
        if here and (found := _completed(point, dated.value or "", earlier=dated.point.start < place)):
            return found
    return None


def _completed(point: _Point, neighbour: str, *, earlier: bool) -> str | None:
    """`point` with what it lacks taken from `neighbour`, the EDTF of a day that the text gives `earlier` or after."""
    if point.day is None or len(neighbour) < 10:
        return None
    year = int(neighbour[:4]) if _has_year(neighbour) else None
    month, day = int(neighbour[5:7]), int(neighbour[8:])
    if point.month is None:
        ordered = point.day > day if earlier else point.day < day
        return _edtf(year, month, point.day) if ordered else None
    for candidate in (year - 1, year, year + 1) if year else ():
        if _exists(candidate, point.month, point.day) and _weekday_fits(point, candidate):
            gap = date(candidate, point.month, point.day) - date(year or 0, month, day)
            if timedelta(0) <= (gap if earlier else -gap) <= _BESIDE:
                return _edtf(candidate, point.month, point.day)
    return None


_CANDIDATE_YEARS = range(2009, 2028)
"""The years of the frameworks."""


def _candidates(edtf: str | None, weekday: int | None) -> tuple[str, ...]:
    """The full dates that fit a weekday, while the year is not settled."""
    if edtf is None or weekday is None or len(edtf) < 10 or _has_year(edtf):
        return ()
    month, day = int(edtf[5:7]), int(edtf[8:])
    days = [date(year, month, day) for year in _CANDIDATE_YEARS if _exists(year, month, day)]
    return tuple(day.isoformat() for day in days if day.weekday() == weekday)
