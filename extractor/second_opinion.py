"""A second opinion: the grades and dates that the rules read otherwise than a model did.

It changes no value. Only grades given in this inspection and its dates are compared, which the rules read best. A value
that the rule's own words do not surely show is no opinion; nor are values in a round-up, of which the rules cannot well
tell whose grade is whose: there, only whole inspections are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from extractor.domain.areas import plain
from extractor.edtf import agree
from extractor.folding import fold
from extractor.schemas.extraction import Evidence, Warned
from extractor.schemas.inspection import InspectionRecord, Judgement

CONTRADICTED = "second_opinion"
"""Both have a value, and the two exclude each other."""
ONE_SIDED = "second_opinion_absent"
"""Only one of the two has a value, or an inspection.

Where the rules are silent on a date or on a single area, that says little. They seldom miss an overall grade, so a
model's that they do not read is told.
"""

_DATES = ("inspection_start", "inspection_end", "report_published")


@dataclass(frozen=True)
class Opinion:
    """One engine's records, with the evidence of each value."""

    records: Sequence[Any]  # InspectionRecords
    evidence: Sequence[Evidence]

    def words(self, pointer: str) -> Evidence | None:
        """The evidence that surely shows the value at this pointer; null where none does."""
        return next((one for one in self.evidence if one.field == pointer and one.support == "yes"), None)


def second_opinion(model: Opinion, rules: Opinion) -> list[Warned]:
    """Where the rules contradict the model's grades and dates, or have one that the model lacks.

    `field` points into the model's records; "-" is a judgement that is not in its list.
    """
    return list(_differences(model, rules))


def _differences(model: Opinion, rules: Opinion) -> Iterator[Warned]:
    pairs = _paired(model.records, rules.records)
    for index, record in enumerate(model.records):
        if index not in pairs and (record.overall_grade or record.judgements):
            message = "The rules read no such inspection in this document."
            yield Warned(code=ONE_SIDED, field=f"/records/{index}", message=message)
    for index in range(len(rules.records)):
        if index not in pairs.values():
            yield from _missed(rules, index)
    if pairs and len(model.records) == len(rules.records) == 1:
        yield from _scalars(model.records[0], rules.records[0], rules)
        yield from _judgements(model.records[0], rules.records[0], rules)


def _paired(model: Sequence[InspectionRecord], rules: Sequence[InspectionRecord]) -> dict[int, int]:
    """Each of the model's records to the rules' one about the same council; a council that is not told fits any."""
    pairs: dict[int, int] = {}
    for surely in (True, False):
        for mine, record in enumerate(model):
            for theirs, other in enumerate(rules):
                same = _same_council(record, other)
                if mine not in pairs and theirs not in pairs.values() and (same or (same is None and not surely)):
                    pairs[mine] = theirs
    return pairs


def _same_council(one: InspectionRecord, other: InspectionRecord) -> bool | None:
    """Whether two records are about one council; null where that is not told."""
    if one.authority is None or other.authority is None:
        return None
    codes = one.authority.gss_code, other.authority.gss_code
    if all(codes):
        return codes[0] == codes[1]
    return fold(one.authority.as_written).lower() == fold(other.authority.as_written).lower() or None


def _scalars(record: InspectionRecord, other: InspectionRecord, rules: Opinion) -> Iterator[Warned]:
    """Differences in the overall grade and the dates."""
    for name in ("overall_grade", *_DATES):
        mine, theirs = getattr(record, name), getattr(other, name)
        words = rules.words(f"/records/0/{name}")
        if name == "overall_grade" and mine and not theirs:
            message = f"{name}: the model says {mine}, the rules read none ({other.overall_grade_absent})."
            yield Warned(code=ONE_SIDED, field=f"/records/0/{name}", message=message)
        if theirs is None or words is None:
            continue
        if mine is None:
            yield _one_sided(f"/records/0/{name}", name, theirs, words)
        elif not (agree(mine, theirs) if name in _DATES else mine == theirs):
            yield _contradicted(f"/records/0/{name}", name, mine, theirs, words)


def _judgements(record: InspectionRecord, other: InspectionRecord, rules: Opinion) -> Iterator[Warned]:
    """Differences in the grades of single areas: areas with one code, or said in one way, are the same."""
    for index, theirs in enumerate(other.judgements):
        words = rules.words(f"/records/0/judgements/{index}")
        if words is None:
            continue
        same = [number for number, mine in enumerate(record.judgements) if _same_area(mine, theirs)]
        if not same and theirs.area_code:
            yield _one_sided("/records/0/judgements/-", theirs.area, theirs.grade, words)
        elif same and all(record.judgements[number].grade != theirs.grade for number in same):
            field = f"/records/0/judgements/{same[0]}"
            yield _contradicted(field, theirs.area, record.judgements[same[0]].grade, theirs.grade, words)


def _same_area(one: Judgement, other: Judgement) -> bool:
    if one.area_code and other.area_code and one.area_code == other.area_code:
        return True
    return plain(one.area) == plain(other.area)


def _missed(rules: Opinion, index: int) -> Iterator[Warned]:
    """One warning about an inspection that only the rules found, if they read a grade of it."""
    record, place = rules.records[index], f"/records/{index}"
    graded = [(f"{place}/overall_grade", record.overall_grade)] if record.overall_grade else []
    graded += [(f"{place}/judgements/{number}", one.grade) for number, one in enumerate(record.judgements)]
    for pointer, grade in graded:
        if words := rules.words(pointer):
            whose = f" of {record.authority.as_written}" if record.authority else ""
            yield _one_sided(None, f"an inspection{whose}", str(grade), words)
            return


def _contradicted(field: str, what: str, mine: str, theirs: str, words: Evidence) -> Warned:
    message = f"{what}: the model says {mine}, the rules read {theirs} in {_quoted(words)}."
    return Warned(code=CONTRADICTED, field=field, message=message)


def _one_sided(field: str | None, what: str, theirs: str, words: Evidence) -> Warned:
    message = f"{what}: the model has none, the rules read {theirs} in {_quoted(words)}."
    return Warned(code=ONE_SIDED, field=field, message=message)


def _quoted(words: Evidence) -> str:
    return f'"{" ".join(words.quote.split())}" ({words.basis})'
