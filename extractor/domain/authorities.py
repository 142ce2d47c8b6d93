"""The register of councils: who is meant by a name, and where a text names one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from extractor.domain.tables import rows

_KINDS = (
    "metropolitan borough|metropolitan district|metropolitan|county borough|royal borough|london borough|borough|county"
    "|city|district|unitary"
)
_BODY = rf"(?:(?:{_KINDS}) )?(?:council|authority|corporation|cc|mbc|mdc|bc|lbc|rbc)"
_BEFORE = rf"(?:the )?(?:(?:{_KINDS}|council) of )?(?:the )?"
_INITIALS = re.compile(r"[A-Z&]{2,6}[a-z]?[A-Z]*$")


@dataclass(frozen=True)
class Council:
    """One row of the register. Dates are ISO; empty where open."""

    name: str
    gss_code: str
    la_code: str
    valid_from: str
    valid_to: str
    delivery_bodies: tuple[str, ...]

    def existed(self, on: str | None) -> bool:
        """Whether it existed at this EDTF date; an unknown date or year leaves that open (true)."""
        if not on or on.startswith("X"):
            return True
        return (self.valid_from[: len(on)] or "0") <= on <= (self.valid_to[: len(on)] or "9999")


@dataclass(frozen=True)
class Mention:
    """A council named in a text: text[start:end] is the name with "Council" where that is printed."""

    start: int
    end: int
    councils: tuple[Council, ...]


def councils_called(name: str, on: str | None = None) -> tuple[Council, ...]:
    """The councils that the name can mean at that date: one where it is plain, several where it is ambiguous."""
    said = _stem(name)
    meant = _by_stem().get(said, ())
    then = tuple(council for council in meant if council.existed(on))
    current = tuple(council for council in then if not council.valid_to or council.valid_to > "2026")
    return current if len(then) > 1 and len(current) == 1 and (not on or on.startswith("X")) else then


def mentions(text: str) -> Iterator[Mention]:
    """Every place where the text names a council, in order; of two names at one place, the longer."""
    tokens = list(_TOKEN.finditer(text))
    index = 0
    while index < len(tokens):
        length, meant = _named_at(text, tokens, index)
        if not meant:
            index += 1
            continue
        start, end = tokens[index].start(), tokens[index + length - 1].end()
        end -= len(text[start:end]) - len(_POSSESSIVE.sub("", text[start:end]))
        body = _BODY_AFTER.match(text, end)
        yield Mention(_with_kind(text, start), body.end() if body else end, meant)
        index += length


def _named_at(text: str, tokens: list[re.Match[str]], index: int) -> tuple[int, tuple[Council, ...]]:
    """How many tokens from `index` on are a council's name, and whose; 0 where they are none."""
    starting = _by_first_word().get(_plain_word(tokens[index][0]), ())
    if not starting or not (tokens[index][0][0].isupper()):
        return 0, ()
    for words, meant in starting:
        run = tokens[index : index + len(words)]
        said = text[run[0].start() : run[-1].end()]
        if len(run) == len(words) and tuple(_plain_word(token[0]) for token in run) == words:
            if "," in said or (said.isupper() != _is_initials(words) and _is_initials(words)):
                continue
            return len(words), meant
    return 0, ()


def delivered_by(text: str) -> Iterator[tuple[int, int, tuple[Council, ...]]]:
    """Where the text names a trust or company that runs services, and for which councils."""
    for body, served in _delivery_bodies().items():
        for match in re.finditer(re.escape(body).replace("'", "['’]"), text):
            yield match.start(), match.end(), served


@cache
def _register() -> tuple[tuple[Council, tuple[str, ...]], ...]:
    """Each council with every form of its name."""
    return tuple(
        (
            Council(
                row["name"], row["gss_code"], row["la_code"], row["valid_from"], row["valid_to"],
                tuple(body.split(" (")[0].strip() for body in row["delivery_bodies"].split(";") if body.strip()),
            ),
            tuple(filter(None, (row["name"], row["official_long_name"], *map(str.strip, row["aliases"].split(";"))))),
        )
        for row in rows("authorities.csv")
    )  # fmt: skip


@cache
def _by_stem() -> dict[str, tuple[Council, ...]]:
    found: dict[str, tuple[Council, ...]] = {}
    for council, names in _register():
        for stem in dict.fromkeys(map(_stem, names)):
            found[stem] = (*found.get(stem, ()), council)
    return found


@cache
def _delivery_bodies() -> dict[str, tuple[Council, ...]]:
    found: dict[str, tuple[Council, ...]] = {}
    for council, _ in _register():
        for body in council.delivery_bodies:
            if "borough" not in body:
                found[body] = (*found.get(body, ()), council)
    return found


def _stem(name: str) -> str:
    """The name without what only says that it is a council."""
    plain = " ".join(name.lower().replace("&", " and ").replace("’", "'").replace("-", " ").replace(".", "").split())
    plain = re.sub(r"'s$|'$", "", plain)
    shorter = re.sub(rf"^{_BEFORE}", "", plain)
    shorter = re.sub(rf" {_BODY}$", "", shorter)
    return shorter or plain


@cache
def _by_first_word() -> dict[str, list[tuple[tuple[str, ...], tuple[Council, ...]]]]:
    """Names of councils by their first word: the words to compare and who is meant, longest first."""
    meant = {
        tuple(_plain_word(token[0]) for token in _TOKEN.finditer(name)): _by_stem()[_stem(name)]
        for _, names in _register()
        for name in names
        if "," not in name
    }
    found: dict[str, list[tuple[tuple[str, ...], tuple[Council, ...]]]] = {}
    for words in sorted(meant, key=len, reverse=True):
        found.setdefault(words[0], []).append((words, meant[words]))
    return found


def _plain_word(word: str) -> str:
    return _POSSESSIVE.sub("", word.lower().replace("’", "'")).rstrip(".").replace("&", "and") or word


def _is_initials(words: tuple[str, ...]) -> bool:
    return len(words) == 1 and words[0] in _initials()


@cache
def _initials() -> frozenset[str]:
    return frozenset(_plain_word(name) for _, names in _register() for name in names if _INITIALS.match(name))


def _with_kind(text: str, start: int) -> int:
    """Where the name begins, with "London Borough of" and the like before it."""
    before = _KIND_BEFORE.search(text, max(0, start - 40), start)
    return before.start() if before else start


_TOKEN = re.compile(r"[^\s,;:()\"“”\[\]/–—-]+|,(?=\s)")
_POSSESSIVE = re.compile(r"(?:['’]s?|[.!?])+$")
_KIND_BEFORE = re.compile(
    r"\b(?:London Borough|Royal Borough|Metropolitan Borough|Borough|City|County|Council) of (?:the )?$", re.IGNORECASE
)
_BODY_AFTER = re.compile(
    rf"\s(?:(?:{_KINDS})\s)?(?:Council|Authority|Corporation)\b|\s(?-i:CC|MBC|MDC|BC|LBC|RBC)\b", re.IGNORECASE
)
