"""The client sends a Request to a chat-completions server: the only file that knows openai and instructor."""

from __future__ import annotations

import json
import logging
import math
import os
import re
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from types import TracebackType
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from extractor.engines import Reply, Request, Usage
from extractor.errors import (
    CallError,
    CallTimedOut,
    EndpointFault,
    RateLimited,
    Refused,
    ReplyTruncated,
    ReplyUnusable,
    RequestRejected,
    SettingsError,
)
from extractor.flights import Flight, join, land
from extractor.journal import Journal, NoJournal, RawReply, request_key
from extractor.redaction import Secret, holds, keep_from_logs, redacted, redacted_bytes, without_password

Q = TypeVar("Q")
A = TypeVar("A")
T = TypeVar("T")
P = ParamSpec("P")

NOTHING = RawReply(0, {}, b"")
"""The raw reply to a request that has not been answered."""

logger = logging.getLogger("extractor.client")
QUIET = logging.NullHandler()

DEFAULT_BASE_URL = "https://api.openai.com/v1"
PLACEHOLDER_KEY = "none"
CONNECT_SECONDS = 10.0
LONGEST_WAIT = 120.0

ATTEMPTS: Mapping[type[BaseException], int] = {RateLimited: 4, EndpointFault: 4, CallTimedOut: 2}
"""The faults that pass: after how many requests each is given up."""

MODES = ("JSON_SCHEMA", "TOOLS", "MD_JSON")
"""The ways to ask for JSON, best first; the names are instructor's."""

RESERVED = ("model", "messages", "n", "stream", "response_format", "tools", "tool_choice", "functions", "function_call")
KEPT_HEADERS = ("content-type", "date", "retry-after", "x-request-id")

HINTS: Mapping[int, str] = {
    401: "Check the API key: OPENAI_API_KEY, or the api_key argument.",
    403: "Check that this API key may use this model.",
    404: "Check the model's name, and that the base URL is right (most end in /v1).",
    413: "The document is too long for this server.",
}
MOVED_HINT = "It sends elsewhere, and no document is sent where you did not say: give the address that it moved to."
OTHER_HINT = "Check the model's name, the parameters and the length of the document."

FORMAT_WORDS = re.compile(
    r"response_format|json.?schema|structured.output|\btools?\b|tool_choice|function|grammar"
    r"|unsupported|not.support|not.implemented",
    re.IGNORECASE,
)
FENCE = re.compile(r"```\w*\s*(?=[{\[])")


# ── where to ask ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Endpoint:
    """One model at one chat-completions server. Made by `endpoint`, which checks each part."""

    model: str
    base_url: str
    api_key: str = field(repr=False)
    timeout: float = 600
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The server's name, without port, path or credentials."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def where(self) -> str:
        """The model and the server's address, for messages."""
        return f"{self.model} at {self.base_url}"


def endpoint(
    model: str,
    base_url: str | None = None,
    api_key: str | None = None,
    timeout: float = 600,
    parameters: Mapping[str, Any] | None = None,
) -> Endpoint:
    """An Endpoint from what a user said, the environment, and openai's own address, in this order.

    Args:
        model: "openai/NAME", or NAME alone. Only this one prefix is taken off: "openai/openai/gpt-oss-20b" asks for
            "openai/gpt-oss-20b".
        base_url: the server's address; None takes OPENAI_BASE_URL, and failing that openai's own.
        api_key: None takes OPENAI_API_KEY. Any server but openai's own may do without: it is sent a placeholder.
        timeout: seconds for one request, from the connection to the last byte of the reply.
        parameters: sent in the body of each request as they are, such as {"temperature": 0}.

    Raises:
        SettingsError: a part is missing or cannot work; says which, and what to set.
    """
    name = model.removeprefix("openai/").strip()
    if not name:
        raise SettingsError(f"The model {model!r} has no name. Give one as openai/NAME.")
    if not (timeout > 0 and math.isfinite(timeout)):
        raise SettingsError(f"A timeout of {timeout} seconds cannot work. Give a number above 0.")
    address = _address(base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL)
    made = Endpoint(name, address, _key(api_key, address), timeout, _parameters(parameters or {}))
    for what, said in (("model's name", name), ("base URL", address), ("parameters", json.dumps(made.parameters))):
        if holds(said, made.api_key):
            raise SettingsError(f"The {what} may not hold the API key: results and the journal say what was asked.")
    return made


def _address(base_url: str) -> str:
    """The address, checked; a password or a query in it could end up in a message or in the journal."""
    address = base_url.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        shown = re.split("[?#]", address.rpartition("@")[2])[0]
        raise SettingsError(f"The base URL {shown!r} is none. Give one like http://localhost:8000/v1.")
    if parts.username is not None or parts.query or parts.fragment:
        raise SettingsError(
            f"The base URL for {parts.hostname} may hold no user name, password, query or fragment. Give the address "
            "alone, and the key as api_key or OPENAI_API_KEY."
        )
    return address


def _key(api_key: str | None, address: str) -> str:
    """The key to send to this address."""
    key = (api_key or os.environ.get("OPENAI_API_KEY") or "").strip()
    if not key and address == DEFAULT_BASE_URL:
        raise SettingsError(
            "There is no API key for api.openai.com. Set OPENAI_API_KEY, or name another server with --base-url "
            "or OPENAI_BASE_URL."
        )
    if not re.fullmatch(r"[!-~]*", key):
        raise SettingsError("The API key holds a space or another character that no key has. Copy it again.")
    return Secret(key or PLACEHOLDER_KEY)


def _parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters in one order, so that the same ones are always the same request."""
    if taken := sorted(set(parameters) & set(RESERVED)):
        raise SettingsError(f"The parameter {taken[0]} is set by extractor itself. Leave it out.")
    try:
        json.dumps(dict(parameters), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"The parameters cannot be sent as JSON: {error}.") from error
    return dict(sorted(parameters.items()))


# ── what to send ─────────────────────────────────────────────────────────────────────────────────────────────────────


def question(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    """A request as the journal knows it: whatever the mode, so that a mode learnt later never pays for it again."""
    return {
        "model": endpoint.model,
        "messages": _messages(request),
        "parameters": endpoint.parameters,
        "answer": None if request.schema is None else _named_schema(request),
    }


def arguments(endpoint: Endpoint, request: Request, mode: str) -> dict[str, Any]:
    """What instructor's `create` is given. Never a `context`: it would make a template of the document."""
    extra = dict(endpoint.parameters)
    model = None
    if request.schema is not None:
        named = _named_schema(request)
        model = _answer_model(named["name"], json.dumps(named["schema"]))
        if mode == "JSON_SCHEMA":  # instructor would send its own response_format, which is not strict
            extra["response_format"] = {"type": "json_schema", "json_schema": {**named, "strict": True}}
    return {
        "model": endpoint.model,
        "messages": _messages(request),
        "extra_body": extra,
        "response_model": model,
        "max_retries": 0,
        "strict": False,
    }


def _messages(request: Request) -> list[dict[str, str]]:
    """The messages that say something: instructor makes a list of an empty one, which servers refuse."""
    return [{"role": message.role, "content": message.content} for message in request.messages if message.content]


def _named_schema(request: Request) -> dict[str, Any]:
    """The schema, under a name that every server accepts."""
    return {"name": _name(request), "schema": request.schema}


def _name(request: Request) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", request.about)[:64] or "records"


@lru_cache(maxsize=64)
def _answer_model(name: str, schema: str) -> Any:
    """A response model for instructor: it shows the given schema and takes any reply, since engines judge replies.

    Made once for each schema: preparing one costs more than sending it.
    """
    from instructor import OpenAISchema

    shown = {**json.loads(schema), "title": name}

    class Answer(OpenAISchema):
        @classmethod
        def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
            return dict(shown)

        @classmethod
        def model_validate_json(cls, *args: Any, **kwargs: Any) -> Answer:
            return cls()

    Answer.__name__ = name
    return Answer


def _wire(shaped: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a request that instructor has shaped, as openai sends it."""
    return {name: value for name, value in shaped.items() if name != "extra_body"} | (shaped.get("extra_body") or {})


def _as_bytes(wire: Mapping[str, Any], where: str) -> bytes:
    """The body as it is written down."""
    try:
        return json.dumps(wire, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        fault = "the document or the prompt holds half a character (a lone surrogate), which cannot be sent"
        raise RequestRejected(f"{where}: {fault}. Read the file again in its own encoding.") from None


def _as_it_is(wire: Mapping[str, Any]) -> dict[str, Any]:
    """What openai's `create` is given to send just this body: it would take its time to look through the messages."""
    return {"model": wire["model"], "messages": (), "extra_body": wire}


def ladder(request: Request, known: str | None) -> list[str]:
    """The modes to try, in order: down from the one that is known to work. Plain text is the same in every mode."""
    if request.schema is None:
        return [MODES[-1]]
    return list(MODES[MODES.index(known) :] if known in MODES else MODES)


def blames_format(error: RequestRejected, first_use: bool) -> bool:
    """Whether a server may have refused the mode and not the request. On first use any 400 may mean that."""
    return (first_use and error.status == 400) or (
        error.status in (400, 404, 422, 501) and bool(FORMAT_WORDS.search(error.said))
    )


# ── what comes back ──────────────────────────────────────────────────────────────────────────────────────────────────


def completion_of(raw: RawReply, where: str) -> dict[str, Any]:
    """The completion in a raw reply.

    Raises:
        CallError: RateLimited, EndpointFault or RequestRejected, when there is none.
    """
    completion = raw.completion()
    if completion is not None:
        return completion
    fault = _fault(raw, where)
    fault.retry_after = retry_after_of(raw)
    raise fault


def _fault(raw: RawReply, where: str) -> CallError:
    """A reply without a completion, as the error it stands for."""
    said = server_words(raw.body)
    quoted = f" ({said})" if said else ""
    if raw.status == 429:
        return RateLimited(f"{where}: too many requests, or no credit left{quoted}. Wait, or ask with less at once.")
    if raw.status == 408 or (raw.status >= 500 and raw.status != 501):
        return EndpointFault(f"{where}: the server failed with status {raw.status}{quoted}. Try again later.")
    if raw.status < 300:
        fault = f"{where}: the reply is an error or no chat completion, although its status is {raw.status}{quoted}"
        return EndpointFault(f"{fault}. Try again later, or check the base URL (most end in /v1).")
    hint = MOVED_HINT if raw.status < 400 else HINTS.get(raw.status, OTHER_HINT)
    rejected = RequestRejected(f"{where}: the server refused the request with status {raw.status}{quoted}. {hint}")
    rejected.status, rejected.said = raw.status, said
    return rejected


def server_words(body: bytes) -> str:
    """What a server says in an error's body, whichever the shape, in at most 300 characters."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = re.sub(r"<[^>]*>", " ", body.decode("utf-8", "replace"))
    while isinstance(said, (dict, list)):
        items = said if isinstance(said, list) else [said.get(name) for name in ("error", "message", "detail", "msg")]
        said = next((item for item in items if item), "")
    return " ".join(str(said).split())[:300]


def retry_after_of(raw: RawReply) -> float | None:
    """The seconds that a reply asks to wait; None where it asks nothing sensible."""
    return retry_after(raw.headers.get("retry-after", ""), datetime.now(UTC))


def retry_after(header: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, at most LONGEST_WAIT; None where it says nothing sensible."""
    try:
        seconds = float(header) if header.strip().isdecimal() else (parsedate_to_datetime(header) - now).total_seconds()
    except (TypeError, ValueError):  # TypeError: a date without a zone
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def reply_of(completion: Mapping[str, Any], request: Request, where: str) -> Reply:
    """The model's own output in a completion: JSON text, without a code fence, where the request had a schema.

    Raises:
        CallError: Refused, ReplyTruncated or ReplyUnusable, when the model gave none.
    """
    choice = _choice(completion)
    message, reason = _dict(choice.get("message")), choice.get("finish_reason")
    if refusal := message.get("refusal"):
        raise Refused(f"{where}: the model declined ({' '.join(str(refusal).split())[:300]}). Try another model.")
    if reason == "content_filter":
        raise Refused(f"{where}: the server's content filter stopped the reply. Try another model or server.")
    if reason == "length":
        raise ReplyTruncated(
            f"{where}: the reply hit its length limit. Raise max_tokens (or max_completion_tokens) in the parameters, "
            "or give a shorter document."
        )
    text = _text(message)
    if not text.strip():
        raise ReplyUnusable(f"{where}: the reply is empty. Try again with another model or prompt.")
    return Reply(text if request.schema is None else unfenced(text), usage_of(completion))


def _choice(completion: Mapping[str, Any]) -> dict[str, Any]:
    return _dict(next(iter(completion["choices"]), None))


def _text(message: Mapping[str, Any]) -> str:
    """The arguments of the first tool call; the content, if there is none."""
    calls = message.get("tool_calls")
    call = _dict(next(iter(calls), None)) if isinstance(calls, list) else {}
    arguments = _dict(call.get("function")).get("arguments")
    if arguments:
        return arguments if isinstance(arguments, str) else json.dumps(arguments)
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"text": content}]
    return "".join(text for part in parts if isinstance(text := _dict(part).get("text"), str))


def unfenced(text: str) -> str:
    """The last JSON in a code fence, cut out; the text as it is where it opens as JSON or fences none."""
    found, end = text, 0
    for opening in FENCE.finditer("" if text.lstrip().startswith(("{", "[")) else text):
        start = opening.end()
        try:
            if start >= end:
                end = json.JSONDecoder().raw_decode(text, start)[1]
                found = text[start:end]
        except (ValueError, RecursionError):
            continue
    return found


def usage_of(completion: Mapping[str, Any]) -> Usage:
    """The tokens that a server says it counted; None for each that it leaves out, or that cannot be true."""
    usage = _dict(completion.get("usage"))
    return Usage(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _sum(one: Usage, other: Usage) -> Usage:
    """Two usages as one; what neither knows stays unknown."""

    def total(a: int | None, b: int | None) -> int | None:
        return b if a is None else a + (b or 0)

    return Usage(total(one.input_tokens, other.input_tokens), total(one.output_tokens, other.output_tokens))


def _raw(response: Any, body: bytes) -> RawReply:
    """A response of openai's HTTP client as the journal keeps it."""
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return RawReply(response.status_code, headers, body)


def _clean(raw: RawReply, key: str) -> RawReply:
    """A raw reply without the key, which some servers echo; also where only its parts together say it."""
    headers = {name: redacted(value, key) for name, value in raw.headers.items()}
    clean = RawReply(raw.status, headers, redacted_bytes(raw.body, key))
    completion = clean.completion()
    choice = _choice(completion) if completion else {}
    text = _text(_dict(choice.get("message")))
    if not holds(text, key):
        return clean
    whole = {**choice, "message": {"role": "assistant", "content": redacted(text, key)}}
    return RawReply(raw.status, headers, json.dumps({**(completion or {}), "choices": [whole]}).encode())


# ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────────────


Gate = Callable[[bytes], AbstractAsyncContextManager[Callable[[RawReply], object]]]
"""What each request passes before it is sent: given its body, it lets it through in time, and is told the reply."""


class Line:
    """The connections to one endpoint, and the mode in which it answers: clients may share one.

    Args:
        endpoint: where to ask.
        gate: what every request of an AsyncClient passes; null lets each through at once.
        places: how many calls can be on their way at once; null: as openai has it, and by the transport that knows
            every kind of proxy. A number takes the transport that is quick with many calls (aiohttp's).
    """

    def __init__(self, endpoint: Endpoint, gate: Gate | None = None, places: int | None = None) -> None:
        self.endpoint = endpoint
        self.gate: Gate = gate or (lambda body: nullcontext(_untold))
        self.mode: str | None = None
        self._places = places
        self._server: Any = None
        self._lock = threading.Lock()

    def connected(self, kind: str) -> Any:
        """The openai client ("OpenAI" or "AsyncOpenAI"), made on first use: importing openai takes a second."""
        import openai

        with self._lock:
            if self._server is None:
                seconds = self.endpoint.timeout
                try:
                    self._server = getattr(openai, kind)(
                        base_url=self.endpoint.base_url,
                        api_key=self.endpoint.api_key,
                        timeout=openai.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
                        max_retries=0,
                        http_client=_http(kind, self._places),
                    )
                except Exception as error:  # whatever it is, it comes from the address or the environment
                    raise SettingsError(
                        f"No connection to {self.endpoint.host} can be set up: {without_password(str(error))}. Check "
                        "the variables for proxies (ALL_PROXY, HTTPS_PROXY) and certificates (SSL_CERT_FILE)."
                    ) from None
                keep_from_logs(self.endpoint.api_key)
            return self._server

    def close(self) -> None:
        """Close the connections of an "OpenAI"."""
        if self._server is not None:
            self._server.close()

    async def closed(self) -> None:
        """Close the connections of an "AsyncOpenAI"."""
        if self._server is not None:
            await self._server.close()


def _untold(reply: RawReply) -> None:
    """Nobody is told of the reply."""


def _http(kind: str, places: int | None) -> Any:
    """What speaks HTTP for openai. It follows no redirect: the document would go to a server that nobody named."""
    import httpx2
    import openai

    if places is None:
        own = openai.DefaultHttpxClient if kind == "OpenAI" else openai.DefaultAsyncHttpxClient
        return own(follow_redirects=False)
    wide = httpx2.Limits(max_connections=places, max_keepalive_connections=places)
    return openai.DefaultAioHttpClient(limits=wide, follow_redirects=False)


@dataclass
class _Call:
    """One Request on its way: its key in the journal, the mode it is asked in, how often it was sent, what came."""

    request: Request
    key: str
    mode: str = ""
    sent: int = 0
    raw: RawReply = NOTHING
    answered: bool = False


class _Sender:
    """What both clients share: everything but the sending itself."""

    def __init__(
        self, endpoint: Endpoint, journal: Journal | None, repeat: int, sleep: Callable[[float], Any], line: Line | None
    ) -> None:
        self.endpoint, self.repeat = endpoint, repeat
        self.requests = 0
        """How many requests were sent; replies from the journal take none."""
        self.usage = Usage()
        """The tokens of the replies that were paid for, also of those that could not be used."""
        self._journal = journal or NoJournal()
        self._sleep = sleep
        self._line, self._own_line = line or Line(endpoint), line is None
        self._lock = threading.Lock()

    def _asking(self, request: Request) -> Generator[_Call | Flight, RawReply | None, Reply]:
        """One send but for the sending: yields the call in each mode worth a try, and reads the raw reply put in it.

        What another caller is asking already is yielded as its flight, to be sent its answer; null asks anew.
        """
        call = _Call(request, request_key(self.endpoint.base_url, question(self.endpoint, request), self.repeat))
        # Each kind apart: a blocking client in an event loop's own thread would wait for ever for what that loop sends.
        name = (type(self), getattr(self._journal, "path", None) or id(self._journal), call.key)
        while (ahead := join(name)) is not None:
            if (answer := (yield ahead)) is not None:
                return self._read(answer, request)
        try:
            if (stored := self._journal.find(call.key)) is not None:
                logger.debug("%s: served from the journal", self.endpoint.where)
                call.raw = stored
                return self._read(stored, request)
            known = self._known_mode()
            modes = ladder(request, known)
            while True:
                call.mode = modes.pop(0)
                try:
                    yield call
                except RequestRejected as error:
                    if not (modes and blames_format(error, first_use=known is None)):
                        raise
                else:
                    if request.schema is not None and known is None:
                        self._remember_mode(call.mode)
                    return self._read(call.raw, request)
        except CallError as error:
            error.requests = call.sent
            error.__context__ = None  # openai's own error, whose frames hold the key
            raise
        finally:
            land(name, call.raw if call.raw.usable() else None)

    def _read(self, raw: RawReply, request: Request) -> Reply:
        return reply_of(completion_of(raw, self.endpoint.where), request, self.endpoint.where)

    def _known_mode(self) -> str | None:
        if self._line.mode is None:
            self._line.mode = self._journal.mode(self.endpoint.base_url, self.endpoint.model)
        return self._line.mode

    def _remember_mode(self, mode: str) -> None:
        self._line.mode = mode
        self._journal.remember_mode(self.endpoint.base_url, self.endpoint.model, mode)

    @contextmanager
    def _recorded(self, call: _Call, body: bytes) -> Iterator[None]:
        """Write down one request before it is sent, and what became of it after; say every fault as a CallError."""
        import openai

        at = self.endpoint
        fault: CallError | None = None
        row = self._journal.start(call.key, at.base_url, at.model, redacted_bytes(body, at.api_key))
        with self._lock:
            self.requests += 1
            call.sent += 1
        try:
            yield
        except openai.APIStatusError as error:
            call.raw = _raw(error.response, error.response.content)
        except Exception as error:  # openai's own, or whatever the libraries below it let through
            reason = redacted(str(error.__cause__ or error), at.api_key)
            if _is_late(error):
                told = f"no whole reply within {at.timeout:g} seconds. Allow more with --timeout."
                fault = CallTimedOut(f"{at.where}: {told}")
            else:
                fault = EndpointFault(f"{at.where}: no reply ({reason}). Check that the server runs, and its address.")
                fault.reached = _was_connected(error)
        outcome = type(fault).__name__ if fault else f"status {call.raw.status}"
        logger.debug("%s: request %d (%s) in mode %s: %s", at.where, call.sent, call.request.about, call.mode, outcome)
        if fault:
            self._journal.fail(row, str(fault))
            raise fault from None  # the traceback of openai's own error may quote the key
        call.raw = _clean(call.raw, at.api_key)
        self._journal.finish(row, call.raw)

    def _received(self, call: _Call) -> Any:
        """Refuse what is no reply, add up what was paid, and return a completion for instructor."""
        completion = completion_of(call.raw, self.endpoint.where)
        with self._lock:
            self.usage = _sum(self.usage, usage_of(completion))
        self._read(call.raw, call.request)
        call.answered = True
        return _empty_completion(_name(call.request), call.mode == "TOOLS")


def _is_late(error: BaseException) -> bool:
    """Whether time ran out. openai's aiohttp transport also says so of a connection that was dropped."""
    import httpx2
    import openai

    if not isinstance(error, (openai.APITimeoutError, httpx2.TimeoutException, TimeoutError)):
        return False
    theirs = [cause for cause in _causes(error) if type(cause).__module__.startswith("aiohttp")]
    return not theirs or isinstance(theirs[0], TimeoutError)


def _was_connected(error: BaseException) -> bool:
    """Whether there was a connection, so that the server may have got the request."""
    kinds = {kind.__name__ for cause in _causes(error) for kind in type(cause).__mro__}
    return not kinds & {"ConnectError", "ClientConnectorError"}  # httpx2's, and aiohttp's


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__


@cache
def _empty_completion(name: str, in_a_call: bool) -> Any:
    """What instructor is given to parse: engines judge the real reply, and to make openai's model of it is slow."""
    from openai.types.chat import ChatCompletion

    call = {"id": "", "type": "function", "function": {"name": name, "arguments": "{}"}}
    message = {"role": "assistant"} | ({"tool_calls": [call]} if in_a_call else {"content": "{}"})
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return ChatCompletion.construct(id="", object="chat.completion", created=0, model="", choices=[choice])


def _through_instructor(create: Callable[..., Any], mode: str) -> Callable[..., Any]:
    """A `create` that instructor shapes the request for, in this mode, and parses the completion of."""
    import instructor

    logging.getLogger("instructor").addHandler(QUIET)  # else each error is printed on standard error
    return instructor.patch(create=create, mode=instructor.Mode[mode])


@contextmanager
def _unwrapped(call: _Call) -> Iterator[None]:
    """Give back the error that instructor wraps. What it cannot parse is no error here: the engine judges replies."""
    from instructor.core.exceptions import InstructorError

    fault = None
    try:
        yield
    except InstructorError as error:
        fault = error.__cause__ or error
    if fault is not None and not call.answered:
        raise fault from None


def _policy(sleep: Callable[[float], Any]) -> dict[str, Any]:
    """How tenacity retries: as often as ATTEMPTS says, after what the server asks for, or else 1, 2, 4 s and jitter."""
    from tenacity import RetryCallState, retry_if_exception_type, wait_exponential_jitter

    backoff = wait_exponential_jitter(initial=1, max=30)

    def fault(state: RetryCallState) -> Any:
        return state.outcome and state.outcome.exception()

    def stop(state: RetryCallState) -> bool:
        return state.attempt_number >= ATTEMPTS[type(fault(state))]

    def wait(state: RetryCallState) -> float:
        asked: float | None = fault(state).retry_after
        return backoff(state) if asked is None else asked

    return {
        "retry": retry_if_exception_type(tuple(ATTEMPTS)),
        "stop": stop,
        "wait": wait,
        "sleep": sleep,
        "reraise": True,
    }


@contextmanager
def _until(end: float, response: Any) -> Iterator[None]:
    """Hang up at `end` on the monotonic clock: openai's own timeout begins anew with each piece of the reply.

    Raises:
        TimeoutError: the time is over.
    """
    connection = response.http_response.extensions["network_stream"].get_extra_info("socket")
    timer = threading.Timer(max(0, end - time.monotonic()), _hang_up, [connection])
    timer.start()
    try:
        yield
    except Exception:
        if time.monotonic() < end:
            raise
    finally:
        timer.cancel()
    if time.monotonic() >= end:
        raise TimeoutError


def _hang_up(connection: socket.socket) -> None:
    """End a wait for more bytes, in whichever thread it is; TLS is not told."""
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Client(_Sender):
    """Sends Requests to one endpoint, from any thread; nothing is imported or opened before the first is sent.

    Args:
        endpoint: where to ask.
        journal: where each call is written down, and served from if it was made before; None keeps none.
        repeat: asks the same question anew: each number has its own replies in the journal.
        sleep: how to wait before a retry.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        journal: Journal | None,
        repeat: int = 0,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(endpoint, journal, repeat, sleep, None)

    def send(self, request: Request) -> Reply:
        """The model's reply, from the journal or from the server.

        Faults that pass are retried, at most four requests (two after a timeout). The first request to an endpoint may
        also find out in which mode it answers. Whether the reply fits the schema is for the engine to judge.

        Raises:
            CallError: nothing usable came; `requests` says how many were sent.
            JournalError: the journal cannot be read or written.
        """
        return _run(self._asking(request), self._ask)

    def close(self) -> None:
        """Close the connections. The journal stays open: it is the caller's."""
        self._line.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _ask(self, call: _Call | Flight) -> RawReply | None:
        from tenacity import Retrying

        if isinstance(call, Future):
            return call.result()

        def create(**shaped: Any) -> Any:
            return Retrying(**_policy(self._sleep))(self._post, call, _wire(shaped))

        with _unwrapped(call):
            _through_instructor(create, call.mode)(**arguments(self.endpoint, call.request, call.mode))
        return None

    def _post(self, call: _Call, wire: Mapping[str, Any]) -> Any:
        completions = self._line.connected("OpenAI").chat.completions.with_streaming_response
        end = time.monotonic() + self.endpoint.timeout
        body = _as_bytes(wire, self.endpoint.where)
        with self._recorded(call, body), completions.create(**_as_it_is(wire)) as response, _until(end, response):
            call.raw = _raw(response, response.read())
        return self._received(call)


class AsyncClient(_Sender):
    """Client for one event loop: the same, awaited. A `line` that is given is shared, and stays open."""

    def __init__(
        self,
        endpoint: Endpoint,
        journal: Journal | None,
        repeat: int = 0,
        *,
        sleep: Callable[[float], Awaitable[None]] | None = None,
        line: Line | None = None,
    ) -> None:
        import asyncio

        super().__init__(endpoint, journal, repeat, sleep or asyncio.sleep, line)

    async def send(self, request: Request) -> Reply:
        """See `Client.send`."""
        return await _arun(self._asking(request), self._ask)

    async def close(self) -> None:
        """Close the connections. The journal stays open: it is the caller's."""
        if self._own_line:
            await self._line.closed()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def _ask(self, call: _Call | Flight) -> RawReply | None:
        import asyncio

        from tenacity import AsyncRetrying

        if isinstance(call, Future):
            return await asyncio.shield(asyncio.wrap_future(call))  # who gives up does not end it for others

        async def create(**shaped: Any) -> Any:
            return await AsyncRetrying(**_policy(self._sleep))(self._post, call, _wire(shaped))

        with _unwrapped(call):
            await _through_instructor(create, call.mode)(**arguments(self.endpoint, call.request, call.mode))
        return None

    async def _post(self, call: _Call, wire: Mapping[str, Any]) -> Any:
        import asyncio

        completions = self._line.connected("AsyncOpenAI").chat.completions.with_streaming_response
        body = _as_bytes(wire, self.endpoint.where)
        async with self._line.gate(body) as tell:
            with self._recorded(call, body):
                async with asyncio.timeout(self.endpoint.timeout), completions.create(**_as_it_is(wire)) as response:
                    call.raw = _raw(response, await response.read())
            tell(call.raw)
        return self._received(call)


def model_names(endpoint: Endpoint) -> list[str]:
    """The models that the endpoint says it has, sorted.

    Raises:
        EndpointFault: it did not say.
    """
    import openai

    key, line = endpoint.api_key, Line(replace(endpoint, timeout=CONNECT_SECONDS))
    models = line.connected("OpenAI").models.with_raw_response
    try:
        told = json.loads(redacted_bytes(models.list().content, key))
        return sorted(model["id"] + "" for model in told["data"])
    except openai.APIStatusError as error:
        said = f"status {error.status_code} ({server_words(redacted_bytes(error.response.content, key))})"
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        said = "what it says is no list of models"
    except Exception as error:
        said = redacted(str(error.__cause__ or error), key)
    finally:
        line.close()
    raise EndpointFault(f"{endpoint.host} does not list its models: {said}. Name the one you want.")


# ── driving an engine ────────────────────────────────────────────────────────────────────────────────────────────────


def drive(filling: Generator[Request, Reply, T], client: Client) -> T:
    """Send each Request that an engine yields, until it returns. A CallError is thrown into it, to keep what it has."""
    return _run(filling, client.send)


async def adrive(filling: Generator[Request, Reply, T], client: AsyncClient, *, heavy: bool = False) -> T:
    """See `drive`; the steps of a `heavy` engine are taken in a thread, so that the event loop goes on."""
    return await _arun(filling, client.send, heavy)


async def aside(heavy: bool, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Do the work; in a thread where it is heavy."""
    import asyncio

    return await asyncio.to_thread(work, *args, **kwargs) if heavy else work(*args, **kwargs)


def _run(asking: Generator[Q, A, T], answer: Callable[[Q], A]) -> T:
    try:
        asked = next(asking)
        while True:
            try:
                answered = answer(asked)
            except CallError as error:
                asked = asking.throw(error)
            else:
                asked = asking.send(answered)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    finally:
        asking.close()


async def _arun(asking: Generator[Q, A, T], answer: Callable[[Q], Awaitable[A]], heavy: bool = False) -> T:
    try:
        asked, result = await aside(heavy, _step, next, asking)
        while asked is not None:
            try:
                answered = await answer(asked)
            except CallError as error:
                asked, result = await aside(heavy, _step, asking.throw, error)
            else:
                asked, result = await aside(heavy, _step, asking.send, answered)
        return result  # type: ignore[no-any-return]
    finally:
        asking.close()


def _step(step: Callable[[Any], Any], given: Any) -> tuple[Any, Any]:
    """What a generator asks next, or null with what it returns: its end cannot leave a thread as StopIteration."""
    try:
        return step(given), None
    except StopIteration as end:
        return None, end.value
