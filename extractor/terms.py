"""On what terms a batch asks: how much at once, how fast, for how much money."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from extractor.errors import SettingsError
from extractor.extracting import Settings
from extractor.limits import Limits
from extractor.prices import Price, price_of, prices


@dataclass(frozen=True)
class Terms:
    """Null limits are none; `most` is in US dollars.

    `processes` null starts as many as are of use, once they are; 0 starts none. `run` is the name under which what was
    spent is kept, so that a run which goes on is one; without a name each batch is a run of its own.
    """

    concurrency: int = 4
    processes: int | None = None
    limits: Limits = field(default_factory=Limits)
    most: float | None = None
    prices: Path | None = None
    run: str = ""


def check(terms: Terms) -> None:
    """Refuse terms under which nothing could ever be done.

    Raises:
        SettingsError: says which.
    """
    for name, value in (("rpm", terms.limits.requests), ("tpm", terms.limits.tokens)):
        if value is not None and not (value > 0 and math.isfinite(value)):
            raise SettingsError(f"{name} is {value:g} a minute, and nothing could ever be asked. Give more than 0.")
    if terms.most is not None and not (terms.most >= 0 and math.isfinite(terms.most)):
        raise SettingsError(f"max_cost is {terms.most:g}. Give US dollars, 0 or more.")


def price(chosen: Settings, terms: Terms) -> Price | None:
    """The price of the model; null where it is not known, and need not be.

    Raises:
        UnknownPrice: spending is limited, and the model is not in the price table.
        SettingsError: the price table cannot be used.
    """
    if chosen.endpoint is None:
        return None
    table = prices(terms.prices)
    return table.get(chosen.model) if terms.most is None else price_of(chosen.model, table)
