"""The report: runs and their comparison as one HTML page that needs nothing from outside."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from itertools import chain
from statistics import median
from typing import Any, get_args

from extractor.schemas.inspection import Grade

from .comparing import FIELD_DRAWS, Comparison, Figure, labels
from .dossiers import dossiers, spoken
from .errors import ComparisonError
from .intervals import Interval, f1_of, wilson
from .microf1 import parts
from .rubric import UNKNOWN, Rubric
from .rubric import load as load_rubric
from .runs import Run
from .score import Counts, Outcome, micro, pooled
from .summary import Quotes, quotes

NONE = "none"
"""The row of grades that gold has not, and the column of those that were not found."""


def html(runs: Sequence[Run], comparison: Comparison | None, rubric: Rubric | None = None) -> str:
    """The page: HTML in which no markup of a document, a label or a model can run.

    Args:
        runs: one or more, scored; the order is that of the columns.
        comparison: of these runs; null where nothing is compared.
        rubric: the one that the runs were scored by; null takes the project's own.

    Raises:
        ComparisonError: no run, a run without scores or of another rubric, or a comparison of other runs.
    """
    rubric = rubric or load_rubric()
    names = labels(runs)
    _check(runs, names, comparison, rubric)
    style, script = _style(len(runs)), _file("report.js")
    page = _template().render(
        names=names,
        runs=runs,
        verdict=_verdict(comparison, names, runs, rubric),
        forest=_forest(comparison),
        matrix=_matrix(runs, rubric),
        results=[_result(run, rubric) for run in runs],
        dossiers=dossiers(runs, rubric),
        recipes=_recipes(runs),
        style=style,
        script=script,
        hashes={"style": _hash(style), "script": _hash(script)},
    )
    return _UNPRINTABLE.sub("\ufffd", page)


def _check(runs: Sequence[Run], names: Sequence[str], comparison: Comparison | None, rubric: Rubric) -> None:
    if not runs:
        raise ComparisonError("There is nothing to report: name one run or more.")
    for name, run in zip(names, runs, strict=True):
        if not run.scores:
            raise ComparisonError(f"{name} has no scores: score it first.")
        if run.signature["rubric"] != rubric.sha256:
            raise ComparisonError(f"{name} was scored by another rubric than this one: score it again.")
    if comparison and {one.name for one in comparison.competitors} != set(names):
        raise ComparisonError("The comparison is of other runs than those to report.")


# ── The verdict ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Verdict:
    """What comes first: a headline, a sentence a pair, and the ground that both stand on."""

    headline: str
    sentences: tuple[tuple[str, str], ...]
    ground: str


_ONE = {
    "better": "{1} is better than {0}",
    "worse": "{1} is worse than {0}",
    "no worse": "{1} is no worse than {0}",
    "cannot tell": "Cannot tell {1} from {0}",
}
_THAN = {"better": " than {}", "no worse": " than {}", "worse": " than {}", "cannot tell": " from {}"}


def _verdict(comparison: Comparison | None, names: Sequence[str], runs: Sequence[Run], rubric: Rubric) -> Verdict:
    documents = len({case.id for run in runs for case in run.cases})
    clusters = len({case.cluster for run in runs for case in run.cases})
    ground = f"{_count(documents, 'document')} in {_count(clusters, 'cluster')}"
    failures = sum(run.failures for run in runs)
    if failures:
        ground += f"; {_count(failures, 'failure')}, all of the gold counted as missed"
    if comparison is None:
        told = [(f"{name} reaches", run) for name, run in zip(names, runs, strict=True)]
        sentences = tuple(("", f"{start} micro F1 {_points(_micro(run, rubric).f1)}.") for start, run in told)
        return Verdict("Nothing is compared" if len(runs) > 1 else f"{names[0]}, by itself", sentences, f"{ground}.")
    pairs = comparison.pairs
    if len(pairs) == 1:
        headline = _ONE[pairs[0].verdict.word].format(pairs[0].baseline, pairs[0].name)
    else:
        headline = _headline(comparison)
    margin = f"a loss of up to {_points(comparison.margin)} points of micro F1 is taken not to matter"
    return Verdict(headline, tuple((one.verdict.word, one.verdict.sentence) for one in pairs), f"{ground}; {margin}.")


def _headline(comparison: Comparison) -> str:
    """What becomes of all that were held against the baseline: "Better than plain: strict; cannot tell: terse"."""
    held = [pair for pair in comparison.pairs if pair.baseline == comparison.baseline]
    said = {word: [pair.name for pair in held if pair.verdict.word == word] for word in _THAN}
    groups = [(word, ", ".join(found)) for word, found in said.items() if found]
    first = _THAN[groups[0][0]].format(comparison.baseline)
    told = "; ".join(f"{word}{'' if place else first}: {found}" for place, (word, found) in enumerate(groups))
    return told[0].upper() + told[1:]


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


# ── The forest plot ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Difference:
    """One row of the plot: figures as shares of 1, `at` the same as distances along the axis; null without figures."""

    label: str
    figure: Figure
    p: float
    holm: float
    word: str
    at: tuple[float, float, float] | None


@dataclass(frozen=True)
class Forest:
    """The plot: an axis of WIDTH units that shows no difference, the margin and every interval.

    `ticks` are (place, words); `margin` is the place of the loss that does not matter.
    """

    rows: tuple[Difference, ...]
    ticks: tuple[tuple[float, str], ...]
    zero: float
    margin: float


WIDTH = 400.0


def _forest(comparison: Comparison | None) -> Forest | None:
    if comparison is None:
        return None
    figures = [one.difference for one in comparison.pairs]
    ends = [abs(end) for one in figures if one.value is not None for end in (one.low, one.high)]
    reach = min(1.0, 1.1 * max([comparison.margin, *ends]))

    def place(share: float) -> float:
        return round((share + reach) / (2 * reach) * WIDTH, 1)

    step = next(step for step in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if reach / step <= 4)
    ticks = [step * number for number in range(-int(reach / step), int(reach / step) + 1)]
    return Forest(
        rows=tuple(
            Difference(
                label=f"{one.name} less {one.baseline}",
                figure=own,
                p=one.p,
                holm=one.holm,
                word=one.verdict.word,
                at=None if own.value is None else (place(own.value), place(own.low), place(own.high)),
            )
            for one, own in zip(comparison.pairs, figures, strict=True)
        ),
        ticks=tuple((place(tick), f"{100 * tick:+g}".replace("-", "−") if tick else "0") for tick in ticks),
        zero=place(0),
        margin=place(-comparison.margin),
    )


# ── Fields ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Cell:
    """One figure of one run; `counts` are means over its repeats, agreement counts null with null."""

    figure: Figure
    counts: tuple[float, ...]
    agreement: float | None


@dataclass(frozen=True)
class Line:
    """One row of the matrix, a cell a run, null where a run has no such figure; `kind`: total, primary or shown."""

    name: str
    kind: str
    cells: tuple[Cell | None, ...]


def _matrix(runs: Sequence[Run], rubric: Rubric) -> list[Line]:
    """The primary figure, the same before look-ups where drafts were kept, and every field: primary ones first."""
    every = [*(field.name for field in rubric.fields), UNKNOWN]
    held = [_by_cluster(run, run.scores) for run in runs]
    drafts = [_by_cluster(run, run.draft_scores) for run in runs]
    lines = [
        Line(
            "All primary fields", "total", tuple(_total(own, run, rubric) for own, run in zip(held, runs, strict=True))
        )
    ]
    if any(drafts):
        cells = tuple(_total(own, run, rubric) for own, run in zip(drafts, runs, strict=True))
        lines.append(Line("the same before look-ups", "total", cells))
    for kind, names in (
        ("primary", [name for name in every if name in rubric.weights]),
        ("shown", [name for name in every if name not in rubric.weights]),
    ):
        for name in names:
            cells = tuple(
                _cell(tuple(own[name] for own in clusters), run.repeats, FIELD_DRAWS)
                for clusters, run in zip(held, runs, strict=True)
            )
            if name != UNKNOWN or any(cell and any(cell.counts) for cell in cells):
                lines.append(Line(spoken(name), kind, cells))
    return lines


def _by_cluster(run: Run, scores: Iterable[Sequence[Any]]) -> list[Mapping[str, Counts]]:
    """The run's counts, summed within each cluster over documents and repeats."""
    found: dict[str, list[Mapping[str, Counts]]] = {}
    for row in scores:
        for case, score in zip(run.cases, row, strict=True):
            found.setdefault(case.cluster, []).append(score.counts)
    return [pooled(found[name]) for name in sorted(found)]


def _total(clusters: Sequence[Mapping[str, Counts]], run: Run, rubric: Rubric) -> Cell | None:
    return _cell(tuple(micro(own, rubric) for own in clusters), run.repeats)


@lru_cache(1024)  # a run stands on its own page and on the one of all
def _cell(clusters: tuple[Counts, ...], repeats: int, draws: int | None = None) -> Cell | None:
    if not clusters:
        return None
    held = parts([tuple(own[:4]) for own in clusters])
    estimate = f1_of(held) if draws is None else f1_of(held, draws=draws)
    whole = Counts(*map(sum, zip(*clusters, strict=True)))
    shown = Figure(estimate.value, *estimate.interval()) if estimate else Figure(None, 0, 1)
    return Cell(shown, tuple(one / repeats for one in whole), whole.agreement)


def _micro(run: Run, rubric: Rubric) -> Counts:
    return micro(pooled(score.counts for score in chain.from_iterable(run.scores)), rubric)


# ── Grades, quotes, cost ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Confusion:
    """Gold grade by answered grade in one field; `cells` are means over repeats, row by row."""

    field: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Result:
    """What one run comes to, fields aside; numbers of documents and grades are means over repeats.

    `cost` is US dollars for all documents and repeats, `seconds` the median document's; both null where not known,
    as are the tokens of a document's mean. `timed` of `asked` documents have a known time. `calls` is 0 offline.
    """

    figure: Counts
    credit: float | None
    documents: int
    failed: float
    empty: float
    rejected: float
    rejected_interval: Interval
    confusions: tuple[Confusion, ...]
    changed: float
    invented: float
    quotes: Quotes
    calls: int
    cost: float | None
    tokens: tuple[float | None, float | None]
    seconds: float | None
    timed: int
    asked: int


def _result(run: Run, rubric: Rubric) -> Result:
    scores = list(chain.from_iterable(run.scores))
    used = list(chain.from_iterable(run.usage))
    called = [one for one in used if one.calls]
    times = [one.seconds for one in called if one.seconds is not None]
    shares = [score.credit for score in scores if score.credit is not None]
    confusions = _confusions(run, rubric)
    empty = sum(score.rejected is not None for score in scores) / run.repeats
    rejected = sum(score.rejected is True for score in scores) / run.repeats
    return Result(
        figure=_micro(run, rubric),
        credit=sum(shares) / len(shares) if shares else None,
        documents=len(run.cases),
        failed=run.failures / run.repeats,
        empty=empty,
        rejected=rejected,
        rejected_interval=wilson(rejected, empty),
        confusions=confusions,
        changed=sum(_off(one, lambda gold, answer: NONE not in (gold, answer)) for one in confusions),
        invented=sum(_off(one, lambda gold, _: gold == NONE) for one in confusions),
        quotes=quotes(chain.from_iterable(run.extractions)),
        calls=sum(one.calls for one in used),
        cost=_known(one.cost for one in called),
        tokens=(
            _mean(_known(one.input_tokens for one in called), len(used)),
            _mean(_known(one.output_tokens for one in called), len(used)),
        ),
        seconds=median(times) if times else None,
        timed=len(times),
        asked=len(called),
    )


def _known(values: Iterable[float | None]) -> float | None:
    """The sum; null where one is null, or there is none."""
    held = list(values)
    return sum(one for one in held if one is not None) if held and None not in held else None


def _mean(whole: float | None, of: int) -> float | None:
    return None if whole is None or not of else whole / of


def _off(confusion: Confusion, counted: Callable[[str, str], bool]) -> float:
    """How many in the cells off the diagonal that are counted."""
    return sum(
        cell
        for gold, row in zip(confusion.rows, confusion.cells, strict=True)
        for answer, cell in zip(confusion.columns, row, strict=True)
        if gold != answer and counted(gold, answer)
    )


def _confusions(run: Run, rubric: Rubric) -> tuple[Confusion, ...]:
    """One for each field that holds a grade, and has one in gold or in an answer."""
    met: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in rubric.graded}
    for score in chain.from_iterable(run.scores):
        for record in score.records:
            for outcome in record.outcomes:
                if outcome.field in met and outcome.outcome != "absent":
                    met[outcome.field][_grades(outcome, rubric)] += 1
    return tuple(_confusion(name, counts, run.repeats) for name, counts in met.items() if counts)


def _grades(outcome: Outcome, rubric: Rubric) -> tuple[str, str]:
    """Gold's grade and the answer's, of a scalar or of an item's part."""
    part = next((key for key, scorer in rubric.by_name[outcome.field].parts if scorer == "grade"), "value")

    def grade(given: Any) -> str:
        one = given[0] if isinstance(given, list) and given else given
        held = one.get(part) if isinstance(one, dict) else one
        return NONE if held is None else str(held)

    return grade(outcome.gold), grade(outcome.predicted)


def _confusion(name: str, counts: Counter[tuple[str, str]], repeats: int) -> Confusion:
    order = {grade: place for place, grade in enumerate(get_args(Grade))}

    def sorted_grades(met: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(set(met), key=lambda grade: (grade == NONE, order.get(grade, len(order)), grade)))

    golds = sorted_grades(gold for gold, _ in counts)
    answers = sorted_grades([answer for _, answer in counts] + [gold for gold in golds if gold != NONE])
    cells = tuple(tuple(counts[gold, answer] / repeats for answer in answers) for gold in golds)
    return Confusion(spoken(name), golds, answers, cells)


# ── Recipes ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _recipes(runs: Sequence[Run]) -> tuple[list[tuple[str, str]], list[str], list[list[str]]]:
    """What all runs share, as (key, value); the keys in which they differ; and those values, a row a run."""
    keys = dict.fromkeys(key for run in runs for key in run.signature)
    told = {key: [_plain(run.signature.get(key)) for run in runs] for key in keys}
    shared = [(spoken(key), values[0]) for key, values in told.items() if len(set(values)) == 1]
    own = [key for key, values in told.items() if len(set(values)) > 1]
    return shared, [spoken(key) for key in own], [[told[key][place] for key in own] for place in range(len(runs))]


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


# ── The page ───────────────────────────────────────────────────────────────────────────────────────────────────────

# Nor what turns the direction of writing: words would stand in another order than the document has them in.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@lru_cache(1)
def _template() -> Any:
    from jinja2 import DictLoader, Environment, StrictUndefined

    environment = Environment(
        loader=DictLoader({"report.html": _file("report.html")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"points": _points, "number": _number, "p": _p, "signed": _signed}
    environment.globals |= {"width": WIDTH, "none": NONE}
    return environment.get_template("report.html")


def _file(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def _style(runs: int) -> str:
    """The style sheet; in each document, a run's marks and answer show only while that run is chosen."""
    return _file("report.css") + "".join(
        f".doc:has(.pick-{run}:checked) .r{run}, .doc:not(:has(.pick)) .r{run} "
        "{ background: var(--answer-tint); border-top-color: var(--answer); }\n"
        f".doc:has(.pick:checked):not(:has(.pick-{run}:checked)) .answer-{run} {{ display: none; }}\n"
        for run in range(runs)
    )


def _hash(text: str) -> str:
    """What the page's own policy lets run: this text and no other."""
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _points(share: float | None, places: int = 1) -> str:
    """A share of 1 in points of 100."""
    return "–" if share is None else f"{100 * share:.{places}f}"


def _signed(share: float | None) -> str:
    return "–" if share is None else f"{round(100 * share, 1) + 0.0:+.1f}".replace("-", "−")


def _number(value: float | None, places: int = 1) -> str:
    """A count or a mean of counts: whole where it is whole."""
    return "unknown" if value is None else f"{value:,.{0 if float(value).is_integer() else places}f}"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
