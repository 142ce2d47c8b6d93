"""What the rules found as a draft: each record in the wire shape, each item checked like a model's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extractor.checking import check_spans
from extractor.document import Document
from extractor.engines import Draft
from extractor.engines.offline.reading import Fields, Found


def draft(document: Document, records: Sequence[Fields]) -> Draft:
    """The records in the wire shape, each item checked like a model's."""
    made = Draft(records=[{} for _ in records])
    for number, (record, fields) in enumerate(zip(made.records, records, strict=True)):
        for name, value in fields.items():
            place = f"/records/{number}/{name}"
            if isinstance(value, Found):
                record[name] = _item(document, made, name, place, value)
            elif value is None:
                record[name] = None
            else:
                record[name] = [_item(document, made, name, f"{place}/{index}", one) for index, one in enumerate(value)]
    return made


def _item(document: Document, made: Draft, name: str, pointer: str, found: Found) -> dict[str, Any]:
    checked = check_spans(document, name, found.values, found.spans, basis=found.rule)
    made.checks[pointer] = checked
    return {"quote": checked.quote, **found.values}
