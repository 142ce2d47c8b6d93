"""The error tree: everything that can go wrong, with what, where and what to do.

ExtractorError
├── SettingsError          an argument, a model name, a key or a setting that cannot work
├── PromptError            a prompt file that cannot be loaded or rendered
├── SchemaError            a caller's own schema that cannot be used
├── DocumentError          one document that cannot be read
│   ├── MissingDocument    no such file, or no permission to read it
│   ├── EmptyDocument      no text at all
│   ├── OversizedDocument  larger than the stated limit
│   ├── EncryptedDocument  needs a password
│   ├── ImageOnlyDocument  pages are pictures: no text layer
│   ├── TruncatedDocument  the file ends too early, or is damaged
│   ├── BinaryDocument     not a document format that is read here
│   ├── UndecodableDocument  bytes that are no text in any expected encoding
│   └── MislabelledDocument  the content is not what the name says
├── CallError              one call to a model that gave nothing usable
│   ├── RateLimited        429, and waiting did not help
│   ├── EndpointFault      5xx, a dropped connection, or an error sent with status 200
│   ├── CallTimedOut       no answer within the timeout
│   ├── RequestRejected    4xx: the key, the model name or the request itself
│   ├── Refused            the model declined
│   ├── ReplyTruncated     the reply hit its length limit
│   └── ReplyUnusable      no JSON, or JSON of another shape, also after the reasks
├── UnknownPrice           a limit on the cost, and a model that is not in the price table
├── BudgetSpent            the next call could cost more than is left of --max-cost
└── JournalError           the journal file cannot be opened or written
"""

from __future__ import annotations


def printable(path: str) -> str:
    r"""A path as it can be shown and saved: the bytes of a file's name that are no text are written \udcff."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


class ExtractorError(Exception):
    """Base of every error that this package raises on purpose.

    `str(error)` is one sentence for a person: what happened, where, and what to do.
    """


class SettingsError(ExtractorError):
    """An argument, a model name, a key or a setting that cannot work."""


class PromptError(ExtractorError):
    """A prompt file that cannot be loaded or rendered."""


class SchemaError(ExtractorError):
    """A caller's own schema that cannot be used."""


class DocumentError(ExtractorError):
    """One document that cannot be read; `path` names it ("-" is standard input)."""

    def __init__(self, path: str, fault: str, way_out: str) -> None:
        super().__init__(f"{printable(path)}: {fault}. {way_out}")
        self.path, self.fault, self.way_out = path, fault, way_out

    def __reduce__(self) -> tuple[type[DocumentError], tuple[str, str, str]]:
        return type(self), (self.path, self.fault, self.way_out)


class MissingDocument(DocumentError):
    """No such file, or no permission to read it."""


class EmptyDocument(DocumentError):
    """No text at all."""


class OversizedDocument(DocumentError):
    """Larger than the stated limit."""


class EncryptedDocument(DocumentError):
    """Needs a password."""


class ImageOnlyDocument(DocumentError):
    """Pages are pictures: there is no text layer."""


class TruncatedDocument(DocumentError):
    """The file ends too early, or is damaged."""


class BinaryDocument(DocumentError):
    """Not a document format that is read here."""


class UndecodableDocument(DocumentError):
    """Bytes that are no text in any expected encoding."""


class MislabelledDocument(DocumentError):
    """The content is not what the name says, such as a web page saved as .pdf."""


class CallError(ExtractorError):
    """One call to a model that gave nothing usable; `requests` counts what was sent for it.

    `retry_after` is how many seconds the server asked to wait, or null.
    """

    requests: int = 0
    retry_after: float | None = None


class RateLimited(CallError):
    """429, and waiting did not help."""


class EndpointFault(CallError):
    """5xx, a dropped connection, or an error with status 200; `reached` is false where nothing can have been sent."""

    reached: bool = True


class CallTimedOut(CallError):
    """No answer within the timeout."""


class RequestRejected(CallError):
    """4xx: the key, the model name or the request itself; `status` is the HTTP status, `said` what the server said."""

    status: int = 0
    said: str = ""


class Refused(CallError):
    """The model declined to answer."""


class ReplyTruncated(CallError):
    """The reply hit its length limit before it was complete."""


class ReplyUnusable(CallError):
    """No JSON, or JSON of another shape, also after the reasks."""


class UnknownPrice(ExtractorError):
    """A limit on the cost was given, and the model is not in the price table."""


class BudgetSpent(ExtractorError):
    """The next call could cost more than is left of --max-cost."""


class JournalError(ExtractorError):
    """The journal file cannot be opened or written."""
