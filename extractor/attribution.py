"""Whose words a passage is, by the names that stand with a verb of speech around it."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from extractor.document import Document, Span
from extractor.domain.tables import toml
from extractor.folding import Folded
from extractor.support import name_words

_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=\s*[\"“A-Z])")
_SPOKEN = re.compile(r"[\"“][^\"“”]*(?:[\"”]|$)")
_NAME = r"((?:[A-Z][\w'’-]+\s+){0,3}[A-Z][\w'’-]+)"
_FARTHEST = 4000  # characters back in which a speech that runs on names its speaker


def has_name(document: Document, name: str) -> bool:
    """Whether the document names somebody so: the name's words side by side, initials between; a body's, anywhere."""
    wanted = name_words(name)
    if len(wanted) > 1 and all(word.istitle() for word in name.split()[-1:]):
        pattern = r"(?:\s+\w\.?)*[\s.-]+".join(re.escape(word) if len(word) > 1 else rf"{word}\w*" for word in wanted)
        return re.search(rf"\b{pattern}\b", document.folded.lower) is not None
    return bool(wanted) and all(word in document.folded.places for word in wanted)


def speaks(document: Document, passage: Span, speaker: str) -> Literal["yes", "unknown", "no"]:
    """Whether the speaker is the one who says the passage: *no* is that another name stands nearest to it.

    Looked at are the words outside quotation marks of the passage's own paragraph, then of those before it.
    """
    wanted = name_words(speaker)
    own, *earlier = _paragraphs_back(document, passage[0])
    at = passage[0] - own[0]
    after = re.split(r"[\"“]|(?<=[.!?])\s", own[1][at + passage[1] - passage[0] :].lstrip(" .,!?\"”'’"), maxsplit=1)[0]
    before = _SPOKEN.sub(" ", own[1][:at])
    for told in (after, before, *(_SPOKEN.sub(" ", text) for _, text in earlier)):
        names = _speakers(told)
        if names:
            same = wanted and wanted[-1] in name_words(names[-1])
            body = names[-1] == "the report" and _INSPECTION.search(speaker)
            return "yes" if same or body else "no"
        if wanted and wanted[-1] in name_words(told):
            return "yes"
    return "unknown"


def _speakers(told: str) -> list[str]:
    """The names, and "the report", that stand with a verb of speech, in order."""
    plain = " ".join(told.split())
    found = [(match.start(1), match[1]) for pattern in _spoken_by() for match in pattern.finditer(plain)]
    found += [(match.start(), "the report") for match in _inspection().finditer(plain)]
    return [name for _, name in sorted(found) if name == "the report" or _is_person(name)]


def _paragraphs_back(document: Document, offset: int) -> list[tuple[int, str]]:
    """The paragraph at the offset, then those before it, nearest first; each with where it starts."""
    since = max(0, offset - _FARTHEST)
    until = _PARAGRAPH.search(document.text, offset)
    starts = [since, *(match.end() for match in _PARAGRAPH.finditer(document.text, since, offset))]
    ends = [*starts[1:], until.start() if until else len(document.text)]
    return [(start, document.text[start:end]) for start, end in zip(reversed(starts), reversed(ends), strict=True)]


def _is_person(name: str) -> bool:
    return len(name_words(name)) >= 1 and not _BODY.search(name) and Folded(name).lower not in _PRONOUNS


_BODY = re.compile(
    r"\b(?:Ofsted|Council|Inspectors?|Report|Government|Service|Services|Department|Board|Trust|Letter)\b", re.I
)
_INSPECTION = re.compile(r"\b(?:Ofsted|report|inspectors?|inspectorate|Commission|letter|HMI\w*)\b", re.IGNORECASE)
_PRONOUNS = {"he", "she", "they", "it", "we", "but", "and", "this", "the", "in", "a"}


@cache
def _inspection() -> re.Pattern[str]:
    """The report or its inspectors with a verb of speech."""
    table = toml("roles.toml")
    bodies, verbs = "|".join(table["inspection_speakers"]), "|".join(table["speech"])
    return re.compile(rf"\b(?:{bodies})\b[^.]{{0,30}}?\b(?:{verbs})\b", re.IGNORECASE)


@cache
def _spoken_by() -> tuple[re.Pattern[str], ...]:
    verbs = "|".join(toml("roles.toml")["speech"])
    return (
        re.compile(rf"{_NAME}(?:,[^.\"“]*?,|,[^,.\"“]*)?\s+(?:{verbs})\b"),
        re.compile(rf"\b(?:{verbs})\s+(?:[a-z'’]+\s+){{0,6}}{_NAME}"),
        re.compile(rf"\b(?:Cllr|Councillor|Mr|Mrs|Ms|Dr|Sir|Dame)\.?\s+{_NAME}"),
        re.compile(rf"{_NAME},\s+who\b"),
    )
