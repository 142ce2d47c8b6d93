"""What a caller gets for one document: its records, the evidence for each value, and what was withheld."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from extractor import __version__
from extractor.errors import printable
from extractor.schemas.inspection import EDTF, InspectionRecord, Part

SCHEMA_VERSION = "1"


class Source(Part):
    """The document: `path` is null for text from memory; `text_sha256` is what the evidence's offsets point into."""

    path: str | None = None
    sha256: str = ""
    text_sha256: str = ""
    reader: str = ""
    media_type: str = ""
    pages: int | None = None
    published: EDTF | None = None

    @field_validator("path")
    @classmethod
    def _can_be_saved(cls, path: str | None) -> str | None:
        return None if path is None else printable(path)


class PromptUsed(Part):
    """Which prompt file asked."""

    name: str
    sha256: str


class Evidence(Part):
    """The words that one value came from.

    `field` is a JSON pointer from the Extraction's root. `quote` is cut from the document's text at `spans`, each
    [start, end, page], page null where the format has none. `model_quote` is what the model wrote where it differed;
    `basis` the name of the rule that found the value, null for a model's.
    """

    field: str
    quote: str
    spans: list[tuple[int, int, int | None]]
    verdict: Literal["verified", "altered"]
    support: Literal["yes", "unknown"]
    model_quote: str | None = None
    basis: str | None = None


class Withheld(Part):
    """A value that was not delivered, and why; `field` is where it stood in the engine's draft."""

    field: str
    value: Any
    model_quote: str
    nearest: str | None = None
    reason: str


class Warned(Part):
    """Something a reader of the record should know; `field` null where it is about the whole document."""

    code: str
    field: str | None = None
    message: str


class UsageTotal(Part):
    """What the calls took; tokens null where the server did not say, cost null where no price is known."""

    calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None


class Failure(Part):
    """Why a document failed: the error's class name and its message."""

    type: str
    message: str


class Extraction(Part):
    """Everything about one document; a failed one has `error` set and no records.

    `records` are InspectionRecords, or instances of the schema that the caller gave.
    """

    schema_version: str = SCHEMA_VERSION
    extractor_version: str = __version__
    source: Source
    engine: Literal["offline", "llm"]
    model: str | None = None
    endpoint: str | None = None
    prompt: PromptUsed | None = None
    parameters: dict[str, Any] | None = None
    records: list[Any] = Field(default_factory=list)
    evidence: list[Evidence] = Field(default_factory=list)
    withheld: list[Withheld] = Field(default_factory=list)
    warnings: list[Warned] = Field(default_factory=list)
    usage: UsageTotal | None = None
    error: Failure | None = None

    @field_validator("records", mode="before")
    @classmethod
    def _read_back(cls, records: Any) -> Any:
        """Records read from JSON become InspectionRecords again; those of another schema stay plain data."""
        if not isinstance(records, list):
            return records  # which is then refused
        known = InspectionRecord.model_fields.keys()
        return [
            InspectionRecord.model_validate(record) if isinstance(record, dict) and record.keys() == known else record
            for record in records
        ]
