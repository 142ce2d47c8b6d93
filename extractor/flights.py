"""Identical requests at one time: the first is sent, the others wait for its answer."""

from __future__ import annotations

import os
import threading
from collections.abc import Hashable
from concurrent.futures import Future

from extractor.journal import RawReply

Flight = Future[RawReply | None]
"""A request on its way: its answer, or null where none came that could serve others."""

_under_way: dict[Hashable, Flight] = {}
_lock = threading.Lock()
if hasattr(os, "register_at_fork"):  # what other threads send never lands in the child
    os.register_at_fork(after_in_child=_under_way.clear)


def join(request: Hashable) -> Flight | None:
    """The flight of this request, to be waited for; null where it is now the caller's own to send, and to `land`."""
    with _lock:
        ahead = _under_way.get(request)
        if ahead is None:
            _under_way[request] = Future()
        return ahead


def land(request: Hashable, answer: RawReply | None) -> None:
    """End the caller's own flight: who waits for it gets the answer, or asks anew where there is none."""
    with _lock:
        flight = _under_way.pop(request)
    flight.set_result(answer)
