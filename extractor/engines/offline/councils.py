"""Which council was inspected: the one whose children's services the text is about."""

from __future__ import annotations

import re
from collections import defaultdict

from extractor.domain.authorities import Council, Mention, mentions
from extractor.domain.cues import cue
from extractor.engines.offline.reading import Found, Reading

_OPENING = 400
_SERVICES = re.compile(
    r"['s]{0,3}\s+(?:local authority\s+)?(?:children|services|child|safeguarding|social)", re.IGNORECASE
)
_NOT_A_COUNCIL = re.compile(
    r"^(?:\s+(?:University|Hospital|Royal|Police|Crown Court|Road|Street|City FC|Railway|Festival)\b)"
)
_ELSEWHERE = re.compile(
    r"\b(?:formerly(?:\s[\w' ]{0,60})?|(?:director|head|manager)[\w' ]{0,40}\b(?:in|at))\s+$", re.IGNORECASE
)
_COMMON_WORDS = {"Reading", "Bury", "Rugby", "Barking", "Sale"}


def inspected(reading: Reading) -> tuple[Council | None, Found | None]:
    """The inspected council, null where no one council leads, and where the text first names it."""
    weights: dict[tuple[Council, ...], float] = defaultdict(float)
    first: dict[tuple[Council, ...], Mention] = {}
    for mention in mentions(reading.text):
        weight = _weight(reading, mention)
        if weight > 0:
            weights[mention.councils] += weight
            first.setdefault(mention.councils, mention)
    if not weights:
        return None, None
    best = max(weights, key=lambda councils: (weights[councils], -first[councils].start))
    mention = first[best]
    as_written = " ".join(reading.text[mention.start : mention.end].split())
    found = Found({"as_written": as_written}, (reading.clause(mention.start, mention.end),), "council.most-named")
    return (best[0] if len(best) == 1 else None), found


def _weight(reading: Reading, mention: Mention) -> float:
    """How much one mention says that this council is the inspected one."""
    name = reading.text[mention.start : mention.end]
    before = reading.text[max(0, mention.start - 90) : mention.start]
    after = reading.text[mention.end : mention.end + 40]
    if _NOT_A_COUNCIL.match(after) or _is_elsewhere(before):
        return 0
    if name in _COMMON_WORDS and (before[-1:] in "\n" or before.rstrip()[-1:] in ".!?") and re.match(r"\s[a-z]", after):
        return 0
    weight = 1.0
    if mention.start < _OPENING:
        weight += 2
    if _SERVICES.match(after):
        weight += 2
    if "ouncil" in name or "orough" in name:
        weight += 1
    return weight


def _is_elsewhere(before: str) -> bool:
    """Whether the words right before a council's name say that it is only a neighbour, a comparison or a past post."""
    found = list(cue("elsewhere").finditer(before))
    return bool(found and not before[found[-1].end() :].strip()) or _ELSEWHERE.search(before) is not None
