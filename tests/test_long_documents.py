"""Documents longer than the model's window, end to end: a real server on loopback that answers for each section."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import longreport
import pytest
from fakeserver import Behaviour, FakeServer, answer, error
from longreport import reader
from pydantic import BaseModel
from typer.testing import CliRunner

from extractor import Extraction, aextract, extract
from extractor.cli import app
from extractor.engines.merging import CONFLICT
from extractor.engines.sections import sections
from extractor.engines.window import room, tokens
from extractor.errors import EndpointFault, RequestRejected, SettingsError
from extractor.prompt import load
from extractor.schemas.wire import wire_model

JSON = dict[str, Any]
Serve = Callable[..., FakeServer]

DOCUMENT = longreport.report()
SMALL = 8_000
AT_ONCE = {"Retry_After": "0"}


def asked(server: FakeServer, window: int = SMALL, **arguments: Any) -> Extraction:
    """What comes of the long report at this server, with the second opinion off: it has tests of its own."""
    told = {"journal": False, "second_opinion": False, "window": window, **arguments}
    return extract(DOCUMENT, model="openai/fake", base_url=server.base_url, **told)


def told(extraction: Extraction) -> JSON:
    data: JSON = json.loads(extraction.model_dump_json())
    return data


def findings(extraction: Extraction) -> list[str]:
    (record,) = told(extraction)["records"]
    return [finding["text"] for finding in record["findings"]]


def changed(name: str, value: Any) -> Callable[[JSON], Behaviour]:
    """Answer with the honest reply, one field changed."""

    def behave(reply: JSON) -> Behaviour:
        return answer({"records": [{**record, name: value} for record in reply["records"]]})

    return behave


def body_of(team: int) -> str:
    """Words of the report's body that one section alone is shown."""
    return f"In team {team} social"


CUT = len(sections(DOCUMENT, room(load(), wire_model(), SMALL)))


# ── read in sections ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_in_sections_the_record_is_the_one_of_a_single_call(serve: Serve) -> None:
    small, large = serve(script=reader()), serve(script=reader())
    parts, whole = told(asked(small)), told(asked(large, window=128_000))
    assert (len(small.bodies), len(large.bodies)) == (CUT, 1)
    assert CUT > 5
    for one in (parts, whole):
        assert one["withheld"] == one["warnings"] == []
        (record,) = one["records"]
        record["findings"] = sorted(record["findings"], key=json.dumps)
        assert len(record["findings"]) == 300
    assert parts["records"] == whole["records"]
    assert parts["usage"]["calls"] == CUT


def test_spans_point_into_the_whole_document(serve: Serve) -> None:
    extraction = asked(serve(script=reader()))
    assert len(extraction.evidence) > 300
    for entry in extraction.evidence:
        assert (entry.verdict, entry.support) == ("verified", "yes"), entry
        assert " ".join(DOCUMENT.text[start:end] for start, end, _ in entry.spans) == entry.quote
        assert [page for _, _, page in entry.spans] == [DOCUMENT.page_of(start) for start, _, _ in entry.spans]


def test_every_request_has_room_in_the_window_for_an_answer_as_long_as_its_document(serve: Serve) -> None:
    server = serve(script=reader())
    asked(server)
    for body in server.bodies:
        document = body["messages"][-1]["content"]
        assert (
            tokens(json.dumps(body)) + tokens(document) <= SMALL * 1.02
        )  # the names of JSON and HTTP's own come on top


def test_the_usual_window_sends_it_whole_and_just_as_before(serve: Serve) -> None:
    usual, large = serve(script=reader()), serve(script=reader())
    extract(DOCUMENT, model="openai/fake", base_url=usual.base_url, journal=False)
    asked(large, window=1_000_000)
    assert usual.bodies == large.bodies
    assert DOCUMENT.visible in usual.bodies[0]["messages"][-1]["content"]


def test_awaited_the_result_is_the_same(serve: Serve) -> None:
    arguments: JSON = {"model": "openai/fake", "journal": False, "window": SMALL, "second_opinion": False}
    awaited = asyncio.run(aextract(DOCUMENT, base_url=serve(script=reader()).base_url, **arguments))
    assert told(awaited) == told(asked(serve(script=reader())))


def test_the_steps_of_a_prompt_are_asked_of_each_section(serve: Serve, tmp_path: Path) -> None:
    steps = (
        'name = "two"\nabout = "…"\n[[steps]]\nuser = "Notes.\\n$document"\noutput = "text"\n'
        '[[steps]]\nuser = "Notes: $previous\\nNow the records.\\n$document"\n'
    )
    path = tmp_path / "two.toml"
    path.write_text(steps, encoding="utf-8")

    def script(received: Any) -> Behaviour:
        if received.body["messages"][-1]["content"].startswith("Notes.\n"):
            return answer(f"{len(longreport.read(received)['records'][0]['findings'])} findings")
        return reader()(received)  # type: ignore[operator,no-any-return]

    server = serve(script=script)
    extraction = asked(server, prompt=path)
    assert len(findings(extraction)) == 300
    firsts, seconds = server.bodies[::2], server.bodies[1::2]
    assert len(firsts) == len(seconds) > CUT
    for one, other in zip(firsts, seconds, strict=True):
        document = one["messages"][-1]["content"].removeprefix("Notes.\n")
        found = len(longreport.read_text(document)["records"][0]["findings"])
        assert other["messages"][-1]["content"] == f"Notes: {found} findings\nNow the records.\n{document}"


def test_a_window_too_small_for_anything_is_refused_before_a_document_is_read() -> None:
    with pytest.raises(SettingsError, match="window of 3,000 tokens"):
        extract("no-such-file.txt", model="openai/fake", base_url="http://127.0.0.1:9/v1", window=3_000)


def test_render_shows_each_section_as_it_would_be_sent(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text(DOCUMENT.text, encoding="utf-8")
    server = serve(script=reader())
    extract(path, model="openai/fake", base_url=server.base_url, journal=False, window=SMALL)
    printed = CliRunner().invoke(app, ["render", str(path), "--window", str(SMALL)]).output
    for body in server.bodies:
        for message in body["messages"]:
            assert message["content"].rstrip() in printed


# ── second questions ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_question_is_about_one_section_and_has_room_too(serve: Serve) -> None:
    invented = [
        {
            "quote": f"cellar {number} was praised to the skies by {'everybody ' * 60}",
            "kind": "strength",
            "text": "cellar",
        }
        for number in range(12)
    ]

    def script(received: Any) -> Behaviour:
        if "Items:" in longreport.shown(received):
            return answer({str(number): None for number in range(1, 13)})
        return reader({body_of(150): changed("findings", invented)})(received)  # type: ignore[operator,no-any-return]

    server = serve(script=script)
    extraction = asked(server)
    second = [body for body in server.bodies if "Items:" in body["messages"][-1]["content"]]
    assert len(server.bodies) == CUT + len(second)
    assert len(second) == 2
    for body in second:
        assert tokens(json.dumps(body)) <= SMALL
    assert len(extraction.withheld) == 12
    assert all("cellar" in entry.model_quote for entry in extraction.withheld)


def test_words_of_the_front_and_of_the_section_are_no_quote_together(serve: Serve) -> None:
    section = sections(DOCUMENT, room(load(), wire_model(), SMALL))[3]
    front, body = section.shown(DOCUMENT).split("[… pages")
    beginning = body.split("…]")[1].split()[:6]
    stitched = " ".join([*front.split()[-6:], *beginning])
    finding = [{"quote": stitched, "kind": "strength", "text": stitched}]
    server = serve(script=reader({" ".join(beginning): changed("findings", finding)}))
    extraction = asked(server, max_reasks=0)
    assert [entry.model_quote for entry in extraction.withheld] == [stitched]
    assert "two places" in extraction.withheld[0].reason


# ── sections that fail ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_section_that_fails_is_a_warning_with_its_pages_and_the_rest_is_kept(serve: Serve) -> None:
    server = serve(script=reader({body_of(150): lambda reply: answer("", refusal="No.")}))
    extraction = asked(server)
    assert extraction.error is None
    (warning,) = extraction.warnings
    failed = next(
        section
        for section in sections(DOCUMENT, room(load(), wire_model(), SMALL))
        if body_of(150) in DOCUMENT.text[section.start : section.end]
    )
    assert (warning.code, warning.field) == ("part_failed", None)
    assert failed.place(DOCUMENT) in warning.message
    assert "declined" in warning.message
    lost = DOCUMENT.text[failed.start : failed.end].count("In team ")
    assert len(findings(extraction)) == 300 - lost


def test_where_all_sections_fail_the_document_does(serve: Serve) -> None:
    server = serve(error(500, **AT_ONCE))
    with pytest.raises(EndpointFault):
        asked(server)
    assert len(server.bodies) == 4 * CUT


def test_a_key_that_is_refused_is_refused_once(serve: Serve) -> None:
    server = serve(error(401))
    with pytest.raises(RequestRejected):
        asked(server)
    assert len(server.bodies) == 1


def test_a_key_that_is_refused_half_way_costs_nothing_that_is_had(serve: Serve) -> None:
    server = serve(script=reader({body_of(299): lambda reply: error(401)}))
    extraction = asked(server)
    assert [warning.code for warning in extraction.warnings] == ["part_failed"]
    assert len(findings(extraction)) > 200


def test_a_section_whose_answer_is_too_long_is_read_in_halves(serve: Serve) -> None:
    def script(received: Any) -> Behaviour:
        reply = longreport.read(received)
        long = body_of(150) in longreport.shown(received) and len(reply["records"][0]["findings"]) > 25
        return answer("{", finish="length") if long else answer(reply)

    server = serve(script=script)
    extraction = asked(server)
    assert len(findings(extraction)) == 300
    assert extraction.warnings == []
    assert len(server.bodies) in (CUT + 2, CUT + 3)


def test_a_half_whose_answer_is_too_long_as_well_has_failed(serve: Serve) -> None:
    server = serve(script=reader({body_of(150): lambda reply: answer("{", finish="length")}))
    extraction = asked(server)
    assert [warning.code for warning in extraction.warnings] == ["part_failed"]
    assert 250 < len(findings(extraction)) < 300


# ── conflicts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_grade_that_a_later_section_reads_otherwise_is_a_warning_and_the_front_stands(serve: Serve) -> None:
    other = {"quote": "when it was judged inadequate overall", "value": "inadequate"}
    extraction = asked(serve(script=reader({body_of(150): changed("overall_grade", other)})), max_reasks=0)
    (record,) = told(extraction)["records"]
    assert record["overall_grade"] == "good"
    assert [warning.code for warning in extraction.warnings] == [CONFLICT]
    assert [entry.value["value"] for entry in extraction.withheld] == ["inadequate"]


def test_a_later_sections_record_of_another_council_is_a_record_of_its_own(serve: Serve) -> None:
    text = (
        DOCUMENT.text + "\nIn July 2024 Ofsted judged that services in Leeds City Council were outstanding overall.\n"
    )
    document = type(DOCUMENT)(text=text, pages=DOCUMENT.pages, furniture=DOCUMENT.furniture)
    quote = "services in Leeds City Council were outstanding overall"
    leeds = {
        "authority": {"quote": quote, "as_written": "Leeds City Council"},
        "overall_grade": {"quote": quote, "value": "outstanding"},
    }

    def with_leeds(reply: JSON) -> Behaviour:
        return answer({"records": [*copy.deepcopy(reply["records"]), leeds]})

    server = serve(script=reader({"Leeds City": with_leeds}))
    extraction = extract(
        document, model="openai/fake", base_url=server.base_url, journal=False, window=SMALL, second_opinion=False
    )
    assert [(record["authority"]["name"], record["overall_grade"]) for record in told(extraction)["records"]] == [
        ("Torbay", "good"),
        ("Leeds", "outstanding"),
    ]
    assert CONFLICT not in [warning.code for warning in extraction.warnings]


# ── a schema of the caller's own ─────────────────────────────────────────────────────────────────────────────────────


class Team(BaseModel):
    """One team and the words about it."""

    quote: str
    kind: str


def test_records_of_the_callers_own_schema_stand_side_by_side_with_a_warning(serve: Serve) -> None:
    def script(received: Any) -> Behaviour:
        items = longreport.read(received)["records"][0]["findings"]
        return answer({"records": [{"quote": item["quote"], "kind": item["kind"]} for item in items]})

    server = serve(script=script)
    extraction = asked(server, schema=Team)
    assert len(server.bodies) > 1
    assert len({record.quote for record in extraction.records}) == len(extraction.records) == 300
    assert [warning.code for warning in extraction.warnings] == ["read_in_sections"]
