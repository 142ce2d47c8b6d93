"""What the offline engine reads of the inspection itself: known answers in data/inspection.toml, and a law of time."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from growing import growth

from extractor import dates
from extractor.derive import UNGRADED_TYPES
from extractor.document import Document
from extractor.domain import frameworks
from extractor.engines.offline.inspected.events import Events
from extractor.engines.offline.inspected.front import Front
from extractor.engines.offline.inspected.inspection import framework, inspectorates
from extractor.engines.offline.inspected.kinds import inspection_type
from extractor.engines.offline.inspected.leads import lead_inspectors
from extractor.engines.offline.reading import Found, Reading

KNOWN = tomllib.loads((Path(__file__).parent / "data" / "inspection.toml").read_text(encoding="utf-8"))
PUBLISHED = "2024-03-20"


def label(case: dict[str, Any]) -> str:
    return " ".join(str(case[key]) for key in ("text", "fieldwork", "published", "by") if key in case)[:80]


def reading_of(case: dict[str, Any]) -> Reading:
    return Reading.of(Document.from_text(case["text"], published=case.get("published", PUBLISHED)))


def events_of(reading: Reading) -> Events:
    kind = inspection_type(reading, Front.of(reading))
    return Events.of(reading, graded=kind is None or kind.values["value"] not in UNGRADED_TYPES)


def edtf(reading: Reading, found: Found | None, part: Any) -> str:
    if found is None:
        return ""
    quote = reading.document.text[slice(*found.spans[0])]
    assert found.values["words"] in quote
    settled = dates.resolve(found.values["words"], quote=quote, part=part, published=reading.document.published)
    return settled.edtf or ""


@pytest.mark.parametrize("case", KNOWN["events"], ids=label)
def test_each_date_is_the_date_of_its_own_event(case: dict[str, Any]) -> None:
    reading = reading_of(case)
    events = events_of(reading)
    assert [edtf(reading, events.start, "start"), edtf(reading, events.end, "end")] == case["days"]
    assert edtf(reading, events.published, "end") == case["report"]


@pytest.mark.parametrize("case", KNOWN["types"], ids=label)
def test_the_type_is_the_one_of_this_inspection(case: dict[str, Any]) -> None:
    reading = reading_of(case)
    found = inspection_type(reading, Front.of(reading))
    assert (found.values["value"] if found else "") == case["type"]


@pytest.mark.parametrize("case", KNOWN["frameworks"], ids=label)
def test_a_framework_is_named_by_its_name_alone(case: dict[str, Any]) -> None:
    reading = reading_of(case)
    found = framework(reading, Front.of(reading))
    assert (found.values["value"] if found else "") == case["framework"]


@pytest.mark.parametrize("case", KNOWN["shown"], ids=label)
def test_a_framework_is_shown_by_its_words_where_it_can_be(case: dict[str, Any]) -> None:
    among = frameworks.possible(case.get("fieldwork"), case.get("published"))
    assert (frameworks.shown_by(case["text"], among) or "") == case["gives"]


@pytest.mark.parametrize("case", KNOWN["dated"], ids=label)
def test_a_framework_is_told_by_its_days_and_its_inspectorates(case: dict[str, Any]) -> None:
    assert (frameworks.in_force(case["fieldwork"], case["by"]) or "") == case["gives"]


@pytest.mark.parametrize("case", KNOWN["leads"], ids=label)
def test_the_leads_are_those_who_led_the_inspection(case: dict[str, Any]) -> None:
    assert [found.values["value"] for found in lead_inspectors(reading_of(case))] == case["names"]


@pytest.mark.parametrize("case", KNOWN["inspectorates"], ids=label)
def test_the_inspectorates_are_those_who_inspected_together(case: dict[str, Any]) -> None:
    assert [found.values["value"] for found in inspectorates(reading_of(case))] == case["names"]


def test_a_report_prints_its_own_publication_and_an_article_its_own_date() -> None:
    report = reading_of({"text": "Inspection dates: 4 to 8 March 2024\nPublished: 18 March 2024\n"})
    article = reading_of({"text": "Good news\nPublished: 18 March 2024\n\nOfsted inspected in January."})
    assert edtf(report, events_of(report).published, "end") == "2024-03-18"
    assert events_of(article).published is None


@pytest.mark.parametrize(
    "piece", ["On 3 May Ofsted visited and ", "Lead inspector Ann Lee ", "led by the lead ", "focused visit in 2019, "]
)
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    def read(text: str) -> None:
        reading = Reading.of(Document.from_text(text))
        events_of(reading)
        lead_inspectors(reading)
        inspectorates(reading)

    assert growth(read, piece, 3_000) < 24  # 64 if by the square
