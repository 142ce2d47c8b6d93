"""How fast a model may be asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Requests and tokens a minute; null is no limit."""

    requests: float | None = None
    tokens: float | None = None
