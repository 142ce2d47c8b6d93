"""No spelling of the API key that a server sends back is kept or shown; the whole hunt is `make leaks`."""

from __future__ import annotations

import asyncio
import logging
import traceback
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from echoes import echoes, spellings
from fakeserver import FakeServer, Sent, always, answer
from hypothesis import given
from hypothesis import strategies as st
from keyhunt import KEY, looked_at, says
from smallgold import reply_of, text_of

from extractor import Document, extract
from extractor.client import AsyncClient, Client, Line, endpoint, model_names
from extractor.engines import Message, Request
from extractor.errors import CallError, ExtractorError, SettingsError
from extractor.redaction import MARK, Secret, redacted, redacted_bytes, veiled

pytestmark = pytest.mark.once

Serve = Callable[..., FakeServer]

KEYS = st.text(st.sampled_from("abcXYZ0189-_/+=.%&\\"), min_size=16, max_size=60).filter(
    lambda key: not key.isdecimal()
)
ASKED = Request((Message("user", "words"),), {"type": "object", "properties": {}})


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(KEYS, st.binary(max_size=20), st.binary(max_size=20))
def test_no_spelling_stays(key: str, before: bytes, after: bytes) -> None:
    coded = [b64encode(before + key.encode() + after), urlsafe_b64encode(before + key.encode() + after)]
    for spelled in [*(one.encode() for one in spellings(key)), *coded]:
        clean = redacted_bytes(b"<" + spelled + b">", key)
        assert MARK.encode() in clean
        assert not says(clean, key)
    text = before.decode("latin-1") + key + after.decode("latin-1")
    assert key not in redacted(text, key)


@given(st.binary(max_size=200), KEYS)
def test_what_holds_no_key_stays_as_it_is(data: bytes, key: str) -> None:
    if b"\0" not in data and not says(data, key):
        assert redacted_bytes(data, key) == data


@pytest.mark.parametrize("spelled", spellings(KEY))
def test_the_hunter_sees_the_key(spelled: str) -> None:
    assert says(f'{{"error": "{spelled}"}}'.encode())
    assert not says(spelled[:-6].encode())


def test_the_hunter_sees_the_key_in_other_encodings() -> None:
    assert says(KEY.encode("utf-16"))
    assert says(quote(quote(KEY)).encode())
    assert says(b64encode(f"Authorization: Bearer {KEY}".encode()))


def test_a_secret_is_not_its_repr() -> None:
    arguments = veiled({"api_key": KEY, "model": "a"})
    assert KEY not in repr(arguments)
    assert arguments["api_key"] == KEY
    assert isinstance(arguments["api_key"], Secret)
    assert veiled({"model": "a"}) == {"model": "a"}


# ── the client ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", echoes(KEY, reply_of("Leeds"), ""))
def test_no_place_of_a_reply_leaks(serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str) -> None:
    elsewhere = serve(answer({}))
    server = serve(echoes(KEY, reply_of("Leeds"), elsewhere.base_url)[name])
    caplog.set_level(logging.DEBUG)
    where = {"model": "openai/fake", "base_url": server.base_url, "api_key": KEY, "prompt": "plain"}
    try:
        told = extract(Document.from_text(text_of("Leeds")), **where, journal=tmp_path / "j.sqlite").model_dump_json()
    except ExtractorError as fault:
        told = "".join(traceback.format_exception(fault)) + repr((fault.__cause__, fault.__context__))
    assert server.received
    assert elsewhere.received == []
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("j.sqlite*"))
    assert b"with Leeds City Council" in kept
    for one in (told.encode(), caplog.text.encode(), kept):
        assert not says(one)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("places", [None, 4])
def test_no_redirect_is_followed(serve: Serve, status: int, places: int | None) -> None:
    elsewhere = serve(answer({}))
    moved = always(Sent(status, b"", {"Location": f"{elsewhere.base_url}/chat/completions"}))
    at = endpoint("openai/fake", serve(moved).base_url, KEY)

    async def ask() -> None:
        line = Line(at, None, places)
        async with AsyncClient(at, None, line=line) as client:
            try:
                await client.send(ASKED)
            finally:
                await line.closed()

    with pytest.raises(CallError, match="no document is sent where you did not say"):
        asyncio.run(ask())
    with pytest.raises(CallError, match="no document is sent where you did not say"), Client(at, None) as client:
        client.send(ASKED)
    with pytest.raises(CallError, match="does not list its models"):
        model_names(at)
    assert elsewhere.received == []


SLIPS = [
    {"base_url": f"http://user:{KEY}@host/v1"},
    {"base_url": f"http://host/v1?api_key={KEY}"},
    {"base_url": f"http://host/{KEY}/v1"},
    {"base_url": f"host/v1?{KEY}"},
    {"base_url": f"http://user:{KEY}@host:port/v1"},
    {"parameters": {"api_key": KEY}},
    {"parameters": {"headers": {"Authorization": [f"Bearer {KEY}"]}}},
    {"parameters": {KEY: 1}},
    {"model": f"openai/{KEY}"},
]


@pytest.mark.parametrize("slip", SLIPS, ids=range(len(SLIPS)))
def test_a_key_in_the_wrong_place_is_refused_without_being_said(slip: dict[str, object]) -> None:
    with pytest.raises(SettingsError) as told:
        endpoint(**{"model": "openai/fake", "base_url": "http://host/v1", "api_key": KEY, **slip})  # type: ignore[arg-type]
    assert not says(str(told.value).encode())


def test_the_password_of_a_proxy_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", f"nothing://user:{KEY}@127.0.0.1:9")
    with pytest.raises(SettingsError, match="proxies") as told:
        Client(endpoint("openai/fake", "http://host/v1", "key"), None).send(ASKED)
    assert not says("".join(traceback.format_exception(told.value)).encode())


@pytest.mark.parametrize("name", ["JSON in JSON", "pieces of one reply", "redirect to another server", "killed"])
def test_the_hunt(tmp_path: Path, name: str) -> None:
    found = looked_at(name, tmp_path / "hunt")
    assert found.wrong == []
    assert found.requests
    assert found.files > (20 if name != "killed" else 5)
