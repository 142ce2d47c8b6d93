"""Who led the inspection: "Lead inspector: Name HMI", "a team led by Name", a letter's signature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import dropwhile, takewhile

from extractor.domain.tables import toml
from extractor.engines.offline.reading import Found, Reading

_NAME = r"[A-Z][\w'-]+(?:[ \t][A-Z]\.?(?=[ \t]))?(?:[ \t][A-Z][\w'-]+){1,2}"
_NAMES = rf"(?P<names>{_NAME}(?:,?\s+(?:and|&)\s+{_NAME})?)"
_TITLE = r"(?:HMI|(?:His|Her)\s+Majesty's\s+Inspector)"
_RANK = r"(?:HM\s+Inspectors?|(?:His|Her)\s+Majesty's\s+Inspectors?|HMI|inspectors?)"
_LEAD = r"(?:[Ll]ead|[Rr]eporting|LEAD|REPORTING)[ \t]+(?:[Ii]nspector|INSPECTOR|HMI)[sS]?"
_SHAPES = [
    re.compile(rf"(?<!eputy )(?<!uty )\b{_LEAD}(?:[ \t]*\([^)\n]*\))?[ \t]*[:,-]?(?:\s+(?:was|were|is))?\s+{_NAMES}"),
    re.compile(rf"{_NAMES},?\s+(?:{_TITLE},?\s+)?(?:(?:who\s+)?(?:was|is|were|are)\s+)?the\s+(?:joint\s+)?{_LEAD}\b"),
    re.compile(rf"\b(?:led|headed)\s+by\s+(?:{_RANK}\s+)?{_NAMES}(?=,?\s+{_TITLE})"),
    re.compile(rf"\b(?:led|headed)\s+by\s+{_RANK}\s+{_NAMES}"),
    re.compile(
        rf"\b(?:inspectors|inspection|fieldwork|inspection\s+team),?\s+(?:\w+\s+)?(?:led|headed)\s+by\s+{_NAMES}"
    ),
    re.compile(rf"{_NAMES},?\s+{_TITLE},?\s+and\s+(?:the\s+)?{_LEAD}\b"),
    re.compile(rf"{_NAMES},?\s+{_TITLE},?\s+(?:who\s+)?(?:led|headed)\b"),
    re.compile(rf"{_NAMES},?\s+(?:who\s+)?(?:led|headed)\s+the\s+(?:inspection|inspectors|inspection\s+team|visit)\b"),
    re.compile(rf"{_NAMES},?[ \t]+{_TITLE}[ \t]*\n[ \t]*(?:[Ll]ead|[Rr]eporting)[ \t]+[Ii]nspector\b"),
    re.compile(rf"\n[ \t]*{_NAMES}[ \t]*\n[ \t]*(?:[Ll]ead|[Rr]eporting)[ \t]+[Ii]nspector\b"),
]
_HINT = re.compile(r"\b(?:[Ll]ead|LEAD|[Rr]eporting|REPORTING|led|headed)\b")
_BEFORE, _BEHIND = 140, 140  # characters around a hint in which the name may stand


def lead_inspectors(reading: Reading) -> list[Found]:
    """The names of those who led the inspection, each once; a deputy is none of them."""
    names: dict[str, Found] = {}
    for match in _leads(reading.text):
        for name in re.split(r",?\s+(?:and|&)\s+", match["names"]):
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
        for shape in _SHAPES:
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
    """The name between words that are a title or a label: "Inspector Hamish Oduya HMI" is Hamish Oduya."""
    words = list(dropwhile(_no_names().__contains__, name.split()))
    return " ".join(takewhile(lambda word: word not in _no_names(), words))


def _no_names() -> frozenset[str]:
    return frozenset(toml("bodies.toml")["no_names"])
