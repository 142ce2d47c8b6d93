"""PDF reports drawn from a few marks: titles, tables with wrapped cells, pages of body text, a running foot or head."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

JSON = dict[str, Any]

LEFT, TOP, BOTTOM, WIDTH = 60, 780, 70, 470
FONT, SIZE, LEADING = "Helvetica", 10, 13
TITLE_SIZE = 16

SITS = {"top": 0, "middle": 0.5, "bottom": 1}
"""Share of a cell's free height that is above its words."""
ORDERS: dict[str, Callable[[tuple[int, float, float, str]], Any]] = {
    "rows": lambda word: (word[0], word[2], -word[1]),
    "lines": lambda word: (-word[1], word[2]),
    "columns": lambda word: (word[2], -word[1]),
}
"""The order in which a table's words are drawn: each is its row, how high and how far in it stands, and its text."""


def drawn_report(known: JSON, body: Sequence[str]) -> bytes:
    """The PDF that the document's `pages` describe; the data file says what its marks mean."""
    out = io.BytesIO()
    sheet = _Sheet(Canvas(out, pagesize=A4, invariant=1), known)
    sentences = itertools.cycle(body)
    numbers = itertools.count(1)
    rows: list[list[str]] = []
    for line in [*known["pages"].strip().splitlines(), "---"]:
        if line.startswith("| "):
            rows.append([cell.strip() for cell in line.strip("| ").split(" | ")])
            continue
        sheet.table(rows)
        rows = []
        if line == "---":
            sheet.turn()
        elif line.startswith("=== "):
            for _ in range(int(line[4:])):
                sheet.body(sentences, numbers)
        elif line.startswith("# "):
            sheet.write(line[2:], TITLE_SIZE)
        else:
            sheet.write(line.replace("* ", "• ", 1) if line.startswith("* ") else line)
    sheet.canvas.save()
    return out.getvalue()


class _Sheet:
    """The page in hand, and how far down it is written."""

    def __init__(self, canvas: Canvas, known: JSON) -> None:
        self.canvas, self.known = canvas, known
        self.down, self.number = TOP, 1
        self.begun = False

    def write(self, text: str, size: int = SIZE) -> None:
        """A paragraph, wrapped."""
        for line in simpleSplit(text, FONT, size, WIDTH) or [""]:
            self.line(LEFT, line, size)
            self.down -= LEADING * size / SIZE

    def line(self, left: float, text: str, size: int = SIZE) -> None:
        """Some words where the page is now, on a new page where this one is full."""
        if self.down < BOTTOM:
            self.turn()
        if not self.begun:
            self.begun = True
            if self.known.get("running") == "head":
                self.canvas.setFont(FONT, 8)
                self.canvas.drawString(LEFT, TOP + 30, str(self.number))
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(left, self.down, text)

    def turn(self) -> None:
        """The page's foot, and a new page."""
        if not self.begun:
            return
        running = self.known.get("running", "")
        if running and running != "head":
            self.canvas.setFont(FONT, 8)
            *first, last = running.split("\n")
            for number, line in enumerate([*first, f"{last} {self.number}"]):
                self.canvas.drawString(LEFT, 40 - 10 * number, line)
        self.canvas.showPage()
        self.down, self.number, self.begun = TOP, self.number + 1, False

    def body(self, sentences: Iterator[str], numbers: Iterator[int]) -> None:
        """About a page of numbered paragraphs."""
        for _ in range(9):
            self.write(f"{next(numbers)}. {next(sentences)} {next(sentences)}")

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """The rows, each cell wrapped to its column; drawn on a new page where they do not fit on this one."""
        widths = self.known.get("widths", [250, 160])
        wrapped = [
            [simpleSplit(cell, FONT, SIZE, width) for cell, width in zip(row, widths, strict=False)] for row in rows
        ]
        heights = [max(map(len, row)) * LEADING + 4 for row in wrapped]
        if rows and self.down - sum(heights) < BOTTOM:
            self.turn()
        words: list[tuple[int, float, float, str]] = []
        for number, (row, height) in enumerate(zip(wrapped, heights, strict=True)):
            words += [(number, *word) for word in self._row(row, height, widths)]
            self.down -= height
        for _, down, left, text in sorted(words, key=ORDERS[self.known.get("cells", "rows")]):
            after, self.down = self.down, down
            self.line(left, text)
            self.down = after

    def _row(
        self, cells: Sequence[Sequence[str]], height: float, widths: Sequence[int]
    ) -> Iterator[tuple[float, float, str]]:
        """Each line of a row's cells: how high and how far in it stands, and its words."""
        for number, lines in enumerate(cells):
            above = (height - len(lines) * LEADING) * SITS[self.known.get("sits", "top")]
            for line, text in enumerate(lines):
                yield self.down - above - line * LEADING, LEFT + sum(widths[:number]), text
