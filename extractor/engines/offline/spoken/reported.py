"""Reported speech: what somebody said, told without quotation marks."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from extractor.document import Span
from extractor.domain.tables import toml
from extractor.engines.offline.reading import Found, Reading, Sentence
from extractor.engines.offline.spoken.people import Person
from extractor.engines.offline.spoken.posts import any_of
from extractor.engines.offline.spoken.speakers import Speakers, end_with_post
from extractor.engines.offline.spoken.tags import Tag

_FEWEST_WORDS = 3
_THAT = re.compile(r"[^.;:\"]{0,70}?\bthat\s+")
_IMMEDIATELY = re.compile(r"\s+that\s+")
_WHETHER = re.compile(r"(?:[^.;:,\"]{0,40}?\s)?(?=(?:whether|if|how|why|what)\s)")
_BARE = re.compile(
    r"\s+(?!(?:in|on|to|at|by|of|so|it all|yesterday|today|last|after|before|earlier|much|more|as|with|for|sorry"
    r"|thank)\b)(?=[A-Za-z0-9])"
)
_ASKING = ("asked", "questioned", "queried")
_TELLING = ("told", "tells", "informed", "assured", "reminded")
_HEARER = re.compile(r"\s+(?:(?!that\b)[\w'-]+\s+){1,6}?(?=(?:he|she|they|it|there|we)\s)")
_COLON = re.compile(r":\s+(?=[A-Za-z])")
_BACKSHIFTED = re.compile(r"\b(?:had|would|could|was|were|did not|should|might)\b")
_PRESENT = re.compile(r"\b(?:is|are|has|have|will|can|does|do|says|say)\b")


def reported(speakers: Speakers, spoken: Sequence[tuple[int, int, Person]]) -> list[Found]:
    """One item a sentence that tells what somebody said; not where it also quotes them, as that is their speech."""
    if speakers.tags.is_own and all(person.role == "inspector" for person in speakers.tags.persons):
        return []
    return list(_Reported(speakers, spoken).found())


@dataclass(frozen=True)
class _Told:
    """What a sentence tells that somebody said: text[start:end]."""

    speaker: Person
    start: int
    end: int
    rule: str


@dataclass(frozen=True)
class _Reported:
    """A text's reported speech. `spoken` are its spans of direct speech with who speaks."""

    speakers: Speakers
    spoken: Sequence[tuple[int, int, Person]]

    @property
    def reading(self) -> Reading:
        return self.speakers.tags.reading

    @cached_property
    def _spoken_starts(self) -> list[int]:
        return [start for start, _, _ in self.spoken]

    def found(self) -> Iterator[Found]:
        last: Person | None = None
        paragraph, goes_on = -1, None
        for sentence in self.reading.sentences:
            if self._is_headline(sentence):
                continue
            if sentence.paragraph != paragraph:
                paragraph, goes_on = sentence.paragraph, None
            quoted = self._quoted(sentence)
            if quoted:
                last, goes_on = quoted, None
                continue
            told = self._told(sentence, last) or self._told_on(sentence, goes_on)
            goes_on = told.speaker if told else None
            if told:
                last = told.speaker
                text = self.reading.text[told.start : told.end]
                if len(text.split()) >= _FEWEST_WORDS:
                    values = {"speaker": told.speaker.name, "text": text, "direct": False}
                    yield Found(values, (self._shown(sentence, told),), told.rule)

    def _shown(self, sentence: Sentence, told: _Told) -> Span:
        """The words told, from their sentence's beginning where that names the speaker."""
        named = told.speaker.surname in self.reading.text[sentence.start : told.start]
        return (sentence.start, told.end) if named else (told.start, told.end)

    @staticmethod
    def _is_headline(sentence: Sentence) -> bool:
        """Whether the sentence is the text's headline."""
        return sentence.paragraph == 0 and sentence.text[-1:] not in ".!?\"'"

    def _quoted(self, sentence: Sentence) -> Person | None:
        """Who speaks in the sentence directly, last."""
        near = bisect_left(self._spoken_starts, sentence.end) - 1
        return self.spoken[near][2] if near >= 0 and self.spoken[near][1] > sentence.start else None

    def _told(self, sentence: Sentence, last: Person | None) -> _Told | None:
        """What the sentence tells by its verbs of speech."""
        for verb in self.speakers.tags.verbs_between(sentence.start, sentence.end):
            tag = self.speakers.subject(sentence.start, verb)
            aside = self._aside(sentence, verb, tag)
            named = aside[0] if aside else tag
            if named is None:
                continue
            who = self.speakers.who(named, last)
            if who == "inspection" or who is None:
                return None
            span = aside[1] if aside else self._complement(sentence, verb)
            if span and span[0] < span[1]:
                return _Told(who, *span, "speech.reported-aside" if aside else "speech.reported")
        return self._according(sentence, last) or self._felt(sentence, last)

    def _aside(self, sentence: Sentence, verb: Span, tag: Tag | None) -> tuple[Tag, Span] | None:
        """Who says a sentence by an aside in it, and what: "…, she said, …", "…, said Ann Lee."."""
        words = self.speakers.narration
        behind = None if tag else self.speakers.behind(verb, sentence.end)
        who = tag or behind
        if who is None:
            return None
        start, end = min(who.start, verb[0]), max(who.end, verb[1])
        if not words[sentence.start : start].strip() or not re.search(r",\s+$", words[sentence.start : start]):
            return None
        if not re.match(r"\s*(?:,|:|\.|$)", words[end : sentence.end]):
            return None
        if _is_lead(words[sentence.start : start]):
            return None
        stop = start if not words[end : sentence.end].strip(" .\"'\n") else sentence.end
        return who, self._trimmed(sentence.start, stop)

    def _complement(self, sentence: Sentence, verb: Span) -> Span | None:
        """What the verb says: the clause behind "that", the clause itself, or the verb and all behind it."""
        words = self.speakers.narration
        end = sentence.end
        plain = words[slice(*verb)]
        whole = _doing_by_saying().match(words, verb[0], end)
        if whole and not _IMMEDIATELY.match(words, whole.end(), end):
            return self._trimmed(verb[0], end)
        bare = (_BARE.match(words, verb[1], end) or _COLON.match(words, verb[1], end)) if plain in _saying() else None
        if plain in _TELLING and (heard := _HEARER.match(words, verb[1], end)):
            return self._trimmed(heard.end(), end)
        that = _IMMEDIATELY.match(words, verb[1], end) or (None if bare else _THAT.match(words, verb[1], end))
        if plain in _ASKING and (whether := _WHETHER.match(words, verb[1], end)):
            return self._trimmed(whether.end(), end)
        behind = that or bare
        return self._trimmed(behind.end(), end) if behind else None

    def _according(self, sentence: Sentence, last: Person | None) -> _Told | None:
        """What the sentence tells according to somebody."""
        tag = self.speakers.according(sentence.start, sentence.end)
        who = self.speakers.who(tag, last) if tag else None
        if tag is None or not isinstance(who, Person):
            return None
        end = end_with_post(tag)
        behind = re.match(r",\s+", self.speakers.narration[end : sentence.end])
        opens = len(self.speakers.narration[sentence.start : tag.start].split()) <= 3
        if opens and behind:
            return _Told(who, *self._trimmed(end + behind.end(), sentence.end), "speech.according-to")
        return None

    def _felt(self, sentence: Sentence, last: Person | None) -> _Told | None:
        """What the sentence says that somebody was pleased, sorry or the like about."""
        for feeling in _feelings().finditer(self.speakers.narration, sentence.start, sentence.end):
            tag = self.speakers.subject(sentence.start, feeling.span())
            if tag is None or tag.kind not in ("person", "pronoun"):
                continue
            who = self.speakers.who(tag, last)
            if isinstance(who, Person):
                return _Told(who, *self._trimmed(feeling.start(), sentence.end), "speech.felt")
        return None

    def _told_on(self, sentence: Sentence, who: Person | None) -> _Told | None:
        """A sentence that goes on telling what was said, by its tenses: "A new team had been set up."."""
        if who is None or '"' in sentence.text or _PRESENT.search(sentence.text):
            return None
        if any(
            tag.kind in ("person", "inspection", "pronoun")
            for tag in self.speakers.tags.between(sentence.start, sentence.end)
        ):
            return None
        if self.speakers.tags.verbs_between(sentence.start, sentence.end) or not _BACKSHIFTED.search(sentence.text):
            return None
        return _Told(who, *self._trimmed(sentence.start, sentence.end), "speech.told-on")

    def _trimmed(self, start: int, end: int) -> Span:
        text = self.reading.text[start:end]
        return start + len(text) - len(text.lstrip(' "\n')), end - len(text) + len(text.rstrip(" ,.\n"))


def _is_lead(words: str) -> bool:
    """Whether words before a comma only lead in, so that what is said stands behind: "Yesterday, she said …"."""
    return len(words.split()) <= 2


@cache
def _saying() -> frozenset[str]:
    return frozenset(toml("roles.toml")["saying"])


@cache
def _doing_by_saying() -> re.Pattern[str]:
    return any_of(toml("roles.toml")["doing_by_saying"])


@cache
def _feelings() -> re.Pattern[str]:
    feelings = "|".join(toml("roles.toml")["feelings"])
    return re.compile(rf"\b(?:was|is|were|are)\s+(?:(?:very|also|not|so|deeply|clearly)\s+)?(?:{feelings})\b")
