"""What several commands take on the command line, said once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from extractor.errors import SettingsError

Paths = Annotated[list[Path], typer.Argument(help="Files, folders, or - for standard input.", show_default=False)]
Model = Annotated[
    str | None, typer.Option(envvar="EXTRACTOR_MODEL", help="offline, or openai/NAME for any chat server.")
]
BaseUrl = Annotated[str | None, typer.Option(envvar="OPENAI_BASE_URL", help="Where the model is served.")]
PromptName = Annotated[str | None, typer.Option("--prompt", help="A prompt's name, or a .toml file.")]
Published = Annotated[str | None, typer.Option(help="When the documents were published: settles a missing year.")]
Parameters = Annotated[list[str] | None, typer.Option("--param", help="k=v, sent with each request.")]
JournalFile = Annotated[Path | None, typer.Option("--journal", help="Journal of calls (default: your cache folder).")]
NoJournal = Annotated[bool, typer.Option("--no-journal", help="Keep no journal of calls.")]
Timeout = Annotated[float, typer.Option(help="Seconds a request may take.")]
Reasks = Annotated[int, typer.Option(help="Small second questions a document.")]
VerifiedOnly = Annotated[bool, typer.Option("--verified-only", help="Only values verified to the letter.")]
Window = Annotated[
    int | None, typer.Option(min=1, help="Tokens of the model for question and answer (default 128,000).")
]
SecondOpinion = Annotated[
    bool, typer.Option("--second-opinion/--no-second-opinion", help="Warn where the rules read a grade otherwise.")
]
Concurrency = Annotated[int, typer.Option(help="Calls on their way at once; offline, documents worked on.", min=1)]
Processes = Annotated[int | None, typer.Option(help="Work in so many (default: as many as are of use).", min=0)]
Rpm = Annotated[float | None, typer.Option(help="Requests a minute, over all who keep the same journal.")]
Tpm = Annotated[float | None, typer.Option(help="Tokens a minute, likewise.")]
MaxCost = Annotated[float | None, typer.Option(help="US dollars that the run may spend; it is never exceeded.")]
Prices = Annotated[Path | None, typer.Option(help="A price table (default: the package's own).")]


def parameters(given: list[str]) -> dict[str, Any]:
    """k=v pairs; a value that is JSON is taken as such, anything else as text.

    Raises:
        SettingsError: one of them is no such pair.
    """
    made: dict[str, Any] = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise SettingsError(f"--param {pair!r} is not k=v, such as temperature=0.")
        try:
            made[key] = json.loads(value)
        except ValueError:
            made[key] = value
    return made
