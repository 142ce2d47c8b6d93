"""How grades are said: which grade forms a text holds, and where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from extractor.domain.tables import toml


@dataclass(frozen=True)
class GradeWord:
    """A grade's form in a text: `text[start:end]` says `grade`."""

    start: int
    end: int
    grade: str


def grade_words(text: str, *, read: bool = False) -> list[GradeWord]:
    """Every grade form in the text, in order; with `read` only forms strong enough for a rule to read a grade from."""
    pattern, meant = _forms(read)
    return [
        GradeWord(match.start(), match.end(), grade)
        for match in pattern.finditer(text)
        for grade in meant[" ".join(match[0].lower().replace("-", " ").split())]
    ]


@cache
def _forms(read: bool) -> tuple[re.Pattern[str], dict[str, tuple[str, ...]]]:
    meant: dict[str, tuple[str, ...]] = {}
    for row in toml("grades.toml")["form"]:
        for form in row["words"] if row.get("reads", True) or not read else ():
            meant[form] = (*meant.get(form, ()), row["grade"])
    longest_first = sorted(meant, key=len, reverse=True)
    alternatives = "|".join(re.escape(form).replace(r"\ ", r"[\s-]+") for form in longest_first)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w])", re.IGNORECASE), meant
