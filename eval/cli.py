"""The command `extractor-eval`: which prompt is better, and how sure that is."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from extractor.errors import ExtractorError, SettingsError
from extractor.parts import replacing
from extractor.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .rubric import Rubric
    from .runs import Run

app = typer.Typer(
    help="Score extractions against hand-labelled gold.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
gold = typer.Typer(help="The hand-labelled documents.", no_args_is_help=True)
app.add_typer(gold, name="gold")

RunFolder = Annotated[Path, typer.Argument(help="A run's folder, as `run` made it.", show_default=False)]
RunFolders = Annotated[list[Path], typer.Argument(help="Folders of runs.", show_default=False)]
GoldFolder = Annotated[
    Path | None, typer.Option("--gold", help="The gold set, or a folder of splits (default: the package's own).")
]
Margin = Annotated[float, typer.Option(help="The loss in F1 that does not matter.")]
Format = Annotated[Literal["table", "json", "csv", "markdown"], typer.Option("--format", help="How figures are shown.")]
Baseline = Annotated[str | None, typer.Option(help="The run that the others are compared with (default: the first).")]

EXTRA = ("numpy", "jinja2", "krippendorff")
"""What only the extra `eval` installs."""


def main() -> None:
    """Run the command; a known error is told on stderr, with exit status 2."""
    try:
        app()
    except ExtractorError as error:
        print(f"extractor-eval: {plain(str(error))}", file=sys.stderr)
        raise SystemExit(2) from error


@gold.command()
def check(
    folders: Annotated[list[Path], typer.Argument(help="Sets: folders of documents, each with its label ID.json.")],
) -> None:
    """Refuse a set with a quote that is not in its document, an unknown code, a duplicate or a changed document.

    Of several sets, none may hold a text of another. Exit status: 0 the sets can be trusted, 1 they cannot.
    """
    from .gold import alike, cases, fingerprint, problems

    wrong = [problem for folder in folders for problem in problems(folder)]
    held = [] if wrong else [cases(folder) for folder in folders]
    wrong += alike([case for one in held for case in one])
    for problem in wrong:
        print(plain(problem), file=sys.stderr)
    if wrong:
        raise typer.Exit(1)
    for folder, one in zip(folders, held, strict=True):
        records, clusters = sum(len(case.records) for case in one), len({case.cluster for case in one})
        print(f"{folder}: {len(one)} documents in {clusters} clusters, {records} records; set {fingerprint(one)[:12]}")


@app.command()
def run(
    prompt: Annotated[list[str] | None, typer.Option(help="A prompt's name, or a .toml file; once for each.")] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="offline, or openai/NAME; once for each.", envvar="EXTRACTOR_MODEL")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Also run offline without the rules for this field; once for each.")
    ] = None,
    split: Annotated[str, typer.Option(help="dev to work on; test only to confirm.")] = "dev",
    gold: GoldFolder = None,
    repeats: Annotated[int | None, typer.Option(help="Ask so often, anew each time.", min=1, show_default="1")] = None,
    concurrency: Annotated[int, typer.Option(help="Documents in hand at once.", min=1)] = 4,
    timeout: Annotated[float, typer.Option(help="Seconds a request may take.")] = 600,
    max_cost: Annotated[float | None, typer.Option(help="US dollars that all runs together may cost.", min=0)] = None,
    prices: Annotated[Path | None, typer.Option(help="A price table (default: the package's own).")] = None,
    base_url: Annotated[str | None, typer.Option(envvar="OPENAI_BASE_URL", help="Where the models are served.")] = None,
    param: Annotated[list[str] | None, typer.Option("--param", help="k=v, sent with each request.")] = None,
    replay: Annotated[Path | None, typer.Option(help="Take replies from these recordings; ask no server.")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Where runs are kept (default: out/eval/SPLIT).")
    ] = None,
    baseline: Baseline = None,
    margin: Margin = 0.02,
    form: Format = "table",
) -> None:
    """Run prompts on models over a gold set, score them, and compare them where there are several.

    Each run is a folder in OUT, with its page; a run that was cut off goes on where it stopped. The baseline is the
    first run, where none is named.

    Exit status: 0 every document was answered, 1 some failed, 2 unusable arguments, or no money left.
    """
    from extractor.arguments import parameters as parameters_of
    from extractor.budget import Budget
    from extractor.prices import prices as price_table

    from .gold import cases
    from .recordings import Recordings
    from .rubric import load
    from .running import Terms, competitors
    from .running import run as run_one
    from .tables import by_field, headlines, matrix, overview, verdicts

    _needed("report")  # said before anything is paid for
    recorded = Recordings(replay) if replay else None
    chosen = competitors(
        model or [],
        prompt or [],
        without or [],
        base_url=base_url,
        parameters=parameters_of(param) if param else None,
        timeout=timeout,
        recorded=recorded,
    )
    folder, named, split = _set(gold, split)
    rubric = load()
    terms = Terms(
        gold=cases(folder),
        split=split,
        gold_folder=named,
        rubric=rubric,
        prices=price_table(prices),
        repeats=repeats or (max(head["repeats"] for head in recorded.heads) if recorded else 1),
        concurrency=concurrency,
        budget=None if max_cost is None else Budget(max_cost),
        recorded=recorded,
    )
    _are_priced(chosen, terms)
    place = out or Path("out", "eval", split)
    made: list[Run] = []
    try:
        for one in chosen:
            with _progress(one.name, len(terms.gold) * terms.repeats) as told:
                made.append(run_one(one, terms, place / one.name, told))
    except KeyboardInterrupt:
        print("extractor-eval: interrupted; the same command goes on from here", file=sys.stderr, flush=True)
        os._exit(130)  # without waiting for the calls in flight
    several = len(made) > 1
    comparison = (
        _needed("comparing").compare(made, baseline=baseline, margin=margin, rubric=rubric) if several else None
    )
    shown = [matrix(made, rubric), *verdicts(comparison)] if comparison else [by_field(made[0], rubric)]
    asked = headlines(made, list(map(_needed("headline").headline, made)))
    _show([overview(made, rubric), asked, *shown], form)
    for each in made:
        _page([each], None, place / each.name / "report.html", say=not several)
    if several:
        _page(made, comparison, place / "report.html")
    raise typer.Exit(1 if any(each.failures for each in made) else 0)


@app.command()
def score(run: RunFolder, gold: GoldFolder = None, form: Format = "table") -> None:
    """Score a run again, by the gold and the rubric as they are now. Nothing is asked.

    Exit status: 0, or 2 where the run or the set cannot be used.
    """
    from .rubric import load as load_rubric
    from .runs import load, save
    from .tables import by_field, overview

    rubric = load_rubric()
    held = load(run, gold=gold, rubric=rubric, changed=True)
    save(held, run, rubric)
    _show([overview([held], rubric), by_field(held, rubric)], form)


@app.command()
def compare(
    runs: RunFolders, baseline: Baseline = None, margin: Margin = 0.02, gold: GoldFolder = None, form: Format = "table"
) -> None:
    """Say of each run whether it is better than the baseline, worse, no worse, or that these documents cannot tell.

    Exit status: 0, or 2 where the runs cannot be compared: another gold set, split or rubric.
    """
    from .tables import differences, headlines, verdicts

    held, rubric = _loaded(runs, gold)
    comparison = _needed("comparing").compare(held, baseline=baseline, margin=margin, rubric=rubric)
    asked = headlines(held, list(map(_needed("headline").headline, held)))
    _show([*differences(comparison), asked, *verdicts(comparison)], form)


@app.command()
def gate(
    run: RunFolder,
    baseline: Annotated[Path, typer.Option(help="The run that it must not be worse than.")],
    margin: Margin = 0.02,
    junit: Annotated[Path | None, typer.Option(help="Write the result here, as JUnit XML.")] = None,
    gold: GoldFolder = None,
) -> None:
    """Stop a run that is worse than the baseline, or that turns a grade into another.

    Exit status: 0 it may pass, 1 it may not, 2 the runs cannot be compared.
    """
    (one, other), _ = _loaded([run, baseline], gold)
    result = _needed("gating").gate(one, other, margin)
    if junit:
        _write(junit, result.junit())
    print(plain("\n".join([*result.sentences, "passed" if result.passed else "stopped"])))
    raise typer.Exit(0 if result.passed else 1)


@app.command()
def report(
    runs: RunFolders,
    baseline: Baseline = None,
    margin: Margin = 0.02,
    gold: GoldFolder = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The page (default: report.html by the runs).")
    ] = None,
) -> None:
    """Write one HTML page of a run, or of several and their comparison."""
    held, rubric = _loaded(runs, gold)
    several = len(held) > 1
    place = out or (runs[0].parent if several else runs[0]) / "report.html"
    comparison = (
        _needed("comparing").compare(held, baseline=baseline, margin=margin, rubric=rubric) if several else None
    )
    _page(held, comparison, place)


@app.command()
def agree(
    first: Annotated[Path, typer.Argument(help="A gold set.", show_default=False)],
    second: Annotated[Path, typer.Argument(help="Second labels of its documents.", show_default=False)],
    form: Format = "table",
) -> None:
    """Say how far two labellers agree: Krippendorff's alpha for closed values, F1 for lists and passages."""
    from .rubric import load

    _show(_needed("agreeing").agreement(first, second, load()), form)


@app.command()
def record(
    run: RunFolder,
    to: Annotated[Path, typer.Argument(help="A folder of recordings, for `run --replay`.", show_default=False)],
) -> None:
    """Write a run's replies as a recording, which gives the same numbers without a server.

    It holds what the model said, not what it was asked; no key, no header, no account.
    """
    from .recordings import export

    print(export(run, to))


@app.command()
def standings(
    runs: RunFolders,
    to: Annotated[Path, typer.Option(help="The file that `extractor prompts` shows.")],
    test: Annotated[
        list[Path] | None, typer.Option(help="A run on the set that confirms; once for each, two or more.")
    ] = None,
    baseline: Baseline = None,
    gold: GoldFolder = None,
) -> None:
    """Write how the prompts stand, and which is the default: the one with the highest F1 on these runs."""
    found = _needed("standings")
    held, rubric = _loaded(runs, gold)
    confirming, _ = _loaded(test or [], gold)
    told = found.standings(held, confirming, rubric, baseline)
    _write(to, found.text(told))
    for name in told["sets"]:
        print(f"{name}\n\n{found.markdown(told, name)}")
    print(f"{to}: the default is {told['default']}", file=sys.stderr)


# ── What the commands share ────────────────────────────────────────────────────────────────────────────────────────


def _set(given: Path | None, split: str) -> tuple[Path, str | None, str]:
    """The gold set's folder, its name in the run (null for the package's own), and the split."""
    from .runs import of_split, shipped_gold

    if given is None:
        if not (shipped_gold() / split).is_dir():
            raise SettingsError(f"There is no split {split!r}. Name a gold set with --gold.")
        return shipped_gold() / split, None, split
    folder = of_split(given, split)
    return folder, str(folder.resolve()), split if folder != given else folder.resolve().name


def _are_priced(chosen: Sequence[Any], terms: Any) -> None:
    """Refuse a model without a price before anything is asked."""
    from extractor.prices import price_of

    for one in chosen:
        if terms.budget and one.settings.endpoint and terms.recorded is None:
            price_of(one.settings.model, terms.prices)


def _loaded(folders: Sequence[Path], gold: Path | None) -> tuple[list[Run], Rubric]:
    from .rubric import load as load_rubric
    from .runs import load

    rubric = load_rubric()
    return [load(folder, gold=gold, rubric=rubric) for folder in folders], rubric


def _page(runs: list[Run], comparison: Any, place: Path, *, say: bool = True) -> None:
    _write(place, _needed("report").html(runs, comparison))
    if say:
        print(f"The same as a page: {place}", file=sys.stderr)


def _write(place: Path, text: str) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with replacing(place) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{place} cannot be written ({error.strerror}); name another file.") from error


def _show(tables: Sequence[Any], form: str) -> None:
    from .tables import FORMATS

    print(FORMATS[form](tables), end="")


def _needed(name: str) -> Any:
    """A module of the harness that needs the extra `eval`."""
    try:
        return import_module(f".{name}", __package__)
    except ModuleNotFoundError as error:
        if error.name not in EXTRA:
            raise
        raise SettingsError(f"This needs {error.name}: pip install 'extractor[eval]'.") from error


class _progress:
    """A line on stderr that counts documents, and says each failure; a plain one where nobody watches."""

    def __init__(self, name: str, whole: int) -> None:
        self.name, self.whole, self.done = name, whole, 0

    def __enter__(self) -> Any:
        return self.told

    def told(self, extraction: Any) -> None:
        self.done += 1
        if extraction.error:
            print(plain(f"{self.name}: {extraction.source.path}: {extraction.error.message}"), file=sys.stderr)
        elif sys.stderr.isatty():
            print(f"\r{self.name}: {self.done} of {self.whole}", end="", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if sys.stderr.isatty():
            print(file=sys.stderr)


if __name__ == "__main__":
    main()
