"""The figures of runs as tables: on the terminal, as JSON, CSV or markdown."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from extractor.sheets.csv_file import guarded
from extractor.terminal import escaped, flat

from .rubric import Rubric
from .runs import Run, Used, draft_summary, summary
from .score import Counts
from .summary import Summary

if TYPE_CHECKING:
    from .comparing import Comparison
    from .headline import Share

JSON = dict[str, Any]
Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Named columns and rows of figures; null is what cannot be known. Shares are from 0 to 1.

    A `wide` one is shown with its rows as columns, which are fewer.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    wide: bool = False

    def turned(self) -> Table:
        """As a reader is shown it."""
        if not self.wide:
            return self
        head, *rows = zip(self.columns, *self.rows, strict=True)
        return Table(self.title, tuple(map(str, head)), tuple(rows), self.notes)


# ── The tables ─────────────────────────────────────────────────────────────────────────────────────────────────────


def overview(runs: Sequence[Run], rubric: Rubric) -> Table:
    """A row a run: how much was right, what was worst, and what it took. Failures stand first, beside the name.

    `F1` is that of the primary fields; `draft F1` that of the drafts, before look-ups and withholding. Tokens and
    cost are sums, `seconds` the mean a document.
    """
    columns = (
        *("run", "failed", "documents", "F1", "precision", "recall", "draft F1", "grades changed", "grades invented"),
        *("verified", "altered", "withheld", "tokens in", "tokens out", "cost $", "seconds"),
    )
    return Table("Runs", columns, tuple(_overview(run, rubric) for run in runs), tuple(map(recipe, runs)), wide=True)


def _overview(run: Run, rubric: Rubric) -> tuple[Cell, ...]:
    found, drafts = summary(run, rubric), draft_summary(run, rubric)
    every = list(chain.from_iterable(run.usage))
    waited = [one.seconds for one in every if one.seconds is not None]
    return (
        *(run.name, found.failed, found.documents, found.total.f1, found.total.precision, found.total.recall),
        *(drafts.total.f1 if drafts else None, found.severe, found.grades_invented, *found.quotes),
        *(_whole(every, "input_tokens"), _whole(every, "output_tokens"), _whole(every, "cost")),
        sum(waited) / len(waited) if waited else None,
    )


def _whole(every: Iterable[Used], name: str) -> float | None:
    """The sum over documents; null where one is not known."""
    values = [getattr(one, name) for one in every]
    return None if not values or None in values else sum(values)


def by_field(run: Run, rubric: Rubric) -> Table:
    """A row a field, primary ones first: its outcomes, and the shares that they come to.

    `agreement` counts null with null; `drafts` is the F1 before look-ups and withholding.
    """
    found, drafts = summary(run, rubric), draft_summary(run, rubric)
    columns = ("field", "weight", "F1", "prec.", "recall", "correct", "wrong", "missed", "invented")
    rows = [
        (
            *(name, weight, counts.f1, counts.precision, counts.recall, *counts[:4], counts.agreement),
            drafts.counts[name].f1 if drafts else None,
        )
        for name, weight, counts in _counted(found, rubric)
    ]
    whole = ("primary", None, found.total.f1, found.total.precision, found.total.recall, *found.total[:4])
    last = (*whole, found.total.agreement, drafts.total.f1 if drafts else None)
    return Table(run.name, (*columns, "agreement", "drafts"), (*rows, last), (recipe(run),))


def matrix(runs: Sequence[Run], rubric: Rubric) -> Table:
    """Fields × runs: each field's F1, primary fields first and all of them together last."""
    found = [summary(run, rubric) for run in runs]
    rows = [(name, weight, *(one.counts[name].f1 for one in found)) for name, weight, _ in _counted(found[0], rubric)]
    last = ("primary", None, *(one.total.f1 for one in found))
    return Table("F1 by field", ("field", "weight", *(run.name for run in runs)), (*rows, last))


def headlines(runs: Sequence[Run], shares: Sequence[Sequence[Share]]) -> Table:
    """A row a question and run: right of how many, invented beside them, the share and its 95% interval.

    `shares` are each run's, as `headline` gives them; the rows of one question stand together.
    """
    rows = [
        (one.question, run.name, one.right, one.total, one.invented, one.value, one.low, one.high)
        for question in zip(*shares, strict=True)
        for run, one in zip(runs, question, strict=True)
    ]
    return Table("What was right", ("what", "run", "right", "of", "invented", "share", *ENDS), tuple(rows))


def _counted(found: Summary, rubric: Rubric) -> list[tuple[str, int, Counts]]:
    weighed = [(name, rubric.weights.get(name, 0), found.counts[name]) for name in rubric.by_name]
    return sorted(weighed, key=lambda row: row[1] == 0)


def verdicts(comparison: Comparison) -> list[Table]:
    """Every run's primary figure, and what may be said of every pair.

    Intervals are 95%; `of all` is the one at which those of all pairs hold together.
    """
    runs = [(one.name, one.f1.value, one.f1.low, one.f1.high, one.failed.value) for one in comparison.competitors]
    pairs = [
        (
            *(one.name, one.baseline, one.difference.value, one.difference.low, one.difference.high),
            *(*one.simultaneous, one.p, one.holm, one.verdict.word, one.verdict.detectable, one.verdict.documents),
        )
        for one in comparison.pairs
    ]
    columns = ("run", "against", "difference", *ENDS, "low of all", "high of all", "p", "Holm p", "verdict")
    said = tuple(one.verdict.sentence for one in comparison.pairs)
    share = f"{comparison.documents} documents in {comparison.clusters} clusters, margin {comparison.margin:g}"
    return [
        Table("Primary F1", ("run", "F1", *ENDS, "failed"), tuple(runs), (share,)),
        Table("Verdict", (*columns, "detectable", "documents needed"), tuple(pairs), said, wide=True),
    ]


def differences(comparison: Comparison) -> list[Table]:
    """A table a pair: the difference in each field, with its 95% interval. They are shown and decide nothing."""
    return [
        Table(
            f"{one.name} against {one.baseline}, field by field",
            ("field", "weight", "difference", *ENDS),
            tuple(
                (field, comparison.primary.get(field, 0), figure.value, figure.low, figure.high)
                for field, figure in one.fields.items()
                if figure.value is not None
            ),
        )
        for one in comparison.pairs
    ]


ENDS = ("low", "high")


def recipe(run: Run) -> str:
    """What a run's numbers are of, in one line."""
    told = run.signature
    asked = f"prompt {told['prompt']} ({told['prompt_sha256'][:12]})" if told["prompt"] else None
    where = f"{told['model']} at {told['endpoint']}" if told["endpoint"] else told["model"]
    given = json.dumps(told["parameters"], ensure_ascii=False) if told["parameters"] else None
    parts = [
        run.name,
        asked,
        f"model {where}",
        given,
        f"gold {told['gold'][:12]} ({told['split']}, {len(run.cases)} documents)",
        f"rubric {told['rubric'][:12]}",
        f"schema {told['schema_version']}",
        f"extractor {told['extractor_version']}",
        f"repeats {told['repeats']}",
        told["date"],
    ]
    return " · ".join(part for part in parts if part)


# ── A summary as data ──────────────────────────────────────────────────────────────────────────────────────────────


def summary_data(found: Summary) -> JSON:
    """A Summary as JSON data, ratios included: null where there is nothing to divide by."""
    return {
        "documents": found.documents,
        "failed": found.failed,
        "empty": found.empty,
        "rejected": found.rejected,
        "primary": _counts_data(found.total),
        "credit": found.credit,
        "grades_invented": found.grades_invented,
        "severe": found.severe,
        "quotes": found.quotes._asdict(),
        "grades": {name: grades._asdict() for name, grades in found.grades.items()},
        "fields": {name: _counts_data(counts) for name, counts in found.counts.items()},
        "spans": {
            name: {**spans._asdict(), "precision": spans.precision, "recall": spans.recall}
            for name, spans in found.spans.items()
        },
    }


def _counts_data(counts: Counts) -> JSON:
    ratios = {name: getattr(counts, name) for name in ("precision", "recall", "f1", "agreement")}
    return {**counts._asdict(), **ratios}


# ── How a table is shown ───────────────────────────────────────────────────────────────────────────────────────────


def terminal(tables: Sequence[Table]) -> str:
    """The tables for a reader at a terminal."""
    out = io.StringIO()
    reader = Console(file=out, width=max(Console().width, 80), highlight=False)
    whole = Console(file=out, width=1000, highlight=False)  # no figure may lose a digit for want of room
    for table in (one.turned() for one in tables):
        shown = RichTable(
            title=Text(flat(table.title)), title_justify="left", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True
        )
        columns = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
        for name, cells in zip(table.columns, columns, strict=True):
            figures = any(isinstance(cell, int | float) for cell in cells)
            shown.add_column(Text(flat(name)), justify="right" if figures else "left", no_wrap=True)
        for row in table.rows:
            shown.add_row(*(Text(flat(_printed(cell))) for cell in row))
        whole.print(shown, soft_wrap=False)
        for note in table.notes:
            reader.print(Text(flat(note)))
        reader.print()
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def as_json(tables: Sequence[Table]) -> str:
    """The tables by title: rows as objects, and the notes."""
    told = {
        table.title: {
            "rows": [dict(zip(table.columns, row, strict=True)) for row in table.rows],
            "notes": list(table.notes),
        }
        for table in tables
    }
    return escaped(json.dumps(told, indent=1, ensure_ascii=False)) + "\n"


def as_csv(tables: Sequence[Table]) -> str:
    """Each table with its header line, an empty line between two; notes are left out. Null is an empty cell."""
    out = io.StringIO()
    for number, table in enumerate(tables):
        writer = csv.writer(out, lineterminator="\n")
        if number:
            out.write("\n")
        writer.writerows([guarded(cell) for cell in row] for row in (table.columns, *table.rows))
    return out.getvalue()


def as_markdown(tables: Sequence[Table]) -> str:
    """The tables as markdown, notes below."""
    parts: list[str] = []
    for table in (one.turned() for one in tables):
        lines = [table.columns, ["---"] * len(table.columns), *([_printed(cell) for cell in row] for row in table.rows)]
        shown = "\n".join("| " + " | ".join(map(in_markdown, line)) + " |" for line in lines)
        parts.append("\n\n".join([f"**{in_markdown(table.title)}**", shown, *map(in_markdown, table.notes)]))
    return "\n\n".join(parts) + "\n"


def in_markdown(text: str) -> str:
    """The text in one line, with nothing in it that markdown or HTML would take for more than text."""
    return _MARKUP.sub(r"\\\g<0>", flat(text)).replace("&", "&amp;").replace("<", "&lt;")


_MARKUP = re.compile(r"[\\|`*]|!(?=\[)|\](?=\()")


def _printed(cell: Cell) -> str:
    """Shares with three digits; an en dash for what cannot be known."""
    if cell is None:
        return "–"
    return f"{cell:.3f}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else cell


FORMATS: dict[str, Callable[[Sequence[Table]], str]] = {
    "table": terminal,
    "json": as_json,
    "csv": as_csv,
    "markdown": as_markdown,
}
"""Each way to show tables by the name that --format gives it."""
