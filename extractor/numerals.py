"""Numbers in a text, in digits and in words: what each is worth and where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_ONES = {
    word: number
    for number, word in enumerate(
        [
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
            *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        ]
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_OTHERS = {"no": 0, "none": 0, "nil": 0, "nothing": 0, "once": 1, "twice": 2, "both": 2, "dozen": 12}
_DIGIT, _LETTERS = re.compile("[0-9]"), re.compile("[a-z]+")
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "m": 1_000_000, "k": 1_000}
_WORDS = {*_ONES, *_TENS, *_OTHERS, *_SCALES}


@dataclass(frozen=True)
class Numeral:
    """A number said in a text: text[start:end] is worth `value`. `digits` tells 12 from twelve."""

    start: int
    end: int
    value: float
    digits: bool


def numerals(text: str) -> list[Numeral]:
    """Every number in the text, in order: 1,255; 4.9; twenty-five; two hundred and one; 1.2 million; no, none as 0."""
    if not _DIGIT.search(text) and _WORDS.isdisjoint(_LETTERS.findall(text.lower())):
        return []
    return [
        Numeral(match.start(), match.end(), _worth(match), match["digits"] is not None)
        for match in _pattern().finditer(text)
    ]


def qualifier(text: str, numeral: Numeral) -> str:
    """What the words right before a number make of it: about, over, under, up to; exact where they make nothing."""
    before = text[: numeral.start]
    if _NO_MORE.search(before):
        return "up to"
    return next((name for name, pattern in _QUALIFIERS.items() if pattern.search(before)), "exact")


_NO_MORE = re.compile(r"\b(?:no|nobody|none|never|not|n't)\b[^.;,]{0,40}\b(?:more than|over|above)\s+$", re.IGNORECASE)
_QUALIFIERS = {
    "about": re.compile(r"\b(?:about|around|roughly|some|nearly|almost|approximately|close to)\s+$", re.IGNORECASE),
    "over": re.compile(r"\b(?:more than|over|above|at least|exceeding|upwards of)\s+$", re.IGNORECASE),
    "under": re.compile(r"\b(?:fewer than|less than|under|below)\s+$", re.IGNORECASE),
    "up to": re.compile(r"\b(?:up to|as many as|a maximum of)\s+$", re.IGNORECASE),
}


def _worth(match: re.Match[str]) -> float:
    if match["digits"]:
        return float(match["digits"].replace(",", "")) * _SCALES.get((match["scale"] or "").lower(), 1)
    total = part = 0
    for word in re.findall(r"[a-z]+", match["words"].lower()):
        if word == "hundred":
            part = (part or 1) * 100
        elif word in _SCALES:
            total, part = total + (part or 1) * _SCALES[word], 0
        else:
            part += (_ONES | _TENS | _OTHERS).get(word, 0)
    return total + part


@cache
def _pattern() -> re.Pattern[str]:
    ones, tens = "|".join(_ONES), "|".join(_TENS)
    unit = rf"(?:(?:{tens})(?:[\s-](?:{ones}))?|{ones})"
    scaled = rf"\s(?:hundred|thousand|million)(?:,?\s(?:and\s)?{unit})?"
    words = rf"(?:{unit}(?:{scaled})*|a(?:{scaled})+|{'|'.join(_OTHERS)})"
    digits = r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?"
    return re.compile(
        rf"(?<![\w.,])(?<![A-Za-z]-)(?:(?P<digits>{digits})(?:\s?(?P<scale>thousand|million|[mk]))?"
        rf"|(?P<words>{words}))(?!\w)",
        re.IGNORECASE,
    )
