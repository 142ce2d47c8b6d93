"""The API key, taken out of what a server says before any of it is kept or shown.

A server may say it back as it is or in another spelling: in other letter case, escaped for JSON, a URL or HTML, in
base64 or as hexadecimal digits. All of these are found. A key that is said in several pieces is not.
"""

from __future__ import annotations

import json
import logging
import re
from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any

MARK = "[API key]"
LIBRARIES = ("openai", "instructor", "httpx2", "httpcore2", "aiohttp")
"""Whose logs quote what a server says."""
_PASSWORD = re.compile(r"//[^/@\s]*@")


class Secret(str):
    """A key whose repr is not it: tracebacks may show every variable of a frame."""

    __slots__ = ()

    def __repr__(self) -> str:
        return MARK


def veiled(arguments: Any) -> Any:
    """Keyword arguments whose `api_key`, if there is one, is a Secret."""
    return {**arguments, "api_key": Secret(key)} if (key := arguments.get("api_key")) else arguments


def is_secret(key: str) -> bool:
    """Whether a key is one: a placeholder such as `none` or `ollama` is not, and replies may well say it."""
    return len(key) >= 16 or (len(key) >= 6 and not key.isalpha() and not key.isdecimal())


def holds(text: str, key: str) -> bool:
    """Whether the text says the key in any spelling."""
    return is_secret(key) and bool(_spelled(key)[0].search(text))


def redacted(text: str, key: str) -> str:
    """The text without the key."""
    return _spelled(key)[0].sub(MARK, text) if is_secret(key) else text


def redacted_bytes(data: bytes, key: str) -> bytes:
    """The bytes of a reply without the key; UTF-16 and UTF-32, which JSON may come in, are made UTF-8 on the way."""
    if not is_secret(key):
        return data
    if b"\0" in data:
        data = data.decode(json.detect_encoding(data), "replace").encode("utf-8", "replace")
    return _spelled(key)[1].sub(MARK.encode(), data)


def without_password(text: str) -> str:
    """The text with no user name or password in any address, as variables for proxies have them."""
    return _PASSWORD.sub("//", text)


@lru_cache(16)
def _spelled(key: str) -> tuple[re.Pattern[str], re.Pattern[bytes]]:
    """What finds the key in any spelling, in text and in bytes."""
    forms = ["".join(map(_character, key)), *_base64(key.encode()), _any_case(key.encode().hex())]
    pattern = "|".join(forms)
    return re.compile(pattern), re.compile(pattern.encode())


def _character(character: str) -> str:
    r"""One character of a key: itself, in either case, or as \u0073, %73, &#115; or &#x73;, escaped once or oftener."""
    either = {character.lower(), character.upper()}
    plain = "|".join(re.escape(one) if one.isalnum() else rf"\\*{re.escape(one)}" for one in sorted(either))
    codes = sorted({ord(one) for one in either})
    escaped = "|".join(
        rf"\\+u00{_any_case(f'{code:02x}')}|%(?:25)*{_any_case(f'{code:02x}')}"
        rf"|&(?:amp;)*#(?:0*{code}|[xX]0*{_any_case(f'{code:x}')});?"
        for code in codes
    )
    return f"(?:{plain}|{escaped}|{re.escape(escape(character))})"


def _base64(key: bytes) -> Iterable[str]:
    """The middle of the key in base64, which is the same whatever stands around it, for each place it can begin at."""
    for before in range(3):
        coded = b64encode(b"\0" * before + key).decode().rstrip("=")
        sure = coded[(before * 8 + 5) // 6 : (before + len(key)) * 8 // 6]
        yield "".join({"+": r"(?:[+\-]|%2[Bb])", "/": r"(?:\\*/|_|%2[Ff])"}.get(one, one) for one in sure)


def _any_case(text: str) -> str:
    return "".join(f"[{one}{one.upper()}]" if one.isalpha() else one for one in text)


class _Quiet(logging.Filter):
    """Takes the keys that it knows out of every record that is really logged."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Never refuse a record; a traceback in it becomes its text."""
        said = record.getMessage()
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        traced = record.exc_text or ""
        clean = [said, traced]
        for key in self.keys:
            clean = [redacted(text, key) for text in clean]
        if clean != [said, traced]:
            record.msg, record.args = clean[0], ()
            record.exc_text, record.exc_info = clean[1], None
        return True


_QUIET = _Quiet()


def keep_from_logs(key: str) -> None:
    """Let no library that speaks to the server log this key, whoever has asked for its logs."""
    if not is_secret(key):
        return
    _QUIET.keys.add(key)
    for name in [*LIBRARIES, *logging.root.manager.loggerDict]:
        if name.split(".")[0] in LIBRARIES:
            logging.getLogger(name).addFilter(_QUIET)
