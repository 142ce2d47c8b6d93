"""The main road: one document in, one Extraction out."""

from __future__ import annotations

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
from extractor.delivery import deliver
from extractor.document import Document
from extractor.engines import Draft, Filling
from extractor.engines.offline import fill as fill_offline
from extractor.errors import ExtractorError, SettingsError
from extractor.prompt import Prompt, load
from extractor.readers import read
from extractor.schemas.extraction import Extraction, Failure, PromptUsed, Source, UsageTotal
from extractor.schemas.inspection import InspectionRecord
from extractor.schemas.wire import envelope, strict_schema

if TYPE_CHECKING:
    from extractor.client import Endpoint
    from extractor.journal import Journal

OFFLINE = "offline"


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
        max_reasks: how many small second questions a document may cost.
        verified_only: deliver only values whose quote is verified and supports them.

    Raises:
        SettingsError: a model, key or date that cannot work.
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

    if schema is not InspectionRecord:
        strict_schema(envelope(schema))  # refuses what no model can fill, before any document is read
    to = endpoint(model, base_url, api_key, timeout, parameters)
    return Settings(to.model, to, load(prompt), schema, published, journal, max_reasks, verified_only)


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
    return extract_with(settings(**arguments), source)


@takes_settings
async def aextract(source: str | os.PathLike[str] | Document, **arguments: Unpack[Arguments]) -> Extraction:
    """The same as `extract`, with the model's calls awaited."""
    chosen = settings(**arguments)
    document = _document(source, chosen)
    filling = _filling(document, chosen)
    if chosen.endpoint is None:
        return _extraction(document, chosen, _finished(filling), None)
    from extractor.client import AsyncClient, adrive

    with _journal(chosen.journal) as journal:
        async with AsyncClient(chosen.endpoint, journal) as client:
            draft = await adrive(filling, client)
            return _extraction(document, chosen, draft, _usage(client))


def extract_with(chosen: Settings, source: str | os.PathLike[str] | Document) -> Extraction:
    """Extract one document with settings that are checked already."""
    document = _document(source, chosen)
    filling = _filling(document, chosen)
    if chosen.endpoint is None:
        return _extraction(document, chosen, _finished(filling), None)
    from extractor.client import Client, drive

    with _journal(chosen.journal) as journal, Client(chosen.endpoint, journal) as client:
        draft = drive(filling, client)
        return _extraction(document, chosen, draft, _usage(client))


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

    return fill(document, chosen.prompt, chosen.schema, max_reasks=chosen.max_reasks)


def _finished(filling: Filling) -> Draft:
    """The draft of an engine that asks nothing."""
    try:
        next(filling)
    except StopIteration as stop:
        draft: Draft = stop.value
        return draft
    raise AssertionError("the offline engine asked a question")


def _journal(choice: Any) -> Any:
    """The journal as a context: one given open stays open."""
    from extractor.journal import Journal, NoJournal

    if choice is False:
        return nullcontext(NoJournal())
    return nullcontext(choice) if isinstance(choice, Journal | NoJournal) else Journal(choice)


def _usage(client: Any) -> UsageTotal:
    used = client.usage
    return UsageTotal(calls=client.requests, input_tokens=used.input_tokens, output_tokens=used.output_tokens)


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
        warnings=delivery.warnings,
        usage=usage,
    )
