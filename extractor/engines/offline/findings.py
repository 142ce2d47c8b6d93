"""Strengths, weaknesses and recommendations: what the text says that the inspectors found, a clause an item."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from extractor.document import Span
from extractor.domain.grades import grade_words
from extractor.domain.tables import toml
from extractor.engines.offline.reading import Found, Quotation, Reading, Sentence

_BULLET = re.compile(r"[•*·▪◼◾■●○-]\s+")
_TO_IMPROVE = re.compile(
    r"what needs to (?:improve|be better)|areas? for (?:priority action|improvement)|recommendations?", re.I
)
_CLAUSE = re.compile(r"(?:,\s+|\s+)(?=\b(?:but|though|although|however|whereas)\b)|,\s+(?=(?:in|with)\s+\w+\s)|;\s+")
_FEWEST_WORDS = 4


def findings(reading: Reading, spoken: Sequence[Quotation]) -> list[Found]:
    """What the inspectors found, in order; the direct speech of other people is left out."""
    return [*_listed(reading), *_told(reading, spoken)]


def _listed(reading: Reading) -> Iterator[Found]:
    """The items under "What needs to improve" and its like."""
    under = False
    for start, end in reading.paragraphs:
        text = reading.text[start:end]
        bullet = _BULLET.match(text)
        if under and bullet:
            yield _found("recommendation", (start + bullet.end(), end), reading, "finding.listed")
        else:
            last = text.rsplit("\n", 1)[-1]
            under = len(last) < 60 and _TO_IMPROVE.search(last) is not None


def _told(reading: Reading, spoken: Sequence[Quotation]) -> Iterator[Found]:
    """Clauses of sentences in which the report or the inspectors say something."""
    for sentence in reading.sentences:
        if any(said.start < sentence.end and sentence.start < said.end for said in spoken):
            continue
        source = _source().search(sentence.text)
        if source is None:
            continue
        for start, end in _clauses(sentence, source.end()):
            kind = _kind(sentence.text[: source.end()] if start == sentence.start else "", reading.text[start:end])
            if (
                kind
                and len(reading.text[start:end].split()) >= _FEWEST_WORDS
                and not grade_words(reading.text[start:end].replace("good", ""), read=True)
            ):
                yield _found(kind, (start, end), reading, "finding.told")


def _clauses(sentence: Sentence, begin: int) -> Iterator[Span]:
    """The clauses of what is said behind the verb, without "that" and quotation marks at the edge."""
    position = begin
    for stop in [match.start() for match in _CLAUSE.finditer(sentence.text, begin)] + [len(sentence.text)]:
        piece = sentence.text[position:stop]
        lead = re.match(r"[\s,:;\"']*(?:(?:that|but|though|although|however|while|with|by|including)\s+)*", piece, re.I)
        start = position + (lead.end() if lead else 0)
        end = stop - (len(piece) - len(piece.rstrip(" .,;\n")))
        if sentence.text[start:end].count('"') % 2 and sentence.text[end - 1] == '"':
            end = start + len(sentence.text[start : end - 1].rstrip(" .,"))
        if start < end:
            yield sentence.start + start, sentence.start + end
        position = stop


def _kind(verb: str, clause: str) -> str | None:
    """What the clause is by its words: the tone that most of them have."""
    said = f" {clause.lower()} "
    asks, faults, praises = (len(_tone(tone).findall(said)) for tone in ("ask", "fault", "praise"))
    if asks and not faults:
        return "recommendation"
    if faults or praises:
        return "weakness" if faults >= praises else "strength"
    return None


def _found(kind: str, span: Span, reading: Reading, rule: str) -> Found:
    return Found({"kind": kind, "text": reading.text[slice(*span)]}, (span,), rule)


@cache
def _tone(tone: str) -> re.Pattern[str]:
    words = sorted(toml("tones.toml")[tone], key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")


@cache
def _source() -> re.Pattern[str]:
    table = toml("tones.toml")
    sources, verbs = "|".join(table["sources"]), "|".join(table["verbs"])
    noted = r"\b(?:noted|praised|criticised|highlighted|identified) by inspectors\b"
    return re.compile(rf"\b(?:{sources})\b[^.;,\"]{{0,40}}?\b(?:{verbs})\b|{noted}", re.IGNORECASE)
