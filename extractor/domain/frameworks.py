"""The inspection frameworks: which one a text names or shows, and what each says about an overall grade."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from extractor.domain.tables import toml
from extractor.folding import Folded


@dataclass(frozen=True)
class FrameworkRow:
    """One framework: its forms are folded, lower case."""

    code: str
    fieldwork: tuple[str, str]
    overall: str
    grades: bool
    named: tuple[str, ...]
    shows: tuple[str, ...]


@cache
def frameworks() -> tuple[FrameworkRow, ...]:
    """Every framework, oldest first."""
    return tuple(
        FrameworkRow(
            row["code"],
            (row["fieldwork"][0], row["fieldwork"][1]),
            row.get("overall", ""),
            row.get("grades", True),
            tuple(row["named"]),
            tuple(row["shows"]),
        )
        for row in toml("frameworks.toml")["framework"]
    )


def named_in(text: str) -> list[tuple[str, int, int]]:
    """Frameworks that the text names, with the offsets of the words in the text, in order."""
    found = [
        (framework.code, match.start(), match.end())
        for framework in frameworks()
        for form in framework.named
        for match in _spoken(form).finditer(text)
    ]
    return sorted(found, key=lambda hit: hit[1])


def shown_by(text: str) -> str | None:
    """The one framework whose own words the text uses most; null where none, or two alike."""
    plain = Folded(text).lower.replace("-", " ")
    scores = [
        (sum(form.replace("-", " ") in plain for form in framework.shows), framework.code) for framework in frameworks()
    ]
    best = sorted(scores, reverse=True)
    return best[0][1] if best[0][0] and best[0][0] > best[1][0] else None


def in_force(on: str | None) -> str | None:
    """The one graded framework under which fieldwork of that date (EDTF) fell; null where none or several."""
    if not on or on.startswith("X"):
        return None
    open_then = [row.code for row in frameworks() if row.grades and could_be(row.code, on)]
    return open_then[0] if len(open_then) == 1 else None


def could_be(code: str, on: str | None) -> bool:
    """Whether fieldwork at that date (EDTF) can have been under this framework; an unknown year leaves it open."""
    if not on or on.startswith("X"):
        return True
    first, last = next(row.fieldwork for row in frameworks() if row.code == code)
    month = on[:7]
    return first[: len(month)] <= month <= (last[: len(month)] or "9999")


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


@cache
def _spoken(form: str) -> re.Pattern[str]:
    words = re.escape(form).replace(r"\ ", r"[\s-]+").replace("'", "['’]")
    return re.compile(rf"\b{words}\b", 0 if form.isupper() else re.IGNORECASE)
