"""What was asked in a run and what came back: its calls, from the journal that it kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from extractor.budget import settled
from extractor.client import usage_of
from extractor.engines import Usage
from extractor.journal import Journal, RawReply, raw_reply
from extractor.prices import Price

from .runs import Used

HISTORY = """
SELECT key, endpoint, model, request, status, headers, reply, fault, started.at, done.at
FROM started LEFT JOIN done ON call = id ORDER BY id
"""


@dataclass(frozen=True)
class Call:
    """One request that was sent: `request` is its body, empty where it was not kept.

    `reply` and `fault` are both null for a call that was started and never finished; `seconds` then is null too.
    """

    key: str
    endpoint: str
    model: str
    request: bytes
    reply: RawReply | None
    fault: str | None
    seconds: float | None

    @property
    def usage(self) -> Usage:
        """The tokens that the server counted; null where it counted none."""
        completion = self.reply.completion() if self.reply else None
        return usage_of(completion) if completion else Usage()


class RunJournal(Journal):
    """A run's journal, which can also be read from its first call to its last."""

    def history(self) -> Iterator[Call]:
        """Every call, in the order in which they were started."""
        with self.cursor() as cursor:
            calls = [_call(*row) for row in cursor.execute(HISTORY)]
        yield from calls


def _call(
    key: str, endpoint: str, model: str, request: Any, status: Any, headers: Any, reply: Any, fault: Any, *at: Any
) -> Call:
    raw = None if status is None else raw_reply(status, headers, reply)
    return Call(key, endpoint, model, bytes(request), raw, fault, _seconds(*at))


def _seconds(started: str, ended: str | None) -> float | None:
    if ended is None:
        return None
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds()


def used(calls: Iterable[Call], price: Price | None) -> Used:
    """What these calls took together; the cost is null where a completion came without its tokens or has no price."""
    made = list(calls)
    answered = [call for call in made if call.reply and call.reply.completion() is not None]
    waited = [call.seconds for call in made if call.seconds is not None]
    costs = [price.cost(call.usage) if price else None for call in answered]
    paid = [cost for cost in costs if cost is not None]
    return Used(
        calls=len(made),
        input_tokens=_sum(call.usage.input_tokens for call in answered),
        output_tokens=_sum(call.usage.output_tokens for call in answered),
        cost=sum(paid) if answered and len(paid) == len(answered) else None,
        seconds=round(sum(waited), 3) if waited else None,
    )


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def charge(call: Call, price: Price) -> float:
    """What a call counts for in a budget; one that was never answered counts at its bound."""
    bound = price.bound(call.request)
    return settled(call.reply, bound, price) if call.reply else bound
