"""The words by which the rules know what a sentence does, as patterns."""

from __future__ import annotations

import re
from functools import cache

from extractor.domain.tables import toml


@cache
def cue(name: str) -> re.Pattern[str]:
    """The pattern of one row of cues.toml; one that has a reach matches only near the end of what is searched."""
    row = toml("cues.toml")[name]
    words = "|".join(_spoken(form) for form in sorted(row["words"], key=len, reverse=True))
    tail = rf"\b[^.;]{{0,{row['reach']}}}$" if "reach" in row else r"\b"
    return re.compile(rf"\b(?:{words}){tail}", re.IGNORECASE)


def _spoken(form: str) -> str:
    exact = form.startswith("=")  # "=may" is not the month
    spoken = re.escape(form.removeprefix("=")).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
    return f"(?-i:{spoken})" if exact else spoken
