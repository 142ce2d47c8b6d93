"""Turn a document about an inspection into records whose every value carries the words it came from."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from extractor.batch import extract_many
    from extractor.document import Document
    from extractor.errors import ExtractorError
    from extractor.extracting import aextract, extract
    from extractor.schemas.extraction import Extraction
    from extractor.schemas.inspection import InspectionRecord

__version__ = "0.1.0"

__all__ = ["Document", "Extraction", "ExtractorError", "InspectionRecord", "aextract", "extract", "extract_many"]

_HOMES = {
    "Document": "extractor.document",
    "Extraction": "extractor.schemas.extraction",
    "ExtractorError": "extractor.errors",
    "InspectionRecord": "extractor.schemas.inspection",
    "aextract": "extractor.extracting",
    "extract": "extractor.extracting",
    "extract_many": "extractor.batch",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: the command's --help needs none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'extractor' has no attribute '{name}'")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
