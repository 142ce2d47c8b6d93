"""The command `extractor`: arguments in, files out."""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from extractor.arguments import NO_MODEL, BaseUrl, Options, Paths, PromptName, Published, Window, takes_options
from extractor.cli_tables import crosscheck, table
from extractor.errors import ExtractorError
from extractor.terminal import plain, show_logs

app = typer.Typer(
    help="Turn documents about inspections into records whose every value carries the words it came from.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Format = Literal["table", "json", "jsonl"]


def main() -> None:
    """Run the command; a known error is one line on stderr and exit status 2."""
    gc.set_threshold(50_000)  # starting makes many objects and no garbage
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for some takes as long as to read an article
    try:
        app()
    except ExtractorError as error:
        print(f"extractor: {plain(str(error))}", file=sys.stderr)
        raise SystemExit(2) from error


@app.command()
@takes_options(form="concurrency", out="form", review="opinion")
def extract(
    paths: Paths,
    options: Options,
    form: Annotated[Format | None, typer.Option("--format", help="json is one document, jsonl one a line.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write JSON here: by suffix .json or .jsonl.")] = None,
    review: Annotated[Path | None, typer.Option(help="Write what a person should look at here, worst first.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked and cost; send nothing.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Show no progress.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show requests, reasks and verdicts.")] = False,
) -> None:
    """Extract inspection records from documents.

    JSON lines in OUT are appended as they come. The same command goes on with a run that was cut off, and tries again
    what failed in it; one that is finished is made anew.

    Exit status: 0 all read, 1 some failed, 2 unusable arguments, 130 interrupted (by SIGTERM 143, by SIGHUP 129).
    """
    from extractor.cli_extract import dry_run as run_dry
    from extractor.cli_extract import output, run

    _log(verbose)
    chosen, terms = options.settings(), options.terms()
    if dry_run:
        raise typer.Exit(run_dry(chosen, paths, terms))
    if not options.model:
        print(NO_MODEL, file=sys.stderr)
    raise typer.Exit(run(chosen, paths, terms, output(form, out, review, verbose=verbose, quiet=quiet)))


@app.command()
def explain(
    path: Path,
    published: Published = None,
    whole: Annotated[bool, typer.Option("--whole", help="Also every line that has no value.")] = False,
) -> None:
    """Show a document's text, the values that the rules read in it, and each one's rule, side by side."""
    from rich.console import Console

    from extractor.explanation import explained
    from extractor.extracting import extract as extract_one
    from extractor.readers import read

    document = read(path)
    extraction = extract_one(document, published=published)
    Console().print(explained(document, extraction.model_dump(mode="json"), whole=whole))


@app.command()
def render(path: Path, prompt: PromptName = None, window: Window = None) -> None:
    """Print the exact messages that a prompt makes of a document. Nothing is sent.

    A terminal is shown � for what it would obey; in a file or a pipe every character is as it is sent.
    """
    from extractor.engines.llm import requests
    from extractor.engines.window import WINDOW
    from extractor.prompt import load
    from extractor.readers import read
    from extractor.schemas.inspection import InspectionRecord

    made = requests(read(path), load(prompt), InspectionRecord, window or WINDOW)
    for number, request in enumerate(made, 1):
        for message in request.messages:
            content = message.content.rstrip()
            print(f"--- step {number}, {message.role}\n{plain(content) if sys.stdout.isatty() else content}")
        if request.schema:
            print(f"--- step {number}, the answer's schema\n{json.dumps(request.schema, ensure_ascii=False)}")


@app.command()
def schema(shape: Annotated[Literal["record", "wire", "gold"], typer.Argument()]) -> None:
    """Print a JSON Schema: the record that users get, the wire shape that a model fills, or the gold shape."""
    from extractor.schemas.inspection import InspectionRecord
    from extractor.schemas.wire import gold_model, strict_schema, wire_model

    made = {
        "record": InspectionRecord.model_json_schema(),
        "wire": strict_schema(wire_model()),
        "gold": gold_model().model_json_schema(),
    }
    print(json.dumps(made[shape], indent=1, ensure_ascii=False))


@app.command()
def prompts() -> None:
    """List the prompts that come with the package, and how each did on the gold."""
    from rich.console import Console

    from extractor.display import listed
    from extractor.prompt import scores, shipped

    Console().print(listed(shipped(), scores()))


@app.command()
def models(base_url: BaseUrl = None) -> None:
    """List the engines, and the models that the endpoint you name says it has."""
    print("offline   rules and tables: no key, no network")
    if base_url:
        from extractor.client import endpoint, model_names

        for name in model_names(endpoint("models", base_url)):
            print(f"openai/{plain(name)}   at {base_url}")
    else:
        print("openai/NAME   any model of a chat-completions server (--base-url, OPENAI_BASE_URL, OPENAI_API_KEY)")


@app.command()
def journal(
    file: Annotated[Path | None, typer.Argument(help="A journal (default: the one in your cache folder).")] = None,
    purge: Annotated[bool, typer.Option("--purge", help="Forget every call in it.")] = False,
) -> None:
    """Say where the journal of calls is and how many it holds. It holds the text of documents that were sent."""
    from extractor.journal import Journal, default_path

    path = file or default_path()
    if not path.exists():
        print(f"{path}: no journal yet")
        return
    with Journal(path) as kept:
        if purge:
            print(f"{path}: {kept.purge()} calls forgotten")
        else:
            print(f"{path}: {kept.calls()} calls, {path.stat().st_size:,} bytes, document text included")


app.command()(table)
app.command()(crosscheck)


def _log(verbose: bool) -> None:
    if verbose:
        import logging

        show_logs(logging.DEBUG)


if __name__ == "__main__":
    main()
