"""Whether one home, school or agency was inspected in place of a council's services, and what it is called."""

from __future__ import annotations

import re
from collections import Counter

from extractor.domain.cues import cue
from extractor.engines.offline.graded.phrases import phrase
from extractor.engines.offline.inspected.councils import Councils
from extractor.engines.offline.reading import Found, Reading

_OPENING = 600
"""Characters in which a text says what it is about."""
_KIND = (
    r"(?:children's home|care home|secure (?:children's )?(?:home|unit|centre)|secure training centre"
    r"|(?:nursery|primary|secondary|infant|junior|high|grammar|special|boarding) school|school|academy"
    r"|sixth form college|college|nursery|pre-?school|childminder"
    r"|(?:independent )?(?:fostering|adoption|foster care) agency|(?:(?:little|small) )?agency|home)"
)
_INSPECTED = phrase(
    rf"\b(?:an?|the|this|our|one|whose|(?-i:[A-Z])[\w']+) (?:[a-z'-]+ ){{0,2}}?(?P<kind>{_KIND})\b",
    r"(?! (?:secretary|places|meals|visits?|address))",
)
_THE_COUNCILS = phrase(
    r"children(?:'s|s')? (?:social (?:care|work) )?(?:services?|department)|services for (?:[a-z]+ )?children",
    r"|safeguarding|children in (?:care|need)|looked[- ]after|child protection|social workers?|youth offending",
    r"|care leavers",
)
_NAMED = re.compile(
    r"\b(?!The\b|A\b|An\b|Our\b|This\b)[A-Z][\w']+(?:\s+[A-Z][\w'-]+){0,3}\s+(?:House|Lodge|Home|School|Academy"
    r"|College|Nursery|Fostering|Adoption|Centre|Primary|Cottage|Farm|View|Court|Manor|Grange|Hall|Trust School"
    r"|Children's Home)\b"
    r"|\bThe [A-Z][a-z]+(?:s|es)\b(?=[,.]? )"
)
_RUNS = re.compile(r"\s+(?:(?:which|who|both|also)\s+)*(?:owns?|runs?|manages?|operates?)\b")
_RUN_BY = re.compile(r"\b(?:run|managed|operated|owned) by\s+(?:the\s+)?$")


def inspected(reading: Reading) -> Found | None:
    """The inspected home, school or agency as the text names it; null where council services are what it is about."""
    about = reading.text[:_OPENING]
    if _THE_COUNCILS.search(about) or not cue("inspection_told").search(about):
        return None
    kind = _INSPECTED.search(about)
    if kind is None and not _NAMED.search(about):
        return None
    kinds = len(re.findall(rf"\b{_KIND}\b", reading.text, re.IGNORECASE))
    if kinds < 2 or kinds < len(_THE_COUNCILS.findall(reading.text)):
        return None
    names = Counter(" ".join(match[0].split()) for match in _NAMED.finditer(reading.text))
    if names:
        name = max(names, key=lambda one: (names[one], -reading.text.find(one)))
        place = re.search(re.escape(name).replace(r"\ ", r"\s+"), reading.text)
        if place:
            return Found({"value": name}, (reading.clause(*place.span()),), "provider.named")
    if kind is None:
        return None
    return Found({"value": " ".join(kind[0].split())}, (reading.clause(*kind.span()),), "provider.kind")


def runs(councils: Councils) -> Found | None:
    """The council that the text says owns or runs the place; null where none does."""
    for one in councils.named:
        after = councils.reading.text[one.end : one.end + 30]
        before = councils.reading.text[max(0, one.start - 30) : one.start]
        if _RUNS.match(after) or _RUN_BY.search(before):
            return councils.fullest(one.councils)
    return None
