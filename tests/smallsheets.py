"""Small Extractions told in a few words, spreadsheets in every format that is read, and the command run on them."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

from extractor.cli import main
from extractor.domain.tables import rows
from extractor.schemas.extraction import Evidence, Extraction, Failure, Source
from extractor.schemas.inspection import InspectionRecord

JSON = dict[str, Any]
Cell = str | int | float | date | None

PAGE = 3
"""The page on which every value of a small Extraction stands."""

_NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
)


def extraction(told: JSON) -> Extraction:
    """One document's Extraction: `document`, and what its one record says; `error` makes it a failed one.

    `council` is a name in the register; `grades` are by area code. The words of a field are "FIELD: VALUE", of a
    judgement "AREA CODE: GRADE", all on page 3.
    """
    said = dict(told)
    path, error = said.pop("document"), said.pop("error", None)
    source = Source(path=path, published=said.pop("document_published", None))
    if error:
        return Extraction(source=source, engine="offline", error=Failure(type="EmptyDocument", message=error))
    council = said.pop("council", None)
    if council:
        row = next(one for one in rows("authorities.csv") if one["name"] == council)
        codes = {"gss_code": row["gss_code"], "la_code": row["la_code"]}
        said["authority"] = {"name": council, "as_written": f"{council} Council", **codes}
    grades = said.pop("grades", {})
    said["judgements"] = [{"area": code, "area_code": code, "grade": grade} for code, grade in grades.items()]
    said["judgements"] += said.pop("more_judgements", [])
    record = InspectionRecord.model_validate({"framework": "ILACS", **said})
    words = [(field, f"{field}: {value}") for field, value in said.items() if isinstance(value, str)]
    words += [("authority", f"{council} Council")] if council else []
    words += [(f"lead_inspectors/{at}", f"lead: {name}") for at, name in enumerate(record.lead_inspectors)]
    words += [(f"judgements/{at}", f"{one.area}: {one.grade}") for at, one in enumerate(record.judgements)]
    evidence = [
        Evidence(
            field=f"/records/0/{field}", quote=quote, spans=[(0, len(quote), PAGE)], verdict="verified", support="yes"
        )
        for field, quote in words
    ]
    return Extraction(source=source, engine="offline", records=[record], evidence=evidence)


def write_lines(path: Path, told: Sequence[JSON]) -> Path:
    """A file of JSON lines as `extractor extract -o` writes it."""
    path.write_text("".join(f"{extraction(one).model_dump_json()}\n" for one in told), encoding="utf-8")
    return path


def write_sheet(path: Path, table: Sequence[Sequence[Cell]], name: str = "outcomes") -> Path:
    """A spreadsheet of one sheet, in the format of the path's suffix."""
    {".csv": _csv, ".xlsx": _xlsx, ".ods": _ods}[path.suffix](path, table, name)
    return path


def _csv(path: Path, table: Sequence[Sequence[Cell]], _: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(table)


def _xlsx(path: Path, table: Sequence[Sequence[Cell]], name: str) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet(name)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for at, row in enumerate(table):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(at, column, cell, day)
                elif cell is not None:
                    sheet.write(at, column, cell)


def _ods(path: Path, table: Sequence[Sequence[Cell]], name: str) -> None:
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in table)
    content = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<office:document-content {_NAMESPACES} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="{name}">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)


def _ods_cell(cell: Cell) -> str:
    if isinstance(cell, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell.isoformat()}"/>'
    if isinstance(cell, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
    if cell is None:
        return "<table:table-cell/>"
    return f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'


@dataclass(frozen=True)
class Ran:
    """What a run of the command left: its exit status and what it printed."""

    status: int
    out: str
    err: str


def command(*arguments: object) -> Ran:
    """Run the command in this process."""
    given, sys.argv = sys.argv, ["extractor", *map(str, arguments)]
    status = 0
    try:
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            try:
                main()
            except SystemExit as end:
                status = int(end.code or 0)
    finally:
        sys.argv = given
    return Ran(status, out.getvalue(), err.getvalue())
