"""A child that writes calls and results without a pause, killed again and again: what lies on the disk stays whole.

python tests/committing.py FOLDER [--kills 100] [--seed 7]      prints what was found, as JSON
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from extractor.extracting import Settings, settings
from extractor.journal import Journal, RawReply
from extractor.resuming import Results
from extractor.schemas.extraction import Extraction, Source

LONG = "words of the reply " * 300  # more than a page of the database


def reply(key: str) -> RawReply:
    return RawReply(200, {"date": key}, json.dumps({"choices": [{"said": key, "more": LONG}]}).encode())


def write(folder: Path, chosen: Settings, begun: int) -> None:
    """Calls and results, without an end; what is begun is told to the pipe."""
    with Journal(folder / "journal.sqlite") as journal, Results(folder / "out.jsonl", chosen) as results:
        os.write(begun, b".")
        for number in count():
            key = f"{os.getpid()}-{number}"
            journal.finish(journal.start(key, "http://x/v1", "model", LONG.encode()), reply(key))
            results.write(Extraction(source=Source(path=key, sha256=key), engine="offline"))


def killed(folder: Path, chosen: Settings, seconds: float) -> None:
    """A child that writes for so long."""
    told, begun = os.pipe()
    child = os.fork()
    if child == 0:
        write(folder, chosen, begun)
    os.close(begun)
    os.read(told, 1)
    os.close(told)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def found(folder: Path, chosen: Settings) -> dict[str, Any]:
    """What lies on the disk: `wrong` calls have another reply, `lost` results are of calls that are not there."""
    with closing(sqlite3.connect(folder / "journal.sqlite")) as database:
        sound = database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        keys = [key for (key,) in database.execute("SELECT key FROM started ORDER BY id")]
    with Journal(folder / "journal.sqlite") as journal:
        kept = {key: journal.find(key) for key in keys}
    with Results(folder / "out.jsonl", chosen) as results:
        damaged = len(results.damaged)
    paths = [
        json.loads(line)["source"]["path"] for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    return {
        "sound": sound,
        "calls": len(keys),
        "unfinished": sum(one is None for one in kept.values()),
        "wrong": sum(one is not None and one != reply(key) for key, one in kept.items()),
        "results": len(paths),
        "doubled": len(paths) - len(set(paths)),
        "damaged": damaged,
        "lost": sum(kept.get(path) is None for path in paths),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    chance, chosen = random.Random(given.seed), settings()
    for _ in range(given.kills):
        killed(given.folder, chosen, chance.uniform(0, 0.05))
    print(json.dumps(found(given.folder, chosen)))


if __name__ == "__main__":
    main()
