"""Grades in sentences: who was graded what, clause by clause; older grades and other people's claims kept apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractor.document import Span
from extractor.domain.cues import cue
from extractor.domain.grades import GradeWord, grade_words
from extractor.engines.offline.areas_said import AREA_WORD, is_whole, split_areas, trimmed
from extractor.engines.offline.people import Person
from extractor.engines.offline.reading import Found, Quotation, Reading, Sentence
from extractor.engines.offline.rows import Graded

_BOUNDARY = re.compile(
    r";|:(?=\s)|,?\s+\b(?:while|whilst|whereas|although|though|but|since|because|when|despite)\b"
    r"|,\s+(?:which|who|after)\b|(?<!looked)\s+after\b"
    r"|\b(?:said|says|say|decided|ruled|concluded|found|ruling|added)\s+that\b"
    r"|^(?:While|Whilst|Although|Though|Whereas)\b",
    re.IGNORECASE,
)
"""Where a clause of a sentence ends and another begins."""
_FINISHED = re.compile(
    r"[^,;]*\b(?:is|was|are|were|has|have|had|does|do|did)\b(?:(?!\band\b)[^,;])*,\s+(?=the\b|its\b|it\b|[A-Z])"
)
"""A clause with its verb, and the comma behind it: "As help is limiting, | the overall verdict is …"."""
_BEING_TAIL = re.compile(r"(?:\s+(?:still|now|also|only|again|both|all|each))*[\s\"']*$", re.IGNORECASE)
_FILLERS = (
    r"(?:has|have|had|having|was|were|is|are|been|being|be|both|all|each|also|only|still|now|as|remains?|stays?|to|again"
    r"|itself|a|an|the|its|get|got|just|merely)"
)
_LEADING = re.compile(rf"(?:[\s,\"'(]|\b(?:{_FILLERS}|it|than|in|for|that)\b)*", re.IGNORECASE)
_TRAILING = re.compile(rf"\s*(?:\b(?:{_FILLERS}|with)\b[\s\"']*)*$", re.IGNORECASE)
_IN_SOME_AREAS = re.compile(
    r"[\"'.,]*\s*in\s+(?:a\s+(?:number|range|majority)\s+of|some|several|many|most|key|certain|other|\w+\s+of"
    r"|two|three|four|five|six|seven|eight|nine|ten|[0-9]+)\s+(?:\w+\s+){0,3}?"
    r"(?:areas|categories|aspects|respects|judgements)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"^\W*(?:no|none|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|both|many|most|some|more than half"
    r"|half|[0-9]+%?|a (?:number|majority|third|quarter)|all|each|every)\b(?!\s+(?:of\s+)?(?:its|the)?\s*services)",
    re.IGNORECASE,
)
"""A subject that counts areas and names none: "Five of these"."""
_INCLUDING = re.compile(
    r"[\"'.,]*\s*[^.;:]{0,30}?(?:,|\s)\s*(?:including|namely|such as)\s+|[\"']?\s*:\s*", re.IGNORECASE
)
_LIST_END = re.compile(
    r"\s+(?:while|whilst|whereas|but|though|although)\b|;|\.$|,\s+(?:which|with|who|and (?:no|was|were))\b"
)
_FOR_AREA = re.compile(
    r"[\"']?\s*(?:(?:rating|grade|judgement|mark|verdict|grading)s?\s+)?(?:for|in|on)\s+(?P<area>[^.;:\"]+)",
    re.IGNORECASE,
)
_YEAR = r"(?:19|20)[0-9]{2}"
_YEAR_AFTER = re.compile(rf"[\"']?[^.;,]{{0,50}}?\b(?:in|of|since)\s+(?:\w+\s+)?({_YEAR})\b")
_SINCE_YEAR = re.compile(
    rf"\b(?:since|was (?:first )?(?:rated|judged)[^.;]{{0,40}}\bin) (?:\w+ )?{_YEAR}\b", re.IGNORECASE
)
_WHEN = re.compile(rf"\b(?:(?:[A-Z][a-z]{{2,}}|summer|spring|autumn|winter|early|late)\s+)?{_YEAR}\b")
_FROM_TAIL = re.compile(r"[^.;]{0,40}\bfrom(?:\s+(?:the|a|an|its|being|rated))*[\s\"']*$", re.IGNORECASE)
_A_NOUN = re.compile(r"\b(?:an?|the|its|their|overall|same|this)\s+$", re.IGNORECASE)
_NAMES = re.compile(r"[A-Za-z]{2}(?<!in)")
_HEAD = re.compile(r"[^,;:]*")
"""The head of a sentence: what an inset between commas is about."""
_TO = re.compile(r"[\s\"']*\bto\s+(?:be(?:ing)?\s+)?(?:an?\s+)?[\"']?", re.IGNORECASE)
_HAD_BEEN = re.compile(r"(?:Had|Were)\s[^,.]*\b(?:been|to be)\b")
_CLAUSE_GOES_ON = re.compile(r"[\"'.,]*\s*(?:$|overall|in\b|for\b|and\b|,|while|but)")
_OR_WORSE = re.compile(r"\W*or\s+(?:worse|better|below|above|outstanding|good)", re.IGNORECASE)
_CLAIMED_OF = re.compile(r"['\"]?\s+((?:[a-z-]+\s+){0,3}?(?:services?|provision|team|support))\b")


def verdicts(reading: Reading, outside: Sequence[Span], persons: Sequence[Person]) -> Iterator[Graded]:
    """Grades that sentences say the inspectorate gave; not in the spans `outside`, nor in what other people say."""
    for sentence in reading.sentences:
        forms = [form for form in _forms(sentence) if not _inside(form, outside)]
        if any(person.surname in sentence.text for person in persons) and cue("reported").search(sentence.text):
            continue
        position, accepted = 0, False
        last: list[Graded] = []
        for index, form in enumerate(forms):
            start, end = form.start - sentence.start, form.end - sentence.start
            stop = forms[index + 1].start - sentence.start if index + 1 < len(forms) else len(sentence.text)
            clause = _Clause(sentence, position, start, end, stop, form.grade, accepted)
            read = list(clause.verdicts(last))
            last = read or last
            accepted = bool(read) or (accepted and end - position < 12)
            yield from read
            position = end


def claims(reading: Reading, said: Sequence[tuple[Quotation, Person, str]]) -> list[Found]:
    """Grades asserted in somebody's direct speech: a grading verb, or the grade itself in quotation marks."""
    found = []
    for quotation, person, _ in said:
        for form in grade_words(reading.text[quotation.start : quotation.end], read=True):
            start, end = quotation.start + form.start, quotation.start + form.end
            sentence = reading.sentence_at(start)
            before = reading.text[max(sentence.start, quotation.start) : start]
            marked = reading.text[start - 1] in "'\"" and reading.text[end : end + 1] in ("'", '"')
            plain = form.grade in ("outstanding", "inadequate") and _is(before)
            if not (marked or plain or cue("grading").search(before)) or _denied(before):
                continue
            follows = _CLAIMED_OF.match(reading.text, end)
            spans = ((max(sentence.start, quotation.start), min(sentence.end, quotation.end)),)
            area = follows[1] if follows else _claimed_subject(before)
            values = {"speaker": person.name, "area": area, "grade": form.grade}
            found.append(Found(values, spans, "claim.speech"))
    return found


def _claimed_subject(before: str) -> str | None:
    """What "… is" says something of: "We believe that our | fostering team | is"."""
    verbs = list(cue("being").finditer(before))
    subject = re.split(r"\bthat\b", before[: verbs[-1].start()])[-1] if verbs else ""
    area = re.sub(r"^\W*(?:(?:our|the|their|its|and|but)\s+)*", "", subject, flags=re.IGNORECASE).strip()
    return area if AREA_WORD.search(area) and len(area.split()) < 8 else None


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


@dataclass(frozen=True)
class _Clause:
    """What stands around one grade form of a sentence: offsets are the sentence's own."""

    sentence: Sentence
    position: int  # where the form before it ends
    start: int
    end: int
    stop: int  # where the next form begins
    grade: str
    coordinated: bool  # the form before it was read as a grade

    @property
    def text(self) -> str:
        return self.sentence.text

    @property
    def opening(self) -> int:
        """Where the clause begins: after the last conjunction before the grade, or after a clause and its comma."""
        starts = [match.end() for match in _BOUNDARY.finditer(self.text, self.position, self.start)]
        begin = max(starts, default=self.position)
        clause = _FINISHED.match(self.text, begin, self.start)
        return clause.end() if clause else begin

    @property
    def before(self) -> str:
        return self.text[self.opening : self.start]

    @property
    def after(self) -> str:
        return self.text[self.end : self.stop]

    def verdicts(self, last: Sequence[Graded]) -> Iterator[Graded]:
        """The grade's verdicts: one an area, or one for the whole service; none where it is no grade given.

        `last` are those of the grade before it in the sentence, whose areas "up from" and "to" speak of.
        """
        moved = self._moved() is not None or (bool(last) and _TO.fullmatch(self.before) is not None)
        if not moved and not self._is_given():
            return
        before = self._is_past()
        spans = ((self.sentence.start, self.sentence.end),)
        areas = [(graded.area, "grade.moved") for graded in last] if moved and last else self._areas()
        for area, rule in areas:
            yield Graded(area, self.grade, spans, rule, before, self._when() if before else None)

    def _moved(self) -> int | None:
        """Where the verb stands by which something moved from this grade ("up from inadequate"); null where none."""
        moves = list(cue("up_from").finditer(self.text, 0, self.start))
        return next((move.start() for move in moves if _FROM_TAIL.match(self.text, move.end(), self.start)), None)

    def _is_given(self) -> bool:
        """Whether the words around the grade say that somebody gave it."""
        if cue("negated").search(self.before) or cue("hoped").search(self.text[self.position : self.start]):
            return False
        if cue("doubted").search(self.text[: self.start]) or _HAD_BEEN.match(self.text):
            return False
        if cue("withdrawn").search(self.after) or _by_others(self.text[: self.start]):
            return False
        if _IN_SOME_AREAS.match(self.after) or _OR_WORSE.match(self.after) or cue("many_bodies").search(self.before):
            return False
        if self.grade == "requires improvement" and self.text[self.start : self.end].lower().startswith("require"):
            return True
        quoted = self.text[self.start - 1 : self.start] in ("'", '"')
        behind = self.after.lstrip(" \n\"'").removeprefix("overall ")
        called = cue("rating").match(behind) is not None
        if cue("adjectival").match(behind) and not quoted and not called:
            return False
        if called or cue("grading").search(self.before):
            return True
        if _is(self.before):
            return quoted or _CLAUSE_GOES_ON.match(self.after) is not None
        return self.coordinated and len(self.before.split()) < 14

    def _is_past(self) -> bool:
        around = self.text[self.position : self.end] + " " + self.after[:60]
        return bool(
            cue("before").search(around)
            or _SINCE_YEAR.search(around)
            or _YEAR_AFTER.match(self.text, self.end)
            or self._moved() is not None
        )

    def _when(self) -> str | None:
        """The words of when an older grade was given."""
        found = _WHEN.search(self.text)
        return found[0] if found else None

    def _areas(self) -> Iterator[tuple[tuple[Span, ...] | None, str]]:
        """What the grade was given for, with the rule that tells: spans of an area, or null for the whole service."""
        listed = _INCLUDING.match(self.text, self.end, len(self.text))
        subject = self._subject()
        words = self.text[slice(*subject)]
        if not _NAMES.search(words):
            subject = trimmed(self.text, _HEAD.match(self.text).span())  # type: ignore[union-attr]
            words = self.text[slice(*subject)]
        if listed and (not words or _COUNTED.match(words)):
            yield from self._split((listed.end(), self._list_end(listed.end())), "grade.including")
            return
        if words and not _COUNTED.match(words):
            if is_whole(words):
                yield None, "grade.whole"
                return
            if not cue("other_body").search(words):
                found = list(self._split(subject, "grade.subject"))
                yield from found
                if found:
                    return
        after = _FOR_AREA.match(self.text, self.end, self.stop)
        if after and not _COUNTED.match(words) and not is_whole(after["area"].strip(" .")):
            yield from self._split(after.span("area"), "grade.for-area")

    def _subject(self) -> Span:
        """What the grading verb is said of: the object behind it, or else the subject before it."""
        moved = self._moved()
        if moved is not None:
            return trimmed(self.text, _unfilled(self.text, min(self.opening, moved), moved))
        found = cue("grading").finditer(self.text, self.opening, self.start)
        verbs = [verb for verb in found if not _A_NOUN.search(self.text, self.opening, verb.start())]
        if not verbs:
            return trimmed(self.text, _unfilled(self.text, self.opening, self.start))
        behind = _unfilled(self.text, verbs[-1].end(), self.start, leading=True)
        words = self.text[slice(*behind)]
        if AREA_WORD.search(words) or is_whole(words) or _COUNTED.match(words):
            return behind
        return trimmed(self.text, _unfilled(self.text, self.opening, verbs[-1].start()))

    def _split(self, span: Span, rule: str) -> Iterator[tuple[tuple[Span, ...], str]]:
        offset = self.sentence.start
        for area in split_areas(self.text, span):
            yield tuple((start + offset, end + offset) for start, end in area), rule

    def _list_end(self, start: int) -> int:
        """Where a list behind "including" ends: before a clause of its own."""
        stop = _LIST_END.search(self.text, start)
        return stop.start() if stop else len(self.text)


def _is(before: str) -> bool:
    """Whether the words end in a form of "to be", so that a grade behind them is what something is."""
    verbs = list(cue("being").finditer(before))
    return bool(verbs) and _BEING_TAIL.fullmatch(before, verbs[-1].end()) is not None


def _by_others(before: str) -> bool:
    """Whether somebody who gives no grades is the one who says it: "a charity said that …"."""
    said = next(cue("reported").finditer(before), None)
    if said is None or re.search(r"\b(?:is|are|was|were|be|been|being)(?:\s+\w+ly)?\s+$", before[: said.start()]):
        return False
    return bool(before[: said.start()].strip()) and cue("inspection").search(before[: said.start()]) is None


def _denied(before: str) -> bool:
    return bool(cue("negated").search(before) or cue("hoped").search(before))


def _unfilled(text: str, start: int, end: int, *, leading: bool = False) -> Span:
    """The span without the small words at its end; with `leading`, without those at its beginning too."""
    lead = _LEADING.match(text, start, end) if leading else None
    start = lead.end() if lead else start
    return start, start + len(_TRAILING.sub("", text[start:end]))
