"""An Extraction on the terminal: each value beside the words that it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from extractor.prompt import Prompt
from extractor.terminal import flat

JSON = dict[str, Any]

_HEAD = (
    "provider",
    "inspectorates",
    "inspection_type",
    "framework",
    "inspection_start",
    "inspection_end",
    "report_published",
    "lead_inspectors",
    "overall_grade",
    "outcome",
)
_UNSAID = {"area": "overall"}
_ITEMS = {
    "judgements": "{grade}: {area}",
    "previous_judgements": "{grade}: {area}, {date}",
    "claims": "{grade}: {area}, says {speaker}",
    "counts": "{qualifier} {value} {unit}: {measure}",
    "people": "{name}, {role}, {organisation}",
    "statements": "{speaker}: {text}",
    "findings": "{kind}: {text}",
    "actions": "{status}: {text}",
}


def shown(extraction: JSON, *, widest: int = 60) -> RenderableType:
    """The Extraction (as JSON data) as a table a record, with what was withheld and warned of below."""
    name = extraction["source"]["path"] or "text"
    if extraction["error"]:
        return Text(flat(f"{name}: {extraction['error']['message'].removeprefix(f'{name}: ')}"), style="red")
    words = {entry["field"]: entry for entry in extraction["evidence"]}
    parts: list[RenderableType] = [
        _record(record, index, words, f"{name} · {extraction['engine']}", widest)
        for index, record in enumerate(extraction["records"])
    ]
    if not parts:
        parts.append(Text(flat(f"{name}: no inspection of a council is reported in it.")))
    return Group(*parts, *beside(extraction), Text())


def beside(extraction: JSON) -> Iterator[Text]:
    """What was withheld, and what was warned of, a line each."""
    yield from (Text(flat(f"withheld {one['field']}: {one['reason']}"), "yellow") for one in extraction["withheld"])
    yield from (Text(flat(f"note {one['field'] or ''}: {one['message']}"), "dim") for one in extraction["warnings"])


def _record(record: JSON, index: int, words: JSON, title: str, widest: int) -> Table:
    council = record.get("authority") or {}
    named = council.get("name") or council.get("as_written") or "no council named"
    table = Table(
        title=Text(flat(f"{named} · {title}")), title_justify="left", box=SIMPLE_HEAD, pad_edge=False, expand=True
    )
    table.add_column("field", no_wrap=True, min_width=max(map(len, _HEAD)))
    for column in ("value", "words it came from"):
        table.add_column(column, no_wrap=True, overflow="ellipsis", ratio=1)
    paged = any(span[2] for entry in words.values() for span in entry["spans"])
    if paged:
        table.add_column("page", no_wrap=True, justify="right")
    for field, value, pointer in rows(record, f"/records/{index}"):
        entry = words.get(pointer, {})
        quote = flat(entry.get("quote", ""))
        mark = " (altered)" if entry.get("verdict") == "altered" else ""
        page = [next((str(span[2]) for span in entry.get("spans", ()) if span[2]), "")] if paged else []
        table.add_row(Text(flat(field)), Text(flat(value)), Text(_around(quote, value, widest) + mark), *page)
    return table


def rows(record: JSON, root: str) -> Iterator[tuple[str, str, str]]:
    """Field, value and evidence pointer of everything that the record says."""
    if not set(_HEAD) <= record.keys():
        yield from ((key, str(value), f"{root}/{key}") for key, value in record.items())
        return
    if record["authority"]:
        yield "authority", record["authority"]["as_written"], f"{root}/authority"
    for field in _HEAD:
        value = record[field]
        if isinstance(value, list):
            yield from ((field, str(item), f"{root}/{field}/{index}") for index, item in enumerate(value))
        elif value is not None:
            basis = f" (by {record['framework_basis']})" if field == "framework" else ""
            yield field, f"{value}{basis}", f"{root}/{field}"
        elif field == "overall_grade":
            yield field, f"none: {record['overall_grade_absent']}", f"{root}/{field}"
    for field, form in _ITEMS.items():
        for index, item in enumerate(record[field]):
            said = {key: _UNSAID.get(key, "") if value in (None, "exact") else value for key, value in item.items()}
            yield field, form.format(**said).strip(" ,:"), f"{root}/{field}/{index}"


def _around(quote: str, value: str, widest: int) -> str:
    """As much of a long quote as fits, from a little before the value's own words."""
    key = max(value.replace(",", ":").split(":"), key=len).strip().lower()
    at = max(0, quote.lower().find(key[:20]))
    start = 0 if len(quote) <= widest or at < widest // 3 else quote.rfind(" ", 0, at - 10) + 1
    return ("…" if start else "") + _short(quote[start:], widest)


def _short(text: str, widest: int) -> str:
    return text if len(text) <= widest else f"{text[: widest - 1].rstrip()}…"


def listed(prompts: Iterable[Prompt], scores: Mapping[str, Any]) -> Table:
    """The prompts, and F1 on the primary fields with its 95% interval; a prompt changed since has no figure."""
    baseline = scores["sets"].get("dev", {}).get("baseline")
    table = Table("prompt", "about", "F1 on dev", "F1 on test", f"against {baseline}" if baseline else "verdict")
    for one in prompts:
        run = scores["runs"].get(one.name, {})
        known = run if run.get("sha256") == one.sha256 else {}
        mark = " (default)" if one.name == scores["default"] else ""
        figures = [_figure(known.get(name, {}).get("f1")) for name in ("dev", "test")]
        table.add_row(one.name + mark, one.about, *figures, known.get("dev", {}).get("verdict") or "–")
    return table


def _figure(f1: list[float | None] | None) -> str:
    if f1 is None or f1[0] is None:
        return "–"
    value, low, high = f1
    return f"{value:.3f}\n({low:.3f}–{high:.3f})"
