"""Who is named, with role and organisation: "Ann Lee, director of X at the council", "council leader Cllr Bob Day"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from extractor.domain.authorities import mentions
from extractor.domain.tables import toml
from extractor.engines.offline.reading import Found, Reading
from extractor.engines.offline.spoken import posts
from extractor.engines.offline.spoken.names import Named, is_name_word, names

_REACH = 240
_PARTY = re.compile(
    r"\s*\((?:Lab|Labour|Con|Conservative|Lib ?Dems?|Liberal Democrats?|LD|Green|Ind|Independent|Reform)\b[^()]{0,40}\)"
)
_ASIDE = re.compile(r"\s*\([^()]{1,40}\)")
_THEN = re.compile(r"(?:,|\s-|\s?\(|:)\s+(?:[0-9]{2},\s+)?(?:(?:currently|now|from)\s+)?|\s?\(", re.IGNORECASE)
_IS = re.compile(r"(?:,?\s+who)?\s+(?:has been|had been|is|was|becomes|became)\s+", re.IGNORECASE)
_AS = re.compile(r"(?:,[^,.]{0,90},)?,?\s+(?:who\s+)?[^,.;\"]{0,60}\bas\s+(?:(?:the|an?|its)\s+)?")
_OF_BODY = re.compile(
    r",?\s+(?:of|from|at)\s+(?P<body>(?:the\s+)?[A-Z][\w'&-]*(?:\s+(?:(?:of|for|and|the)\s+)*[A-Z][\w'&-]*)*|the\s+(?:[a-z-]+\s+)?[a-z]+)"
)
_FOR_BODY = re.compile(r"\bFor (?P<body>(?:the )?[\w'& -]{2,40}), (?:(?:its|their) [^,]{2,40}, )?$")
_OWNED = re.compile(r"(?P<body>\b[A-Z][\w&]*(?:\s[A-Z][\w&]*){0,3})'s\s+$")
_KNOWN = re.compile(r",?\s+\(?(?:who|whose)\b|,\s+[0-9]{2},")
_FIRST_NAME = re.compile(
    r"(?:(?<=\n)|(?<=[.!?] ))(?P<name>[A-Z][a-z]+), (?:(?:who is|aged) )?[0-9]{2}(?=, (?:who|said|from|a)\b| and\b)"
)
_PART_OF = re.compile(r"\b(?:of|for|the|in|at)\s+$", re.IGNORECASE)
_REPLACED = re.compile(r"\b(?:replac(?:es|ed|ing)|succeed(?:s|ed|ing)|appointed|took over from|takes over from)\s+$")
_BYLINE = re.compile(
    r"(?:^|[\n|.:])\s*(?:words\s+|report(?:ed)?\s+|written\s+|pictures?\s+|photos?\s+)?by\s*:?\s*$", re.IGNORECASE
)
_INSPECTS_BEFORE = re.compile(r"(?:\bHM|Majesty's|\b[Ll]ead|\b[Rr]eporting)\s+[Ii]nspectors?\s*[:,]?\s*$|\bled by\s+$")
_INSPECTS_AFTER = re.compile(
    r"\s*,?\s+(?:HMI\b|(?:His|Her) Majesty's Inspector|(?:(?:the|who was the|who is the)\s+|\()?lead inspector)"
)
_CRIME = re.compile(
    r"\b(?:murder(?:ed|er)?|manslaughter|convicted|jailed|killed|killing|death of|died|stabbed|sentenced|abuse of"
    r"|victims?)\b"
)
_JOINED = re.compile(r"\s*(?:\([^()]{1,30}\))?(?:,\s+and\s+|,\s+|\s+and\s+)(?:[A-Z]\w+\s+)?")
_BEFORE_LIST = re.compile(r"[^.;\"]{0,60}[\s(,:-]$|\s+$")


@dataclass(frozen=True)
class Person:
    """A person named at text[start:end]; role and organisation null where the text does not say them there."""

    name: str
    role: str | None
    organisation: str | None
    start: int
    end: int
    rule: str
    titles: str = ""

    @property
    def surname(self) -> str:
        """The last word of the name."""
        return self.name.split()[-1]


def people(reading: Reading, council: str | None) -> list[Person]:
    """Everybody who is named in this matter, once each; `council` is what "council leader" is leader of.

    Inspectors who made the inspection, bylines, and the people of a past crime are none.
    """
    found = names(reading)
    away = {_key(named.name) for named in found if _inspects(reading, named)}
    best: dict[str, Person] = {}
    for person in (
        *_listed(reading, found),
        *_each(reading, found, council),
        *_titled_later(found),
        *_by_first_name(reading),
    ):
        key = _key(person.name)
        if key not in away and (key not in best or _worth(person) > _worth(best[key])):
            best[key] = replace(person, titles=person.titles or (best[key].titles if key in best else ""))
    return sorted(best.values(), key=lambda person: person.start)


def inspectors(reading: Reading) -> list[Person]:
    """The inspectors who are named as having made the inspection."""
    found = {_key(named.name): named for named in names(reading) if _inspects(reading, named)}
    return [
        Person(named.name, None, None, named.opens, named.end, "person.inspector", named.titles)
        for named in found.values()
        if not named.surname_only
    ]


def as_found(person: Person) -> Found:
    """The person as a record's item."""
    values = {"name": person.name, "role": person.role, "organisation": person.organisation}
    return Found(values, ((person.start, person.end),), person.rule)


def _key(name: str) -> str:
    return name.lower()


def _worth(person: Person) -> tuple[bool, bool, bool]:
    """How much a place says of a person: a role, better than a title's; then the body."""
    return (
        person.role is not None,
        person.rule not in ("person.office", "person.titled-later"),
        person.organisation is not None,
    )


def _each(reading: Reading, found: Sequence[Named], council: str | None) -> Iterator[Person]:
    """The persons of all places that say what somebody is, or that it is a person."""
    for named in found:
        if named.surname_only:
            continue
        before, after = _around(reading, named)
        if not _BYLINE.search(reading.text[max(0, named.opens - 30) : named.opens]):
            person = _with_post(named, before, after, council) or _without_post(named, before, after)
            if person:
                yield person


def _titled_later(found: Sequence[Named]) -> Iterator[Person]:
    """Names without a word of who they are, whose surname stands with a title elsewhere: "Jan Day … Cllr Day"."""
    titled = {named.name: named.titles for named in found if named.surname_only}
    for named in found:
        titles = titled.get(named.name.split()[-1])
        if titles and not named.titles and not named.surname_only:
            yield Person(named.name, _office(titles), None, named.opens, named.end, "person.titled-later", titles)


def _by_first_name(reading: Reading) -> Iterator[Person]:
    """Young people and others who have only a first name, with their age: "Kyle, 17, said"."""
    for match in _FIRST_NAME.finditer(reading.text):
        if not any(mentions(match["name"])) and is_name_word(match["name"]):
            yield Person(match["name"], None, None, match.start(), match.end(), "person.first-name")


def _office(titles: str) -> str | None:
    """The titles that say what somebody is; null where there are none."""
    return " ".join(word for word in titles.split() if word.rstrip(".") in toml("roles.toml")["offices"]) or None


def _around(reading: Reading, named: Named) -> tuple[str, str]:
    """The words before and behind a name in its paragraph, so far as they can be about it."""
    sentence = reading.sentence_at(named.opens)
    start, end = reading.paragraphs[sentence.paragraph]
    before = reading.text[max(start, sentence.start, named.opens - _REACH) : named.opens]
    lines = reading.text[named.end : named.end + _REACH]
    return before, lines if lines[:1] == "\n" else reading.text[
        named.end : min(max(end, named.end), named.end + _REACH)
    ]


def _with_post(named: Named, before: str, after: str, council: str | None) -> Person | None:
    """The person with the role that stands behind the name, or before it."""
    for rule, start, end, post in _posts(named, before, after):
        role, organisation = posts.split(post, council)
        if role:
            if organisation is None:
                _, organisation = _line_of_body(after, post) if rule == "person.line-below" else _body(before, after)
            return Person(named.name, role, organisation, start, end, rule, named.titles)
    return None


def _posts(named: Named, before: str, after: str) -> Iterator[tuple[str, int, int, str]]:
    """The posts that the words around a name give it: the rule, the span of name and post, and the post's words."""
    party = _ASIDE.match(after)
    for aside in {0, party.end() if party else 0}:
        then = _THEN.match(after, aside)
        if then is None:
            continue
        bracketed = "(" in then[0]
        closing = after.find(")", then.end()) if bracketed else len(after)
        post = posts.post_after(after[then.end() : max(closing, then.end())])
        if post and (not bracketed or after[then.end() + len(post) :][:1] == ")"):
            yield "person.name-then-role", named.opens, named.end + then.end() + len(post), post
    said = posts.post_before(before)
    if said:
        start = named.opens - len(before) + before.rfind(said)
        yield "person.role-then-name", start, named.end, said
    own = _line_below(after) if not before.strip() else None
    if own:
        yield "person.line-below", named.opens, named.end + after.find(own) + len(own), own
    for rule, pattern in (("person.is-role", _IS), ("person.as-role", _AS)):
        verb = pattern.match(after)
        post = posts.post_after(after[verb.end() :]) if verb else None
        if verb and post and len(post.split()) <= 14 and (post[:1].islower() or "'s " in post):
            yield rule, named.opens, named.end + verb.end() + len(post), post
    does = _doing().match(after)
    if does:
        yield "person.who-does", named.opens, named.end + does.end(), does["role"].strip()


def _line_below(after: str) -> str | None:
    """The post that a line of its own right below a name's line says, as in letters."""
    lines = after.split("\n", 2)
    if len(lines) < 2 or lines[0].strip(" ,"):
        return None
    line = lines[1].strip()
    return (
        line
        if line and posts.heads().search(line) and not line.endswith(".") and not posts.verbs().search(line)
        else None
    )


def _line_of_body(after: str, post: str) -> tuple[str, str | None]:
    """The body on the line below a post's."""
    below = after[after.find(post) + len(post) :].split("\n", 2)
    line = below[1].strip() if len(below) > 1 and not below[0].strip() else ""
    return "", line if line and posts.is_body(line) else None


def _without_post(named: Named, before: str, after: str) -> Person | None:
    """The person whom a title, a body, a party or a verb of speech makes one."""
    rule, body = _body(before, after)
    office = _office(named.titles)
    if _CRIME.search(before + after[:120].split(". ")[0]):
        return None
    party = _PARTY.match(after)
    if office:
        role, rule = office, "person.office"
    elif body and (_speaks(before, after) or named.titles):
        role = None
    elif _PART_OF.search(before):
        return None
    elif party or _KNOWN.match(after) or _REPLACED.search(before) or _speaks(before, after):
        role, rule = None, "person.speaks-or-acts"
    elif named.titles:
        role, rule = None, "person.titled"
    else:
        return None
    return Person(named.name, role, body, named.opens, named.end, rule, named.titles)


def _body(before: str, after: str) -> tuple[str, str | None]:
    """The body that somebody speaks for by the words around the name, and the rule that tells."""
    for rule, found in (
        ("person.of-body", _OF_BODY.match(after)),
        ("person.for-body", _FOR_BODY.search(before)),
        ("person.bodys", _OWNED.search(before)),
    ):
        if found and (rule != "person.of-body" or posts.is_body(found["body"])):
            return rule, posts.without_opener(" ".join(found["body"].split()))
    return "", None


def _speaks(before: str, after: str) -> bool:
    """Whether the name is the subject of a verb of speech beside it, with at most a body between."""
    rest = after[found.end() :] if (found := _OF_BODY.match(after)) else after
    return _said_next().match(rest) is not None or _said_last().search(before) is not None


def _inspects(reading: Reading, named: Named) -> bool:
    """Whether the words beside the name call it that of an inspector of this inspection."""
    return bool(
        _INSPECTS_AFTER.match(reading.text, named.end)
        or _INSPECTS_BEFORE.search(reading.text[max(0, named.opens - 40) : named.opens])
    )


def _listed(reading: Reading, found: Sequence[Named]) -> Iterator[Person]:
    """The persons of a list whose post stands before it in the plural: "the MPs Ann Lee, Bob Day and Cy Fox"."""
    for group in _groups(reading, found):
        sentence = reading.sentence_at(group[0].opens)
        before = reading.text[max(sentence.start, group[0].opens - 100) : group[0].opens]
        head = next(iter(reversed(list(_plural_heads().finditer(before)))), None)
        if head is None or not _BEFORE_LIST.fullmatch(before, head.end()):
            continue
        start = group[0].opens - len(before) + head.start()
        for named in group:
            role = head[0].removesuffix("s")
            yield Person(named.name, role, None, start, named.end, "person.in-list", named.titles)


def _groups(reading: Reading, found: Sequence[Named]) -> Iterator[list[Named]]:
    """Names that follow each other with only commas or "and" between, two or more."""
    group: list[Named] = []
    for named in found:
        if group and not _JOINED.fullmatch(reading.text, group[-1].end, named.opens):
            if len(group) > 1:
                yield group
            group = []
        group.append(named)
    if len(group) > 1:
        yield group


@cache
def _doing() -> re.Pattern[str]:
    verbs = "|".join(toml("roles.toml")["doing"])
    return re.compile(rf",?\s+(?:who\s+)?(?P<role>(?:{verbs})\b[^,.;:()\"]{{3,80}}?)(?=[,.;:()\"]|$)")


@cache
def _plural_heads() -> re.Pattern[str]:
    return posts.any_of(toml("roles.toml")["plural_heads"])


@cache
def _said_next() -> re.Pattern[str]:
    verbs = "|".join(toml("roles.toml")["speech"])
    return re.compile(rf",?\s+(?:(?:also|then|has|had)\s+)?(?:{verbs})\b")


@cache
def _said_last() -> re.Pattern[str]:
    verbs = "|".join(toml("roles.toml")["speech"])
    return re.compile(rf"[,\"']\s*(?:{verbs})\s+$")
