"""Who could speak, and where: the persons, bodies, inspectors and pronouns of a text, and its verbs of speech."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from extractor.document import Span
from extractor.domain.authorities import mentions
from extractor.domain.tables import toml
from extractor.engines.offline.found.voices import is_own
from extractor.engines.offline.reading import Quotation, Reading
from extractor.engines.offline.spoken import people
from extractor.engines.offline.spoken.names import is_name_word
from extractor.engines.offline.spoken.people import Person
from extractor.engines.offline.spoken.posts import any_of, heads

Kind = Literal["person", "body", "inspection", "pronoun", "it"]

_SINGLE = re.compile(r"(?<![\w'])'(?=[A-Z])(?:[^\"\n']|'(?=\w)|(?<=\w)'(?= [a-z])){8,1000}?[,.?!]'(?![\w'])")
_PRONOUN = re.compile(r"\b(?:[Hh]e|[Ss]he)\b")
_IT = re.compile(r"\b(?:[Ii]t|[Tt]hey)\b")
_OF_WHOM = re.compile(
    r"\s+(?:for|from|at|of)\s+(?:the\s+)?[A-Z][\w'&-]*(?:\s+(?:(?:of|and|for|the)\s+)*[A-Z][\w'&-]*)*"
)
_WORD = re.compile(r"\b[a-z]{3,}\b")
_WORD_BEFORE = re.compile(r"(?<![\w'-])([A-Z][\w'.-]*)\s+$")
_ITS_COUNCIL = re.compile(r"(?:'s)?\s+(?:council|authority)\b", re.IGNORECASE)
_MOST_WORDS = 6
_INSPECTING = ("inspector", "inspectors")


@dataclass(frozen=True)
class Tag:
    """Somebody who could speak, named at text[start:end]; `person` says who, for a body by its words."""

    start: int
    end: int
    kind: Kind
    person: Person | None = None


@dataclass(frozen=True)
class Tags:
    """A text with everybody in it who could speak."""

    reading: Reading
    persons: Sequence[Person]

    @cached_property
    def is_own(self) -> bool:
        """Whether the inspectorate itself writes, so that what it tells of bodies is its finding."""
        return is_own(self.reading)

    @cached_property
    def quotations(self) -> list[Quotation]:
        """Words in double marks, and speech in single ones outside of them, in order."""
        double = self.reading.quotations
        starts = [quotation.start for quotation in double]
        single = []
        for match in _SINGLE.finditer(self.reading.text):
            near = bisect_right(starts, match.start()) - 1
            if near < 0 or double[near].end <= match.start():
                paragraph = self.reading.sentence_at(match.start()).paragraph
                single.append(Quotation(match.start() + 1, match.end() - 1, paragraph))
        return sorted([*double, *single], key=lambda quotation: quotation.start)

    @cached_property
    def narration(self) -> str:
        """The text with all quotations blank."""
        pieces, position = [], 0
        for quotation in self.quotations:
            pieces += [self.reading.text[position : quotation.start], " " * (quotation.end - quotation.start)]
            position = quotation.end
        return "".join([*pieces, self.reading.text[position:]])

    @cached_property
    def all(self) -> list[Tag]:
        """Who is named where in the narration; of two at one place, the person, then the longer."""
        found = sorted(
            [*self._persons(), *(() if self.is_own else self._bodies()), *self._others()],
            key=lambda tag: (tag.start, tag.kind != "person", -tag.end),
        )
        kept: list[Tag] = []
        for tag in found:
            if not kept or tag.start >= kept[-1].end:
                kept.append(tag)
        return kept

    def _persons(self) -> Iterator[Tag]:
        inspecting = [*people.inspectors(self.reading), *(one for one in self.persons if one.role in _INSPECTING)]
        surnames: dict[str, list[Person]] = {}
        for person in (*self.persons, *inspecting):
            surnames.setdefault(person.surname, []).append(person)
        if not surnames:
            return
        for match in _any_name(tuple(surnames)).finditer(self.narration):
            called = self._called(match, surnames[match[0]])
            if called:
                start, person = called
                yield Tag(start, match.end(), "inspection" if person in inspecting else "person", person)
        yield from self._posts()
        firsts = {one.name.split()[0]: one for one in self.persons if {"Sir", "Dame"} & set(one.titles.split())}
        for name, person in firsts.items():
            for match in re.finditer(rf"\b(?:Sir|Dame)\s+{re.escape(name)}\b", self.narration):
                yield Tag(match.start(), match.end(), "person", person)

    def _posts(self) -> Iterator[Tag]:
        """Where a person is called by the post alone: "the director said"."""
        held: dict[str, list[Person]] = {}
        for one in self.persons:
            for head in heads().finditer(one.role or ""):
                held.setdefault(head[0].lower(), []).append(one)
        for match in _the_post().finditer(self.narration) if held else ():
            holders = held.get(match["head"].lower(), [])
            known = holders[: bisect_left(holders, match.start(), key=lambda one: one.start)][-_MOST_WORDS:]
            if known:
                named = match["post"].lower()
                exact = [one for one in known if named.startswith((one.role or "").lower())]
                yield Tag(match.start(), match.end(), "person", (exact or known)[-1])

    def _called(self, surname: re.Match[str], known: Sequence[Person]) -> tuple[int, Person] | None:
        """Who is called by the surname and the words before it, and where those begin; null for somebody else."""
        own = {word for person in known for word in person.name.split()} | _titles()
        start, named = surname.start(), set[str]()
        for _ in range(_MOST_WORDS):
            word = _WORD_BEFORE.search(self.narration, max(0, start - 30), start)
            if word is None:
                break
            if word[1] not in own:
                if not named and is_name_word(word[1]):
                    return None
                break
            start = word.start()
            named.add(word[1])
        return self._one(start, known, named)

    @staticmethod
    def _one(start: int, known: Sequence[Person], named: set[str]) -> tuple[int, Person] | None:
        fits = [person for person in known if named - _titles() <= {*person.name.split()}]
        return (start, fits[0]) if fits else None

    def _bodies(self) -> Iterator[Tag]:
        for match in _body().finditer(self.narration):
            of = _OF_WHOM.match(self.narration, match.end())
            yield self._body_at(match.start(), of.end() if of and "spokes" in match[0] else match.end())
        for mention in mentions(self.narration):
            own = _ITS_COUNCIL.match(self.narration, mention.end)
            yield self._body_at(mention.start, own.end() if own else mention.end)

    def _body_at(self, start: int, end: int) -> Tag:
        words = " ".join(self.reading.text[start:end].split())
        return Tag(start, end, "body", Person(words, None, None, start, end, "speaker.body"))

    def _others(self) -> Iterator[Tag]:
        for kind, pattern in _other_kinds():
            for match in pattern.finditer(self.narration):
                yield Tag(match.start(), match.end(), kind)

    def before(self, offset: int, most: int) -> list[Tag]:
        """Who is named before the offset, nearest last, no more than so many."""
        at = bisect_left(self._starts, offset)
        return self.all[max(0, at - most) : at]

    @cached_property
    def _starts(self) -> list[int]:
        return [tag.start for tag in self.all]

    @cached_property
    def verbs(self) -> list[Span]:
        """Every verb of speech in the narration."""
        found = []
        for word in _WORD.finditer(self.narration):
            for rest in _verbs().get(word[0], ()):
                if self.narration.startswith(rest, word.end()):
                    found.append((word.start(), word.end() + len(rest)))
                    break
        return found

    @cached_property
    def _verb_starts(self) -> list[int]:
        return [start for start, _ in self.verbs]

    def verbs_between(self, start: int, end: int) -> list[Span]:
        """The verbs of speech in text[start:end]."""
        return self.verbs[bisect_left(self._verb_starts, start) : bisect_left(self._verb_starts, end)]

    def between(self, start: int, end: int) -> list[Tag]:
        """Who is named in text[start:end]."""
        return self.all[bisect_left(self._starts, start) : bisect_right(self._starts, end - 1)]


@cache
def _titles() -> frozenset[str]:
    table = toml("roles.toml")
    return frozenset(form for title in (*table["titles"], *table["offices"]) for form in (title, f"{title}."))


@cache
def _other_kinds() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    inspection = any_of(toml("roles.toml")["inspection_speakers"])
    return ("inspection", inspection), ("pronoun", _PRONOUN), ("it", _IT)


@cache
def _verbs() -> dict[str, tuple[str, ...]]:
    """The verbs of speech by their first word: what may follow it, the longest first."""
    verbs: dict[str, tuple[str, ...]] = {}
    for phrase in sorted(toml("roles.toml")["speech"], key=len, reverse=True):
        first, space, rest = phrase.partition(" ")
        verbs[first] = (*verbs.get(first, ()), space + rest)
    return verbs


@cache
def _the_post() -> re.Pattern[str]:
    post = rf"(?P<post>(?P<head>{heads().pattern})(?:\s+(?:of|for)\s+[\w',& -]{{2,60}}?)?)"
    return re.compile(rf"\b[Tt]he\s+{post}(?=\s+(?:also\s+|then\s+)?(?:{'|'.join(toml('roles.toml')['speech'])})\b)")


@cache
def _body() -> re.Pattern[str]:
    """A body or an office with its article: "the council", "a county council spokeswoman", "its spokesman"."""
    bodies = "|".join(re.escape(word) for word in toml("roles.toml")["bodies"])
    named = rf"(?:{bodies})(?:\s+(?:{bodies}))*"
    return re.compile(rf"\b(?:[Tt]he|[Aa]n?|[Ii]ts)\s+(?:[\w'-]+\s+){{0,3}}?{named}\b(?!'|\s+(?:of|which)\b)")


@cache
def _any_name(surnames: tuple[str, ...]) -> re.Pattern[str]:
    own = "|".join(re.escape(name) for name in sorted(surnames, key=len, reverse=True))
    return re.compile(rf"(?<![\w'-])(?:{own})\b(?!-[A-Z]|\s+(?:Road|Street|Review|Inquiry))")
