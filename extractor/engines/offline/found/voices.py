"""Whose words each sentence gives: the inspection's, somebody else's, or only the writer's."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from extractor.document import Span
from extractor.domain.cues import cue
from extractor.domain.grades import grade_words
from extractor.domain.tables import toml
from extractor.engines.offline.found.wording import Word, Wording, wording, words
from extractor.engines.offline.reading import Quotation, Reading, Sentence

Voice = Literal["inspection", "other", "writer"]
Kind = Literal["strength", "weakness", "recommendation"]
KINDS: tuple[Kind, ...] = ("strength", "weakness", "recommendation")

_FRONT = 3000
_LABELS = re.compile(r"(?m)^[ \t]*(?:Lead inspector|Reporting inspector|Inspection dates?|Age group)\b")
_TITLE = re.compile(r"\s*(?:\S+\s+){0,6}?Inspection of\b")
_LETTER = re.compile(r"(?m)^[ \t]*Dear\s")
_INSPECTOR = re.compile(r"\bHMI\b|Majesty's Inspector")
_OUR_FIELDWORK = re.compile(r"\b(?:[Ww]e (?:have )?inspected|[Oo]ur (?:fieldwork|inspectors)|[Ww]e (?:examined|saw))\b")
_FORMAL = re.compile(
    r"(?:This|The|Our) (?:letter|report|[\w ]{0,20}visit|inspection)"
    r" (?:to|summarises?|sets|describes|outlines|was|is|were|took)\b"
    r"|(?:The (?:lead )?inspectors?|H(?:er|is) Majesty's|Between [0-9]|I am|I write|Ofsted will|It will)\b"
    r"|(?:Inspectors|They|We) (?:also )?(?:looked|considered|examined|evaluated|reviewed|visited|met|spoke|gathered"
    r"|carried|read)\b"
)
_QUOTED = re.compile(r'"[^"]*"?')
_NAMED = re.compile(r"\b[A-Z][a-z]+(?:[-'][A-Za-z]+)?\s+[A-Z][\w'-]+")
_ARTICLE = re.compile(r"\b(?:the|its|their|this|his|her|a)\s+(?:\w+\s+)?$", re.IGNORECASE)
_BEING = frozenset({"is", "are", "was", "were", "be", "been", "being", "to", "as"})
_ASKING = frozenset({"what", "how", "why", "where", "who"})
_NOT = re.compile(r"(?:\bnot|n't)\s+$")
_PRONOUNS = frozenset({"it", "they", "he", "she"})
_PREPOSITIONS = frozenset({"on", "of", "into", "about", "to", "at", "in", "for", "by", "with", "from"})
_GRADED = re.compile(r"(?:overall|for|in|and|or|by|with|as|but|from|on|under|the|again|when|last|throughout)\b")
_BETWEEN = frozenset({"the", "its", "an", "a", "this", "latest", "new", "lead", "his", "her", "government"})
_FURTHEST = 30


@dataclass(frozen=True)
class Source:
    """Where a sentence names who speaks, with the verb: "Inspectors praised"; offsets are the sentence's own.

    `aside` tells one that stands beside what is said ("…, the report says"); `takes` what its verb makes of that.
    """

    start: int
    end: int
    aside: bool
    takes: Kind | None


@dataclass(frozen=True)
class Voiced:
    """A sentence with its voice.

    `source` is where the sentence itself names the inspection as its speaker; `lingers` tells that the inspection
    spoke last in the paragraphs before, so that the writer may still be telling what it found.
    """

    sentence: Sentence
    voice: Voice
    source: Source | None = None
    lingers: bool = False


def is_own(reading: Reading) -> bool:
    """Whether the inspectorate itself writes: a report with its labels, or a letter to the council."""
    front = reading.text[:_FRONT]
    labels = len(_LABELS.findall(front))
    if labels >= 2 or (labels and _TITLE.match(front)):
        return True
    if _LETTER.search(front) and _INSPECTOR.search(reading.text):
        return True
    return len(_OUR_FIELDWORK.findall(reading.text)) >= 2


def is_formal(text: str) -> bool:
    """Whether a sentence of the inspectorate's own is about its letter, its visit or what it looked at."""
    return _FORMAL.match(text) is not None


def voices(reading: Reading, spoken: Sequence[Quotation]) -> Iterator[Voiced]:
    """Every sentence of the text with its voice; `spoken` is the direct speech of people."""
    voice: Voice = "writer"
    named: Voice | None = None
    lingers = False
    paragraph = -1
    starts = [said.start for said in spoken]
    for sentence in reading.sentences:
        if sentence.paragraph != paragraph:
            lingers = voice == "inspection" or (lingers and voice == "writer")
            voice, paragraph = "writer", sentence.paragraph
        if _is_spoken(sentence, spoken, starts):
            voice = named = "other"
            yield Voiced(sentence, voice)
            continue
        speaker, source, named = _speaker(sentence.text, named)
        if speaker is None and voice != "other" and gives_grade(sentence.text):
            speaker = named = "inspection"
        voice = speaker or voice
        yield Voiced(sentence, voice, source, lingers)


def spans_beside(text: str, source: Source) -> list[Span]:
    """What a sentence says apart from naming its source; an aside in the middle stays inside what it says."""
    if not source.aside:
        return [(source.end, len(text))]
    if not text[source.end :].strip(" .,\"'"):
        return [(0, source.start)]
    lead = text[: source.start].strip(" ,")
    if not lead or (re.match(r"(?:In|At|On|By|For)\s", lead) and len(lead.split()) < 4):
        return [(source.end, len(text))]
    return [(0, len(text))]


def gives_grade(text: str) -> bool:
    """Whether the passage gives a grade: one of its words, that is no adjective there."""
    return any(not _is_adjective(text, form.start, form.end) for form in grade_words(text, read=True))


def _is_adjective(text: str, start: int, end: int) -> bool:
    """Whether a grade's word qualifies a noun behind it: "good work", "good at noticing"."""
    behind = text[end : end + 40].lstrip()
    if behind.startswith("at ") and text[start:end].lower() != "good":
        return False
    if cue("adjectival").match(behind):
        return True
    if text[start:end].lower() not in ("good", "outstanding", "adequate", "inadequate"):
        return False
    return re.match(r"[a-z]", behind) is not None and not _GRADED.match(behind) and not cue("rating").match(behind)


def _is_spoken(sentence: Sentence, spoken: Sequence[Quotation], starts: Sequence[int]) -> bool:
    """Whether somebody's direct speech stands in the sentence."""
    last = bisect_left(starts, sentence.end) - 1
    return last >= 0 and spoken[last].end > sentence.start


def _speaker(text: str, before: Voice | None) -> tuple[Voice | None, Source | None, Voice | None]:
    """Who speaks by the sentence's first verb of speech, where it names its source, and who was named last in it."""
    plain = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    said = _Said(plain, words(plain))
    named = said.first() or before
    for index, length in _verbs().lengths(said.words):
        if said.words[index].said == "according":
            who, head = said.behind(index + length)
            if who:
                return who, said.accordingly(index, head) if who == "inspection" else None, who
            continue
        takes = _takes(said.words, index)
        who, head = said.subject(index, index + length - 1, before, takes)
        if who == "other" and not _speech().has(said.words[index : index + length]):
            continue
        if who == "other" and index and said.words[index - 1].said in _BEING:
            continue
        if who == "inspection":
            return who, said.source(min(index, head), max(index + length - 1, head), takes), who
        if who:
            return who, None, who
    return None, None, named


@dataclass(frozen=True)
class _Said:
    """A sentence's text without quotations, and its words."""

    text: str
    words: list[Word]

    def first(self) -> Voice | None:
        """Who is named first, near the opening of the sentence."""
        return next((who for at in range(min(8, len(self.words))) if (who := self.head(at))), None)

    def head(self, at: int) -> Voice | None:
        """Who the word names: the inspection, somebody else, or nobody."""
        if self.words[at].said in _sources():
            return "inspection"
        return "other" if self.is_other(at) else None

    def is_other(self, at: int) -> bool:
        word = self.words[at]
        return word.said in _others() or _NAMED.match(self.text, word.start) is not None

    def subject(self, index: int, last: int, before: Voice | None, takes: Kind | None) -> tuple[Voice | None, int]:
        """Who is the subject of the verb at these words, and the index of the word that tells."""
        if index > 1 and self.words[index - 2].said in _ASKING:
            return None, index
        if index and self.words[index - 1].said in _BEING and self.words[index].said != "told":
            return ("inspection", index) if takes and not self.by(last) else (None, index)
        if self.text[: self.words[index].start].rstrip()[-1:] in ('"', ",", "'", "") and _follows().has(
            self.words[index : last + 1]
        ):
            who, head = self.behind(last + 1)
            if who:
                return who, head
        for at in range(index - 1, max(-1, index - _FURTHEST), -1):
            word = self.words[at]
            who = self.head(at)
            if who == "other" and (self._is_only_about(at) or self._is_inspector(at)):
                who = "inspection"
            if who:
                return who, at
            if word.said in ("we", "i"):
                return "other", at
            if word.said in ("he", "she"):
                return before, at
            if word.said in _PRONOUNS and self.text[: word.start].rstrip()[-1:] == ",":
                return before, at
            if word.said in _PRONOUNS:
                return self.earlier(at) or before, at
        return ("inspection", index) if takes and last > index else (None, index)

    def by(self, last: int) -> bool:
        """Whether "by" and somebody else follow."""
        return (
            last + 1 < len(self.words)
            and self.words[last + 1].said == "by"
            and self.behind(last + 2)[0] != "inspection"
        )

    def _is_only_about(self, at: int) -> bool:
        """Whether the body here is what the inspection's own report is on: "the report on the council says"."""
        lead = self.words[at - 1].said if at else ""
        further = self.words[at - 2].said if at > 1 else ""
        return bool({lead, further} & _PREPOSITIONS) and self.earlier(at) == "inspection"

    def _is_inspector(self, at: int) -> bool:
        return any(self.words[one].said in ("inspector", "hmi") for one in (at - 1, at - 2) if one >= 0)

    def earlier(self, index: int) -> Voice | None:
        """Who was named last in the sentence before the word."""
        return next((who for at in range(index - 1, -1, -1) if (who := self.head(at))), None)

    def behind(self, index: int) -> tuple[Voice | None, int]:
        """Who is named right behind a verb: "says the report", "said Ann Lee"."""
        for at in range(index, min(len(self.words), index + 4)):
            who = self.head(at)
            if who:
                return who, at
            if self.words[at].said not in _BETWEEN:
                break
        return None, index

    def accordingly(self, first: int, last: int) -> Source:
        """The source of "according to the report", up to the next comma."""
        end = self.words[last].end
        stop = re.compile(r"[,;]").search(self.text, end)
        return Source(self.words[first].start, stop.start() if stop else len(self.text), True, None)

    def source(self, first: int, last: int, takes: Kind | None) -> Source:
        start, end = self.words[first].start, self.words[last].end
        article = _ARTICLE.search(self.text, max(0, start - 30), start)
        start = article.start() if article else start
        if _NOT.search(self.text, 0, self.words[last].start):
            return Source(0, 0, False, takes)
        after, before = self.text[end:].lstrip(), self.text[:start].rstrip()
        return Source(start, end, after[:1] in ("", ",", ".") and before[-1:] in ("", ",", '"', "."), takes)


def _takes(said: Sequence[Word], index: int) -> Kind | None:
    """What the verb here makes of what follows it; null where that is open."""
    near = said[index : index + 5]
    return next((kind for kind in KINDS if 0 in wording("tones.toml", "takes", kind).places(near)), None)


@cache
def _sources() -> frozenset[str]:
    return frozenset(toml("tones.toml")["sources"])


@cache
def _speech() -> Wording:
    return Wording([*toml("roles.toml")["speech"], *toml("tones.toml")["feelings"]])


@cache
def _verbs() -> Wording:
    tones = toml("tones.toml")
    taking = (form for kind in KINDS for form in tones["takes"][kind])
    return Wording([*toml("roles.toml")["speech"], *tones["feelings"], *tones["verbs"], *taking, "according to"])


@cache
def _follows() -> Wording:
    """Verbs that may stand before their subject."""
    return Wording(toml("tones.toml")["inverted"])


@cache
def _others() -> frozenset[str]:
    """Words for those who are not the inspection: titles, roles, bodies."""
    roles, tones = toml("roles.toml"), toml("tones.toml")
    told = (*roles["titles"], *roles["heads"], *roles["bodies"], *tones["others"])
    return frozenset({word.lower() for word in told if " " not in word} - set(tones["not_others"]))
