"""The offline engine: rules and tables, no key, no network.

reading.py marks up the text; each other module reads one part of the record from it; here they become a draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from extractor.checking import check_spans
from extractor.derive import UNGRADED_TYPES
from extractor.document import Document
from extractor.domain.areas import areas, plain
from extractor.domain.frameworks import gives_grades
from extractor.engines import Draft, Filling
from extractor.engines.offline import actions, councils, counts, findings, grades, inspection, people, rows, speech
from extractor.engines.offline.reading import Found, Reading
from extractor.engines.offline.rows import Graded

_FRONT = 4000
"""Characters at the front of a report in which sentences are read for grades; its body has only the headings."""

Fields = dict[str, Found | Sequence[Found] | None]


def fill(document: Document) -> Filling:
    """Read the document by rules. Asks nothing: the generator returns its draft at once."""
    return read(document)
    yield


def read(document: Document) -> Draft:
    """The draft that the rules make of the document; no records where it reports no inspection of a council."""
    reading = Reading.of(document)
    inspectors = inspection.inspectorates(reading)
    council, authority = councils.inspected(reading)
    if not inspectors or authority is None:
        return Draft()
    body = authority.values["as_written"]
    named = people.people(reading, body if council else None)
    said = list(speech.attributed(reading, named))
    spoken = [quotation for quotation, _, _ in said]
    leads = inspection.lead_inspectors(reading)
    lead_names = {lead.values["value"] for lead in leads}
    start, end = inspection.inspection_dates(reading)
    fields: Fields = {
        "authority": authority,
        "inspectorates": inspectors,
        "inspection_type": inspection.inspection_type(reading),
        "framework": inspection.framework(reading),
        "inspection_start": start,
        "inspection_end": end,
        "report_published": inspection.published(reading),
        "lead_inspectors": leads,
        "claims": grades.claims(reading, said),
        "counts": _once(counts.counts(reading), "value", "unit"),
        "people": [people.as_found(person) for person in named if person.name not in lead_names],
        "statements": [*speech.statements(reading, named), *speech.reported(reading, named)],
        "findings": findings.findings(reading, spoken),
        "actions": actions.actions(reading),
    }
    listed = rows.rows(reading)
    outside = [(quotation.start, quotation.end) for quotation in spoken] + [row.spans[-1] for row in listed]
    told = list(grades.verdicts(reading, outside, named))
    if _is_report(listed):
        told = [graded for graded in told if graded.area is None and graded.spans[0][0] < _FRONT]
    ungraded = _ungraded(fields) and not _is_report(listed)
    return _draft(document, fields | _graded(reading, [*listed, *told], ungraded))


def _is_report(listed: Sequence[Graded]) -> bool:
    """Whether the document is an inspection report: it has the framework's own headings with their grades."""
    return sum(row.rule == "row.heading" and row.area is not None for row in listed) >= 3


def _ungraded(fields: Fields) -> bool:
    """Whether inspections of this type or framework give no grade, so that every grade told is an older one."""
    kind, framework = fields["inspection_type"], fields["framework"]
    return (isinstance(kind, Found) and kind.values["value"] in UNGRADED_TYPES) or (
        isinstance(framework, Found) and not gives_grades(framework.values["value"])
    )


def _graded(reading: Reading, read: Iterable[Graded], ungraded: bool) -> Fields:
    """The overall grade, the judgements and the older grades, each area once."""
    overall: list[Found] = []
    judgements: dict[str, Found] = {}
    older: list[Found] = []
    for graded in read:
        area = _words(reading, graded)
        if graded.before or ungraded:
            values: dict[str, Any] = {"area": area, "grade": graded.grade, "date": graded.date}
            older.append(Found(values, graded.spans, graded.rule))
        elif area is None:
            overall.append(Found({"value": graded.grade}, graded.spans, graded.rule))
        else:
            found = Found({"area": area, "grade": graded.grade}, graded.spans, graded.rule)
            judgements.setdefault(_sameness(area), found)
    return {
        "overall_grade": _best_overall(reading, overall),
        "judgements": list(judgements.values()),
        "previous_judgements": _once(older, "area", "grade"),
    }


def _words(reading: Reading, graded: Graded) -> str | None:
    """The area's words, parts of one joined by an ellipsis; null for the service as a whole."""
    if graded.area is None:
        return None
    return " … ".join(" ".join(reading.document.text[start:end].split()) for start, end in graded.area)


def _sameness(area: str) -> str:
    """What two ways of saying one area have in common: its code in the register, or else its words."""
    said = plain(area)
    return " ".join(known.code for known in areas() if said in known.forms) or said


def _best_overall(reading: Reading, found: Sequence[Found]) -> Found | None:
    """The grade that is called overall, or else the first for the service as a whole."""
    called = [one for one in found if "overall" in reading.text[slice(*one.spans[0])].lower()]
    return next(iter([*called, *found]), None)


def _once(found: Iterable[Found], *keys: str) -> list[Found]:
    """The found items, each set of these values once."""
    kept: dict[tuple[Any, ...], Found] = {}
    for one in found:
        kept.setdefault(tuple(one.values.get(key) for key in keys), one)
    return list(kept.values())


def _draft(document: Document, fields: Fields) -> Draft:
    """The fields as one record in the wire shape, each item checked like a model's."""
    draft = Draft(records=[{}])
    record = draft.records[0]
    for name, value in fields.items():
        if isinstance(value, Found):
            record[name] = _item(document, draft, name, f"/records/0/{name}", value)
        elif value is None:
            record[name] = None
        else:
            record[name] = [
                _item(document, draft, name, f"/records/0/{name}/{index}", one) for index, one in enumerate(value)
            ]
    return draft


def _item(document: Document, draft: Draft, name: str, pointer: str, found: Found) -> dict[str, Any]:
    checked = check_spans(document, name, found.values, found.spans, basis=found.rule)
    draft.checks[pointer] = checked
    return {"quote": checked.quote, **found.values}
