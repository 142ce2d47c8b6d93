"""Every grade of a text: from tables, lists and sentences, as the framework of its time means them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractor.document import Span
from extractor.domain.areas import plain
from extractor.domain.frameworks import means_whole
from extractor.engines.offline.graded import grades
from extractor.engines.offline.graded.halves import in_half, is_in_halves
from extractor.engines.offline.graded.official import Official
from extractor.engines.offline.graded.phrases import phrase
from extractor.engines.offline.graded.rows import Graded, rows
from extractor.engines.offline.inspected.front import Front
from extractor.engines.offline.reading import Reading
from extractor.engines.offline.spoken.people import Person

_FRONT = 4000
"""Characters at the front of a report in which sentences are read for grades; its body has only the headings."""
_HEADINGS_OF_A_REPORT = 3
_IN_CARE_AND_LEAVERS = phrase(
    r"(?:[\w ]+ )?(?:children|young people|those) in (?:its |their )?care and (?:for )?(?:the )?care leavers"
)


@dataclass(frozen=True)
class Grades:
    """The grades that a text lists and those that it tells; `is_report` where it has a report's own table.

    `differing` says in words where a report gives one thing two grades.
    """

    listed: list[Graded]
    told: list[Graded]
    is_report: bool
    differing: Sequence[str] = ()

    @classmethod
    def of(
        cls,
        reading: Reading,
        front: Front | None,
        spoken: Sequence[Span],
        persons: Sequence[Person],
        present: str | None,
    ) -> Grades:
        """Read them all, but for those in the spans `spoken`; `present` is the date that tells older ones apart.

        `front` is a report's own, null of any other document.
        """
        official = Official.of(reading, front) if front else None
        if official:
            outside = [row.spans[-1] for row in official.listed]
            verdicts = grades.verdicts(reading, outside, persons, present, _FRONT)
            return cls(official.listed, [one for one in verdicts if one.before], True, official.differing)
        listed = rows(reading)
        is_report = sum(row.rule == "row.heading" and row.area is not None for row in listed) >= _HEADINGS_OF_A_REPORT
        outside = [*spoken, *(row.spans[-1] for row in listed)]
        told = list(grades.verdicts(reading, outside, persons, present, _FRONT if is_report else None))
        if is_report:
            told = [one for one in told if _is_outside_the_table(reading, one)]
        if _is_before_2023(present):
            told = _as_one_heading(reading, told)
        if is_in_halves(reading, present):
            listed, told = ([in_half(reading, graded) for graded in some] for some in (listed, told))
        listed, told = ([_whole(reading, graded, present) for graded in some] for some in (listed, told))
        return cls(listed, told, is_report)

    @property
    def all(self) -> list[Graded]:
        """Those that are listed, then those that are told."""
        return [*self.listed, *self.told]


def _is_before_2023(present: str | None) -> bool:
    """Whether ILACS then judged children in care and care leavers as one; false where the year is unknown."""
    return present is not None and "2018" <= present[:4] < "2023"


def _as_one_heading(reading: Reading, told: Sequence[Graded]) -> list[Graded]:
    """The grades with "children in care and care leavers" as the one area that it was."""
    kept: list[Graded] = []
    for graded in told:
        last = kept[-1] if kept else None
        if last and last.at == graded.at and last.area and graded.area:
            whole = (last.area[0][0], graded.area[-1][1])
            if _IN_CARE_AND_LEAVERS.fullmatch(reading.text, *whole):
                kept[-1] = replace(last, area=(whole,))
                continue
        kept.append(graded)
    return kept


def _is_outside_the_table(reading: Reading, graded: Graded) -> bool:
    """Whether a report says it in a sentence only: the grade of all, an older one, or the safeguarding board's."""
    return graded.area is None or graded.before or "board" in reading.text[slice(*graded.area[0])].lower()


def _whole(reading: Reading, graded: Graded, present: str | None) -> Graded:
    """The grade as one of the whole service, where its framework judges one service only and calls it so."""
    if graded.before or graded.area is None:
        return graded
    said = plain(" ".join(reading.text[slice(*graded.area[0])].split()))
    return replace(graded, area=None) if means_whole(said, present) else graded
