"""A framework's own headings with a grade beside them, in a table's cells or over a section, however the words wrap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from extractor.document import Span
from extractor.domain.areas import areas
from extractor.domain.grades import grade_words
from extractor.engines.offline.reading import Reading

OVERALL = "overall effectiveness"
"""The heading of what is judged as a whole."""
_WINDOW = 250  # characters in which a heading and its grade stand
_MOST_BETWEEN = 8  # words between a heading and its grade: "is that it", "is judged to be", "Grade 4"
_GRADES = (
    "requires improvement to be good", "require improvement to be good", "requires improvement", "require improvement",
    "outstanding", "good", "adequate", "inadequate", "not judged",
)  # fmt: skip
"""Grades as reports print them, longer forms of one first."""
_BETWEEN = frozenset(["is", "are", "that", "it", "they", "judged", "to", "be", "grade", "1", "2", "3", "4"])
_COLUMN_HEADS = frozenset(("judgement", "judgment", "judgements", "grade", "grades"))
_WORD = re.compile(r"[^\s-]+")
_EDGES = ".,:;()[]'\"•|"
_NOTE = re.compile(r"(?<=[a-z])[0-9]+$")
_BEGUN = r"requires?(?:\s+improvement(?:\s+to(?:\s+be)?)?)?"
"""The first words of a grade."""
_AHEAD = re.compile(rf"\n[ \t]*(?P<above>{_BEGUN})\s*$", re.IGNORECASE)
"""The first lines of a grade that is taller than its area, where both are read line by line."""
_LONGEST_AHEAD = 60  # characters
_INSET = r"\W+(?:(?:outstanding|good|adequate|inadequate|requires?|improvement|to|be|not|judged)\W+){0,5}"
"""What stands between two words of an area that is read line by line: nothing, or words of its grade."""
_NOTHING = re.compile(r"[\W\d]*(?:the\s+)?", re.IGNORECASE)
"""What stands between two headings that follow one upon the other: numbering."""
_LEAD = (
    rf"^[ \t•]*(?:(?P<beside>{_BEGUN})[ \t]+)?"
    r"(?:\(?[0-9]+(?:\.[0-9]+)*[.)]?[ \t]+)?"
    r"(?:(?:the\s+)?(?:graded\s+|key\s+)?judge?ments?\s+(?:for|about|on|of)\s+)?(?P<article>the\s+)?"
)


@dataclass(frozen=True)
class Headed:
    """A heading that stands alone from its line's start, and the grade at the end of the last line.

    `area` and `at` are the spans of the heading's and the grade's own words, `grade` is null where there is none.
    `codes` are the areas that the heading is of, empty for the whole. `bare` tells that nothing else stands there, as
    in a table; else words such as "is" join the two.
    """

    codes: frozenset[str]
    area: tuple[Span, ...]
    grade: str | None
    at: tuple[Span, ...]
    bare: bool
    apart: bool = False
    """Whether other headings or grades stand between its own words, as where a table is read column by column."""

    @property
    def spans(self) -> tuple[Span, ...]:
        """The passage that shows the two: one where it can be."""
        return (*self.area, *self.at) if self.apart or len(self.at) > 1 else ((self.start, self.end),)

    @property
    def start(self) -> int:
        """Where the first of its words begins."""
        return min(self.area + self.at)[0]

    @property
    def end(self) -> int:
        """Where the last of its words ends."""
        return max(end for _, end in self.area + self.at)


@dataclass(frozen=True)
class _Word:
    start: int
    end: int
    text: str
    ends_line: bool
    goes_on: bool
    """Whether the word behind it goes on with a sentence: it has a small letter."""


def headed(reading: Reading, framework: str | None) -> list[Headed]:
    """Every heading of the framework (of any, where null) in the text, in order; graded or not."""
    found: list[Headed] = []
    starts, headings = _headings(framework)
    for match in starts.finditer(reading.text):
        last = found[-1].end if found else 0
        if match.start("first") >= last and not next(filter(str.isalpha, match[0])).islower():
            words = _words(reading.text, match.start("first"))
            ahead = _AHEAD.search(reading.text, max(last, match.start() - _LONGEST_AHEAD), match.start())
            begun = match.span("beside") if match["beside"] else ahead.span("above") if ahead else None
            above = _words(reading.text, *begun) if begun else []
            article = len(match["article"] or "")
            for heading in headings.get(words[0].text, ()):
                read = (_read([*above, *words], heading) if above else None) or _read(words, heading)
                if read:
                    (start, end), *more = read.area
                    area = ((start - article, end), *more)
                    found.append(replace(read, codes=_codes(framework)[heading], area=area))
                    break
    return _columns(reading.text, found)


def _words(text: str, start: int, end: int | None = None) -> list[_Word]:
    """The words from an offset on, as they are compared: small letters, no punctuation, no mark of a footnote."""
    until = start + _WINDOW if end is None else end
    matches = [match for match in _WORD.finditer(text, start, until) if match[0].strip(_EDGES)]
    return [
        _Word(
            match.start(),
            match.end() - len(match[0]) + len(match[0].rstrip(_EDGES)),
            _NOTE.sub("", match[0].strip(_EDGES).lower()),
            after is None or "\n" in text[match.end() : after.start()],
            after is not None and after[0][0].islower(),
        )
        for match, after in zip(matches, [*matches[1:], None], strict=True)
    ]


def _read(words: Sequence[_Word], heading: tuple[str, ...]) -> Headed | None:
    """The heading at the first of the words, with its grade before, between or behind the words of its last lines."""
    for grade in _grades():
        taken = _merged(words, heading, grade)
        if taken:
            area, at, bare = taken
            said = _spans(words, at)
            if len(said) > 1:
                said = _spans(words, at[:2])  # of its pieces, "be good" would say another grade
            return Headed(frozenset(), _spans(words, area), grade_words(" ".join(grade))[0].grade, said, bare)
    alone = range(len(heading))
    if len(words) >= len(heading) and all(words[index].text == heading[index] for index in alone):
        last = words[len(heading) - 1]
        if last.ends_line and not last.goes_on:
            return Headed(frozenset(), _spans(words, alone), None, (), True)
    return None


def _merged(
    words: Sequence[_Word], heading: tuple[str, ...], grade: tuple[str, ...]
) -> tuple[list[int], list[int], bool] | None:
    """Which of the words are the heading's and which the grade's, where they are nothing but the two, each in order.

    Words that join the two may stand between them. Null where they are not that, or a sentence goes on behind them.
    """
    area: list[int] = []
    at: list[int] = []
    bare = True
    for index, word in enumerate(words):
        if len(area) < len(heading) and word.text == heading[len(area)]:
            area.append(index)
        elif len(at) < len(grade) and word.text == grade[len(at)]:
            at.append(index)
        elif len(area) == len(heading) and not at and word.text in _BETWEEN and index < len(heading) + _MOST_BETWEEN:
            bare = False
        else:
            return None
        if len(area) == len(heading) and len(at) == len(grade):
            return (area, at, bare) if word.ends_line and not word.goes_on else None
    return None


def _spans(words: Sequence[_Word], chosen: Sequence[int]) -> tuple[Span, ...]:
    """The chosen words as spans, neighbours as one."""
    spans: list[Span] = []
    for number, index in enumerate(chosen):
        if number and chosen[number - 1] == index - 1:
            spans[-1] = (spans[-1][0], words[index].end)
        else:
            spans.append((words[index].start, words[index].end))
    return tuple(spans)


def _columns(text: str, found: Sequence[Headed]) -> list[Headed]:
    """The headings; where a table's areas come first and then all its grades, each with the grade in its place."""
    result: list[Headed] = []
    run: list[Headed] = []
    for one in found:
        if run and not _NOTHING.fullmatch(text, run[-1].end, one.start):
            run = []
        run.append(one)
        result.append(one)
        if len(run) < 2 or any(before.grade for before in run[:-1]):
            continue
        grades = list(_behind(text, max(end for _, end in one.area)))
        if len(grades) >= len(run):
            result[-len(run) :] = [
                replace(each, grade=grade, at=(span,), bare=True, apart=True)
                for each, (grade, span) in zip(run, grades, strict=False)
            ]
            run = []
    return result


def _behind(text: str, start: int) -> Iterator[tuple[str, Span]]:
    """The grades that stand one below the other from an offset on, a column's head aside."""
    words = [word for word in _words(text, start) if word.text not in _COLUMN_HEADS]
    while words:
        form = next((one for one in _grades() if tuple(word.text for word in words[: len(one)]) == one), None)
        if form is None or not words[len(form) - 1].ends_line:
            return
        yield grade_words(" ".join(form))[0].grade, (words[0].start, words[len(form) - 1].end)
        words = words[len(form) :]


@cache
def _grades() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(form.split()) for form in _GRADES)


@cache
def _codes(framework: str | None) -> dict[tuple[str, ...], frozenset[str]]:
    """The framework's headings as words, each with the areas that it is of."""
    codes: dict[tuple[str, ...], frozenset[str]] = {tuple(OVERALL.split()): frozenset()}
    for area in areas():
        if framework in (None, area.framework):
            for form in (*area.printed, *(form for form in area.forms if form.count(" ") >= 3)):
                heading = tuple(word for match in _WORD.findall(form) if (word := match.strip(_EDGES)))
                if heading != tuple(OVERALL.split()) and ":" not in form:
                    codes[heading] = codes.get(heading, frozenset()) | {area.code}
    return codes


@cache
def _headings(framework: str | None) -> tuple[re.Pattern[str], Mapping[str, Sequence[tuple[str, ...]]]]:
    """Where a heading can begin, and the headings by their first word, longest first."""
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for heading in sorted(_codes(framework), key=len, reverse=True):
        by_first.setdefault(heading[0], []).append(heading)
    openings = {_INSET.join(heading[:3]) for heading in _codes(framework)}
    return re.compile(rf"{_LEAD}(?P<first>{'|'.join(sorted(openings))})\b", re.MULTILINE | re.IGNORECASE), by_first
