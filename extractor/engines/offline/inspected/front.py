"""A report's front: the title above the days of fieldwork, which says by which framework whom it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractor.document import Span
from extractor.domain.frameworks import titled
from extractor.engines.offline.inspected.moments import headings, labelled
from extractor.engines.offline.reading import Reading

_HEAD = 1500  # characters within which a report prints its days
_OPENING = 400  # characters in which a report that prints none has its title
_TITLE = re.compile(r"^[ \t]*(?:[\w-]+[ \t]+){0,2}(?:re-?)?inspection\b|\b(?:inspection|review)\s+of\b", re.I | re.M)
_TOLD = re.compile(r"(?<!\bSt)[.!?][\"')]*\s+[A-Z]")  # a sentence's end, which no title has


@dataclass(frozen=True)
class Front:
    """Where a report's title stands, and the framework that it is the title of, null where it says none."""

    title: Span
    framework: str | None

    @classmethod
    def of(cls, reading: Reading) -> Front | None:
        """The front of a report; null of any other document, which has no days of fieldwork under a title."""
        days = next(iter((*labelled(reading, "inspected", _HEAD), *headings(reading))), None)
        if days is None and not reading.is_long:
            return None
        title = (0, days.span[0] if days else _OPENING)
        words = reading.text[slice(*title)]
        if not _TITLE.search(words) or (not reading.is_long and _TOLD.search(words)):
            return None
        return cls(title, titled(words))
