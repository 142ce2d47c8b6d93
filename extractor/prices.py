"""What a call costs: known after it, bounded before it."""

from __future__ import annotations

import datetime
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from extractor.engines import Usage
from extractor.errors import SettingsError, UnknownPrice

MILLION = 1_000_000
LIMITS = ("max_completion_tokens", "max_tokens")
"""The parameters that limit how long a reply may be."""


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens; `most_output` is the most tokens that one reply can have."""

    model: str
    input: float
    output: float
    most_output: int
    date: datetime.date

    def cost(self, usage: Usage) -> float | None:
        """What these tokens cost; null where the server did not count them."""
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        return (usage.input_tokens * self.input + usage.output_tokens * self.output) / MILLION

    def bound(self, request: bytes) -> float:
        """The most that sending this body can cost: a token has a byte at least, and a reply has a limit.

        The body's own JSON (names, quotes, braces) stands for the few tokens that a server puts around each message.
        """
        body = json.loads(request)
        limits: list[int] = [body[name] for name in LIMITS if isinstance(body.get(name), int)]
        return (len(request) * self.input + min([self.most_output, *limits]) * self.output) / MILLION


def prices(path: Path | None = None) -> dict[str, Price]:
    """The price table in this file by model; the one that comes with the package where none is named.

    Raises:
        SettingsError: the file cannot be read, or a row of it is no price.
    """
    return _shipped() if path is None else _read(path)


@cache
def _shipped() -> dict[str, Price]:
    return _read(files(__package__).joinpath("prices.toml"))


def _read(source: Path | Traversable) -> dict[str, Price]:
    try:
        rows = tomllib.loads(source.read_text(encoding="utf-8"))
        return {model: _price(model, row) for model, row in rows.items()}
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"The price table {source} cannot be used: {error}.") from error


def _price(model: str, row: Mapping[str, object]) -> Price:
    price = Price(model, **row)  # type: ignore[arg-type]  # what is no number is refused below
    for name in ("input", "output", "most_output"):
        value = getattr(price, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise ValueError(f"{model}: {name} is a number from 0, not {value!r}")
    return price


def price_of(model: str, table: Mapping[str, Price]) -> Price:
    """The price of this model.

    Raises:
        UnknownPrice: it is not in the table.
    """
    if model not in table:
        raise UnknownPrice(
            f"The price of {model} is not known, so --max-cost cannot hold. Add a row with --prices FILE."
        )
    return table[model]
