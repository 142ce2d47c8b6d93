"""What a server on the road can do wrong, each by name: for known answers, and for runs under many of them at once."""

from __future__ import annotations

import gzip
import json
from typing import Any

from fakeserver import (
    Behaviour,
    Received,
    Sent,
    always,
    answer,
    completion,
    cut_body,
    error,
    half_json,
    hang,
    json_reply,
    reset,
    trickle,
    web_page,
)

JSON = dict[str, Any]

LARGE = 40_000_000
BURST, BURSTS = "429, thirty in a row", 30
"""The fault that comes to so many requests, whichever they are, once it has come to one."""


def faults(reply: JSON, retry_after: str = "0") -> dict[str, Behaviour]:
    """Every fault, around the reply that would have been right; a server asks to wait `retry_after` seconds."""
    text = json.dumps(reply)
    return {
        "429": error(429),
        "429 with Retry-After": error(429, Retry_After=retry_after),
        BURST: error(429, Retry_After=retry_after),
        "500": error(500),
        "502 as a web page": web_page(502),
        "503": error(503),
        "529": error(529),
        "reset before the reply": reset,
        "reset in the middle": _cut_short(reply),
        "a body cut off": cut_body,
        "half of the body": half_json,
        "a slow reply": _slow(reply),
        "a reply without an end": trickle,
        "no reply": hang,
        "truncated JSON": answer(text[: len(text) // 2]),
        "another shape": answer({"records": "none"}),
        "the reply itself of another shape": always(json_reply(200, {"choices": "none"})),
        "a choice of another shape": always(completion([1])),
        "no choice": always(completion([])),
        "an empty choice": always(completion([{}])),
        "a refusal": answer("", refusal="I cannot help with that"),
        "cut at the length limit": answer(text[:40], finish="length"),
        "200 with an error": error(200),
        "a proxy's web page": web_page(),
        "gzip cut short": _zipped(reply, cut=True),
        "gzip": _zipped(reply, cut=False),
        "another content type": _typed(reply),
        "a reply of 40 MB": answer({**reply, "padding": "x" * LARGE}),
        "no usage": answer(reply, usage=None),
        "negative usage": answer(reply, usage={"prompt_tokens": -5, "completion_tokens": -1, "total_tokens": -6}),
        "usage of another shape": answer(reply, usage="many"),
        "a key twice": answer('{"records": [], ' + text[1:]),
        "not a number": answer(text[:-1] + ', "more": [NaN, Infinity, 1e999]}'),
        "deep nesting": answer("[" * 100_000 + "]" * 100_000),
        "deep nesting of the reply itself": always(
            Sent(200, b'{"choices": ' + b"[" * 100_000, {"Content-Type": "application/json"})
        ),
        "bytes that are no text": _spoilt(reply),
        "half a character": answer(text.replace("rated", "rated\\ud800", 1)),
    }


def _whole(reply: JSON, received: Received) -> Sent:
    return answer(reply)(received)


def _cut_short(reply: JSON) -> Behaviour:
    def behave(received: Received) -> Sent:
        sent = _whole(reply, received)
        return Sent(sent.status, sent.body[: len(sent.body) // 2], sent.headers, how="broken")

    return behave


def _slow(reply: JSON) -> Behaviour:
    def behave(received: Received) -> Sent:
        sent = _whole(reply, received)
        return Sent(sent.status, sent.body, sent.headers, how="slow")

    return behave


def _zipped(reply: JSON, *, cut: bool) -> Behaviour:
    def behave(received: Received) -> Sent:
        sent = _whole(reply, received)
        body = gzip.compress(sent.body)
        return Sent(200, body[: len(body) // 2] if cut else body, {**sent.headers, "Content-Encoding": "gzip"})

    return behave


def _typed(reply: JSON) -> Behaviour:
    def behave(received: Received) -> Sent:
        return Sent(200, _whole(reply, received).body, {"Content-Type": "text/plain"})

    return behave


def _spoilt(reply: JSON) -> Behaviour:
    def behave(received: Received) -> Sent:
        sent = _whole(reply, received)
        return Sent(200, sent.body.replace(b"rated", b"rat\xffed"), sent.headers)

    return behave
