"""The command `extractor`: arguments in, files out."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from extractor.errors import ExtractorError, SettingsError

if TYPE_CHECKING:
    from extractor.schemas.extraction import Extraction

app = typer.Typer(
    help="Turn documents about inspections into records whose every value carries the words it came from.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Paths = Annotated[list[Path], typer.Argument(help="Files, folders, or - for standard input.", show_default=False)]
Model = Annotated[
    str | None, typer.Option(envvar="EXTRACTOR_MODEL", help="offline, or openai/NAME for any chat server.")
]
BaseUrl = Annotated[str | None, typer.Option(envvar="OPENAI_BASE_URL", help="Where the model is served.")]
PromptName = Annotated[str | None, typer.Option("--prompt", help="A prompt's name, or a .toml file.")]
Published = Annotated[str | None, typer.Option(help="When the documents were published: settles a missing year.")]
Parameters = Annotated[list[str] | None, typer.Option("--param", help="k=v, sent with each request.")]
JournalFile = Annotated[Path | None, typer.Option("--journal", help="Journal of calls (default: your cache folder).")]
Format = Literal["table", "json", "jsonl"]


def main() -> None:
    """Run the command; a known error is one line on stderr and exit status 2."""
    gc.set_threshold(50_000)  # starting makes many objects and no garbage
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for some takes as long as to read an article
    try:
        app()
    except ExtractorError as error:
        print(f"extractor: {error}", file=sys.stderr)
        raise SystemExit(2) from error


@app.command()
def extract(
    paths: Paths,
    model: Model = None,
    base_url: BaseUrl = None,
    prompt: PromptName = None,
    published: Published = None,
    param: Parameters = None,
    journal: JournalFile = None,
    no_journal: Annotated[bool, typer.Option("--no-journal", help="Keep no journal of calls.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds a request may take.")] = 600,
    max_reasks: Annotated[int, typer.Option(help="Small second questions a document.")] = 2,
    verified_only: Annotated[bool, typer.Option("--verified-only", help="Only values verified to the letter.")] = False,
    concurrency: Annotated[int, typer.Option(help="Documents in hand at once.", min=1)] = 4,
    form: Annotated[Format | None, typer.Option("--format", help="json is one document, jsonl one a line.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write JSON here: by suffix .json or .jsonl.")] = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show requests, reasks and verdicts.")] = False,
) -> None:
    """Extract inspection records from documents.

    Exit status: 0 all read, 1 some failed, 2 unusable arguments.
    """
    from extractor.batch import many_with
    from extractor.extracting import settings

    _log(verbose)
    form = form or "table"
    written = form if form != "table" else _form_of(out) if out else None
    chosen = settings(
        model=model or "offline",
        prompt=prompt,
        published=published,
        base_url=base_url,
        journal=False if no_journal else journal,
        parameters=_parameters(param or []),
        timeout=timeout,
        max_reasks=max_reasks,
        verified_only=verified_only,
    )
    files, skipped = _files(paths)
    if written == "json" and len(files) != 1:
        raise SettingsError(f"json is one document's Extraction, and there are {len(files)}; use jsonl.")
    if not model:
        print("No model named: read offline, by rules (--model openai/NAME asks a model).", file=sys.stderr)
    counts = {"read": 0, "failed": 0}
    try:
        with _writer(written, out) as write:
            for extraction in many_with(chosen, files, concurrency):
                counts["failed" if extraction.error else "read"] += 1
                write(extraction)
                _tell(extraction, verbose=verbose, table=form == "table")
    except KeyboardInterrupt:
        print("extractor: interrupted; nothing was written", file=sys.stderr, flush=True)
        os._exit(130)  # without waiting for the calls in flight
    _sum_up(counts, skipped, out)
    raise typer.Exit(1 if counts["failed"] else 0)


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
def render(path: Path, prompt: PromptName = None) -> None:
    """Print the exact messages that a prompt makes of a document. Nothing is sent."""
    from extractor.engines.llm import requests
    from extractor.prompt import load
    from extractor.readers import read
    from extractor.schemas.inspection import InspectionRecord

    for number, request in enumerate(requests(read(path), load(prompt), InspectionRecord), 1):
        for message in request.messages:
            print(f"--- step {number}, {message.role}\n{message.content.rstrip()}")
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
    """List the prompts that come with the package."""
    from rich.console import Console
    from rich.table import Table

    from extractor.prompt import DEFAULT, shipped

    table = Table("prompt", "about", "steps", "sha256")
    for one in shipped():
        mark = " (default)" if one.name == DEFAULT else ""
        table.add_row(one.name + mark, one.about, str(len(one.steps)), one.sha256[:12])
    Console().print(table)


@app.command()
def models(base_url: BaseUrl = None) -> None:
    """List the engines, and the models that the endpoint you name says it has."""
    print("offline   rules and tables: no key, no network")
    if base_url:
        from extractor.client import endpoint, model_names

        for name in model_names(endpoint("models", base_url)):
            print(f"openai/{name}   at {base_url}")
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


def _log(verbose: bool) -> None:
    if verbose:
        import logging

        logging.basicConfig(format="%(name)s: %(message)s", stream=sys.stderr)
        logging.getLogger("extractor").setLevel(logging.DEBUG)


def _parameters(given: list[str]) -> dict[str, Any]:
    """k=v pairs; a value that is JSON is taken as such, anything else as text."""
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


def _files(paths: list[Path]) -> tuple[list[Path], int]:
    """Every file to read, folders opened, and how many were passed over for their suffix."""
    from extractor.batch import files_below

    files: list[Path] = []
    skipped = 0
    for path in paths:
        if path.is_dir():
            found, passed_over = files_below(path)
            files += found
            skipped += passed_over
        else:
            files.append(path)
    return files, skipped


def _form_of(out: Path) -> Format:
    return "json" if out.suffix == ".json" else "jsonl"


@contextmanager
def _writer(form: Format | None, out: Path | None) -> Iterator[Callable[[Extraction], None]]:
    """A function that writes one Extraction as JSON; null writes none. OUT appears only when all is written."""
    if form is None or out is None:
        yield lambda extraction: print(_line(extraction, form)) if form else None
        return
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("w", encoding="utf-8") as stream:
            yield lambda extraction: print(_line(extraction, form), file=stream)
        part.replace(out)
    except OSError as error:
        raise SettingsError(f"{out} cannot be written ({error.strerror}); name another file with -o.") from error
    finally:
        part.unlink(missing_ok=True)


def _line(extraction: Extraction, form: Format | None) -> str:
    return extraction.model_dump_json(indent=1 if form == "json" else None)


def _tell(extraction: Extraction, *, verbose: bool, table: bool) -> None:
    """Show one result: as a table, or a failure's message on stderr."""
    if table:
        from rich.console import Console

        from extractor.display import shown

        Console().print(shown(extraction.model_dump(mode="json")))
    elif extraction.error:
        print(f"extractor: {extraction.error.message}", file=sys.stderr)
    if verbose:
        verdicts = [entry.verdict for entry in extraction.evidence]
        calls = extraction.usage.calls if extraction.usage else 0
        print(
            f"{extraction.source.path}: {calls} requests, {verdicts.count('verified')} verified, "
            f"{verdicts.count('altered')} altered, {len(extraction.withheld)} withheld",
            file=sys.stderr,
        )


def _sum_up(counts: dict[str, int], skipped: int, out: Path | None) -> None:
    passed = f", {skipped} with other suffixes passed over" if skipped else ""
    where = f"; JSON in {out}" if out else ""
    failed = f", {counts['failed']} failed" if counts["failed"] else ""
    documents = "document" if counts["read"] == 1 else "documents"
    print(f"{counts['read']} {documents} read{failed}{passed}{where}", file=sys.stderr)


if __name__ == "__main__":
    main()
