"""Sound inputs for each target, to begin from: the project's own examples, and small files made here."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from fuzztargets import BETWEEN, NAMES, STORY, outcome

ROOT = Path(__file__).parents[1]
PROSE = "Inspectors were with Leeds City Council from 6 to 10 March 2023. Adoption was judged to be good."

PAGE = """<!DOCTYPE html><html lang="en"><head><title>Leeds rated good</title><meta charset="utf-8">
<meta property="article:published_time" content="2023-05-02T09:00:00Z">
<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2023-05-02"}</script>
<style>.gone { display: none } @media screen { #far { position: absolute; left: -999em } } p { color: #333 }</style>
</head><body style="background: white"><article><h1>Leeds rated good</h1>
<p>Inspectors were with Leeds City Council from 6 to 10 March 2023. They found much to praise.</p>
<p class="gone">Ignore this.</p><p id="far">And this.</p><p style="color: #fff; font-size: 0">And this too.</p>
<ul><li>Adoption: good</li><li>Fostering: outstanding</li></ul>
<table><tr><th>Area</th><th>Grade</th></tr><tr><td>Leadership</td><td>good</td></tr></table>
<!-- a comment --><noscript>No script.</noscript></article></body></html>"""

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MARKUP = "http://schemas.openxmlformats.org/markup-compatibility/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"

BODY = """<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>Leeds rated good</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">Inspectors were with </w:t></w:r>
<w:del><w:r><w:delText>York</w:delText></w:r></w:del><w:ins><w:r><w:t>Leeds City Council</w:t></w:r></w:ins>
<w:r><w:rPr><w:vanish/></w:rPr><w:t> unseen</w:t></w:r>
<w:r><w:footnoteReference w:id="2"/></w:r></w:p>
<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>Adoption</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Leadership</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>good</w:t></w:r></w:p></w:tc></w:tr>
</w:tbl><w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r><w:r>
<w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>"""
STYLES = """<w:style w:type="paragraph" w:styleId="Title"><w:basedOn w:val="Base"/>
<w:rPr><w:sz w:val="32"/></w:rPr></w:style>
<w:style w:type="paragraph" w:default="1" w:styleId="Base"><w:rPr><w:color w:val="000000"/></w:rPr></w:style>"""
NUMBERING = """<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="lowerRoman"/>
<w:lvlText w:val="%1."/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>"""
PART_TEXT = "<w:p><w:r><w:t>Adoption was judged to be good.</w:t></w:r></w:p>"
FOOTNOTES = """<w:footnote w:id="2"><w:p><w:r><w:t>By its own account.</w:t></w:r></w:p></w:footnote>"""


def part(root: str, inner: str) -> str:
    """One part of a Word file."""
    return f'<?xml version="1.0"?><w:{root} xmlns:w="{W}" xmlns:mc="{MARKUP}">{inner}</w:{root}>'


def packed(parts: dict[str, str | bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP archive; stored, not squeezed, so that a changed byte is one in the part itself."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for path, content in parts.items():
            archive.writestr(zipfile.ZipInfo(path), content, method)
    return out.getvalue()


def word(body: str, **parts: str) -> dict[str, str | bytes]:
    """The parts of a Word file with this body."""
    made: dict[str, str | bytes] = {"word/document.xml": part("document", f"<w:body>{body}</w:body>")}
    made |= {f"word/{kind}.xml": part(kind, inner) for kind, inner in parts.items()}
    listed = "".join(
        f'<Relationship Id="r{at}" Type="{OFFICE}/{kind}" Target="{kind}.xml"/>' for at, kind in enumerate(parts)
    )
    made["word/_rels/document.xml.rels"] = f'<Relationships xmlns="{RELATIONS}">{listed}</Relationships>'
    return made


def whole_word() -> dict[str, str | bytes]:
    """A Word file with some of everything."""
    return word(BODY, styles=STYLES, numbering=NUMBERING, footnotes=FOOTNOTES)


def pdf(objects: list[bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of these objects, the first of which is its catalogue, with a true table of where they stand."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start, size = len(out), len(objects) + 1
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    out += b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


def stream(content: bytes, said: bytes = b"") -> bytes:
    """A stream of a PDF."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), said, content)


FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def small_pdf() -> bytes:
    """Two pages with words, unseen words, a running foot and a form."""
    resources = b"/Resources << /Font << /F 3 0 R >> /XObject << /X 8 0 R >> >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R " + resources + b" >>"
    words = b"BT /F 12 Tf 60 780 Td (%s) Tj 1 1 1 rg 0 -20 Td (unseen) Tj 3 Tr 0 -20 Td (nor this) Tj ET /X Do"
    foot = b" BT /F 8 Tf 60 30 Td (Page %d) Tj ET"
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [4 0 R 5 0 R] /Count 2 >>",
            FONT,
            page % 6,
            page % 7,
            stream(words % PROSE.encode() + foot % 1),
            stream(words % b"Fostering was out-" + foot % 2),
            stream(
                b"BT /F 9 Tf 60 400 Td (in a form) Tj ET",
                b"/Subtype /Form /BBox [0 0 500 500] /Resources << /Font << /F 3 0 R >> >>",
            ),
        ]
    )


SHEET = """An overview,,,,
local_authority,inspection_start_date,publication_date,overall_effectiveness_grade,inspector_name
rutland,09/05/2016,2016-07-08,inadequate,tom anthony
leeds,06/03/2023,,good,nan
"""


def _workbook() -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("outcomes")
        for at, line in enumerate(SHEET.splitlines()):
            sheet.write_row(at, 0, line.split(","))
    return repacked(out.getvalue())


def repacked(archive: bytes, **parts: bytes) -> bytes:
    """The archive with its parts stored, and those named put in the place of their own."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return packed({name: opened.read(name) for name in opened.namelist()} | parts)


PROMPT = """name = "mine"
about = "Two steps."
[[steps]]
system = "You mark sentences."
user = "Mark them: $document"
output = "text"
[[steps]]
user = "Fill $schema from $previous and $document for $$5."
[[examples]]
document = "Leeds is good."
reply = '{"records": []}'
"""

RECORD = {
    "authority": {"quote": "children's services in Rutland", "as_written": "Rutland"},
    "overall_grade": {"quote": "requires improvement", "value": "requires improvement"},
    "judgements": [
        {
            "quote": "Adoption performance and the experiences of care leavers were both graded good",
            "area": "Adoption performance",
            "grade": "good",
        }
    ],
    "inspection_start": {"quote": "in November 2016", "words": "November 2016"},
}


def _completion(message: object) -> bytes:
    said = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"prompt_tokens": 9}}
    return json.dumps(said).encode()


def _label() -> bytes:
    from hashlib import sha256

    from smallgold import record_of

    told = {
        "id": "story",
        "document_sha256": sha256(STORY.encode()).hexdigest(),
        "labeller": "nobody",
        "date": "2026-01-01",
        "cluster": "leeds",
        "records": [record_of("Leeds")],
    }
    return json.dumps(told).encode()


def _articles() -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / "examples").glob("*.txt"))] + [PROSE.encode()]


def _texts() -> list[bytes]:
    return [*_articles(), PROSE.encode("utf-16"), "« Très bien », dit-on à Leeds – déjà.".encode("cp1252")]


def _pdfs() -> list[bytes]:
    return [small_pdf(), (ROOT / "examples" / "report.pdf").read_bytes()]


def _pages() -> list[bytes]:
    return [PAGE.encode(), b"<p>Good.", b'<?xml version="1.0" encoding="iso-8859-2"?>' + PAGE.encode("iso-8859-2")]


def _words() -> list[bytes]:
    return [packed(whole_word()), packed(word("<w:p><w:r><w:t>Good.</w:t></w:r></w:p>"), zipfile.ZIP_DEFLATED)]


def _numbered() -> list[bytes]:
    return [bytes([0, 9, 0, 30, 0, 2, 0, 5, 0, 40, 0, 99, 0, 0, 0, 7, 0, 9, 0, 0]) + one for one in _articles()]


SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "text": _texts,
    "markdown": lambda: [*_texts(), b"# Good\n\n* one\n* two\n"],
    "html": _pages,
    "pdf": _pdfs,
    "docx": _words,
    "sniff": lambda: [bytes([at]) + one for at in range(len(NAMES)) for one in (PROSE.encode(), _pages()[0])],
    "folding": _numbered,
    "evidence": _numbered,
    "dates": _numbered,
    "rules": _articles,
    "csv": lambda: [SHEET.encode(), SHEET.replace(",", ";").encode("utf-16")],
    "workbook": lambda: [_workbook()],
    "saved": lambda: [json.dumps(outcome()).encode(), b" " + json.dumps(outcome()).encode()],
    "prompt": lambda: [PROMPT.encode()],
    "reply": lambda: [json.dumps({"records": [RECORD]}).encode() + BETWEEN + b'{"1": null}'],
    "body": lambda: [
        bytes([0]) + BETWEEN + _completion({"content": '```json\n{"records": []}\n```'}),
        bytes([3]) + b"Sun, 22 Nov 2026 09:00:00 GMT" + BETWEEN + b'{"error": {"message": "slow down"}}',
    ],
    "gold": lambda: [_label()],
}


@cache
def seeds(target: str) -> list[bytes]:
    """The sound inputs of a target."""
    return SEEDS[target]()
