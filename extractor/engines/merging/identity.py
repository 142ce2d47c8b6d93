"""Which records of a document's sections are about one inspection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from extractor.domain.authorities import councils_called
from extractor.edtf import agree
from extractor.engines.merging.items import Fields, Item, edtf
from extractor.folding import fold

_VISITS = {"monitoring visit", "focused visit"}


@dataclass(frozen=True)
class Identity:
    """What tells one inspection from another: null, or no council, where it is not said.

    `councils` are the codes of those that the name can mean; `visit` is the kind of visit, "graded" for all that end in
    grades; `start` the first day, EDTF.
    """

    councils: frozenset[str] = frozenset()
    provider: str | None = None
    framework: str | None = None
    visit: str | None = None
    start: str | None = None

    def fits(self, other: Identity) -> bool:
        """Whether nothing that both say tells the two apart."""
        return (
            not (self.councils and other.councils and not self.councils & other.councils)
            and not (self.start and other.start and not agree(self.start, other.start))
            and all(
                None in pair or pair[0] == pair[1]
                for pair in zip(
                    (self.provider, self.framework, self.visit),
                    (other.provider, other.framework, other.visit),
                    strict=True,
                )
            )
        )

    def likeness(self, other: Identity) -> int:
        """How much two that fit have in common."""
        said = [(getattr(self, one.name), getattr(other, one.name)) for one in fields(self)]
        return sum(bool(one and two) for one, two in said) + (bool(self.provider) == bool(other.provider))

    def joined(self, other: Identity) -> Identity:
        """What two that fit say together."""
        return Identity(
            (self.councils & other.councils) or self.councils or other.councils,
            self.provider or other.provider,
            self.framework or other.framework,
            self.visit or other.visit,
            self.start or other.start,
        )


@dataclass(frozen=True)
class Inspection:
    """One inspection, as each section tells it."""

    identity: Identity
    told: tuple[Fields, ...]

    def joined(self, identity: Identity, told: Fields) -> Inspection:
        """The inspection with what one more section tells of it."""
        return Inspection(self.identity.joined(identity), (*self.told, told))


def inspections(
    sections: Sequence[Sequence[Fields]], published: str | None
) -> tuple[list[Inspection], list[Mapping[int, int]]]:
    """The inspections that the sections' records are about, and for each section the number of each record's.

    A record is about the likest inspection that nothing in it excludes, the one told last among equals. Two records of
    one section are never about the same.
    """
    found: list[Inspection] = []
    numbers: list[Mapping[int, int]] = []
    told_at: list[int] = []  # the last section that tells of each inspection
    for section, records in enumerate(sections):
        identities = [_identity(record, published) for record in records]
        pairs = [
            (inspection.identity.likeness(identity), told_at[number], -at, -number)
            for at, identity in enumerate(identities)
            for number, inspection in enumerate(found)
            if inspection.identity.fits(identity)
        ]
        given: dict[int, int] = {}
        for *_, at, number in sorted(pairs, reverse=True):
            if -at not in given and -number not in given.values():
                given[-at] = -number
        for at, (identity, record) in enumerate(zip(identities, records, strict=True)):
            if at in given:
                found[given[at]] = found[given[at]].joined(identity, record)
                told_at[given[at]] = section
            else:
                given[at] = len(found)
                found.append(Inspection(identity, (record,)))
                told_at.append(section)
        numbers.append(given)
    return found, numbers


def _identity(record: Fields, published: str | None) -> Identity:
    """What the record's standing values say of which inspection it is."""
    standing = {name: item for name, item in record.items() if isinstance(item, Item) and item.stands}
    said = {name: item.value.get("value") for name, item in standing.items()}
    council, start = standing.get("authority"), standing.get("inspection_start")
    provider, framework, visit = said.get("provider"), said.get("framework"), said.get("inspection_type")
    return Identity(
        _councils(council.value["as_written"]) if council else frozenset(),
        fold(provider).lower() if provider else None,
        framework if framework != "other" else None,
        visit if visit in _VISITS else "graded" if visit not in (None, "other") else None,
        edtf(start, "words", "start", published) if start else None,
    )


def _councils(name: str) -> frozenset[str]:
    return frozenset(council.gss_code for council in councils_called(name)) or frozenset({fold(name).lower()})
