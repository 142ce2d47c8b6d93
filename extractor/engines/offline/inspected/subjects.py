"""What was inspected: no council, one, each council of a round-up; or one home, school or agency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

from extractor.domain.authorities import Council
from extractor.domain.cues import cue
from extractor.engines.offline.graded.rows import Graded
from extractor.engines.offline.inspected import providers
from extractor.engines.offline.inspected.councils import OPENING, Councils
from extractor.engines.offline.reading import Found

_HEADING = 60
"""Characters in which a paragraph says whom it is about."""


@dataclass(frozen=True)
class Subject:
    """One inspected council, where the text names it; `provider` is the home, school or agency that was inspected."""

    councils: tuple[Council, ...]
    authority: Found | None
    provider: Found | None = None


@dataclass(frozen=True)
class Scene:
    """A text's subjects, and which of them its passages are about."""

    councils: Councils
    subjects: tuple[Subject, ...]

    @classmethod
    def of(cls, councils: Councils, graded: Sequence[Graded]) -> Scene:
        """The councils that the text says were inspected; `graded` are the grades that it tells."""
        provider = None if councils.front else providers.inspected(councils.reading)
        if provider is not None:
            return cls(councils, (Subject((), providers.runs(councils), provider),))
        lead = councils.lead
        if councils.front:
            return cls(councils, (Subject(lead or (), councils.fullest(lead) if lead else None),))
        if lead is None:
            return cls(councils, ())
        chosen = [lead, *(one for one in councils.weights if one != lead and _is_another(councils, one, lead, graded))]
        return cls(councils, tuple(Subject(one, councils.fullest(one)) for one in chosen))

    def is_about(self, subject: Subject, offset: int) -> bool:
        """Whether the words at the offset are about this subject: by their sentence, or by the last that names one."""
        said = self.councils.spoken_of(self.councils.reading.sentence_at(offset), offset)
        if subject.provider is not None:
            return True
        if said:
            return subject.councils in said or any(_came_from(subject, councils) for councils in said)
        if len(self.subjects) == 1:
            return True
        return subject.councils in self._carried(offset)

    def _carried(self, offset: int) -> Sequence[tuple[Council, ...]]:
        """The subjects named by the last sentence before the offset that names any; all of them before the first."""
        last: Sequence[tuple[Council, ...]] = self._inspected
        for start, said in self._named_by_sentence:
            if start > offset:
                break
            last = said
        return last

    @cached_property
    def _inspected(self) -> list[tuple[Council, ...]]:
        return [subject.councils for subject in self.subjects]

    @cached_property
    def _named_by_sentence(self) -> list[tuple[int, list[tuple[Council, ...]]]]:
        found = []
        for sentence in self.councils.reading.sentences:
            here = self.councils.within(sentence.start, sentence.end)
            said = [one.councils for one in here if one.councils in self._inspected]
            if said:
                found.append((sentence.start, said))
        return found


def _came_from(subject: Subject, councils: tuple[Council, ...]) -> bool:
    """Whether the subject took over from one of these councils, so that its grades are the subject's older ones."""
    return any(council.name in other.successors for council in subject.councils for other in councils)


def _is_another(
    councils: Councils, one: tuple[Council, ...], lead: tuple[Council, ...], graded: Sequence[Graded]
) -> bool:
    """Whether a council other than the lead was inspected too: it has a grade of its own now, and is no mere aside."""
    places = [place for place in councils.named if place.councils == one and place.weight]
    if len(places) < 2 and not (places and places[0].start < OPENING):
        return False
    reading = councils.reading
    own = [grade for grade in graded if not grade.before and _is_of(councils, one, grade)]
    opening = takewhile(lambda sentence: sentence.start < OPENING, reading.sentences)
    together = any(
        {one, lead} <= set(councils.spoken_of(sentence, sentence.end)) and cue("inspected").search(sentence.text)
        for sentence in opening
    )
    return bool(own) or together


def _is_of(councils: Councils, one: tuple[Council, ...], grade: Graded) -> bool:
    """Whether a grade is this council's: by its own sentence, or as the first council named in its paragraph."""
    reading = councils.reading
    sentence = reading.sentence_at(grade.at)
    said = councils.spoken_of(sentence, grade.at)
    if said:
        return one in said and grade.rule != "grade.clause-before"  # "Leeds, which is good, lends it a manager"
    opens, _ = reading.paragraphs[sentence.paragraph]
    return any(place.councils == one for place in councils.within(opens, opens + _HEADING))
