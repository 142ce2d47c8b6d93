"""Which areas a stretch of text names: a list taken apart with the register of areas as its guide."""

from __future__ import annotations

import re
from functools import cache

from extractor.document import Span
from extractor.domain.areas import areas, plain
from extractor.domain.authorities import mentions

AREA_WORD = re.compile(
    r"\b(?:services?|leaders(?:hip)?|management|governance|care leavers|leaving care|protection|adoption|adoptive"
    r"|foster\w*|safeguarding|effectiveness|capacity|provision|outcomes|looked[\s-]after|in care|help|experiences?"
    r"|progress|impact|practice|board|LSCB|partnerships?|permanence|equality|ambition|schooling|education|health"
    r"|enjoying|staying safe|feel safe|being healthy|well-?being|contribution|participation|support|front door)\b",
    re.IGNORECASE,
)
_COMPARED = re.compile(r"(?:unlike|compared|apart from|except|rather than)\b", re.IGNORECASE)
_CONNECTOR = re.compile(r",?\s+(?:and|as well as|plus|or)\s+(?:both\s+)?|,\s+", re.IGNORECASE)
_LEAD = re.compile(
    r"(?:[\s,:;\"'(-]|\b(?:only|whether|had|and|but|both|also|while|whilst|although|though|whereas|however|with|as|for|that|its|their|yet"
    r"|in|of|the same|inspectors|ofsted|(?:efforts|work|attempts) to (?:ensure|make sure)(?: that)?)\s)+",
    re.IGNORECASE,
)
_ONES = r"(?:overall,? )?(?:the |its |their |our |this )*"
_SERVICES = r"(?:services?|department)(?: department)?(?: overall| as a whole)?"
_WHOLE = re.compile(
    rf"{_ONES}(?:overall )?(?:effectiveness|judgement|grade|rating|verdict|services?|children's services|performance)"
    r"(?: of)?(?<!grade of)(?<!(?<!overall )rating of)"
    r"(?: overall)?(?: of (?:the )?(?:council|authority|children's services|services))?"
    rf"|{_ONES}(?:local authority|council|authority|county|borough|city|department|it|they)(?:'s)?(?: services?)?"
    rf"|{_ONES}(?:local authority |council's |council )?child\w*(?:'s|s')? (?:social (?:care|work) )?{_SERVICES}"
    rf"|{_ONES}services for (?:vulnerable )?(?:children|children and young people|children and families)|overall",
    re.IGNORECASE,
)


def trimmed(text: str, span: Span) -> Span:
    """The span without leading connectives and edge punctuation."""
    start, end = span
    lead = _LEAD.match(text, start, end)
    start = lead.end() if lead else start
    while end > start and text[end - 1] in " \n,:;-(\"'":
        if text[end - 1] in "\"'" and text.count(text[end - 1], start, end) % 2 == 0:
            break
        end -= 1
    return start, end


def is_whole(words: str) -> bool:
    """Whether the words mean the council's children's services as a whole."""
    bare = words
    for mention in reversed(list(mentions(words))):
        kept = "council" if mention.start == 0 else ""
        bare = bare[: mention.start] + kept + bare[mention.end :]
    bare = re.sub(r"\s+(?:in|at|of|for|run by|across)(?:\s+the)?\s*$", "", " ".join(bare.replace("'s's", "'s").split()))
    bare = re.sub(r"^council'?s? (?=child|service|overall)", "", bare)
    return _WHOLE.fullmatch(bare.strip(" ,'\"")) is not None


def split_areas(text: str, span: Span) -> list[tuple[Span, ...]]:
    """The areas named in text[start:end], in order; each one span, or two where a shared ending stands later.

    "both the quality of provision and leadership and management in safeguarding outcomes" names two areas, and the
    first is "the quality of provision … in safeguarding outcomes".
    """
    atoms = _atoms(text, trimmed(text, span))
    found: list[Span] = []
    index = 0
    while index < len(atoms):
        for last in range(len(atoms) - 1, index - 1, -1):
            whole = (atoms[index][0], atoms[last][1])
            if last == index or _known(text[slice(*whole)]):
                found.append(whole)
                index = last + 1
                break
    spans = [trimmed(text, one) for one in found]
    return [
        _with_ending(text, one, spans[-1])
        for one in spans
        if AREA_WORD.search(text, *one) and not _COMPARED.match(text, *one)
    ]


def _atoms(text: str, span: Span) -> list[Span]:
    position, atoms = span[0], []
    for match in _CONNECTOR.finditer(text, *span):
        if match.start() > position:
            atoms.append((position, match.start()))
        position = match.end()
    return [*atoms, (position, span[1])] if position < span[1] else atoms


def _known(words: str) -> bool:
    """Whether the words are a known area, or begin with one and go on to say of what."""
    said = plain(words)
    if said in _forms():
        return True
    return any(said.startswith((f"{form} of ", f"{form} in ", f"{form} for ")) for form in _compound_forms()) and (
        len(_CONNECTOR.findall(words)) == 1
    )


@cache
def _forms() -> frozenset[str]:
    return frozenset(form for area in areas() for form in area.forms)


@cache
def _compound_forms() -> tuple[str, ...]:
    return tuple(form for form in _forms() if " and " in form)


def _with_ending(text: str, span: Span, last: Span) -> tuple[Span, ...]:
    """The area's span, and that of the last one's ending where both together are an area of the register."""
    if span == last:
        return (span,)
    for ending in re.finditer(r"\b(?:in|of|for)\s", text[slice(*last)]):
        tail = (last[0] + ending.start(), last[1])
        if plain(f"{text[slice(*span)]} {text[slice(*tail)]}") in _forms():
            return (span, tail)
    return (span,)
