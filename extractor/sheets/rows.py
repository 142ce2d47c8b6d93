"""An Extraction as the rows of sheets.toml: what it says, the words behind it, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from extractor.schemas.inspection import InspectionRecord

JSON = dict[str, Any]
Row = tuple[str, JSON]
"""A sheet's name, and a value for each of its columns that has one."""

RECORD = InspectionRecord.model_fields.keys()
ITEMS = (
    "judgements",
    "previous_judgements",
    "claims",
    "findings",
    "actions",
    "people",
    "statements",
    "counts",
)


def rows(extraction: JSON) -> Iterator[Row]:
    """Every row of one Extraction (as JSON data).

    Records of a caller's own schema have no sheet: their values are in the evidence, and a problem says so.
    """
    document = name(extraction)
    words = {entry["field"]: entry for entry in extraction["evidence"]}
    yield "documents", _document(extraction) | {"document": document}
    for index, record in enumerate(extraction["records"]):
        if is_inspection(record):
            yield from _record(record, f"/records/{index}", {"document": document, "record": index + 1}, words)
        else:
            told = "A record of another schema: its values are in the evidence only."
            yield "problems", {"document": document, "kind": "schema", "field": f"/records/{index}", "message": told}
    for entry in extraction["evidence"]:
        yield "evidence", _evidence(entry, extraction) | {"document": document}
    for problem in _problems(extraction):
        yield "problems", problem | {"document": document}


def name(extraction: JSON) -> str:
    """What the document is called: its path, or "text"."""
    return extraction["source"]["path"] or "text"


def is_inspection(record: Any) -> bool:
    """Whether a record (as JSON data) is an InspectionRecord and not one of a caller's own schema."""
    return isinstance(record, dict) and record.keys() == RECORD


def page(entry: JSON) -> int | None:
    """The page on which the words begin; null where the document has none, or no words are known."""
    spans = entry.get("spans")
    return spans[0][2] if spans else None


def _document(extraction: JSON) -> JSON:
    source, prompt = extraction["source"], extraction["prompt"] or {}
    return (
        {key: source[key] for key in ("pages", "published", "media_type", "sha256")}
        | {key: extraction[key] for key in ("engine", "model", "extractor_version")}
        | {"records": len(extraction["records"]), "prompt": prompt.get("name")}
    )


def _record(record: JSON, root: str, key: JSON, words: JSON) -> Iterator[Row]:
    council = record["authority"] or {}
    key = key | {"council": council.get("name")}
    row = key | {field: value for field, value in record.items() if field not in ITEMS}
    row |= {"gss_code": council.get("gss_code"), "la_code": council.get("la_code")}
    row |= {"authority": council.get("as_written")}
    for field in RECORD - set(ITEMS):
        pointers = [f"{root}/{field}"]
        if isinstance(row[field], list):
            pointers = [f"{root}/{field}/{index}" for index in range(len(row[field]))]
            row[field] = "; ".join(row[field])
        told = [words[pointer] for pointer in pointers if pointer in words]
        row[f"{field}_quote"] = " | ".join(dict.fromkeys(entry["quote"] for entry in told))
        row[f"{field}_page"] = page(told[0]) if told else None
    yield "inspections", row
    key |= {"inspection_start": record["inspection_start"], "framework": record["framework"]}
    for field in ITEMS:
        for index, item in enumerate(record[field]):
            entry = words.get(f"{root}/{field}/{index}", {})
            yield field, key | item | {"quote": entry.get("quote"), "page": page(entry)}


def _evidence(entry: JSON, extraction: JSON) -> JSON:
    spans = entry["spans"]
    return entry | {
        "value": _shown(pointed_at(extraction, entry["field"])),
        "page": page(entry),
        "start": spans[0][0] if spans else None,
        "end": spans[-1][1] if spans else None,
    }


def pointed_at(data: Any, pointer: str) -> Any:
    """What a JSON pointer points at; null where there is nothing."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            data = data[int(key)] if isinstance(data, list) else data[key]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return data


def _shown(value: Any) -> Any:
    """A value as one cell: of an item all that it says, of a council its name as written."""
    if isinstance(value, dict):
        value = value.get("as_written") or list(value.values())
    if isinstance(value, list):
        return "; ".join(str(part) for part in value if part is not None)
    return None if value is None else str(value)


def _problems(extraction: JSON) -> Iterator[JSON]:
    if extraction["error"]:
        yield {"kind": "failed", "code": extraction["error"]["type"], "message": extraction["error"]["message"]}
    elif not extraction["records"]:
        yield {"kind": "no inspection", "message": "No inspection of a council is reported in it."}
    for one in extraction["withheld"]:
        yield {
            "kind": "withheld",
            "field": one["field"],
            "value": _shown(one["value"]),
            "message": one["reason"],
            "model_quote": one["model_quote"],
        }
    for one in extraction["warnings"]:
        yield {"kind": "warning", "code": one["code"], "field": one["field"], "message": one["message"]}
