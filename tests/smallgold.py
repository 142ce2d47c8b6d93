"""A small gold set in a temporary folder, and a server's script that answers as its labels do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from fakeserver import Behaviour, Received, answer

from extractor.domain.authorities import councils_called

JSON = dict[str, Any]
COUNCILS = ("Leeds", "Bradford", "Salford", "Wakefield", "Sunderland", "Plymouth", "Nottingham")
PRICES = """
[fake]
input = 10.0
output = 100.0
most_output = 50
date = 2026-01-01
"""


def text_of(council: str) -> str:
    return (
        f"{council} City Council's children's services are rated good, Ofsted said in its report.\n\n"
        f"Inspectors were with {council} City Council from 6 March 2023 to 10 March 2023. "
        "They met 40 children in care.\n"
    )


def record_of(council: str) -> JSON:
    """The label of a document: its framework follows from the dates alone."""
    row = councils_called(council)[0]
    rated = f"{council} City Council's children's services are rated good"
    visit = f"Inspectors were with {council} City Council from 6 March 2023 to 10 March 2023"
    return {
        "authority": {
            "quote": rated,
            "name": row.name,
            "as_written": f"{council} City Council",
            "gss_code": row.gss_code,
            "la_code": row.la_code,
        },
        "provider": None,
        "inspectorates": [{"quote": "Ofsted said in its report", "value": "Ofsted"}],
        "inspection_type": None,
        "framework": "ILACS",
        "framework_basis": "dates",
        "inspection_start": {"quote": visit, "words": "6 March 2023", "value": "2023-03-06"},
        "inspection_end": {"quote": visit, "words": "10 March 2023", "value": "2023-03-10"},
        "report_published": None,
        "lead_inspectors": [],
        "overall_grade": {"quote": rated, "value": "good"},
        "overall_grade_absent": None,
        "outcome": None,
        "judgements": [],
        "previous_judgements": [],
        "claims": [],
        "counts": [],
        "people": [],
        "statements": [],
        "findings": [],
        "actions": [],
    }


def write_set(folder: Path, councils: tuple[str, ...] = COUNCILS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for council in councils:
        text, name = text_of(council), council.lower()
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
        label = {
            "id": name,
            "document_sha256": sha256(text.encode()).hexdigest(),
            "split": "dev",
            "labeller": "A",
            "date": "2026-11-22",
            "notes": "",
            "cluster": name,
            "records": [record_of(council)],
        }
        (folder / f"{name}.json").write_text(json.dumps(label), encoding="utf-8")
    return folder


def reply_of(council: str) -> JSON:
    """What a model says that gets all of the document right: nothing derived, dates as words."""
    record = record_of(council)
    for name in ("framework_basis", "overall_grade_absent"):
        del record[name]
    for name in ("name", "gss_code", "la_code"):
        del record["authority"][name]
    for name in ("inspection_start", "inspection_end"):
        del record[name]["value"]
    return {"records": [record | {"framework": None}]}


def council_in(received: Received) -> str:
    """The council whose document a request is about."""
    asked = json.dumps(received.body["messages"])
    return next(council for council in COUNCILS if f"with {council} City Council" in asked)


def answering(
    others: Mapping[str, Behaviour] | None = None, usage: Any = (1000, 20)
) -> Callable[[Received], Behaviour]:
    """A script that answers as the labels do, but for the councils that have a behaviour of their own."""

    def script(received: Received) -> Behaviour:
        council = council_in(received)
        return (others or {}).get(council) or answer(reply_of(council), usage=usage)

    return script
