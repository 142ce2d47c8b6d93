"""What a count measures: a code for its words."""

from __future__ import annotations

from functools import cache

from extractor.domain.tables import toml
from extractor.folding import Folded


def measure_code(measure: str, unit: str | None) -> str | None:
    """The code for a measure as the text says it; null where none fits."""
    said = Folded(f"{measure} {unit or ''}").lower.replace("-", " ")
    return next((row["code"] for row in toml("measures.toml")["measure"] if any(w in said for w in row["words"])), None)


@cache
def measure_codes() -> frozenset[str]:
    """Every code in the table."""
    return frozenset(row["code"] for row in toml("measures.toml")["measure"])
