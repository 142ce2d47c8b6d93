"""Grades in sentences: who was graded what, clause by clause; older grades and other people's claims kept apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from extractor.document import Span
from extractor.domain.grades import GradeWord, grade_words
from extractor.engines.offline.areas_said import AREA_WORD, is_whole, split_areas, trimmed
from extractor.engines.offline.people import Person
from extractor.engines.offline.reading import Found, Quotation, Reading, Sentence
from extractor.engines.offline.rows import Graded

_GRADING = (
    r"(?:re-?)?(?:rated|graded|judged|deemed|labelled|classed|classified|assessed|branded|awarded|given|gave|marked|ranked"
    r"|rates|grades|judges|rating|grading|judging|found|called|described|considered|received|achieved|scored|got"
    r"|concluded|handed|dubbed|earned|said)"
)
_VERB = re.compile(rf"\b{_GRADING}\b", re.IGNORECASE)
_COPULA = re.compile(
    r"\b(?:is|are|was|were|be|been|being|as|remains?|remained|stays?|stayed|now)\b(?:\s+(?:still|now|also|only|again|both|all|each))*"
    r"[\s\"']*$",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(
    r";|:(?=\s)|,?\s+\b(?:while|whilst|whereas|although|though|but|since|because|when|despite)\b"
    r"|,\s+(?:which|who|after)\b|(?<!looked)\s+after\b|\b(?:said|says|say|decided|ruled|concluded|found|ruling|added)\s+that\b"
    r"|^(?:While|Whilst|Although|Though|Whereas)\b",
    re.IGNORECASE,
)
_FINISHED = re.compile(r"[^,;]*\b(?:is|was|are|were|has|have|had|does|do|did)\b(?:(?!\band\b)[^,;])*,\s+(?=the\b|its\b|it\b|[A-Z])")
_FILLER = re.compile(
    r"(?:[\s,\"'(]|\b(?:as|a|an|the|to|be|being|been|only|also|both|all|each|were|was|is|are|still|now|again|itself|it"
    r"|overall|just|merely|no more than|lowest|than|in|for|having|have|has|that)\b)*",
    re.IGNORECASE,
)
_NOT_A_GRADE = re.compile(
    r"\s*(?:enough|work|practice|news|start|progress|quality|example|multi|understanding|relationship|support|or\s+(?:better"
    r"|worse|below|above|outstanding|good)|at\b|deal|care\b|outcome|standard|children|parent|home|school|social|and\s+timely"
    r"|service\b|services\b|information|evidence|response|help|result|partnership|use\b|knowledge|oversight|leadership)",
    re.IGNORECASE,
)
_RATING = re.compile(r"[\"']?\s*(?:overall\s+)?(?:rating|grade|judgement|mark|verdict|grading|status|score)s?\b", re.IGNORECASE)
_IN_SOME_AREAS = re.compile(
    r"[\"'.,]*\s*in\s+(?:a\s+(?:number|range|majority)\s+of|some|several|many|most|key|certain|other|\w+\s+of"
    r"|two|three|four|five|six|seven|eight|nine|ten|[0-9]+)\s+(?:\w+\s+){0,3}?(?:areas|categories|aspects|respects|judgements)",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"(?:\bno longer|\bnot|\bnever|n't|\bnor|\bneither|\bwithout|\bavoid\w*|\brather than)\b[^,;]{0,28}$", re.IGNORECASE)
_HOPED = re.compile(
    r"\b(?:hop\w+|aim\w*|aspir\w+|want\w*|ambition|expect\w*|target\w*|could|would|should|might|may|will|to become|to reach"
    r"|move[sd]? to|moving to|working towards?|journey to|path to|towards|next inspection|if|until|before they can"
    r"|must|strive|seek\w*|deserve|on course)\b[^.;]{0,60}$",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?:previous\w*|formerly|used to be|earlier (?:inspection|report|rating)|last (?:full )?(?:ofsted )?(?:inspection|inspected"
    r"|judged|rated|report|time|rating)|when it was last|had (?:been|called|given|rated|judged|branded)|was (?:first )?(?:rated|judged)"
    r"[^.;]{0,40}\b(?:in|since) (?:\w+ )?(?:19|20)[0-9]{2}|since (?:\w+ )?(?:19|20)[0-9]{2}"
    r"|(?:two|three|four|five|six|seven|several|[0-9]+) years (?:ago|earlier|before))\b",
    re.IGNORECASE,
)
_UP_FROM = re.compile(
    r"\b(?:up|step up|improv\w+|rise\w*|risen|mov\w+|progress\w*|down|fall\w*|fell|dropp\w+|slipp\w+|went|gone|jump\w*|climb\w*)"
    r"[^.;]{0,40}\bfrom(?:\s+(?:the|a|an|its|being|rated))*[\s\"']*$",
    re.IGNORECASE,
)
_YEAR_AFTER = re.compile(r"[\"']?[^.;,]{0,50}?\b(?:in|of|since)\s+(?:\w+\s+)?((?:19|20)[0-9]{2})\b")
_COUNTED = re.compile(
    r"^\W*(?:no|none|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|both|many|most|some|more than half|half"
    r"|[0-9]+%?|a (?:number|majority|third|quarter)|all|each|every)\b(?!\s+(?:of\s+)?(?:its|the)?\s*services)",
    re.IGNORECASE,
)
_INCLUDING = re.compile(r"[\"'.,]*\s*[^.;:]{0,30}?(?:,|\s)\s*(?:including|namely|such as)\s+|[\"']?\s*:\s*", re.IGNORECASE)
_FOR_AREA = re.compile(
    r"[\"']?\s*(?:(?:rating|grade|judgement|mark|verdict|grading)s?\s+)?(?:for|in|on)\s+(?P<area>[^.;:\"]+)", re.IGNORECASE
)
_OTHER_BODY = re.compile(
    r"\b(?:home|homes|school|schools|nursery|nurseries|college|academy|hospital|fostering agenc\w+|councils|authorities)\b",
    re.IGNORECASE,
)


_REPORTED = re.compile(r"\b(?:said|added|insisted|claimed|argued|stressed|called|thanked|was (?:delighted|pleased|proud))\b")
_MANY_BODIES = re.compile(r"\b(?:councils|authorities|departments|heads|[0-9]+%|per cent)\b", re.IGNORECASE)


def verdicts(reading: Reading, outside: Sequence[Span], persons: Sequence[Person]) -> Iterator[Graded]:
    """Grades that sentences say the inspectorate gave; not in the spans `outside`, nor in what other people say."""
    for sentence in reading.sentences:
        forms = [form for form in _forms(sentence) if not _inside(form, outside)]
        if any(person.surname in sentence.text for person in persons) and _REPORTED.search(sentence.text):
            continue
        position = 0
        accepted = False
        for index, form in enumerate(forms):
            start, end = form.start - sentence.start, form.end - sentence.start
            stop = forms[index + 1].start - sentence.start if index + 1 < len(forms) else len(sentence.text)
            clause = _Clause(sentence, position, start, end, stop, form.grade, accepted)
            read = list(clause.verdicts())
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
            plain = form.grade in ("outstanding", "inadequate") and _COPULA.search(before)
            if not (marked or plain or _VERB.search(before)) or _NEGATED.search(before) or _HOPED.search(before):
                continue
            follows = re.match(r"['\"]?\s+((?:[a-z-]+\s+){0,3}?(?:services?|provision|team|support))\b", reading.text[end:])
            spans = ((max(sentence.start, quotation.start), min(sentence.end, quotation.end)),)
            values = {"speaker": person.name, "area": follows[1] if follows else None, "grade": form.grade}
            found.append(Found(values, spans, "claim.speech"))
    return found


def _forms(sentence: Sentence) -> list[GradeWord]:
    """The sentence's grade forms with the document's offsets; "grade four 'inadequate'" is one."""
    kept: list[GradeWord] = []
    for form in grade_words(sentence.text, read=True):
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

    def verdicts(self) -> Iterator[Graded]:
        """The grade's verdicts: one an area, or one for the whole service; none where it is no grade given."""
        if not self._is_given():
            return
        before = self._is_past()
        spans = ((self.sentence.start, self.sentence.end),)
        for area, rule in self._areas():
            yield Graded(area, self.grade, spans, rule, before, self._when() if before else None)

    def _is_given(self) -> bool:
        """Whether the words around the grade say that somebody gave it."""
        if _NEGATED.search(self.before) or _IN_SOME_AREAS.match(self.after):
            return False
        if _HOPED.search(self.text[self.position : self.start]):
            return False
        if re.match(r"\W*or\s+(?:worse|better|below|above)", self.after, re.IGNORECASE):
            return False
        if _MANY_BODIES.search(self.before):
            return False
        if self.grade == "requires improvement" and self.text[self.start : self.end].lower().startswith("require"):
            return True
        quoted = self.text[self.start - 1 : self.start] in ("'", '"')
        if _NOT_A_GRADE.match(self.after) and not quoted and not _RATING.match(self.after):
            return False
        if _RATING.match(self.after) or _VERB.search(self.before):
            return True
        if _COPULA.search(self.before):
            return quoted or bool(re.match(r"[\"'.,]*\s*(?:$|overall|in\b|for\b|and\b|,|while|but)", self.after))
        return self.coordinated and len(self.before.split()) < 14

    def _is_past(self) -> bool:
        around = self.text[self.position : self.end] + " " + self.after[:60]
        return bool(
            _BEFORE.search(around) or _UP_FROM.search(self.text[: self.start]) or _YEAR_AFTER.match(self.text[self.end :])
        )

    def _when(self) -> str | None:
        """The words of when an older grade was given."""
        found = re.search(r"\b(?:(?:[A-Z][a-z]{2,}|summer|spring|autumn|winter|early|late)\s+)?(?:19|20)[0-9]{2}\b", self.text)
        return found[0] if found else None

    def _areas(self) -> Iterator[tuple[tuple[Span, ...] | None, str]]:
        """What the grade was given for, with the rule that tells: spans of an area, or null for the whole service."""
        listed = _INCLUDING.match(self.text, self.end, len(self.text))
        subject = self._subject()
        words = self.text[slice(*subject)]
        if listed and (not words or _COUNTED.match(words)):
            yield from self._split((listed.end(), self._list_end(listed.end())), "grade.including")
            return
        if words and not _COUNTED.match(words):
            if is_whole(words):
                yield None, "grade.whole"
                return
            if not _OTHER_BODY.search(words):
                found = list(self._split(subject, "grade.subject"))
                yield from found
                if found:
                    return
        after = _FOR_AREA.match(self.text, self.end, self.stop)
        if after and not _COUNTED.match(words) and not is_whole(after["area"].strip(" .")):
            yield from self._split(after.span("area"), "grade.for-area")

    def _subject(self) -> Span:
        """What the grading verb is said of: the object behind it, or else the subject before it."""
        verbs = list(_VERB.finditer(self.text, self.opening, self.start))
        begin = self.opening
        if verbs:
            behind = _trim_filler(self.text, (verbs[-1].end(), self.start))
            if AREA_WORD.search(self.text, *behind) or is_whole(self.text[slice(*behind)]):
                return behind
            end = verbs[-1].start()
        else:
            end = self.start
        end -= len(self.text[begin:end]) - len(re.sub(r"\s*(?:\b(?:has|have|had|was|were|is|are|been|being|be|both|all"
            r"|each|also|only|still|now|as|remains?|stays?|to|again|itself|a|an|the|its|get|got)\b[\s\"']*)*$", "", self.text[begin:end]))
        return trimmed(self.text, (begin, max(begin, end)))

    def _split(self, span: Span, rule: str) -> Iterator[tuple[tuple[Span, ...], str]]:
        offset = self.sentence.start
        for area in split_areas(self.text, span):
            yield tuple((start + offset, end + offset) for start, end in area), rule

    def _list_end(self, start: int) -> int:
        """Where a list behind "including" ends: before a clause of its own."""
        stop = re.compile(r"\s+(?:while|whilst|whereas|but|though|although)\b|;|\.$|,\s+(?:which|with|who|and (?:no|was|were))\b").search(self.text, start)
        return stop.start() if stop else len(self.text)


def _trim_filler(text: str, span: Span) -> Span:
    lead = _FILLER.match(text, *span)
    start = lead.end() if lead else span[0]
    words = re.sub(r"[\s\"']*(?:\b(?:as|a|an|to be|to|with|only|being|were|was|is|are|the)\b[\s\"']*)*$", "", text[start : span[1]])
    return start, start + len(words)
