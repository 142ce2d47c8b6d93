"""A chat-completions server on loopback that does as a test tells it: the outside world is a real one."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request as it arrived; header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """One reply; `how` says in which way it goes out (see WAYS)."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    how: str = "whole"


Behaviour = Callable[[Received], Sent]
Script = Sequence[Behaviour] | Callable[[Received], Behaviour]
"""Behaviours in turn, of which the last one is kept to; or a function that picks one for each request."""


# ── behaviours ───────────────────────────────────────────────────────────────────────────────────────────────────────


def answer(content: Any, /, *, usage: Any = (11, 7), finish: str = "stop", **message: Any) -> Behaviour:
    """The content (text, or data sent as JSON): in a tool call where tools are asked for, else as the message."""
    text = content if isinstance(content, str) else json.dumps(content)

    def behave(received: Received) -> Sent:
        said: dict[str, Any] = {"role": "assistant", "content": text}
        if tools := received.body.get("tools"):
            function = {"name": tools[0]["function"]["name"], "arguments": text}
            said |= {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": function}]}
        counted = (
            dict(zip(("prompt_tokens", "completion_tokens"), usage, strict=True)) | {"total_tokens": sum(usage)}
            if isinstance(usage, tuple)
            else usage
        )
        choice = {"index": 0, "finish_reason": finish, "message": said | message}
        return completion([choice], received.body["model"], counted)

    return behave


def chat_answer(content: str) -> Behaviour:
    """The content as the message, also where tools are asked for: a server that ignores them."""
    return lambda received: answer(content)(Received(received.path, received.headers, received.body | {"tools": None}))


def completion(choices: Any, model: str = "fake", usage: Any = None) -> Sent:
    """A chat completion with these choices."""
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": model, "choices": choices}
    return json_reply(200, body | ({"usage": usage} if usage is not None else {}))


def json_reply(status: int, body: Any, **headers: str) -> Sent:
    """Any JSON with any status; header names are written with underscores."""
    named = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return Sent(status, json.dumps(body).encode(), named)


def error(status: int, message: str = "fake fault", **headers: str) -> Behaviour:
    """An error as openai words it; status 200 makes an error in disguise."""
    return lambda _: json_reply(status, {"error": {"message": message, "type": "fake"}}, **headers)


def web_page(status: int = 200) -> Behaviour:
    """What a proxy in between may say."""
    return lambda _: Sent(status, b"<html><h1>Sign in</h1></html>", {"Content-Type": "text/html"})


def rejecting(names: Sequence[str], then: Behaviour, status: int = 400, message: str = "") -> Behaviour:
    """Refuse a request whose body has one of these fields; do `then` otherwise."""

    def behave(received: Received) -> Sent:
        found = next((name for name in names if name in received.body), None)
        return error(status, message or f"{found} is not supported")(received) if found else then(received)

    return behave


def model_list(*names: str) -> Behaviour:
    """What GET /models says."""
    listed = [{"id": name, "object": "model", "created": 0, "owned_by": "fake"} for name in names]
    return lambda _: json_reply(200, {"object": "list", "data": listed})


def always(sent: Sent) -> Behaviour:
    """The same reply, whatever is asked."""
    return lambda _: sent


hang = always(Sent(how="hang"))
reset = always(Sent(how="reset"))
trickle = always(Sent(how="trickle"))
cut_body = always(Sent(body=b'{"choices": [{"mess', how="cut"))
half_json = always(Sent(body=b'{"choices": [{"mess', headers={"Content-Type": "application/json"}))


# ── the server ───────────────────────────────────────────────────────────────────────────────────────────────────────


class FakeServer:
    """Serves a script from port `port` until it is closed, and keeps what it received."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.received: list[Received] = []
        self.stopped = threading.Event()
        self._arrival = threading.Condition()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.port = self._server.server_address[1]
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [received.body for received in self.received]

    def arrived(self, number: int) -> list[Received]:
        """What was received, once it is `number` requests: a client that gives up may be done before they are read."""
        with self._arrival:
            self._arrival.wait_for(lambda: len(self.received) >= number, timeout=300)
            return list(self.received)

    def reply(self, received: Received) -> Sent:
        with self._arrival:
            self.received.append(received)
            turn = len(self.received) - 1
            self._arrival.notify_all()
        behave = self.script(received) if callable(self.script) else self.script[min(turn, len(self.script) - 1)]
        return behave(received)

    def close(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> FakeServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake: FakeServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
        headers = {name.lower(): value for name, value in self.headers.items()}
        sent = self.fake.reply(Received(self.path, headers, body))
        WAYS[sent.how](self, sent)

    do_GET = do_POST

    def whole(self, sent: Sent, length: int | None = None) -> None:
        self.send_response(sent.status)
        for name, value in {
            **sent.headers,
            "Content-Length": str(len(sent.body) if length is None else length),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent.body)
        self.wfile.flush()

    def hang(self, sent: Sent) -> None:
        self.fake.stopped.wait()
        self.close_connection = True

    def reset(self, sent: Sent) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def cut(self, sent: Sent) -> None:
        self.whole(sent, length=len(sent.body) + 100)
        self.close_connection = True

    def trickle(self, sent: Sent) -> None:
        self.whole(sent, length=10**6)
        while not self.fake.stopped.wait(0.02):
            self.wfile.write(b" ")
            self.wfile.flush()

    def raw(self, sent: Sent) -> None:
        """The body alone, which has the status line and the headers in it."""
        self.wfile.write(sent.body)
        self.wfile.flush()
        self.close_connection = True

    def broken(self, sent: Sent) -> None:
        """The beginning of the reply, then a reset."""
        self.whole(sent, length=2 * len(sent.body))
        self.reset(sent)

    def slow(self, sent: Sent) -> None:
        """All of the reply, a little at a time."""
        whole, piece = sent.body, max(1, len(sent.body) // 10)
        self.whole(Sent(sent.status, b"", sent.headers), length=len(whole))
        for at in range(0, len(whole), piece):
            self.fake.stopped.wait(0.02)
            self.wfile.write(whole[at : at + piece])
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing on standard error."""


WAYS: Mapping[str, Callable[[_Handler, Sent], None]] = {
    "whole": _Handler.whole,
    "hang": _Handler.hang,
    "reset": _Handler.reset,
    "cut": _Handler.cut,
    "trickle": _Handler.trickle,
    "broken": _Handler.broken,
    "slow": _Handler.slow,
    "raw": _Handler.raw,
}
"""How a reply goes out: whole; never; a reset in its place; cut off; a blank at a time without end; its beginning, then
a reset; whole, a little at a time; its body alone, status line and all."""
