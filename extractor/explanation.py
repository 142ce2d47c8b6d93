"""A document's text beside what was read in it: each passage with its values, and the rule that read each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from extractor.display import beside, rows
from extractor.document import Document, Span
from extractor.terminal import flat, plain

JSON = dict[str, Any]

_MARKED = "bold underline"
_FEWEST_FOLDED = 4
"""Lines without a value are folded into one from this many on."""


@dataclass(frozen=True)
class _Value:
    """One value with the spans that show it; `rule` is the rule's name, or the verdict on a model's quote."""

    field: str
    value: str
    rule: str
    spans: tuple[Span, ...]


def explained(document: Document, extraction: JSON, *, whole: bool = False) -> RenderableType:
    """The text, its values and their rules side by side; `whole` also shows every line that has no value.

    `extraction` is the document's Extraction as JSON data. Below stand the values that code derived, what was
    withheld and what was warned of.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=True, show_lines=True)
    table.add_column("text", ratio=4)
    table.add_column(_side_by_side(("value", "rule")), ratio=5)
    for span, values in _passages(document, _values(extraction)):
        if values:
            said = [(f"{value.field}: {value.value}", value.rule) for value in values]
            table.add_row(_text(document, span, values), _side_by_side(*said))
        elif whole or document.text.count("\n", *span) < _FEWEST_FOLDED:
            table.add_row(Text(plain(document.text[slice(*span)]).strip("\n"), style="dim"), "")
        else:
            table.add_row(Text(f"… {document.text.count(chr(10), *span)} lines without a value", style="dim"), "")
    derived = [Text(flat(f"derived {line}"), style="green") for line in _derived(extraction)]
    return Group(table, *derived, *beside(extraction))


def _side_by_side(*told: tuple[str, str]) -> Table:
    """Values and their rules, each rule beside its value however long that is."""
    grid = Table.grid("", "", expand=True, padding=(0, 2, 0, 0))
    grid.columns[0].ratio, grid.columns[1].ratio = 3, 2
    grid.columns[1].overflow = "fold"  # a rule's name is one word
    for value, rule in told:
        grid.add_row(Text(plain(value)), Text(rule, style="cyan"))
    return grid


def _values(extraction: JSON) -> list[_Value]:
    """Every value that has evidence, in the order of the text."""
    evidence = {entry["field"]: entry for entry in extraction["evidence"]}
    several = len(extraction["records"]) > 1
    found = []
    for index, record in enumerate(extraction["records"]):
        for field, value, pointer in rows(record, f"/records/{index}"):
            entry = evidence.get(pointer)
            if entry:
                spans = tuple((start, end) for start, end, _ in entry["spans"])
                name = f"{index + 1} {field}" if several else field
                found.append(_Value(name, value, entry["basis"] or entry["verdict"], spans))
    return sorted(found, key=lambda value: value.spans)


def _passages(document: Document, values: list[_Value]) -> Iterator[tuple[Span, list[_Value]]]:
    """The text in runs of whole lines, each with the values whose first span begins in it."""
    position = 0
    waiting = list(values)
    while waiting:
        start = document.text.rfind("\n", 0, waiting[0].spans[0][0]) + 1
        end = start
        here: list[_Value] = []
        while waiting and (waiting[0].spans[0][0] < end or not here):
            here.append(waiting.pop(0))
            end = max(end, _line_end(document.text, here[-1].spans[0][1]))
        if document.text[position:start].strip():
            yield (position, start), []
        yield (start, end), here
        position = end
    if document.text[position:].strip():
        yield (position, len(document.text)), []


def _line_end(text: str, offset: int) -> int:
    found = text.find("\n", offset)
    return len(text) if found < 0 else found + 1


def _text(document: Document, span: Span, values: list[_Value]) -> Text:
    """The run's text with the values' own passages marked."""
    shown = Text(plain(document.text[slice(*span)]).rstrip("\n"))
    for value in values:
        for start, end in value.spans:
            shown.stylize(_MARKED, max(0, start - span[0]), max(0, min(end, span[1]) - span[0]))
    return shown


def _derived(extraction: JSON) -> Iterator[str]:
    """What no passage says and code added, with its basis."""
    for index, record in enumerate(extraction["records"]):
        place = f"{index + 1} " if len(extraction["records"]) > 1 else ""
        council = record["authority"] or {}
        if council.get("name"):
            yield f"{place}authority: {council['name']}, {council['gss_code']} (the register of councils)"
        if record["framework_basis"] in ("areas", "dates"):
            yield f"{place}framework: {record['framework']} (by {record['framework_basis']})"
        if record["overall_grade_absent"]:
            yield f"{place}overall_grade: none, {record['overall_grade_absent']}"
        for field in ("inspection_start", "inspection_end", "report_published"):
            if record[field]:
                yield f"{place}{field}: {record[field]} (from the words marked above)"
        for item in record["judgements"]:
            if item["area_code"]:
                yield f"{place}area: {item['area']} is {item['area_code']} (the register of areas)"
