"""A program of its own: one file read under limits of time and memory, and what came of it as a line of JSON.

watched.py FILE. It ends as a program that was killed where the file takes more than the limits. What Python opens or
asks for is told by its audit events: anything beside the file and Python's own modules is named under "reached".
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

MEMORY, SECONDS = 1536 << 20, 60
_ASKING = ("socket.connect", "socket.getaddrinfo", "socket.bind", "os.system", "os.exec")


def read(path: str) -> dict[str, Any]:
    """What reading gives: of a document its text, of a spreadsheet or saved outcomes their number of rows."""
    from extractor.errors import ExtractorError

    try:
        if path.endswith((".xlsx", ".ods", ".csv")):
            from extractor.crosscheck.grid import grids

            sheets = grids(Path(path))
            return {"outcome": "read", "rows": sum(len(sheet.rows) for sheet in sheets), "text": str(sheets)[:2000]}
        if path.endswith(".jsonl"):
            from extractor.saved import saved

            return {"outcome": "read", "rows": sum(1 for _ in saved(Path(path)))}
        from extractor import extract
        from extractor.readers import read as document_of

        document = document_of(path)
        document.text.encode("utf-8")
        spent = cpu()
        extract(document)
        return {
            "outcome": "read",
            "length": len(document.text),
            "text": document.text if len(document.text) < 100_000 else document.text[:2000] + document.text[-2000:],
            "pages": len(document.pages),
            "rules_seconds": cpu() - spent,
        }
    except ExtractorError as error:
        return {"outcome": type(error).__name__, "message": str(error)}


def leave() -> None:
    """Let the process that reads end, so that its time and memory count."""
    from extractor.readers import apart

    apart._ROOM.leave()


def cpu() -> float:
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def main(path: str) -> None:
    reached: list[str] = []
    modules = tuple(str(Path(one).resolve()) for one in (sys.prefix, sys.base_prefix, Path(__file__).parents[1]))
    allowed = (*modules, path, "/dev/null", "/usr/lib", "/lib", "/etc/ld.so", "/proc/self")

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str) and not arguments[0].startswith(allowed):
            reached.append(f"{event} {arguments[0]}")
        elif event in _ASKING:
            reached.append(f"{event} {arguments!r}")

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(watch)
    started = time.perf_counter()
    told = read(path)
    leave()
    unit = 1 if sys.platform == "darwin" else 1024
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told |= {"seconds": cpu(), "elapsed": time.perf_counter() - started, "megabytes": peak * unit / 1e6}
    print(json.dumps(told | {"reached": reached}))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
