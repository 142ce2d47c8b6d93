"""What a sentence speaks of that can be graded: areas, the service as a whole, or something named before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from extractor.document import Span
from extractor.domain.authorities import mentions
from extractor.domain.tables import toml
from extractor.engines.offline.graded.phrases import phrase

Kind = Literal["area", "whole", "pronoun"]

_PLACED = phrase(
    r"\b(?:in|at|by|for|of|across|to|from|with|near|around|throughout|about|told|on|after|against) (?:the )?$"
)
"""Words before a name of the whole that make it a place or a bearer: "care leavers in Leeds", "run by the council"."""


@dataclass(frozen=True)
class Topic:
    """Words at text[start:end] that a grade can be given for."""

    start: int
    end: int
    kind: Kind
    placed: bool = False
    """Whether a preposition before it makes it a mere place: such a whole is graded only where nothing else is."""


_ANY = re.compile(r"\b(?:an?|any|another|one)\s+(?:\w+\s+)?$", re.IGNORECASE)
"""Before a name of the whole: it is some service or other, and not this one."""


def topics(text: str) -> list[Topic]:
    """Every topic of a text, in order; they do not overlap, and the longest area at a place wins."""
    found: list[Topic] = []
    for match in _areas().finditer(text):
        start = _without_lead(text, match.start(), match.start("heart"))
        if found and (_OF.fullmatch(text, found[-1].end, start) or _is_one_heading(text, found[-1], match.end())):
            start = found.pop().start
        found.append(Topic(start, match.end(), "area"))
    wholes = [match.span() for match in _whole().finditer(text)] + [(one.start, one.end) for one in mentions(text)]
    for start, end in sorted(wholes, key=lambda span: (span[0], -span[1])):
        if not any(one.start < end and start < one.end for one in found):
            if _ANY.search(text, max(0, start - 24), start):
                continue
            placed = _PLACED.search(text, max(0, start - 24), start) and not text[start:end].lower().startswith(
                "overall"
            )
            found.append(Topic(start, end, "whole", bool(placed) or text[start:end] == "us"))
    for match in _pronoun().finditer(text):
        if not any(one.start < match.end() and match.start() < one.end for one in found):
            found.append(Topic(*match.span(), "pronoun"))
    return sorted(found, key=lambda one: one.start)


def run_before(text: str, found: Sequence[Topic], start: int, end: int) -> list[Topic]:
    """The last topic in text[start:end], with those joined to it by commas and "and", in order."""
    inside = [one for one in found if one.start >= start and one.end <= end]
    chosen: list[Topic] = inside[-1:]
    for one in reversed(inside[:-1]):
        if _OF.fullmatch(text, one.end, chosen[0].start) or not _JOINED.fullmatch(text, one.end, chosen[0].start):
            break
        chosen.insert(0, one)
    return chosen


def run_from(text: str, found: Sequence[Topic], start: int, end: int) -> list[Topic]:
    """The topic that begins right at `start`, small words aside, with those joined to it, as far as `end`."""
    chosen: list[Topic] = []
    for one in found:
        if one.start < start or one.end > end:
            continue
        gap = _SMALL if not chosen else _JOINED
        if not gap.fullmatch(text, chosen[-1].end if chosen else start, one.start):
            break
        chosen.append(one)
    return chosen


def spans(run: Sequence[Topic], offset: int) -> list[tuple[Span, ...] | None]:
    """The areas of a run as spans of the document; null for the service as a whole."""
    areas: list[tuple[Span, ...] | None] = [
        ((one.start + offset, one.end + offset),) for one in run if one.kind == "area"
    ]
    return [None, *areas] if any(one.kind == "whole" and not one.placed for one in run) or not areas else areas


_OF = re.compile(r"\s+(?:of|in|for)\s+(?:the\s+|its\s+|their\s+)?", re.IGNORECASE)
_TOGETHER = re.compile(r"(?:the\s+)?experiences\b[^,;.]*\bchildren\s+in\s+care\s+and\s+care\s+leavers", re.IGNORECASE)
_ACTS = (
    r"(?=[\"']?\s+(?:(?:also|too|now|still|then|again|once|each|both|all)\s+)*[\"']?(?:is|are|was|were|has|have|had|got|gets?"
    r"|be|been|requires?|required|remain\w*|came|comes?|fell|falls|earn\w*|stay\w*|went|goes|took|receiv\w*|won|became|do"
    r"|does)\b)"
)
"""Pronouns count only as the subject of a verb: in "were both rated" the word says nothing …"""
_OBJECT = r"(?:(?<=rated )|(?<=judged )|(?<=graded )|(?<=called )|(?<=gave )|(?<=found )|(?<=deemed )|(?<=branded ))"
"""… or as the object of a grading one."""
_SMALL = re.compile(
    r"[\s\"'(:-]*(?:\b(?:the|its|their|our|both|for|in|of|to|on|how|that|was|were|each|all)\b[\s\"'(:-]*)*", re.I
)
_INSET = r"(?:\s+(?:that|which|who|in|from|of|for|given|offered|provided|run)\s[^,.;:]{1,60}?)?"
_JOINED = re.compile(
    rf"{_INSET}[\"']?\s*(?:,|;)?\s*(?:and|as well as|plus|or|&|/|like|along with|together with|then)?\s*[\"'(]?"
    r"(?:\b(?:both|also|finally|for|in|on|the|its|their|our|that|of)\b\s*)*[\"'(]?",
    re.IGNORECASE,
)
_LEAD = re.compile(r"(?:(?:and|of|for|in|to|on|with|what|we|do|does|they|are|in)\s+)+", re.IGNORECASE)


def _without_lead(text: str, start: int, heart: int) -> int:
    """Where the area's own words begin: joining words at their edge are no part of them."""
    lead = _LEAD.match(text, start, heart)
    return lead.end() if lead and not text[start:].startswith("what") else start


def _is_one_heading(text: str, before: Topic, end: int) -> bool:
    """Whether both are the one area of ILACS before 2023, "experiences … of children in care and care leavers"."""
    return _TOGETHER.fullmatch(text, before.start, end) is not None


@cache
def _areas() -> re.Pattern[str]:
    table = toml("topics.toml")
    hearts, heads = "|".join(table["hearts"]), table["heads"]
    its = r"(?:(?:the|its|their|our|overall) )*"
    name = r"(?-i:(?:[A-Z][\w'-]+ ){1,3})(?=(?:local )?safeguarding (?:children|board))"
    return phrase(
        rf"\b(?:{its}{heads}(?:(?: and|,) (?:the )?{heads}){{0,2}}(?: (?:given|offered|provided|that))?",
        rf" (?:of|for|on|with|in|to) )?{its}(?:{name})?(?P<heart>{hearts})(?![\w-])",
    )


@cache
def _whole() -> re.Pattern[str]:
    return phrase(rf"\b(?:{'|'.join(toml('topics.toml')['whole'])})(?![\w-])")


@cache
def _pronoun() -> re.Pattern[str]:
    words = "|".join(toml("topics.toml")["pronouns"]).replace(" ", r"\s+")
    return re.compile(rf"\b(?:{words}){_ACTS}|{_OBJECT}(?:it|them|each|both)\b", re.IGNORECASE)
