"""Grades as a record has them: the overall one, the judgements, the older ones, and what others claim beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractor.domain.areas import areas, plain
from extractor.engines.offline.graded.rows import Graded
from extractor.engines.offline.reading import Fields, Found, Reading, once


def graded_fields(reading: Reading, read: Iterable[Graded], ungraded: bool) -> Fields:
    """The overall grade, the judgements and the older grades, each area once."""
    overall: list[Found] = []
    judgements: dict[str, Found] = {}
    older: list[Found] = []
    for graded in read:
        area = _words(reading, graded)
        if graded.before or ungraded:
            values = {"area": area, "grade": graded.grade, "date": graded.date}
            older.append(Found(values, graded.spans, graded.rule))
        elif area is None:
            overall.append(Found({"value": graded.grade}, graded.spans, graded.rule))
        else:
            found = Found({"area": area, "grade": graded.grade}, graded.spans, graded.rule)
            judgements.setdefault(_sameness(area), found)
    return {
        "overall_grade": _best_overall(reading, overall),
        "judgements": list(judgements.values()),
        "previous_judgements": once(_dated_first(older), "area", "grade", "date"),
    }


def others_claims(claimed: Sequence[Found], judged: Sequence[Graded]) -> list[Found]:
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
