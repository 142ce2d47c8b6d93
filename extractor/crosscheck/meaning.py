"""What a publisher's cell means, in the words of our records."""

from __future__ import annotations

from datetime import datetime

from extractor import dates
from extractor.domain.grades import grade_words
from extractor.sheets.cells import whole_day

_FORMS = ("%d/%m/%Y", "%d/%m/%y")


def grade(text: str) -> str | None:
    """The grade that the cell holds and nothing else; null where it holds none."""
    found = grade_words(text)
    return found[0].grade if len(found) == 1 and (found[0].start, found[0].end) == (0, len(text)) else None


def day(text: str) -> str | None:
    """The date that the cell holds, EDTF, the day before the month; null where it holds none."""
    if whole_day(text):
        return text
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    return dates.resolve(text).edtf if text else None
