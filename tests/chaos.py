"""A run under faults, then one that is killed again and again: what is lost, what is doubled, what it cost.

    python tests/chaos.py [--documents 2000] [--share 0.3] [--kills 100] [--seed 7]

The server is a process of its own; by the seed it knows which request of which document goes wrong, and how.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

from fakeserver import Behaviour, FakeServer, Received, answer, error, json_reply
from faults import faults
from rich.console import Console
from rich.table import Table
from smallgold import COUNCILS, PRICES, council_in, reply_of, text_of

JSON = dict[str, Any]

KEY = "sk-chaos-0123456789abcdef"
BURST = "429, thirty in a row"
TIMEOUT = 2
MONEY = 1_000.0


# ── The server ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Weather:
    """What each request meets: a right answer, or a fault that the seed chooses for it; counts what it has done."""

    def __init__(self, seed: int, share: float) -> None:
        self.seed, self.share = seed, share
        self.right = {council: answer(reply_of(council), usage=(1000, 20)) for council in COUNCILS}
        self.wrong = {council: faults(reply_of(council)) for council in COUNCILS}
        self.names = [*self.wrong[COUNCILS[0]], BURST]
        self.asked: Counter[int] = Counter()
        self.injected: Counter[str] = Counter()
        self.hit: dict[str, set[int]] = {name: set() for name in self.names}
        self.burst = 0

    def __call__(self, received: Received) -> Behaviour:
        if received.path == "/tally":
            told = {
                "requests": self.asked.total(),
                "injected": self.injected,
                "hit": {n: len(v) for n, v in self.hit.items()},
            }
            return lambda _: json_reply(200, told)
        case, council = case_of(received), council_in(received)
        self.asked[case] += 1
        chance = random.Random(f"{self.seed}/{case}/{self.asked[case]}")
        name = chance.choice(self.names) if chance.random() < self.share else None
        if self.burst:
            self.burst -= 1
            name = BURST
        elif name == BURST:
            self.burst = 29
        if name is None:
            return self.right[council]
        self.injected[name] += 1
        self.hit[name].add(case)
        return error(429, Retry_After="0") if name == BURST else self.wrong[council][name]


def case_of(received: Received) -> int:
    """The number of the document that a request is about."""
    found = re.search(r"Case ([0-9]+)\.", json.dumps(received.body["messages"]))
    return int(found[1]) if found else -1


@contextmanager
def server(seed: int, share: float) -> Iterator[str]:
    """The weather in a process of its own; gives its address."""
    serving = [sys.executable, __file__, "--serve", "--seed", str(seed), "--share", str(share)]
    with subprocess.Popen(serving, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def tally(base_url: str) -> JSON:
    """What the server has done so far."""
    with urlopen(base_url.removesuffix("/v1") + "/tally", timeout=60) as reply:
        return dict(json.load(reply))


# ── The run ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Found:
    """What a run left behind.

    `charged` is in US dollars, by the journal; `unfinished` calls were started and never ended.
    """

    status: int | None
    kills: int
    lines: Counter[str]
    failed: Counter[str]
    calls: int
    unfinished: int
    charged: float
    leaks: list[str]


def documents(folder: Path, number: int) -> None:
    """So many small documents."""
    folder.mkdir()
    for case in range(number):
        text = text_of(COUNCILS[case % len(COUNCILS)])
        (folder / f"{case:05d}.txt").write_text(f"{text}\nCase {case}.\n", encoding="utf-8")


def command(place: Path, base_url: str) -> list[str]:
    """The command line of the run."""
    return [
        *(str(Path(sys.executable).parent / "extractor"), "extract", str(place / "documents")),
        *("--model", "openai/fake", "--base-url", base_url, "--prompt", "plain", "--timeout", str(TIMEOUT)),
        *("--concurrency", "64", "--journal", str(place / "journal.sqlite"), "-o", str(place / "out.jsonl")),
        *("--max-cost", str(MONEY), "--prices", str(place / "prices.toml")),
    ]


def run(place: Path, base_url: str, kills: int, seed: int) -> Found:
    """Run to the end, killed at random moments so many times on the way."""
    chance, killed, status = random.Random(seed), 0, None
    env = {**os.environ, "OPENAI_API_KEY": KEY, "XDG_CACHE_HOME": str(place / "cache")}
    said = (place / "said.txt").open("a")
    while True:
        process = subprocess.Popen(command(place, base_url), env=env, stdout=said, stderr=said, start_new_session=True)
        if killed < kills:
            time.sleep(chance.uniform(0.2, 2.5))
            if process.poll() is None:
                os.killpg(process.pid, 9)
                process.wait()
                killed += 1
                continue
        status = process.wait()
        if status in (0, 1) or killed >= kills:
            print((place / "said.txt").read_text(encoding="utf-8")[-3000:], file=sys.stderr)
            return looked_at(place, status, killed)


def looked_at(place: Path, status: int, kills: int) -> Found:
    """What lies in the folder at the end."""
    out = [json.loads(line) for line in (place / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    with closing(sqlite3.connect(place / "journal.sqlite")) as journal:
        calls = journal.execute("SELECT count(*) FROM started").fetchone()[0]
        ended = journal.execute("SELECT count(*) FROM done").fetchone()[0]
        charged = journal.execute(
            "SELECT (SELECT coalesce(sum(dollars), 0) FROM paid) + (SELECT coalesce(sum(dollars), 0) FROM held)"
        )
        money = charged.fetchone()[0]
    return Found(
        status,
        kills,
        Counter(Path(one["source"]["path"]).name for one in out),
        Counter(one["error"]["type"] for one in out if one["error"]),
        calls,
        calls - ended,
        money,
        [str(path) for path in place.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()],
    )


# ── What is told ───────────────────────────────────────────────────────────────────────────────────────────────────


def shown(told: JSON, found: Found, number: int) -> Table:
    """One table: the faults by kind, then what became of the documents, the calls and the money."""
    table = Table("what", "number", title=f"{found.kills} kills" if found.kills else "no kills", title_justify="left")
    for name, times in sorted(told["injected"].items()):
        table.add_row(f"{name}: requests (documents)", f"{times} ({told['hit'][name]})")
    table.add_section()
    rows = {
        "faults injected": sum(told["injected"].values()),
        "documents in": number,
        "delivered": found.lines.total() - found.failed.total(),
        **{f"failed: {name}": times for name, times in sorted(found.failed.items())},
        "lost": number - len(found.lines),
        "doubled": found.lines.total() - len(found.lines),
        "requests that the server received": told["requests"],
        "calls in the journal": found.calls,
        "of them started and never ended": found.unfinished,
        "charged, $": f"{found.charged:.4f} of {MONEY:g}",
        "exit status": found.status,
        "files that hold the key": len(found.leaks),
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table


def faults_of(told: JSON, found: Found, number: int, kills: int) -> list[str]:
    """What went wrong with the run itself, in words; empty where nothing did."""
    wrong = []
    if len(found.lines) != number or found.lines.total() != number:
        wrong.append("documents were lost or doubled")
    if found.status != (1 if found.failed else 0):
        wrong.append(f"the exit status is {found.status}")
    if not (told["requests"] <= found.calls <= told["requests"] + found.unfinished):
        wrong.append("the journal's calls are not those that the server received")
    if found.unfinished and not kills:
        wrong.append("calls were never ended, though nobody was killed")
    if found.charged > MONEY:
        wrong.append("more was spent than allowed")
    if found.leaks:
        wrong.append(f"the key lies in {found.leaks}")
    return wrong


def chaos(number: int, share: float, kills: int, seed: int) -> list[str]:
    """Run once, show what came of it, and say what went wrong."""
    with TemporaryDirectory() as folder, server(seed, share) as base_url:
        place = Path(folder)
        documents(place / "documents", number)
        (place / "prices.toml").write_text(PRICES, encoding="utf-8")
        found = run(place, base_url, kills, seed)
        told = tally(base_url)
    Console().print(shown(told, found, number))
    return faults_of(told, found, number, kills)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        with FakeServer(Weather(given.seed, given.share)) as fake:
            print(fake.base_url, flush=True)
            while True:
                time.sleep(60)
    wrong = [
        fault
        for kills in dict.fromkeys((0, given.kills))
        for fault in chaos(given.documents, given.share, kills, given.seed)
    ]
    print("\n".join(wrong) or "Nothing lost, nothing doubled, nothing spent beyond the limit, no key anywhere.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
