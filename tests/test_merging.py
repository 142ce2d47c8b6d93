"""Drafts of sections made into one: nothing lost, nothing twice, and no conflict settled without a word."""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from extractor import Document, InspectionRecord
from extractor.checking import Check, check
from extractor.delivery import deliver
from extractor.engines import Draft, Unshaped
from extractor.engines.merging import CONFLICT, Portion, merged, side_by_side
from extractor.engines.sections import Section
from extractor.schemas.extraction import Extraction
from extractor.schemas.wire import quoted, record_shape

JSON = dict[str, Any]

FIRST = """\
Inspection of Torbay Council children’s services, 4 to 15 March 2024, by Ofsted.
Overall effectiveness: good. The experiences and progress of care leavers: outstanding.
Ann Lee leads the service. Odile Penhaligon led the inspection.
"""
MIDDLE = """\
Social workers know their children well. Plans are late in 12 cases.
Overall, services for children in Torbay are inadequate. Services for care leavers require improvement.
Ann Lee, director of children’s services, has hired 12 social workers.
Leeds City Council was inspected from 3 to 7 June 2024 and judged good overall.
"""
LAST = """\
The monitoring visit to Torbay took place on 9 July 2025. Social workers know their children well.
Children’s services in Torbay were judged requires improvement overall, the inspectors wrote.
"""
DOCUMENT = Document.from_text(FIRST + MIDDLE + LAST)
SECTIONS = [
    Section(0, len(FIRST)),
    Section(len(FIRST), len(FIRST + MIDDLE), 80),
    Section(len(FIRST + MIDDLE), len(DOCUMENT.text), 80),
]
EMPTY: JSON = {
    name: [] if InspectionRecord.model_fields[name].default_factory else None
    for name in record_shape("wire").model_fields
}


def q(quote: str, **values: Any) -> JSON:
    return {"quote": quote, **values}


TORBAY = q("Inspection of Torbay Council children’s services", as_written="Torbay Council")
LEEDS = q("Leeds City Council was inspected from 3 to 7 June 2024", as_written="Leeds City Council")
GOOD = q("Overall effectiveness: good", value="good")
INADEQUATE = q("Overall, services for children in Torbay are inadequate", value="inadequate")
MIDDLING = q("judged requires improvement overall, the inspectors wrote", value="requires improvement")
OUTSTANDING = q(
    "The experiences and progress of care leavers: outstanding",
    area="The experiences and progress of care leavers",
    grade="outstanding",
)
WORSE = q("Services for care leavers require improvement", area="care leavers", grade="requires improvement")
FINDING = q("Social workers know their children well", kind="strength", text="Social workers know their children well")
LATE = q("Plans are late in 12 cases", kind="weakness", text="Plans are late in 12 cases")
LEE = q("Ann Lee leads the service", name="Ann Lee", role=None, organisation=None)
DIRECTOR = q(
    "Ann Lee, director of children’s services",
    name="Ann Lee",
    role="director of children’s services",
    organisation=None,
)
VISIT = q("The monitoring visit to Torbay took place on 9 July 2025", value="monitoring visit")
INVENTED = q("the cellar was praised to the skies by everybody there", value="outstanding")


def drafted(*records: JSON) -> Draft:
    """A section's draft of these records, each quote held against the document."""
    draft = Draft(records=[copy.deepcopy({**EMPTY, **record}) for record in records])
    draft.checks = {
        where: check(DOCUMENT, where.split("/")[3], item) for where, item in quoted(draft.records, "/records")
    }
    return draft


def together(*drafts: Draft) -> Draft:
    """The sections' drafts, in the order of the sections, as one."""
    return merged(DOCUMENT, [Portion(*pair) for pair in zip(SECTIONS, drafts, strict=False)])


def delivered(draft: Draft) -> Extraction:
    made = deliver(DOCUMENT, draft, InspectionRecord, published=None, verified_only=False)
    return Extraction(
        source={"path": None}, engine="llm", records=made.records, evidence=made.evidence, withheld=made.withheld,
        warnings=made.warnings,
    )  # fmt: skip


def of(extraction: Extraction, name: str) -> Any:
    (record,) = extraction.records
    return getattr(record, name)


def codes(extraction: Extraction) -> list[str]:
    return [warning.code for warning in extraction.warnings]


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

POOL: dict[str, Sequence[Any]] = {
    "authority": [None, TORBAY, LEEDS, q("nobody ever saw this council at all", as_written="Atlantis Council")],
    "overall_grade": [None, GOOD, INADEQUATE, MIDDLING, INVENTED],
    "inspection_type": [None, VISIT],
    "inspection_start": [
        None,
        q("4 to 15 March 2024, by Ofsted", words="4 to 15 March 2024"),
        q("inspected from 3 to 7 June 2024", words="3 to 7 June 2024"),
    ],
    "judgements": [OUTSTANDING, WORSE],
    "findings": [
        FINDING,
        LATE,
        q("nothing of this kind is printed there", kind="strength", text="nothing of the kind"),
    ],
    "people": [LEE, DIRECTOR],
}


@st.composite
def records(draw: st.DrawFn) -> JSON:
    lists = {name for name in POOL if EMPTY[name] == []}
    return {
        name: draw(st.lists(st.sampled_from(POOL[name]), max_size=2) if name in lists else st.sampled_from(POOL[name]))
        for name in POOL
    }


drafts = st.lists(st.lists(records(), max_size=2).map(lambda told: drafted(*told)), min_size=1, max_size=3)


@given(drafts)
def test_one_section_alone_stays_as_it_is(told: list[Draft]) -> None:
    draft = told[0]
    draft.unshaped = [Unshaped("/records/0/counts/0", {"value": "many"}, "no number")]
    draft.warnings = [("reask_failed", None, "no reply"), ("odd", "/records/0", "so it is")]
    assert together(copy.deepcopy(draft)) == draft


@given(drafts, st.randoms(use_true_random=False))
def test_the_order_in_which_sections_come_in_changes_nothing(told: list[Draft], chance: random.Random) -> None:
    portions = [Portion(*pair) for pair in zip(SECTIONS, told, strict=False)]
    expected = merged(DOCUMENT, portions)
    chance.shuffle(portions)
    assert merged(DOCUMENT, portions) == expected


@given(drafts)
def test_nothing_is_delivered_without_a_quote_and_nothing_lost_without_a_word(told: list[Draft]) -> None:
    draft = together(*copy.deepcopy(told))
    assert {where for where, _ in quoted(draft.records, "/records")} == set(draft.checks)
    extraction = delivered(draft)
    shown = {entry.field: entry for entry in extraction.evidence}
    for index, record in enumerate(extraction.model_dump(mode="json")["records"]):
        for name in POOL:
            value = record[name]
            places = (
                [f"{name}/{at}" for at in range(len(value))]
                if isinstance(value, list)
                else [name] * (value is not None)
            )
            for place in places:
                entry = shown[f"/records/{index}/{place}"]
                assert entry.quote == " … ".join(DOCUMENT.text[start:end] for start, end, _ in entry.spans)
    for one in told:
        for where, item in quoted(one.records, "/records"):
            assert _is_known(item, draft), (where, item)


def _is_known(item: JSON, draft: Draft) -> bool:
    """Whether a value is in the merged draft, or is named among what gave way."""
    said = {key: value for key, value in item.items() if key not in ("quote", "role", "as_written", "area")}
    known = [kept for _, kept in quoted(draft.records, "/records")] + [piece.value for piece in draft.unshaped]
    return any(said.items() <= other.items() for other in known)


# ── which records are one inspection's ───────────────────────────────────────────────────────────────────────────────


def test_records_of_one_council_are_one_inspection() -> None:
    extraction = delivered(
        together(
            drafted({"authority": TORBAY, "overall_grade": GOOD}),
            drafted({"authority": q("services for children in Torbay", as_written="Torbay"), "findings": [LATE]}),
        )
    )
    assert of(extraction, "authority").as_written == "Torbay Council"
    assert of(extraction, "overall_grade") == "good"
    assert [finding.kind for finding in of(extraction, "findings")] == ["weakness"]
    assert extraction.warnings == []


def test_records_of_two_councils_stay_two_and_one_without_a_council_goes_to_the_last_told() -> None:
    draft = together(drafted({"authority": TORBAY}), drafted({"authority": LEEDS}), drafted({"findings": [FINDING]}))
    assert [(record["authority"]["as_written"], len(record["findings"])) for record in draft.records] == [
        ("Torbay Council", 0),
        ("Leeds City Council", 1),
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"inspection_type": VISIT},
        {"inspection_start": q("took place on 9 July 2025", words="9 July 2025")},
        {"provider": q("The monitoring visit to Torbay", value="Torbay")},
    ],
    ids=["kind of visit", "first day", "provider"],
)
def test_what_tells_two_inspections_of_one_council_apart_keeps_them_apart(other: JSON) -> None:
    first = {
        "authority": TORBAY,
        "inspection_type": q("Inspection of Torbay Council children’s services", value="full"),
        "inspection_start": q("4 to 15 March 2024, by Ofsted", words="4 to 15 March 2024"),
        "provider": q("Ann Lee leads the service", value="the service"),
    }
    assert len(together(drafted(first), drafted({"authority": TORBAY})).records) == 1
    assert len(together(drafted(first), drafted({"authority": TORBAY, **other})).records) == 2


def test_two_records_of_one_section_are_never_one() -> None:
    one, other = ({"authority": TORBAY, "findings": [finding]} for finding in (FINDING, LATE))
    draft = together(drafted(one, other), drafted(one, other))
    assert [[finding["kind"] for finding in record["findings"]] for record in draft.records] == [
        ["strength"],
        ["weakness"],
    ]


def test_a_council_that_is_nowhere_tells_nothing_apart_and_is_withheld() -> None:
    atlantis = q("nobody ever saw this council at all", as_written="Atlantis Council")
    extraction = delivered(
        together(drafted({"authority": TORBAY}), drafted({"authority": atlantis, "findings": [LATE]}))
    )
    assert of(extraction, "authority").name == "Torbay"
    assert [entry.value["as_written"] for entry in extraction.withheld] == ["Atlantis Council"]


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_item_that_two_sections_give_is_kept_once_and_one_that_one_section_gives_twice_stays_twice() -> None:
    draft = together(drafted({"findings": [FINDING, FINDING]}), drafted({"findings": [FINDING, LATE]}))
    assert [finding["kind"] for finding in draft.records[0]["findings"]] == ["strength", "strength", "weakness"]


def test_of_two_that_say_the_same_the_better_shown_is_kept() -> None:
    absent = {**FINDING, "quote": "the social workers there were said to know them"}
    draft = together(drafted({"findings": [absent]}), drafted({"findings": [FINDING]}))
    (kept,) = draft.records[0]["findings"]
    assert kept["quote"] == FINDING["quote"]


def test_a_person_said_with_a_role_is_the_one_said_without() -> None:
    draft = together(drafted({"people": [LEE]}), drafted({"people": [DIRECTOR]}))
    assert [person["role"] for person in draft.records[0]["people"]] == ["director of children’s services"]


def test_the_same_words_read_longer_by_another_section_are_one_finding() -> None:
    longer = {**LATE, "quote": "Plans are late in 12 cases.", "text": "Plans are late in 12"}
    draft = together(drafted({"findings": [longer]}), drafted({"findings": [LATE]}))
    assert len(draft.records[0]["findings"]) == 1


def test_two_findings_out_of_one_sentence_stay_two() -> None:
    sentence = "Ann Lee, director of children’s services, has hired 12 social workers"
    one, other = (
        q(sentence, kind="strength", text=text) for text in ("director of children’s services", "has hired 12")
    )
    draft = together(drafted({"findings": [one]}), drafted({"findings": [other]}))
    assert len(draft.records[0]["findings"]) == 2


# ── conflicts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_grade_of_the_beginning_wins_over_a_later_one_with_a_warning() -> None:
    extraction = delivered(
        together(
            drafted({"authority": TORBAY, "overall_grade": GOOD}),
            drafted({"authority": TORBAY, "overall_grade": INADEQUATE}),
        )
    )
    assert of(extraction, "overall_grade") == "good"
    (warning,) = extraction.warnings
    assert (warning.code, warning.field) == (CONFLICT, "/records/0/overall_grade")
    for told in (GOOD, INADEQUATE):
        assert told["value"] in warning.message
        assert told["quote"] in warning.message
    assert [entry.value["value"] for entry in extraction.withheld] == ["inadequate"]


def test_grades_that_both_stand_later_are_both_withheld() -> None:
    extraction = delivered(
        together(
            drafted({"authority": TORBAY}), drafted({"overall_grade": INADEQUATE}), drafted({"overall_grade": MIDDLING})
        )
    )
    assert codes(extraction) == [CONFLICT]
    assert of(extraction, "overall_grade") is None
    assert {entry.value["value"] for entry in extraction.withheld} == {"inadequate", "requires improvement"}


def test_a_grade_that_does_not_stand_is_no_conflict_but_is_withheld() -> None:
    extraction = delivered(together(drafted({"overall_grade": GOOD}), drafted({"overall_grade": INVENTED})))
    assert of(extraction, "overall_grade") == "good"
    assert extraction.warnings == []
    assert [entry.value["value"] for entry in extraction.withheld] == ["outstanding"]


def test_a_grade_that_stands_replaces_one_of_the_same_value_that_does_not() -> None:
    extraction = delivered(
        together(drafted({"overall_grade": {**INVENTED, "value": "good"}}), drafted({"overall_grade": GOOD}))
    )
    assert of(extraction, "overall_grade") == "good"
    assert extraction.withheld == []


def test_two_grades_of_one_area_are_settled_by_the_beginning() -> None:
    extraction = delivered(together(drafted({"judgements": [OUTSTANDING]}), drafted({"judgements": [WORSE]})))
    assert [item.grade for item in of(extraction, "judgements")] == ["outstanding"]
    assert codes(extraction) == [CONFLICT]
    assert [entry.value["grade"] for entry in extraction.withheld] == ["requires improvement"]


def test_grades_of_one_area_that_the_beginning_itself_leaves_open_are_withheld() -> None:
    good = q("The experiences and progress of care leavers: outstanding", area="care leavers", grade="good")
    again = q("Services for care leavers require improvement", area="care leavers", grade="requires improvement")
    third = Draft(records=[{**EMPTY, "judgements": [good]}])
    third.checks = {"/records/0/judgements/0": check(DOCUMENT, "judgements", OUTSTANDING)}
    extraction = delivered(together(drafted({"findings": [LATE], "judgements": [OUTSTANDING, again]}), third))
    assert of(extraction, "judgements") == []
    assert len(extraction.withheld) == 3


def test_another_single_value_is_the_first_that_is_surely_shown() -> None:
    ends = [q("4 to 15 March 2024, by Ofsted", words="15 March 2024"), q("3 to 7 June 2024", words="7 June 2024")]
    extraction = delivered(
        together(drafted({}), *(drafted({"authority": TORBAY, "inspection_end": end}) for end in ends))
    )
    assert of(extraction, "inspection_end") == "2024-03-15"
    assert codes(extraction) == [CONFLICT]


def test_dates_that_can_both_be_true_are_no_conflict_and_the_more_exact_is_kept() -> None:
    dates = [q("4 to 15 March 2024, by Ofsted", words="March 2024"), q("4 to 15 March 2024", words="15 March 2024")]
    extraction = delivered(together(*(drafted({"inspection_end": date}) for date in dates)))
    assert of(extraction, "inspection_end") == "2024-03-15"
    assert extraction.warnings == []


# ── a schema of the caller's own ─────────────────────────────────────────────────────────────────────────────────────


class Row(BaseModel):
    """A record that itself has a quote."""

    quote: str
    kind: str


def test_records_of_another_schema_stand_side_by_side_twins_once() -> None:
    told = [Draft(records=[FINDING, LATE]), Draft(records=[LATE, q("Ann Lee leads the service", kind="x")])]
    for draft in told:
        draft.checks = {where: check(DOCUMENT, "", item) for where, item in quoted(draft.records, "/records")}
        draft.warnings = [("reask_failed", None, "no reply")]
    told[0].checks["/records/1"] = Check("absent", "unknown")  # the first section does not have these words
    told[1].unshaped = [Unshaped("/records/1/kind", 3, "no text")]
    draft = side_by_side([Portion(*pair) for pair in zip(SECTIONS, told, strict=False)])
    assert [record["kind"] for record in draft.records] == ["strength", "weakness", "x"]
    assert set(draft.checks) == {"/records/0", "/records/1", "/records/2"}
    assert draft.checks["/records/2"].quote == "Ann Lee leads the service"
    assert draft.checks["/records/1"].delivered
    assert [piece.field for piece in draft.unshaped] == ["/records/2/kind"]
    assert draft.warnings == [("reask_failed", None, "no reply")]
