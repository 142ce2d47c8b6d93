"""Direct speech: whose the words in quotation marks are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from extractor.document import Span
from extractor.engines.offline.reading import Found, Quotation, Reading
from extractor.engines.offline.spoken import reported as reporting
from extractor.engines.offline.spoken.people import Person
from extractor.engines.offline.spoken.speakers import Speaker, Speakers
from extractor.engines.offline.spoken.tags import Tag, Tags

_FEWEST_OF_A_SENTENCE = 2
_FEWEST_OF_A_PART = 3
_NEAR = 20
_SENTENCE_END = re.compile(r"[.!?]\)?\s+(?=[A-Z\"'(])|[.!?]\s*$")
_CLAUSE_END = re.compile(r"[.;]\s|[.;]$|\n")
_JOINED_ON = re.compile(r"\W*(?:and|but|or|then)?\W*(?:that\s+)?(?:it|they|he|she|the)?\s*(?:also|then)?\s*")


def statements(reading: Reading, persons: Sequence[Person]) -> list[Found]:
    """One item a sentence of direct speech, by persons and bodies; the inspection's own words are left out."""
    return [
        Found(
            {"speaker": speaker.name, "text": reading.text[start:end], "direct": True},
            (_shown(reading, quotation, speaker, (start, end)),),
            rule,
        )
        for quotation, speaker, rule in attributed(reading, persons)
        for start, end in _sentences(reading, quotation)
    ]


def _shown(reading: Reading, quotation: Quotation, speaker: Person, words: Span) -> Span:
    """The words, from the beginning of the sentence that they stand in where that names the speaker before them."""
    sentence = reading.sentence_at(quotation.start - 1)
    opens = words[0] - quotation.start < 3 and speaker.surname in reading.text[sentence.start : quotation.start]
    return (sentence.start, words[1]) if opens else words


def attributed(reading: Reading, persons: Sequence[Person]) -> Iterator[tuple[Quotation, Person, str]]:
    """Each quotation that somebody other than the inspection speaks, with who, and the rule that tells.

    Whose name is a body's or an office's ("a council spokesman") is a Person with that name and no role.
    """
    yield from _Speech(Speakers(Tags(reading, persons))).attributed()


def reported(reading: Reading, persons: Sequence[Person]) -> list[Found]:
    """Sentences that report what somebody said, without quotation marks."""
    spoken = [
        (quotation.start, quotation.end, speaker)
        for quotation, speaker, _ in attributed(reading, persons)
        if next(_sentences(reading, quotation), None)
    ]
    return reporting.reported(Speakers(Tags(reading, persons)), spoken)


@dataclass
class _Speech:
    """A text's quotations and, while they are read in order, who spoke last."""

    speakers: Speakers
    last: Person | None = None
    goes_on: Person | None = field(default=None)
    """Who speaks on if the next paragraph opens with a quotation."""

    @property
    def reading(self) -> Reading:
        return self.speakers.tags.reading

    def attributed(self) -> Iterator[tuple[Quotation, Person, str]]:
        number = -1
        for paragraph, group in groupby(self.speakers.tags.quotations, key=lambda quotation: quotation.paragraph):
            if paragraph != number + 1:
                self.goes_on = None
            number = paragraph
            yield from self._of_paragraph(self.reading.paragraphs[paragraph], list(group))

    def _of_paragraph(self, span: Span, quotations: Sequence[Quotation]) -> Iterator[tuple[Quotation, Person, str]]:
        before: Speaker | None = None
        goes_on, self.goes_on = self.goes_on, None
        for number, quotation in enumerate(quotations):
            begin = quotations[number - 1].end + 1 if number else span[0]
            stop = quotations[number + 1].start - 1 if number + 1 < len(quotations) else span[1]
            lead, tail = (begin, quotation.start - 1), (quotation.end + 1, max(stop, quotation.end + 1))
            speaker, rule = self._speaker(quotation, lead, tail, before)
            if speaker is None and not number and self._opens(lead):
                speaker, rule = (goes_on, "speech.continued") if goes_on else (self._led_in(span), "speech.led-in")
            before = speaker
            if isinstance(speaker, Person):
                self.last = speaker
                yield quotation, speaker, rule
        if isinstance(before, Person) and not self._words((quotations[-1].end + 1, span[1])).strip(" .,\"'"):
            self.goes_on = before

    def _words(self, span: Span) -> str:
        return self.speakers.narration[span[0] : span[1]]

    def _opens(self, lead: Span) -> bool:
        """Whether the quotation opens its paragraph."""
        return not self._words(lead).strip(" \"'")

    def _speaker(
        self, quotation: Quotation, lead: Span, tail: Span, before: Speaker | None
    ) -> tuple[Speaker | None, str]:
        """Who speaks a quotation, by the words before it in its sentence, behind it, or the speech it goes on from."""
        words = self._words(lead)
        ends = [match.end() for match in _SENTENCE_END.finditer(words)]
        own = (lead[0] + ends[-1] if ends else lead[0], lead[1])
        within = self._words(own).strip(" \"'") != ""
        if within:
            found = self._before(own, whole=self._is_whole(quotation))
            if found is not None:
                return found, "speech.speaker-before"
        found = self._behind(tail)
        if found is not None:
            return found, "speech.speaker-after"
        if within:
            joined = before is not None and not ends and _JOINED_ON.fullmatch(words)
            return (before, "speech.joined") if joined else (None, "")
        if not self._is_whole(quotation):
            return None, ""
        named = self._named_last(lead)
        if named is not None:
            return named, "speech.introduced"
        return (before, "speech.goes-on") if before is not None else (None, "")

    def _before(self, span: Span, *, whole: bool) -> Speaker | None:
        """Who speaks by the verb nearest before a quotation, or "according to".

        A part of a sentence that stands behind the inspection's name is the inspection's: "she said that Ofsted gave
        an "inadequate" mark".
        """
        for verb in reversed(self.speakers.tags.verbs_between(*span)[-3:]):
            tag = self.speakers.subject(span[0], verb) or self.speakers.behind(verb, span[1])
            others = self.speakers.tags.between(verb[1], span[1])
            if tag and not whole and any(other.kind == "inspection" for other in others):
                return "inspection"
            if tag:
                return self.speakers.who(tag, self.last)
        tag = self.speakers.according(*span)
        return self.speakers.who(tag, self.last) if tag else None

    def _behind(self, span: Span) -> Speaker | None:
        """Who speaks by the clause right behind a quotation: `," said Ann Lee`, `," she told the meeting`."""
        words = self._words(span)
        end = _CLAUSE_END.search(words)
        span = (span[0], span[0] + end.start() if end else span[1])
        verb = next(iter(self.speakers.tags.verbs_between(*span)), None)
        if verb is None:
            tag = self.speakers.according(*span)
            return self.speakers.who(tag, self.last) if tag and tag.start - span[0] < _NEAR else None
        if not self._words((span[0], verb[0])).strip(" ,\"'"):
            tag = self.speakers.behind(verb, span[1])
        else:
            tag = self.speakers.subject(span[0], verb)
            if tag and self._words((span[0], tag.start)).strip(" ,\"'the"):
                tag = None
        return self.speakers.who(tag, self.last) if tag else None

    def _named_last(self, lead: Span) -> Speaker | None:
        """Who is the subject of the sentence that ends right before a quotation: "Bob Day was brief. "Not bad.""."""
        words = self._words(lead).rstrip()
        ends = [match.end() for match in _SENTENCE_END.finditer(words[:-1])]
        start = lead[0] + (ends[-1] if ends else 0)
        here = self.speakers.tags.between(start, lead[1])
        if any(tag.kind == "inspection" for tag in here):
            return None
        persons = [tag for tag in here if tag.kind in ("person", "pronoun")]
        first: Tag | None = next(iter(persons), None)
        return self.speakers.who(first, self.last) if first else None

    def _led_in(self, span: Span) -> Speaker | None:
        """Who speaks a quotation that opens its paragraph, by the one before, where that ends in a colon."""
        number = self.reading.sentence_at(span[0]).paragraph
        if not number:
            return None
        start, end = self.reading.paragraphs[number - 1]
        if not self.reading.text[start:end].rstrip().endswith(":"):
            return None
        sentence = self.reading.sentence_at(end - 1)
        return self._before((sentence.start, end), whole=True)

    def _is_whole(self, quotation: Quotation) -> bool:
        """Whether the quotation is a sentence: it begins with a capital and ends as one does, or is left open."""
        words = self.reading.text[quotation.start : quotation.end].strip(" '")
        return words[:1].isupper() and (words[-1:] in ".!?," or len(words.split()) > 8)


def _sentences(reading: Reading, quotation: Quotation) -> Iterator[Span]:
    """The quotation's sentences, or its words where it is a part of one."""
    for sentence in reading.sentences_from(quotation.start):
        if sentence.start >= quotation.end:
            return
        start, end = max(sentence.start, quotation.start), min(sentence.end, quotation.end)
        text = reading.text[start:end]
        start, end = start + len(text) - len(text.lstrip(' "')), end - len(text) + len(text.rstrip(' ",\n'))
        whole = text.strip()[-1:] in (".", "!", "?", ",")
        if len(reading.text[start:end].split()) >= (_FEWEST_OF_A_SENTENCE if whole else _FEWEST_OF_A_PART):
            yield start, end
