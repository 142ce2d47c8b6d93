"""What the rules cost: per article and per kB, from 1 kB to 300 kB, and beside a report's text extraction.

bench/rules.py [DIR]   DIR holds PDF reports; without it a long one is drawn.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from extractor import Document
from extractor.engines.offline import read as read_by_rules
from extractor.errors import DocumentError
from extractor.readers import read

EXAMPLES = Path(__file__).parent.parent / "examples"
SIZES = (1, 3, 10, 30, 100, 300)  # kB
RUNS = 5
AIM = 3


def main(folder: Path | None) -> None:
    """Print the cost per kB at each length, then rules and text extraction of reports side by side."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.txt"))]
    base = _seconds(lambda: [read_by_rules(Document.from_text(text)) for text in texts])
    kilobytes = sum(map(len, texts)) / 1000
    print(f"{len(texts)} articles of {kilobytes / len(texts):.1f} kB on average; cost per kB there = 1")
    table = Table("length", "cost, in articles", "cost per kB")
    for size in SIZES:
        document = Document.from_text(_long(texts, size * 1000))
        cost = _seconds(lambda document=document: read_by_rules(Document.from_text(document.text)))  # type: ignore[misc]
        table.add_row(f"{size} kB", f"{cost / (base / len(texts)):.1f}", f"{cost / size / (base / kilobytes):.2f}")
    Console().print(table)
    if folder is None:
        print("A report drawn for this: plain pages are read faster than real ones, for which name a folder.")
    with tempfile.TemporaryDirectory() as drawn:
        paths = sorted(folder.glob("*.pdf")) if folder else [_drawn(Path(drawn))]
        _beside_extraction(paths)


def _beside_extraction(paths: list[Path]) -> None:
    """The rules' time over the time that the reader took, for all reports and for the worst."""
    ratios = []
    reading = ruling = 0.0
    for path in paths:
        try:
            document = read(path)
        except DocumentError as error:
            print(f"passed over: {error.fault}")
            continue
        one = _seconds(lambda path=path: read(path))  # type: ignore[misc]
        other = _seconds(lambda document=document: read_by_rules(_again(document)))  # type: ignore[misc]
        reading, ruling = reading + one, ruling + other
        ratios.append((other / one, path.name, len(document.text)))
    worst = max(ratios)
    above = sum(ratio > AIM for ratio, _, _ in ratios)
    print(f"{len(ratios)} reports: rules {ruling / reading:.2f} times the text extraction (aim: at most {AIM})")
    print(f"highest: {worst[0]:.2f} for {worst[1]}, {worst[2] / 1000:.0f} kB; above the aim: {above}")


def _again(document: Document) -> Document:
    """The same document with nothing worked out about it yet."""
    return Document(text=document.text, pages=document.pages, furniture=document.furniture, hidden=document.hidden)


def _long(texts: list[str], length: int) -> str:
    """Text of about that length: the articles over and over, the first of them cut where they are too long."""
    kept, have = [], 0
    for text in itertools.cycle(texts):
        kept.append(text[: length - have])
        have += len(kept[-1])
        if have >= length:
            return "\n\n".join(kept)
    raise AssertionError("the articles are empty")


def _drawn(folder: Path) -> Path:
    """A report of about forty pages: the example's own, its body over and over."""
    from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
    from reportlab.lib.styles import getSampleStyleSheet  # type: ignore[import-untyped]
    from reportlab.platypus import Paragraph, SimpleDocTemplate  # type: ignore[import-untyped]

    style = getSampleStyleSheet()["BodyText"]
    path = folder / "report.pdf"
    body = _long([read(EXAMPLES / "report.pdf").visible], 100_000)
    paragraphs = [Paragraph(block, style) for block in body.split(". ") if block.strip()]
    SimpleDocTemplate(str(path), pagesize=A4).build(paragraphs)
    return path


def _seconds(work: Callable[[], object]) -> float:
    """The shortest of a few runs."""
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
