"""What an engine is: a generator that asks for model replies and returns a draft. It does no I/O itself."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from extractor.checking import Check
from extractor.prompt import Message as Message

JSON = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One question for a model. `schema` is the strict JSON Schema of the answer; null asks for plain text."""

    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    about: str = "records"


@dataclass(frozen=True)
class Usage:
    """Tokens of one call, as the server said; null where it said nothing."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True)
class Reply:
    """The model's own output, unchanged: JSON text where the request had a schema."""

    text: str
    usage: Usage = Usage()


@dataclass(frozen=True)
class Unshaped:
    """A piece of a reply that had not the shape asked for; `field` is its JSON pointer, `problem` says what."""

    field: str
    value: Any
    problem: str


@dataclass
class Draft:
    """What an engine found: records in the wire shape, and what became of each quote.

    `checks` is keyed by JSON pointer ("/records/0/judgements/1"), one entry for each object that has a quote.
    `warnings` are (code, pointer or null, message).
    """

    records: list[JSON] = field(default_factory=list)
    checks: dict[str, Check] = field(default_factory=dict)
    unshaped: list[Unshaped] = field(default_factory=list)
    warnings: list[tuple[str, str | None, str]] = field(default_factory=list)


Filling = Generator[Request, Reply, Draft]
"""The life of one document in an engine: yields requests, is sent replies, returns the draft."""
