"""The main road: one document in, one Extraction out."""

from __future__ import annotations

import copy
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, Unpack

from pydantic import BaseModel

from extractor import dates
from extractor.datelines import dateline
from extractor.delivery import Delivery, deliver
from extractor.document import Document
from extractor.engines import Draft, Filling
from extractor.engines.offline import fill as fill_offline
from extractor.engines.window import WINDOW, room
from extractor.errors import ExtractorError, SettingsError
from extractor.orders import surely_given
from extractor.prices import prices
from extractor.prompt import Prompt, load
from extractor.readers import read
from extractor.redaction import veiled
from extractor.schemas.extraction import Extraction, Failure, PromptUsed, Source, UsageTotal, Warned
from extractor.schemas.inspection import InspectionRecord
from extractor.schemas.wire import strict_schema, wire_model
from extractor.second_opinion import Opinion, second_opinion

if TYPE_CHECKING:
    from extractor.client import AsyncClient, Endpoint
    from extractor.journal import Journal

OFFLINE = "offline"
log = logging.getLogger("extractor.extracting")
HEAVY = 50_000
"""Documents of more characters than this are worked on aside while calls are on their way."""


@dataclass(frozen=True)
class Settings:
    """How documents are to be extracted; the arguments of `extract`, checked once for many documents.

    `endpoint` and `prompt` are null for the offline engine.
    """

    model: str
    endpoint: Endpoint | None
    prompt: Prompt | None
    schema: type[BaseModel]
    published: str | None
    journal: Any
    max_reasks: int
    verified_only: bool
    window: int = WINDOW
    second_opinion: bool = True


class Arguments(TypedDict, total=False):
    """The keyword arguments of `extract`, `aextract` and `extract_many`; `settings` says what each means."""

    model: str
    prompt: str | Path | None
    schema: type[BaseModel]
    published: str | None
    base_url: str | None
    api_key: str | None
    journal: str | os.PathLike[str] | Journal | Literal[False] | None
    parameters: Mapping[str, Any] | None
    timeout: float
    max_reasks: int
    verified_only: bool
    window: int
    second_opinion: bool


def settings(
    *,
    model: str = OFFLINE,
    prompt: str | Path | None = None,
    schema: type[BaseModel] = InspectionRecord,
    published: str | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
    journal: str | os.PathLike[str] | Journal | Literal[False] | None = None,
    parameters: Mapping[str, Any] | None = None,
    timeout: float = 600,
    max_reasks: int = 2,
    verified_only: bool = False,
    window: int = WINDOW,
    second_opinion: bool = True,
) -> Settings:
    """Check the arguments of `extract` before any document is read.

    Args:
        model: "offline", the default, needs no key and no network; "openai/NAME" is any chat-completions server.
        prompt: a prompt's name or the path of a .toml file.
        schema: InspectionRecord, or a Pydantic model of your own (not offline).
        published: EDTF; the date that may settle a missing year. Null: the document's own date, where it states one.
        base_url: where the model is served; OPENAI_BASE_URL otherwise.
        api_key: OPENAI_API_KEY otherwise.
        journal: a file, or an open Journal; null is the one in the user's cache folder, False none.
        parameters: sent with each request, such as temperature.
        timeout: seconds that one request may take.
        max_reasks: how many small second questions a document may cost; of one read in sections, each section.
        verified_only: deliver only values whose quote is verified and supports them.
        window: tokens that the model has for question and answer together. A document is sent whole where it takes no
            more than half of what the prompt leaves, at four characters a token; a longer one is read in sections.
        second_opinion: warn where the rules read another grade or date than the model. It changes no value.

    Raises:
        SettingsError: a model, key, date or window that cannot work.
        SchemaError: a schema that no model can fill.
        PromptError: no such prompt, or one that cannot be used.
    """
    if published is not None and dates.resolve(published).edtf != published:
        raise SettingsError(f"published is {published!r}; give a date such as 2017-02-10, 2017-02 or 2017.")
    if model == OFFLINE:
        if schema is not InspectionRecord:
            raise SettingsError("The offline engine fills inspection records only; name a model for your own schema.")
        return Settings(OFFLINE, None, None, schema, published, journal, max_reasks, verified_only)
    from extractor.client import endpoint

    filled = wire_model(schema)
    strict_schema(filled)  # said before anything else: a schema that no model can fill
    to = endpoint(model, base_url, api_key, timeout, parameters)
    asked = load(prompt)
    room(asked, filled, window)
    return Settings(to.model, to, asked, schema, published, journal, max_reasks, verified_only, window, second_opinion)


F = TypeVar("F", bound=Callable[..., Any])


def takes_settings(function: F) -> F:
    """Let `help` and editors show the arguments of `settings`, which the function passes on."""
    own = [one for one in signature(function).parameters.values() if one.kind is not Parameter.VAR_KEYWORD]
    function.__signature__ = Signature([*own, *signature(settings).parameters.values()])  # type: ignore[attr-defined]
    return function


@takes_settings
def extract(source: str | os.PathLike[str] | Document, **arguments: Unpack[Arguments]) -> Extraction:
    """Read one document and extract its inspection records, every value with the words that it came from.

    Args:
        source: a path ("-" is standard input) or a Document; text goes in by `Document.from_text`.
        **arguments: as for `settings`.

    Returns:
        The Extraction. Records are empty where the document reports no inspection.

    Raises:
        ExtractorError: the document cannot be read, the settings cannot work, or the model gave nothing usable.
    """
    arguments = veiled(arguments)
    return extract_with(settings(**arguments), source)


@takes_settings
async def aextract(source: str | os.PathLike[str] | Document, **arguments: Unpack[Arguments]) -> Extraction:
    """The same as `extract`, with the model's calls awaited."""
    arguments = veiled(arguments)
    chosen = settings(**arguments)
    if chosen.endpoint is None:
        return extract_with(chosen, source)
    from extractor.client import AsyncClient

    with open_journal(chosen.journal) as journal:
        async with AsyncClient(chosen.endpoint, journal) as client:
            return await aextract_with(chosen, source, client)


async def aextract_with(chosen: Settings, source: str | os.PathLike[str] | Document, client: AsyncClient) -> Extraction:
    """Extract one document with settings that are checked already, through this client.

    What takes long on the processor is done aside, so that other calls of the event loop go on.
    """
    from extractor.client import adrive, aside

    heavy = (len(source.text) if isinstance(source, Document) else weighs(source)) > HEAVY
    document = await aside(heavy, _document, source, chosen)
    heavy = len(document.text) > HEAVY
    draft = await adrive(_filling(document, chosen), client, heavy=heavy)
    return await aside(heavy, _extraction, document, chosen, draft, _usage(client))


def weighs(source: str | os.PathLike[str]) -> int:
    """The work that it is to read a file, in bytes of plain text; of standard input nobody knows, so it is heavy."""
    try:
        size = os.stat(source).st_size
    except (OSError, ValueError):
        return HEAVY + 1
    return size if Path(source).suffix.lower() in (".txt", ".md") else size * 10


def extract_with(chosen: Settings, source: str | os.PathLike[str] | Document) -> Extraction:
    """Extract one document with settings that are checked already."""
    return _extraction(*_drafted(chosen, source))


def drafted_with(
    chosen: Settings, source: str | os.PathLike[str] | Document
) -> tuple[list[dict[str, Any]], Extraction]:
    """The records as the engine drafted them, before look-ups and withholding, and the Extraction made of them."""
    document, _, draft, usage = _drafted(chosen, source)
    records = copy.deepcopy(draft.records)
    return records, _extraction(document, chosen, draft, usage)


def _drafted(
    chosen: Settings, source: str | os.PathLike[str] | Document
) -> tuple[Document, Settings, Draft, UsageTotal | None]:
    document = _document(source, chosen)
    filling = _filling(document, chosen)
    if chosen.endpoint is None:
        return document, chosen, _finished(filling), None
    from extractor.client import Client, drive

    with open_journal(chosen.journal) as journal, Client(chosen.endpoint, journal) as client:
        draft = drive(filling, client)
        return document, chosen, draft, _usage(client)


def failed(chosen: Settings, source: str | os.PathLike[str], error: ExtractorError) -> Extraction:
    """A document that failed, as data: no records, and the error's name and message."""
    empty = Extraction(source=Source(path=os.fspath(source)), **_engine(chosen))
    return empty.model_copy(update={"error": Failure(type=type(error).__name__, message=str(error))})


def _document(source: str | os.PathLike[str] | Document, chosen: Settings) -> Document:
    document = source if isinstance(source, Document) else read(source)
    published = chosen.published or document.published or _printed_date(document)
    return document if published == document.published else replace(document, published=published)


def _printed_date(document: Document) -> str | None:
    """The date in the document's own dateline, EDTF; null where it has none."""
    line = dateline(document.visible)
    return line.edtf if line else None


def _filling(document: Document, chosen: Settings) -> Filling:
    if chosen.prompt is None:
        return fill_offline(document)
    from extractor.engines.llm import fill

    return fill(document, chosen.prompt, chosen.schema, max_reasks=chosen.max_reasks, window=chosen.window)


def _finished(filling: Filling) -> Draft:
    """The draft of an engine that asks nothing."""
    try:
        next(filling)
    except StopIteration as stop:
        draft: Draft = stop.value
        return draft
    raise AssertionError("the offline engine asked a question")


def open_journal(choice: Any) -> Any:
    """The journal as a context: one given open stays open."""
    from extractor.journal import Journal, NoJournal

    if choice is False:
        return nullcontext(NoJournal())
    return nullcontext(choice) if isinstance(choice, Journal | NoJournal) else Journal(choice)


def _usage(client: Any) -> UsageTotal:
    used = client.usage
    price = prices().get(client.endpoint.model)
    return UsageTotal(
        calls=client.requests,
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        cost=price.cost(used) if price else None,
    )


def _engine(chosen: Settings) -> dict[str, Any]:
    if chosen.endpoint is None or chosen.prompt is None:
        return {"engine": "offline"}
    return {
        "engine": "llm",
        "model": chosen.endpoint.model,
        "endpoint": chosen.endpoint.host,
        "prompt": PromptUsed(name=chosen.prompt.name, sha256=chosen.prompt.sha256),
        "parameters": dict(chosen.endpoint.parameters),
    }


def _extraction(document: Document, chosen: Settings, draft: Draft, usage: UsageTotal | None) -> Extraction:
    delivery = deliver(document, draft, chosen.schema, published=document.published, verified_only=chosen.verified_only)
    return Extraction(
        source=Source(
            path=document.path,
            sha256=document.sha256,
            text_sha256=document.text_sha256,
            reader=document.reader,
            media_type=document.media_type,
            pages=len(document.pages) or None,
            published=document.published,
        ),
        **_engine(chosen),
        records=delivery.records,
        evidence=delivery.evidence,
        withheld=delivery.withheld,
        warnings=[
            *(Warned(code=code, message=said) for code, said in document.warnings),
            *_orders(document, chosen),
            *delivery.warnings,
            *_second_opinion(document, chosen, delivery),
        ],
        usage=usage,
    )


def _orders(document: Document, chosen: Settings) -> list[Warned]:
    """A warning where the document speaks to the model that has read it, what nobody sees included."""
    order = surely_given(document.text) if chosen.endpoint else None
    if order is None:
        return []
    message = f"The document gives orders to the software that reads it ('{order}'): the model may have followed them."
    return [Warned(code="gives_orders", message=message)]


def _second_opinion(document: Document, chosen: Settings, delivery: Delivery) -> list[Warned]:
    """Where the rules read the document otherwise than the model; a fault in them leaves the model's result alone."""
    if chosen.endpoint is None or not chosen.second_opinion or chosen.schema is not InspectionRecord:
        return []
    try:
        drafted = _finished(fill_offline(document))
        rules = deliver(document, drafted, InspectionRecord, published=document.published, verified_only=False)
    except Exception as fault:
        log.debug("the rules failed at %s", document.path, exc_info=True)
        message = f"There is no second opinion: the rules failed ({type(fault).__name__}: {fault})."
        return [Warned(code="second_opinion_failed", message=message)]
    return second_opinion(Opinion(delivery.records, delivery.evidence), Opinion(rules.records, rules.evidence))
