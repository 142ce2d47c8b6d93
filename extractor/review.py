"""The review: what a person should look at in many Extractions, worst first.

    1  a grade or date that was withheld, that the rules contradict, or on which sections of the document differ; a
       document that gives orders to the software that reads it
    2  a document, or pages of one, of which nothing is known
    3  a grade whose quote the model did not copy as it stands
    4  any other value that was withheld
    5  a value that its quote may not show, a grade or date that only the model or only the rules have, any other value
       on which sections differ
    6  a council, date or framework that the text leaves open, and all other warnings

Within one severity grades come first, then dates and councils, then the rest; then by path and field. However many
documents there are, what is kept of them waits in a temporary file, not in memory.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from extractor.errors import SettingsError
from extractor.parts import replacing
from extractor.schemas.extraction import Evidence, Extraction, Warned, Withheld
from extractor.terminal import escaped

JSON = dict[str, Any]

GRADES = frozenset({"overall_grade", "judgements", "previous_judgements", "claims"})
DATES = frozenset({"inspection_start", "inspection_end", "report_published"})

_SEVERITY: Mapping[str, int] = {
    "second_opinion": 1,
    "gives_orders": 1,
    "sections_differ": 1,
    "part_failed": 2,
    "support_unknown": 5,
    "second_opinion_absent": 5,
}
_OTHER_WARNINGS = 6


@dataclass(frozen=True)
class Item:
    """One thing to look at; `severity` is 1 for the worst, `code` says what it is.

    `field` is a JSON pointer into the Extraction, null where it is about the document. `value` is null where there is
    none; `quote` the passage it was delivered with, or the one that a model gave for it; `nearest` the passage of the
    document that may have been meant.
    """

    severity: int
    code: str
    path: str | None
    field: str | None
    value: Any
    why: str
    quote: str | None = None
    nearest: str | None = None


def items(extraction: Extraction) -> Iterator[Item]:
    """What a person should look at in one Extraction."""
    path = extraction.source.path
    if extraction.error:
        yield Item(2, "failed", path, None, None, f"{extraction.error.type}: {extraction.error.message}")
    told = extraction.model_dump(mode="json", include={"records"})
    quotes = {entry.field: entry.quote for entry in extraction.evidence}
    yield from (_withheld(path, entry) for entry in extraction.withheld)
    yield from (_altered(path, entry, told) for entry in extraction.evidence if _is_altered_grade(entry))
    yield from (_warned(path, warning, told, quotes) for warning in extraction.warnings)


def write_review(extractions: Iterable[Extraction], out: str | os.PathLike[str]) -> None:
    """Write what a person should look at in these Extractions to `out`, one JSON object a line, worst first.

    Raises:
        SettingsError: `out` cannot be written.
    """
    with reviewed(Path(out)) as look_at:
        for extraction in extractions:
            look_at(extraction)


@contextmanager
def reviewed(out: Path) -> Iterator[Callable[[Extraction], None]]:
    """A function that takes one Extraction after another; `out` appears when all are taken, and only then.

    Raises:
        SettingsError: `out` cannot be written; said before the first is taken, where it can be known.
    """
    import sqlite3

    @contextmanager
    def writing() -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise SettingsError(f"{out} cannot be written ({error}); name another file with --review.") from error

    def look_at(extraction: Extraction) -> None:
        with writing():
            spool.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", map(_row, items(extraction)))

    # A database without a name is a temporary file.
    with closing(sqlite3.connect("")) as spool, ExitStack() as open_:
        with writing():
            part = open_.enter_context(replacing(out))
            spool.execute("CREATE TABLE items (severity, topic, place, line)")
        yield look_at
        with writing():
            with part.open("w", encoding="utf-8") as stream:
                ordered = "SELECT line FROM items ORDER BY severity, topic, place, line"
                stream.writelines(f"{line}\n" for (line,) in spool.execute(ordered))
            open_.close()


def _row(item: Item) -> tuple[int, int, str, str]:
    name = _name(item.field)
    topic = 0 if name in GRADES else 1 if name in DATES or name == "authority" else 2
    return item.severity, topic, _sound(f"{item.path or ''}\n{item.field or ''}"), _line(item)


def _line(item: Item) -> str:
    return _sound(escaped(json.dumps(asdict(item), ensure_ascii=False)))


def _sound(text: str) -> str:
    """The text with half characters, as paths may have them, escaped as JSON does."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _withheld(path: str | None, entry: Withheld) -> Item:
    severity = 1 if _name(entry.field) in GRADES | DATES else 4
    return Item(
        severity, "withheld", path, entry.field, entry.value, entry.reason, entry.model_quote or None, entry.nearest
    )


def _is_altered_grade(entry: Evidence) -> bool:
    return entry.verdict == "altered" and _name(entry.field) in GRADES


def _altered(path: str | None, entry: Evidence, told: JSON) -> Item:
    why = f'the model did not copy the words as they stand: "{entry.model_quote}"'
    return Item(3, "altered", path, entry.field, _at(told, entry.field), why, entry.quote)


def _warned(path: str | None, warning: Warned, told: JSON, quotes: Mapping[str, str]) -> Item:
    name = _name(warning.field)
    severity = _SEVERITY.get(warning.code, _OTHER_WARNINGS)
    if severity == 1 and name not in GRADES | DATES:
        severity = 5
    value = _at(told, warning.field) if warning.field and name else None
    return Item(severity, warning.code, path, warning.field, value, warning.message, quotes.get(warning.field or ""))


def _name(pointer: str | None) -> str:
    """The record's field that a pointer is in; empty where it is in none."""
    parts = (pointer or "").split("/")
    return parts[3] if len(parts) > 3 else ""


def _at(told: Any, pointer: str) -> Any:
    """What stands at a pointer; null where nothing does."""
    for step in pointer.split("/")[1:]:
        if isinstance(told, list):
            told = told[int(step)] if step.isdigit() and int(step) < len(told) else None
        elif isinstance(told, dict):
            told = told.get(step)
        else:
            return None
    return told
