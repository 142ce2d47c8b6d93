"""Who led the inspection: "Lead inspector: Name HMI", "a team led by Name", a letter's signature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import dropwhile, takewhile

from extractor.domain.tables import toml
from extractor.engines.offline.reading import Found, Reading

_MAJESTY = r"(?:His|Her)\s+Majesty's\s+"
_LEAD = rf"(?:[Ll]ead|[Rr]eporting|LEAD|REPORTING)[ \t]+(?:{_MAJESTY})?(?:[Ii]nspector|INSPECTOR|HMI)"
_HINT = re.compile(rf"\b(?:{_LEAD}|(?:led|headed)\b)")
_BEFORE, _BEHIND = 140, 140  # characters around a hint in which the name may stand
_JOINT = re.compile(r",?\s+(?:and|&)\s+|\s*[,;/\n]\s*")


def lead_inspectors(reading: Reading) -> list[Found]:
    """The names of those who led the inspection, each once; a deputy is none of them."""
    names: dict[str, Found] = {}
    for match in _leads(reading.text):
        joined = _JOINT.split(match["names"]) if "broken" not in match.groupdict() else [match["names"]]
        for name in joined:
            plain = _without_titles(name)
            if len(plain.split()) > 1:
                line = (max(reading.sentence_at(match.start("names")).start, match.start()), match.end())
                names.setdefault(plain, Found({"value": plain}, (line,), "inspector.lead"))
    return list(names.values())


def _leads(text: str) -> Iterator[re.Match[str]]:
    """Every place that names a lead, looked for only around the words for one."""
    reached = 0
    for hint in _HINT.finditer(text):
        start, end = max(reached, hint.start() - _BEFORE), min(len(text), hint.end() + _BEHIND)
        for shape in _shapes():
            match = shape.search(text, start, end)
            if (
                match
                and match.start() <= hint.start() < match.end()
                and "eputy" not in text[match.start() - 8 : match.start()]
            ):
                yield match
                reached = match.end()
                break


def _without_titles(name: str) -> str:
    """The name between words that are a title or a label: "Inspector Hamish Oduya, HMI" is Hamish Oduya."""
    words = list(dropwhile(_no_names().__contains__, name.split()))
    return " ".join(takewhile(lambda word: word not in _no_names(), words))


@cache
def _no_names() -> frozenset[str]:
    return frozenset(toml("bodies.toml")["no_names"])


@cache
def _shapes() -> tuple[re.Pattern[str], ...]:
    """The ways of naming a lead; `names` are one name, or several joined by what `_JOINT` splits them at."""
    title = rf"(?:HMI|{_MAJESTY}Inspector)"
    rank = rf"(?:HM\s+Inspectors?|{_MAJESTY}Inspectors?|HMI|inspectors?)"
    lead = rf"{_LEAD}[sS]?"
    label = rf"(?<!eputy )(?<!uty )\b{lead}(?:[ \t]*\([^)\n]*\))?[ \t]*[:,-]?(?:\s+(?:was|were|is))?"
    word = r"[A-ZÀ-Þ][\w'-]+"
    last = rf"(?:(?:van|von|der|den|de|del|della|di|da|du|dos|la|le|el|al|ap|bin|ter|St\.)[ \t]){{0,2}}{word}"
    name = rf"{word}(?:[ \t][A-Z]\.?(?=[ \t]))?(?:[ \t]{last}){{1,2}}"
    another = rf"(?!(?:{'|'.join(map(re.escape, _no_names()))})\b){name}"
    names = rf"(?P<names>{name}(?:(?:,?\s+{title})?(?:,?\s+(?:and|&)\s+|\s*[;/]\s*){name})?)"
    several = rf"(?P<names>{name}(?:(?:,?\s+{title}s?)?(?:,?\s+(?:and|&)\s+|\s*[,;/\n]\s*){another}){{1,2}})"
    return tuple(
        re.compile(shape)
        for shape in (
            rf"(?<!eputy )(?<!uty )\b{_LEAD}[sS][ \t]*[:-]?\s+{several}",
            rf"{label}\s+{names}",
            rf"{label}[ \t]+(?P<names>(?P<broken>{word}[ \t]*\n)[ \t]*{last})(?=[ \t]*(?:\n|,|HMI))",
            rf"{names},?\s+(?:{title},?\s+)?(?:(?:who\s+)?(?:was|is|were|are)\s+)?the\s+(?:joint\s+)?{lead}\b",
            rf"\b(?:led|headed)\s+by\s+(?:{rank}\s+)?{names}(?=,?\s+{title})",
            rf"\b(?:led|headed)\s+by\s+{rank}\s+{names}",
            rf"\b(?:inspectors|inspection|fieldwork|inspection\s+team),?\s+(?:\w+\s+)?(?:led|headed)\s+by\s+{names}",
            rf"{names},?\s+{title},?\s+and\s+(?:the\s+)?{lead}\b",
            rf"{names},?\s+{title},?\s+(?:who\s+)?(?:led|headed)\b",
            rf"{names},?\s+(?:who\s+)?(?:led|headed)\s+the\s+(?:inspection|inspectors|inspection\s+team|visit)\b",
            rf"{names},?[ \t]+{title}[ \t]*\n[ \t]*(?:[Ll]ead|[Rr]eporting)[ \t]+[Ii]nspector\b",
            rf"\n[ \t]*{names}[ \t]*\n[ \t]*(?:[Ll]ead|[Rr]eporting)[ \t]+[Ii]nspector\b",
        )
    )
