"""Which councils the text names, and which of them were inspected: one, none, or each council of a round-up."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from extractor.domain.authorities import Council, Mention, mentions
from extractor.domain.cues import cue
from extractor.engines.offline.inspected.front import Front
from extractor.engines.offline.reading import Found, Reading, Sentence

OPENING = 700
"""Characters in which an article says what it is about."""
_OFTEN = 6.0
"""Weight of mentions with which a council leads a text that does not open with it."""
_SERVICES = re.compile(
    r"['s]{0,3}\s+(?:local authority\s+)?(?:children|services|child|safeguarding|social)", re.IGNORECASE
)
_NOT_A_COUNCIL = re.compile(
    r"\s+(?:University|Hospitals?|Royal|Police|Constabulary|Crown Court|Road|Street|Lane|City FC|AFC|Railway|Festival"
    r"|Cathedral|Airport|Coldfield|St Edmunds|Evening|Post\b|Live\b|Echo|Gazette|Herald|Chronicle|Times|Mail|Telegraph"
    r"|Place\b|Square\b|North\b|South\b|East\b|West\b|Central\b)|-under-|-on-(?!Tees|Sea)"
)
_ELSEWHERE = re.compile(
    r"\b(?:formerly(?:\s[\w' ]{0,60})?|(?:director|head|manager|leader|executive)[\w' ]{0,40}\b(?:in|at)"
    r"|(?:same|similar)[\w' ]{0,30}\b(?:in|to|at|as)|(?:left|leave|leaving|from her time at|from his time at)"
    r"|based in|a spokes\w+ for)\s+$",
    re.IGNORECASE,
)
_POSTCODE = re.compile(r",?\s+[A-Z]{1,2}[0-9][0-9A-Z]?\s+[0-9][A-Z]{2}\b")
"""Behind a town's name: the inspectorate's own address."""
_COMMON_WORDS = {"Reading", "Bury", "Rugby", "Barking", "Sale"}
_OF = re.compile(r"^[^.;:]{0,60}\b(?:to|for|of|at|in)\s+(?:the\s+)?$")
_ONLY_A_KIND = re.compile(r"Borough of $")
_JOINED = re.compile(r"\s*(?:,[^.;]{0,60},)?\s*(?:,|and|as well as|&|, and)\s*(?:both\s+)?(?:in\s+)?(?:the\s+)?")


@dataclass(frozen=True)
class Named:
    """A council named at text[start:end], and how much that place says that it is an inspected one."""

    start: int
    end: int
    councils: tuple[Council, ...]
    weight: float


@dataclass(frozen=True)
class Councils:
    """Every council that the text names, in order. One council is always the same tuple, however it is named."""

    reading: Reading
    named: tuple[Named, ...]
    front: Front | None

    @classmethod
    def of(cls, reading: Reading, front: Front | None) -> Councils:
        """Every place where a council is meant; a name that two councils share is the one that the text also names."""
        found = [one for one in mentions(reading.text) if not _is_no_council(reading.text, one)]
        known = {one.councils for one in found}
        meant = {councils: _narrowed(councils, known) for councils in known}
        named = tuple(Named(one.start, one.end, meant[one.councils], _weight(reading, one)) for one in found)
        return cls(reading, named, front)

    @cached_property
    def weights(self) -> dict[tuple[Council, ...], float]:
        """How much the text says that each is an inspected one, most first; those only mentioned are left out."""
        total: dict[tuple[Council, ...], float] = {}
        for one in self.named:
            if one.weight:
                total[one.councils] = total.get(one.councils, 0) + one.weight
        return dict(sorted(total.items(), key=lambda item: -item[1]))

    @cached_property
    def titled(self) -> Named | None:
        """The council that a report's title names; null where the text has no such title, or no council in it."""
        within = self.within(*self.front.title) if self.front else []
        here = [one for one in within if not _POSTCODE.match(self.reading.text, one.end)]
        return max(here, key=lambda one: one.end - one.start, default=None)

    @cached_property
    def lead(self) -> tuple[Council, ...] | None:
        """The council that the text is most about; null where none opens it or is named again and again."""
        if self.titled:
            return self.titled.councils
        for councils, weight in self.weights.items():
            opens = any(one.councils == councils and one.weight and one.start < OPENING for one in self.named)
            if opens or weight >= _OFTEN or len(self.weights) == 1:
                return councils
        return None

    def within(self, start: int, end: int) -> list[Named]:
        """The councils named in text[start:end]."""
        first = bisect_left(self.named, start, key=lambda one: one.start)
        last = bisect_left(self.named, end, first, key=lambda one: one.start)
        return [one for one in self.named[first:last] if one.end <= end]

    def spoken_of(self, sentence: Sentence, at: int) -> tuple[tuple[Council, ...], ...]:
        """Whom the words at the offset are about: the last council named before them, with those joined to it by "and".

        Where none is named before them, one right behind them: "a good rating for Leeds"; or else none.
        """
        here = [one for one in self.within(sentence.start, sentence.end) if not self._is_aside(one)]
        before = [one for one in here if one.start < at]
        chosen = before[-1:] or [one for one in here[:1] if _OF.search(self.reading.text[at : one.start])]
        for one, other in reversed(list(pairwise(before))):
            if chosen[-1] is other and _JOINED.fullmatch(self.reading.text, one.end, other.start):
                chosen.append(one)
        return tuple(one.councils for one in chosen)

    def _is_aside(self, named: Named) -> bool:
        """Whether it stands in an aside that says nothing of it: "Unlike neighbouring Leeds, …"."""
        after = self.reading.text[named.end : named.end + 8]
        return (
            not named.weight
            and re.match(r",\s+(?!which|who|where|whose|itself|rated|judged|graded)", after) is not None
        )

    def fullest(self, councils: tuple[Council, ...]) -> Found:
        """The fullest form in which the text names it, with the clause that has it."""
        places = [one for one in self.named if one.councils == councils]
        titled = self.titled if self.titled in places else None
        best = titled or max(places, key=lambda one: (*self._fullness(one), one.weight > 0, -one.start))
        words = " ".join(self.reading.text[best.start : best.end].split())
        return Found({"as_written": words}, (self.reading.clause(best.start, best.end),), "council.most-named")

    def _fullness(self, named: Named) -> tuple[int, int]:
        """Whether it is named as a council, and in how many words."""
        words = self.reading.text[named.start : named.end].lower()
        return 2 if "council" in words else 1 if "borough" in words else 0, len(words.split())


def _is_no_council(text: str, mention: Mention) -> bool:
    """Whether the name is that of something else: a university, a newspaper, a word that only begins a sentence."""
    if _NOT_A_COUNCIL.match(text, mention.end) or _ONLY_A_KIND.search(text[mention.start : mention.end + 4]):
        return True
    if text[mention.start : mention.end] not in _COMMON_WORDS:
        return False
    before = text[max(0, mention.start - 3) : mention.start]
    opens = not before.strip() or before[-1] == "\n" or before.rstrip()[-1:] in ".!?"
    return opens and re.match(r"\s[a-z]", text[mention.end : mention.end + 2]) is not None


def _narrowed(councils: tuple[Council, ...], known: Collection[tuple[Council, ...]]) -> tuple[Council, ...]:
    """Of several councils that a name can mean, the one that the text names plainly elsewhere."""
    plain = {one[0] for one in known if len(one) == 1} & set(councils)
    return (plain.pop(),) if len(plain) == 1 else councils


def _weight(reading: Reading, mention: Mention) -> float:
    """How much one mention says that this council is the inspected one; 0 where it is only a neighbour or the like."""
    name = reading.text[mention.start : mention.end]
    if _is_elsewhere(reading.text[max(0, mention.start - 90) : mention.start]):
        return 0
    weight = 1.0
    if mention.start < OPENING:
        weight += 2
    if _SERVICES.match(reading.text[mention.end : mention.end + 40]):
        weight += 2
    if "ouncil" in name or "orough" in name:
        weight += 1
    return weight


def _is_elsewhere(before: str) -> bool:
    """Whether the words right before a council's name say that it is only a neighbour, a comparison or a past post."""
    found = list(cue("elsewhere").finditer(before))
    return bool(found and not before[found[-1].end() :].strip()) or _ELSEWHERE.search(before) is not None
