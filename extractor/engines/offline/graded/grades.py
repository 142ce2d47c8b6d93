"""Grades in sentences: what was graded how, now or before; other people's grades and mere adjectives kept apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from extractor import dates
from extractor.document import Span
from extractor.domain.cues import cue
from extractor.domain.grades import GradeWord, grade_words
from extractor.engines.offline.graded import phrases
from extractor.engines.offline.graded.rows import Graded
from extractor.engines.offline.graded.topics import Topic, run_before, run_from, spans, topics
from extractor.engines.offline.reading import Reading, Sentence
from extractor.engines.offline.spoken.people import Person


def verdicts(
    reading: Reading,
    outside: Sequence[Span],
    persons: Sequence[Person],
    present: str | None = None,
    until: int | None = None,
) -> Iterator[Graded]:
    """Grades that sentences say the inspectorate gave; not in the spans `outside`, nor in what other people say.

    `present` is the date of the inspection or of the text, EDTF: a grade with an earlier year is an older one.
    Sentences that begin behind the offset `until` are left unread.
    """
    for number, sentence in enumerate(reading.sentences):
        if until is not None and sentence.start >= until:
            return
        forms = [
            form
            for form in _forms(sentence)
            if not _inside(form, outside) and not _is_somebodys(sentence, form, persons)
        ]
        if not forms:
            continue
        before = reading.sentences[number - 1] if number else None
        carried = _carried(before) if before and before.paragraph == sentence.paragraph else None
        after = reading.sentences[number + 1] if number + 1 < len(reading.sentences) else None
        yield from _Sentence(sentence, forms, before if carried else None, carried or [], after, present).verdicts()


def _is_somebodys(sentence: Sentence, form: GradeWord, persons: Sequence[Person]) -> bool:
    """Whether a named person says it: "Ann Lee said that …", "…, said Ann Lee"."""
    at = form.start - sentence.start
    before, after = sentence.text[:at], sentence.text[at:]
    said = cue("reported").search(before) is not None
    return any(
        (said and person.surname in before) or (person.surname in after and phrases.SAID_BEHIND.search(after))
        for person in persons
    )


def _forms(sentence: Sentence) -> list[GradeWord]:
    """The sentence's grade forms with the document's offsets; "grade four 'inadequate'" is one."""
    kept: list[GradeWord] = []
    for form in grade_words(sentence.text, read=True):
        if form.grade == "not judged" and grade_words(sentence.text[form.end : form.end + 25], read=True):
            continue
        if kept and kept[-1].grade == form.grade and not re.search(r"\w{3}", sentence.text[kept[-1].end : form.start]):
            kept[-1] = GradeWord(kept[-1].start, form.end, form.grade)
        else:
            kept.append(form)
    return [GradeWord(form.start + sentence.start, form.end + sentence.start, form.grade) for form in kept]


def _inside(form: GradeWord, spans: Sequence[Span]) -> bool:
    return any(start <= form.start and form.end <= end for start, end in spans)


def _carried(before: Sentence) -> list[Topic]:
    """What the sentence before speaks of first: that is what "it" and "they" mean."""
    found = [one for one in topics(before.text) if not one.placed]
    if not found or found[0].kind == "pronoun":
        return []
    return run_from(before.text, found, found[0].start, len(before.text))


@dataclass(frozen=True)
class _Read:
    """One grade of a sentence and what it is for: `run` are the sentence's topics, `before` tells an older one."""

    form: GradeWord
    areas: list[tuple[Span, ...] | None]
    rule: str
    before: bool


@dataclass(frozen=True)
class _Sentence:
    """A sentence with grades in it; offsets are the sentence's own, but those of `forms` and of areas."""

    sentence: Sentence
    forms: Sequence[GradeWord]
    behind: Sentence | None  # the sentence that `carried` stands in
    carried: Sequence[Topic]
    next: Sentence | None
    present: str | None

    @property
    def text(self) -> str:
        return self.sentence.text

    @cached_property
    def topics(self) -> list[Topic]:
        return topics(self.text)

    @cached_property
    def insets(self) -> list[Span]:
        return [match.span() for match in phrases.INSET.finditer(self.text)]

    def in_inset(self, one: Topic | dates.Period, form: GradeWord) -> bool:
        """Whether a topic or date stands in an inset between commas that the grade is no part of."""
        at = self.at(form)[0]
        return any(start <= one.start < end and not start <= at < end for start, end in self.insets)

    @cached_property
    def breaks(self) -> list[int]:
        """Where clauses begin and the last ends; brackets hold no clauses."""
        brackets = [match.span() for match in phrases.BRACKETS.finditer(self.text)]
        ends = [match.end() for match in phrases.BREAK.finditer(self.text)]
        return [0, *(end for end in ends if not any(start < end < stop for start, stop in brackets)), len(self.text)]

    def at(self, form: GradeWord) -> Span:
        """Where the form stands in the sentence."""
        return form.start - self.sentence.start, form.end - self.sentence.start

    def clause(self, offset: int) -> Span:
        """The clause that the offset is in."""
        start = max(cut for cut in self.breaks if cut <= offset)
        return start, min(cut for cut in self.breaks if cut > offset or cut == len(self.text))

    def verdicts(self) -> Iterator[Graded]:
        """The sentence's grades, one an area, or one for the service as a whole."""
        here = (self.sentence.start, self.sentence.end)
        for read in self.read():
            for when in self.times(read):
                for area in read.areas:
                    spans_ = (here,) if area is None or area[0][0] < here[1] else (here, self.next_span)
                    yield Graded(area, read.form.grade, read.form.start, spans_, read.rule, read.before, when)

    @property
    def next_span(self) -> Span:
        assert self.next is not None
        return self.next.start, self.next.end

    def read(self) -> list[_Read]:
        """Each grade that was given, with what it was given for."""
        found = self.respective()
        rest = self.forms[len(found) :]
        used = self.at(found[-1].form)[1] if found else 0
        last: _Read | None = None
        for index, form in enumerate(rest):
            end = self.at(form)[1]
            stop = self.at(rest[index + 1])[0] if index + 1 < len(rest) else len(self.text)
            areas, rule, until = self.areas(form, used, stop, last)
            if areas and self.is_given(form, used, stop, areas, rule, last):
                last = _Read(form, areas, rule, self.is_older(form, used, stop, last))
                found.append(last)
                also = phrases.SO_TOO.match(self.text, end, stop)
                more = run_from(self.text, self.topics, also.end(), stop) if also else []
                if more:
                    found.append(_Read(form, spans(more, self.sentence.start), "grade.so-too", last.before))
                    until = more[-1].end
            used = max(used, end, until)
        if last is not None and last.form is rest[-1]:
            found += self.said_next(last)
        return found

    def said_next(self, last: _Read) -> Iterator[_Read]:
        """What the next sentence adds to the last grade: "So, too, does …"."""
        if self.next is None:
            return
        opening = phrases.SO_NEXT.match(self.next.text)
        found = topics(self.next.text)
        run = run_from(self.next.text, found, opening.end(), len(self.next.text)) if opening else []
        if run:
            yield _Read(last.form, spans(run, self.next.start), "grade.next-sentence", last.before)

    def times(self, read: _Read) -> list[str | None]:
        """The words of the dates of the grade: several where it was given "in 2011 and again in 2014"."""
        words = self.when(read.form)
        if words is None:
            return [None]
        again = phrases.AGAIN.search(self.text)
        others = [one.words for one in self.periods if again and one.start == again.end()]
        return [words, *others] if read.before else [words]

    def areas(
        self, form: GradeWord, used: int, stop: int, last: _Read | None
    ) -> tuple[list[tuple[Span, ...] | None], str, int]:
        """What the grade is for, the rule that tells, and how far its words reach; empty where nothing tells."""
        start, end = self.at(form)
        opens, _ = self.clause(start)
        real = [one for one in self.topics if not one.placed and not self.in_inset(one, form)]
        before = run_before(self.text, real, max(opens, used), start)
        behind, rule = self.behind_it(end, stop)
        shared = phrases.SHARED.match(self.text, end, stop) if phrases.SHARES.search(self.text, opens, start) else None
        if shared and before:
            both = [*before, *run_from(self.text, self.topics, shared.end(), stop)]
            return spans(both, self.sentence.start), "grade.shared", both[-1].end
        if phrases.OVERALL.match(self.text, end) and not any(
            phrases.HALF.search(self.text, one.start, one.end) for one in before
        ):
            return [None], "grade.overall", end
        if behind and (not before or all(one.kind != "area" for one in before)):
            return spans(behind, self.sentence.start), rule, behind[-1].end
        counted = [match.end() for match in phrases.COUNTED.finditer(self.text, max(opens, used), start)]
        if counted and (not before or before[-1].start < counted[-1]):
            return self.counted(), "grade.counted", end
        if before and all(phrases.VERDICT.fullmatch(self.text, one.start, one.end) for one in before):
            before = run_before(self.text, [one for one in real if one.kind == "area"], used, start) or before
        subject = [
            one for one in real if one.kind == "area" and opens <= one.start and phrases.WHO.match(self.text, one.end)
        ]
        if subject and all(one.kind != "area" for one in before):
            before = subject[:1]
        if before and not all(one.kind == "pronoun" for one in before):
            return spans(before, self.sentence.start), "grade.subject", end
        if last is not None and not self.has_subject(last, start):
            return last.areas, "grade.same", end
        named = [one for one in real if one.kind != "pronoun"]
        earlier = run_before(self.text, named, 0, start if before else opens)
        if earlier:
            return spans(earlier, self.sentence.start), "grade.clause-before", end
        if self.carried and self.behind is not None and (before or not self.subject_of(start, opens)):
            return spans(self.carried, self.behind.start), "grade.sentence-before", end
        placed = any(one.kind == "whole" for one in self.topics)
        return ([None], "grade.whole", end) if placed or before or not self.subject_of(start, opens) else ([], "", end)

    def counted(self) -> list[tuple[Span, ...] | None]:
        """The areas that a counted subject leaves unnamed and the next sentence names; none where it does not."""
        if self.next is None:
            return []
        opening = phrases.THEY_ARE.match(self.next.text)
        run = run_from(self.next.text, topics(self.next.text), opening.end(), len(self.next.text)) if opening else []
        return spans(run, self.next.start) if run else []

    def behind_it(self, end: int, stop: int) -> tuple[list[Topic], str]:
        """The topics that the words behind a grade say it is for."""
        for pattern, rule, until in (
            (phrases.MARKED, "grade.for-area", stop),
            (phrases.INVERTED, "grade.inverted", stop),
            (phrases.LISTED, "grade.including", len(self.text)),
        ):
            marker = pattern.match(self.text, end, until)
            run = run_from(self.text, self.topics, marker.end(), until) if marker else []
            if run and any(one.kind == "area" or (one.kind == "whole" and rule != "grade.for-area") for one in run):
                return [one for one in run if one.kind != "pronoun"], rule
        return [], ""

    def has_subject(self, last: _Read, start: int) -> bool:
        """Whether the words between the last grade and this one name a subject of their own."""
        gap = self.text[self.at(last.form)[1] : start]
        return (
            any(one.start >= self.at(last.form)[1] and one.end <= start for one in self.topics) or len(gap.split()) > 9
        )

    def subject_of(self, start: int, opens: int) -> bool:
        """Whether a subject that is no topic stands before the grade's verb: "Record keeping requires improvement"."""
        words = self.text[opens:start]
        verb = next(iter([*cue("being").finditer(words), *cue("grading").finditer(words)]), None)
        head = words[: verb.start()] if verb else words
        return phrases.OWN_SUBJECT.search(phrases.UNNAMED.sub("", head, count=1)) is not None

    def is_given(
        self, form: GradeWord, used: int, stop: int, areas: Sequence[object], rule: str, last: _Read | None
    ) -> bool:
        """Whether the words around the grade say that the inspectorate gave it."""
        start, end = self.at(form)
        opens, _ = self.clause(start)
        before, after = self.text[max(opens, used) : start], self.text[end:stop]
        if self.is_unsaid(form, max(opens, used), stop, of_area=areas != [None]):
            return False
        if rule == "grade.whole" and not (
            phrases.NOUN.match(after.lstrip(" \n\"'"))
            or phrases.FROM.search(before)
            or cue("grading").search(before)
            or any(one.end <= start and not one.placed for one in self.topics)
        ):
            return False
        if form.grade == "requires improvement" and self.text[start:].lower().startswith("requir"):
            return True
        quoted = self.text[start - 1 : start] in ("'", '"')
        called = phrases.NOUN.match(after.lstrip(" \n\"'")) is not None
        if is_adjective(after) and not quoted and not called:
            return False
        capital = self.text[start].isupper() and start > 0 and not self.text[:start].isupper()
        return bool(
            called
            or capital
            or cue("grading").search(before)
            or _is(before)
            or phrases.ARTICLE.search(before)
            or phrases.APART.search(before)
            or phrases.THEIRS.match(after)
            or (quoted and rule != "grade.whole")
            or rule in ("grade.inverted", "grade.including")
            or phrases.FROM.search(before)
            or phrases.TO.search(before)
            or phrases.AT.search(before)
            or (phrases.APPOSED.search(before) and phrases.APPOSED_ENDS.match(after + "."))
            or (phrases.COLON.search(self.text[:start]) and not re.search(r"\w", after))
            or (last is not None and len(before.split()) < 14)
        )

    def is_unsaid(self, form: GradeWord, opens: int, stop: int, *, of_area: bool = False) -> bool:
        """Whether the grade is denied, hoped for, somebody else's, one of many bodies', or only some areas'."""
        start, end = self.at(form)
        before, after = self.text[opens:start], self.text[end:stop]
        if (phrases.TURNED.search(before) or phrases.ANY_MORE.search(after)) and not cue("doubted").search(
            self.text[:start]
        ):
            return False
        return bool(
            cue("negated").search(before)
            or cue("hoped").search(self.text[:start])
            or cue("doubted").search(self.text[:start])
            or phrases.HAD_BEEN.match(self.text)
            or cue("withdrawn").search(after)
            or _by_others(self.text[:start])
            or phrases.PARTLY.match(after)
            or phrases.OR_WORSE.match(after)
            or cue("many_bodies").search(before)
            or (not of_area and cue("other_body").search(before))
        )

    def is_older(self, form: GradeWord, used: int, stop: int, last: _Read | None) -> bool:
        """Whether the grade was given before this inspection."""
        start, end = self.at(form)
        opens, closes = self.clause(start)
        before, after = self.text[max(opens, used) : start], self.text[end : min(stop, closes, end + 60)]
        if phrases.FROM.search(before) and phrases.MOVES.search(self.text[:start]):
            return True
        if phrases.TO.search(self.text[used:start]) and re.search(r"\bfrom\b", self.text[:start]):
            return False
        around = f"{before}{self.text[start:end]} {after}"
        if cue("before").search(around) or phrases.TURNED.search(before) or phrases.ANY_MORE.search(after):
            return True
        if cue("had_been").search(before) and not phrases.ADVISED.search(self.text[:start]):
            return True
        when = self.own_date(form)
        if when is not None:
            return self.is_past(when.words)
        gap = self.text[self.at(last.form)[1] : start] if last else ""
        return (
            last is not None
            and last.before
            and self.clause(self.at(last.form)[0])[0] == opens
            and not phrases.NOW.search(gap)
        )

    def is_past(self, words: str) -> bool:
        """Whether the words name a time well before the present inspection."""
        if phrases.LONG_AGO.search(words):
            return True
        year = re.search(r"\b(?:19|20)[0-9]{2}\b", words)
        if year is None:
            return False
        return self.present is None or self.present.startswith("X") or int(year[0]) < int(self.present[:4])

    def when(self, form: GradeWord) -> str | None:
        """The words of the grade's date: its own, or else the last that its sentence names before it."""
        own = self.own_date(form)
        before = [one for one in self.periods if one.end <= self.at(form)[0] and self.is_past(one.words)]
        return own.words if own else before[-1].words if before else None

    def own_date(self, form: GradeWord) -> dates.Period | None:
        """The date that stands with the grade, its own clause first."""
        clause = self.clause(self.at(form)[0])[0]
        own = sorted(
            (one for one in self.periods if form in self.dated(one) and not self.in_inset(one, form)),
            key=lambda one: self.apart(one, form),
        )
        return next((one for one in own if self.clause(one.start)[0] == clause), next(iter(own), None))

    @cached_property
    def periods(self) -> list[dates.Period]:
        """The dates of the sentence, but for those of the news and those since which something else goes on."""
        return [
            one
            for one in dates.periods(self.text)
            if not phrases.RECENT.search(one.words)
            and (
                not phrases.SINCE.search(self.text[: one.start])
                or self.text[one.end :].startswith(", when")
                or any(0 <= one.start - self.at(form)[1] < 14 for form in self.forms)
            )
        ]

    def dated(self, period: dates.Period) -> list[GradeWord]:
        """The grades whose date this is: those of the clause that it opens, or else the nearest one."""
        opens, closes = self.clause(period.start)
        inside = [form for form in self.forms if opens <= self.at(form)[0] < closes]
        if (
            inside
            and period.end <= self.at(inside[0])[0]
            and not phrases.OWN_SUBJECT.search(
                phrases.UNNAMED.sub(
                    "",
                    re.sub(r"\b(?:in|on|at|by|since|during|back|of)\b", "", self.text[opens : period.start]),
                    count=1,
                )
            )
        ):
            return inside
        return [min(inside or self.forms, key=lambda form: self.apart(period, form))]

    def apart(self, period: dates.Period, form: GradeWord) -> int:
        """The characters between a date and a grade."""
        start, end = self.at(form)
        return max(period.start - end, start - period.end)

    def respective(self) -> list[_Read]:
        """The grades of "A, B and C were graded X, Y and Z respectively"; none where the sentence has no such words."""
        ends = [self.at(form)[1] for form in self.forms]
        count = next((n for n, end in enumerate(ends, 1) if n > 1 and phrases.RESPECTIVELY.match(self.text, end)), 0)
        first = self.at(self.forms[0])[0]
        run = run_before(self.text, [one for one in self.topics if not one.placed], 0, first) if count else []
        areas = spans(run, self.sentence.start)[-count:] if run else []
        if not count or len(areas) < count:
            return []
        return [
            _Read(form, [area], "grade.respectively", self.is_older(form, first, len(self.text), None))
            for form, area in zip(self.forms, areas, strict=False)
        ]


def _is(before: str) -> bool:
    """Whether the words end in a form of "to be", so that a grade behind them is what something is."""
    verbs = list(cue("being").finditer(before))
    return bool(verbs) and phrases.BEING_TAIL.fullmatch(before, verbs[-1].end()) is not None


def is_adjective(after: str) -> bool:
    """Whether the word right behind a grade's makes it an adjective: "good value", "inadequate recording"."""
    word = re.match(r"\s+([a-z][\w'-]*)", after)
    return word is not None and phrases.FOLLOWS.match(after.lstrip()) is None


def _by_others(before: str) -> bool:
    """Whether somebody who gives no grades is the one who says it: "a charity said that …"."""
    said = next(cue("reported").finditer(before), None)
    if said is None or re.search(r"\b(?:is|are|was|were|be|been|being)(?:\s+\w+ly)?\s+$", before[: said.start()]):
        return False
    by = before[: said.start()] + before[said.end() : said.end() + 24]
    return bool(before[: said.start()].strip()) and cue("inspection").search(by) is None
