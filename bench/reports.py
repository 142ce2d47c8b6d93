"""Right of total, field by field, of the offline engine on labelled PDF reports, beside the cost of their bare text.

bench/reports.py DIR   DIR holds PDFs and gold.jsonl: a line each with file, pages, authority, framework (ILACS, SIF or
other), lead_inspector, inspection_start, inspection_end, published, overall, judgements [{area, grade}]; null where the
report prints none.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from extractor import extract
from extractor.domain.areas import area_code, plain
from extractor.domain.authorities import councils_called
from extractor.errors import DocumentError
from extractor.readers.pdf import LIMIT_PAGES

JSON = dict[str, Any]

SCALARS = {
    "start": ("inspection_start", "inspection_start"),
    "end": ("inspection_end", "inspection_end"),
    "published": ("published", "report_published"),
    "overall": ("overall", "overall_grade"),
}
"""What is compared as it stands: what a label calls it, and what a record does."""
ORDER = ("authority", "framework", "lead inspectors", *SCALARS, "judgements")
NAMED = ("ILACS", "SIF")
"""The frameworks that labels tell from others."""
ROUNDS = 3
AIM = 4
PROCESSES = os.cpu_count() or 1


@dataclass
class Tally:
    """Counts by field, and a line for each value that differs."""

    right: Counter[str] = field(default_factory=Counter)
    labelled: Counter[str] = field(default_factory=Counter)
    invented: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def count(self, file: str, name: str, labelled: Sequence[Any], read: Sequence[Any]) -> None:
        """Take in one report's labelled and read values of a field, in whatever order; nulls are no values."""
        wanted, found = list(filter(None, labelled)), list(filter(None, read))
        missed, added = _without(wanted, found), _without(found, wanted)
        self.labelled[name] += len(wanted)
        self.right[name] += len(wanted) - len(missed)
        self.invented[name] += max(0, len(added) - len(missed))
        if missed or added:
            self.misses.append(f"{file} · {name}: read {_told(added)}, labelled {_told(missed)}")


def main(folder: Path) -> None:
    """Print what is right of the labelled values, what differs, and what it takes beside the bare text."""
    labels = [json.loads(line) for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines() if line]
    paths = [str(folder / label["file"]) for label in labels]
    context = multiprocessing.get_context("spawn")  # a worker whose memory is its own
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        tally, read = Tally(), []
        for label, path, extraction in zip(labels, paths, pool.map(_extracted, paths), strict=True):
            if extraction["error"]:
                print(f"not read: {extraction['error']}")
            else:
                read.append(path)
            for warned in extraction["warnings"]:
                if warned["code"] == "grade_differs":
                    print(f"{label['file']} · {warned['code']}: {warned['message']}")
            if label["pages"] or not extraction["error"]:  # a label without pages is that of no report
                _compare(label, extraction, tally)
        _print(tally)
        _print_cost(pool, sorted(read, key=lambda path: -Path(path).stat().st_size))


def _compare(label: JSON, extraction: JSON, tally: Tally) -> None:
    """Count one report's fields."""
    records = extraction["records"]
    record = records[0] if records else {}
    file, on = label["file"], label["inspection_start"]
    told = (record.get("authority") or {}).get("gss_code")
    meant = councils_called(label["authority"], on)
    wanted = [told if any(told == one.gss_code for one in meant) else label["authority"]]
    tally.count(file, "authority", wanted, [told or (record.get("authority") or {}).get("as_written")])
    framework = record.get("framework")
    tally.count(file, "framework", [label["framework"]], [framework if framework in NAMED else framework and "other"])
    leads = re.split(r",\s*|\s+(?:and|&)\s+", label["lead_inspector"] or "")
    tally.count(file, "lead inspectors", leads, record.get("lead_inspectors", []))
    for name, (called, own) in SCALARS.items():
        tally.count(file, name, [label[called]], [record.get(own)])
    areas = [(_code(one["area"], framework, on), one["grade"]) for one in label["judgements"]]
    found = [(one["area_code"] or plain(one["area"]), one["grade"]) for one in record.get("judgements", [])]
    tally.count(file, "judgements", areas, found)
    for further in records[1:]:
        tally.count(file, "authority", [], [(further["authority"] or {}).get("as_written") or "nobody"])


def _code(area: str, framework: str | None, on: str | None) -> str:
    return area_code(area, framework, on) or plain(area)


def _without(some: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Those values that the others do not have, or not as often."""
    rest, left = list(others), []
    for one in some:
        if one in rest:
            rest.remove(one)
        else:
            left.append(one)
    return left


def _told(values: Sequence[Any]) -> str:
    return "; ".join(": ".join(one) if isinstance(one, tuple) else str(one) for one in values) or "nothing"


def _print(tally: Tally) -> None:
    """Each miss, then the counts."""
    for miss in tally.misses:
        print(miss)
    table = Table("field", "right", "of", "invented", title="offline engine against the labels")
    for name in ORDER:
        table.add_row(name, str(tally.right[name]), str(tally.labelled[name]), str(tally.invented[name]))
    Console().print(table)


def _print_cost(pool: ProcessPoolExecutor, paths: Sequence[str]) -> None:
    """What each file's bare text, the checks for hidden text and the whole offline run take on the same process."""
    taken = list(pool.map(_timed, paths))
    bare, checked, offline = (sum(times) for times in zip(*(times for times, _ in taken), strict=True))
    checks = checked - bare
    print(f"{len(paths)} PDFs on {PROCESSES} processes; each file's shortest of {ROUNDS} rounds in turns, added up:")
    for what, seconds in (
        ("pypdfium2's text alone", bare),
        ("checks for hidden text", checks),
        ("offline run without them", offline - checks),
        ("offline run", offline),
    ):
        print(f"{what:26}{seconds:7.2f} s{seconds / bare:7.2f} times the text alone")
    print(f"aim: at most {AIM} times; peak memory of a worker: {max(peak for _, peak in taken):.0f} MB")


def _extracted(path: str) -> JSON:
    """What the offline engine makes of the file; of one that cannot be read, its error."""
    try:
        extraction: JSON = extract(path).model_dump(mode="json")
    except DocumentError as error:
        return {"records": [], "warnings": [], "error": f"{type(error).__name__}: {error}"}
    return extraction


def _timed(path: str) -> tuple[tuple[float, float, float], float]:
    """Seconds for the file's bare text, for that with the checks, for the offline run; this process's peak in MB."""
    rounds = [tuple(_seconds(work, path) for work in (_bare, _checked, _extracted)) for _ in range(ROUNDS)]
    bare, checked, offline = map(min, zip(*rounds, strict=True))
    unit = 1 if sys.platform == "darwin" else 1024
    return (bare, checked, offline), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _seconds(work: Callable[[str], object], path: str) -> float:
    started = time.perf_counter()
    work(path)
    return time.perf_counter() - started


def _bare(path: str) -> int:
    """Every page's text as pypdfium2 gives it, and nothing else."""
    from pypdfium2 import PdfDocument  # type: ignore[import-untyped]

    with PdfDocument(path) as document:
        return sum(len(page.get_textpage().get_text_range()) for page in document)


def _checked(path: str) -> int:
    """The same text, cut by what can be seen."""
    from extractor.readers.pdfium import raw_pages

    return len(raw_pages(Path(path).read_bytes(), path, LIMIT_PAGES))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
