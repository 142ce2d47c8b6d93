"""How a run is made: every document of a set through extractor's own road, each call kept in the run's journal."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from extractor import __version__
from extractor.budget import Budget, settled
from extractor.document import Document
from extractor.errors import BudgetSpent, CallError, ExtractorError, SettingsError
from extractor.extracting import OFFLINE, Settings, drafted_with, failed, settings
from extractor.journal import NoJournal, RawReply
from extractor.prices import Price, price_of
from extractor.prompt import load as load_prompt
from extractor.schemas.extraction import SCHEMA_VERSION, Extraction
from extractor.schemas.inspection import InspectionRecord

from .calls import Call, RunJournal, charge, used
from .errors import NotRecorded
from .gold import Case, fingerprint
from .leaks import refuse_leaks
from .naming import file_name
from .recordings import Recordings
from .rubric import Rubric
from .runs import Run, Used, save, scored

JSON = dict[str, Any]
Source = RunJournal | Recordings
Told = Callable[[Extraction], None]


# ── Who runs ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Competitor:
    """One way to extract, by the name that its run gets; `without` are fields whose values it leaves out."""

    name: str
    settings: Settings
    without: tuple[str, ...] = ()


def competitors(
    models: Sequence[str],
    prompts: Sequence[str],
    without: Sequence[str] = (),
    *,
    base_url: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    timeout: float = 600,
    recorded: Recordings | None = None,
) -> list[Competitor]:
    """Every prompt on every model; the offline engine once, whatever the prompts, and once more `without` these fields.

    A run is called by its prompt, and by prompt and model where there are several models. With recordings, what is not
    said is taken from them: models (the offline engine stands beside them where it is named), prompts, address and
    parameters.

    Raises:
        SettingsError, PromptError: names, prompts or settings that cannot work.
    """
    if recorded is not None:
        named = [model for model in models if model != OFFLINE]
        held = named or _once(f"openai/{head['model']}" for head in recorded.heads)
        models = [*held, *(model for model in models if model == OFFLINE)]
        prompts = prompts or _once(head["prompt"] for head in recorded.heads)
    models = models or [OFFLINE]
    asked = [model for model in models if model != OFFLINE]
    if prompts and not asked:
        raise SettingsError("A prompt needs a model: name one with --model openai/NAME.")
    if without and OFFLINE not in models:
        raise SettingsError("--without leaves rules out: it needs --model offline.")
    found = [Competitor(OFFLINE, settings(model=OFFLINE))] if OFFLINE in models else []
    if without:
        _are_fields(without)
        found.append(replace(found[0], name=file_name("offline-without", *without), without=tuple(sorted(without))))
    for model in asked:
        where: JSON = {"base_url": base_url, "parameters": parameters}
        if recorded is not None:
            where = {"api_key": "recorded", **_recorded(recorded, model, base_url, parameters)}
        for prompt in prompts or [load_prompt().name]:
            # The journal is given when a document's turn comes; nobody scores what the rules think of a model.
            chosen = settings(model=model, prompt=prompt, timeout=timeout, journal=False, second_opinion=False, **where)
            called = chosen.prompt.name if chosen.prompt else prompt
            found.append(Competitor(file_name(called, *([chosen.model] if len(asked) > 1 else [])), chosen))
    names = [one.name.casefold() for one in found]  # many a disk takes names that differ in case for one
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SettingsError(f"Two runs would be called {twice[0]!r}: name each prompt and model once.")
    return found


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _are_fields(names: Sequence[str]) -> None:
    if unknown := sorted(set(names) - set(InspectionRecord.model_fields)):
        raise SettingsError(
            f"{unknown[0]!r} is no field of a record; there are {', '.join(InspectionRecord.model_fields)}."
        )


def _recorded(recorded: Recordings, model: str, base_url: str | None, parameters: Mapping[str, Any] | None) -> JSON:
    head = next(iter(recorded.heads_of(model)), None)
    if head is None:
        held = ", ".join(sorted({head["model"] for head in recorded.heads}))
        raise SettingsError(f"The recordings hold nothing of {model}; they are of {held}.")
    return {
        "base_url": base_url or head["base_url"],
        "parameters": head["parameters"] if parameters is None else parameters,
    }


# ── Running ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Terms:
    """What all runs of one command have in common.

    `gold_folder` is null for a split that comes with the package. `budget` is null where spending is not limited;
    `recorded`, where given, takes the server's place.
    """

    gold: Sequence[Case]
    split: str
    gold_folder: str | None
    rubric: Rubric
    prices: Mapping[str, Price]
    repeats: int = 1
    concurrency: int = 4
    budget: Budget | None = None
    recorded: Recordings | None = None


def run(competitor: Competitor, terms: Terms, folder: Path, told: Told = lambda extraction: None) -> Run:
    """Extract every document of the set, score it, and keep all in the folder.

    What the folder's journal has is not asked again, so that a run which was cut off goes on where it stopped. A
    document that fails is an Extraction with an error, and misses all of its gold. `told` gets each Extraction.

    Raises:
        ExtractorError: a fault of the harness or of the settings: UnknownPrice, BudgetSpent, NotRecorded, JournalError,
            or PromptError where an example of the prompt is a document of the set.
    """
    chosen = competitor.settings
    if chosen.prompt:
        refuse_leaks(chosen.prompt, terms.gold)
    if chosen.endpoint is None:
        return _kept(competitor, terms, folder, _offline(competitor, terms, told))
    price = price_of(chosen.model, terms.prices) if terms.budget else terms.prices.get(chosen.model)
    source = terms.recorded or RunJournal(folder / "journal.sqlite")
    try:
        if terms.budget and price and terms.recorded is None:
            before = (call for call in source.history() if call.model == chosen.model)
            terms.budget.charge(sum(charge(call, price) for call in before))
        made = _asked(competitor, terms, source, price, told)
    finally:
        source.close()
    return _kept(competitor, terms, folder, made)


@dataclass(frozen=True)
class _Made:
    """One document in one repeat."""

    extraction: JSON
    draft: list[JSON] | None
    used: Used


Place = tuple[int, str]
"""A repeat, from 0, and a document's id."""
Answer = tuple[JSON, list[JSON] | None]
"""An Extraction as JSON data, and its draft."""


def _offline(competitor: Competitor, terms: Terms, told: Told) -> dict[Place, _Made]:
    """The offline engine's answers: rules say the same in every repeat."""
    made: dict[Place, _Made] = {}
    for case in terms.gold:
        extraction, draft = _by_rules(competitor.settings, case.document)
        told(extraction)
        answer = _left_out(extraction.model_dump(mode="json"), competitor.without)
        records = None if draft is None else [_blank(record, competitor.without) for record in draft]
        made |= {(repeat, case.id): _Made(answer, records, Used()) for repeat in range(terms.repeats)}
    return made


@lru_cache(1024)
def _by_rules(chosen: Settings, document: Document) -> tuple[Extraction, list[JSON] | None]:
    """What the rules make of a document, worked out once for all competitors that use them."""
    return _extracted(chosen, document)


def _asked(competitor: Competitor, terms: Terms, source: Source, price: Price | None, told: Told) -> dict[Place, _Made]:
    """A model's answers, several documents at a time.

    A document that the budget refused is asked about again when no other call holds money back.
    """
    documents = {case.id: case.document for case in terms.gold}
    pages = {(n, name): Page(source, n, terms.budget, price) for n in range(terms.repeats) for name in documents}

    def one(place: Place) -> Answer:
        chosen = replace(competitor.settings, journal=pages[place])
        extraction, draft = _extracted(chosen, documents[place[1]])
        told(extraction)
        return extraction.model_dump(mode="json"), draft

    answers = dict(_side_by_side(one, list(pages), terms.concurrency))
    for place in [place for place in pages if place not in answers]:
        answers[place] = one(place)
    calls: dict[str, list[Call]] = {}
    for call in source.history():
        calls.setdefault(call.key, []).append(call)
    return {
        place: _Made(*answer, used((call for key in pages[place].keys for call in calls.get(key, [])), price))
        for place, answer in answers.items()
    }


def _side_by_side(
    one: Callable[[Place], Answer], places: Sequence[Place], concurrency: int
) -> Iterator[tuple[Place, Answer]]:
    """What `one` makes of each place, as it comes; what the budget refused is left out."""
    waiting = iter(places)
    pool = ThreadPoolExecutor(max(1, concurrency))
    try:
        running = {pool.submit(one, place): place for place in islice(waiting, max(1, concurrency))}
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                place = running.pop(future)
                with suppress(BudgetSpent):
                    yield place, future.result()
            running |= {pool.submit(one, place): place for place in islice(waiting, len(done))}
    except BaseException as error:  # what is in flight is paid for: it is waited for, but not by who interrupts
        pool.shutdown(wait=isinstance(error, Exception), cancel_futures=True)
        raise
    pool.shutdown()


def _extracted(chosen: Settings, document: Document) -> tuple[Extraction, list[JSON] | None]:
    """The document's Extraction, also where it failed, and its draft, null where it did.

    Raises:
        ExtractorError: what is no failure of this document: the journal, the budget, a recording, the settings.
    """
    try:
        draft, extraction = drafted_with(chosen, document)
        return extraction, draft
    except NotRecorded:
        raise
    except CallError as error:
        return failed(chosen, document.path or "text", error), None
    except ExtractorError:
        raise
    except Exception as fault:  # as in extract_many: the engine fell over this document
        told = ExtractorError(f"a fault in extractor itself ({type(fault).__name__}: {fault})")
        return failed(chosen, document.path or "text", told), None


def _left_out(extraction: JSON, without: Sequence[str]) -> JSON:
    """The Extraction without any value, or word of evidence, of these fields."""
    if not without:
        return extraction
    told = {
        name: [one for one in extraction[name] if not set((one["field"] or "").split("/")[3:4]) & set(without)]
        for name in ("evidence", "withheld", "warnings")
    }
    return {**extraction, **told, "records": [_blank(record, without) for record in extraction["records"]]}


def _blank(record: JSON, without: Sequence[str]) -> JSON:
    return {
        name: ([] if isinstance(value, list) else None) if name in without else value for name, value in record.items()
    }


def _kept(competitor: Competitor, terms: Terms, folder: Path, made: Mapping[Place, _Made]) -> Run:
    rows = [[made[repeat, case.id] for case in terms.gold] for repeat in range(terms.repeats)]
    finished = scored(
        Run(
            name=competitor.name,
            signature=_signature(competitor, terms),
            cases=tuple(terms.gold),
            extractions=tuple(tuple(one.extraction for one in row) for row in rows),
            scores=(),
            usage=tuple(tuple(one.used for one in row) for row in rows),
            drafts=tuple(tuple(one.draft for one in row) for row in rows),
        ),
        terms.rubric,
    )
    save(finished, folder, terms.rubric)
    return finished


def _signature(competitor: Competitor, terms: Terms) -> JSON:
    chosen = competitor.settings
    parameters = dict(chosen.endpoint.parameters) if chosen.endpoint else {"without": list(competitor.without)}
    return {
        "prompt": chosen.prompt.name if chosen.prompt else None,
        "prompt_sha256": chosen.prompt.sha256 if chosen.prompt else None,
        "model": chosen.model,
        "endpoint": chosen.endpoint.host if chosen.endpoint else None,
        "parameters": parameters if chosen.endpoint or competitor.without else None,
        "gold": fingerprint(terms.gold),
        "gold_folder": terms.gold_folder,
        "split": terms.split,
        "rubric": terms.rubric.sha256,
        "schema_version": SCHEMA_VERSION,
        "extractor_version": __version__,
        "repeats": terms.repeats,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


# ── One document's calls ───────────────────────────────────────────────────────────────────────────────────────────


class Page(NoJournal):
    """The calls of one document in one repeat, written down in the run's journal and paid for from the budget.

    `keys` are those of the requests that it made, answered from the journal or by the server.
    """

    def __init__(self, source: Source, repeat: int, budget: Budget | None, price: Price | None) -> None:
        self.keys: dict[str, None] = {}
        self._source, self._repeat, self._budget, self._price = source, repeat, budget, price
        self._bounds: dict[int, float] = {}

    def find(self, key: str) -> RawReply | None:
        """The reply in this repeat; null where there is none yet."""
        key = in_repeat(key, self._repeat)
        self.keys[key] = None
        return self._source.find(key)

    def start(self, key: str, endpoint: str, model: str, request: bytes) -> int:
        """Set the call's bound aside, then write it down.

        Raises:
            BudgetSpent: there is not as much left.
        """
        bound = self._price.bound(request) if self._budget and self._price else 0.0
        if self._budget:
            self._budget.reserve(bound)
        call = self._source.start(in_repeat(key, self._repeat), endpoint, model, request)
        self._bounds[call] = bound
        return call

    def finish(self, call: int, reply: RawReply) -> None:
        """Write the reply down, and settle what it cost."""
        self._source.finish(call, reply)
        if self._budget and self._price:
            bound = self._bounds[call]
            self._budget.settle(bound, settled(reply, bound, self._price))

    def fail(self, call: int, fault: str) -> None:
        """Write down that no reply came: the server may have worked for it, so it stays charged."""
        self._source.fail(call, fault)

    def mode(self, endpoint: str, model: str) -> str | None:
        """As the run's journal knows it."""
        return self._source.mode(endpoint, model)

    def remember_mode(self, endpoint: str, model: str, mode: str) -> None:
        """For all documents of the run."""
        self._source.remember_mode(endpoint, model, mode)


def in_repeat(key: str, repeat: int) -> str:
    """A request's name in the journal in this repeat, so that each repeat asks anew; the first is the plain one's."""
    return hashlib.sha256(json.dumps([key, repeat]).encode()).hexdigest() if repeat else key
