"""A sentence cut into its statements: each has a verb of its own, and most a subject."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from extractor.document import Span
from extractor.engines.offline.found.wording import words
from extractor.engines.offline.reading import bounded

_FINITE = re.compile(
    r"(?<=[a-z])'(?:s|re|ve|ll)\s(?=\w+(?:ed|ing|en)\b)|\b(?:is|are|was|were|isn't|aren't|wasn't|weren't|has|have|had|do"
    r"|does|did|can|could|will|would|may|might|must|should|shall|feels?|felt|knows?|knew|remains?|gets?|comes?|came|lives?"
    r"|takes?|took|makes?|made|waits?|shows?|gives?|gave|goes|go|went|keeps?|kept|meets?|met|led|finds?|sees?|saw|says?|tells?"
    r"|drifts?|var(?:y|ies)|starts?|begins?|began|spots?|speaks?|spoke|left|lost|fell|fall|rose|runs?|ran|becomes?|became"
    r"|receives?|held|understands?|act|stays?|leaves?|settles?|provides?|ensures?|carry|carries|range|lacks?|fails?|struggles?"
    r"|told|said|thought|brought|built|sent|heard|wrote|paid|chose|drew|grew|spent|stood|sought|sleep|want|wants"
    r"|(?!ofsted\b|hundred|need\b|indeed\b|speed\b|united\b|related\b)\w{3,}ed)\b",
    re.IGNORECASE,
)
_AND_VERB = (
    r"(?:is|are|was|were|has|have|had|not|will|would|must|should|can|badly|clears?|knows?|keeps?|takes?"
    r"|makes?|gives?|leaves?|plans to|intends? to|aims to)\b"
)
_AND_SAYS = (
    r"(?:wants?|praises?|praised|finds?|found|says|said|asks?|asked|criticises?|criticised|notes?|noted|thought"
    r"|describes?|described|calls|saw|told)\b"
)
_SUBJECT = r"(?:it|they|he|she|we|there|this|these|some|many|most|others|all|the|their|its|a|an|no|nobody|that)\b"
_BREAK = re.compile(
    r"[,;:\s](?:(?<=;)\s+|(?<=\s)--?\s"
    r"|(?:(?<=,)\s+|(?<=\s))(?:but|whereas|though|although)\s+(?!also\b)"
    r"|(?<=,)\s+(?:while|yet|so that|so)\s+"
    rf"|(?P<says>(?:(?<=,)\s+|(?<=\s))and\s+)(?={_AND_SAYS})"
    rf"|(?P<and>(?:(?<=,)\s+|(?<=\s))and\s+)(?=so\s+{_AND_VERB}|{_AND_VERB})"
    rf"|(?P<joined>(?<=,)\s+and\s+|(?<=:)\s+|(?<=\s)and\s+(?={_SUBJECT}))"
    r"|(?P<bare>(?<=\s)and\s+(?=[a-z-]+\s+[a-z-]+\s)))",
    re.IGNORECASE,
)
_REMEMBERED = 4096
_NEAR, _SHORT = 9, 3
_NOUNS = re.compile(r"(?:[\w-]+,\s+){1,3}[\w-]+\s+and\s", re.IGNORECASE)
_RELATING = {"that", "who", "which", "where", "to", "of", "for", "in", "with", "as"}
_OPENS = re.compile(r"\b(?:how|what|that|which|who|where|whether|when)\b", re.IGNORECASE)
_CONCEDES = re.compile(r"[\s:,\"']*(?:while|although|though|whereas)\s", re.IGNORECASE)
_LEAD = re.compile(
    r"[\s,:;\"'(-]*(?:(?:that|and|but|though|although|while|so|also|too|yet|even so|however|nevertheless|by contrast"
    r"|in addition|elsewhere|above all|overall|at the same time|against that|likewise|moreover|furthermore)\b,?\s+)*",
    re.IGNORECASE,
)


def clauses(text: str, begin: int = 0, end: int | None = None, *, inside: bool = False) -> Iterator[Span]:
    """The statements of text[begin:end], in order, without connecting words and marks at their edges.

    Quotations stay whole, unless `inside` asks for what they say too.
    """
    if begin == 0 and end is None:
        return iter(_of_sentence(text, inside and '"' in text))
    return _runs(text, begin, len(text) if end is None else end, inside)


@lru_cache(maxsize=_REMEMBERED)
def _of_sentence(text: str, inside: bool) -> tuple[Span, ...]:
    """A whole sentence's statements, remembered: findings and actions both ask for them."""
    return tuple(_runs(text, 0, len(text), inside))


def _runs(text: str, begin: int, stop: int, inside: bool) -> Iterator[Span]:
    for start, end in bounded(text, begin, stop):
        yield from _cut(text, start, end, inside)


def _cut(text: str, begin: int, stop: int, inside: bool) -> Iterator[Span]:
    position = begin
    turn = _turn(text, begin, stop)
    if turn:
        yield from _piece(text, begin, turn)
        position = turn + 1
    for match in _BREAK.finditer(text, position, stop):
        if not inside and _inside_quotation(text, begin, match.start()):
            continue
        if (match["joined"] or match["bare"]) and _is_open(text, position, match.start()):
            continue
        if match["joined"] and not (states(text, begin, match.start()) and _begins(text, match.end(), stop)):
            continue
        if match["bare"] and not (states(text, position, match.start()) and _begins_bare(text, match.end(), stop)):
            continue
        if match["and"] and not states(text, position, match.start()):
            continue
        yield from _piece(text, position, match.start())
        position = match.end()
    yield from _piece(text, position, stop)


def _turn(text: str, begin: int, stop: int) -> int:
    """Where "While this is so," at the opening ends, at its comma; 0 where nothing is conceded there."""
    if not _CONCEDES.match(text, begin, stop):
        return 0
    comma = text.find(",", begin, stop)
    return comma if comma > 0 and states(text, begin, comma) and states(text, comma, stop) else 0


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without connecting words before it, and without marks at its edges; both of a pair of marks stay."""
    lead = _LEAD.match(text, start, end)
    begin = lead.end() if lead else start
    if text[begin - 1 : begin] in ('"', "'") and begin > start and _closes(text[begin - 1], text, begin, end):
        begin -= 1
    while end > begin and text[end - 1] in " ,;:.\n\t-(":
        end -= 1
    if text[begin:end].count('"') % 2 and text[end - 1 : end] == '"':
        return trimmed(text, begin, end - 1)
    return begin, end


def count_verbs(text: str, start: int, end: int, *, more_than: int) -> bool:
    """Whether the words have more than so many finite verbs."""
    return sum(1 for _, _ in zip(range(more_than + 1), _FINITE.finditer(text, start, end), strict=False)) > more_than


def _is_open(text: str, start: int, end: int) -> bool:
    """Whether the words end inside "how …" or "that …", whose verb is still to come."""
    opened = [match.end() for match in _OPENS.finditer(text, start, end)]
    return bool(opened) and not states(text, opened[-1], end)


def first_verb(text: str, start: int = 0, end: int | None = None) -> int:
    """Where the first finite verb stands; the end where there is none."""
    stop = len(text) if end is None else end
    verb = _FINITE.search(text, start, stop)
    return verb.start() if verb else stop


def states(text: str, start: int, end: int) -> bool:
    """Whether the words have a finite verb."""
    return _FINITE.search(text, start, end) is not None


def _closes(mark: str, text: str, start: int, end: int) -> bool:
    """Whether a quotation that opens right before `start` is closed before the end, with words behind it."""
    at = text.find(mark, start, end)
    return at >= 0 and text[at + 1 : end].strip(" ,.;") != ""


def _piece(text: str, start: int, end: int) -> Iterator[Span]:
    span = trimmed(text, start, end)
    if span[0] < span[1]:
        yield span


def _inside_quotation(text: str, start: int, at: int) -> bool:
    return text.count('"', start, at) % 2 == 1


def _begins(text: str, start: int, end: int) -> bool:
    """Whether a finite verb follows within a few words, behind a subject."""
    verb = first_verb(text, start, end)
    between = text[start:verb]
    if verb in (start, end) or len(words(between)) > _NEAR:
        return False
    return "," not in between or _NOUNS.match(between) is not None


def _begins_bare(text: str, start: int, end: int) -> bool:
    """The same where only "and" goes before: the verb stands right behind a short subject."""
    verb = first_verb(text, start, end)
    between = {word.said for word in words(text[start:verb])}
    return 0 < len(between) <= _SHORT and verb < end and not between & _RELATING
