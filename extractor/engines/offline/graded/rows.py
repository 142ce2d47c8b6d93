"""Grades in tables, headings and lists: "Overall effectiveness Good", "These were judged Good:" and what follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from extractor.document import Span
from extractor.domain.areas import areas
from extractor.domain.grades import grade_words
from extractor.engines.offline.graded.cells import AREA_WORD, is_whole, trimmed
from extractor.engines.offline.graded.topics import topics
from extractor.engines.offline.reading import Reading


@dataclass(frozen=True)
class Graded:
    """A grade that a rule read: `area` is the spans of the area's words, null for the service as a whole.

    `at` is where the grade stands. `before` tells an older grade from one given now; `date` are the words of when,
    null where they are not said.
    """

    area: tuple[Span, ...] | None
    grade: str
    at: int
    spans: tuple[Span, ...]
    rule: str
    before: bool = False
    date: str | None = None


def rows(reading: Reading) -> list[Graded]:
    """Grades that stand in rows, headings and lists."""
    return [*_headings(reading), *_columns(reading), *_lines(reading), *_lists(reading)]


def _columns(reading: Reading) -> Iterator[Graded]:
    """Rows of an area and two grades, under a head that tells which column is of this inspection, which of an older."""
    heads: tuple[str, str] | None = None
    for start, end in reading.paragraphs:
        if end - start > 200:
            continue
        head = _HEAD.fullmatch(reading.text, start, end)
        heads = (head["one"], head["other"]) if head else heads
        match = _TWO.fullmatch(reading.text, start, end) if heads else None
        if heads is None or match is None:
            continue
        area = trimmed(reading.text, match.span("area"))
        whole = is_whole(reading.text[slice(*area)])
        for name, said, beside in (("one", heads[0], heads[1]), ("other", heads[1], heads[0])):
            for form in grade_words(match[name], read=True)[:1]:
                before = _age(said) < _age(beside)
                date = _YEAR.search(said) if before else None
                yield Graded(
                    None if whole else (area,),
                    form.grade,
                    match.start(name),
                    (area, match.span(name)),
                    "row.column",
                    before,
                    date[0] if date else None,
                )


def _age(head: str) -> int:
    """A column's year, as its head says it; one that says "now" is the newest, one that says "last" the oldest."""
    year = _YEAR.search(head)
    return int(year[0]) if year else 0 if _OLD.search(head) else 9999


def _headings(reading: Reading) -> Iterator[Graded]:
    """A framework's own heading with its grade right behind it, as in a report's table and section headings."""
    for match in _HEADED.finditer(reading.text):
        area = _heading_before(reading.text, match.start())
        if area is None:
            continue
        grade = grade_words(match["grade"], read=True)[0].grade
        overall = reading.text[slice(*area)].lower().startswith("overall")
        yield Graded(
            None if overall else (area,), grade, match.start("grade"), ((area[0], match.end("grade")),), "row.heading"
        )
        older = _OLDER.match(reading.text, match.end("grade"))
        if older:
            (form, *_) = grade_words(older["grade"], read=True)
            spans = ((area[0], older.end()),)
            yield Graded(
                None if overall else (area,), form.grade, older.start("grade"), spans, "row.older", True, older["date"]
            )


def _heading_before(text: str, end: int) -> Span | None:
    """The known heading that ends right before the offset and begins its line, numbering and bullet aside."""
    since = max(0, end - _LONGEST)
    words = list(_WORD.finditer(text, since, end))
    plain = [word[0].lower() for word in words]
    for length, headings in _known_headings():
        if tuple(plain[-length:]) in headings and len(plain) >= length:
            start = words[-length].start()
            return (start, words[-1].end()) if _LINE_START.search(text, max(0, start - 12), start) else None
    return None


def _lines(reading: Reading) -> Iterator[Graded]:
    """Short lines that are an area, a separator and a grade: "Adoption performance - Good".

    Of words that no framework is known to judge, only where at least three such lines stand together.
    """
    together: list[tuple[bool, Graded]] = []
    for start, end in [*reading.paragraphs, (0, 0)]:
        read = _line(reading, start, end) if end - start < 200 else None
        if read:
            together.append(read)
        else:
            yield from (graded for known, graded in together if known or len(together) >= _FEWEST_TOGETHER)
            together = []


def _line(reading: Reading, start: int, end: int) -> tuple[bool, Graded] | None:
    """The line's grade, and whether its words are an area's; null where it is no such line."""
    match = _LINE.fullmatch(reading.text, start, end)
    if match is None or _ANY_GRADE.search(match["area"]):
        return None
    form = grade_words(match["grade"], read=True)[0]
    area = trimmed(reading.text, match.span("area"))
    words = reading.text[slice(*area)]
    whole = is_whole(words)
    graded = Graded(None if whole else (area,), form.grade, match.start("grade"), ((start, end),), "row.line")
    named = sum(one.end - one.start for one in topics(words) if one.kind == "area")
    return whole or named >= _MOSTLY * len(words), graded


def _lists(reading: Reading) -> Iterator[Graded]:
    """A heading that ends in a colon and says one grade, and the list items under it."""
    heading: tuple[Span, str] | None = None
    for start, end in reading.paragraphs:
        text = reading.text[start:end]
        item = _BULLET.match(text)
        if item and heading:
            area = trimmed(reading.text, (start + item.end(), end))
            words = reading.text[slice(*area)].rstrip(".;")
            if AREA_WORD.search(words) and len(words) < 160 and not grade_words(words, read=True):
                whole = re.fullmatch(r"overall(?: effectiveness)?", words, re.IGNORECASE) is not None
                yield Graded(None if whole else (area,), heading[1], start, (heading[0], (start, end)), "row.list")
            continue
        last = text.rsplit("\n", 1)[-1] if len(text) > 300 else text
        forms = grade_words(last, read=True) if text.endswith(":") else []
        offset = end - len(last)
        heading = ((offset, end), forms[0].grade) if len({form.grade for form in forms}) == 1 else None


_GRADE = r"(?:Outstanding|Good|Adequate|Inadequate|Requires?\s+improvement(?:\s+to\s+be\s+good)?|Not\s+judged)"
_OLDER = re.compile(
    rf"['\"]?\s*\((?:(?:was|previously|formerly|up from|down from|in)\s+)*(?:(?P<date>[^():]*[0-9]{{4}})\s*[:,]?\s*)?"
    rf"(?P<grade>{_GRADE})[^()]*\)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"(?:[•*·▪◼◾■●○-]|[0-9]+(?:\.[0-9]+)*[.)]?)\s+")
_BETWEEN = r"\s*(?:\s-\s|:|\s{2,}|\t|\||\.{3,}|\s/\s)\s*"
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_OLD = re.compile(r"\b(?:last|previous|before|old|earlier|then|was)\b", re.IGNORECASE)
_TIME = (
    r"[^|/\n]*?(?:\b(?:19|20)[0-9]{2}\b|this time|\bnow\b|latest|current|\bnew\b|last time|previous|before|then)"
    r"[^|/\n]*?"
)
_HEAD = re.compile(rf"[^|/\n]*?{_BETWEEN}(?P<one>{_TIME}){_BETWEEN}(?P<other>{_TIME})", re.IGNORECASE)
_CELL = rf"(?:{_GRADE}|-|n/?a|none|no grade|not graded|[a-z ]{{0,30}})"
_TWO = re.compile(
    rf"(?:[0-9.]+\s+)?(?P<area>[A-Za-z][^!?\n|/]*?){_BETWEEN}(?P<one>{_CELL}){_BETWEEN}(?P<other>{_CELL})\s*\.?",
    re.IGNORECASE,
)
_MOSTLY = 0.6
"""Share of a line's words that an area's name is, in a line that gives it a grade."""
_FEWEST_TOGETHER = 3
_LINE = re.compile(
    rf"(?:[•*·▪◼◾■●○-]\s+|\(?[0-9a-z](?:[.0-9]*[.)])?\s+|[0-9.]+\s+)?(?P<area>[A-Za-z][^!?\n|]*?){_BETWEEN}"
    rf"(?:grade\s+[1-4]\W*)?(?P<grade>['\"(]?{_GRADE}['\")]?)(?:\s+overall)?\s*\.?",
    re.IGNORECASE,
)


_ANY_GRADE = re.compile(rf"[|/:]\s*{_GRADE}\b", re.IGNORECASE)
_LONGEST = 200
_WORD = re.compile(r"[^\s:-]+")
_HEADED = re.compile(rf"(?:[:-]|(?<!\s)\s)\s*['\"]?(?P<grade>\b{_GRADE})\b['\"]?(?=\s*(?:\n|$|\.|\())", re.IGNORECASE)
_LINE_START = re.compile(r"(?:^|\n|[.•*-]\s)\s*(?:[0-9](?:\.[0-9])?\.?\s+)?$")


@cache
def _known_headings() -> tuple[tuple[int, frozenset[tuple[str, ...]]], ...]:
    """The frameworks' headings as words to compare, by how many words they have, longest first."""
    said = {re.sub(r"^[0-9.]+ ", "", area.heading).replace("’", "'").lower() for area in areas()}
    said |= {form for area in areas() for form in area.forms if form.count(" ") >= 3} | {"overall effectiveness"}
    headings = {tuple(_WORD.findall(heading)) for heading in said if ":" not in heading}
    lengths = sorted({len(heading) for heading in headings}, reverse=True)
    return tuple((length, frozenset(one for one in headings if len(one) == length)) for length in lengths)
