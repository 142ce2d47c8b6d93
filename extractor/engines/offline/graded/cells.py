"""What the first cell of a row says: a judged area, or the service as a whole."""

from __future__ import annotations

import re

from extractor.document import Span
from extractor.domain.authorities import mentions

AREA_WORD = re.compile(
    r"\b(?:services?|leaders(?:hip)?|management|governance|care leavers|leaving care|protection|adoption|adoptive"
    r"|foster\w*|safeguarding|effectiveness|capacity|provision|outcomes|looked[\s-]after|in care|help|experiences?"
    r"|progress|impact|practice|board|LSCB|partnerships?|permanence|equality|ambition|schooling|education|health"
    r"|enjoying|staying safe|feel safe|being healthy|well-?being|contribution|participation|support|front door)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:[\s,:;\"'(-]|\b(?:only|and|but|both|also|while|whilst|although|though|whereas|however|within that|with|as|for"
    r"|that|its|their|in|of|the same|inspectors|ofsted)\s)+",
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
