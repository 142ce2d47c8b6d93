"""Spreadsheets to hold outcomes against, and saved outcomes, that nobody should have made."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from malformed_zip import Entry, packed, told

HEADER = "Local Authority,Inspection date,Overall effectiveness"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KINDS = "http://schemas.openxmlformats.org/package/2006/content-types"


def cell(text: str, place: str) -> str:
    """A cell of text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


ROW = '<row r="1">' + "".join(map(cell, HEADER.split(","), ("A1", "B1", "C1"))) + "</row>"


def workbook(rows: str, *, before: str = "", more: Mapping[str, str | bytes] | None = None) -> bytes:
    """A workbook of one sheet: the header's row and these."""
    return packed(parts(rows, before) | dict(more or {}))


def parts(rows: str, before: str = "") -> dict[str, str | bytes]:
    """The parts of such a workbook."""
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{ROW}{rows}</sheetData></worksheet>'
    return {
        "[Content_Types].xml": f'<Types xmlns="{KINDS}"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="a" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?>{before}{sheet}',
    }


def document(rows: str, before: str = "") -> bytes:
    """An OpenDocument spreadsheet of these rows."""
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="a">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    return packed({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content})


TEXT = '<table:table-cell office:value-type="string"><text:p>good</text:p></table:table-cell>'
LAUGHS = "".join(f'<!ENTITY l{at} "' + f"&l{at - 1};" * 10 + '">' for at in range(1, 10))

WORKBOOKS: Mapping[str, Callable[[str], bytes]] = {
    "cell-far-outside": lambda _: workbook(f'<row r="1048576">{cell("good", "XFD1048576")}</row>'),
    "cells-of-32-megabytes": lambda _: workbook(f'<row r="2">{cell("good " * 6_000_000, "A2")}</row>'),
    "formulas-and-links": lambda out: workbook(
        f'<row r="2"><c r="A2"><f>WEBSERVICE("{out}")</f><v>1</v></c><c r="B2" t="str"><f>cmd|"/c calc"!A1</f>'
        "<v>good</v></c></row>"
    ),
    "link-to-another-book": lambda out: workbook(
        '<row r="2"><c r="A2"><f>[1]a!A1</f><v>1</v></c></row>',
        more={"xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}" r="{out}"/>'},
    ),
    "zeros-1000-to-1": lambda _: workbook("", more={"xl/media/a": bytes(100_000_000)}),
    "sheet-of-zeros-1000-to-1": lambda _: packed(parts("") | {"xl/worksheets/sheet1.xml": bytes(200_000_000)}),
    "entities-that-multiply": lambda _: workbook(
        f'<row r="2">{cell("&l9;", "A2")}</row>', before=f'<!DOCTYPE a [<!ENTITY l0 "good">{LAUGHS}]>'
    ),
    "entity-of-a-file": lambda _: workbook(
        f'<row r="2">{cell("&x;", "A2")}</row>', before='<!DOCTYPE a [<!ENTITY x SYSTEM "canary.txt">]>'
    ),
    "elements-100000-deep": lambda _: workbook("<row>" * 100_000),
    "strings-by-the-billion": lambda _: workbook(
        '<row r="2"><c r="A2" t="s"><v>999999999</v></c></row>',
        more={"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}" count="2147483647" uniqueCount="2147483647"/>'},
    ),
    "no-workbook": lambda _: packed({"xl/other.xml": "<a/>"}),
    "parts-of-wrong-size": lambda _: told([Entry(path, str(one).encode(), size=5) for path, one in parts("").items()]),
    "noise": lambda _: b"PK\3\4" + bytes(range(256)) * 100,
}
"""By name what makes an .xlsx file, given an address that nobody may ask for."""

DOCUMENTS: Mapping[str, Callable[[str], bytes]] = {
    "rows-repeated-by-the-billion": lambda _: document(
        f'<table:table-row table:number-rows-repeated="2147483647">{TEXT}</table:table-row>'
    ),
    "cells-repeated-by-the-billion": lambda _: document(
        "<table:table-row>"
        + TEXT.replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="2147483647"')
        + "</table:table-row>"
    ),
    "entities-that-multiply": lambda _: document("", before=f'<!DOCTYPE a [<!ENTITY l0 "good">{LAUGHS}]>'),
    "content-missing": lambda _: packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
}
"""The same of .ods."""

SEPARATED: Mapping[str, Callable[[str], bytes]] = {
    "cell-of-a-megabyte": lambda _: f"{HEADER}\n{'good ' * 200_000},,\n".encode(),
    "quote-never-closed": lambda _: (f'{HEADER}\n"' + "good\n" * 50_000).encode(),
    "quotes-only": lambda _: b'"' * 1_000_000,
    "commas-only": lambda _: b"," * 5_000_000,
    "nuls": lambda _: f"{HEADER}\na\0,b,c\n".encode(),
    "formulas": lambda _: f"{HEADER}\n=cmd|'/c calc'!A1,2024-01-01,@SUM(A1)\n".encode(),
    "rows-300000": lambda _: (f"{HEADER}\n" + "Leeds,2024-01-01,good\n" * 300_000).encode(),
    "halves-of-characters": lambda _: f"{HEADER}\n\ud800,b,c\n".encode("utf-8", "surrogatepass"),
}
"""The same of .csv."""

OUTCOMES: Mapping[str, Callable[[str], bytes]] = {
    "lists-100000-deep": lambda _: b"[" * 100_000,
    "line-of-50-megabytes": lambda _: b'{"records": "' + b"a" * 50_000_000 + b'"}\n',
    "number-of-100000-digits": lambda _: b'{"schema_version": ' + b"9" * 100_000 + b"}\n",
    "keys-twice": lambda _: b'{"engine": "offline", "engine": "llm"}\n',
    "not-a-number": lambda _: b'{"usage": NaN, "records": [Infinity]}\n',
    "half-characters": lambda _: b'{"source": {"path": "\\ud800"}, "engine": "offline", "records": []}\n',
    "half-a-line": lambda _: b'{"source": {"path": "a.pdf"',
    "nuls": lambda _: bytes(100_000),
    "empty-lines-a-million": lambda _: b"\n" * 1_000_000,
    "noise": lambda _: bytes(range(256)) * 1000,
}
"""The same of .jsonl."""
