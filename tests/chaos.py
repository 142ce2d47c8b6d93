"""Runs under faults: as they are, killed again and again, and with too little money; what is lost, doubled, spent.

    python tests/chaos.py [--documents 2000] [--share 0.3] [--kills 100] [--seed 7] [--timeout 45]

What was to be asked is worked out by policy.py from the weather that the server says each document met; what was spent
is told by the server and by the journal, each by itself. The exit status is 1 where any of it does not fit.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from policy import DELIVERED, Account, account
from rich.console import Console
from rich.table import Table
from smallgold import COUNCILS, PRICES, text_of
from weather import KEY, Met, count, server
from weather import account as met_at

CONCURRENCY = 64
PLENTY = 1_000.0
CENT = 0.01


# ── One run ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Found:
    """What a run left behind: by the file of results, by the journal, and by the server's own account.

    `charged` is in US dollars, by the journal; `unfinished` calls were started and never ended. `ends` are those of
    each line of the results, by the document's number.
    """

    title: str
    budget: float
    status: int
    kills: int
    ends: Sequence[tuple[int, str]]
    calls: int
    unfinished: int
    charged: float
    leaks: Sequence[str]
    met: Sequence[Met]
    said: str

    @property
    def named(self) -> Counter[int]:
        """How many lines each document has."""
        return Counter(case for case, _ in self.ends)

    @property
    def failed(self) -> Counter[str]:
        """Documents by the cause of their failure."""
        return Counter(end for _, end in self.ends if end != DELIVERED)

    def accounts(self) -> dict[int, Account]:
        """What each document's requests were to be."""
        runs: dict[int, list[list[str | None]]] = {case: [[] for _ in range(self.kills + 1)] for case, _ in self.ends}
        for one in self.met:
            if one.case in runs:
                runs[one.case][one.run].append(one.fault)
        return {case: account(runs[case], end) for case, end in self.ends}


def documents(folder: Path, number: int) -> None:
    """So many small documents."""
    folder.mkdir()
    for case in range(number):
        text = text_of(COUNCILS[case % len(COUNCILS)])
        (folder / f"{case:05d}.txt").write_text(f"{text}\nCase {case}.\n", encoding="utf-8")


def command(place: Path, base_url: str, budget: float, timeout: float) -> list[str]:
    """The command line of the run."""
    return [
        *(str(Path(sys.executable).parent / "extractor"), "extract", str(place / "documents")),
        *("--model", "openai/fake", "--base-url", base_url, "--prompt", "plain", "--timeout", str(timeout)),
        *("--concurrency", str(CONCURRENCY), "--journal", str(place / "journal.sqlite")),
        *("-o", str(place / "out.jsonl"), "--max-cost", str(budget), "--prices", str(place / "prices.toml")),
    ]


def run(title: str, given: argparse.Namespace, *, kills: int = 0, budget: float = PLENTY) -> Found:
    """Run to the end, killed at random moments so many times on the way."""
    chance, killed, number = random.Random(given.seed), 0, given.documents
    with TemporaryDirectory() as folder, server(given.seed, given.share) as base_url:
        place = Path(folder)
        documents(place / "documents", number)
        (place / "prices.toml").write_text(PRICES, encoding="utf-8")
        with (place / "said.txt").open("w") as said:
            while True:
                process = subprocess.Popen(
                    command(place, base_url, budget, given.timeout),
                    env={**os.environ, "OPENAI_API_KEY": f"{KEY}-{killed}", "XDG_CACHE_HOME": str(place / "cache")},
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                )
                if killed < kills:
                    # Every other time it is at work for sure; together they leave enough for the last run.
                    enough = count(base_url) + chance.randrange(1, max(2, 3 * number // kills))
                    while killed % 2 and process.poll() is None and count(base_url) < enough:
                        time.sleep(0.01)
                    time.sleep(chance.uniform(0, 0.05 if killed % 2 else 2.5))
                    if process.poll() is None:
                        os.killpg(process.pid, signal.SIGKILL)
                        process.wait()
                        killed += 1
                        continue
                return looked_at(title, place, process.wait(), killed, budget, met_at(base_url))


def looked_at(title: str, place: Path, status: int, kills: int, budget: float, met: Sequence[Met]) -> Found:
    """What lies in the folder at the end."""
    out = [json.loads(line) for line in (place / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    with closing(sqlite3.connect(place / "journal.sqlite")) as journal:
        calls = journal.execute("SELECT count(*) FROM started").fetchone()[0]
        ended = journal.execute("SELECT count(*) FROM done").fetchone()[0]
        charged = journal.execute(
            "SELECT (SELECT coalesce(sum(dollars), 0) FROM paid) + (SELECT coalesce(sum(dollars), 0) FROM held)"
        ).fetchone()[0]
    return Found(
        title,
        budget,
        status,
        kills,
        [(int(Path(one["source"]["path"]).stem), one["error"]["type"] if one["error"] else DELIVERED) for one in out],
        calls,
        calls - ended,
        charged,
        [str(path) for path in place.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()],
        met,
        (place / "said.txt").read_text(encoding="utf-8"),
    )


# ── What is told ───────────────────────────────────────────────────────────────────────────────────────────────────


def table(runs: Sequence[Found], number: int) -> Table:
    """The runs beside one another: the faults by kind, then what became of the documents, the calls and the money."""
    shown = Table("", *(one.title for one in runs), title="faults: requests (documents) that met them")
    shown.title_justify = "left"
    for name in sorted({one.fault for each in runs for one in each.met if one.fault}):
        cases = [[one.case for one in each.met if one.fault == name] for each in runs]
        shown.add_row(name, *(f"{len(met):,} ({len(set(met)):,})" for met in cases))
    shown.add_row("all faults", *(f"{sum(one.fault is not None for one in each.met):,}" for each in runs))
    shown.add_section()
    causes = sorted({cause for one in runs for cause in one.failed})
    summed = [summary(one, number, causes) for one in runs]
    for name in summed[0]:
        shown.add_row(name, *(one[name] for one in summed))
        if name in ("doubled", "of them cut off"):
            shown.add_section()
    return shown


def summary(found: Found, number: int, causes: Sequence[str]) -> dict[str, str]:
    """What became of the documents, the calls and the money."""
    accounts = found.accounts().values()
    sure = sum(one.charged for one in found.met if one.sure)
    return {
        "documents in": f"{number:,}",
        "delivered": f"{len(found.ends) - found.failed.total():,}",
        **{f"failed: {cause}": f"{found.failed[cause]:,}" for cause in causes},
        "lost": f"{number - len(found.named):,}",
        "doubled": f"{len(found.ends) - len(found.named):,}",
        "requests expected": f"{sum(one.requests for one in accounts):,}",
        "requests made": f"{len(found.met):,}",
        "of them repeated after kills": f"{sum(one.repeated for one in accounts):,}",
        "calls in the journal": f"{found.calls:,}",
        "of them cut off": f"{found.unfinished:,}",
        "budget": f"${found.budget:,.2f}",
        "spent by the journal's account": f"${found.charged:,.2f}",
        "may be charged by the server's": f"${sum(one.charged for one in found.met):,.2f}",
        "sure to be charged by the server's": f"${sure:,.2f}",
        "kills": f"{found.kills:,}",
        "exit status": f"{found.status}",
        "files that hold the key": f"{len(found.leaks)}",
    }


def faults_of(found: Found, number: int, kills: int) -> list[str]:
    """What went wrong with the run itself, in words; empty where nothing did."""
    accounts, ends = found.accounts(), dict(found.ends)
    expected, charged = sum(one.requests for one in accounts.values()), sum(one.charged for one in found.met)
    other = [f"{case:05d} ({ends[case]}, not {one.end})" for case, one in accounts.items() if one.end != ends[case]]
    wrong = {
        "documents were lost or doubled": len(found.named) != number or len(found.ends) != number,
        f"the exit status is {found.status}": found.status != (1 if found.failed else 0),
        f"{len(found.met)} requests were made, not {expected}": len(found.met) != expected,
        f"documents ended otherwise than they must: {', '.join(other[:5])}": bool(other),
        "the journal's calls are not those that the server received": not (
            len(found.met) <= found.calls <= len(found.met) + found.unfinished
        ),
        f"{found.unfinished} calls were cut off": found.unfinished > CONCURRENCY * found.kills,
        f"the journal's account is ${found.charged:.2f}": found.charged > found.budget,
        f"the server may charge ${charged:.2f}, more than the journal knows": charged > found.charged + CENT,
        f"it was over after {found.kills} kills": found.kills != kills,
        f"the key lies in {found.leaks}": bool(found.leaks),
    }
    return [f"{found.title}: {what}" for what, is_so in wrong.items() if is_so]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    # A right reply that comes later than this, since the machine is busy, is a fault that no account knows of.
    parser.add_argument("--timeout", type=float, default=45)
    given = parser.parse_args()
    number = given.documents
    calm = run("no kills", given)
    killed = run(f"{given.kills} kills", given, kills=given.kills)
    poor = run("a third of the money", given, budget=round(calm.charged / 3, 2))
    Console(width=110).print(table([calm, killed, poor], number))
    wrong = [
        fault
        for found, kills in ((calm, 0), (killed, given.kills), (poor, 0))
        for fault in faults_of(found, number, kills)
    ]
    if not poor.failed["BudgetSpent"]:
        wrong.append(f"{poor.title}: nothing failed for want of money")
    for found in (calm, killed, poor) if wrong else ():
        print(f"{found.title} said:\n{found.said[-2000:]}", file=sys.stderr)
    print(
        "\n".join(wrong)
        or "Nothing lost, nothing doubled, nothing asked or spent beyond what was to be, no key anywhere."
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
