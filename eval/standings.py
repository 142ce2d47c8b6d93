"""What prompts/scores.json says: how each prompt did on the gold, and which one is the default."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .comparing import Comparison, compare
from .errors import ComparisonError
from .headline import headline
from .rubric import Rubric
from .runs import Run
from .tables import in_markdown

JSON = dict[str, Any]


def standings(dev: Sequence[Run], test: Sequence[Run], rubric: Rubric, baseline: str | None = None) -> JSON:
    """The scores of prompts as data.

    Args:
        dev: runs of two prompts or more, and of the offline engine if it is to stand beside them.
        test: runs of some of them on the set that is opened only to confirm; may be empty.
        rubric: the one that they were scored by.
        baseline: the run that the verdicts are against; null is the first of `dev`.

    Returns:
        `default`: the prompt with the highest primary F1 on dev. `sets`: each set's hash, size and what was asked.
        `runs`: by name, the prompt's sha256 (null for the offline engine) and, for each set, `f1` with its bounds,
        `failed` documents, `shares` as in `headline`, and in dev the `verdict` against the baseline.

    Raises:
        ComparisonError: no run of a prompt, or runs that cannot be compared.
    """
    compared = compare(dev, baseline=baseline, rubric=rubric)
    held = {"dev": (dev, compared)}
    if test:
        held["test"] = (test, compare(test, rubric=rubric))
    asked = [run for run in dev if run.signature["prompt"]]
    if not asked:
        raise ComparisonError("There is no run of a prompt among these.")
    figures = {one.name: one.f1.value or 0.0 for one in compared.competitors}
    best = max(asked, key=lambda run: figures[run.name])
    return {
        "default": best.signature["prompt"],
        "sets": {name: _set(runs, comparison) for name, (runs, comparison) in held.items()},
        "runs": {
            run.name: {"sha256": run.signature["prompt_sha256"]}
            | {
                name: _standing(run.name, runs, comparison)
                for name, (runs, comparison) in held.items()
                if run.name in {one.name for one in runs}
            }
            for run in dev
        },
    }


def _set(runs: Sequence[Run], comparison: Comparison) -> JSON:
    told = next((run.signature for run in runs if run.signature["prompt"]), runs[0].signature)
    return {
        "gold": comparison.signature["gold"],
        "rubric": comparison.signature["rubric"],
        "documents": comparison.documents,
        "clusters": comparison.clusters,
        "baseline": comparison.baseline,
        "model": told["model"],
    }


def _standing(name: str, runs: Sequence[Run], comparison: Comparison) -> JSON:
    one = next(each for each in comparison.competitors if each.name == name)
    run = next(each for each in runs if each.name == name)
    verdict = next((pair.verdict.word for pair in comparison.pairs if pair.name == name), None)
    return {
        "f1": _rounded([one.f1.value, one.f1.low, one.f1.high]),
        "failed": run.failures,
        "verdict": verdict,
        "shares": [{key: _rounded(value) for key, value in asdict(share).items()} for share in headline(run)],
    }


def _rounded(value: Any) -> Any:
    """Four digits are more than the intervals leave room for, and keep the file the same from machine to machine."""
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return round(value, 4) if isinstance(value, float) else value


def text(told: JSON) -> str:
    """The scores as the file holds them."""
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def markdown(told: JSON, name: str) -> str:
    """What was right in the set of this name, a row a question and a column a run.

    Each cell is the share with its 95% interval, then right of total, and with a + what gold has not.
    """
    runs = {run: one[name] for run, one in told["runs"].items() if name in one}
    rows = [["F1, primary fields", *(_share(*one["f1"]) for one in runs.values())]]
    for shares in zip(*(one["shares"] for one in runs.values()), strict=True):
        rows.append([shares[0]["question"], *map(_cell, shares)])
    lines = [["", *runs], ["---"] * (len(runs) + 1), *rows]
    return "".join("| " + " | ".join(map(in_markdown, line)) + " |\n" for line in lines)


def _cell(share: JSON) -> str:
    counted = f"{share['right']}/{share['total']}" + (f"+{share['invented']}" if share["invented"] else "")
    return f"{_share(share['value'], share['low'], share['high'])} {counted}"


def _share(value: float | None, low: float, high: float) -> str:
    return "–" if value is None else f"{value:.3f} ({low:.2f}–{high:.2f})"
