"""What is delivered: every value has its words, what is withheld has none, and what code derives follows its rules."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from extractor import Document, Extraction, InspectionRecord
from extractor.checking import check
from extractor.delivery import Delivery, deliver
from extractor.engines import Draft, Unshaped
from extractor.engines.offline import read as read_offline
from extractor.readers import read
from extractor.schemas.extraction import Source
from extractor.schemas.wire import quoted

JSON = dict[str, Any]

HERE = Path(__file__).parent
EXAMPLES = sorted(path for path in (HERE.parent / "examples").glob("*") if path.suffix in (".txt", ".pdf"))
SEEDS = sorted((HERE.parent.parent / "shared" / "seeds").glob("*.txt"))
ARTICLE = HERE / "data" / "llm" / "article.txt"
REPLY: JSON = json.loads((HERE / "data" / "llm" / "reply.json").read_text(encoding="utf-8"))

EMPTY: JSON = {
    name: [] if info.default_factory else None for name, info in InspectionRecord.model_fields.items()
}  # fmt: skip
PARTS = {"role", "organisation"}
"""Parts that are withheld alone, while their item is delivered."""


def draft_of(document: Document, record: JSON) -> Draft:
    """The draft of one record in the wire shape, each quote checked."""
    draft = Draft(records=[record])
    for where, item in quoted(draft.records, "/records"):
        draft.checks[where] = check(document, where.split("/")[3], item)
    return draft


def delivered(text: str, *, published: str | None = None, **fields: Any) -> Delivery:
    """What is delivered of a record with these fields, in the wire shape."""
    document = Document.from_text(text)
    return deliver(
        document,
        draft_of(document, copy.deepcopy(EMPTY) | fields),
        InspectionRecord,
        published=published,
        verified_only=False,
    )


def record(delivery: Delivery) -> JSON:
    (only,) = delivery.records
    return only.model_dump(mode="json")


def codes(delivery: Delivery) -> set[str]:
    return {warning.code for warning in delivery.warnings}


def at(tree: Any, pointer: str) -> Any:
    """What stands at a JSON pointer."""
    for step in pointer.split("/")[1:]:
        tree = tree[int(step)] if isinstance(tree, list) else tree[step]
    return tree


def bad_reply() -> JSON:
    """The full reply with an altered, an invented and a contradicting item in it."""
    reply = copy.deepcopy(REPLY["records"][0])
    reply["findings"][0]["quote"] = "Social workers know the children well and visit them often"
    reply["findings"][1]["quote"] = "Nobody in the borough has ever heard of an assessment"
    reply["judgements"][0]["grade"] = "good"
    reply["people"][0]["organisation"] = "Blackpool Zoo"
    return reply


DRAFTS: dict[str, tuple[Path, JSON | None]] = {
    **{path.name: (path, None) for path in [*EXAMPLES, *SEEDS]},
    "a model's good reply": (ARTICLE, REPLY["records"][0]),
    "a model's bad reply": (ARTICLE, bad_reply()),
}


@pytest.fixture(params=DRAFTS.values(), ids=DRAFTS.keys())
def drafted(request: pytest.FixtureRequest) -> tuple[Document, Draft]:
    """Each document with a draft of it: the offline engine's, or a model's reply."""
    path, reply = request.param
    document = read(path)
    return document, draft_of(document, copy.deepcopy(reply)) if reply else read_offline(document)


def told(document: Document, draft: Draft, *, verified_only: bool = False) -> JSON:
    """The delivery as the JSON of an Extraction."""
    delivery = deliver(document, copy.deepcopy(draft), InspectionRecord, published=None, verified_only=verified_only)
    extraction = Extraction(
        source=Source(path=document.path),
        engine="offline",
        records=delivery.records,
        evidence=delivery.evidence,
        withheld=delivery.withheld,
        warnings=delivery.warnings,
    )
    data: JSON = json.loads(extraction.model_dump_json())
    return data


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

DERIVED = {"framework_basis", "overall_grade_absent"}


def said_or_chosen(data: JSON) -> set[str]:
    """The pointer of every delivered value that must have words: scalars that are not null, and list items."""
    pointers = set()
    for number, one in enumerate(data["records"]):
        for name, value in one.items():
            place = f"/records/{number}/{name}"
            if isinstance(value, list):
                pointers |= {f"{place}/{index}" for index in range(len(value))}
            elif value is not None and name not in DERIVED:
                pointers.add(place)
        if one["framework_basis"] in ("areas", "dates"):
            pointers.discard(f"/records/{number}/framework")
    return pointers


def test_every_delivered_value_has_exactly_one_entry_of_evidence(drafted: tuple[Document, Draft]) -> None:
    data = told(*drafted)
    dated = {f"/records/0/{name}" for name in ("inspection_start", "inspection_end", "report_published")}
    fields = Counter(entry["field"] for entry in data["evidence"])
    assert set(fields.values()) <= {1}
    assert said_or_chosen(data) - set(fields) == set()
    assert set(fields) - said_or_chosen(data) <= dated  # a date whose words give none keeps its words


def test_every_pointer_resolves_and_every_quote_is_the_text_at_its_spans(drafted: tuple[Document, Draft]) -> None:
    document, _ = drafted
    data = told(*drafted)
    assert data["evidence"]
    for entry in data["evidence"]:
        at(data, entry["field"])
        pieces = [document.text[start:end] for start, end, _ in entry["spans"]]
        rest = entry["quote"]
        for piece in pieces:
            assert piece.strip(), entry
            assert piece in rest, entry
            rest = rest.split(piece, 1)[1]
        assert len(entry["quote"]) - sum(map(len, pieces)) <= 3 * (len(pieces) - 1), entry
        assert all(page == document.page_of(start) for start, _, page in entry["spans"])


def test_nothing_is_dropped_without_a_word(drafted: tuple[Document, Draft]) -> None:
    document, draft = drafted
    data = told(document, draft)
    whole = [entry for entry in data["withheld"] if entry["field"].rsplit("/", 1)[1] not in PARTS]
    assert len(data["evidence"]) + len(whole) == len(draft.checks)
    assert all(entry["reason"] for entry in data["withheld"])


def test_verified_only_delivers_verified_values_with_support_and_counts_the_rest(
    drafted: tuple[Document, Draft],
) -> None:
    document, draft = drafted
    data = told(document, draft, verified_only=True)
    assert {(entry["verdict"], entry["support"]) for entry in data["evidence"]} <= {("verified", "yes")}
    whole = [entry for entry in data["withheld"] if entry["field"].rsplit("/", 1)[1] not in PARTS]
    assert len(data["evidence"]) + len(whole) == len(draft.checks)


def test_every_unknown_support_has_its_warning(drafted: tuple[Document, Draft]) -> None:
    data = told(*drafted)
    unknown = {entry["field"] for entry in data["evidence"] if entry["support"] == "unknown"}
    assert unknown == {entry["field"] for entry in data["warnings"] if entry["code"] == "support_unknown"}


def test_the_evidence_of_an_item_after_a_withheld_one_points_at_that_item() -> None:
    data = told(read(ARTICLE), draft_of(read(ARTICLE), bad_reply()))
    grades = {entry["field"]: entry["quote"] for entry in data["evidence"] if "/judgements/" in entry["field"]}
    assert [item["grade"] for item in data["records"][0]["judgements"]] == ["good", "requires improvement"]
    for field, quote in grades.items():
        assert at(data, field)["area"] in quote


def test_what_was_withheld_is_nowhere_in_the_record() -> None:
    data = told(read(ARTICLE), draft_of(read(ARTICLE), bad_reply()))
    assert len(data["withheld"]) == 3
    assert "Blackpool Zoo" not in json.dumps([data["records"], data["evidence"]])
    assert "ever heard of an assessment" not in json.dumps([data["records"], data["evidence"]])
    altered = next(entry for entry in data["evidence"] if entry["verdict"] == "altered")
    assert altered["model_quote"] == "Social workers know the children well and visit them often"


def test_a_piece_that_had_no_shape_is_withheld_with_its_problem() -> None:
    document = read(ARTICLE)
    draft = Draft(unshaped=[Unshaped("/records/0/counts/3", {"quote": "some words", "value": "x"}, "no number")])
    delivery = deliver(document, draft, InspectionRecord, published=None, verified_only=False)
    (withheld,) = delivery.withheld
    assert (withheld.field, withheld.model_quote, withheld.reason) == ("/records/0/counts/3", "some words", "no number")


# ── the JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────

RECORD = [
    "authority", "provider", "inspectorates", "inspection_type", "framework", "framework_basis", "inspection_start",
    "inspection_end", "report_published", "lead_inspectors", "overall_grade", "overall_grade_absent", "outcome",
    "judgements", "previous_judgements", "claims", "counts", "people", "statements", "findings", "actions",
]  # fmt: skip
KEYS: dict[str, list[str]] = {
    "": [
        "schema_version", "extractor_version", "source", "engine", "model", "endpoint", "prompt", "parameters",
        "records", "evidence", "withheld", "warnings", "usage", "error",
    ],
    "/source": ["path", "sha256", "text_sha256", "reader", "media_type", "pages", "published"],
    "/records/0": RECORD,
    "/records/0/authority": ["name", "as_written", "gss_code", "la_code"],
    "/records/0/judgements/0": ["area", "area_code", "grade"],
    "/records/0/previous_judgements/0": ["area", "grade", "date"],
    "/records/0/claims/0": ["speaker", "area", "grade"],
    "/records/0/counts/0": ["measure", "measure_code", "value", "qualifier", "unit", "as_of", "scope"],
    "/records/0/people/0": ["name", "role", "organisation"],
    "/records/0/statements/0": ["speaker", "text", "direct"],
    "/records/0/findings/0": ["kind", "text"],
    "/records/0/actions/0": ["text", "status"],
    "/evidence/0": ["field", "quote", "spans", "verdict", "support", "model_quote", "basis"],
    "/withheld/0": ["field", "value", "model_quote", "nearest", "reason"],
}  # fmt: skip


@pytest.mark.parametrize("pointer", KEYS)
def test_the_json_has_exactly_the_keys_of_the_design_in_its_order(pointer: str) -> None:
    reply = bad_reply()
    reply["findings"].append(REPLY["records"][0]["findings"][0])
    data = told(read(ARTICLE), draft_of(read(ARTICLE), reply))
    assert list(at(data, pointer)) == KEYS[pointer]


def test_an_extraction_of_inspection_records_reads_back_from_its_json(drafted: tuple[Document, Draft]) -> None:
    data = told(*drafted)
    assert json.loads(Extraction.model_validate_json(json.dumps(data)).model_dump_json()) == data


# ── what code derives ────────────────────────────────────────────────────────────────────────────────────────────────

LEADERS = {
    "quote": "the impact of leaders on social work practice was judged good",
    "area": "the impact of leaders on social work practice",
    "grade": "good",
}
SAFE = {
    "quote": "the overall effectiveness of safeguarding services was judged adequate",
    "area": "the overall effectiveness of safeguarding services",
    "grade": "adequate",
}
OFSTED = {"quote": "the council was inspected by Ofsted", "value": "Ofsted"}


def dated(words: str) -> JSON:
    return {"quote": f"inspectors visited the council in {words} for two weeks", "words": words}


def sentence(item: JSON) -> str:
    return f"{item['quote'][0].upper()}{item['quote'][1:]}.\n"


FRAMEWORKS: list[tuple[JSON, tuple[str | None, str | None]]] = [
    (
        {"framework": {"quote": "It was held under the single inspection framework", "value": "SIF"}},
        ("SIF", "named"),
    ),
    ({"judgements": [LEADERS]}, ("ILACS", "areas")),
    ({"judgements": [SAFE]}, ("SLAC", "areas")),
    ({"inspection_start": dated("March 2019")}, ("ILACS", "dates")),
    ({"inspection_start": dated("March 2015")}, ("SIF", "dates")),
    ({"inspection_start": dated("May 2010")}, ("SLAC", "dates")),
    ({"inspection_start": dated("March 2018")}, (None, None)),  # SIF's re-inspections and ILACS ran side by side
    ({"inspection_start": dated("March")}, (None, None)),
    (
        {
            "inspection_start": dated("March 2019"),
            "inspection_type": {"quote": "It was a monitoring visit to the council", "value": "monitoring visit"},
        },
        (None, None),
    ),
    ({"inspectorates": [OFSTED]}, (None, None)),
]


@pytest.mark.parametrize(("fields", "framework"), FRAMEWORKS)
def test_the_framework_is_known_by_name_else_by_areas_else_by_dates(fields: JSON, framework: tuple[Any, Any]) -> None:
    text = "".join(sentence(item) for _, item in quoted(fields))
    found = delivered(text, **copy.deepcopy(fields))
    assert found.withheld == []
    assert (record(found)["framework"], record(found)["framework_basis"]) == framework


def test_areas_of_another_framework_than_the_dates_are_a_warning_and_the_dates_count() -> None:
    fields: JSON = {"judgements": [SAFE], "inspection_start": dated("March 2019")}
    found = delivered("".join(sentence(item) for _, item in quoted(fields)), **copy.deepcopy(fields))
    assert (record(found)["framework"], record(found)["framework_basis"]) == ("ILACS", "dates")
    assert codes(found) == {"framework_conflict"}


ABSENT: list[tuple[JSON, str]] = [
    ({"judgements": [SAFE]}, "not in framework"),
    ({"judgements": [LEADERS]}, "not stated"),
    ({"judgements": [LEADERS], "inspection_start": dated("May 2026")}, "not in framework"),
    ({"judgements": [LEADERS], "inspection_start": dated("March 2026")}, "not stated"),
    ({"inspection_type": {"quote": "It was a monitoring visit there", "value": "monitoring visit"}}, "ungraded visit"),
    ({"inspection_type": {"quote": "It was a focused visit there", "value": "focused visit"}}, "ungraded visit"),
    ({"framework": {"quote": "It was a joint targeted area inspection here", "value": "JTAI"}}, "ungraded visit"),
    ({"inspectorates": [OFSTED]}, "not stated"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "reason"), ABSENT)
def test_a_record_without_an_overall_grade_says_why(fields: JSON, reason: str) -> None:
    text = "".join(sentence(item) for _, item in quoted(fields))
    found = delivered(text, **copy.deepcopy(fields))
    assert found.withheld == []
    assert record(found)["overall_grade_absent"] == reason


def test_a_record_with_an_overall_grade_has_no_reason() -> None:
    quote = "the council was rated good overall by Ofsted"
    found = record(delivered(sentence({"quote": quote}), overall_grade={"quote": quote, "value": "good"}))
    assert (found["overall_grade"], found["overall_grade_absent"]) == ("good", None)


COUNCILS: list[tuple[str, str | None, str | None, str | None]] = [
    # as written, the year of fieldwork, gss_code, warning
    ("Bexley Council", None, "E09000004", None),
    ("Bristol City Council", None, "E06000023", None),
    ("Dorset", "2017", "E10000009", None),
    ("Dorset", "2022", "E06000059", None),
    ("Northamptonshire", "2019", "E10000021", None),
    ("Camelot Council", None, None, "authority_unknown"),
]


@pytest.mark.parametrize(("written", "year", "gss_code", "warning"), COUNCILS)
def test_the_council_is_looked_up_at_its_time(
    written: str, year: str | None, gss_code: str | None, warning: str | None
) -> None:
    quote = f"Children's services in {written} were inspected"
    fields: JSON = {"authority": {"quote": quote, "as_written": written}}
    if year:
        fields["inspection_start"] = dated(f"March {year}")
    text = "".join(sentence(item) for _, item in quoted(fields))
    found = delivered(text, **fields)
    authority = record(found)["authority"]
    assert (authority["as_written"], authority["gss_code"]) == (written, gss_code)
    assert codes(found) == ({warning} if warning else set())


def test_a_name_that_several_councils_have_is_not_settled_and_says_so() -> None:
    quote = "Children's services run by Northamptonshire Children's Trust were inspected"
    written = "Northamptonshire Children's Trust"
    found = delivered(sentence({"quote": quote}), authority={"quote": quote, "as_written": written})
    assert record(found)["authority"]["gss_code"] is None
    assert codes(found) in ({"authority_ambiguous"}, {"authority_unknown"})


DATES: list[tuple[str, str | None, str | None, str | None]] = [
    # words, published, value, warning
    ("4 March 2024", None, "2024-03-04", None),
    ("March 2024", None, "2024-03", None),
    ("March", None, "XXXX-03", None),
    ("March", "2024-05-10", "2024-03", None),
    ("last November", None, "XXXX-11", None),
    ("last November", "2017-02-10", "2016-11", None),
    ("last Friday (August 24)", None, "XXXX-08-24", "date_candidates"),
    ("last Friday (August 24)", "2012-08-30", "2012-08-24", None),
    ("04/03/2024", None, "2024-03-04", None),
    ("recent weeks", None, None, "date_unresolved"),
]


@pytest.mark.parametrize(("words", "published", "value", "warning"), DATES)
def test_a_missing_year_is_settled_by_the_published_date_and_by_nothing_else(
    words: str, published: str | None, value: str | None, warning: str | None
) -> None:
    found = delivered(sentence(dated(words)), published=published, inspection_start=dated(words))
    assert record(found)["inspection_start"] == value
    assert codes(found) == ({warning} if warning else set())


def test_a_date_in_an_item_keeps_the_precision_of_its_words() -> None:
    quote = "As of March this year there were 1,255 cases open to social care"
    count = {
        "quote": quote,
        "measure": "cases open to social care",
        "value": 1255,
        "qualifier": "exact",
        "unit": "cases",
        "as_of": "As of March this year",
        "scope": "local",
    }
    for published, value in ((None, "XXXX-03"), ("2012-08-30", "2012-03")):
        found = delivered(sentence(count), published=published, counts=[dict(count)])
        assert [item["as_of"] for item in record(found)["counts"]] == [value]
        assert [item["measure_code"] for item in record(found)["counts"]] == ["cases.open"]


def test_areas_get_the_code_of_the_framework_in_force() -> None:
    care = {
        "quote": "the experiences and progress of children in care and care leavers was judged good",
        "area": "the experiences and progress of children in care and care leavers",
        "grade": "good",
    }
    found = delivered(
        sentence(care) + sentence(dated("March 2019")), judgements=[care], inspection_start=dated("March 2019")
    )
    assert record(found)["framework"] == "ILACS"
    assert [item["area_code"] for item in record(found)["judgements"]] == ["ilacs.in_care_and_leavers"]
