"""What several commands take on the command line, said once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractor.errors import SettingsError

if TYPE_CHECKING:
    from extractor.extracting import Settings
    from extractor.terms import Terms

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

NO_MODEL = "No model named: read offline, by rules (--model openai/NAME asks a model)."


@dataclass(frozen=True)
class Options:
    """What `extract` and `table` both take: how documents are extracted, and on what terms."""

    model: Model = None
    base_url: BaseUrl = None
    prompt: PromptName = None
    published: Published = None
    param: Parameters = None
    journal: JournalFile = None
    no_journal: NoJournal = False
    timeout: Timeout = 600
    max_reasks: Reasks = 2
    verified_only: VerifiedOnly = False
    concurrency: Concurrency = 4
    window: Window = None
    opinion: SecondOpinion = True
    rpm: Rpm = None
    tpm: Tpm = None
    max_cost: MaxCost = None
    prices: Prices = None
    processes: Processes = None

    def settings(self) -> Settings:
        """How documents are to be extracted, checked; raises as `extracting.settings` does."""
        from extractor.engines.window import WINDOW
        from extractor.extracting import OFFLINE, settings

        return settings(
            model=self.model or OFFLINE,
            prompt=self.prompt,
            published=self.published,
            base_url=self.base_url,
            journal=False if self.no_journal else self.journal,
            parameters=parameters(self.param or []),
            timeout=self.timeout,
            max_reasks=self.max_reasks,
            verified_only=self.verified_only,
            window=self.window or WINDOW,
            second_opinion=self.opinion,
        )

    def terms(self) -> Terms:
        """On what terms the batch asks."""
        from extractor.limits import Limits
        from extractor.terms import Terms

        return Terms(self.concurrency, self.processes, Limits(self.rpm, self.tpm), self.max_cost, self.prices)


def takes_options(**after: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a command take each of the Options by itself, where its parameter `options` stands.

    Args:
        **after: own parameters that `--help` shows among them, each with the name of the one that it follows.
    """
    shared = signature(Options, eval_str=True).parameters

    def taking(command: Callable[..., None]) -> Callable[..., None]:
        own = signature(command, eval_str=True).parameters
        order = [name for each in own for name in (shared if each == "options" else [each])]
        for name, before in after.items():
            order.remove(name)
            order.insert(order.index(before) + 1, name)

        @wraps(command)
        def taken(**given: Any) -> None:
            command(options=Options(**{name: given.pop(name) for name in shared}), **given)

        every = [{**own, **shared}[name].replace(kind=Parameter.KEYWORD_ONLY) for name in order]
        taken.__signature__ = Signature(every)  # type: ignore[attr-defined]
        return taken

    return taking


def parameters(given: list[str]) -> dict[str, Any]:
    """k=v pairs; a value that is JSON is taken as such, anything else as text.

    Raises:
        SettingsError: one of them is no such pair.
    """
    made: dict[str, Any] = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise SettingsError("A --param is not k=v, such as temperature=0.")  # unquoted: it may be a key
        try:
            made[key] = json.loads(value)
        except ValueError:
            made[key] = value
    return made
