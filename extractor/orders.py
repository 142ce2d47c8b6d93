"""Words that give orders to the software which reads a document, and so report nothing of an inspection.

Nothing obeys them. But a model may, and then quotes them: so no grade, date or council is taken from such a sentence,
and a document that has surely some is warned about. The patterns are data, in domain/orders.toml; a document that
words its orders like a report is not seen through.
"""

from __future__ import annotations

import re
from functools import cache

from extractor.domain.tables import toml

_LONGEST = 80


def surely_given(text: str) -> str | None:
    """The first words in a text that nobody writes but to software, in lower case; null where it has none."""
    lower = text.lower()
    found = [match for sight, order in _surely() if sight in lower and (match := order.search(lower))]
    return _told(min(found, key=lambda match: match.start())) if found else None


def order_in(sentence: str) -> str | None:
    """The words, in lower case, by which a sentence tells its reader what to write down; null where it does not."""
    lower = sentence.lower()
    told = (_told(match) for order in _to_write_down() if (match := order.search(lower)))
    return surely_given(sentence) or next(told, None)


@cache
def _surely() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((row["sight"], re.compile(row["pattern"])) for row in toml("orders.toml")["surely"])


@cache
def _to_write_down() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(row["pattern"]) for row in toml("orders.toml")["grade_or_date"])


def _told(match: re.Match[str]) -> str:
    return " ".join(match[0].split())[:_LONGEST]
