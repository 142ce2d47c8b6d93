"""The command `extract` at work: documents in, results out, and an orderly end when it is interrupted."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from extractor.batch import Batch
from extractor.errors import SettingsError
from extractor.extracting import Settings
from extractor.folders import counted, documents
from extractor.parts import replacing
from extractor.progress import Progress, shown
from extractor.resuming import Results
from extractor.terminal import escaped, plain
from extractor.terms import Terms, check, price

if TYPE_CHECKING:
    from extractor.estimating import Estimate
    from extractor.schemas.extraction import Extraction

Format = Literal["table", "json", "jsonl"]
GRACE = 5.0
"""Seconds that calls in flight have when the run is interrupted."""
ENDING = tuple(signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__)
"""What asks a run to end: Ctrl-C, the system or a job scheduler, the terminal that is closed."""


@dataclass(frozen=True)
class Output:
    """Where results go: `form` null writes no JSON, `out` null writes it to standard output."""

    form: Literal["json", "jsonl"] | None
    out: Path | None
    tables: bool
    review: Path | None = None
    verbose: bool = False
    quiet: bool = False


def output(form: Format | None, out: Path | None, review: Path | None, *, verbose: bool, quiet: bool) -> Output:
    """Where results go by what the command line says: without a format, OUT's suffix decides, and else it is tables."""
    written: Literal["json", "jsonl"] | None = form if form != "table" else None
    if out is not None and written is None:
        written = "json" if out.suffix == ".json" else "jsonl"
    return Output(written, out, form == "table" or (form is None and out is None), review, verbose, quiet)


def run(chosen: Settings, paths: list[Path], terms: Terms, to: Output) -> int:
    """Extract all documents; gives the exit status.

    Raises:
        SettingsError, UnknownPrice, JournalError, DocumentError: nothing can be done, or a result cannot be written.
    """
    check(terms)
    price(chosen, terms)
    total, skipped = counted(paths)
    if to.form == "json" and total != 1:
        raise SettingsError(f"json is one document's Extraction, and there are {total}; use jsonl.")
    with ExitStack() as open_:
        interrupt = open_.enter_context(_interruptible())
        results = open_.enter_context(Results(to.out, chosen)) if to.form == "jsonl" and to.out else None
        if results and results.damaged:
            _tell_damaged(results)
        wanted = results.wanted(documents(paths)) if results else documents(paths)
        batch = Batch(chosen, wanted, replace(terms, run=results.run) if results else terms)
        interrupt.batch, progress = batch, Progress(total)
        if interrupt.came:
            batch.stop(0)
        look_at = open_.enter_context(_reviewer(to.review))
        bar = sys.stderr.isatty() and not (to.out is None and sys.stdout.isatty())
        with (
            nullcontext(results.write) if results else _writer(to) as write,
            shown(progress, bar=bar, quiet=to.quiet) as show,
        ):
            for extraction in batch.results():
                progress.count(extraction)
                progress.before = results.kept if results else 0
                if terms.most is not None:
                    progress.spent = batch.spent
                write(extraction)
                _tell(extraction, to)
                if results is None:
                    look_at(extraction)
                show()
        if results:
            progress.before = results.kept
            results.close(finished=not interrupt.came, all_read=not progress.failed)
        if interrupt.came:
            _leave(progress, results, to, interrupt.came)
        if results:
            from extractor.saved import saved

            for extraction in saved(results.out) if to.review else ():
                look_at(extraction)
    _sum_up(progress, skipped, to.out)
    return 1 if progress.failed else 0


def dry_run(chosen: Settings, paths: list[Path], terms: Terms) -> int:
    """Say what a run would ask and cost; gives the exit status. Nothing is sent, nothing is written.

    Raises:
        SettingsError: offline nothing is asked.
    """
    from extractor.estimating import estimate

    if chosen.endpoint is None:
        raise SettingsError("Offline nothing is asked and nothing is paid; name a model with --model openai/NAME.")
    batch = Batch(chosen, documents(paths), replace(terms, most=None), dry_run=True)
    print("\n".join(_estimated(estimate(chosen, batch.asked(), price(chosen, replace(terms, most=None))))))
    return 0


def _estimated(found: Estimate) -> Iterator[str]:
    by = "the mean of this model's replies in the journal" if found.replies == "journal" else "one record of the schema"
    unread = f", {found.unreadable:,} of them cannot be read" if found.unreadable else ""
    yield f"documents  {found.documents:,}{unread}"
    yield f"requests   {found.to_send:,} at least, and {found.answered:,} that the journal answers"
    yield f"tokens in  about {found.input_tokens:,} (characters / 4 of the requests)"
    yield f"tokens out about {found.output_tokens:,} ({found.reply_tokens:,} a reply: {by})"
    if found.price is None or found.cost is None:
        yield "cost       not known: the model is not in the price table (--prices FILE)"
    else:
        yield f"cost       about ${found.cost:,.2f} by the prices of {found.price.date}"
    yield "Second questions come on top. Nothing was sent."


@dataclass
class _Interrupt:
    """What asks the run to end (see ENDING): the first time the batch stops in order, the second time all ends at once.

    `came` is the signal's number, 0 before it; the exit status is then what a shell gives to it: 128 and the number.
    """

    batch: Batch | None = None
    came: int = 0

    def __call__(self, signum: int, frame: object) -> None:
        if self.came:
            os._exit(128 + signum)
        self.came = signum
        try:
            os.write(2, f"\nextractor: waiting up to {GRACE:g} s for calls in flight; Ctrl-C again does not\n".encode())
        except OSError:  # the terminal is gone
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
        if self.batch is not None:
            self.batch.stop(GRACE)


@contextmanager
def _interruptible() -> Iterator[_Interrupt]:
    interrupt = _Interrupt()
    before: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        # What is ignored stays so: nohup, or a command in a script's background.
        before = {one: now for one in ENDING if (now := signal.getsignal(one)) is not signal.SIG_IGN}
    for one in before:
        signal.signal(one, interrupt)
    try:
        yield interrupt
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _tell_damaged(results: Results) -> None:
    lines = f"{len(results.damaged)} lines, first line {min(results.damaged)}"
    told = f"{results.target} is damaged: {lines}, are no results any more; their documents are read again"
    print(f"extractor: {plain(told)}", file=sys.stderr)


def _leave(progress: Progress, results: Results | None, to: Output, signum: int) -> None:
    """End an interrupted run, without waiting for threads that hang in a call."""
    total = f" of {progress.total:,}" if progress.total else ""
    where = f", in {results.target}; the same command goes on" if results else ""
    if to.form == "json" and to.out:
        where = "; nothing was written"
    print(f"extractor: interrupted; {progress.done:,}{total} documents are done{where}", file=sys.stderr, flush=True)
    sys.stdout.flush()
    os._exit(128 + signum)


@contextmanager
def _writer(to: Output) -> Iterator[Callable[[Extraction], None]]:
    """A function that writes one Extraction as JSON; null form writes none. OUT appears only when all is written."""
    indent = 1 if to.form == "json" else None
    if to.form is None or to.out is None:
        yield lambda made: print(escaped(made.model_dump_json(indent=indent))) if to.form else None
        return
    try:
        with replacing(to.out) as part:
            written: list[bool] = []
            with part.open("w", encoding="utf-8") as stream:

                def write(extraction: Extraction) -> None:
                    print(escaped(extraction.model_dump_json(indent=indent)), file=stream)
                    written.append(True)

                yield write
            if not written:
                part.unlink()
    except OSError as error:
        raise SettingsError(f"{to.out} cannot be written ({error.strerror}); name another file with -o.") from error


def _reviewer(out: Path | None) -> AbstractContextManager[Callable[[Extraction], None]]:
    """A function that notes what a person should look at in one Extraction; null notes nothing."""
    if out is None:
        return nullcontext(lambda extraction: None)
    from extractor.review import reviewed

    return reviewed(out)


def _tell(extraction: Extraction, to: Output) -> None:
    """Show one result: as a table, or a failure's message on stderr."""
    if to.tables:
        from rich.console import Console

        from extractor.display import shown as as_table

        Console().print(as_table(extraction.model_dump(mode="json")))
    elif extraction.error:
        path, message = extraction.source.path or "", extraction.error.message
        print(f"extractor: {plain(message if path in message else f'{path}: {message}')}", file=sys.stderr)
    if to.verbose:
        verdicts = [entry.verdict for entry in extraction.evidence]
        calls = extraction.usage.calls if extraction.usage else 0
        print(
            f"{plain(extraction.source.path or '')}: {calls} requests, {verdicts.count('verified')} verified, "
            f"{verdicts.count('altered')} altered, {len(extraction.withheld)} withheld",
            file=sys.stderr,
        )


def _sum_up(progress: Progress, skipped: int, out: Path | None) -> None:
    read = progress.before + progress.read
    told = [f"{read} {'document' if read == 1 else 'documents'} read"]
    if progress.before:
        told.append(f"{progress.before} of them before")
    if progress.failed:
        told.append(f"{progress.failed} failed")
    if skipped:
        told.append(f"{skipped} with other suffixes passed over")
    print(", ".join(told) + (f"; JSON in {out}" if out else ""), file=sys.stderr)
