"""The inspection frameworks: which one a text names or shows, and what each says about an overall grade."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from extractor.domain.tables import toml

_WORD = re.compile(r"[a-z]+")
_NEWS_FOR = 8  # months in which a framework's last inspections are told as news


@dataclass(frozen=True)
class FrameworkRow:
    """One framework: its forms are folded, lower case."""

    code: str
    fieldwork: tuple[str, str]
    by: frozenset[str]
    overall: str
    grades: bool
    named: tuple[str, ...]
    shows: tuple[str, ...]
    whole: frozenset[str]
    titles: tuple[str, ...]


@cache
def frameworks() -> tuple[FrameworkRow, ...]:
    """Every framework, oldest first."""
    return tuple(
        FrameworkRow(
            row["code"],
            (row["fieldwork"][0], row["fieldwork"][1]),
            frozenset(row.get("by", ["Ofsted"])),
            row.get("overall", ""),
            row.get("grades", True),
            tuple(row["named"]),
            tuple(row["shows"]),
            frozenset(row.get("whole", [])),
            tuple(row.get("titles", [])),
        )
        for row in toml("frameworks.toml")["framework"]
    )


def named_in(text: str) -> list[tuple[str, int, int]]:
    """Frameworks that the text names, with the offsets of the words in the text, in order."""
    held = set(_WORD.findall(text.lower()))
    found = [
        (framework.code, match.start(), match.end())
        for framework in frameworks()
        for form in framework.named
        if held.issuperset(_WORD.findall(form.lower()))
        for match in _spoken(form).finditer(text)
    ]
    return sorted(found, key=lambda hit: hit[1])


def shown_by(text: str, among: Collection[str] | None = None) -> str | None:
    """The one framework, of these if given, whose own words the text uses most; null where none, or two alike."""
    plain = _plain(text)
    scores = [
        (sum(form.replace("-", " ") in plain for form in framework.shows), framework.code)
        for framework in frameworks()
        if among is None or framework.code in among
    ]
    best = sorted(scores, reverse=True)
    return best[0][1] if best and best[0][0] and [score for score, _ in best].count(best[0][0]) == 1 else None


def whole_in(text: str) -> frozenset[str]:
    """The words by which the framework that the text shows means all that it inspected; empty where none is shown."""
    code = shown_by(text)
    return next((row.whole for row in frameworks() if row.code == code), frozenset())


def in_force(on: str | None, by: Collection[str] = ()) -> str | None:
    """The one graded framework for fieldwork of that date (EDTF) by these inspectorates; null where none or several."""
    if not on or on.startswith("X"):
        return None
    then = [row for row in frameworks() if row.grades and row.fieldwork[0] and could_be(row.code, on)]
    return then[0].code if len(then) == 1 and then[0].by.issuperset(by) else None


def titled(title: str) -> str | None:
    """The framework that a report's title is that of, by its longest form in it; null where it has none."""
    plain = _plain(title)
    forms = [(len(form), row.code) for row in frameworks() for form in row.titles if form in plain]
    return max(forms)[1] if forms else None


def could_be(code: str, on: str | None) -> bool:
    """Whether fieldwork at that date (EDTF) can have been under this framework; an unknown year leaves it open."""
    if not on or on.startswith("X"):
        return True
    first, last = next(row.fieldwork for row in frameworks() if row.code == code)
    month = on[:7]
    return first[: len(month)] <= month <= (last[: len(month)] or "9999")


def possible(fieldwork: str | None, published: str | None) -> list[str]:
    """The frameworks that fieldwork of that date can have been under, told in a document of that date (both EDTF)."""
    return [row.code for row in frameworks() if could_be(row.code, fieldwork) and _can_be_news(row, published)]


def _can_be_news(row: FrameworkRow, published: str | None) -> bool:
    """Whether the framework had begun by then and not long ended; an unknown year leaves it open."""
    if not published or published.startswith("X"):
        return True
    first, last = row.fieldwork
    return first[: len(published)] <= published and (not last or _months(published) <= _months(last) + _NEWS_FOR)


def _months(edtf: str) -> int:
    """The months up to a date; of a year alone, up to its first."""
    return int(edtf[:4]) * 12 + int(edtf[5:7] or 1)


def fieldwork(code: str | None) -> tuple[str, str] | None:
    """The first and last month of the framework's fieldwork, "" where open; null for none."""
    return next((row.fieldwork for row in frameworks() if row.code == code), None)


def means_whole(words: str, on: str | None) -> bool:
    """Whether a framework of that date (EDTF) calls all that it inspects so; false where the year is unknown."""
    return (
        bool(on)
        and not str(on).startswith("X")
        and any(words in row.whole and could_be(row.code, on) for row in frameworks())
    )


def has_overall(code: str | None, on: str | None) -> bool:
    """Whether inspections of this framework, with fieldwork at that date, give one overall grade."""
    row = next((framework for framework in frameworks() if framework.code == code), None)
    if row is None:
        return True
    if row.overall == "halves":
        return False
    ended = re.fullmatch(r"from (\S+) none", row.overall)
    return not (ended and on and not on.startswith("X") and on[:7] >= ended[1])


def gives_grades(code: str | None) -> bool:
    """Whether inspections of this framework give grades at all."""
    return all(framework.grades for framework in frameworks() if framework.code == code)


def _plain(text: str) -> str:
    """A text as forms are looked for in it: small letters, one kind of apostrophe and of white space, no hyphens."""
    return " ".join(text.lower().replace("’", "'").replace("‘", "'").replace("-", " ").split())


@cache
def _spoken(form: str) -> re.Pattern[str]:
    words = re.escape(form).replace(r"\ ", r"[\s-]+").replace("'", "['’]")
    return re.compile(rf"\b{words}\b", 0 if form.isupper() else re.IGNORECASE)
