"""Grades in tables, headings and lists: "Overall effectiveness Good", "These were judged Good:" and what follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from extractor.document import Span
from extractor.domain.areas import areas
from extractor.domain.grades import grade_words
from extractor.engines.offline.areas_said import AREA_WORD, is_whole, trimmed
from extractor.engines.offline.reading import Reading


@dataclass(frozen=True)
class Graded:
    """A grade that a rule read: `area` is the spans of the area's words, null for the service as a whole.

    `before` tells an older grade from one given now; `date` are the words of when, null where they are not said.
    """

    area: tuple[Span, ...] | None
    grade: str
    spans: tuple[Span, ...]
    rule: str
    before: bool = False
    date: str | None = None


def rows(reading: Reading) -> list[Graded]:
    """Grades that stand in rows, headings and lists."""
    return [*_headings(reading), *_lines(reading), *_lists(reading)]


def _headings(reading: Reading) -> Iterator[Graded]:
    """A framework's own heading with its grade right behind it, as in a report's table and section headings."""
    for match in _HEADED.finditer(reading.text):
        area = _heading_before(reading.text, match.start())
        if area is None:
            continue
        grade = grade_words(match["grade"], read=True)[0].grade
        overall = reading.text[slice(*area)].lower().startswith("overall")
        yield Graded(None if overall else (area,), grade, ((area[0], match.end("grade")),), "row.heading")
        older = _OLDER.match(reading.text, match.end("grade"))
        if older:
            (form, *_) = grade_words(older["grade"], read=True)
            spans = ((area[0], older.end()),)
            yield Graded(None if overall else (area,), form.grade, spans, "row.older", before=True, date=older["date"])


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
    """A short line that is an area, a separator and a grade: "Adoption performance - Good"."""
    for start, end in reading.paragraphs:
        match = _LINE.fullmatch(reading.text, start, end) if end - start < 200 else None
        forms = grade_words(match["grade"], read=True) if match else []
        if match and forms and forms[0].end - forms[0].start >= len(match["grade"].strip(" .'\"")) - 1:
            area = trimmed(reading.text, match.span("area"))
            words = reading.text[slice(*area)]
            if is_whole(words) or AREA_WORD.search(words):
                yield Graded(None if is_whole(words) else (area,), forms[0].grade, ((start, end),), "row.line")


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
                yield Graded(None if whole else (area,), heading[1], (heading[0], (start, end)), "row.list")
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
_LINE = re.compile(
    r"(?:[•*·▪◼◾■●○-]\s+|[0-9]+(?:\.[0-9]+)*[.)]?\s+)?(?P<area>[A-Za-z][^.!?\n]*?)\s*(?:\s-\s|:|\s{2,}|\t)\s*"
    r"(?P<grade>['\"]?[A-Za-z][A-Za-z ]+['\"]?\.?)"
)


_LONGEST = 200
_WORD = re.compile(r"[^\s:-]+")
_HEADED = re.compile(rf"[:\s-]\s*['\"]?(?P<grade>\b{_GRADE})\b['\"]?(?=\s*(?:\n|$|\.|\())", re.IGNORECASE)
_LINE_START = re.compile(r"(?:^|\n|[.•*-]\s)\s*(?:[0-9](?:\.[0-9])?\.?\s+)?$")


@cache
def _known_headings() -> tuple[tuple[int, frozenset[tuple[str, ...]]], ...]:
    """The frameworks' headings as words to compare, by how many words they have, longest first."""
    said = {re.sub(r"^[0-9.]+ ", "", area.heading).replace("’", "'").lower() for area in areas()}
    said |= {form for area in areas() for form in area.forms if form.count(" ") >= 3} | {"overall effectiveness"}
    headings = {tuple(_WORD.findall(heading)) for heading in said if ":" not in heading}
    lengths = sorted({len(heading) for heading in headings}, reverse=True)
    return tuple((length, frozenset(one for one in headings if len(one) == length)) for length in lengths)
