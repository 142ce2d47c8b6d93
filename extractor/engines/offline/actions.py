"""What the inspected body says it has done, is doing or will do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.document import Span
from extractor.engines.offline.reading import Found, Reading, Sentence

_WHO = r"(?:we|the council|the authority|council|it|they|leaders|managers|the department|the service|he|she)"
_ADVERB = r"(?:\s+(?:already|also|now|since|currently|recently|eventually|just|all))*"
_FEELING = (
    r"(?!\s+(?:disappoint|determin|commit|pleas|delight|confident|sorry|proud|sure|aware|happy|fully|very|deeply|clear"
    r"|received|found|said|rated|judged|graded|inspected)\w*)(?!\s+(?:not|been|had|a|an|the|in|at|on|good|no)\b)"
)
_STATUSES = {
    "under way": [
        rf"\b{_WHO}\s+(?:is|are|'re){_ADVERB}{_FEELING}\s+(?:in the process of\s+)?\w+ing\b",
        r"\bwork (?:has|had)(?: already)? (?:begun|started)\b",
        rf"\b{_WHO}\s+(?:has|have){_ADVERB}\s+(?:begun|started)\b",
        r"\b(?:is|are)(?: already| now| currently)? (?:under way|underway|in hand)\b",
    ],
    "done": [
        rf"\b{_WHO}\s+(?:has|have|'ve){_ADVERB}{_FEELING}\s+\w+(?:ed|de|ut|ken|ought|lt|nt|un)\b",
        rf"\b{_WHO}{_ADVERB}\s+(?:made|introduced|appointed|recruited|launched|created|set up|brought in)\b",
        r"\b(?:has|have) been (?:carried out|put in place|set up|introduced|appointed|recruited|added|taken)\b",
        r"\b(?:has|have) been (?:made|drawn up)\b",
        r"\baction was(?: eventually| quickly| immediately)? taken\b",
    ],
    "planned": [
        rf"\b{_WHO}\s+(?:will|'ll|shall|plans? to|intends? to|is to|are to){_ADVERB}\s+"
        r"(?!be\s+(?:inspected|judged|rated))\w+",
    ],
}
_PATTERNS = {status: re.compile("|".join(forms), re.IGNORECASE) for status, forms in _STATUSES.items()}
_BOUNDARY = re.compile(
    r";|,\s+which\b|,\s+though\s"
    r"|,?\s+\b(?:and|but|while|which|where|after|when)\s+"
    r"(?=(?:we|the council|it|they|work|\w+ing)\b)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"\b(?:inspectors|ofsted|report|watchdog)\b", re.IGNORECASE)


def actions(reading: Reading) -> list[Found]:
    """Every action, a clause an item, with its status."""
    return [found for sentence in reading.sentences for found in _of_sentence(reading, sentence)]


def _of_sentence(reading: Reading, sentence: Sentence) -> Iterator[Found]:
    status: str | None = None
    for start, end in _clauses(sentence):
        text = reading.text[start:end]
        goes_on = status == "under way" and re.match(r"\w+ing\b", text)  # "We are reviewing … and | strengthening …"
        status = next((name for name, pattern in _PATTERNS.items() if pattern.search(text)), None)
        status = "under way" if goes_on else status
        if status and not _SUBJECT.search(text.split(" have ")[0].split(" has ")[0]) and len(text.split()) >= 4:
            yield Found({"text": text, "status": status}, ((start, end),), f"action.{status.replace(' ', '-')}")


def _clauses(sentence: Sentence) -> Iterator[Span]:
    position = 0
    for stop, after in [match.span() for match in _BOUNDARY.finditer(sentence.text)] + [(len(sentence.text),) * 2]:
        piece = sentence.text[position:stop]
        start = position + len(piece) - len(piece.lstrip(" \"',"))
        end = stop - (len(piece) - len(piece.rstrip(" \"'.,;\n")))
        if start < end:
            yield sentence.start + start, sentence.start + end
        position = after
