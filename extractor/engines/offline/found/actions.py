"""What the inspected body says it has done, is doing or will do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from extractor.document import Span
from extractor.domain.tables import toml
from extractor.engines.offline.found.clauses import clauses
from extractor.engines.offline.found.voices import is_own
from extractor.engines.offline.reading import Found, Reading, Sentence

_FEWEST_WORDS = 4
_ADVERB = (
    r"(?:\s+(?:already|also|now|since|currently|recently|eventually|just|all|quickly|then|both|urgently|immediately))*"
)
_NOT = r"(?!\s+(?:not|never|no|been|had|a|an|the|in|at|on|good)\b)"
_ASSURED = ("told us", "assured us", "plan to", "plans to")
_TIME = (
    r"(?:\b(?:by|from|in|on|at|after|before|next|until|this|every|monthly|weekly|for)\s+"
    r"(?:the\s+|end of\s+|early\s+|late\s+|mid-)*"
    r"(?:[0-9]+\s+)?(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday"
    r"|Wednesday|Thursday|Friday|Saturday|Sunday|Easter|Christmas|spring|summer|autumn|winter|year|month|week|weeks|months"
    r"|fortnight|day|morning|20[0-9]{2}|Cabinet|cabinet|committee)\b|\bmonthly\b|\bweekly\b|\bsoon\b)"
)
_STATE = (
    r"(?:be\s+(?:inspected|judged|rated)|hear|know|see|have(?!\s+(?:more|an?|new)\b)|want|need|expect|remain|appear)\b"
)
_AND_DOING = re.compile(r"\s+and\s+(?=\w+ing\s+(?:the|our|at|how|an?|new|all)\b)")
_HINTS = {
    "planned": re.compile(
        r"\b(?:will|would|shall|(?:is|are|was|were|due) to|plans?|planned|intend|to be|opens?|starts?|begins?"
        r"|follows?|sits?|meets?|launche?s?|go(?:es)? (?:to|before)|be in p|be (?:sent|made|submitted|brought"
        r"|presented)|arrives?|take effect|come into)|'ll\b",
        re.IGNORECASE,
    ),
    "under way": re.compile(
        r"(?:\b(?:is|are|was|were)|'re|'s)\s+(?:\w+\s+){0,3}?\w+ing\b|under ?way|in hand|at work"
        r"|\b(?:begun|started)\b",
        re.IGNORECASE,
    ),
    "done": re.compile(
        r"\b(?:has|have|had)\b|'ve\b|\b(?:we|council|authority|trust)\s+(?:\w+\s+)?(?:\w+ed|made|set up|brought)\b"
        r"|was (?:\w+ )?taken",
        re.IGNORECASE,
    ),
}
"""A word without which no pattern of the status fits: quicker to look for than the patterns are."""
_CUE = re.compile(
    r"\b(?:ha[sd]|have|is|are|was|were|will|would|shall|plans?|intends?|to be|starts?|begins?|opens?|goes|set up"
    r"|argued|made|hired|introduced|appointed|launched|recruited|created|opened|invested|established|replaced|commissioned|lodged"
    r"|brought in|(?:report|plan|progress) be)\b|'(?:ve|re|ll)\b",
    re.IGNORECASE,
)
_TO_COME = re.compile(r"\bnext (?:week|month|year|spring|summer|autumn|winter)\b|\blater this year\b", re.IGNORECASE)
_UNREAL = re.compile(r"\b(?:if|would have|hopes?|hoped|hoping|unless|whether|wants?|should|must)\b", re.IGNORECASE)


def actions(reading: Reading) -> list[Found]:
    """Every action, a clause an item, with its status."""
    own = reading.is_long or is_own(reading)
    return [
        found
        for sentence in reading.sentences
        if (not own or _assured(sentence.text)) and _CUE.search(sentence.text)
        for found in _of_sentence(reading, sentence)
    ]


def _assured(text: str) -> bool:
    """Whether a sentence of the inspectorate's own may tell what the council says that it will do."""
    return any(map(text.lower().__contains__, _ASSURED))


def _of_sentence(reading: Reading, sentence: Sentence) -> Iterator[Found]:
    before: str | None = None
    for start, end in _doings(sentence.text):
        text = sentence.text[start:end]
        goes_on = before == "under way" and re.match(r"\w+ing\b", text)  # "We are reviewing … and | strengthening …"
        status = "under way" if goes_on else action_status(text)
        before = status
        if status and len(text.split()) >= _FEWEST_WORDS:
            span = sentence.start + start, sentence.start + end
            yield Found(
                {"text": reading.text[slice(*span)], "status": status}, (span,), f"action.{status.replace(' ', '-')}"
            )


def _doings(text: str) -> Iterator[Span]:
    """The sentence's statements; "we are reviewing … and strengthening …" are two."""
    for start, end in clauses(text, inside=True):
        for match in _AND_DOING.finditer(text, start, end):
            yield start, match.start()
            start = match.end()
        yield start, end


def action_status(clause: str) -> str | None:
    """Whether the clause tells an action as done, under way or planned; null where it tells none."""
    told = [
        (match.start(), status, match)
        for status, pattern in _patterns().items()
        if _HINTS[status].search(clause) and (match := pattern.search(clause))
    ]
    for _, status, match in sorted(told, key=lambda one: one[0]):
        if not _is_anothers(clause[: match.end()]) and not _UNREAL.search(clause, 0, match.end()):
            return "planned" if status == "under way" and _TO_COME.search(clause) else status
    return None


def _is_anothers(lead: str) -> bool:
    """Whether the subject is the inspection, a minister or the like."""
    return any(word in _others() for word in re.findall(r"[a-z]+", lead.lower())[-18:])


@cache
def _others() -> frozenset[str]:
    return frozenset(toml("deeds.toml")["others"])


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    table = toml("deeds.toml")
    who = _any(table["actors"])
    acts = _any([*table["actors"], *table["places"], *table["pronouns"]])
    stems, done, past, soon = (_any(table[key]) for key in ("stems", "done", "past", "soon"))
    never = rf"(?!\s+{_any(table['never'])}\b)"
    deed = rf"(?:{done}\b|{stems}\w*ed\b)"
    doing = rf"{stems}\w*ing\b"
    will = r"(?:will|'ll|would|shall|is to|are to|was to|were to|is due to)"
    return {
        "planned": _either(
            rf"\b{who}\s+(?:will|shall|is to|are to|is due to){_ADVERB}{_NOT}\s+(?!{_STATE})\w+",
            rf"\bwe'll{_ADVERB}{_NOT}\s+(?!{_STATE})\w+",
            rf"\b{acts}\s+(?:plans?|intends?|planned|intended) to\b",
            rf"\b{acts}\s+{will}{_ADVERB}\s+{stems}\w*\b",
            rf"\b{will}{_ADVERB}\s+(?:be\s+(?:\w+\s+)?{deed}|have been (?:\w+\s+)?(?:{deed}|read))",
            rf"\b{will}{_ADVERB}\s+{soon}\b[^.;]{{0,120}}?{_TIME}",
            rf"^(?:also\s+)?(?:{will}|plans? to|intends? to)\s+(?:{stems}\w*)\b",
            rf"\bto be {deed}[^.;]{{0,120}}?{_TIME}",
            rf"(?<!\bit )(?<![0-9], )\b{soon}\b(?:\s+\w+){{0,3}}?\s+{_TIME}",
            rf"^{_TIME},?\s[^.;,]{{0,60}}?\bwill\s+(?!{_STATE})\w+",
            r"\b(?:further report|action plan|report on progress) be (?:made|sent|submitted|brought|presented)\b",
        ),
        "under way": _either(
            rf"\b{who}\s+(?:is|are){_ADVERB}{never}{_NOT}\s+(?:in the process of\s+)?\w+ing\b",
            rf"\b(?:we're|he's|she's|it's|they're){_ADVERB}\s+{doing}",
            rf"\b(?:is|are|was|were){_ADVERB}\s+being\s+(?:\w+\s+)?{deed}",
            rf"\b{acts}\s+(?:is|are|was|were){_ADVERB}{never}\s+{doing}",
            rf"\b(?:is|are) (?:already|now|currently) {doing}",
            rf"^(?:also\s+|already\s+)?(?:is|are|was|were){_ADVERB}{never}\s+{doing}",
            r"\bwork (?:has|had)(?: already)? (?:begun|started)\b",
            r"\b(?:has|have|had) (?:already )?(?:begun|started)\b(?=\s+(?:\w+ing|on|work)\b)",
            r"\b(?:is|are|was|were)(?: already| now| currently| well)? (?:under way|underway|in hand)\b",
            r"\b(?:has|have|had) been at work\b",
        ),
        "done": _either(
            rf"\b{who}\s+(?:has|have|had){_ADVERB}{never}{_NOT}\s+(?:\w+ed|{done})\b",
            rf"\bwe've{_ADVERB}{never}{_NOT}\s+(?:\w+ed|{done})\b",
            rf"\b{acts}\s+(?:has|have|had){_ADVERB}{never}\s+{deed}",
            rf"^(?:has|have){_ADVERB}{never}\s+{deed}",
            rf"\b(?:has|have|had){_ADVERB} been{_ADVERB}{never}\s+{deed}",
            r"\b(?:has|have|had)(?: already)? been (?:in place|in post|open)\b",
            rf"\b(?:we|the council|the authority|the trust|council){_ADVERB}\s+{past}\b",
            r"\baction was(?: eventually| quickly| immediately)? taken\b",
        ),
    }


def _any(words: Sequence[str]) -> str:
    return rf"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


def _either(*forms: str) -> re.Pattern[str]:
    return re.compile("|".join(forms), re.IGNORECASE)
