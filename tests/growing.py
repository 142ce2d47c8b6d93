"""How the work that a text makes grows with its length."""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import thread_time


def growth(work: Callable[[str], object], piece: str, length: int, times: int = 8) -> float:
    """How often the work of `length` characters goes into that of `times` as many: `times` where it grows with them.

    In this thread's own processor time, the best of three: neither other processes nor a clearing of memory count.
    """

    def seconds(characters: int, more: int) -> float:
        text = piece * (characters // len(piece) + more)  # another one each time, so that nothing is remembered
        start = thread_time()
        work(text)
        return thread_time() - start

    gc.disable()
    try:
        tries = [(seconds(length, more), seconds(times * length, more)) for more in range(3)]
    finally:
        gc.enable()
    short, long = (min(taken) for taken in zip(*tries, strict=True))
    return long / short
