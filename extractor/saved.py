"""Extractions read back from the JSON that `extractor extract -o` wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from extractor.errors import DocumentError, MissingDocument

if TYPE_CHECKING:
    from extractor.schemas.extraction import Extraction

SUFFIXES = (".jsonl", ".json")


def saved(path: Path) -> Iterator[Extraction]:
    """Every Extraction in a file of JSON lines, or the one in a .json file.

    Raises:
        MissingDocument: the file cannot be opened.
        DocumentError: a line of it is no Extraction.
    """
    try:
        with path.open("rb") as stream:
            for number, line in enumerate([stream.read()] if path.suffix.lower() == ".json" else stream, 1):
                if line.strip():
                    yield _extraction(line, f"{path}, line {number}")
    except OSError as error:
        raise MissingDocument(str(path), f"it cannot be read ({error.strerror})", "Check the path.") from error


def _extraction(line: bytes, place: str) -> Extraction:
    from pydantic import ValidationError

    from extractor.schemas.extraction import Extraction

    try:
        return Extraction.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        fault = f"this is not an Extraction ({'.'.join(map(str, first['loc'])) or 'JSON'}: {first['msg']})"
        raise DocumentError(place, fault, "Make the file with `extractor extract PATH… -o outcomes.jsonl`.") from error
