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
_NAME = r"(?P<name>(?:[A-Z][\w'’-]+\s+){0,3}[A-Z][\w'’-]+)"
_JOINT = re.compile(r",\s*(?:and\s+)?|\s+and\s+")
_FARTHEST = 4000  # characters back in which a speech that runs on names its speaker


def has_name(document: Document, name: str) -> bool:
    """Whether the document names somebody so: the name's words side by side, initials between; a body's, anywhere."""
    joint = _JOINT.split(name)
    if len(joint) > 1 and all(len(one.split()) > 1 for one in joint):
        return all(has_name(document, one) for one in joint)
    wanted = name_words(name)
    if len(wanted) > 1 and all(word.istitle() for word in name.split()[-1:]):
        pattern = r"(?:\s+\w\.?)*[\s.-]+".join(re.escape(word) if len(word) > 1 else rf"{word}\w*" for word in wanted)
        return re.search(rf"\b{pattern}\b", document.folded.lower) is not None
    places = document.folded.places
    return bool(wanted) and all(word in places or f"{word}'s" in places for word in wanted)


def speaks(document: Document, passage: Span, speaker: str) -> Literal["yes", "unknown", "no"]:
    """Whether the speaker is the one who says the passage: *no* is that another speaker stands nearest to it.

    Looked at are, outside quotation marks: the sentence up to the passage, what follows it in its own sentence, then
    its paragraph and those before it, backwards.
    """
    wanted = name_words(speaker)
    own, *earlier = _paragraphs_back(document, passage[0])
    start, end = passage[0] - own[0], passage[1] - own[0]
    before = _SPOKEN.sub(" ", own[1][:start])
    lead = re.split(r"(?<=[.!?])\s+(?=[A-Z])", before)[-1]
    for told in (lead, _tail(own[1], end), before, *(_SPOKEN.sub(" ", text) for _, text in earlier)):
        names = _speakers(told)
        if names:
            return "yes" if _same(names[-1], speaker) else "no"
        if wanted and wanted[-1] in name_words(told):
            return "yes"
    return "unknown"


def speaks_within(document: Document, lead: Span, speaker: str) -> bool:
    """Whether the quoted words before the speech name the speaker last, as in "to which the council responded"."""
    told = document.text[slice(*lead)]
    names = _speakers(told)
    wanted = name_words(speaker)
    return bool(wanted) and wanted[-1] in name_words(told) and not (names and not _same(names[-1], speaker))


def _tail(paragraph: str, end: int) -> str:
    """What follows a passage in its own sentence: `," said Ann Lee.`; empty where the passage ends its sentence."""
    opened = paragraph.count("“", 0, end) > paragraph.count("”", 0, end) or paragraph.count('"', 0, end) % 2
    if opened:  # the speech goes on: what follows its closing mark counts
        end = next((mark.start() for mark in re.compile(r"[\"”]").finditer(paragraph, end)), len(paragraph))
    closing = paragraph[end:][:3]
    rest = paragraph[end:].lstrip(" .,!?\"”'’")
    ended = re.search(r"[.!?]", paragraph[max(0, end - 1) : end] + closing)
    if ended and not re.match(rf"(?:{_verbs()})\b", rest):
        return ""
    return re.split(r"[\"“]|(?<=[.!?])\s", rest, maxsplit=1)[0]


def _same(name: str, speaker: str) -> bool:
    """Whether two ways of naming a speaker are one: the same last word, or the inspection itself."""
    one, others = name_words(name), [name_words(each) for each in _JOINT.split(speaker)]
    return any(one and other and one[-1] == other[-1] for other in others) or (
        _INSPECTION.search(name) is not None and _INSPECTION.search(speaker) is not None
    )


def _speakers(told: str) -> list[str]:
    """The persons and bodies, the report among them, that stand with a verb of speech, in order."""
    plain = _ASIDE.sub(" ", " ".join(told.split()))
    before, behind, titled = ([one for one in form.finditer(plain) if _is_person(one["name"])] for form in _spoken_by())
    subjects = {match.start("verb") for match in before}
    persons = [*before, *(match for match in behind if match.start("verb") not in subjects), *titled]
    bodies = [
        match
        for match in _body_speaks().finditer(plain)
        if not any(person.start() <= match.start("name") < person.end() for person in persons)
    ]
    return [match["name"] for match in sorted((*persons, *bodies), key=lambda match: match.start("name"))]


def _paragraphs_back(document: Document, offset: int) -> list[tuple[int, str]]:
    """The paragraph at the offset, then those before it, nearest first; each with where it starts."""
    since = max(0, offset - _FARTHEST)
    until = _PARAGRAPH.search(document.text, offset)
    starts = [since, *(match.end() for match in _PARAGRAPH.finditer(document.text, since, offset))]
    ends = [*starts[1:], until.start() if until else len(document.text)]
    return [(start, document.text[start:end]) for start, end in zip(reversed(starts), reversed(ends), strict=True)]


def _is_person(name: str) -> bool:
    """Whether a name is a person's; a possessive is of one who owns what follows."""
    if name.endswith(("'s", "’s")):
        return False
    return bool(name_words(name)) and not _BODY.search(name) and Folded(name).lower not in _PRONOUNS


_ASIDE = re.compile(r"\s*\([^()]*\)")
_BODY = re.compile(
    r"\b(?:Ofsted|Council|Inspectors?|Report|Government|Services?|Department|Board|Trust|Letter)\b", re.IGNORECASE
)
_INSPECTION = re.compile(r"\b(?:Ofsted|report|inspectors?|inspectorate|Commission|letter|HMI\w*)\b", re.IGNORECASE)
_PRONOUNS = {"he", "she", "they", "it", "we", "but", "and", "this", "the", "in", "a"}


@cache
def _verbs() -> str:
    return "|".join(toml("roles.toml")["speech"])


_NO_DAY = (
    r"(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:January|February|March|April|May|June|July|August|September"
    r"|October|November|December)\b)"
)


@cache
def _spoken_by() -> tuple[re.Pattern[str], ...]:
    of = r"(?:\s+(?:of|from|at|for)\s+(?:the\s+)?[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*)?"
    pronoun = r"(?<!\bhe)(?<!\bshe)(?<!\bthey)(?<!\bit)(?<!\bwe)"
    return (
        re.compile(
            rf"(?<!\bin )(?<!\bat )(?<!\bto ){_NO_DAY}{_NAME}{of}(?:,[^.\"“]{{0,120}}?{pronoun})?\s+"
            rf"(?:has\s+|have\s+)?(?P<verb>{_verbs()})\b"
        ),
        re.compile(
            rf"(?:^|(?<=[,.?!\"”])\s*|(?<=\s\s))(?P<verb>{_verbs()})\s+(?:[a-z'’]+\s+){{0,6}}"
            rf"{_NO_DAY}{_NAME}"
        ),
        re.compile(rf"\b(?:Cllr|Councillor|Mr|Mrs|Ms|Dr|Sir|Dame)\.?\s+{_NAME}"),
    )


@cache
def _body_speaks() -> re.Pattern[str]:
    """A body or an office with a verb of speech: "the report said", "a council spokesman said"."""
    table = toml("roles.toml")
    bodies = "|".join((*table["inspection_speakers"], *table["bodies"]))
    return re.compile(
        rf"\b(?P<name>(?:the\s+|an?\s+|its\s+)?(?:[\w'’-]+\s+){{0,3}}(?:{bodies}))\b"
        rf"(?:(?!\b(?:{bodies})\b)[^.,:;]){{0,30}}?\b(?:{_verbs()})\b",
        re.IGNORECASE,
    )
