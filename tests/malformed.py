"""The corpus of malformed files: by name what makes each one's bytes, and what must come of it.

Nothing large is kept: each file is made when it is asked for. data/malformed.toml says what must come of each.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import malformed_docx
import malformed_html
import malformed_pdf
import malformed_sheets
import malformed_text

KINDS: Mapping[str, Mapping[str, Callable[[str], bytes]]] = {
    "pdf": malformed_pdf.CASES,
    "html": malformed_html.CASES,
    "docx": malformed_docx.CASES,
    "txt": malformed_text.CASES,
    "md": malformed_text.MARKDOWN,
    "xlsx": malformed_sheets.WORKBOOKS,
    "ods": malformed_sheets.DOCUMENTS,
    "csv": malformed_sheets.SEPARATED,
    "jsonl": malformed_sheets.OUTCOMES,
}


@dataclass(frozen=True)
class Expected:
    """What must come of a file, one of `outcomes`: "read", or an error's name; and words that its text has or not.

    There are two where a limit of memory or time decides, which each machine reaches in its own way.
    """

    outcomes: tuple[str, ...]
    has: str = ""
    has_not: tuple[str, ...] = ()


def names() -> list[str]:
    """Every file of the corpus."""
    return [f"{name}.{kind}" for kind, cases in KINDS.items() for name in cases]


def bytes_of(name: str, address: str) -> bytes:
    """The file's bytes; `address` stands in it wherever something could be asked for over the network."""
    stem, _, kind = name.rpartition(".")
    return KINDS[kind][stem](address)


def expected() -> dict[str, Expected]:
    """By file what must come of it."""
    told = tomllib.loads((Path(__file__).parent / "data" / "malformed.toml").read_text(encoding="utf-8"))
    return {
        f"{name}.{kind}": Expected(
            tuple(one["outcome"].split(" or ")), one.get("has", ""), tuple(one.get("has_not", ()))
        )
        for kind, cases in told.items()
        for name, one in cases.items()
    }
