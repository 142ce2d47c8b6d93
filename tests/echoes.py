"""Where a server can say the key back, each place by name."""

from __future__ import annotations

import gzip
import html
import json
from base64 import b64encode
from itertools import cycle
from typing import Any
from urllib.parse import quote

from fakeserver import Behaviour, Received, Sent, always, answer, completion, error, json_reply, model_list

JSON = dict[str, Any]

STATUSES = (400, 401, 403, 404, 413, 422, 429, 500, 503)
HTML, TYPED = {"Content-Type": "text/html"}, {"Content-Type": "application/json"}
ZIPPED = {**TYPED, "Content-Encoding": "gzip"}


def echoes(key: str, reply: JSON, elsewhere: str) -> dict[str, Behaviour]:
    """Every place, around the reply that would have been right; `elsewhere` is another server's address."""
    return {
        **{f"error {status}": error(status, f"no use with {key}", Retry_After="0") for status in STATUSES},
        "error as a web page": always(Sent(502, f"<html><h1>{key}</h1>".encode(), HTML | {"Retry-After": "0"})),
        "error in plain words": always(Sent(401, f"Bearer {key}".encode(), {"Content-Type": "text/plain"})),
        "error with status 200": error(200, f"no use with {key}", Retry_After="0"),
        "page with status 200": always(Sent(200, f"<html>{key}</html>".encode(), HTML | {"Retry-After": "0"})),
        "headers of an error": lambda _: json_reply(401, {"error": key}, **_headers(key)),
        "headers of a reply": lambda received: _with(received, reply, _headers(key)),
        "Retry-After": error(429, "wait", Retry_After=key),
        "content type": always(Sent(401, b"{}", {"Content-Type": f"application/json; charset={key}"})),
        "status line": always(Sent(body=f"HTTP/1.1 401 {key}\r\nContent-Length: 0\r\n\r\n".encode(), how="raw")),
        "no HTTP": _no_http(key),
        "Location": always(Sent(302, b"", {"Location": f"{elsewhere}/?key={key}"})),
        "Location of no address": always(Sent(307, b"", {"Location": f"http://[{key}"})),
        "redirect to another server": always(Sent(307, b"", {"Location": f"{elsewhere}/chat/completions"})),
        "refusal": answer("", refusal=f"I cannot help {key}"),
        "content filter": answer(key, finish="content_filter"),
        "plain words in place of JSON": answer(f"Here is your key: {key}"),
        "value": answer(_told(reply, value=key)),
        "quote": answer(_told(reply, quote=f"the key {key} was rated good")),
        "field that nobody asked for": answer({**reply, "key": key}),
        "name of a field": answer({**reply, key: 1}),
        "name of a model": model_list(f"gpt-{key}", "fake"),
        "usage": answer(reply, usage={"prompt_tokens": key, "completion_tokens": 1, key: 2}),
        "id, model, finish_reason": always(
            completion([_choice(json.dumps(reply), key)], model=key, usage={"prompt_tokens": 9, "completion_tokens": 9})
        ),
        "upper case": error(401, key.upper()),
        "base64": error(401, b64encode(key.encode()).decode()),
        "base64 of the whole header": error(401, b64encode(f"Bearer {key}".encode()).decode()),
        "URL-encoded": error(401, f"/v1?key={quote(key, safe='')}"),
        "every byte URL-encoded": error(401, "".join(f"%{ord(one):02x}" for one in key)),
        "hexadecimal": error(401, key.encode().hex()),
        "escaped for HTML": always(Sent(502, "".join(f"&#{ord(one)};" for one in key).encode(), HTML)),
        "escaped for JSON": always(Sent(401, f'{{"error": "{_escaped(key)}"}}'.encode(), TYPED)),
        "JSON in JSON": answer(f'{{"records": [], "key": "{_escaped(key)}"}}'),
        "UTF-16": always(Sent(401, json.dumps({"error": key}).encode("utf-16"), TYPED)),
        "gzip": always(
            Sent(401, gzip.compress(json.dumps({"error": key}).encode()), TYPED | {"Content-Encoding": "gzip"})
        ),
        "pieces of one reply": always(completion([_choice([{"text": key[:9]}, {"text": key[9:]}], "stop")])),
    }


def _no_http(key: str) -> Behaviour:
    """In turn: no status line, a header that is none, chunks without a size."""
    heads = (f"{key} {key}", f"HTTP/1.1 200 OK\r\n{key}", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked")
    turns = cycle(Sent(body=f"{head}\r\n\r\n{key}\r\n".encode(), how="raw") for head in heads)
    return lambda _: next(turns)


def spellings(key: str) -> list[str]:
    """Some spellings of a key, for whoever looks for it."""
    return [key, key.upper(), quote(key, safe=""), html.escape(key), _escaped(key), key.encode().hex()]


def _headers(key: str) -> dict[str, str]:
    return {"X_Request_Id": key, "WWW_Authenticate": f"Bearer {key}", "Set_Cookie": f"key={key}", "X_Echo": key}


def _with(received: Received, reply: JSON, headers: dict[str, str]) -> Sent:
    sent = answer(reply)(received)
    return Sent(200, sent.body, {**sent.headers, **{name.replace("_", "-"): said for name, said in headers.items()}})


def _told(reply: JSON, *, value: str | None = None, quote: str | None = None) -> JSON:
    """The reply with another value or quote in its first record's grade and first inspectorate."""
    record = dict(reply["records"][0])
    grade, body = dict(record["overall_grade"]), dict(record["inspectorates"][0])
    for one in (grade, body):
        one |= {"value": value} if value else {}
        one |= {"quote": quote} if quote else {}
    council = dict(record["authority"]) | ({"as_written": value} if value else {})
    return {"records": [record | {"overall_grade": grade, "inspectorates": [body], "authority": council}]}


def _choice(content: Any, finish: str) -> JSON:
    return {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content}}


def _escaped(key: str) -> str:
    return "".join(f"\\u{ord(one):04x}" for one in key)
