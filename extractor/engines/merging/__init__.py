"""Drafts of a document's sections made into one draft.

identity.py tells which records are one inspection's, scalars.py settles its single values, lists.py its lists.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from extractor.checking import Check
from extractor.document import Document
from extractor.engines import JSON, Draft, Unshaped
from extractor.engines.merging.identity import Inspection, inspections
from extractor.engines.merging.items import Fields, Item
from extractor.engines.merging.lists import framework_of, gathered
from extractor.engines.merging.scalars import settled
from extractor.engines.sections import Section

CONFLICT = "sections_differ"
"""The code of a warning about a value on which sections exclude each other."""


@dataclass(frozen=True)
class Portion:
    """What was drafted of one section."""

    section: Section
    draft: Draft


def merged(document: Document, portions: Iterable[Portion]) -> Draft:
    """One draft of the inspection records in the sections' drafts, whatever order these come in.

    One portion alone stays as it is.
    """
    ordered = sorted(portions, key=lambda portion: portion.section.start)
    told = [
        [
            _fields(portion.section.start, f"/records/{at}", record, portion.draft.checks)
            for at, record in enumerate(portion.draft.records)
        ]
        for portion in ordered
    ]
    found, moved = inspections(told, document.published)
    whole = Draft()
    for portion, places in zip(ordered, moved, strict=True):
        _carry(portion.draft, whole, places)
    for number, inspection in enumerate(found):
        _put(whole, f"/records/{number}", inspection, document.published)
    return whole


def side_by_side(portions: Iterable[Portion]) -> Draft:
    """One draft with the records of all sections, of a schema that does not tell which of them are one; twins once."""
    whole = Draft()
    known: dict[str, int] = {}
    for portion in sorted(portions, key=lambda portion: portion.section.start):
        moved: dict[int, int] = {}
        for number, record in enumerate(portion.draft.records):
            moved[number] = known.setdefault(json.dumps(record, sort_keys=True), len(known))
            if moved[number] == len(whole.records):
                whole.records.append(record)
        _carry(portion.draft, whole, moved)
        for where, found in portion.draft.checks.items():
            place = _moved(where, moved)
            if place not in whole.checks or not whole.checks[place].delivered:
                whole.checks[place] = found
    return whole


def _fields(section: int, place: str, record: JSON, checks: Mapping[str, Check]) -> Fields:
    """A record of one section, each value with what became of its quote."""
    return {
        name: [Item(section, one, checks[f"{place}/{name}/{index}"]) for index, one in enumerate(value)]
        if isinstance(value, list)
        else value and Item(section, value, checks[f"{place}/{name}"])
        for name, value in record.items()
    }


def _put(whole: Draft, place: str, inspection: Inspection, published: str | None) -> None:
    """Add one inspection's record, with its checks, its conflicts and what gave way in them."""
    record: JSON = {}
    framework = framework_of(_all(inspection, "judgements"), inspection.identity.framework)
    for name in dict.fromkeys(name for fields in inspection.told for name in fields):
        at = f"{place}/{name}"
        items = _all(inspection, name)
        if any(isinstance(fields.get(name), list) for fields in inspection.told):
            made = gathered(name, items, published, framework)
            record[name] = [item.value for item in made.kept]
            whole.checks |= {f"{at}/{index}": item.check for index, item in enumerate(made.kept)}
        else:
            made = settled(name, items, published)
            kept = next(iter(made.kept), None)
            record[name] = kept.value if kept else None
            whole.checks |= {at: kept.check} if kept else {}
        whole.warnings += [(CONFLICT, at, message) for message in made.conflicts]
        whole.unshaped += [Unshaped(at, item.value, reason) for item, reason in made.fallen]
    whole.records.append(record)


def _all(inspection: Inspection, name: str) -> list[Item]:
    """What all sections give for the field."""
    given = (fields.get(name) for fields in inspection.told)
    return [item for value in given if value for item in (value if isinstance(value, list) else [value])]


def _carry(draft: Draft, whole: Draft, moved: Mapping[int, int]) -> None:
    """Add a section's unshaped pieces and warnings, under the numbers that its records have now."""
    whole.unshaped += [replace(piece, field=_moved(piece.field, moved)) for piece in draft.unshaped]
    told = [(code, where and _moved(where, moved), message) for code, where, message in draft.warnings]
    whole.warnings += [one for one in told if one not in whole.warnings]


def _moved(pointer: str, moved: Mapping[int, int]) -> str:
    """A pointer into a section's records as one into all of them."""
    head, records, number, *rest = pointer.split("/")
    return "/".join((head, records, str(moved.get(int(number), number)), *rest))
