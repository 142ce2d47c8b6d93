"""A post in words: the role, and the body it is held in ("director of children's services | at Medborough Council")."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from extractor.domain.authorities import mentions
from extractor.domain.tables import toml

_MOST_WORDS_BEFORE_HEAD = 7
_MOST_WORDS_LISTED = 10
_ARTICLE = re.compile(r"(?:the|its|their|our|an?|his|her)\s+", re.IGNORECASE)
_END = re.compile(r"[.;:\"]|\((?![^()]{1,30}\)\s+[a-z])|\)(?!\s+[a-z])|\s-\s|\n\s*\n")
_OURS = re.compile(r"^(?:our|its|their)\s+", re.IGNORECASE)
_COMMA = re.compile(r",\s+")
_NO_VERB = (
    r"(?!(?:looked|skilled|integrated|related|unaccompanied|advanced|based|united|dedicated|combined|need"
    r"|registered)\b)"
)
_NAME = r"[A-Z][\w'&.-]*"
_PHRASE = rf"(?:[Tt]he\s+)?{_NAME}(?:\s+(?:(?:and|of|for|upon|on|the|in|&)\s+)*{_NAME})*"
_WHEN = re.compile(
    r"\s+(?:since|until|last|this|at the time|(?:in|from)\s+(?:[A-Z][a-z]+ )?[0-9]{4}|(?:in|from)\s+(?:January|February"
    r"|March|April|May|June|July|August|September|October|November|December|spring|summer|autumn|winter))\b"
)
_PREPOSITION = re.compile(r"\s+(?P<how>at|of|for|with|on|in)\s+")
_OWNER = re.compile(
    rf"(?P<body>{_PHRASE}|(?:[Tt]he|[Oo]ur|[Ii]ts|[Tt]heir)\s+(?:[a-z-]+\s+){{0,2}}[a-z-]+|[a-z-]+)'s?\s+"
)
_NO_OWNER = re.compile(
    r"(?:children|families|parents|adults|women|men|people|carers|trustees|governors|pupils)$", re.IGNORECASE
)


def post_after(after: str) -> str | None:
    """The post that opens these words, as printed; null where they open with none: ", director of X at Y, said"."""
    stop = _END.search(after)
    pieces = _COMMA.split(after[: stop.start()] if stop else after)
    kept: list[str] = []
    for number, piece in enumerate(pieces):
        verb = verbs().search(piece)
        words = piece[: verb.start()] if verb else piece
        if number and (not words.strip() or len(words.split()) > _MOST_WORDS_LISTED or _ARTICLE.match(words + " ")):
            break
        kept.append(words)
        if verb:
            break
    if kept[0].lower().startswith("formerly"):
        return None
    while len(kept) > 1 and not re.search(r"\band\b|&", kept[-1]):
        kept.pop()
    kept[-1] = _WHEN.split(kept[-1])[0]
    post = ", ".join(kept).rstrip(" ,\n")
    said = after[: after.find(kept[-1], len(", ".join(kept[:-1]))) + len(kept[-1])].rstrip(" ,\n") if post else ""
    head = heads().search(said)
    return said if head and len(said[: head.start()].split()) <= _MOST_WORDS_BEFORE_HEAD else None


def post_before(before: str) -> str | None:
    """The post that ends these words, as printed: "Conservative group leader", "The Director of Services, ("."""
    for head in reversed(list(heads().finditer(before))):
        tail = _TAIL.fullmatch(before, head.end())
        if tail and not verbs().search(tail[0]):
            return before[_opening(before[: head.start()]) :].rstrip(" ,(\n")
    return None


_TAIL = re.compile(
    r"(?:\s+(?:of|for|with)\s+(?:the\s+)?(?:[\w'-]+(?:,?\s+(?=[\w(]))){0,8}?[\w'-]+)?\s*,?\s*\(?", re.IGNORECASE
)


def _opening(words: str) -> int:
    """Where the post begins whose head noun follows these words: known words before it, then an owner or an article."""
    found = list(re.finditer(r"[^\s,;:.()\"]+(?=\s)", words))
    start = len(words)
    kept = start
    for word in reversed(found[-9:]):
        if words[word.end() : start].strip():
            break
        start = word.start()
        plain = word[0].removesuffix("'s")
        if _ARTICLE.fullmatch(word[0] + " "):
            return start
        if word[0].endswith(("'s", "s'")) and not _NO_OWNER.search(plain):
            return _owner_opening(words[:start], start)
        if (
            word[0].lower() in _before()
            or (word[0][0].isupper() and not _is_opener(word[0]))
            or _NO_OWNER.search(plain)
        ):
            kept = start
        elif not word[0].islower():
            break
    return kept


def _owner_opening(words: str, start: int) -> int:
    """Where the name begins of the body whose possessive stands at `start`: "City of York | Council's"."""
    before = re.search(
        rf"(?:\b(?:[Tt]he|[Ii]ts|[Oo]ur|[Aa]n?)\s+(?:[a-z-]+\s+){{0,2}}|(?:{_NAME}\s+(?:(?:of|and|upon)\s+)?)+)$", words
    )
    opening = before.start() if before else start
    while _is_opener(words[opening:].split(" ", 1)[0]) and not _ARTICLE.match(words, opening):
        opening += len(words[opening:].split(" ", 1)[0]) + 1
    return min(opening, start)


def split(post: str, council: str | None) -> tuple[str | None, str | None]:
    """The role without the body it is held in, and that body; `council` is what "council leader" is leader of."""
    said = " ".join(post.split())
    owner = _OWNER.match(said)
    if owner and not _NO_OWNER.search(owner["body"]) and heads().search(said, owner.end()):
        return _plain(said[owner.end() :]), _named_body(_OURS.sub("", owner["body"]))
    said = _plain(said)
    for place in _PREPOSITION.finditer(said):
        if heads().search(said, 0, place.start() + 1) and is_body(said[place.end() :], place["how"]):
            return said[: place.start()].strip(" ,"), _named_body(said[place.end() :])
    for mention in mentions(said):
        if mention.start == 0 and heads().search(said, mention.end):
            return said[mention.end :].removeprefix("'s").strip(), said[: mention.end]
    first, _, rest = said.partition(" ")
    if first in toml("roles.toml")["named_bodies"] and heads().search(rest):
        return rest, first
    if council and said.lower().startswith("council ") and heads().search(said):
        return said[len("council ") :], council
    return said, None


def _named_body(words: str) -> str:
    """The body without the article before a name of its own: "the Department for Education", but "the council"."""
    return words[4:] if words[:4].lower() == "the " and len(re.findall(r"\b[A-Z]", words[4:])) > 1 else words


def is_body(words: str, how: str = "of") -> bool:
    """Whether the words name a body that somebody can hold a post in."""
    lower = re.fullmatch(r"(?:the|its|our)\s+(?:[\w'-]+\s+){0,4}[\w'-]+", words)
    known = [word for word in re.findall(r"[a-z]+", words.lower()) if word in _bodies()]
    if lower and known and words.split()[-1].lower() in _bodies():
        return True
    if not re.fullmatch(_PHRASE, words):
        return False
    return bool(known) or how == "at" or any(one.start == 0 and one.end == len(words) for one in mentions(words))


def _plain(post: str) -> str:
    """The post without its article; "the council's" is no article's."""
    return _ARTICLE.sub("", post, count=1) if _ARTICLE.match(post) else post


def without_opener(words: str) -> str:
    """The words without one that only opens their sentence: "But Labour"."""
    first, _, rest = words.partition(" ")
    return rest if rest and _is_opener(first) and not _ARTICLE.match(words) else words


def _is_opener(word: str) -> bool:
    return word in toml("roles.toml")["not_in_names"]["openers"]


@cache
def _before() -> frozenset[str]:
    return frozenset(part.lower() for words in toml("roles.toml")["before"] for part in words.split())


@cache
def _bodies() -> frozenset[str]:
    return frozenset(toml("roles.toml")["bodies_of"])


@cache
def heads() -> re.Pattern[str]:
    """The head noun of a post."""
    return any_of(toml("roles.toml")["heads"])


@cache
def verbs() -> re.Pattern[str]:
    """Where a finite verb ends a post: "director of X, | said"."""
    speech = "|".join(toml("roles.toml")["speech"])
    return re.compile(
        rf"\b(?:{speech}|who|whose|which|has|had|have|was|were|is|are|will|would|can|could|may|must|did|does|do|went|took|put"
        rf"|gave|came|left|began|spoke|met|got|made|saw|paid|quit|wants|sees|{_NO_VERB}[a-z]+ed)\b(?!\s+member|-)"
    )


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """The pattern of any of these words, in capitals or not, the longer first."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(rf"(?i:\b(?:{'|'.join(re.escape(word) for word in longest_first)})\b)")
