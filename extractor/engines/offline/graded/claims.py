"""Grades that somebody other than the inspectorate asserts or expects, in direct or reported speech."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractor.document import Span
from extractor.domain.cues import cue
from extractor.domain.grades import GradeWord, grade_words
from extractor.engines.offline.graded.grades import is_adjective
from extractor.engines.offline.graded.phrases import phrase
from extractor.engines.offline.graded.topics import Topic, topics
from extractor.engines.offline.reading import Found, Quotation, Reading
from extractor.engines.offline.spoken.people import Person

_CALLS = phrase(
    r"\b(?:call|calls|called|mark|marks|rate|rates|regard|assess|grade|put|describe|consider|deem|brand)(?:ed|d)? ",
    r"(?:(?:it|us|them|this|that|him|her|ourselves|(?:the|our|this|that|their) (?:\w+ ){0,2}\w+) )?(?:as )?",
    r"(?:an? )?[\"']?$",
)
_GETS = phrase(
    r"\b(?:expect\w*|got|get|earn\w*|deserv\w*|been|give\w*|rated|graded|judged|marked|promis\w*) ",
    r"(?:(?:us|to be|it to be) )?(?:an? |another )?(?:solid(?:ly)? )?[\"']?$",
)
_IS = phrase(
    r"\b(?P<subject>[\w']+)(?:'(?:re|s|m))? (?:(?:is|are|was|were|be|been|remains?|would|will|could|should|'ll|to|have",
    r"|has|now|still|really|honestly|truly|simply|already) )+(?:an? )?(?:solid(?:ly)? )?[\"']?$",
    r"|\b(?:we're|it's|they're|that's) (?:(?:now|still) )?(?:an? )?[\"']?$",
)
_SERVICE = phrase(r"['\"]? (?:[a-z'-]+ ){0,2}?(?:services?|provision|team|support|home|school|council|department)\b")
_SPOKEN_OF = re.compile(
    r"(?:we|us|it|they|them|our|ours|service|services|team|home|school|council|borough|city|county|department|support"
    r"|morale|leavers|care|children|help|protection|adoption|fostering|leadership|board|work|this|[A-Z]\w+)$"
)
"""What "good" is a grade of; anything else that is good is only good."""
_WISH = phrase(
    r"\b(?:hope|hopes|hoped|want|wants|wanted|aim|aims|until|till|ambition|aspir\w*|dream\w*|if|whether|bid|determined",
    r"|strive\w*|word|words)\b",
)
_SURE = phrase(r"\b(?:expect\w*|sure|confident|predict\w*|believe\w*|would|will|'ll|'d)\b")
_EVERY = phrase(r"['\"]? (?:in|for|across|under) ((?:all|every) \w+)")
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_REPORTS = phrase(
    r"\b(?:said|says|told|claimed|claims|insisted|insists|argued|believes?|believed|thought|thinks|view|informed",
    r"|predicted|expects?|expected|assessed|contended|maintained|was sure|was delighted|was pleased|described",
    r"|called)\b",
)


def claims(
    reading: Reading, said: Sequence[tuple[Quotation, Person, str]], persons: Sequence[Person] = ()
) -> list[Found]:
    """Each grade that somebody asserts, with what it is said of where the words tell."""
    found = [*_spoken(reading, said), *_reported(reading, said, persons)]
    return sorted(found, key=lambda one: one.spans)


def _spoken(reading: Reading, said: Sequence[tuple[Quotation, Person, str]]) -> Iterator[Found]:
    """The claims in direct speech."""
    for quotation, person, _ in said:
        for form in grade_words(reading.text[quotation.start : quotation.end], read=True):
            at = (quotation.start + form.start, quotation.start + form.end)
            sentence = reading.sentence_at(at[0])
            inside = (max(sentence.start, quotation.start), min(sentence.end, quotation.end))
            if _asserts(reading.text[inside[0] : at[0]], reading.text[at[1] : inside[1]], form):
                yield _found(reading, person.name, form, at, inside, "claim.speech")


def _reported(
    reading: Reading, said: Sequence[tuple[Quotation, Person, str]], persons: Sequence[Person]
) -> Iterator[Found]:
    """The claims in sentences that say what a named person said."""
    quoted = [(quotation.start, quotation.end) for quotation, _, _ in said]
    last: Person | None = None
    for sentence in reading.sentences:
        named = [person for person in persons if person.surname in sentence.text]
        speaker = named[0] if named else last if re.search(r"\b(?:he|she|her|his)\b", sentence.text, re.I) else None
        last = named[-1] if named else last
        verb = _REPORTS.search(sentence.text)
        if speaker is None or verb is None:
            continue
        for form in grade_words(sentence.text, read=True):
            at = (sentence.start + form.start, sentence.start + form.end)
            if form.start < verb.end() or any(start <= at[0] < end for start, end in quoted):
                continue
            if _asserts(sentence.text[: form.start], sentence.text[form.end :], form):
                yield _found(reading, speaker.name, form, at, (sentence.start, sentence.end), "claim.reported")


def _asserts(before: str, after: str, form: GradeWord) -> bool:
    """Whether the words around a grade in somebody's speech assert it, or expect it."""
    near = before[-60:]
    if cue("negated").search(before) or (_WISH.search(before[-90:]) and not _SURE.search(near)):
        return False
    if cue("before").search(near) or _YEAR.search(before):
        return False
    service = _SERVICE.match(after) is not None
    if is_adjective(after) and not service and not (before[-1:] in "'\"" and after[:1] in "'\""):
        return False
    if _CALLS.search(before) or _GETS.search(before):
        return True
    verb = _IS.search(before)
    if verb is None:
        return bool(service and re.search(r"\b(?:our|an?)\s+[\"']?(?:solidly\s+)?$", before) and form.grade != "good")
    subject = verb["subject"]
    return form.grade != "good" or subject is None or _SPOKEN_OF.search(subject) is not None


def _found(reading: Reading, speaker: str, form: GradeWord, at: Span, inside: Span, rule: str) -> Found:
    values = {"speaker": speaker, "area": _area(reading.text, at, inside), "grade": form.grade}
    return Found(values, (inside,), rule)


def _area(text: str, at: Span, inside: Span) -> str | None:
    """What the grade is said of: the area right behind it, or else the last one before it."""
    service = _SERVICE.match(text, at[1], inside[1])
    if service:
        return service[0].strip(" '\"")
    every = _EVERY.match(text, at[1], inside[1])
    if every:
        return every[1]
    before = text[inside[0] : at[0]]
    named: list[Topic] = [one for one in topics(before) if one.kind == "area"]
    return before[named[-1].start : named[-1].end] if named else None
