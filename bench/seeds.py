"""Right of total, field by field, of the offline engine on labelled documents: bench/seeds.py DIR."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from extractor import Extraction, extract
from extractor.folding import fold

JSON = dict[str, Any]
Key = Callable[[JSON], Any]

SCALARS = ("framework", "framework_basis", "inspection_type", "inspection_start", "inspection_end", "report_published")
LISTS: dict[str, Key] = {
    "inspectorates": lambda item: item,
    "lead_inspectors": lambda item: item,
    "judgements": lambda item: (item["area_code"] or fold(item["area"]).lower(), item["grade"]),
    "previous_judgements": lambda item: (item["area"] and fold(item["area"]).lower(), item["grade"], item["date"]),
    "claims": lambda item: (item["speaker"], item["grade"]),
    "counts": lambda item: (item["value"], item["unit"], item["qualifier"], item["as_of"], item["scope"]),
    "people": lambda item: (item["name"], item["role"], item["organisation"]),
    "statements": lambda item: (item["speaker"], fold(item["text"]).lower(), item["direct"]),
    "findings": lambda item: (item["kind"], frozenset(fold(item["text"]).lower().split())),
    "actions": lambda item: (item["status"], frozenset(fold(item["text"]).lower().split())),
}
LOOSE = ("findings", "actions")  # matched on most of their words


def main(folder: Path) -> None:
    """Print a table of right, labelled and wrongly added values, and what differs."""
    right: Counter[str] = Counter()
    labelled: Counter[str] = Counter()
    added: Counter[str] = Counter()
    for path in sorted(folder.glob("*.json")):
        gold = json.loads(path.read_text())
        extraction: Extraction = extract(path.with_suffix(".txt"))
        told = extraction.model_dump(mode="json")["records"]
        for wanted, found in zip(gold["records"], told, strict=False):
            compare(path.stem, wanted, found, right, labelled, added)
    table = Table("field", "right", "of", "added", title="offline engine against the labels")
    for field in labelled | added:
        table.add_row(field, str(right[field]), str(labelled[field]), str(added[field]))
    Console().print(table)


def compare(
    name: str, wanted: JSON, found: JSON, right: Counter[str], labelled: Counter[str], added: Counter[str]
) -> None:
    """Count one record's fields; print each difference."""
    scalars = {field: (plain(wanted[field]), found[field]) for field in SCALARS}
    scalars["authority"] = ((wanted["authority"] or {}).get("gss_code"), (found["authority"] or {}).get("gss_code"))
    scalars["overall_grade, or why none"] = tuple(
        plain(record["overall_grade"]) or record["overall_grade_absent"] for record in (wanted, found)
    )
    for field, (one, other) in scalars.items():
        labelled[field] += 1
        right[field] += one == other
        if one != other:
            print(f"{name} {field}: labelled {one!r}, got {other!r}")
    for field, key in LISTS.items():
        gold = [key(plain(item)) for item in wanted[field]]
        got = [key(item) for item in found[field]]
        for item in gold:
            match = next((other for other in got if same(field, item, other)), None)
            labelled[field] += 1
            right[field] += match is not None
            if match is None:
                print(f"{name} {field}: missed {item}")
            else:
                got.remove(match)
        added[field] += len(got)
        for item in got:
            print(f"{name} {field}: added {item}")


def plain(item: Any) -> Any:
    """A gold item's value, without its quote."""
    return item["value"] if isinstance(item, dict) and "value" in item and "measure" not in item else item


def same(field: str, one: Any, other: Any) -> bool:
    """Whether two keys are the same value; findings and actions where most of their words are."""
    if field not in LOOSE:
        return bool(one == other)
    shared = len(one[1] & other[1])
    return one[0] == other[0] and shared >= 0.6 * min(len(one[1]), len(other[1]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
