"""What a run is: one prompt, or the offline engine, on one gold set; kept as a folder that can be scored again."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from extractor.parts import replacing
from extractor.terminal import escaped

from .errors import GoldChanged, RunError
from .gold import Case, cases, fingerprint
from .rubric import Rubric
from .rubric import load as load_rubric
from .score import DocumentScore, score_document
from .summary import Summary, summarise

JSON = dict[str, Any]

SIGNATURE = (
    "prompt",
    "prompt_sha256",
    "model",
    "endpoint",
    "parameters",
    "gold",
    "gold_folder",
    "split",
    "rubric",
    "schema_version",
    "extractor_version",
    "repeats",
    "date",
)
"""What every number must name. `gold` and `rubric` are hashes; prompt, endpoint and parameters are null offline."""


@dataclass(frozen=True)
class Used:
    """What one document took in one repeat, also where its replies came from a journal or a recording.

    Tokens are null where no call was made or the server did not count them, `cost` (US dollars) where they or the
    price are not known; `seconds` is the time spent waiting for the server, null where nothing was waited for.
    """

    calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Run:
    """One competitor on one set.

    `name` is the prompt's name, or "offline". `signature` has the keys of SIGNATURE. `cases` are sorted by id.
    `extractions`, `scores` and `usage` have one inner tuple a repeat, each in the order of the cases; an extraction is
    JSON data. `drafts` are the records before look-ups and withholding, in the wire shape, null for a document that
    failed; `draft_scores` are their scores. Both are empty where drafts were not kept.
    """

    name: str
    signature: Mapping[str, Any]
    cases: tuple[Case, ...]
    extractions: tuple[tuple[JSON, ...], ...]
    scores: tuple[tuple[DocumentScore, ...], ...]
    usage: tuple[tuple[Used, ...], ...]
    drafts: tuple[tuple[list[JSON] | None, ...], ...] = ()
    draft_scores: tuple[tuple[DocumentScore, ...], ...] = ()

    @property
    def repeats(self) -> int:
        """How often each document was asked about."""
        return len(self.extractions)

    @property
    def failures(self) -> int:
        """How many documents failed, counted once a repeat."""
        return sum(score.failed is not None for score in chain.from_iterable(self.scores))


def scored(run: Run, rubric: Rubric) -> Run:
    """The run with the scores that this rubric gives it; nothing is asked.

    Raises:
        RubricError: where gold has a key that the rubric does not know.
    """
    return dataclasses.replace(
        run,
        signature={**run.signature, "rubric": rubric.sha256, "gold": fingerprint(run.cases)},
        scores=tuple(tuple(_scores(run.cases, row, rubric)) for row in run.extractions),
        draft_scores=tuple(tuple(_scores(run.cases, map(_answer, row), rubric)) for row in run.drafts),
    )


def _scores(gold: Sequence[Case], answers: Iterable[Any], rubric: Rubric) -> Iterator[DocumentScore]:
    for case, answer in zip(gold, answers, strict=True):
        yield score_document(case.records, answer, rubric, case.document)


def _answer(draft: list[JSON] | None) -> JSON:
    """A draft as the scorer takes it: a document that failed has no draft, and misses all of its gold."""
    lost = {"type": "NoDraft", "message": "the document failed"}
    return {"records": draft or [], "error": lost if draft is None else None}


def summary(run: Run, rubric: Rubric) -> Summary:
    """The run's scores pooled over documents and repeats: each document is counted once a repeat."""
    return summarise(chain.from_iterable(run.scores), rubric, chain.from_iterable(run.extractions))


def draft_summary(run: Run, rubric: Rubric) -> Summary | None:
    """The same of the drafts; null where none were kept. It says nothing of quotes."""
    return summarise(chain.from_iterable(run.draft_scores), rubric) if run.draft_scores else None


# ── The folder ─────────────────────────────────────────────────────────────────────────────────────────────────────


def save(run: Run, folder: Path, rubric: Rubric | None = None) -> None:
    """Write run.json, extractions.jsonl, scores.jsonl and summary.json; run.json comes last and makes it a run.

    Raises:
        RunError: where the folder cannot be written.
    """
    from .tables import summary_data

    rubric = rubric or load_rubric()
    drafts = draft_summary(run, rubric)
    told = {"run": summary_data(summary(run, rubric)), "drafts": summary_data(drafts) if drafts else None}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "extractions.jsonl", map(_line, _extraction_lines(run)))
        _write(folder / "scores.jsonl", map(_line, _score_lines(run)))
        _write(folder / "summary.json", [json.dumps(told, indent=1, ensure_ascii=False)])
        _write(folder / "run.json", [json.dumps({"name": run.name, **run.signature}, indent=1, ensure_ascii=False)])
    except OSError as error:
        raise RunError(f"The run cannot be written to {folder} ({error.strerror}). Name another folder.") from error


def load(folder: Path, *, gold: Path | None = None, rubric: Rubric | None = None, changed: bool = False) -> Run:
    """The run in a folder, scored again from its extractions: nothing is asked.

    Args:
        folder: as `save` wrote it.
        gold: the set's folder, or the one that its split is in; null takes the one that the run names.
        rubric: null takes the project's own.
        changed: whether gold or the rubric may be others than the run names; its signature then names these.

    Raises:
        RunError: no run, one that is not whole, or one of another rubric.
        GoldChanged: the set is no longer the one that the run was scored by, or the documents are others.
        GoldError: the set cannot be trusted.
    """
    rubric = rubric or load_rubric()
    try:
        signature = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        told = (folder / "extractions.jsonl").read_text(encoding="utf-8")
        lines = [json.loads(line) for line in told.split("\n") if line]
    except (OSError, ValueError) as error:
        raise RunError(f"{folder} holds no whole run ({error}). Make one with `extractor-eval run`.") from error
    name = signature.pop("name", None)
    if missing := [key for key in SIGNATURE if key not in signature] + ["name"] * (name is None):
        raise RunError(f"{folder}: run.json does not say {', '.join(missing)}. Make the run again.")
    held = tuple(cases(of_split(gold, signature["split"]) if gold else gold_folder(signature)))
    if not changed:
        _unchanged(folder, signature, held, rubric)
    run = Run(name, signature, held, *_read(folder, signature, held, lines))
    return scored(run, rubric)


def gold_folder(signature: Mapping[str, Any]) -> Path:
    """Where the set of a run lies: the folder that it names, or the split that comes with the package."""
    named = signature["gold_folder"]
    return Path(named) if named else shipped_gold() / str(signature["split"])


def of_split(gold: Path, split: str) -> Path:
    """The set of this split, where the folder is one of splits; otherwise the folder itself."""
    return gold / split if (gold / split).is_dir() else gold


def shipped_gold() -> Path:
    """The gold sets that come with the package, a folder each."""
    return Path(__file__).parent / "gold"


def _unchanged(folder: Path, signature: JSON, held: Sequence[Case], rubric: Rubric) -> None:
    again = f"Score it again with `extractor-eval score {folder}`: nothing is asked."
    if fingerprint(held) != signature["gold"]:
        raise GoldChanged(f"{folder}: the gold set has changed since this run was scored. {again}")
    if rubric.sha256 != signature["rubric"]:
        raise RunError(f"{folder}: the rubric has changed since this run was scored. {again}")


def _read(folder: Path, signature: JSON, held: Sequence[Case], lines: Sequence[JSON]) -> tuple[Any, Any, Any, Any]:
    """Extractions, scores (none yet), usage and drafts, a row a repeat."""
    told = {(line["repeat"], line["id"]): line for line in lines}
    wanted = [[(repeat, case.id) for case in held] for repeat in range(signature["repeats"])]
    strange = sorted({case for _, case in told} - {case.id for case in held})
    lacking = [f"{case} (repeat {repeat})" for row in wanted for repeat, case in row if (repeat, case) not in told]
    if strange or lacking:
        named = ", ".join([*strange, *lacking][:5])
        raise GoldChanged(f"{folder}: the run and its gold set do not have the same documents: {named}. Run it again.")
    for case in held:
        sha256 = told[0, case.id]["document_sha256"]
        if sha256 != case.document.sha256:
            raise GoldChanged(f"{folder}: the document {case.id} has changed since this run. Run it again.")
    rows = [[told[place] for place in row] for row in wanted]
    usage = tuple(tuple(Used(**line["usage"]) for line in row) for row in rows)
    drafts = tuple(tuple(line["draft"] for line in row) for row in rows)
    kept = any(draft is not None for row in drafts for draft in row)
    return tuple(tuple(line["extraction"] for line in row) for row in rows), (), usage, drafts if kept else ()


def _extraction_lines(run: Run) -> Iterator[JSON]:
    for repeat, row in enumerate(run.extractions):
        for place, (case, extraction) in enumerate(zip(run.cases, row, strict=True)):
            yield {
                "id": case.id,
                "repeat": repeat,
                "document_sha256": case.document.sha256,
                "usage": dataclasses.asdict(run.usage[repeat][place]),
                "extraction": extraction,
                "draft": run.drafts[repeat][place] if run.drafts else None,
            }


def _score_lines(run: Run) -> Iterator[JSON]:
    for repeat, row in enumerate(run.scores):
        for place, (case, score) in enumerate(zip(run.cases, row, strict=True)):
            draft = run.draft_scores[repeat][place] if run.draft_scores else None
            yield {
                "id": case.id,
                "repeat": repeat,
                "cluster": case.cluster,
                "failed": score.failed,
                "rejected": score.rejected,
                "credit": score.credit,
                "total": score.total._asdict(),
                "draft_total": draft.total._asdict() if draft else None,
                "counts": {name: counts._asdict() for name, counts in score.counts.items() if any(counts)},
                "spans": {name: spans._asdict() for name, spans in score.spans.items()},
                "pairs": score.pairs,
                "outcomes": [[_told(outcome) for outcome in record.outcomes] for record in score.records],
            }


def _told(outcome: Any) -> JSON:
    return {**outcome._asdict(), "parts": [_told(part) for part in outcome.parts]}


def _line(content: JSON) -> str:
    return escaped(json.dumps(content, ensure_ascii=False))


def _write(path: Path, lines: Iterable[str]) -> None:
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{line}\n" for line in lines)
