"""Who says what: the words in quotation marks, and reported speech, with the person whose they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from extractor.document import Span
from extractor.domain.tables import toml
from extractor.engines.offline.people import Person
from extractor.engines.offline.reading import Found, Quotation, Reading

_FEWEST_WORDS = 4


def statements(reading: Reading, persons: Sequence[Person]) -> list[Found]:
    """One item a sentence of direct speech by a named person; the report's and inspectors' own words are left out."""
    return [
        Found({"speaker": speaker.name, "text": reading.text[start:end], "direct": True}, ((start, end),), rule)
        for quotation, speaker, rule in attributed(reading, persons)
        for start, end in _sentences(reading, quotation)
        if len(reading.text[start:end].split()) >= _FEWEST_WORDS
    ]


def attributed(reading: Reading, persons: Sequence[Person]) -> Iterator[tuple[Quotation, Person, str]]:
    """Each quotation that a named person speaks, with that person and the rule that tells."""
    last: Person | None = None
    open_ended = False
    nearby = _Named(reading, persons)
    for quotation in reading.quotations:
        opens_paragraph = quotation.start - 1 == reading.paragraphs[quotation.paragraph][0]
        before = reading.text[reading.sentence_at(quotation.start - 1).start : quotation.start - 1]
        after = _after(reading, quotation)
        opening = reading.paragraphs[quotation.paragraph][0]
        last = nearby.before(quotation.start, since=opening) or last
        named = _speaker(before, persons, last) or _speaker_after(after, persons, last)
        if named == "inspection":
            last, open_ended = None, False
            continue
        if isinstance(named, Person):
            last = named
            yield quotation, named, "speech.attributed"
        elif opens_paragraph and last is not None and open_ended:
            yield quotation, last, "speech.continued"
        else:
            continue
        open_ended = reading.text[quotation.end : quotation.end + 1] != '"' or opens_paragraph or not after.strip()


def reported(reading: Reading, persons: Sequence[Person]) -> list[Found]:
    """Sentences that report, without quotation marks, what a named person said."""
    found: list[Found] = []
    nearby = _Named(reading, persons)
    for sentence in reading.sentences:
        verb = _said().search(sentence.text)
        if '"' in sentence.text or verb is None:
            continue
        speaker = _speaker(sentence.text[: verb.end()], persons, nearby.before(sentence.start))
        if isinstance(speaker, Person) and _is_subject(sentence.text[: verb.start()], speaker):
            text = sentence.text[verb.end() :].strip(" ,.\n")
            that = re.match(r"that\s+", text)
            start = sentence.start + sentence.text.index(text) + (that.end() if that else 0)
            if len(text.split()) >= _FEWEST_WORDS:
                values = {"speaker": speaker.name, "text": reading.text[start : sentence.end], "direct": False}
                found.append(Found(values, ((start, sentence.end),), "speech.reported"))
    return found


def _is_subject(before: str, speaker: Person) -> bool:
    """Whether the words before a verb end in the speaker, or "he" or "she", as its subject, a role between."""
    if re.search(r"\b(?:he|she)(?:\s+(?:also|has|had|then))*\s+$", before, re.IGNORECASE):
        return True
    named = list(_name(speaker).finditer(before))
    gap = before[named[-1].end() :] if named else "."
    return re.fullmatch(r"(?:,[^.;\"]{0,120},?)?\s*(?:also|has|had|then)?\s*", gap) is not None


class _Named:
    """Where each person is named, to know whom "he" or "she" means."""

    def __init__(self, reading: Reading, persons: Sequence[Person]) -> None:
        found = ((match.start(), person) for person in persons for match in _name(person).finditer(reading.text))
        self._places = sorted(found, key=lambda place: place[0])

    def before(self, offset: int, since: int = 0) -> Person | None:
        """The last person named before the offset, looking back no further than `since`."""
        return next((person for at, person in reversed(self._places) if since <= at < offset), None)


def _sentences(reading: Reading, quotation: Quotation) -> Iterator[Span]:
    """The quotation's sentences."""
    for sentence in reading.sentences_from(quotation.start):
        if sentence.start >= quotation.end:
            return
        start, end = max(sentence.start, quotation.start), min(sentence.end, quotation.end)
        text = reading.text[start:end]
        start, end = start + len(text) - len(text.lstrip(' "')), end - len(text) + len(text.rstrip(' ",\n'))
        if start < end:
            yield start, end


def _after(reading: Reading, quotation: Quotation) -> str:
    """What follows the closing mark in the same paragraph, up to the next quotation."""
    end = reading.paragraphs[quotation.paragraph][1]
    return reading.text[quotation.end + 1 : end].split('"')[0]


def _speaker(words: str, persons: Sequence[Person], last: Person | None) -> Person | str | None:
    """Who speaks by the words before a quotation: a person, "inspection" for its report, or null."""
    verb = list(_said().finditer(words))
    if not verb:
        return None
    subject = words[: verb[-1].start()]
    named = [(match.start(), person) for person in persons for match in _name(person).finditer(subject)]
    body = list(_inspection().finditer(subject))
    if body and (not named or body[-1].start() > max(named, key=lambda hit: hit[0])[0]):
        return "inspection"
    if named:
        return max(named, key=lambda hit: hit[0])[1]
    return last if re.search(r"\b(?:he|she|they)\b", subject, re.IGNORECASE) else None


def _speaker_after(words: str, persons: Sequence[Person], last: Person | None) -> Person | str | None:
    """Who speaks by the words after a quotation: "…," said Ann Lee; "…," she added."""
    clause = re.split(r"[.;]\s", words, maxsplit=1)[0]
    if not _said().search(clause):
        return None
    if _inspection().search(clause[:40]):
        return "inspection"
    for person in persons:
        if _name(person).search(clause):
            return person
    return last if re.match(r"\W*(?:he|she)\b", clause, re.IGNORECASE) else None


@cache
def _said() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(toml('roles.toml')['speech'])})\b")


@cache
def _inspection() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(toml('roles.toml')['inspection_speakers'])})\b", re.IGNORECASE)


def _name(person: Person) -> re.Pattern[str]:
    titled = rf"(?:Mr|Mrs|Ms|Miss|Dr|Cllr|Councillor|Sir|Dame)\.?\s(?:\w+\s)?{re.escape(person.surname)}"
    return re.compile(rf"\b(?:{re.escape(person.name)}|{titled})\b")
