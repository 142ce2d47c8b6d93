"""Numbers in a text, in digits and in words: what each is worth and where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_UNITS = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "m": 1_000_000, "k": 1_000, "dozen": 12}
_NAUGHT = ("no", "none", "nil", "nothing")
_MULTIPLE = {"once": 1, "twice": 2, "both": 2}


@dataclass(frozen=True)
class Numeral:
    """A number said in a text: text[start:end] is worth `value`. `digits` tells 12 from twelve."""

    start: int
    end: int
    value: float
    digits: bool


def numerals(text: str) -> list[Numeral]:
    """Every number in the text, in order: 1,255; 4.9; twenty-five; two hundred; 1.2 million; no and none as 0."""
    return [
        Numeral(match.start(), match.end(), _worth(match), match["digits"] is not None)
        for match in _pattern().finditer(text)
    ]


def _worth(match: re.Match[str]) -> float:
    scale = _SCALES.get((match["scale"] or "").lower(), 1)
    if match["digits"]:
        return float(match["digits"].replace(",", "")) * scale
    words = re.split(r"[\s-]+", match["words"].lower())
    return sum(_word_values()[word] for word in words) * scale


@cache
def _word_values() -> dict[str, int]:
    values = {word: number for number, word in enumerate(_UNITS)}
    values |= {word: 10 * number for number, word in enumerate(_TENS, start=2)}
    return values | dict.fromkeys(_NAUGHT, 0) | _MULTIPLE


@cache
def _pattern() -> re.Pattern[str]:
    units, tens = "|".join(_UNITS), "|".join(_TENS)
    others = "|".join((*_NAUGHT, *_MULTIPLE))
    scales = "|".join(word for word in _SCALES if len(word) > 1)
    return re.compile(
        rf"(?<![\w.,-])(?:(?P<digits>[0-9]{{1,3}}(?:,[0-9]{{3}})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
        rf"|(?P<words>(?:{tens})(?:[\s-](?:{units}))?|{units}|{others}))"
        rf"(?:\s?(?P<scale>{scales}|(?<=[0-9])[mk]))?(?![\w])",
        re.IGNORECASE,
    )
