"""The commands for analysts' sheets: `table` writes them, `crosscheck` holds them against the documents."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from extractor.arguments import NO_MODEL, Options, takes_options
from extractor.errors import SettingsError

if TYPE_CHECKING:
    from extractor.sheets.files import Writing
    from extractor.sheets.laid_out import LaidOut

Sources = Annotated[
    list[Path],
    typer.Argument(help="Documents, folders, or .jsonl files that `extractor extract -o` wrote.", show_default=False),
]
Out = Annotated[
    Path,
    typer.Option("-o", "--out", help="Write here: .xlsx is one workbook; .csv, .jsonl or .parquet a file a sheet."),
]


@takes_options()
def table(
    paths: Sources,
    out: Out,
    *,
    layout: Annotated[
        Literal["d2i", "ofsted"] | None,
        typer.Option(help="A publisher's columns: one row a council, its latest graded inspection."),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="CSV: put no apostrophe before text that begins as a formula.")
    ] = False,
    options: Options,
) -> None:
    """Write records as tables: a workbook, CSV, JSON lines or Parquet, the words behind each value beside it.

    Exit status: 0 all read, 1 some documents failed (the sheet "problems" says why), 2 unusable arguments.
    """
    from extractor.batch import Batch
    from extractor.folders import counted, documents
    from extractor.saved import SUFFIXES, saved
    from extractor.sheets.facts import inspections
    from extractor.sheets.files import homes, writing
    from extractor.sheets.laid_out import LaidOut, sheets_of
    from extractor.sheets.layout import layouts
    from extractor.sheets.rows import rows
    from extractor.sheets.sheet import sheets
    from extractor.terminal import plain

    chosen = options.settings()
    made = [path for path in paths if path.suffix.lower() in SUFFIXES and not path.is_dir()]
    unread = [path for path in paths if path not in made]
    total, skipped = counted(unread)
    batch = Batch(chosen, documents(unread), options.terms())
    laid_out = LaidOut(layouts()[layout]) if layout else None
    columns = sheets_of(laid_out.layout) if laid_out else sheets()
    _spare(homes(out, columns).values(), [*made, *documents(unread)])
    if total and not options.model:
        print(NO_MODEL, file=sys.stderr)
    extractions = chain(chain.from_iterable(map(saved, made)), batch.results())
    read, failed = 0, 0
    try:
        with writing(out, columns, raw=raw) as written:
            for extraction in extractions:
                read, failed = read + 1, failed + bool(extraction.error)
                if extraction.error:
                    print(f"extractor: {plain(extraction.error.message)}", file=sys.stderr)
                data = extraction.model_dump(mode="json")
                if laid_out:
                    for inspection in inspections(data):
                        laid_out.add(inspection)
                else:
                    for sheet, row in rows(data):
                        written.add(sheet, row)
            for sheet, row in laid_out.rows() if laid_out else ():
                written.add(sheet, row)
    except KeyboardInterrupt:
        print("extractor: interrupted; nothing was written", file=sys.stderr, flush=True)
        os._exit(130)  # without waiting for the calls in flight
    if laid_out:
        _tell_layout(laid_out)
    _tell_written(written, homes(out, columns))
    passed = f", {skipped} with other suffixes passed over" if skipped else ""
    print(f"{read - failed} documents read{f', {failed} failed' if failed else ''}{passed}", file=sys.stderr)
    raise typer.Exit(1 if failed else 0)


def crosscheck(
    outcomes: Annotated[Path, typer.Argument(help="Extractions: a .jsonl file that `extractor extract -o` wrote.")],
    sheet: Annotated[Path, typer.Argument(help="A publisher's sheet: .xlsx, .ods or .csv.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write all that was found here: .xlsx, .csv, .jsonl or .parquet.")
    ] = None,
) -> None:
    """Hold a publisher's sheet of outcomes (Data to Insight's, Ofsted's) against what the reports themselves say.

    Councils are joined through the register, inspections by their dates. Every differing cell is listed with our value,
    theirs, and the words, page and document that ours comes from.

    Exit status: 0 no difference, 1 differences, 2 unusable: a file that cannot be read, or nothing that can be joined.
    """
    from dataclasses import asdict

    from rich.console import Console

    from extractor.crosscheck import crosscheck as check
    from extractor.crosscheck.shown import shown
    from extractor.saved import saved
    from extractor.sheets.files import homes, writing
    from extractor.sheets.sheet import sheets

    columns = sheets("crosscheck")
    if out:
        _spare(homes(out, columns).values(), [outcomes, sheet])
    found = check((extraction.model_dump(mode="json") for extraction in saved(outcomes)), sheet)
    if out:
        with writing(out, columns) as written:
            for name, rows in (("differences", found.differences), ("silent", found.silent), ("unjoined", found.alone)):
                for row in rows:
                    written.add(name, asdict(row))
    Console().print(shown(found))
    if not found.joined:
        raise SettingsError(f"No inspection in {outcomes} could be joined with a row of {sheet}.")
    raise typer.Exit(1 if found.differences else 0)


def _spare(written: Iterable[Path], read: Iterable[Path]) -> None:
    """Refuse to write over a file that is read."""
    sources = {path.resolve() for path in read}
    for path in written:
        if path.resolve() in sources:
            raise SettingsError(f"{path} is read, and would be written over; name another file with -o.")


def _tell_layout(laid_out: LaidOut) -> None:
    """Which inspections the sheet has, and which of its columns are blank or derived."""
    from extractor.sheets.laid_out import about
    from extractor.terminal import plain

    columns = [column for column in laid_out.layout.columns if column.written]
    print(f"{len(laid_out.chosen())} councils, each with its latest graded ILACS inspection", file=sys.stderr)
    for reason, count in laid_out.left_out.items():
        print(f"left out, {reason}: {count}", file=sys.stderr)
    for column in columns:
        if column.is_blank or about(column).startswith("DERIVED"):
            print(f"{column.name}: {about(column)}", file=sys.stderr)
    for one in laid_out.divided():
        print(f"left blank, two grades: {plain(one)}", file=sys.stderr)


def _tell_written(written: Writing, homes: dict[str, Path]) -> None:
    if written.cut:
        print(f"{written.cut} texts are longer than a cell of .xlsx holds; they end in … there", file=sys.stderr)
    for path in dict.fromkeys(homes.values()):
        held = ", ".join(f"{sheet} {written.rows[sheet]}" for sheet, home in homes.items() if home == path)
        print(f"{path}: {held}", file=sys.stderr)
