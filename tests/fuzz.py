"""Fuzzes every reader, and all else that takes what others wrote: `make fuzz`.

    python tests/fuzz.py [--executions 2000] [--targets pdf,docx] [--engines hypothesis,atheris] [--seed 7] [--jobs 2]
    python tests/fuzz.py --repeat pdf out/fuzz/pdf-0123456789ab

Each target and engine has a process of its own, with limits. A finding is an input that raises what was not promised,
breaks a law of the result, ends the process, or takes more time or memory than the limits: it is saved, and named.
One that ends the process with the parser in it, where the product reads in a process of its own and says what is wrong,
is "contained", and no finding.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fuzzchild import ENGINES, LONGEST, STATE, note
from fuzztargets import SLOW, TARGETS

JSON = dict[str, Any]

HERE = Path(__file__).parent
SECONDS = 10.0
"""Processor time for one input."""
SILENT = 120.0
"""Seconds after which an input that takes no processor time hangs."""
MEGABYTES, GROWTH = 2048, 400
"""Memory of a whole process, and how much more of it one input may take."""
MOST_DEATHS = 30
APART = ("pdf", "html", "docx")
"""What the product reads in a process of its own, so that a parser's fall costs only the file."""


@dataclass
class Tally:
    """What came of one engine on one target."""

    target: str
    engine: str
    seed: int
    executions: int = 0
    contained: int = 0
    findings: int = 0
    slowest: float = 0.0
    memory: int = 0
    taken: float = 0.0

    @property
    def row(self) -> tuple[str, ...]:
        """Its cells, as they are printed."""
        told = self.contained, self.findings, f"{self.slowest:.2f}", self.memory, self.seed, f"{self.taken:.0f}"
        return self.target, self.engine, f"{self.executions:,}", *map(str, told)


HEAD = ("target", "engine", "executions", "contained", "findings", "slowest, s", "memory, MB", "seed", "took, s")


def fuzz(target: str, engine: str, executions: int, seed: int, out: Path, seconds: float = SECONDS) -> Tally:
    """Give a target so many inputs; a process that one of them ends is a finding, and another goes on."""
    tally = Tally(target, engine, seed)
    began, deaths = time.monotonic(), 0
    before = len(_findings(out, target, engine))
    folder = out / engine
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        given: JSON = {"target": target, "engine": engine, "out": str(folder), "state": f"{scratch}/state"}
        given |= {"corpus": f"{scratch}/corpus", "seconds": seconds, "megabytes": MEGABYTES, "growth": GROWTH}
        while tally.executions < executions and deaths < MOST_DEATHS:
            given |= {"executions": executions - tally.executions, "seed": seed + 1_000_000 * deaths}
            Path(given["state"]).write_bytes(bytes(STATE.size + LONGEST))
            status, said = _child(given)
            state = Path(given["state"]).read_bytes()
            begun, ended, slowest, memory, length = STATE.unpack_from(state)
            tally.executions += begun
            tally.slowest, tally.memory = max(tally.slowest, slowest), max(tally.memory, memory)
            data = state[STATE.size : STATE.size + length]
            if begun > ended and _is_contained(target, data):
                tally.contained += 1
            elif begun > ended:
                note(folder, target, data, _death(status, seconds), said)
            elif begun == 0:
                raise SystemExit(f"{target} by {engine} did not start:\n{said}")
            deaths += begun > ended or status != 0
    tally.findings = len(_findings(out, target, engine)) - before
    tally.taken = time.monotonic() - began
    return tally


def _child(given: JSON) -> tuple[int, str]:
    """Run it to its end, or until it does nothing any more: its status, and the last that it said."""
    command = [sys.executable, str(HERE / "fuzzchild.py"), json.dumps(given)]
    with open(f"{given['state']}.said", "w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=Path(given["state"]).parent)
        last, since = (-1, -1), time.monotonic()
        while process.poll() is None:
            time.sleep(0.2)
            now = STATE.unpack_from(Path(given["state"]).read_bytes())[:2]
            last, since = (now, time.monotonic()) if now != last else (last, since)
            if time.monotonic() - since > SILENT:
                process.kill()
        said.seek(0)
        return process.wait(), said.read()[-4000:]


def _is_contained(target: str, data: bytes) -> bool:
    """Whether an input that ends a process ends none of the product's, which reads such files apart."""
    if target not in APART:
        return False
    with TemporaryDirectory() as scratch:
        path = Path(scratch, "input")
        path.write_bytes(data)
        command = [sys.executable, str(HERE / "fuzzchild.py"), json.dumps({"target": target, "read": str(path)})]
        return subprocess.run(command, capture_output=True, check=False, cwd=scratch).returncode == 0


def _death(status: int, seconds: float) -> str:
    if status == -signal.SIGPROF:
        return f"hang: more than {seconds:g} s of processor time"
    return "hang: nothing happened any more" if status == -signal.SIGKILL else f"the process ended with status {status}"


def _findings(out: Path, target: str, engine: str) -> list[JSON]:
    path = out / engine / "findings.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [found for found in map(json.loads, lines) if found["target"] == target]


def table(tallies: Sequence[Tally]) -> str:
    """The tallies as a table in Markdown."""
    rows = [HEAD, *(tally.row for tally in tallies)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def repeat(target: str, path: str) -> int:
    """Try one saved input again, under the same limits."""
    with TemporaryDirectory() as scratch:
        state = Path(scratch, "state")
        state.write_bytes(bytes(STATE.size + LONGEST))
        given = {"target": target, "state": str(state), "out": scratch, "executions": 1, "megabytes": MEGABYTES}
        given["repeat"] = str(Path(path).resolve())
        return subprocess.run([sys.executable, str(HERE / "fuzzchild.py"), json.dumps(given)], check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executions", type=int, default=2000, help="inputs for each target")
    parser.add_argument("--targets", default=",".join(TARGETS))
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--hypothesis-share", type=float, default=0.5, help="of the inputs, the rest is for atheris")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of processor time for one input")
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"))
    parser.add_argument("--repeat", nargs=2, metavar=("TARGET", "FILE"))
    given = parser.parse_args()
    if given.repeat:
        return repeat(*given.repeat)
    out, engines = given.out.resolve(), given.engines.split(",")
    if "atheris" in engines and not importlib.util.find_spec("atheris"):
        print("atheris is not installed (it has no wheel for each Python): hypothesis does it all.", file=sys.stderr)
        engines = ["hypothesis"]
    shares = {"hypothesis": given.hypothesis_share, "atheris": 1 - given.hypothesis_share} if len(engines) > 1 else {}
    jobs = [
        (target, engine, max(1, round(given.executions * shares.get(engine, 1) / SLOW.get(target, 1))))
        for target in given.targets.split(",")
        for engine in engines
    ]
    with ThreadPoolExecutor(given.jobs) as pool:
        tallies = []
        for tally in pool.map(lambda job: fuzz(*job, given.seed, out, given.seconds), jobs):
            tallies.append(tally)
            print(f"{datetime.now(UTC):%H:%M:%S} {' '.join(tally.row)}", file=sys.stderr, flush=True)
    print(table(tallies))
    found = [one for target, engine, _ in jobs for one in _findings(out, target, engine)] if out.exists() else []
    for one in found:
        print(
            f"\n{one['target']}: {one['told']}\n  {sys.executable} tests/fuzz.py --repeat {one['target']} {one['file']}"
        )
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
