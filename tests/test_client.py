"""The client against a real server on loopback: each fault, each mode, the journal, the key."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from fakeserver import (
    Behaviour,
    FakeServer,
    Received,
    Sent,
    always,
    answer,
    chat_answer,
    completion,
    cut_body,
    error,
    half_json,
    hang,
    json_reply,
    rejecting,
    reset,
    trickle,
    web_page,
)

from extractor import client as client_module
from extractor.client import AsyncClient, Client, Endpoint, Line, adrive, drive, endpoint, unfenced
from extractor.engines import Message, Reply, Request, Usage
from extractor.errors import (
    CallError,
    CallTimedOut,
    EndpointFault,
    JournalError,
    RateLimited,
    Refused,
    ReplyTruncated,
    ReplyUnusable,
    RequestRejected,
    SettingsError,
)
from extractor.journal import Journal

KEY = "sk-very-secret-0123456789"
JINJA = "{{ 1+1 }} {% raw {# gone? #} \\n  indented\r\n\u2028 ½ 😀 https://example.org/a.png"
SCHEMA = {
    "type": "object",
    "description": "What the document says.",
    "properties": {"quote": {"type": "string"}, "b": {"$ref": "#/$defs/b"}, "a": {"type": ["string", "null"]}},
    "required": ["a", "b", "quote"],
    "additionalProperties": False,
    "$defs": {"b": {"type": "object", "properties": {}, "required": [], "additionalProperties": False}},
}
GOOD = '{"quote": "x", "b": {}, "a": null}'
JSON_REQUEST = Request((Message("system", "Read."), Message("user", JINJA)), SCHEMA)
TEXT_REQUEST = Request((Message("user", JINJA),))

Serve = Callable[..., FakeServer]


@dataclass
class Outcome:
    """What became of one send, and what it took."""

    reply: Reply | None = None
    error: CallError | None = None
    requests: int = 0
    usage: Usage | None = None
    waits: list[float] = field(default_factory=list)

    @property
    def text(self) -> str:
        assert self.reply is not None, self.error
        return self.reply.text


Ask = Callable[..., Outcome]


def at(server: FakeServer, **settings: Any) -> Endpoint:
    return endpoint("openai/fake", server.base_url, **{"api_key": KEY, **settings})


def ask_sync(where: Endpoint, request: Request, journal: Journal | None = None, repeat: int = 0) -> Outcome:
    outcome = Outcome()
    with Client(where, journal, repeat, sleep=outcome.waits.append) as client:
        try:
            outcome.reply = client.send(request)
        except CallError as fault:
            outcome.error = fault
    outcome.requests, outcome.usage = client.requests, client.usage
    return outcome


def ask_async(
    where: Endpoint, request: Request, journal: Journal | None = None, repeat: int = 0, places: int | None = None
) -> Outcome:
    outcome = Outcome()

    async def sleep(seconds: float) -> None:
        outcome.waits.append(seconds)

    async def send() -> None:
        line = Line(where, places=places)
        async with AsyncClient(where, journal, repeat, sleep=sleep, line=line) as client:
            try:
                outcome.reply = await client.send(request)
            except CallError as fault:
                outcome.error = fault
            finally:
                await line.closed()
        outcome.requests, outcome.usage = client.requests, client.usage

    asyncio.run(send())
    return outcome


def ask_wide(where: Endpoint, request: Request, journal: Journal | None = None, repeat: int = 0) -> Outcome:
    """By the transport that a batch uses."""
    return ask_async(where, request, journal, repeat, places=4)


@pytest.fixture(params=[ask_sync, ask_async, ask_wide], ids=["sync", "async", "wide"])
def ask(request: pytest.FixtureRequest) -> Ask:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def journal(tmp_path: Path) -> Generator[Journal, None, None]:
    with Journal(tmp_path / "journal.sqlite") as opened:
        yield opened


# ── faults ───────────────────────────────────────────────────────────────────────────────────────────────────────────

GOOD_ANSWER = answer(GOOD)
NO_CHOICE = always(completion([]))
ODD_CHOICE = always(completion(["odd"]))

# what the server does in turn · requests · the error's type, or the reply's text
FAULTS: dict[str, tuple[list[Behaviour], int, type[CallError] | str]] = {
    "an answer": ([GOOD_ANSWER], 1, GOOD),
    "an answer in a fence": ([answer(f"Here it is:\n```json\n{GOOD}\n```\nAnything else?")], 1, GOOD),
    "JSON that does not fit the schema": ([answer('{"other": 1}')], 1, '{"other": 1}'),
    "no JSON at all": ([answer("Sorry?")], 1, "Sorry?"),
    "content in parts": ([answer("", content=[{"type": "text", "text": GOOD}])], 1, GOOD),
    "429 once": ([error(429), GOOD_ANSWER], 2, GOOD),
    "429 for good": ([error(429)], 4, RateLimited),
    "500 once": ([error(500), GOOD_ANSWER], 2, GOOD),
    "500 for good": ([error(500)], 4, EndpointFault),
    "500 cut off": ([always(Sent(500, b"{", how="cut"))], 4, EndpointFault),
    "502 as a web page": ([web_page(502)], 4, EndpointFault),
    "503, 529, 504, then an answer": ([error(503), error(529), error(504), GOOD_ANSWER], 4, GOOD),
    "408 once": ([error(408), GOOD_ANSWER], 2, GOOD),
    "reset once": ([reset, GOOD_ANSWER], 2, GOOD),
    "reset for good": ([reset], 4, EndpointFault),
    "a body cut off": ([cut_body], 4, EndpointFault),
    "a body cut off once": ([cut_body, GOOD_ANSWER], 2, GOOD),
    "half of the JSON": ([half_json], 4, EndpointFault),
    "200 with an error": ([error(200)], 4, EndpointFault),
    "200 with an error and choices": ([always(json_reply(200, {"error": "no", "choices": [{}]}))], 4, EndpointFault),
    "200 with a list": ([always(json_reply(200, [1]))], 4, EndpointFault),
    "200 with choices null": ([always(completion(None))], 4, EndpointFault),
    "a web page": ([web_page()], 4, EndpointFault),
    "a web page once": ([web_page(), GOOD_ANSWER], 2, GOOD),
    "no answer": ([hang], 2, CallTimedOut),
    "no answer once": ([hang, GOOD_ANSWER], 2, GOOD),
    "an answer without an end": ([trickle], 2, CallTimedOut),
    "401": ([error(401)], 1, RequestRejected),
    "403": ([error(403)], 1, RequestRejected),
    "404, no such model": ([error(404, "The model fake does not exist")], 1, RequestRejected),
    "413": ([error(413)], 1, RequestRejected),
    "422": ([error(422, "context too long")], 1, RequestRejected),
    "400 in each mode": ([error(400, "context too long")], 3, RequestRejected),
    "refusal": ([answer("", refusal="I cannot")], 1, Refused),
    "content filter": ([answer("", finish="content_filter")], 1, Refused),
    "length": ([answer('{"quo', finish="length")], 1, ReplyTruncated),
    "no choices": ([NO_CHOICE], 1, ReplyUnusable),
    "an odd choice": ([ODD_CHOICE], 1, ReplyUnusable),
    "no content": ([answer("", content=None)], 1, ReplyUnusable),
    "blank content": ([answer(" \n")], 1, ReplyUnusable),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults(serve: Serve, ask: Ask, fault: str) -> None:
    behaviours, requests, result = FAULTS[fault]
    slow = hang in behaviours or trickle in behaviours
    server = serve(*behaviours)
    outcome = ask(at(server, **({"timeout": 2} if slow else {})), JSON_REQUEST)
    assert outcome.requests == len(server.arrived(requests)) == requests
    if isinstance(result, str):
        assert outcome.text == result
        return
    assert type(outcome.error) is result
    assert outcome.error.requests == requests
    assert "fake" in str(outcome.error)
    assert "127.0.0.1" in str(outcome.error)


@pytest.mark.parametrize("request_", [JSON_REQUEST, TEXT_REQUEST])
def test_no_server_at_all(serve: Serve, ask: Ask, request_: Request) -> None:
    server = serve(GOOD_ANSWER)
    server.close()
    outcome = ask(at(server), request_)
    assert type(outcome.error) is EndpointFault
    assert server.base_url in str(outcome.error)
    assert outcome.requests == outcome.error.requests == 4
    shown = "".join(traceback.format_exception(outcome.error))
    assert "openai." not in shown  # its errors may quote the key
    assert "InstructorRetryException" not in shown


def test_the_servers_own_words_are_told(serve: Serve, ask: Ask) -> None:
    outcome = ask(at(serve(error(401, "bad key"))), JSON_REQUEST)
    assert isinstance(outcome.error, RequestRejected)
    assert (outcome.error.status, outcome.error.said) == (401, "bad key")
    assert "bad key" in str(outcome.error)
    assert "OPENAI_API_KEY" in str(outcome.error)
    assert "InstructorRetryException" not in "".join(traceback.format_exception(outcome.error))


SAID = {
    b'{"error": {"message": "a  b"}}': "a b",
    b'{"error": "a"}': "a",
    b'{"detail": [{"msg": "a", "input": "document"}]}': "a",
    b'{"message": "a"}': "a",
    b"<html><b>a</b></html>": "a",
    b"[]": "",
    b"{}": "",
    b"\xff": "\ufffd",
    b"a" * 999: "a" * 300,
}


@pytest.mark.parametrize("body", SAID)
def test_server_words(body: bytes) -> None:
    assert client_module.server_words(body) == SAID[body]


# ── waiting ──────────────────────────────────────────────────────────────────────────────────────────────────────────

WAITS = {
    "7": 7.0,
    "0": 0.0,
    "9999": 120.0,
    format_datetime(datetime(2999, 1, 1, tzinfo=UTC), usegmt=True): 120.0,
    format_datetime(datetime(1999, 1, 1, tzinfo=UTC), usegmt=True): 0.0,
}


@pytest.mark.parametrize("header", WAITS)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(serve: Serve, ask: Ask, header: str, status: int) -> None:
    outcome = ask(at(serve(error(status, Retry_After=header), GOOD_ANSWER)), JSON_REQUEST)
    assert outcome.text == GOOD
    assert outcome.waits == [WAITS[header]]


@pytest.mark.parametrize("header", ["", "soon", "-1", "nan", "Thu, 01 Jan 2999"])
def test_without_retry_after_the_waits_grow(serve: Serve, ask: Ask, header: str) -> None:
    waits = ask(at(serve(error(429, Retry_After=header))), JSON_REQUEST).waits
    assert [int(wait) in (low, low + 1) for wait, low in zip(waits, (1, 2, 4), strict=True)] == [True] * 3


def test_calls_in_flight_together_retry_apart(serve: Serve) -> None:
    """A retry object shared between tasks would mix up their attempts."""
    failed: set[str] = set()

    def first_fails(received: Received) -> Behaviour:
        asked = received.body["messages"][0]["content"]
        if asked in failed:
            return answer(asked)
        failed.add(asked)
        return error(503)

    async def no_wait(seconds: float) -> None:
        await asyncio.sleep(0)

    async def send_all(server: FakeServer) -> tuple[list[str], int]:
        async with AsyncClient(at(server), None, sleep=no_wait) as client:
            asked = [client.send(Request((Message("user", f"document {n}"),))) for n in range(20)]
            return [reply.text for reply in await asyncio.gather(*asked)], client.requests

    replies, requests = asyncio.run(send_all(serve(script=first_fails)))
    assert replies == [f"document {n}" for n in range(20)]
    assert requests == 40


def test_threads_share_a_client(serve: Serve, journal: Journal) -> None:
    server = serve(script=lambda received: answer(received.body["messages"][0]["content"]))
    with Client(at(server), journal) as client, ThreadPoolExecutor(8) as pool:
        asked = [Request((Message("user", f"document {n}"),)) for n in range(40)]
        assert [reply.text for reply in pool.map(client.send, asked)] == [f"document {n}" for n in range(40)]
    assert client.requests == len(server.received) == 40
    assert client.usage == Usage(40 * 11, 40 * 7)


# ── the journal ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_request_is_never_paid_for_twice(serve: Serve, ask: Ask, journal: Journal) -> None:
    server = serve(GOOD_ANSWER)
    first = ask(at(server), JSON_REQUEST, journal)
    server.close()
    again = ask(at(server), JSON_REQUEST, journal)
    assert (first.requests, again.requests) == (1, 0)
    assert first.reply == again.reply == Reply(GOOD, Usage(11, 7))
    assert (first.usage, again.usage) == (Usage(11, 7), Usage())


DIFFERENT: dict[str, Callable[[FakeServer], tuple[Endpoint, Request, int]]] = {
    "repeat": lambda server: (at(server), JSON_REQUEST, 1),
    "parameters": lambda server: (at(server, parameters={"seed": 1}), JSON_REQUEST, 0),
    "model": lambda server: (Endpoint("other", server.base_url, KEY), JSON_REQUEST, 0),
    "endpoint": lambda server: (Endpoint("fake", f"{server.base_url}/other", KEY), JSON_REQUEST, 0),
    "messages": lambda server: (at(server), Request((Message("user", "x"),), SCHEMA), 0),
    "schema": lambda server: (at(server), Request(JSON_REQUEST.messages, {**SCHEMA, "description": "x"}), 0),
    "plain text": lambda server: (at(server), Request(JSON_REQUEST.messages), 0),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_another_request_is_sent(serve: Serve, ask: Ask, journal: Journal, what: str) -> None:
    server = serve(GOOD_ANSWER)
    ask(at(server), JSON_REQUEST, journal)
    where, request, repeat = DIFFERENT[what](server)
    assert ask(where, request, journal, repeat).requests == 1


def test_who_asks_does_not_matter(serve: Serve, ask: Ask, journal: Journal) -> None:
    server = serve(GOOD_ANSWER)
    ask(at(server, parameters={"seed": 1, "top_p": 1}), JSON_REQUEST, journal)
    other = at(server, api_key="another-key-9876", timeout=5, parameters={"top_p": 1, "seed": 1})
    assert ask(other, JSON_REQUEST, journal).requests == 0


@pytest.mark.parametrize("fault", [error(429), error(401), error(200), web_page(), NO_CHOICE])
def test_errors_are_recorded_but_never_served(serve: Serve, ask: Ask, journal: Journal, fault: Behaviour) -> None:
    server = serve(fault)
    assert ask(at(server), JSON_REQUEST, journal).error
    server.script = [GOOD_ANSWER]
    assert ask(at(server), JSON_REQUEST, journal).text == GOOD


@pytest.mark.parametrize("verdict", [answer("", refusal="no"), answer("{", finish="length"), answer(" ")])
def test_what_a_model_said_is_final(serve: Serve, ask: Ask, journal: Journal, verdict: Behaviour) -> None:
    server = serve(verdict, GOOD_ANSWER)
    first, again = (ask(at(server), JSON_REQUEST, journal) for _ in range(2))
    assert str(first.error) == str(again.error)
    assert (first.error.requests, again.error.requests) == (1, 0)  # type: ignore[union-attr]


def test_replay_needs_no_openai(serve: Serve, journal: Journal) -> None:
    server = serve(GOOD_ANSWER)
    ask_sync(at(server), TEXT_REQUEST, journal)
    code = f"""
import sys
from extractor.client import Client, Endpoint
from extractor.engines import Message, Request
from extractor.journal import Journal
def heavy(): return sorted({{"openai", "instructor", "httpx2", "tenacity"}} & set(sys.modules))
assert not heavy(), heavy()
client = Client(Endpoint("fake", {server.base_url!r}, "k"), Journal({str(journal.path)!r}))
print(client.send(Request((Message("user", {JINJA!r}),))).text)
assert not heavy(), heavy()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (GOOD, "")


def test_the_journal_holds_what_went_over_the_wire(serve: Serve, ask: Ask, journal: Journal) -> None:
    server = serve(rejecting(["response_format"], GOOD_ANSWER))
    ask(at(server, parameters={"seed": 3}), JSON_REQUEST, journal)
    with journal.cursor() as cursor:
        rows = cursor.execute("SELECT request, status, reply, usable FROM started JOIN done ON call = id").fetchall()
    assert [json.loads(row[0]) for row in rows] == server.bodies
    assert [(row[1], row[3]) for row in rows] == [(400, 0), (200, 1)]
    assert b"response_format is not supported" in rows[0][2]


def test_two_clients_on_one_journal_pay_once(serve: Serve, journal: Journal, tmp_path: Path) -> None:
    server = serve(script=lambda received: answer(received.body["messages"][0]["content"]))
    with Journal(journal.path) as other, ThreadPoolExecutor(2) as pool:
        clients = [Client(at(server), opened) for opened in (journal, other)]
        asked = [Request((Message("user", f"document {n}"),)) for n in range(20)]
        for replies in pool.map(lambda client: [client.send(request).text for request in asked], clients):
            assert replies == [f"document {n}" for n in range(20)]
        assert len(server.received) == 20


def slowly(then: Behaviour) -> Behaviour:
    def behave(received: Received) -> Sent:
        time.sleep(0.3)
        return then(received)

    return behave


def ask_together(count: int, where: Endpoint, journal: Journal) -> list[Outcome]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: ask_sync(where, JSON_REQUEST, journal), range(count)))


def ask_together_async(count: int, where: Endpoint, journal: Journal) -> list[Outcome]:
    async def send_all() -> list[Outcome]:
        async with AsyncClient(where, journal) as client:
            sent = [client.send(JSON_REQUEST) for _ in range(count)]
            return [Outcome(one) for one in await asyncio.gather(*sent)]

    return asyncio.run(send_all())


@pytest.mark.parametrize("together", [ask_together, ask_together_async])
def test_the_same_request_at_once_is_sent_once(serve: Serve, journal: Journal, together: Any) -> None:
    server = serve(slowly(GOOD_ANSWER))
    outcomes = together(8, at(server), journal)
    assert [outcome.text for outcome in outcomes] == [GOOD] * 8
    assert len(server.received) == 1


def test_without_a_journal_too(serve: Serve) -> None:
    server = serve(slowly(GOOD_ANSWER))
    assert [outcome.text for outcome in ask_together_async(8, at(server), None)] == [GOOD] * 8  # type: ignore[arg-type]
    assert len(server.received) == 1


def test_who_waited_for_a_request_that_failed_asks_for_himself(serve: Serve, journal: Journal) -> None:
    server = serve(slowly(error(401)), slowly(GOOD_ANSWER))
    outcomes = ask_together(4, at(server), journal)
    assert sorted(type(outcome.error).__name__ for outcome in outcomes) == ["NoneType"] * 3 + ["RequestRejected"]
    assert len(server.received) == 2


# ── modes ────────────────────────────────────────────────────────────────────────────────────────────────────────────

FENCED = answer(f"```json\n{GOOD}\n```")

# what the server refuses or does · the mode that works · requests until it is found
LADDER: dict[str, tuple[Behaviour, str, int]] = {
    "takes a schema": (GOOD_ANSWER, "JSON_SCHEMA", 1),
    "ignores the schema, answers in a fence": (FENCED, "JSON_SCHEMA", 1),
    "takes tools": (rejecting(["response_format"], GOOD_ANSWER), "TOOLS", 2),
    "takes tools, answers in the content": (rejecting(["response_format"], chat_answer(GOOD)), "TOOLS", 2),
    "takes neither": (rejecting(["response_format", "tools"], FENCED), "MD_JSON", 3),
    "takes neither, says so with 422": (rejecting(["response_format", "tools"], FENCED, 422), "MD_JSON", 3),
    "takes neither, says so with 404": (rejecting(["response_format", "tools"], FENCED, 404), "MD_JSON", 3),
    "takes neither, says so with 501": (rejecting(["response_format", "tools"], FENCED, 501), "MD_JSON", 3),
    "takes neither, says nothing": (rejecting(["response_format", "tools"], FENCED, message="no"), "MD_JSON", 3),
}


def mode_of(body: dict[str, Any]) -> str:
    return "JSON_SCHEMA" if "response_format" in body else "TOOLS" if "tools" in body else "MD_JSON"


@pytest.mark.parametrize("kind", LADDER)
def test_the_ladder_and_its_memory(serve: Serve, ask: Ask, journal: Journal, kind: str) -> None:
    behaviour, mode, requests = LADDER[kind]
    server = serve(behaviour)
    first = ask(at(server), JSON_REQUEST, journal)
    assert (first.text, first.requests) == (GOOD, requests)
    assert mode_of(server.bodies[-1]) == mode
    again = ask(at(server), JSON_REQUEST, journal, repeat=1)
    assert (again.text, again.requests) == (GOOD, 1)
    assert mode_of(server.bodies[-1]) == mode


def test_one_client_remembers_without_a_journal(serve: Serve) -> None:
    server = serve(rejecting(["response_format", "tools"], FENCED))
    with Client(at(server), None) as client:
        client.send(JSON_REQUEST)
        client.send(JSON_REQUEST)
    assert [mode_of(body) for body in server.bodies] == ["JSON_SCHEMA", "TOOLS", "MD_JSON", "MD_JSON"]


def test_a_reply_is_served_whatever_mode_is_learnt_later(serve: Serve, ask: Ask, journal: Journal) -> None:
    server = serve(GOOD_ANSWER)
    ask(at(server), JSON_REQUEST, journal)
    journal.remember_mode(server.base_url, "fake", "TOOLS")
    assert ask(at(server), JSON_REQUEST, journal).requests == 0


def test_a_mode_that_worked_is_left_only_for_cause(serve: Serve, ask: Ask, journal: Journal) -> None:
    server = serve(GOOD_ANSWER)
    ask(at(server), JSON_REQUEST, journal)
    server.script = [error(400, "context too long")]
    assert ask(at(server), JSON_REQUEST, journal, repeat=1).requests == 1
    server.script = [rejecting(["response_format"], GOOD_ANSWER)]
    assert ask(at(server), JSON_REQUEST, journal, repeat=2).requests == 2
    assert journal.mode(server.base_url, "fake") == "JSON_SCHEMA"


def test_no_mode_is_learnt_from_a_failure_or_from_plain_text(serve: Serve, ask: Ask, journal: Journal) -> None:
    server = serve(error(401))
    ask(at(server), JSON_REQUEST, journal)
    server.script = [GOOD_ANSWER]
    ask(at(server), TEXT_REQUEST, journal)
    assert journal.mode(server.base_url, "fake") is None


# ── on the wire ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_schema_arrives_unchanged_and_in_order(serve: Serve, ask: Ask) -> None:
    server = serve(rejecting(["response_format"], GOOD_ANSWER))
    ask(at(server), JSON_REQUEST)
    by_schema, by_tool = server.bodies
    assert by_schema["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "records", "strict": True, "schema": SCHEMA},
    }
    assert json.dumps(by_schema["response_format"]["json_schema"]["schema"]) == json.dumps(SCHEMA)
    function = by_tool["tools"][0]["function"]
    assert json.dumps(function["parameters"] | {"description": function["description"]}, sort_keys=True) == json.dumps(
        SCHEMA, sort_keys=True
    )
    assert list(function["parameters"]["properties"]) == list(SCHEMA["properties"])  # type: ignore[call-overload]
    assert by_tool["tool_choice"] == {"type": "function", "function": {"name": "records"}}


def test_nothing_else_is_sent(serve: Serve, ask: Ask) -> None:
    server = serve(rejecting(["response_format", "tools"], FENCED))
    ask(at(server), JSON_REQUEST)
    ask(at(server), TEXT_REQUEST)
    assert [sorted(body) for body in server.bodies] == [
        ["messages", "model", "response_format"],
        ["messages", "model", "tool_choice", "tools"],
        ["messages", "model"],
        ["messages", "model"],
    ]
    assert {received.path for received in server.received} == {"/v1/chat/completions"}
    assert {received.headers["authorization"] for received in server.received} == {f"Bearer {KEY}"}


def test_document_text_arrives_unchanged(serve: Serve, ask: Ask) -> None:
    server = serve(rejecting(["response_format", "tools"], FENCED))
    ask(at(server), JSON_REQUEST)
    sent = [body["messages"] for body in server.bodies]
    assert sent[0] == sent[1] == [{"role": "system", "content": "Read."}, {"role": "user", "content": JINJA}]
    assert sent[2][1]["content"].startswith(JINJA)
    assert json.dumps(SCHEMA["description"]) in sent[2][0]["content"]


def test_an_empty_message_is_left_out(serve: Serve, ask: Ask) -> None:
    server = serve(GOOD_ANSWER)
    ask(at(server), Request((Message("system", ""), Message("user", "x")), SCHEMA))
    assert server.bodies[0]["messages"] == [{"role": "user", "content": "x"}]


@pytest.mark.parametrize("request_", [JSON_REQUEST, TEXT_REQUEST])
def test_parameters_are_sent_as_they_are(serve: Serve, ask: Ask, request_: Request) -> None:
    server = serve(GOOD_ANSWER)
    ask(at(server, parameters={"temperature": 0, "top_k": 3, "max_tokens": None}), request_)
    assert server.bodies[0].items() >= {"temperature": 0, "top_k": 3, "max_tokens": None}.items()


def test_a_schema_name_that_servers_refuse_is_mended(serve: Serve, ask: Ask) -> None:
    server = serve(GOOD_ANSWER)
    ask(at(server), Request(JSON_REQUEST.messages, SCHEMA, about="wörds & more" * 9))
    assert server.bodies[0]["response_format"]["json_schema"]["name"] == ("w_rds___more" * 9)[:64]


def test_plain_text_is_left_alone(serve: Serve, ask: Ask) -> None:
    text = f"Notes\n```json\n{GOOD}\n```\n"
    assert ask(at(serve(answer(text))), TEXT_REQUEST).text == text


def test_half_a_character_is_refused_before_it_is_sent(serve: Serve, ask: Ask) -> None:
    outcome = ask(at(serve(GOOD_ANSWER)), Request((Message("user", "\ud800"),), SCHEMA))
    assert type(outcome.error) is RequestRejected
    assert outcome.requests == 0


USAGES: list[tuple[Any, Usage]] = [
    ((5, 6), Usage(5, 6)),
    (None, Usage()),
    ({}, Usage()),
    ("many", Usage()),
    ({"prompt_tokens": -1, "completion_tokens": 4}, Usage(None, 4)),
    ({"prompt_tokens": "7", "completion_tokens": True}, Usage()),
    ({"prompt_tokens": 0, "completion_tokens": None}, Usage(0, None)),
]


@pytest.mark.parametrize(("sent", "read"), USAGES)
def test_usage_is_what_the_server_said_or_unknown(serve: Serve, ask: Ask, sent: Any, read: Usage) -> None:
    outcome = ask(at(serve(answer(GOOD, usage=sent))), JSON_REQUEST)
    assert outcome.reply == Reply(GOOD, read)
    assert outcome.usage == read


def test_a_reply_that_cannot_be_used_was_paid_for_too(serve: Serve, ask: Ask) -> None:
    assert ask(at(serve(answer("{", finish="length"))), JSON_REQUEST).usage == Usage(11, 7)


FENCES = {
    GOOD: GOOD,
    "no JSON": "no JSON",
    "```\n{}\n```": "{}",
    '```json\n{"a": "``` {"}\n```': '{"a": "``` {"}',
    '```json\n{"a": "```{}"}\n```': '{"a": "```{}"}',
    ' {"a": "```{}"}': ' {"a": "```{}"}',
    "First ```json\n[1]\n``` and then ```json\n[2]\n```": "[2]",
    "```json\n{broken\n```": "```json\n{broken\n```",
    "```json\n" + "[" * 100_000: "```json\n" + "[" * 100_000,
}


@pytest.mark.parametrize("text", FENCES, ids=range(len(FENCES)))
def test_unfenced(text: str) -> None:
    assert unfenced(text) == FENCES[text]


# ── the key ──────────────────────────────────────────────────────────────────────────────────────────────────────────

ECHOES = [
    error(401, f"wrong key {KEY}"),
    error(200, f"wrong key {KEY}"),
    error(429, f"slow down {KEY}", X_Request_Id=KEY),
    answer(f'{{"a": "{KEY}"}}'),
    answer("", refusal=KEY),
]


@pytest.mark.parametrize("echo", ECHOES)
def test_the_key_is_nowhere(
    serve: Serve, ask: Ask, journal: Journal, caplog: pytest.LogCaptureFixture, echo: Behaviour
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(echo)
    where = at(server)
    outcome = ask(where, Request((Message("user", f"a document with {KEY} in it"),), SCHEMA), journal)
    told = "".join(traceback.format_exception(outcome.error)) if outcome.error else ""
    stored = b"".join(path.read_bytes() for path in journal.path.parent.glob("journal.sqlite*"))
    assert b"a document with" in stored
    assert KEY.encode() not in stored
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith("extractor"))
    assert "request 1 (records) in mode JSON_SCHEMA" in ours
    assert "a document with" not in ours
    assert KEY not in told + repr(where) + repr(outcome.reply) + ours


def test_no_log_of_any_library_shows_the_key(serve: Serve, ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ask(at(serve(error(429, f"slow down {KEY}"), GOOD_ANSWER)), JSON_REQUEST)
    assert {"openai._base_client", "extractor.client"} <= {record.name for record in caplog.records}
    assert KEY not in caplog.text


@pytest.mark.parametrize("placeholder", ["none", "ollama", "123456", "x"])
def test_a_placeholder_is_no_secret(serve: Serve, ask: Ask, placeholder: str) -> None:
    said = f'{{"a": "{placeholder}"}}'
    assert ask(at(serve(answer(said)), api_key=placeholder), JSON_REQUEST).text == said


def test_errors_are_not_printed_by_libraries(serve: Serve) -> None:
    server = serve(error(401))
    code = f"""
from extractor.client import Client, Endpoint
from extractor.engines import Message, Request
try:
    Client(Endpoint("fake", {server.base_url!r}, {KEY!r}), None).send(Request((Message("user", "x"),), {SCHEMA!r}))
except Exception as error:
    print(type(error).__name__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("RequestRejected", "")


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────

LOCAL = "http://localhost:8000/v1"

SETTINGS: list[tuple[dict[str, Any], dict[str, str], tuple[str, str, str]]] = [
    ({"model": "openai/a", "api_key": KEY}, {}, ("a", "https://api.openai.com/v1", KEY)),
    ({"model": "a"}, {"OPENAI_API_KEY": f" {KEY}\n"}, ("a", "https://api.openai.com/v1", KEY)),
    ({"model": "openai/openai/a", "base_url": LOCAL}, {}, ("openai/a", LOCAL, "none")),
    ({"model": "org/a"}, {"OPENAI_BASE_URL": LOCAL + "/"}, ("org/a", LOCAL, "none")),
    ({"model": "a", "base_url": LOCAL}, {"OPENAI_BASE_URL": "http://other/v1"}, ("a", LOCAL, "none")),
    (
        {"model": "a", "api_key": "mine-123"},
        {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": LOCAL},
        ("a", LOCAL, "mine-123"),
    ),
]


@pytest.mark.parametrize(("given", "environment", "made"), SETTINGS)
def test_endpoint(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], environment: dict[str, str], made: tuple[str, str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = endpoint(**given)
    assert (found.model, found.base_url, found.api_key) == made


UNUSABLE: list[tuple[dict[str, Any], str]] = [
    ({}, "OPENAI_API_KEY"),
    ({"model": "openai/"}, "openai/NAME"),
    ({"base_url": "localhost:8000"}, "http://localhost"),
    ({"base_url": "ftp://x/v1"}, "http://localhost"),
    ({"base_url": "http://x:99999/v1"}, "http://localhost"),
    ({"base_url": f"http://me:{KEY}@x/v1"}, "x may hold no user name"),
    ({"base_url": f"http://x/v1?key={KEY}"}, "query"),
    ({"base_url": LOCAL, "api_key": "sk-1…2"}, "Copy it again"),
    ({"base_url": LOCAL, "timeout": 0}, "above 0"),
    ({"base_url": LOCAL, "timeout": float("nan")}, "above 0"),
    ({"base_url": LOCAL, "parameters": {"stream": True}}, "stream"),
    ({"base_url": LOCAL, "parameters": {"x": object()}}, "JSON"),
    ({"base_url": LOCAL, "parameters": {"x": float("inf")}}, "JSON"),
]


@pytest.mark.parametrize(("given", "words"), UNUSABLE)
def test_unusable_settings(given: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        endpoint(**{"model": "a", **given})
    assert KEY not in str(caught.value)


def test_a_proxy_that_cannot_work_is_a_setting(serve: Serve, monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    monkeypatch.setenv("ALL_PROXY", "odd://proxy:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(SettingsError, match="ALL_PROXY"):
        ask(at(serve(GOOD_ANSWER)), JSON_REQUEST)


def test_host_is_a_name_alone() -> None:
    assert endpoint("a", "http://Example.org:81/v1").host == "example.org"


# ── driving an engine ────────────────────────────────────────────────────────────────────────────────────────────────


def engine(closed: list[str]) -> Generator[Request, Reply, list[str]]:
    """Asks twice, and keeps the first reply when the second fails."""
    found: list[str] = []
    try:
        for request in (TEXT_REQUEST, JSON_REQUEST):
            found.append((yield request).text)
    except CallError as fault:
        found.append(type(fault).__name__)
    finally:
        closed.append("closed")
    return found


def drive_sync(filling: Generator[Request, Reply, list[str]], where: Endpoint, journal: Journal | None) -> list[str]:
    with Client(where, journal) as client:
        return drive(filling, client)


def drive_async(filling: Generator[Request, Reply, list[str]], where: Endpoint, journal: Journal | None) -> list[str]:
    async def run() -> list[str]:
        async with AsyncClient(where, journal) as client:
            return await adrive(filling, client)

    return asyncio.run(run())


@pytest.mark.parametrize("driver", [drive_sync, drive_async])
@pytest.mark.parametrize(("second", "found"), [(GOOD_ANSWER, [GOOD, GOOD]), (error(403), [GOOD, "RequestRejected"])])
def test_an_engine_is_driven_to_its_end(serve: Serve, driver: Any, second: Behaviour, found: list[str]) -> None:
    closed: list[str] = []
    assert driver(engine(closed), at(serve(GOOD_ANSWER, second)), None) == found
    assert closed == ["closed"]


@pytest.mark.parametrize("driver", [drive_sync, drive_async])
def test_an_engine_is_closed_when_the_journal_fails(serve: Serve, driver: Any, journal: Journal) -> None:
    closed: list[str] = []
    filling = engine(closed)  # held here: else it would be closed by going out of use
    journal.close()
    with pytest.raises(JournalError):
        driver(filling, at(serve(GOOD_ANSWER)), journal)
    assert closed == ["closed"]
