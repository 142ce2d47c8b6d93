"""The offline engine: rules and tables, no key, no network.

reading.py marks up the text; inspected/ tells what was inspected, graded/ how it was graded, spoken/ who says what,
found/ what else the report found; here they become records.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor import dates
from extractor.derive import UNGRADED_TYPES
from extractor.document import Document
from extractor.domain.cues import cue
from extractor.domain.frameworks import gives_grades
from extractor.engines import Draft, Filling
from extractor.engines.offline.drafting import draft
from extractor.engines.offline.found import actions, counts, findings, outcome
from extractor.engines.offline.graded import claims
from extractor.engines.offline.graded.fields import graded_fields, others_claims
from extractor.engines.offline.graded.gathered import Grades
from extractor.engines.offline.graded.phrases import phrase
from extractor.engines.offline.graded.rows import Graded
from extractor.engines.offline.inspected import inspection
from extractor.engines.offline.inspected.councils import Councils
from extractor.engines.offline.inspected.events import Events
from extractor.engines.offline.inspected.front import Front
from extractor.engines.offline.inspected.kinds import inspection_type
from extractor.engines.offline.inspected.leads import lead_inspectors
from extractor.engines.offline.inspected.subjects import Scene, Subject
from extractor.engines.offline.reading import Fields, Found, Reading, once
from extractor.engines.offline.spoken import people, speech

_REPORTED = phrase(
    r"\b(?:ofsted|inspectors|inspectorates?|watchdog)\b[^.;:\"]{0,30}\b(?:inspected|found|finds?|visited|says?|said|saw|seen",
    r"|praised|criticised|noted|concluded|reported|came|wrote|writes?|report|letter|rated|judged|told|sent|gave|given",
    r"|spoke|credits?)\b",
    r"|\b(?:rated|judged|graded|marked|found|criticised|inspected|branded|given|praised)\b[^.;:]{0,60}",
    r"\b(?:by|from) (?:ofsted|inspectors|the watchdog)\b",
    r"|\b(?:inspection|visit) (?:of|to|by)\b|\b(?:report|letter) (?:by|from|into)\b|\binspectorates? say",
)
"""How a text tells that somebody inspected …"""
_RECALLED = phrase(
    r"\b(?:19|20)[0-9]{2}\b|\bwhen (?:ofsted|inspectors|it was)\b|\byears? (?:ago|later|earlier|before)\b|\blast year\b"
)
"""… and how it tells that this was another time."""
_BESIDE_A_NAME = phrase(r"[A-Z]\w+, (?:itself )?(?:rated|judged|graded) [\"']?$")


def fill(document: Document) -> Filling:
    """Read the document by rules. Asks nothing: the generator returns its draft at once."""
    return read(document)
    yield


def read(document: Document) -> Draft:
    """The draft that the rules make of the document; no records where it reports no inspection."""
    reading = Reading.of(document)
    front = Front.of(reading)
    inspectors = inspection.inspectorates(reading)
    if not inspectors and not front:
        return Draft()
    councils = Councils.of(reading, front)
    body = councils.fullest(councils.lead).values["as_written"] if councils.lead else None
    persons = people.people(reading, body)
    said = [] if reading.is_long else list(speech.attributed(reading, persons))
    spoken = [quotation for quotation, _, _ in said]
    kind = inspection_type(reading, front)
    when = Events.of(reading, graded=kind is None or kind.values["value"] not in UNGRADED_TYPES)
    present = _present(document, when.start)
    grades = Grades.of(reading, front, [(one.start, one.end) for one in spoken], persons, present)
    leads = lead_inspectors(reading)
    named_leads = {lead.values["value"] for lead in leads}
    fields: Fields = {
        "inspectorates": inspectors,
        "inspection_type": kind,
        "framework": inspection.framework(reading, front),
        "inspection_start": when.start,
        "inspection_end": when.end,
        "report_published": when.published,
        "lead_inspectors": leads,
        "counts": once(counts.counts(reading), "value", "unit"),
        "people": [people.as_found(person) for person in persons if person.name not in named_leads],
        "statements": [] if reading.is_long else _statements(reading, persons),
        "findings": findings.findings(reading, spoken),
        "actions": actions.actions(reading),
    }
    if _is_ungraded(fields) and not grades.is_report:
        fields["outcome"] = outcome.outcome(reading, spoken)
    scene = Scene.of(councils, grades.all)
    judged = [_judged(scene, subject, grades) for subject in scene.subjects]
    if not any(
        _is_reported(reading, subject, fields, own) for subject, own in zip(scene.subjects, judged, strict=True)
    ):
        return Draft()
    claimed = [] if reading.is_long else claims.claims(reading, said, persons)
    ungraded = "outcome" in fields
    made = draft(
        document,
        [
            _record(reading, scene, subject, fields, own, claimed, ungraded)
            for subject, own in zip(scene.subjects, judged, strict=True)
        ],
    )
    made.warnings += [("grade_differs", "/records/0/judgements", told) for told in grades.differing]
    return made


def _statements(reading: Reading, persons: Sequence[people.Person]) -> list[Found]:
    """What is said in quotation marks, then what is only reported."""
    return [*speech.statements(reading, persons), *speech.reported(reading, persons)]


def _record(
    reading: Reading,
    scene: Scene,
    subject: Subject,
    fields: Fields,
    judged: Sequence[Graded],
    claimed: Sequence[Found],
    ungraded: bool,
) -> Fields:
    """One subject's record; of an ungraded visit every grade is an older one, and a home has no council's grade."""
    own = _own(scene, subject, fields) | graded_fields(reading, judged, ungraded)
    own["claims"] = claimed if ungraded else others_claims(claimed, judged)
    if subject.provider:
        own["overall_grade"] = None
    return {"authority": subject.authority, "provider": subject.provider} | own


def _judged(scene: Scene, subject: Subject, grades: Grades) -> list[Graded]:
    """The grades that are this subject's: all of a report's own table, and what sentences say about it."""
    alone = len(scene.subjects) == 1
    listed = grades.listed if alone else [row for row in grades.listed if scene.is_about(subject, row.at)]
    return [*listed, *(graded for graded in grades.told if scene.is_about(subject, graded.at))]


def _is_reported(reading: Reading, subject: Subject, fields: Fields, judged: Sequence[Graded]) -> bool:
    """Whether an inspection is what the text reports: it says so, gives a grade now, or says how, when or by whom."""
    return (
        any(not graded.before and not _is_aside(reading, graded) for graded in judged)
        or any(fields[name] for name in ("inspection_type", "inspection_start", "lead_inspectors"))
        or any(_REPORTED.search(one.text) and not _is_elsewhere(one.text, subject) for one in reading.sentences)
    )


def _is_aside(reading: Reading, graded: Graded) -> bool:
    """Whether the grade only stands beside a name: "So is Leeds, rated outstanding"."""
    return _BESIDE_A_NAME.search(reading.text[max(0, graded.at - 30) : graded.at]) is not None


def _is_elsewhere(sentence: str, subject: Subject) -> bool:
    """Whether a sentence about an inspection means another time, or other bodies than the council's services."""
    others = subject.provider is None and cue("other_body").search(sentence) is not None
    return others or _RECALLED.search(sentence) is not None


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


def _is_ungraded(fields: Fields) -> bool:
    """Whether inspections of this type or framework give no grade, so that every grade told is an older one."""
    kind, framework = fields["inspection_type"], fields["framework"]
    return (isinstance(kind, Found) and kind.values["value"] in UNGRADED_TYPES) or (
        isinstance(framework, Found) and not gives_grades(framework.values["value"])
    )
