"""What reports list, by rule, in drawn pages of every framework's layout: each item whole, and on its page."""

from __future__ import annotations

import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from extractor import Document, extract
from extractor.readers import read_bytes

JSON = dict[str, Any]

KNOWN: list[JSON] = tomllib.loads((Path(__file__).parent / "data" / "report_lists.toml").read_text("utf-8"))["report"]
UNDER_HEADINGS = {"finding.listed", "finding.listed-mixed", "finding.asked"}


def drawn(pages: list[str]) -> bytes:
    """A PDF with a line of print for each line of these pages."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for page in pages:
        canvas.setFont("Helvetica", 11)
        for number, line in enumerate(page.strip("\n").split("\n")):
            canvas.drawString(60, 790 - 16 * number, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def extraction_of(known: JSON) -> JSON:
    extraction: JSON = json.loads(extract(read_bytes(drawn(known["pages"]), "report.pdf")).model_dump_json())
    return extraction


def findings_of(known: JSON, *, listed: bool) -> list[JSON]:
    """The findings with their evidence: those under headings, or those that prose tells."""
    extraction = extraction_of(known)
    (record,) = extraction["records"]
    evidence = {one["field"]: one for one in extraction["evidence"]}
    found = [item | evidence[f"/records/0/findings/{index}"] for index, item in enumerate(record["findings"])]
    return [item for item in found if (item["basis"] in UNDER_HEADINGS) == listed]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known["what"].split(":")[0])
def test_these_items_and_no_other(known: JSON) -> None:
    found = findings_of(known, listed=True)
    assert [[item["kind"][:3], item["spans"][0][2], item["text"]] for item in found] == known["listed"]
    assert all(item["verdict"] == "verified" for item in found)
    assert [item["quote"] for item in found if ("…" in item["quote"]) != ("…" in item["text"])] == []


@pytest.mark.parametrize("known", [known for known in KNOWN if "told" in known], ids=lambda known: known["what"][:9])
def test_prose_tells_the_rest(known: JSON) -> None:
    assert [[item["kind"][:3], item["text"]] for item in findings_of(known, listed=False)] == known["told"]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known["what"].split(":")[0])
def test_the_outcome_is_the_inspectorate_s_own_sentence(known: JSON) -> None:
    (record,) = extraction_of(known)["records"]
    assert (record["outcome"] or "") == known.get("outcome", "")


SCRAPS = st.sampled_from(
    ["•", "•\n", "12.", "1.", "(a)", ":", "\n", "\n\n", "What needs to improve?\n", "Recommendations\n"]
)


@settings(max_examples=60)
@given(st.sampled_from(KNOWN), st.lists(st.tuples(st.floats(0, 1), SCRAPS, st.integers(0, 60)), max_size=12))
def test_a_damaged_report_is_read_and_its_findings_are_its_own_words(known: JSON, scraps: list[tuple]) -> None:
    text = "".join(known["pages"])
    for at, scrap, lost in scraps:
        place = int(at * len(text))
        text = text[:place] + scrap + text[place + lost :]
    document = Document.from_text(text)
    for record in extract(document).records:
        assert all(document.folded.first(piece) for one in record.findings for piece in one.text.split(" … "))
