"""Who is named, with role and organisation: "Ann Lee, director of X at the council", "council leader Cllr Bob Day"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from extractor.domain.authorities import mentions
from extractor.domain.tables import toml
from extractor.engines.offline.reading import Found, Reading

_WORD = r"[A-Z][a-z]+(?:['-][A-Z]?[a-z]+)*|O'[A-Z][a-z]+|Mc[A-Z][a-z]+|Mac[A-Z][a-z]+"
_NAME = rf"(?:{_WORD})(?:\s(?:[A-Z]\.\s)?(?:{_WORD})){{1,2}}"


@dataclass(frozen=True)
class Person:
    """A person named at text[start:end]; role and organisation null where the text does not say them there."""

    name: str
    role: str | None
    organisation: str | None
    start: int
    end: int
    rule: str

    @property
    def surname(self) -> str:
        """The last word of the name."""
        return self.name.split()[-1]


def people(reading: Reading, council: str | None) -> list[Person]:
    """Everybody who is named with a role, once each; `council` is what "council leader" is leader of."""
    found: dict[str, Person] = {}
    for rule, pattern in _patterns().items():
        for match in pattern.finditer(reading.text):
            person = _person(match, rule, council)
            if person and (person.name not in found or found[person.name].role is None):
                found[person.name] = person
    return sorted(found.values(), key=lambda person: person.start)


def as_found(person: Person) -> Found:
    """The person as a record's item."""
    values = {"name": person.name, "role": person.role, "organisation": person.organisation}
    return Found(values, ((person.start, person.end),), person.rule)


def _person(match: re.Match[str], rule: str, council: str | None) -> Person | None:
    name = " ".join(match["name"].split())
    if _NOT_A_NAME.search(name) or any(mention.end - mention.start >= len(name) - 2 for mention in mentions(name)):
        return None
    said = _role(match["role"]) if rule == "person.name-then-role" else match["role"]
    if said is None:
        return None
    plain = re.sub(r"^(?:the (?!council's)|its |their )", "", " ".join(said.split()))
    role, organisation = _organisation(plain, council) if plain else (None, None)
    end = match.start("role") + len(said) if rule == "person.name-then-role" else match.end()
    return Person(name, role, organisation, match.start(), end, rule)


def _role(after: str) -> str | None:
    """The role that opens the words after "Name, "; null where they open with none."""
    kept: list[str] = []
    for piece in re.split(r"(?<=,)\s", after):
        verb = _verb().search(piece)
        words = piece[: verb.start()] if verb else piece
        if kept and not re.match(r"[a-z]", words):
            break
        kept.append(words)
        if verb:
            break
    while len(kept) > 1 and not re.search(r"\band\b", " ".join(kept[1:])):
        kept.pop()
    role = " ".join(kept).rstrip(" ,\n")
    head = _heads().search(role)
    return role if head and len(role[: head.start()].split()) <= 7 and not role.startswith("former") else None


_NOT_A_NAME = re.compile(
    r"\b(?:Council|Services?|Ofsted|Children|Board|Trust|Committee|Report|Care|County|City|Borough|Majesty|January"
    r"|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday"
    r"|Thursday|Friday|Saturday|Sunday|The|This|That|But|And|In|At|On|As|Inspectors?|Director|Leader|Chief|Executive|Local"
    r"|National|Review|Panel)\b"
)
_AT_BODY = re.compile(
    r"\s+(?:at|of|for|with)\s+(?P<body>(?:the\s+)?(?:[A-Z][\w'-]*(?:\s+(?:and|upon|on|of|the|in)\s+(?=[A-Z]))?\s*)*"
    r"(?:[Cc]ouncil|[Aa]uthority|[Tt]rust|[Bb]oard|Ofsted|NSPCC|LBC|RBC))$"
)


def _organisation(role: str, council: str | None) -> tuple[str, str | None]:
    """The role without the body it is held in, and that body in the text's words."""
    body = _AT_BODY.search(role)
    if body:
        return role[: body.start()].strip(" ,"), body["body"]
    for mention in mentions(role):
        if mention.start == 0 and mention.end < len(role):
            return role[mention.end :].removeprefix("'s").strip(), role[: mention.end]
    body = re.match(r"(?P<body>(?:the )?council)(?P<own>'s)? ", role, re.IGNORECASE)
    if body:
        return role[body.end() :], body["body"] if body["own"] else council
    return role, None


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    table = toml("roles.toml")
    titles = "|".join(table["titles"])
    before = "|".join(re.escape(word) for word in sorted(table["before"], key=len, reverse=True))
    name = rf"(?P<name>{_NAME})"
    titled = rf"(?:(?:{titles})\.?\s+)"
    body = r"(?:(?:[A-Z][\w'-]*\s+)+(?:(?i:council|authority)(?:'s)?\s+))?"
    of = r"(?:\s+(?:of|for)\s+[a-z'-]+(?:\s+[a-z'-]+){0,4}?)?"
    role_before = rf"(?P<role>{body}(?:(?:{before})\s+)*{_heads().pattern}{of})"
    return {
        "person.name-then-role": re.compile(rf"{titled}?{name},\s+(?P<role>[^.;:()\"]+)"),
        "person.role-then-name": re.compile(rf"\b(?:But\s+|And\s+)?{role_before}\s*,?\s*{titled}?{name}"),
        "person.pair": re.compile(rf"\b(?P<role>inspectors),\s+{name}(?=\s+and\s)"),
        "person.second": re.compile(rf"\b(?P<role>inspectors),\s+{_NAME}\s+and\s+{name}"),
        "person.titled": re.compile(rf"\b{titled}{name}(?P<role>)"),
    }


@cache
def _heads() -> re.Pattern[str]:
    heads = sorted(toml("roles.toml")["heads"], key=len, reverse=True)
    return re.compile(rf"(?i:\b(?:{'|'.join(re.escape(head) for head in heads)})\b)")


@cache
def _verb() -> re.Pattern[str]:
    """Where a finite verb ends a role: "…, director of X, said"."""
    speech = "|".join(toml("roles.toml")["speech"])
    return re.compile(rf"\b(?:{speech}|who|which|has|had|have|was|were|is|are|will|would|went|[a-z]+ed)\b(?!\s+member)")
