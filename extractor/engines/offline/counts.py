"""Quantities: "1,255 cases open to social care teams", "10 of 22 areas", "a two-week inspection", "no area was …"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from extractor import dates
from extractor.domain.tables import toml
from extractor.engines.offline.reading import Found, Reading, Sentence
from extractor.numerals import Numeral, numerals, qualifier

_AS_OF = re.compile(r"\b(?:as (?:of|at)|at the end of|in|on|at)\s+$", re.IGNORECASE)
_LENGTH = re.compile(
    r"(?P<unit>weeks?|days?)(?:[\s-](?:long\s+)?(?:(?:\w+\s+){0,3}?)(?:inspection|visit|check|review)\b)", re.IGNORECASE
)
_STOP = re.compile(
    r"[,;.:()]|\s(?:and|but|while|when|which|who had|with|although|though|than|because|(?<!looked )after|so)\s"
)
_MEASURE_WORDS = 9


@dataclass(frozen=True)
class _Unit:
    """A counted noun behind a numeral: its words, where they end in the sentence, and whether it counts bodies."""

    words: str
    start: int
    end: int
    national: bool


def counts(reading: Reading) -> list[Found]:
    """Every quantity about the inspection, the service or its children, in order."""
    found: list[Found] = []
    for sentence in reading.sentences:
        found += _of_sentence(reading, sentence)
    return found


def _of_sentence(reading: Reading, sentence: Sentence) -> list[Found]:
    found: list[Found] = []
    last: _Unit | None = None
    numbers = numerals(sentence.text)
    periods = dates.periods(sentence.text) if numbers else []
    as_of = _as_of(sentence.text, periods)
    for numeral in numbers:
        if any(period.start <= numeral.start < period.end for period in periods):
            continue
        length = _LENGTH.match(sentence.text, numeral.end + 1)
        if length:
            found.append(
                _count(reading, sentence, numeral, "length of the inspection", "weeks", "local", None, "count.length")
            )
            if length["unit"].startswith("day"):
                found[-1].values["unit"] = "days"
            continue
        unit = _unit(sentence.text, numeral) or _elided(sentence.text, numeral, last)
        if unit is None or (numeral.value == 0 and not _is_naught(sentence.text, numeral)):
            continue
        last = unit
        end = _measure_end(sentence.text, unit.end)
        measure = sentence.text[unit.start : end].strip(" \n\"'")
        scope = "national" if unit.national else "local"
        found.append(_count(reading, sentence, numeral, measure, unit.words, scope, as_of, "count.noun"))
    return found


def _count(
    reading: Reading,
    sentence: Sentence,
    numeral: Numeral,
    measure: str,
    unit: str,
    scope: str,
    as_of: str | None,
    rule: str,
) -> Found:
    value = int(numeral.value) if numeral.value == int(numeral.value) else numeral.value
    values = {
        "measure": " ".join(measure.split()),
        "value": value,
        "qualifier": qualifier(sentence.text, numeral),
        "unit": "areas" if unit == "area" else " ".join(unit.split()),
        "as_of": as_of,
        "scope": scope,
    }
    return Found(values, (reading.clause(sentence.start + numeral.start, sentence.start + numeral.end),), rule)


def _unit(text: str, numeral: Numeral) -> _Unit | None:
    """The counted noun within four words behind the numeral; "10 of 22 areas" and "five of these" count too."""
    match = _noun_behind().match(text, numeral.end)
    if match and not _STOP.search(text, numeral.end, match.start("noun")):
        national = match["noun"].lower() in toml("units.toml")["national"]
        return _Unit(match["noun"], match.start("noun"), match.end(), national)
    these = re.match(r"\s+of\s+(?:these|them|those)\b", text[numeral.end :])
    if these:
        graded = re.search(r"\b(?:judged|graded|rated)\b", text)
        return _Unit("areas", numeral.start, numeral.end + these.end(), False) if graded else None
    percent = re.match(r"\s?(?:%|per cent|percent)", text[numeral.end :])
    return _Unit("%", numeral.start, numeral.end + percent.end(), False) if percent else None


def _elided(text: str, numeral: Numeral, last: _Unit | None) -> _Unit | None:
    """The noun of the count before, where this one leaves it out: "113 children … and 238 being looked after"."""
    follows = re.match(r"\s+(?=being|who|looked|subject|in care|on )", text[numeral.end :])
    if not (last and follows and numeral.digits):
        return None
    return _Unit(last.words, numeral.end + follows.end(), numeral.end + follows.end(), last.national)


def _measure_end(text: str, start: int) -> int:
    stop = _STOP.search(text, start)
    end = stop.start() if stop else len(text)
    words = list(re.finditer(r"\S+", text[start:end]))
    return start + words[_MEASURE_WORDS - 1].end() if len(words) >= _MEASURE_WORDS else end


def _is_naught(text: str, numeral: Numeral) -> bool:
    """Whether "no" counts areas: "no area was awarded …"; "no children were at risk" counts nothing."""
    return re.match(r"\s+(?:areas?|categor(?:y|ies)|judgements?)\b", text[numeral.end :]) is not None


def _as_of(text: str, periods: list[dates.Period]) -> str | None:
    """The words of the date at which the sentence's numbers held, where it opens with one."""
    for period in periods:
        lead = text[: period.start]
        if _AS_OF.search(lead) and lead.strip().count(" ") < 4:
            return period.words
    return None


@cache
def _noun_behind() -> re.Pattern[str]:
    table = toml("units.toml")
    nouns = sorted({*table["local"], *table["national"], "area"}, key=len, reverse=True)
    spoken = "|".join(re.escape(noun).replace(r"\ ", r"\s+") for noun in nouns)
    of = r"(?:\s+of\s+(?:the\s+)?[0-9a-z-]+)?"
    own = r"(?:\s+(?:of\s+)?(?:the|its|these|those|other|further|different|key|open|new)?)"
    return re.compile(rf"{of}{own}\s*(?:[a-z'-]+\s+){{0,2}}?(?P<noun>{spoken})\b", re.IGNORECASE)
