"""Quantities: "1,255 cases open to social care teams", "10 of 22 areas", "a two-week inspection", "no area was …"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from extractor import dates
from extractor.domain.grades import grade_words
from extractor.domain.tables import toml
from extractor.engines.offline.found.clauses import first_verb
from extractor.engines.offline.reading import Found, Reading, Sentence
from extractor.numerals import Numeral, numerals, qualifier

_AS_OF = re.compile(r"\b(?:as (?:of|at)|at the end of|by|in|on|at)\s+$", re.IGNORECASE)
_WHEN = re.compile(r"[^,;.()]{0,50}\b(?:in|on|at|at the end of|by|as at)\s+(?:the end of\s+)?$", re.IGNORECASE)
_STOP = re.compile(
    r"[,;.:()]|\s(?:and|but|while|when|which|who had|with|although|though|than|because|(?<!looked )after|so)\s"
)
_MEASURE_WORDS = 9
_LONGEST_MEASURE = 200
_LONG = re.compile(r"[\s-](?P<unit>weeks?|days?)\b", re.IGNORECASE)
_LONG_VISIT = re.compile(r"[\s-](?:long\s+)?(?:\w+\s+){0,3}?(?:inspection|visit|check|review)\b", re.IGNORECASE)
_STAYED = re.compile(
    r"\b(?:inspect\w*|Ofsted|team|HMI|colleagues|they|watchdog|report)\b[^.;]{0,90}?\b(?:for|spent|lasted|over|follows"
    r"|followed|draws on|drew on|took)\s+(?:about\s+|nearly\s+|some\s+)?$",
    re.IGNORECASE,
)
_THERE = re.compile(
    r"\s+(?:in|at|on site|with us|here|there|inspecting|looking|visiting|of inspection)\b|[,.]", re.IGNORECASE
)
_CASELOADS = re.compile(
    r"\b(?:average\s+)?(?:caseload|workload)s?\b"
    r"(?:\s+(?:in|of|for)\s+the\s+[a-z ]{3,30}?(?=\s+(?:has|have|was|were|is|had)))?"
)
_BEFORE_CASELOAD = re.compile(
    r"(?:\b(?:of|at|from|to|was|is|were|are|than|against|around|about|as many as"
    r"|over|under|below|some|with|had|average),?\s+){1,3}$"
)
_OF_WHICH = re.compile(
    r"\s+(?:of\s+(?:them|these|those)\b|(?:more\s+|others?\s+)?(?:are|were|was|is|had|have|held|showed|lived|live|met|led|did|been)\b)"
)
_OF_WHOM = re.compile(r"\bof (?:whom|which)(?: only| just)?\s+$")
_ON_PLANS = re.compile(
    r"\s+(?:(?:were|are|was)\s+)?(?:(?:the\s+)?subject (?:of|to)\s+(?:an?\s+)?|on\s+|with\s+|had\s+)"
    r"(?:child\s+)?protection\s+plans?\b"
)
_PLAINLY = re.compile(r"\s+(?=being|who|looked|subject|in care|on |with )")
_AGAINST = re.compile(r"\b(?:against|compared (?:with|to)|down from|up from|from|to|than|rise from|fall from)\s+$")
_GRADED = re.compile(
    r"\s+(?:others?\s+)?(?:(?:are|were|was|is|at)\s+|to be\s+|(?:judged|rated|graded|found(?: to be)?)\s+){0,2}['\"]?$"
)
_PERCENT = re.compile(r"\s?(?:%|per\s?cent\b|percent\b)")
_MONEY = re.compile(r"£$")
_ENGLAND = re.compile(r"\b(?:England|Britain|nationally|national (?:average|figure)|the country)\b")
_DATED = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\b(?:19|20)[0-9]{2}\b|[0-9][/.][0-9]{1,2}[/.]|day\b"
    r"|\b(?:last|this|next) |spring|summer|autumn|winter|easter|christmas",
    re.IGNORECASE,
)
_NUMBERING = re.compile(r"[0-9]+(?:\.[0-9]+)*[.)]?\s+[A-Z]")
_AGED = re.compile(r"\b(?:under|over|aged?|turn(?:ed|ing)?|of)\s+$", re.IGNORECASE)
_OLDEST, _MANY = 25, 10
_FURTHEST = 250
_ORDINAL = re.compile(
    r"\b(?:page|pages|aged?|section|chapter|article|number|no\.?|grade|year|issue|paragraph|judgement)\s+$",
    re.IGNORECASE,
)
_FRACTION = re.compile(
    r"\b(?P<how>(?:well |just |slightly )?(?:over|under|more than|less than|fewer than|nearly|almost|about|around)\s+)?"
    r"(?:(?P<part>three[ -]quarters|two[ -]thirds|half|(?:a|one)[ -](?:third|quarter|fifth|tenth)"
    r"|(?:the |a )(?:(?:vast|large|significant|small|sizeable) )?(?:majority|minority))\s+of\s+"
    r"|(?P<most>nearly all|almost all|most)\s+(?:of\s+)?)(?:the\s+|its\s+|all\s+|those\s+)*(?:[0-9,]+\s+)?",
    re.IGNORECASE,
)
_PARTS = ("half", "third", "quarter", "fifth", "tenth", "ority", "most", "all ")
_SHARES = {"three quarters": 75, "tenth": 10}


@dataclass(frozen=True)
class _Unit:
    """A counted noun behind a numeral: its words, where they end in the sentence, and whether it counts bodies."""

    words: str
    start: int
    end: int
    national: bool
    rule: str = "count.noun"
    measure: str | None = None


@dataclass(frozen=True)
class _Place:
    """A numeral in its sentence, with the unit counted last before it; `since` is where the one before it ends."""

    text: str
    numeral: Numeral
    last: _Unit | None
    since: int

    @property
    def before(self) -> str:
        """What stands before the numeral, as far as it matters."""
        return self.text[max(0, self.numeral.start - _FURTHEST) : self.numeral.start]


def counts(reading: Reading) -> list[Found]:
    """Every quantity about the inspection, the service or its children, in order."""
    found: list[Found] = []
    last: _Unit | None = None
    paragraph = -1
    for sentence in reading.sentences:
        last = last if sentence.paragraph == paragraph else None
        paragraph = sentence.paragraph
        for one, unit in _of_sentence(reading, sentence, last):
            found.append(one)
            last = unit
        found += _fractions(reading, sentence)
    return found


def _of_sentence(reading: Reading, sentence: Sentence, last: _Unit | None) -> Iterator[tuple[Found, _Unit]]:
    text = sentence.text
    numbers = numerals(text)
    periods = dates.periods(text) if numbers and _DATED.search(text) else []
    since = 0
    said_otherwise = [(period.start, period.end) for period in periods] if numbers else []
    if numbers and _may_share(text):
        said_otherwise += [match.span() for match in _FRACTION.finditer(text)]
    for numeral in numbers:
        if any(start <= numeral.start < end for start, end in said_otherwise):
            continue
        place = _Place(text, numeral, last, since)
        since = numeral.end
        unit = next((unit for rule in _RULES if (unit := rule(place))), None)
        if unit is None or not _counts(place, unit):
            continue
        last = unit
        measure = unit.measure or text[unit.start : _measure_end(text, unit.end)].strip(" \n\"'").removeprefix("of ")
        scope = "national" if unit.national or _is_national(place) else "local"
        yield _count(reading, sentence, numeral, measure, unit, scope, _as_of(place, unit, periods)), unit


def _count(
    reading: Reading, sentence: Sentence, numeral: Numeral, measure: str, unit: _Unit, scope: str, as_of: str | None
) -> Found:
    value = int(numeral.value) if numeral.value == int(numeral.value) else numeral.value
    values = {
        "measure": " ".join(measure.split()),
        "value": value,
        "qualifier": qualifier(sentence.text, numeral),
        "unit": "areas" if unit.words == "area" else " ".join(unit.words.split()),
        "as_of": as_of,
        "scope": scope,
    }
    span = reading.clause(sentence.start + numeral.start, sentence.start + numeral.end)
    return Found(values, (span,), unit.rule)


# ── the units, tried in turn ─────────────────────────────────────────────────────────────────────────────────────────


def _length(place: _Place) -> _Unit | None:
    """How long the inspection took: "a two-week inspection", "they were in Shropshire for four weeks"."""
    long = _LONG.match(place.text, place.numeral.end)
    if long is None:
        return None
    visit = _LONG_VISIT.match(place.text, long.end())
    stayed = _STAYED.search(place.before) and _THERE.match(place.text, long.end())
    if not (visit or stayed or re.match(r" on site\b", place.text[long.end() :])):
        return None
    unit = "days" if long["unit"].lower().startswith("day") else "weeks"
    return _Unit(unit, place.numeral.start, long.end(), False, "count.length", "length of the inspection")


def _caseload(place: _Place) -> _Unit | None:
    """A number behind "caseload": "caseloads of more than 25", "the average caseload has come down from 29 to 21"."""
    said = list(_CASELOADS.finditer(place.before))
    if not said or ";" in place.before[said[-1].end() :] or not _BEFORE_CASELOAD.search(place.before):
        return None
    noun = _noun_behind().match(place.text, place.numeral.end)
    if _PERCENT.match(place.text, place.numeral.end):
        return None
    words = noun["noun"] if noun and not _STOP.search(place.text, place.numeral.end, noun.start("noun")) else "cases"
    return _Unit(words, place.numeral.start, place.numeral.end, False, "count.caseload", said[-1][0])


def _money(place: _Place) -> _Unit | None:
    if not _MONEY.search(place.before):
        return None
    return _Unit("£", place.numeral.end, place.numeral.end, False, "count.money")


def _noun(place: _Place) -> _Unit | None:
    """The counted noun within four words behind the numeral; "10 of 22 areas" and "five of these" count too."""
    text, numeral = place.text, place.numeral
    match = _noun_behind().match(text, numeral.end)
    if (
        match
        and not _STOP.search(text, numeral.end, match.start("noun"))
        and first_verb(text, numeral.end, match.start("noun")) >= match.start("noun")
    ):
        national = match["noun"].lower() in toml("units.toml")["national"]
        return _Unit(match["noun"], match.start("noun"), match.end(), national)
    these = re.match(r"\s+of\s+(?:these|them|those)\b", text[numeral.end :])
    if these and re.search(r"\b(?:judged|graded|rated)\b", text):
        return _Unit("areas", numeral.start, numeral.end + these.end(), False)
    return None


def _percent(place: _Place) -> _Unit | None:
    percent = _PERCENT.match(place.text, place.numeral.end)
    if percent is None:
        return None
    alone = re.match(r"\s*(?:[,.;)]|in\b|at\b|from\b|$)", place.text[percent.end() :])
    measure = place.last.measure if place.last and place.last.words == "%" and alone else None
    lead = re.search(
        r"(?:^|[,;:]\s|\band\s)(?P<what>[^,;:]{6,80}?)\s+(?:is|was|were|has|have|had|made up|put|stood"
        r"|fell|rose|dropped)\b",
        place.before,
    )
    measure = measure or (lead["what"] if lead and alone else None)
    return _Unit("%", place.numeral.start, percent.end(), False, "count.share", measure)


def _plans(place: _Place) -> _Unit | None:
    """Children on protection plans, where the noun is left out: "and 238 were subject to child protection plans"."""
    plans = _ON_PLANS.match(place.text, place.numeral.end)
    if not plans or not place.numeral.digits:
        return None
    return _Unit("children", place.numeral.end, plans.end(), False, "count.plans", plans[0].strip())


def _elided(place: _Place) -> _Unit | None:
    """The noun of the count before, where this one leaves it out: "113 children … and 238 being looked after"."""
    last, text, end = place.last, place.text, place.numeral.end
    if last is None or last.rule == "count.length":
        return None
    plainly = _PLAINLY.match(text, end)
    if plainly and place.numeral.digits:
        return _Unit(last.words, plainly.end(), plainly.end(), last.national, "count.elided")
    which = _OF_WHICH.match(text, end)
    if which or (_OF_WHOM.search(place.before) and last.words not in ("%", "£")):
        start = which.start() + 1 if which else end
        return _Unit(last.words, start, start, last.national, "count.elided")
    return None


def _graded(place: _Place) -> _Unit | None:
    """Areas or councils by their grade, the noun left out: "84 good and 13 inadequate"."""
    if (place.last is None and place.numeral.value > 0) or (place.last and place.last.words in ("%", "£")):
        return None
    for form in grade_words(place.text[place.numeral.end : place.numeral.end + 60]):
        if _GRADED.fullmatch(place.text, place.numeral.end, place.numeral.end + form.start):
            start, end = place.numeral.end, place.numeral.end + form.end
            words, national = (place.last.words, place.last.national) if place.last else ("areas", False)
            said = place.text[start:end].strip(" '\"")
            return _Unit(words, start, end, national, "count.graded", f"{said}")
        break
    return None


def _against(place: _Place) -> _Unit | None:
    """The other number of a comparison, its noun left out: "16, against 23 in March 2024"; "from 29 to 21"."""
    last = place.last
    if last is None or last.words == "%" or not place.numeral.digits or not _AGAINST.search(place.before):
        return None
    if not re.match(r"\s*(?:[,.;)]|(?:in|at|on|a|to)\b|$)", place.text[place.numeral.end :]):
        return None
    return _Unit(last.words, last.start, place.numeral.end, last.national, "count.against", last.measure)


_RULES: tuple[Callable[[_Place], _Unit | None], ...] = (
    _length,
    _money,
    _caseload,
    _percent,
    _noun,
    _plans,
    _graded,
    _elided,
    _against,
)


def _counts(place: _Place, unit: _Unit) -> bool:
    """Whether the number is a quantity of this matter: not an age, a page, "one" of many, a mere "no"."""
    text, numeral = place.text, place.numeral
    if _ORDINAL.search(place.before) or (numeral.start == 0 and _NUMBERING.match(text)):
        return False
    if unit.rule == "count.elided" and numeral.value <= _OLDEST and _AGED.search(place.before):
        return False
    if numeral.value == 0:
        return _is_naught(text, numeral) or unit.rule == "count.graded"
    word = text[numeral.start : numeral.end].lower()
    if word in ("one", "once") and unit.words.lower() not in toml("units.toml")["single"] and unit.words != "%":
        return False
    if unit.national and unit.rule == "count.noun":
        return word not in ("both", "one", "two") and (numeral.value >= _MANY or _tells_of_all(text))
    return word != "both"


def _tells_of_all(text: str) -> bool:
    """Whether a sentence about councils counts them: by their grades, or as inspected."""
    return (
        bool(grade_words(text))
        or re.search(r"\b(?:inspected|inspections?|issued|put out|performing|so far|grade)\b", text) is not None
    )


def _fractions(reading: Reading, sentence: Sentence) -> Iterator[Found]:
    """Shares in words: "well over a third of home visits" has no number, "three quarters" is 75 %."""
    if not _may_share(sentence.text):
        return
    for match in _FRACTION.finditer(sentence.text):
        noun = _any_noun().match(sentence.text, match.end())
        part = (match["part"] or "").lower().replace("-", " ")
        share = next((value for word, value in _SHARES.items() if part.endswith(word)), None)
        if noun and share is None and noun["noun"].lower() in _NOT_MOST:
            continue
        if (noun is None and share is None) or _IN_FIGURES.match(sentence.text, match.end()):
            continue
        if match["most"] and not (noun and noun.start("noun") == match.end() and _opens(sentence.text, match.start())):
            continue
        end = _measure_end(sentence.text, noun.end() if noun else match.end())
        how = (match["how"] or match["most"] or "").lower()
        values = {
            "measure": " ".join(sentence.text[match.end() : end].split()),
            "value": share,
            "qualifier": next((name for name, form in _HOW.items() if form.search(how)), "exact"),
            "unit": "%" if share else noun["noun"] if noun else "%",
            "as_of": None,
            "scope": "national" if noun and noun["noun"].lower() in toml("units.toml")["national"] else "local",
        }
        span = reading.clause(sentence.start + match.start(), sentence.start + match.end())
        yield Found(values, (span,), "count.fraction")


def _may_share(text: str) -> bool:
    """Whether one of the words for shares stands in the text: a quick look before the pattern's long one."""
    return any(map(text.lower().__contains__, _PARTS))


def _opens(text: str, start: int) -> bool:
    """Whether the words open a sentence or a clause: "most children" there, not "than most people"."""
    return text[:start].rstrip()[-1:] in ("", ",", ";", ":", '"')


_NOT_MOST = {"judgements", "people"}
_IN_FIGURES = re.compile(r"[^.;,]{0,60}\([0-9]")
_HOW = {
    "over": re.compile(r"over|more"),
    "under": re.compile(r"under|less|fewer"),
    "about": re.compile(r"(?:nearly|almost|about|around)(?! all)"),
}


def _measure_end(text: str, start: int) -> int:
    stop = _STOP.search(text, start)
    end = stop.start() if stop else len(text)
    words = list(re.finditer(r"\S+", text[start : min(end, start + _LONGEST_MEASURE)]))
    return start + words[_MEASURE_WORDS - 1].end() if len(words) >= _MEASURE_WORDS else end


def _is_naught(text: str, numeral: Numeral) -> bool:
    """Whether "no" counts areas: "no area was awarded …"; "no children were at risk" counts nothing."""
    return re.match(r"\s+(?:areas?|categor(?:y|ies)|judgements?|permanent)\b", text[numeral.end :]) is not None


def _is_national(place: _Place) -> bool:
    """Whether the number is the country's: England is named beside it, between the numbers around it."""
    near = place.before[max(place.since, len(place.before) - 60) :]
    behind = re.split(r"[,;.]", place.text[place.numeral.end : place.numeral.end + 60])[0]
    return _ENGLAND.search(near) is not None or _ENGLAND.search(behind) is not None


def _as_of(place: _Place, unit: _Unit, periods: list[dates.Period]) -> str | None:
    """The words of the date at which the number held: right behind it, or at the opening of its sentence."""
    if unit.rule == "count.length":
        return None
    for period in periods:
        if period.start > place.numeral.end and _WHEN.fullmatch(place.text, place.numeral.end, period.start):
            return period.words
    for period in periods:
        lead = place.text[: period.start]
        if _AS_OF.search(lead) and lead.strip().count(" ") < 4 and not _AGAINST.search(place.before):
            return period.words
    return None


@cache
def _noun_behind() -> re.Pattern[str]:
    of = r"(?:\s+of\s+(?:the\s+|its\s+|England's\s+|all\s+)?[0-9a-z-]+)?"
    own = r"(?:\s+(?:of\s+)?(?:the|its|these|those|other|further|different|key|open|new)?)"
    return re.compile(rf"{of}{own}\s*(?:[a-z'-]+\s+){{0,2}}?(?P<noun>{_nouns()})\b", re.IGNORECASE)


@cache
def _any_noun() -> re.Pattern[str]:
    return re.compile(rf"(?:[a-z'-]+\s+){{0,2}}?(?P<noun>{_nouns()})\b", re.IGNORECASE)


@cache
def _nouns() -> str:
    table = toml("units.toml")
    nouns = sorted({*table["local"], *table["national"], "area"}, key=len, reverse=True)
    return "|".join(re.escape(noun).replace(r"\ ", r"\s+") for noun in nouns)
