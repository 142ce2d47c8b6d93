"""Whose a verb of speech is: the person, the body or the inspection that stands before it or behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from extractor.document import Span
from extractor.domain.tables import toml
from extractor.engines.offline.spoken.people import Person
from extractor.engines.offline.spoken.tags import Tag, Tags

Speaker = Person | Literal["inspection"]

_FAR = 40
_ADVERB = (
    r"(?:(?:also|has|have|had|then|now|later|yesterday|today|however|therefore|still|again|even|once|both|since|already"
    r"|always|[a-z]+ly)\s+)*(?:(?:was|were|is)\s+(?:quick|keen|at pains|careful|anxious|eager|able)\s+to\s+)?"
)
_BETWEEN = re.compile(
    rf"\s*(?:\([^()]{{1,60}}\)\s*)?(?:(?:of|from|for|at)\s+[^,.;:]{{2,60}}?\s*)?(?:,[^.;]{{1,200}}?,\s*|,?\s)?"
    rf"(?:who\s+)?{_ADVERB}"
)
_DIRECTLY = re.compile(rf"\s+{_ADVERB}")
_ALSO = re.compile(
    r"(?:,[^.;]{1,200},)?[^;:]{0,160}?(?:,|\band|\bbut|,\s*and|,\s*but|\bthen)\s+(?:also\s+|then\s+|has\s+|had\s+)?"
)
_INVERTED = re.compile(r"\s+(?:[a-z'-]+\s+){0,2}?(?:(?:the|a|an|its)\s+)?(?:[\w'-]+\s+){0,3}?")
_UNDER = re.compile(
    r"\b(?:of|at|for|from|to|with|by|in|on|about|against|into|than|as)\s+(?:[\w'-]+\s+){0,2}$", re.IGNORECASE
)
_PASSIVE = re.compile(r"\b(?:was|were|been|be|being|is|are)\s+(?:\w+ly\s+|also\s+)?$")
_ACCORDING = re.compile(r"\b(?:[Aa]ccording to|[Ii]n the (?:view|words|opinion) of)\s+$")


@dataclass(frozen=True)
class Speakers:
    """Who speaks in a text, by the words around its verbs of speech."""

    tags: Tags

    @property
    def narration(self) -> str:
        """The text with all quotations blank."""
        return self.tags.narration

    def subject(self, start: int, verb: Span) -> Tag | None:
        """Who is the subject of the verb of speech, by the words from `start` up to it."""
        words = self.narration
        if _PASSIVE.search(words, max(start, verb[0] - 30), verb[0]):
            return None
        here = self.tags.between(start, verb[0])
        for tag in reversed(here[-6:]):
            under = _UNDER.search(words, max(start, tag.start - 40), tag.start)
            if _DIRECTLY.fullmatch(words, tag.end, verb[0]) and not under:
                return tag
            if under and tag.kind != "person":
                continue
            post = end_with_post(tag)
            if tag.end < post <= verb[0] and _DIRECTLY.fullmatch(words, post, verb[0]):
                return tag
            if not self._is_cut_off(tag, verb) and _BETWEEN.fullmatch(words, tag.end, verb[0]):
                return tag
        return self._subject_of_several(here, verb) if here else None

    def _is_cut_off(self, tag: Tag, verb: Span) -> bool:
        """Whether only a comma parts a body from the verb, so that somebody else says it: "The board, says …"."""
        return tag.kind != "person" and self.narration[tag.end : verb[0]].strip() == ","

    def _subject_of_several(self, here: Sequence[Tag], verb: Span) -> Tag | None:
        """Who is the subject of a second verb: "Ann Lee, who was calm, would not say when, but | said"."""
        for tag in here[:2]:
            others = {one.kind for one in here if one.start > tag.end}
            own = tag.kind in ("person", "pronoun") and not others & {"pronoun", "inspection"}
            own = own or (tag.kind == "body" and others <= {"body"} and self._opens_sentence(tag))
            if own and not self._is_cut_off(tag, verb) and _ALSO.fullmatch(self.narration, tag.end, verb[0]):
                return tag
        return None

    def behind(self, verb: Span, end: int) -> Tag | None:
        """Who is named right behind the verb: "said Ann Lee", "says the report"."""
        for tag in self.tags.between(verb[1], end)[:1]:
            if _INVERTED.fullmatch(self.narration, verb[1], tag.start) and tag.kind in ("person", "body", "inspection"):
                return tag
        return None

    def according(self, start: int, end: int) -> Tag | None:
        """Whom text[start:end] says that something is according to."""
        return next(
            (tag for tag in self.tags.between(start, end) if _ACCORDING.search(self.narration, start, tag.start)), None
        )

    def who(self, tag: Tag, last: Person | None) -> Speaker | None:
        """The speaker that a tag means; `last` is who spoke before, for "he", "she" and "it"."""
        if tag.kind == "inspection":
            return "inspection"
        if tag.kind == "pronoun":
            return self.meant(tag, last)
        if tag.kind == "it":
            return self._it(tag, last)
        return tag.person

    def _it(self, it: Tag, last: Person | None) -> Speaker | None:
        """Whom "it" means: who opens the sentence before it in its paragraph, or else the body that spoke last."""
        sentence = self.tags.reading.sentence_at(it.start)
        opening = self.tags.reading.paragraphs[sentence.paragraph][0]
        near = [tag for tag in self.tags.before(sentence.start, _FAR) if tag.start >= opening and tag.kind != "it"]
        first = next((tag for tag in reversed(near) if self._opens_sentence(tag)), None)
        if first:
            return "inspection" if first.kind == "inspection" else first.person if first.kind == "body" else None
        return last if last is not None and last.rule == "speaker.body" else None

    def meant(self, pronoun: Tag, last: Person | None) -> Person | None:
        """Whom "he" or "she" means: the person named last before it in its paragraph, or else who spoke last."""
        said = self.narration[pronoun.start : pronoun.end].lower()
        opening = self.tags.reading.paragraphs[self.tags.reading.sentence_at(pronoun.start).paragraph][0]
        near = [tag for tag in self.tags.before(pronoun.start, _FAR) if tag.start >= opening]
        for tag in (one for one in reversed(near) if one.kind in ("person", "inspection")):
            if tag.person is not None and _can_be(tag.person, said):
                return None if tag.kind == "inspection" else tag.person
        if last is not None and last.rule != "speaker.body" and _can_be(last, said):
            return last
        before = self.tags.before(opening, _FAR)
        persons = [tag for tag in before if tag.kind == "person" and tag.person and _can_be(tag.person, said)]
        first = [tag for tag in persons if self._opens_sentence(tag)]
        return (first or persons)[-1].person if persons else None

    def _opens_sentence(self, tag: Tag) -> bool:
        start = self.tags.reading.sentence_at(tag.start).start
        return len(self.narration[start : tag.start].split()) <= 2 and not self.tags.between(start, tag.start)


def end_with_post(tag: Tag) -> int:
    """Where the tag ends, with the post that stands behind a person's name there."""
    here = tag.kind == "person" and tag.person is not None and tag.person.start <= tag.start <= tag.person.end
    return max(tag.end, tag.person.end) if here and tag.person else tag.end


def _can_be(person: Person, pronoun: str) -> bool:
    """Whether the person's titles allow the pronoun."""
    other = toml("roles.toml")["she" if pronoun == "he" else "he"]
    return not {title.rstrip(".") for title in person.titles.split()} & set(other)
