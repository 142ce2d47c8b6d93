"""What a batch would ask and cost, worked out from the documents with nothing sent and nothing written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

from extractor.engines import Usage
from extractor.engines.llm import requests
from extractor.engines.window import size, tokens
from extractor.errors import ExtractorError, SettingsError
from extractor.extracting import Settings
from extractor.journal import Journal, NoJournal, looked_into
from extractor.prices import Price
from extractor.readers import read
from extractor.schemas.extraction import Failure
from extractor.schemas.wire import strict_schema, wire_model

_QUOTE = "x" * 60  # a sentence's half is mostly enough to show a value
_REPLIES = 200


@dataclass(frozen=True)
class Asked:
    """What one document asks at least: second questions are not foreseen.

    `answered` of its `requests` are in the journal already; `input_tokens` are of the others.
    """

    path: str
    requests: int = 0
    answered: int = 0
    input_tokens: int = 0
    error: Failure | None = None


@dataclass(frozen=True)
class Estimate:
    """What a batch asks at least, and about what it costs.

    Tokens are characters / 4 of the requests (more for characters beyond ASCII). `reply_tokens` are those of one reply:
    the mean of what this model answered before, by the journal, or else the size of one record with every field once.
    `cost` is in US dollars, null where the model has no price.
    """

    documents: int
    unreadable: int
    requests: int
    answered: int
    input_tokens: int
    reply_tokens: int
    replies: Literal["journal", "schema"]
    price: Price | None

    @property
    def to_send(self) -> int:
        """Requests that the journal does not answer."""
        return self.requests - self.answered

    @property
    def output_tokens(self) -> int:
        """Tokens of all replies."""
        return self.to_send * self.reply_tokens

    @property
    def cost(self) -> float | None:
        """US dollars for all of it; null where the model has no price."""
        return self.price.cost(Usage(self.input_tokens, self.output_tokens)) if self.price else None


def asked_of(chosen: Settings, path: str, journal: Journal | NoJournal) -> Asked:
    """What one document would be asked, also where it cannot be read."""
    from extractor.client import question
    from extractor.journal import request_key

    if chosen.endpoint is None or chosen.prompt is None:
        raise SettingsError("Offline nothing is asked, and nothing is to be estimated.")
    try:
        made = list(requests(read(path), chosen.prompt, chosen.schema, chosen.window))
    except ExtractorError as error:
        return Asked(path, error=Failure(type=type(error).__name__, message=str(error)))
    at = chosen.endpoint
    keys = [request_key(at.base_url, question(at, request), 0) for request in made]
    new = [request for request, key in zip(made, keys, strict=True) if journal.find(key) is None]
    return Asked(path, len(made), len(made) - len(new), sum(map(size, new)))


def estimate(chosen: Settings, asked: Iterable[Asked], price: Price | None) -> Estimate:
    """The sum of what all documents would be asked."""
    documents = unreadable = count = answered = given = 0
    for one in asked:
        documents, unreadable = documents + 1, unreadable + bool(one.error)
        count, answered, given = count + one.requests, answered + one.answered, given + one.input_tokens
    past = _past(chosen)
    reply = past or tokens(_sample(strict_schema(wire_model(chosen.schema))))
    return Estimate(documents, unreadable, count, answered, given, reply, "journal" if past else "schema", price)


def _past(chosen: Settings) -> int | None:
    """The mean of what this model answered here lately, in tokens; null where it never did."""
    from extractor.client import usage_of

    with closing(looked_into(chosen.journal)) as journal:
        if not isinstance(journal, Journal) or chosen.endpoint is None:
            return None
        replies = journal.latest(chosen.endpoint.base_url, chosen.endpoint.model, _REPLIES)
    counts = [usage_of(reply.completion() or {}).output_tokens for reply in replies]
    known = [count for count in counts if count]
    return round(sum(known) / len(known)) if known else None


def _sample(schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> str:
    """About what one answer looks like that has each field once."""
    root = root or schema
    if "$ref" in schema:
        return _sample(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    arms = [arm for arm in schema.get("anyOf", ()) if arm.get("type") != "null"]
    if arms:
        return _sample(arms[0], root)
    if "properties" in schema:
        return "{" + ",".join(f'"{name}":{_sample(part, root)}' for name, part in schema["properties"].items()) + "}"
    if "items" in schema:
        return f"[{_sample(schema['items'], root)}]"
    if "enum" in schema:
        return f'"{max(map(str, schema["enum"]), key=len)}"'
    return f'"{_QUOTE}"' if schema.get("type") == "string" else "1234"
