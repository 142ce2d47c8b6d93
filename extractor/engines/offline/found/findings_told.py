"""Findings in running text: what the report says, what the story goes on to say of it, what the report itself says."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from extractor.document import Span
from extractor.domain.areas import areas, plain
from extractor.domain.tables import toml
from extractor.engines.offline.found.actions import action_status
from extractor.engines.offline.found.clauses import clauses, count_verbs, states, trimmed
from extractor.engines.offline.found.tone import Judge, kind_of
from extractor.engines.offline.found.voices import Source, Voiced, gives_grade, is_formal, spans_beside, voices
from extractor.engines.offline.found.wording import Word, Wording, wording, words
from extractor.engines.offline.reading import Found, Quotation, Reading, Sentence

_FRONT, _FARTHEST = 2500, 6000
"""Characters of a report of the inspectorate's own in which running text is read for findings: of its front page, and
from its summary on or else from its start; not forty pages of evidence. Its lists are read wherever they stand."""
_FEWEST_WORDS = 3
_FEWEST_PLAIN = 2
_FEWEST_OF_NAMED = 2
_CONTRAST_WITHIN = 40
_LONG_FORM = 30
_OPENING_WORDS = 9
_ARTICLES = {"the", "its", "a", "an", "this", "their"}
_DIGITS = re.compile(r"[0-9]")
_NOT_OPENING = {"does", "do", "be", "we", "i", "he", "she", "you"}
_PERSON = re.compile(
    r"[A-Z][a-z]+(?:[-'][A-Za-z]+)?\s+[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)?(?:,|\s+(?:is|was|has|had|did|does)\b)"
)
_CONCLUDES = re.compile(r"\b[Tt]aken (?:together|as a whole)\b")
_CONTRAST = re.compile(r"(?:But|However|Yet|Against that|On the other|By contrast|Elsewhere|Even so|Less)\b")
_RELATIVE = re.compile(r"\b(?:who|which|that|whose|where)\b")
_WHO = "(?:report|inspectors|letter|watchdog|Ofsted|team|inspectorates?)"
_ATTRIBUTED = re.compile(
    rf",\s+(?:(?:says?|said|writes?|adds?|added|concludes?|concluded|finds?|found)\s+(?:the\s+)?{_WHO}"
    rf"|(?:the\s+)?(?:{_WHO}|it|they)\s+(?:says?|said|writes?|wrote|adds?|added|concludes?|concluded|finds?|found|notes?"
    r"|noted))\s*$"
)
_SAYS = re.compile(r"\b(?:said|says|added|adds)$")
_WITH = re.compile(r",\s+(?:with|where|thanks to)\s+(?!praise\b)")
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_PAST = re.compile(
    r"\b(?:last (?:time|year|month|week|inspect)|years? (?:ago|earlier|before)|previous|formerly|used to"
    r"|next (?:year|month|week)|yesterday|today|inspected|(?<!which )will|rated|graded|judged)\b",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?:;\"')\]]$")
_ITEM = re.compile(
    r"(?P<comma>,\s+(?:and\s+)?)"
    r"|\s+and\s+(?=(?:the|an?|how|that|its|their|for|about|to|on)\s)"
)
_TIED = re.compile(
    r"(?:who|which|where|when|whose|so|with|including|such|especially|from|or|as|in|run|led|said|says)\b"
)
_LAST_AND = re.compile(r"\s+and\s+(?!.*\sand\s)")
_PREPOSITION = re.compile(r"(?:for|about|to|on|at|by|over|of|with|in)\s+", re.IGNORECASE)


def told(reading: Reading, spoken: Sequence[Quotation], listed: Sequence[Span]) -> Iterator[Found]:
    """Every finding that a story tells outside lists, in order; `listed` are the spans of the lists' items."""
    state = _State()
    for voiced in voices(reading, spoken):
        if not _is_headline(reading, voiced.sentence) and not _is_listed(voiced.sentence, listed):
            yield from _of_sentence(reading, voiced, state, kind_of, own=False)


def told_by_report(
    reading: Reading, sentences: Iterable[Sentence], summary: int, listed: Sequence[Span], judge: Judge
) -> Iterator[Found]:
    """The same for a report or a letter of the inspectorate's own; its summary opens at `summary`."""
    state = _State()
    for sentence in sentences:
        if sentence.start >= summary + _FARTHEST:
            return
        aside = _is_heading(reading, sentence) or is_formal(sentence.text)
        if aside or _FRONT <= sentence.start < summary or _is_listed(sentence, listed):
            continue
        yield from _of_sentence(reading, Voiced(sentence, "inspection"), state, judge, own=True)


def _is_heading(reading: Reading, sentence: Sentence) -> bool:
    """Whether the sentence is a block without a full stop; a text may break off in its last."""
    return not _ENDS.search(sentence.text) and sentence.end < len(reading.text.rstrip())


def _is_listed(sentence: Sentence, listed: Sequence[Span]) -> bool:
    """Whether the sentence shares words with one of the spans."""
    at = bisect_left(listed, (sentence.end, 0)) - 1
    return at >= 0 and listed[at][1] > sentence.start


def _is_headline(reading: Reading, sentence: Sentence) -> bool:
    """Whether the sentence is a paragraph of its own without a full stop."""
    alone = reading.paragraphs[sentence.paragraph] == (sentence.start, sentence.end)
    return alone and _is_heading(reading, sentence)


_Point = tuple[str, Span, str]
"""A finding's kind, where it stands in its sentence, and the rule."""


class _State:
    """What the sentence before was: its paragraph, and the kind of its last finding."""

    paragraph = -1
    kind: str | None = None

    def kind_in(self, paragraph: int) -> str | None:
        return self.kind if self.paragraph == paragraph else None

    def keep(self, paragraph: int, kind: str) -> None:
        self.paragraph, self.kind = paragraph, kind


def _of_sentence(reading: Reading, voiced: Voiced, state: _State, judge: Judge, *, own: bool) -> Iterator[Found]:
    sentence = voiced.sentence
    if voiced.voice == "other" or sentence.text.endswith(("?", ":", "..")):
        return
    before = state.kind_in(sentence.paragraph)
    found: Iterator[_Point] = iter(())
    if voiced.source:
        found = _sourced(sentence.text, voiced.source, before)
    elif voiced.voice == "inspection" or voiced.lingers:
        found = _plain(sentence.text, voiced.voice == "inspection", before, own, judge)
    for kind, (begin, end), rule in found:
        state.keep(sentence.paragraph, kind)
        cut = _ATTRIBUTED.search(sentence.text, begin, end)
        span = sentence.start + begin, sentence.start + (cut.start() if cut else end)
        text = " ".join(reading.text[slice(*span)].split()) if own else reading.text[slice(*span)]
        yield Found({"kind": kind, "text": text}, reading.document.shown(span), rule)


def _sourced(text: str, source: Source, before: str | None) -> Iterator[_Point]:
    """What a sentence says that names its source."""
    takes: str | None = source.takes
    for begin, end in spans_beside(text, source):
        for start, stop in clauses(text, begin, end):
            first = start == begin or not text[begin:start].strip(" ,:;\"'(")
            behind, verb = _without_verb(text, start, stop)
            start, takes = behind, verb or takes
            if takes and (first or verb or not _is_statement(text, start, stop)) and not text[:start].endswith("that "):
                for span in _named(text, start, stop):
                    if not gives_grade(text[slice(*span)]):
                        yield takes, span, f"finding.{takes}-named"
                continue
            for kind, span, rule in _said(text, start, stop, takes, before):
                before = kind
                yield kind, span, rule


def _said(text: str, start: int, stop: int, takes: str | None, before: str | None) -> Iterator[_Point]:
    """A clause of what the source says, or the things that it names."""
    clause = text[start:stop]
    kind = kind_of(clause)
    if len(words(clause)) < _FEWEST_WORDS:
        return
    if gives_grade(clause) and kind != "recommendation":
        yield from _beside_grade(text, start, stop)
        return
    kind = (takes if takes == "recommendation" else None) or kind or takes or before
    if _is_statement(text, start, stop):
        if kind or _is_about(words(clause)[:_OPENING_WORDS]):
            yield kind or "strength", (start, stop), "finding.told"
    elif kind:
        for span in _named(text, start, stop):
            yield kind_of(text[slice(*span)]) or kind, span, "finding.told-list"


def _beside_grade(text: str, start: int, stop: int) -> Iterator[_Point]:
    """What a clause that gives a grade adds ("…, with plans written late") or says before ("It has slipped, …")."""
    head = text.find(",", start, stop)
    if head > 0 and states(text, start, head):
        clause = text[start:head]
        kind = kind_of(clause)
        if (
            kind
            and not gives_grade(clause)
            and _is_finding(clause, words(clause), known=False)
            and not _is_news(clause)
        ):
            yield kind, (start, head), "finding.before-grade"
    tail = _WITH.search(text, start, stop)
    if tail and not gives_grade(text[tail.end() : stop]):
        for span in _named(text, tail.end(), stop):
            kind = kind_of(text[slice(*span)])
            if kind:
                yield kind, span, "finding.beside-grade"


def _plain(text: str, sure: bool, before: str | None, own: bool, judge: Judge) -> Iterator[_Point]:
    """What a sentence says that names no source; `sure` where it goes on from one that does."""
    goes_on = False
    graded = gives_grade(text)
    if not own and (_PERSON.match(text) or _CONCLUDES.search(text)):
        return
    for start, stop in clauses(text):
        clause = text[start:stop]
        said = words(clause)
        if graded and gives_grade(clause):
            yield from _beside_grade(text, start, stop)
            continue
        if not _is_finding(clause, said, known=goes_on, own=own) or (not own and _is_news(clause)):
            if not goes_on and not own and _opens(said, "never"):
                return
            continue
        if not own and _DIGITS.search(clause) and wording("tones.toml", "eased").has(said):
            continue
        told = judge(clause, said)
        if told is None and sure and not graded and len(said) > _FEWEST_WORDS and _may_lack_tone(clause, own):
            told = _turned(before) if _CONTRAST.match(text) and start < _CONTRAST_WITHIN else before or "strength"
        if told:
            goes_on = True
            before = told
            yield told, (start, stop), "finding.own" if own else "finding.carried"


def _may_lack_tone(clause: str, own: bool) -> bool:
    """Whether a clause without a word of praise or fault may be a finding: it is no number, no area, no action."""
    return not _DIGITS.search(clause) and not _names_area(clause) and (own or not action_status(clause))


def _names_area(clause: str) -> bool:
    """Whether the clause names an area in a framework's own words: those stand in lists of grades."""
    said = plain(clause)
    return any(form in said for form in _long_forms())


@cache
def _long_forms() -> tuple[str, ...]:
    return tuple(form for area in areas() for form in area.forms if len(form) > _LONG_FORM)


def _turned(kind: str | None) -> str:
    """The kind on the other side of a contrast."""
    return "strength" if kind == "weakness" else "weakness" if kind else "strength"


def _is_finding(clause: str, said: Sequence[Word], *, known: bool, own: bool = False) -> bool:
    """Whether the clause can be a finding: about the service or its children, not about the inspection."""
    if len(said) < _FEWEST_PLAIN or said[0].said in _NOT_OPENING:
        return own and bool(said) and said[0].said == "you"
    if own:
        return known or said[0].said == "your" or (not _opens(said, "matters") and _is_about(said[:_OPENING_WORDS]))
    if {word.said for word in said} & _table("matters"):
        return False
    return known or (not _opens(said, "never") and _is_about(said[:_OPENING_WORDS]))


def _is_statement(text: str, start: int, end: int) -> bool:
    """Whether the words have a finite verb outside "who …" and its like."""
    relatives = len(_RELATIVE.findall(text[start + 1 : end]))
    return count_verbs(text, start, end, more_than=relatives)


def _opens(said: Sequence[Word], table: str) -> bool:
    """Whether the words open with one of the table's: the inspection itself, its grade or its date, or a person."""
    first = [word.said for word in said[:2]]
    return bool(first) and (first[0] in _table(table) or (first[0] in _ARTICLES and first[-1] in _table(table)))


def _is_about(opening: Sequence[Word]) -> bool:
    table = _table("words")
    return opening[0].said in _table("pronouns") or any(
        word.said in table or word.said.removesuffix("'") in table for word in opening
    )


def _is_news(clause: str) -> bool:
    """Whether the clause tells of other times, or of what the inspection was."""
    return _YEAR.search(clause) is not None or _PAST.search(clause) is not None


def _without_verb(text: str, start: int, end: int) -> tuple[int, str | None]:
    """Where the clause begins behind a verb of the source's that opens it, and what the verb makes of it."""
    said = words(text[start : start + 60])
    for kind in ("strength", "weakness", "recommendation"):
        for index, length in wording("tones.toml", "takes", kind).lengths(said):
            if index <= 2:
                begin, _ = trimmed(text, start + said[index + length - 1].end, end)
                return begin, kind
    for index, length in _verbs().lengths(said):
        if index == 0:
            begin, _ = trimmed(text, start + said[length - 1].end, end)
            return begin, None
    return start, None


def _named(text: str, start: int, end: int) -> Iterator[Span]:
    """The things named in a list: "A, B and C", "for A, for B and for C"."""
    pieces: list[Span] = []
    position = start
    commas = False
    for match in _ITEM.finditer(text, start, end):
        if text.count('"', start, match.start()) % 2 or _TIED.match(text, match.end()):
            continue
        commas = commas or match["comma"] is not None
        pieces.append((position, match.start()))
        position = match.end()
    last = _LAST_AND.search(text, position, end) if commas and " and " not in text[pieces[-1][1] : position] else None
    if last and '"' not in text[position : last.end()]:
        pieces.append((position, last.start()))
        position = last.end()
    pieces.append((position, end))
    for begin, stop in pieces:
        lead = _PREPOSITION.match(text, begin, stop)
        begin, stop = trimmed(text, lead.end() if lead else begin, stop)
        if {word.said for word in words(text[begin:stop])} & (_table("matters") | {"visit"}):
            continue
        if len(words(text[begin:stop])) >= _FEWEST_OF_NAMED and not _SAYS.search(text[begin:stop]):
            yield begin, stop


@cache
def _table(name: str) -> frozenset[str]:
    return frozenset(toml("tones.toml")["about"][name])


@cache
def _verbs() -> Wording:
    return Wording(toml("tones.toml")["verbs"])
