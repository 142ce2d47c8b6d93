"""How much of a model's window a request takes, and how much that leaves for the document."""

from __future__ import annotations

import json
from functools import lru_cache

from pydantic import BaseModel

from extractor.engines import Request
from extractor.errors import SettingsError
from extractor.prompt import Prompt, Step, fenced, messages
from extractor.schemas.wire import schema_text, strict_schema

WINDOW = 128_000
"""Tokens that a model is taken to have for question and answer together, where nothing else is said."""
LEAST_ROOM = 400
"""Tokens under which no section of a document is worth a request."""

_PER_TOKEN = 4


def weight(text: str) -> int:
    """The text's size in quarters of a token: one a character, five one that is not ASCII.

    English prose has four to five characters a token; a curly quotation mark is mostly a token of its own.
    """
    plain = len(text.encode("ascii", "ignore"))
    return plain + (_PER_TOKEN + 1) * (len(text) - plain)


def tokens(text: str) -> int:
    """About how many tokens a model makes of the text."""
    return -(-weight(text) // _PER_TOKEN)


def size(request: Request) -> int:
    """About how many tokens a request takes, its schema included and its answer not."""
    told = sum(tokens(message.content) for message in request.messages)
    return told + (tokens(json.dumps(request.schema)) if request.schema else 0)


@lru_cache
def room(prompt: Prompt, model: type[BaseModel], window: int) -> int:
    """How many tokens of document the prompt can be given at once.

    What a step's own words and the schema leave of the window is shared out evenly among what fills it: the document,
    the reply to the step before where the step shows it, and the answer, which quotes much of the document.

    Raises:
        SettingsError: the window is too small for this prompt and the schema of `model`, which it fills.
        SchemaError: no model can fill that schema.
    """
    schema = strict_schema(model)
    given = {"document": fenced(""), "previous": "", "schema": schema_text(model)}
    rooms, needs = [], []
    for step in prompt.steps:
        asked = Request(messages(prompt, step, given), schema if step.output == "records" else None)
        taken, shares = size(asked), _shown(step, "$document") + _shown(step, "$previous") + 1
        rooms.append((window - taken) // shares)
        needs.append(taken + LEAST_ROOM * shares)
    if min(rooms) < LEAST_ROOM:
        raise SettingsError(
            f"A window of {window:,} tokens is too small: the prompt '{prompt.name}' and its answer's schema leave too "
            f"little for a document. Give at least {max(needs):,} with --window, or a shorter prompt."
        )
    return min(rooms)


def _shown(step: Step, placeholder: str) -> int:
    return f"{step.system or ''} {step.user}".count(placeholder)
