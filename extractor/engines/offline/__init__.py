"""The offline engine: rules and tables, no key, no network.

reading.py marks up the text; each other module reads one part of the record from it; here they become a draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

from extractor import dates
from extractor.checking import check_spans
from extractor.derive import UNGRADED_TYPES
from extractor.document import Document
from extractor.domain.areas import areas, plain
from extractor.domain.frameworks import gives_grades, means_whole
from extractor.engines import Draft, Filling
from extractor.engines.offline import (
    actions,
    claims,
    counts,
    findings,
    grades,
    inspection,
    outcome,
    people,
    rows,
    speech,
)
from extractor.engines.offline.councils import Councils
from extractor.engines.offline.events import Events
from extractor.engines.offline.halves import in_half, is_in_halves
from extractor.engines.offline.kinds import inspection_type
from extractor.engines.offline.leads import lead_inspectors
from extractor.engines.offline.phrases import phrase
from extractor.engines.offline.reading import Found, Reading
from extractor.engines.offline.rows import Graded
from extractor.engines.offline.subjects import Scene, Subject

_REPORTED = phrase(
    r"\b(?:ofsted|inspectors|inspectorates?|watchdog)\b[^.;:\"]{0,30}\b(?:inspected|found|finds?|visited|says?|said|saw|seen",
    r"|praised|criticised|noted|concluded|reported|came|wrote|writes?|report|letter|rated|judged|told|sent|gave|given",
    r"|spoke|credits?)\b",
    r"|\b(?:rated|judged|graded|marked|found|criticised|inspected|branded|given|praised)\b[^.;:]{0,60}",
    r"\b(?:by|from) (?:ofsted|inspectors|the watchdog)\b",
    r"|\b(?:inspection|visit) (?:of|to|by)\b|\b(?:report|letter) (?:by|from|into)\b|\binspectorates? say",
)
"""How a text tells that somebody inspected."""
_FRONT = 4000
"""Characters at the front of a report in which sentences are read for grades; its body has only the headings."""

Fields = dict[str, Found | Sequence[Found] | None]


def fill(document: Document) -> Filling:
    """Read the document by rules. Asks nothing: the generator returns its draft at once."""
    return read(document)
    yield


def read(document: Document) -> Draft:
    """The draft that the rules make of the document; no records where it reports no inspection."""
    reading = Reading.of(document)
    inspectors = inspection.inspectorates(reading)
    if not inspectors:
        return Draft()
    councils = Councils.of(reading)
    lead = councils.lead
    named = people.people(reading, councils.fullest(lead).values["as_written"] if lead else None)
    said = [] if reading.is_long else list(speech.attributed(reading, named))
    spoken = [quotation for quotation, _, _ in said]
    listed = rows.rows(reading)
    outside = [(quotation.start, quotation.end) for quotation in spoken] + [row.spans[-1] for row in listed]
    kind = inspection_type(reading)
    when = Events.of(reading, graded=kind is None or kind.values["value"] not in UNGRADED_TYPES)
    present = _present(document, when.start)
    verdicts = grades.verdicts(reading, outside, named, present)
    if _is_report(listed):
        front = takewhile(lambda graded: graded.at < _FRONT, verdicts)
        told = [graded for graded in front if _is_outside_the_table(reading, graded)]
    else:
        told = list(verdicts)
    if is_in_halves(reading, present):
        listed, told = ([in_half(reading, graded) for graded in some] for some in (listed, told))
    listed, told = ([_whole(reading, graded, present) for graded in some] for some in (listed, told))
    scene = Scene.of(councils, [*listed, *told])
    leads = lead_inspectors(reading)
    lead_names = {lead.values["value"] for lead in leads}
    fields: Fields = {
        "inspectorates": inspectors,
        "inspection_type": kind,
        "framework": inspection.framework(reading),
        "inspection_start": when.start,
        "inspection_end": when.end,
        "report_published": when.published,
        "lead_inspectors": leads,
        "counts": _once(counts.counts(reading), "value", "unit"),
        "people": [people.as_found(person) for person in named if person.name not in lead_names],
        "statements": [] if reading.is_long else [*speech.statements(reading, named), *speech.reported(reading, named)],
        "findings": findings.findings(reading, spoken),
        "actions": actions.actions(reading),
    }
    claimed = [] if reading.is_long else claims.claims(reading, said, named)
    ungraded = _ungraded(fields) and not _is_report(listed)
    if not _REPORTED.search(reading.text) and not any(
        _is_reported(fields, _judged(scene, subject, listed, told)) for subject in scene.subjects
    ):
        return Draft()
    return _draft(
        document,
        [
            {"authority": subject.authority, "provider": subject.provider}
            | _own(scene, subject, fields)
            | _graded(reading, _judged(scene, subject, listed, told), ungraded)
            | {"claims": claimed if ungraded else _others_claims(claimed, _judged(scene, subject, listed, told))}
            | ({"overall_grade": None} if subject.provider else {})
            | ({"outcome": outcome.outcome(reading, spoken)} if ungraded else {})
            for subject in scene.subjects
        ],
    )


def _judged(scene: Scene, subject: Subject, listed: Sequence[Graded], told: Sequence[Graded]) -> list[Graded]:
    """The grades that are this subject's: all of a report's own table, and what sentences say about it."""
    own = listed if len(scene.subjects) == 1 else [row for row in listed if scene.is_about(subject, row.at)]
    return [*own, *(graded for graded in told if scene.is_about(subject, graded.at))]


def _whole(reading: Reading, graded: Graded, present: str | None) -> Graded:
    """The grade as one of the whole service, where its framework judges one service only and calls it so."""
    if graded.before or graded.area is None:
        return graded
    said = plain(" ".join(reading.text[slice(*graded.area[0])].split()))
    return replace(graded, area=None) if means_whole(said, present) else graded


def _is_reported(fields: Fields, judged: Sequence[Graded]) -> bool:
    """Whether an inspection is what the text reports: it gives a grade now, or says when or how somebody inspected."""
    return any(not graded.before for graded in judged) or any(
        fields[name] for name in ("inspection_type", "inspection_start", "lead_inspectors")
    )


def _present(document: Document, start: Found | None) -> str | None:
    """The date that tells an older grade from one given now: the inspection's, or else the document's own."""
    if start is not None:
        quote = document.text[slice(*start.spans[0])]
        fieldwork = dates.resolve(start.values["words"], quote=quote, published=document.published).edtf
        if fieldwork and not fieldwork.startswith("X"):
            return fieldwork
    return document.published


def _own(scene: Scene, subject: Subject, fields: Fields) -> Fields:
    """What of the fields is about this subject: all where it is the only one, or where nothing else is said."""
    if len(scene.subjects) == 1:
        return fields
    own: Fields = {}
    for name, value in fields.items():
        if isinstance(value, Found) or value is None or name == "inspectorates":
            own[name] = value
        else:
            own[name] = [one for one in value if scene.is_about(subject, one.spans[0][0])]
    return own


def _is_report(listed: Sequence[Graded]) -> bool:
    """Whether the document is an inspection report: it has the framework's own headings with their grades."""
    return sum(row.rule == "row.heading" and row.area is not None for row in listed) >= 3


def _is_outside_the_table(reading: Reading, graded: Graded) -> bool:
    """Whether a report says it in a sentence only: the grade of all, an older one, or the safeguarding board's."""
    return graded.area is None or graded.before or "board" in reading.text[slice(*graded.area[0])].lower()


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
        "previous_judgements": _once(_dated_first(older), "area", "grade", "date"),
    }


def _others_claims(claimed: Sequence[Found], judged: Sequence[Graded]) -> list[Found]:
    """The claims that say more than the grades do: who only repeats the overall grade claims nothing."""
    whole = {graded.grade for graded in judged if graded.area is None}
    return [one for one in claimed if one.values["area"] or one.values["grade"] not in whole]


def _dated_first(older: Sequence[Found]) -> list[Found]:
    """Older grades without those that say again, undated, what another says with its date."""
    dated = {(one.values["area"], one.values["grade"]) for one in older if one.values["date"]}
    return [one for one in older if one.values["date"] or (one.values["area"], one.values["grade"]) not in dated]


def _words(reading: Reading, graded: Graded) -> str | None:
    """The area's words, parts of one joined by an ellipsis; null for the service as a whole."""
    if graded.area is None:
        return None
    return " … ".join(" ".join(reading.document.text[start:end].split()) for start, end in graded.area)


def _sameness(area: str) -> str:
    """What ways of saying one area have in common: its codes in the register, or else its words."""
    parts = [plain(part) for part in area.split(" … ")]
    whole = len(parts) == 1
    return " ".join(
        known.code
        for known in areas()
        if (parts[0] in known.forms if whole else any(all(part in form for part in parts) for form in known.forms))
    ) or plain(area)


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


def _draft(document: Document, records: Sequence[Fields]) -> Draft:
    """The records in the wire shape, each item checked like a model's."""
    draft = Draft(records=[{} for _ in records])
    for number, (record, fields) in enumerate(zip(draft.records, records, strict=True)):
        for name, value in fields.items():
            place = f"/records/{number}/{name}"
            if isinstance(value, Found):
                record[name] = _item(document, draft, name, place, value)
            elif value is None:
                record[name] = None
            else:
                record[name] = [
                    _item(document, draft, name, f"{place}/{index}", one) for index, one in enumerate(value)
                ]
    return draft


def _item(document: Document, draft: Draft, name: str, pointer: str, found: Found) -> dict[str, Any]:
    checked = check_spans(document, name, found.values, found.spans, basis=found.rule)
    draft.checks[pointer] = checked
    return {"quote": checked.quote, **found.values}
