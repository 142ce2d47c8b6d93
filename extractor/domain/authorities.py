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
_TRUST = re.compile(r"([A-Z][^;(]*?(?:Trust|Children|First|Children for [A-Z]\w+)) \(")
_INITIALS = re.compile(r"[A-Z&]{2,6}[a-z]?[A-Z]*$")


When = str | tuple[str, str] | None
"""An EDTF date, or the first and last month of a period, "" where open; null where nothing is known."""


@dataclass(frozen=True)
class Council:
    """One row of the register. Dates are ISO; empty where open. `successors` are names, of an abolished one."""

    name: str
    long_name: str
    gss_code: str
    la_code: str
    valid_from: str
    valid_to: str
    successors: tuple[str, ...]

    def existed(self, when: When) -> bool:
        """Whether it existed at this EDTF date, or at any time of this period; true where the year is unknown."""
        first, last = when if isinstance(when, tuple) else (when, when)
        began = not last or last.startswith("X") or (self.valid_from[: len(last)] or "0") <= last
        return began and (not first or first.startswith("X") or first <= (self.valid_to[: len(first)] or "9999"))


@dataclass(frozen=True)
class Mention:
    """A council named in a text: text[start:end] is the name with "Council" where that is printed."""

    start: int
    end: int
    councils: tuple[Council, ...]


def councils_called(name: str, when: When = None) -> tuple[Council, ...]:
    """The councils that the name can mean at that time: one where it is plain, several where it is ambiguous.

    A name that is a council's own in full ("Dorset County Council") means that one, where it existed then; the name
    of a trust means the councils that it serves.
    """
    then = tuple(council for council in _by_stem().get(_stem(name), ()) if council.existed(when))
    own = tuple(council for council in then if council.long_name.lower() == " ".join(name.lower().split()))
    return own or then


def mentions(text: str) -> Iterator[Mention]:
    """Every place where the text names a council, in order; of two names at one place, the longer."""
    reached = 0
    for word in _CAPITAL.finditer(text):
        names = _beginning_with(word[0].lower()) if word.start() >= reached else None
        match = names.match(text, word.start()) if names else None
        if match:
            kind = _KIND_BEFORE.search(text, max(reached, word.start() - _LONGEST_KIND), word.start())
            start, reached = (kind or match).start(), match.end()
            meant = _by_stem().get(_stem(text[start:reached]), ())
            if meant:
                yield Mention(start, reached, meant)


@cache
def _register() -> tuple[tuple[Council, tuple[str, ...]], ...]:
    """Each council with every form of its name."""
    return tuple(
        (
            Council(
                row["name"],
                row["official_long_name"],
                row["gss_code"],
                row["la_code"],
                row["valid_from"],
                row["valid_to"],
                tuple(filter(None, map(str.strip, row["successors"].split(";")))),
            ),
            tuple(
                filter(
                    None,
                    (
                        row["name"],
                        row["official_long_name"],
                        *map(str.strip, row["aliases"].split(";")),
                        *_TRUST.findall(row["delivery_bodies"]),
                    ),
                )
            ),
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


_FIRST_WORD = re.compile(r"[^\W_]+")
_CAPITAL = re.compile(r"(?<![\w-])[A-Z][^\W_]*")
_KIND_BEFORE = re.compile(
    r"(?<![\w-])(?:(?:London|Royal|Metropolitan)\sBorough|Borough|City|County|Council)\sof\s(?:the\s)?$", re.IGNORECASE
)
_LONGEST_KIND = 40  # characters
_SMALL = re.compile(r"\b(?:and|of|on|upon|with)\b")


@cache
def _beginning_with(word: str) -> re.Pattern[str] | None:
    """The names with that first word, longest first, with "Council" behind where it stands; null where none has it."""
    names = sorted(_by_first_word().get(word, ()), key=lambda name: (-len(name), name))
    body = rf"(?:\s(?:(?i:{_KINDS})\s)?(?i:Council|Authority|Corporation)\b|\s(?:CC|MBC|MDC|BC|LBC|RBC)\b)?"
    return re.compile(rf"(?:{'|'.join(map(_printed, names))}){body}(?![\w]|-[a-z])") if names else None


@cache
def _by_first_word() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted({name for _, names in _register() for name in names}):
        found.setdefault(_FIRST_WORD.findall(name.lower())[0], []).append(name)
    return found


def _printed(name: str) -> str:
    """The ways in which a name is printed; initials only as they are."""
    titled = _SMALL.sub(lambda small: small[0].capitalize(), name)
    said = {name, titled, name.upper(), name.replace("-", " ")}
    forms = [name] if _INITIALS.match(name) else sorted(said, reverse=True)
    spoken = (
        re.escape(form).replace(r"\ ", r"[\s-]+").replace("'", "['’]").replace(r"\&", "(?:&|and)") for form in forms
    )
    return "|".join(spoken)
