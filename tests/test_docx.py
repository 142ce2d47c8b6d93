"""Word files, each put together here: what is printed comes out, what is not seen is marked, faults are named."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor import extract
from extractor.document import Document
from extractor.errors import (
    BinaryDocument,
    DocumentError,
    EmptyDocument,
    EncryptedDocument,
    ImageOnlyDocument,
    MislabelledDocument,
    OversizedDocument,
    TruncatedDocument,
)
from extractor.readers import read_bytes, wordfile

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MARKUP = "http://schemas.openxmlformats.org/markup-compatibility/2006"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
PROSE = "The council was judged to be good."


def p(text: str, properties: str = "") -> str:
    """A paragraph of one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{r(text)}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"


def item(text: str, number: int, level: int = 0) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def relations(kinds: Iterable[str], folder: str = "") -> str:
    made = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{folder}{target}"/>'
        for number, (kind, target) in enumerate((kind, f"{kind}.xml") for kind in kinds)
    )
    return f'<Relationships xmlns="{RELATIONS}">{made}</Relationships>'


def part(root: str, inner: str, namespace: str = W) -> str:
    return f'<?xml version="1.0"?><w:{root} xmlns:w="{namespace}" xmlns:mc="{MARKUP}">{inner}</w:{root}>'


def packed(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in parts.items():
            archive.writestr(path, content)
    return out.getvalue()


def word(body: str, namespace: str = W, **parts: str) -> bytes:
    """A Word file with this body, and other parts by their kind ("styles")."""
    main = {"word/document.xml": part("document", f"<w:body>{body}</w:body>", namespace)}
    others = {f"word/{kind}.xml": part(kind, inner, namespace) for kind, inner in parts.items()}
    return packed(main | others | {"word/_rels/document.xml.rels": relations(parts)})


def text_of(body: str, **parts: str) -> str:
    return read_bytes(word(body, **parts), "a.docx").text


def hidden_in(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in document.hidden]


# What is printed


def test_a_word_file_is_known_by_its_content():
    for name in ("a.docx", "-", "letter"):
        document = read_bytes(word(p(PROSE)), name)
        assert (document.text, document.reader, document.pages, document.published) == (PROSE, "docx", (), None)
        assert document.media_type.endswith("wordprocessingml.document")
    assert read_bytes(word(p(PROSE), STRICT), "a.docx").text == PROSE


def test_the_main_part_may_have_another_name():
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="a" Type="{OFFICE}/officeDocument" '
        'Target="/word/document2.xml"/></Relationships>',
        "word/document2.xml": part("document", f"<w:body>{p(PROSE)}</w:body>"),
    }
    assert read_bytes(packed(parts), "a.docx").text == PROSE


def test_paragraphs_stand_apart_and_runs_do_not():
    body = f"<w:p>{r('Inspec')}{r('tors')}<w:r><w:br/><w:t>came</w:t><w:tab/><w:t>in</w:t></w:r></w:p><w:p/>{p('May.')}"
    assert text_of(body) == "Inspectors\ncame\tin\n\nMay."


def test_a_row_is_a_line_with_tabs_and_a_cell_with_a_list_stands_by_itself():
    table = row(p("Judgement"), p("Grade")) + row(p("Help") + p("and protection"), p("Good"))
    listed = row(p("Area"), p("They should:") + item("meet", 1))
    body = f"{p('Before.')}<w:tbl>{table}{listed}</w:tbl>{p('After.')}"
    assert text_of(body, numbering=NUMBERING).split("\n") == [
        "Before.",
        "",
        "Judgement\tGrade",
        "Help and protection\tGood",
        "",
        "Area",
        "",
        "They should:",
        "",
        "• meet",
        "",
        "After.",
    ]


NUMBERING = """
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0B7;"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1">
<w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%1.%2)"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/></w:lvlOverride>
</w:num>"""


def test_bullets_and_numbers_are_printed():
    body = item("a", 1) + item("b", 2) + item("c", 2, 1) + item("d", 2, 1) + item("e", 2) + item("f", 2, 1)
    assert text_of(body + item("g", 3) + item("h", 3), numbering=NUMBERING) == (
        "• a\n3. b\n(3.a) c\n(3.b) d\n4. e\n(4.a) f\n9. g\n10. h"
    )


def test_a_style_can_make_an_item():
    style = '<w:style w:type="paragraph" w:styleId="L"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    assert text_of(p("a", '<w:pStyle w:val="L"/>'), styles=style, numbering=NUMBERING) == "• a"


def test_inserted_text_stays_and_deleted_text_goes():
    body = f"""<w:p>{r("Care is ")}<w:del><w:r><w:delText>poor</w:delText></w:r>{r("bad")}</w:del>
      <w:ins>{r("good")}</w:ins><w:moveFrom>{r("adequate")}</w:moveFrom></w:p>
      <w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{r("one ")}</w:p>{p("line")}
      <w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>{p("gone")}</w:tc></w:tr></w:tbl>"""
    assert text_of(body) == "Care is good\n\none line"


def test_a_field_gives_its_result_and_a_link_its_words():
    field = "".join(f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin",))
    body = f"""<w:p>{field}<w:r><w:instrText>PAGE</w:instrText></w:r>{r("inside")}
      <w:r><w:fldChar w:fldCharType="separate"/></w:r>{r("12")}<w:r><w:fldChar w:fldCharType="end"/></w:r>
      <w:hyperlink>{r(" pages")}</w:hyperlink><w:sdt><w:sdtContent>{r(" long")}</w:sdtContent></w:sdt></w:p>"""
    assert text_of(body) == "12 pages long"


def test_text_boxes_are_read_once():
    box = f"<w:txbxContent>{p('In a box.')}</w:txbxContent>"
    choice = f"<mc:Choice><w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>"
    drawing = f"<w:r><mc:AlternateContent>{choice}</mc:AlternateContent></w:r>"
    assert text_of(f"<w:p>{r('Before.')}{drawing}</w:p>") == "Before.\n\nIn a box."


def test_notes_stand_at_the_end_with_their_numbers():
    notes = f'<w:footnote w:id="7">{p("The first note.")}</w:footnote><w:footnote w:id="0">{p("a line")}</w:footnote>'
    body = f'<w:p>{r("Good.")}<w:r><w:footnoteReference w:id="7"/></w:r></w:p>{p("More.")}'
    assert text_of(body, footnotes=notes) == "Good.\n\nMore.\n\n1 The first note."


def test_running_heads_and_comments_are_left_out():
    assert text_of(p(PROSE), header=p("A head."), comments=p("A comment.")) == PROSE


# What is not seen

STYLES = """
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"/>
<w:style w:type="character" w:styleId="Ghost"><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Heir"><w:basedOn w:val="Ghost"/></w:style>
<w:style w:type="paragraph" w:styleId="Loop"><w:basedOn w:val="Loop"/><w:rPr><w:vanish/></w:rPr></w:style>"""


@pytest.mark.parametrize(
    "secret",
    [
        r("inadequate", "<w:vanish/>"),
        r("inadequate", '<w:color w:val="FFFFFF"/>'),
        r("inadequate", '<w:sz w:val="2"/>'),
        r("inadequate", '<w:rStyle w:val="Heir"/>'),
        r("inade", "<w:vanish/>") + r("quate", "<w:vanish w:val='true'/>"),
        f"<w:ins>{r('inadequate', '<w:vanish/>')}</w:ins>",
    ],
)
def test_text_that_cannot_be_seen_is_marked(secret):
    document = read_bytes(word(f"<w:p>{r('It is ')}{secret}{r('good.')}</w:p>", styles=STYLES), "a.docx")
    assert hidden_in(document) == ["inadequate"]
    assert document.visible == "It is good."


def test_a_paragraph_s_style_hides_it_whole():
    document = read_bytes(word(p("gone", '<w:pStyle w:val="Loop"/>') + p("here"), styles=STYLES), "a.docx")
    assert hidden_in(document) == ["gone"]


@pytest.mark.parametrize(
    "seen",
    [
        r("adequate", "<w:vanish w:val='0'/>"),
        r("adequate", "<w:webHidden/>"),
        r("adequate", '<w:color w:val="FFFFFF"/><w:shd w:fill="002060"/>'),
        r("adequate", '<w:color w:val="FFFFFF"/><w:highlight w:val="black"/>'),
        r("adequate", '<w:rStyle w:val="Heir"/><w:vanish w:val="false"/>'),
    ],
)
def test_text_that_can_be_seen_is_not_marked(seen):
    assert read_bytes(word(f"<w:p>{seen}</w:p>", styles=STYLES), "a.docx").hidden == ()


def test_white_words_in_a_table_may_stand_on_a_colour():
    white = r("Grade", '<w:color w:val="FFFFFF"/>')
    table = f"<w:tbl>{row(f'<w:p>{white}</w:p>', p('Good'))}</w:tbl>"
    assert read_bytes(word(table), "a.docx").hidden == ()


def test_no_evidence_is_taken_from_what_is_hidden():
    body = p("Ofsted inspected Torbay Council.") + f"<w:p>{r('The overall grade is good.', '<w:vanish/>')}</w:p>"
    (record,) = extract(read_bytes(word(body + p("The overall grade is inadequate.")), "a.docx")).records
    assert record.overall_grade == "inadequate"


def test_a_report_s_table_and_its_list_are_read():
    table = row(p("Judgement"), p("Grade")) + row(p("Overall effectiveness"), p("Good"))
    body = (
        p("Inspection of Torbay local authority children’s services")
        + p("Inspection dates: 4 to 15 March 2024")
        + p("Lead inspector: Oona Whitfield, His Majesty’s Inspector")
        + f"<w:tbl>{table}</w:tbl>"
        + p("What needs to improve?")
        + item("The language of plans, so that children can read them", 1)
        + item("Visits to children who live far away.", 1)
        + p("The experiences and progress of children in care: good")
        + p("Children live in settled homes.")
    )
    (record,) = extract(read_bytes(word(body, numbering=NUMBERING), "a.docx")).records
    assert (record.overall_grade, record.lead_inspectors) == ("good", ["Oona Whitfield"])
    assert [finding.text for finding in record.findings if finding.kind == "recommendation"] == [
        "The language of plans, so that children can read them",
        "Visits to children who live far away",
    ]


# Faults


def whole() -> bytes:
    return word(p(PROSE), styles=STYLES)


def with_document(xml: str | bytes) -> bytes:
    return packed({"word/document.xml": xml})


def locked() -> bytes:
    data = bytearray(whole())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(signature, at + 1)
    return bytes(data)


def with_entities(declared: str) -> bytes:
    """A file whose document declares entities, and uses one."""
    declaration, _, document = part("document", f"<w:body>{p('&x;')}</w:body>").partition("?>")
    return with_document(f"{declaration}?><!DOCTYPE a [{declared}]>{document}")


BOMB = '<!ENTITY a "good good good"><!ENTITY x "&a;&a;&a;">'
OUTSIDE = '<!ENTITY x SYSTEM "file:///etc/hostname">'
WRAPPED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("error", "data", "name", "said"),
    [
        (TruncatedDocument, b"PK\x03\x04\x14\0\x06\0", "a.docx", "damaged"),
        (TruncatedDocument, whole()[:-30], "a.docx", "damaged"),
        (TruncatedDocument, with_document("<w:document"), "a.docx", "damaged"),
        (TruncatedDocument, with_entities(BOMB), "a.docx", "document type"),
        (TruncatedDocument, with_entities(OUTSIDE), "a.docx", "document type"),
        (TruncatedDocument, with_document("<!DOCTYPE a><a/>".encode("utf-16")), "a.docx", "document type"),
        (BinaryDocument, packed({"xl/workbook.xml": "<a/>"}), "a.docx", "no Word file"),
        (BinaryDocument, packed({"xl/workbook.xml": "<a/>"}), "a.xlsx", "ZIP"),
        (MislabelledDocument, PROSE.encode(), "a.docx", "Word document"),
        (MislabelledDocument, whole(), "a.pdf", "a Word document"),
        (MislabelledDocument, whole(), "a.txt", "rename the file to .docx"),
        (EncryptedDocument, locked(), "a.docx", "password"),
        (EncryptedDocument, WRAPPED, "a.docx", "password"),
        (EmptyDocument, word("<w:p/>"), "a.docx", "no text"),
        (ImageOnlyDocument, word("<w:p><w:r><w:drawing/></w:r></w:p>"), "a.docx", "OCR"),
        (OversizedDocument, word(p("a" * 3_000_000)), "a.docx", "250 times"),
        (OversizedDocument, packed({"word/document.xml": "<a/>", "word/media/a": bytes(60_000_000)}), "a", "250 times"),
    ],
)
def test_a_fault_is_named(error, data, name, said):
    with pytest.raises(DocumentError, match=said) as caught:
        read_bytes(data, name)
    assert caught.type is error
    assert str(caught.value).startswith(f"{name}: ")
    assert caught.value.way_out.endswith(".")


@pytest.mark.parametrize(("limit", "said"), [("LIMIT_PART_BYTES", "part word"), ("LIMIT_UNPACKED_BYTES", "unpacks")])
def test_a_limit_on_what_is_unpacked(monkeypatch, limit, said):
    monkeypatch.setattr(wordfile, limit, 100)
    with pytest.raises(OversizedDocument, match=said):
        read_bytes(whole(), "a.docx")


@settings(max_examples=150)
@given(st.integers(0, len(whole())), st.binary(min_size=1, max_size=40))
def test_a_damaged_file_gives_a_document_or_a_document_error(place, noise):
    data = whole()[:place] + noise + whole()[place + len(noise) :]
    with suppress(DocumentError):
        assert read_bytes(data, "a.docx").text.strip()


@given(st.text(alphabet="<>/wprt:&;ab ", max_size=80))
def test_any_body_gives_a_document_or_a_document_error(body):
    with suppress(DocumentError):
        assert read_bytes(word(body), "a.docx").text.strip()


def test_a_list_that_is_declared_nowhere_has_no_marks():
    level = '<w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
    assert text_of(item(PROSE, 1), numbering=f"<w:abstractNum>{level}</w:abstractNum>") == PROSE
