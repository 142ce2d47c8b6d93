"""A server in a process of its own that, by a seed, answers some requests of a run rightly and others with a fault.

    python tests/weather.py --seed 7 --share 0.3      prints its address, and serves until it is ended

It keeps its own account: which run asked about which document, what the request met, and what it would have charged.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

from fakeserver import Behaviour, FakeServer, Received, Sent, answer, json_reply
from faults import BURST, BURSTS, faults
from smallgold import COUNCILS, council_in, reply_of

KEY = "sk-chaos-0123456789abcdef"
"""The key of each run begins with this, and ends with the run's number."""
USAGE = (1000, 20)
DOLLARS = (10.0 / 1_000_000, 100.0 / 1_000_000)
"""What a token in and a token out cost, as smallgold's PRICES have it."""


@dataclass(frozen=True)
class Met:
    """One request as the server saw it: `fault` is null where it was answered rightly.

    `charged` is in US dollars; `sure` says whether the server finished a reply that says so.
    """

    run: int
    case: int
    fault: str | None
    charged: float
    sure: bool


class Weather:
    """What each request meets: a right answer, or a fault that the seed chooses for it."""

    def __init__(self, seed: int, share: float) -> None:
        self.seed, self.share = seed, share
        self.right = {council: answer(reply_of(council), usage=USAGE) for council in COUNCILS}
        self.wrong = {council: faults(reply_of(council)) for council in COUNCILS}
        self.names = sorted(self.wrong[COUNCILS[0]])
        self.met: list[Met] = []
        self._made: dict[tuple[str, str | None], tuple[Sent, float, bool]] = {}
        self._asked: dict[int, int] = {}
        self._burst = 0
        self._lock = threading.Lock()

    def __call__(self, received: Received) -> Behaviour:
        if received.path == "/met":
            return lambda _: json_reply(200, [vars(one) for one in self.met])
        if received.path == "/count":
            return lambda _: json_reply(200, len(self.met))
        case, council = case_of(received), council_in(received)
        run = int(received.headers["authorization"].rpartition("-")[2])
        with self._lock:
            name = self._chosen(case)
            sent, charged, sure = self._reply(council, name, received)
            self.met.append(Met(run, case, name, charged, sure))
        return lambda _: sent

    def _reply(self, council: str, name: str | None, received: Received) -> tuple[Sent, float, bool]:
        """What is sent, made once, with what it costs."""
        if (council, name) not in self._made:
            sent = (self.wrong[council][name] if name else self.right[council])(received)
            self._made[council, name] = (sent, *charge(sent))
        return self._made[council, name]

    def _chosen(self, case: int) -> str | None:
        """The fault that the next request about this document meets; null is none."""
        self._asked[case] = self._asked.get(case, 0) + 1
        chance = random.Random(f"{self.seed}/{case}/{self._asked[case]}")
        if self._burst:
            self._burst -= 1
            return BURST
        name = chance.choice(self.names) if chance.random() < self.share else None
        if name == BURST:
            self._burst = BURSTS - 1
        return name


def case_of(received: Received) -> int:
    """The number of the document that a request is about."""
    found = re.search(r"Case ([0-9]+)\.", json.dumps(received.body["messages"]))
    return int(found[1]) if found else -1


def charge(sent: Sent) -> tuple[float, bool]:
    """What a server may charge for a reply, in US dollars, and whether it is sure: refusals and failures cost nothing.

    Where the reply does not say, or never came whole, it may be charged like a right one.
    """
    if sent.status >= 400:
        return 0.0, True
    try:
        body = gzip.decompress(sent.body) if "Content-Encoding" in sent.headers else sent.body
        told = json.loads(body)["usage"]
        usage = told["prompt_tokens"], told["completion_tokens"]
    except (ValueError, KeyError, TypeError, RecursionError, EOFError):
        usage = (-1, -1)
    sure = min(usage) >= 0 and sent.how in ("whole", "slow")
    given, said = usage if min(usage) >= 0 else USAGE
    return given * DOLLARS[0] + said * DOLLARS[1], sure


@contextmanager
def server(seed: int, share: float) -> Iterator[str]:
    """The weather in a process of its own; gives its address."""
    serving = [sys.executable, __file__, "--seed", str(seed), "--share", str(share)]
    with subprocess.Popen(serving, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def account(base_url: str) -> list[Met]:
    """Every request that the server has received so far, in their order."""
    with urlopen(base_url.removesuffix("/v1") + "/met", timeout=60) as reply:
        told: list[dict[str, Any]] = json.load(reply)
    return [Met(**one) for one in told]


def count(base_url: str) -> int:
    """How many they are."""
    with urlopen(base_url.removesuffix("/v1") + "/count", timeout=60) as reply:
        return int(reply.read())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--share", type=float, default=0.3)
    given = parser.parse_args()
    with FakeServer(Weather(given.seed, given.share)) as fake:
        print(fake.base_url, flush=True)
        while True:
            time.sleep(60)


if __name__ == "__main__":
    main()
