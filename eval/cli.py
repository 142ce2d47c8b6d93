"""The command `extractor-eval`: which prompt is better, and how sure that is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from extractor.errors import ExtractorError

app = typer.Typer(
    help="Score extractions against hand-labelled gold.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
gold = typer.Typer(help="The hand-labelled documents.", no_args_is_help=True)
app.add_typer(gold, name="gold")


def main() -> None:
    """Run the command; a known error is told on stderr, with exit status 2."""
    try:
        app()
    except ExtractorError as error:
        print(f"extractor-eval: {error}", file=sys.stderr)
        raise SystemExit(2) from error


@gold.command()
def check(folder: Annotated[Path, typer.Argument(help="A folder of documents, each with its label ID.json.")]) -> None:
    """Refuse a set with a quote that is not in its document, an unknown code, a duplicate or a changed document.

    Exit status: 0 the set can be trusted, 1 it cannot.
    """
    from .gold import cases, fingerprint, problems

    wrong = list(problems(folder))
    for problem in wrong:
        print(problem, file=sys.stderr)
    if wrong:
        raise typer.Exit(1)
    held = cases(folder)
    records = sum(len(case.records) for case in held)
    print(f"{len(held)} documents, {records} records; set {fingerprint(held)[:12]}")
