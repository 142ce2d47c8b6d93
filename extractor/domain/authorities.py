"""The register of councils: who is meant by a name, and where a text names one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

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
    status: str  # current, abolished or future

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
    """The councils that the name can mean at that date (EDTF): one where it is plain, several where it is ambiguous.

    Without a date, a name that an abolished council shared ("Dorset") means the one of today.
    """
    said = _stem(name)
    meant = _by_stem().get(said, ())
    then = tuple(council for council in meant if council.existed(on))
    current = tuple(council for council in then if council.status == "current")
    return current if len(then) > 1 and len(current) == 1 and (not on or on.startswith("X")) else then


def mentions(text: str) -> Iterator[Mention]:
    """Every place where the text names a council, in order; of two names at one place, the longer."""
    for match in _pattern(_names_that_may_stand_in(text)).finditer(text):
        meant = _by_stem().get(_stem(match[0]), ())
        if meant:
            yield Mention(match.start(), match.end(), meant)


@cache
def _register() -> tuple[tuple[Council, tuple[str, ...]], ...]:
    """Each council with every form of its name."""
    return tuple(
        (
            Council(row["name"], row["gss_code"], row["la_code"], row["valid_from"], row["valid_to"], row["status"]),
            tuple(filter(None, (row["name"], row["official_long_name"], *map(str.strip, row["aliases"].split(";"))))),
        )
        for row in rows("authorities.csv")
    )


@cache
def _by_stem() -> dict[str, tuple[Council, ...]]:
    found: dict[str, tuple[Council, ...]] = {}
    for council, names in _register():
        for stem in dict.fromkeys(map(_stem, names)):
            found[stem] = (*found.get(stem, ()), council)
    return found


def _stem(name: str) -> str:
    """The name without what only says that it is a council."""
    plain = " ".join(name.lower().replace("&", " and ").replace("’", "'").replace("-", " ").replace(".", "").split())
    plain = re.sub(r"'s$|'$", "", plain)
    shorter = re.sub(rf"^{_BEFORE}", "", plain)
    shorter = re.sub(rf" {_BODY}$", "", shorter)
    return shorter or plain


def _names_that_may_stand_in(text: str) -> tuple[str, ...]:
    """The names whose first word the text has, longest first: a pattern of all 700 would take long to compile."""
    starting = _by_first_word()
    names = [name for word in {*_FIRST_WORD.findall(text.lower())} & starting.keys() for name in starting[word]]
    return tuple(sorted(names, key=lambda name: (-len(name), name)))


_FIRST_WORD = re.compile(r"[^\W_]+")


@cache
def _by_first_word() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted({name for _, names in _register() for name in names}):
        found.setdefault(_FIRST_WORD.findall(name.lower())[0], []).append(name)
    return found


@lru_cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """The names as printed or in capitals, with "London Borough of" before and "Council" behind where they stand."""
    if not names:
        return re.compile(r"(?!)")
    kinds = r"(?i:London Borough|Royal Borough|Metropolitan Borough|Borough|City|County|Council) of (?:the )?"
    body = rf"(?:\s(?:(?i:{_KINDS})\s)?(?i:Council|Authority|Corporation)\b|\s(?:CC|MBC|MDC|BC|LBC|RBC)\b)?"
    return re.compile(rf"(?<![\w-])(?:{kinds})?(?:{'|'.join(map(_printed, names))}){body}(?![\w]|-[a-z])")


def _printed(name: str) -> str:
    """The ways in which a name is printed; initials only as they are."""
    forms = [name] if _INITIALS.match(name) else sorted({name, name.upper(), name.replace("-", " ")}, reverse=True)
    spoken = (
        re.escape(form).replace(r"\ ", r"[\s-]+").replace("'", "['’]").replace(r"\&", "(?:&|and)") for form in forms
    )
    return "|".join(spoken)
