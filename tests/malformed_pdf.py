"""PDFs that no program should have made, put together object by object."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Mapping

from malformed_zip import packed

WORDS = b"The council was judged to be good."
SHOWN = b"BT /F1 12 Tf 60 700 Td (" + WORDS + b") Tj ET"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"

Objects = dict[int, bytes]


def file_of(
    objects: Mapping[int, bytes], *, trailer: bytes = b"", xref: bytes = b"", head: bytes = b"%PDF-1.7\n"
) -> bytes:
    """A PDF of these objects, its cross-reference table right unless `xref` stands in its place."""
    out = bytearray(head)
    places = {}
    for number, content in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    if not xref:
        xref = b"xref\n0 1\n0000000000 65535 f \n"
        xref += b"".join(b"%d 1\n%010d 00000 n \n" % (number, place) for number, place in places.items())
        xref += b"trailer\n<</Size %d/Root 1 0 R%s>>\n" % (max(objects) + 1, trailer)
    return bytes(out + xref.replace(b"START", b"%d" % start)) + b"startxref\n%d\n%%%%EOF\n" % start


def stream(data: bytes, said: bytes = b"", length: bytes = b"") -> bytes:
    """A stream object; its length is told rightly unless `length` says another."""
    return b"<</Length %s%s>>\nstream\n%s\nendstream" % (length or b"%d" % len(data), said, data)


def deflated(data: bytes, times: int = 1) -> bytes:
    """A stream packed so many times over."""
    for _ in range(times):
        data = zlib.compress(data, 9)
    return stream(data, b"/Filter[%s]" % (b"/FlateDecode " * times))


def one_page(
    content: bytes = b"", *, page: bytes = b"", catalog: bytes = b"", font: bytes = FONT, **more: bytes
) -> Objects:
    """A sound file of one page; `content` is the content stream's whole object, `more` are objects called o6, o7 …"""
    return {
        1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>/XObject<</X 6 0 R>>"
        b"/Pattern<</P 6 0 R>>/ExtGState<</G 6 0 R>>/Properties<</M 6 0 R>>>>%s>>"
        % (page or b"/MediaBox[0 0 595 842]"),
        4: content or stream(SHOWN),
        5: font,
        **{int(name[1:]): one for name, one in more.items()},
    }


def paged(**changed: bytes) -> bytes:
    """The sound file with these objects (o1, o2 …) changed."""
    return file_of(one_page() | {int(name[1:]): one for name, one in changed.items()})


def drawn(content: bytes, **more: bytes) -> bytes:
    """The sound file with this content stream and further objects."""
    return file_of(one_page(stream(content), **more))


def page(said: bytes) -> bytes:
    """The sound file with this in its page's dictionary."""
    return file_of(one_page(page=said))


def catalog(said: bytes, **more: bytes) -> bytes:
    """The sound file with this in its catalogue."""
    return file_of(one_page(catalog=said, **more))


def mapped(cmap: bytes, *, packed_cmap: bool = False) -> bytes:
    """A page of glyphs whose characters the ToUnicode stream tells."""
    font = FONT[:-2] + b"/FirstChar 0/LastChar 255/ToUnicode 6 0 R>>"
    body = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n" + cmap + b"\nendcmap end end"
    return file_of(one_page(font=font, o6=deflated(body) if packed_cmap else stream(body)))


def cid_font(encoding: bytes) -> bytes:
    """A font of many glyphs whose encoding is a stream."""
    inner = b"<</Type/Font/Subtype/CIDFontType2/BaseFont/A/CIDSystemInfo<</Registry(A)/Ordering(B)/Supplement 0>>>>"
    font = b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding 6 0 R/DescendantFonts[7 0 R]>>"
    return file_of(one_page(font=font, o6=encoding, o7=inner))


def form(inner: bytes, resources: bytes = b"") -> bytes:
    """A form that draws `inner`."""
    return stream(inner, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<<%s>>" % resources)


def doubling(levels: int) -> bytes:
    """Forms that each draw the next one twice, the last one the words."""
    forms = {
        f"o{number}": form(b"/X Do /X Do", b"/XObject<</X %d 0 R>>" % (number + 1)) for number in range(6, 6 + levels)
    }
    return drawn(b"/X Do", **forms, **{f"o{6 + levels}": form(SHOWN, b"/Font<</F1 5 0 R>>")})


def chained(levels: int) -> bytes:
    """Forms that each draw the next one."""
    forms = {f"o{number}": form(b"/X Do", b"/XObject<</X %d 0 R>>" % (number + 1)) for number in range(6, 6 + levels)}
    return drawn(SHOWN + b" /X Do", **forms, **{f"o{6 + levels}": form(SHOWN, b"/Font<</F1 5 0 R>>")})


def many_pages(count: int) -> bytes:
    """So many pages, all with the same words."""
    kids = b" ".join(b"%d 0 R" % number for number in range(6, 6 + count))
    pages = {number: one_page()[3] for number in range(6, 6 + count)}
    return file_of(one_page() | {2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count)} | pages)


def deep_tree(levels: int) -> bytes:
    """A tree of pages so many levels deep, with one page."""
    nodes = {
        number: b"<</Type/Pages/Parent %d 0 R/Kids[%d 0 R]/Count 1>>" % (number - 1, number + 1)
        for number in range(7, 7 + levels)
    }
    return file_of(
        one_page()
        | {2: b"<</Type/Pages/Kids[6 0 R]/Count 1>>", 6: b"<</Type/Pages/Parent 2 0 R/Kids[7 0 R]/Count 1>>"}
        | nodes
        | {7 + levels: one_page()[3]}
    )


def xref_stream(rows: list[tuple[int, int, int]], said: bytes = b"") -> bytes:
    """A cross-reference stream object of these rows."""
    data = b"".join(bytes([kind]) + place.to_bytes(4, "big") + bytes([index]) for kind, place, index in rows)
    return stream(data, b"/Type/XRef/W[1 4 1]/Size %d/Root 1 0 R%s" % (len(rows), said))


def stream_in_itself() -> bytes:
    """An object stream that is told to stand in itself, with the catalogue in it."""
    head = b"%PDF-1.7\n"
    inner = b"1 0 6 30 " + b"<</Type/Catalog/Pages 2 0 R>>".ljust(30) + b"<</Type/ObjStm>>"
    out = head + b"6 0 obj\n" + stream(inner, b"/Type/ObjStm/N 2/First 9/Extends 6 0 R") + b"\nendobj\n"
    rows = [(0, 0, 0), (2, 6, 0), (2, 6, 1), (2, 6, 2), (2, 6, 3), (2, 6, 4), (2, 6, 1), (1, len(out), 0)]
    return out + b"7 0 obj\n" + xref_stream(rows) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(out)


def streams_in_each_other() -> bytes:
    """Two object streams, each told to stand in the other."""
    rows = [(0, 0, 0), (2, 6, 0), (2, 7, 0), (2, 6, 1), (2, 7, 1), (2, 6, 2), (2, 7, 0), (2, 6, 0), (1, 9, 0)]
    return b"%PDF-1.7\n8 0 obj\n" + xref_stream(rows) + b"\nendobj\nstartxref\n9\n%%EOF\n"


def sections(trailer: bytes) -> bytes:
    """The sound file, its trailer pointing to an earlier section."""
    return file_of(one_page(), trailer=trailer)


def earlier_section_in_itself() -> bytes:
    """A section whose earlier section is the same one again."""
    whole = file_of(one_page())
    start = whole.rindex(b"xref\n0 1")
    return whole.replace(b"/Root 1 0 R>>", b"/Root 1 0 R/Prev %d>>" % start)


def sections_in_a_ring(count: int) -> bytes:
    """Cross-reference sections that point round in a ring."""
    whole = file_of(one_page())
    start = whole.rindex(b"xref\n0 1")
    body, tail = whole[:start], whole[start : whole.rindex(b"startxref")]
    length = len(tail.replace(b"/Root 1 0 R>>", b"/Root 1 0 R/Prev %010d>>" % 0))
    places = [start + length * at for at in range(count)]
    for place in (*places[1:], places[0]):
        body += tail.replace(b"/Root 1 0 R>>", b"/Root 1 0 R/Prev %010d>>" % place)
    return body + b"startxref\n%d\n%%%%EOF\n" % places[0]


def encrypted(said: bytes) -> bytes:
    """The sound file, said to be encrypted so."""
    return file_of(one_page(), trailer=b"/ID[<00><00>]/Encrypt<<%s>>" % said)


def image(said: bytes, data: bytes = b"\xff" * 64) -> bytes:
    """The words beside an image."""
    return drawn(SHOWN + b" q 100 0 0 100 0 0 cm /X Do Q", o6=stream(data, b"/Type/XObject/Subtype/Image" + said))


ACTION = b"/OpenAction<</S/%s>>"
R4 = b"/R 4/O(" + b"o" * 32 + b")/U(" + b"u" * 32 + b")/P -4/Length 128"

CASES: Mapping[str, Callable[[str], bytes]] = {
    # The tree of pages, and what points round in a ring
    "page-tree-in-itself": lambda _: paged(o2=b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
    "page-tree-in-itself-beside-a-page": lambda _: paged(o2=b"<</Type/Pages/Kids[2 0 R 3 0 R 2 0 R]/Count 3>>"),
    "page-tree-in-a-ring": lambda _: paged(
        o2=b"<</Type/Pages/Kids[6 0 R]/Count 1>>", o6=b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 1>>"
    ),
    "page-tree-10000-deep": lambda _: deep_tree(10_000),
    "page-tree-is-the-catalogue": lambda _: paged(o1=b"<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]/Count 9>>"),
    "pages-counted-as-billions": lambda _: paged(o2=b"<</Type/Pages/Kids[3 0 R]/Count 2147483647>>"),
    "pages-counted-as-1999": lambda _: paged(o2=b"<</Type/Pages/Kids[3 0 R]/Count 1999>>"),
    "pages-counted-below-nothing": lambda _: paged(o2=b"<</Type/Pages/Kids[3 0 R]/Count -1>>"),
    "pages-counted-as-none": lambda _: paged(o2=b"<</Type/Pages/Kids[3 0 R]/Count 0>>"),
    "pages-10000": lambda _: many_pages(10_000),
    "page-a-thousand-times-over": lambda _: paged(o2=b"<</Type/Pages/Kids[%s]/Count 1000>>" % (b"3 0 R " * 1000)),
    "page-with-itself-above": lambda _: paged(o3=b"<</Type/Page/Parent 3 0 R/Contents 4 0 R>>"),
    "page-that-is-no-dictionary": lambda _: paged(o3=b"[3 0 R]"),
    "page-that-is-not-there": lambda _: paged(o2=b"<</Type/Pages/Kids[99 0 R]/Count 1>>"),
    "object-is-itself": lambda _: paged(o4=b"4 0 R"),
    "objects-in-a-ring": lambda _: paged(o4=b"6 0 R", o6=b"7 0 R", o7=b"4 0 R"),
    "resources-in-themselves": lambda _: paged(
        o3=b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources 3 0 R>>"
    ),
    "contents-100000-times": lambda _: paged(
        o3=b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents[%s]>>"
        % (b"4 0 R " * 100_000)
    ),
    "contents-in-themselves": lambda _: paged(o4=b"[4 0 R 4 0 R]"),
    # Cross-references and object streams
    "object-stream-in-itself": lambda _: stream_in_itself(),
    "object-streams-in-each-other": lambda _: streams_in_each_other(),
    "earlier-section-is-itself": lambda _: earlier_section_in_itself(),
    "sections-in-a-ring": lambda _: sections_in_a_ring(50),
    "earlier-section-below-nothing": lambda _: sections(b"/Prev -5"),
    "earlier-section-far-outside": lambda _: sections(b"/Prev 99999999999999999999"),
    "cross-references-by-the-billion": lambda _: file_of(
        one_page(), xref=b"xref\n0 2147483647\n0000000000 65535 f \ntrailer\n<</Size 2147483647/Root 1 0 R>>\n"
    ),
    "cross-reference-stream-of-billions": lambda _: file_of(
        one_page(), xref=b"9 0 obj\n" + xref_stream([(1, 9, 0)], b"/Index[0 2147483647]") + b"\nendobj\n"
    ),
    "cross-references-are-missing": lambda _: file_of(one_page(), xref=b"\n"),
    "sound-file-without-its-end": lambda _: file_of(one_page())[:-20],
    "header-only": lambda _: b"%PDF-1.7\n",
    "header-and-end-only": lambda _: b"%PDF-1.7\nstartxref\n0\n%%EOF",
    "starts-20-times": lambda _: b"%PDF-1.7\n" * 20 + file_of(one_page()),
    # Sizes
    "no-size-of-page": lambda _: page(b"/Rotate 0"),
    "page-a-billion-points-wide": lambda _: page(b"/MediaBox[0 0 1000000000 1000000000]"),
    "page-of-no-numbers": lambda _: page(b"/MediaBox[0 0 (a) /b]"),
    "page-turned-inside-out": lambda _: page(b"/MediaBox[595 842 0 0]/CropBox[-1e38 1e38 nan inf]/Rotate 37"),
    "page-of-endless-units": lambda _: page(b"/MediaBox[0 0 595 842]/UserUnit 1000000000000"),
    "letters-of-1e38-points": lambda _: drawn(b"BT /F1 1e38 Tf 1e38 0 0 1e38 1e38 1e38 Tm (" + WORDS + b") Tj ET"),
    "letters-of-no-size": lambda _: drawn(b"BT /F1 0 Tf 60 700 Td (" + WORDS + b") Tj ET"),
    "numbers-of-100000-digits": lambda _: drawn(SHOWN + b" " + b"9" * 100_000 + b" 0 m"),
    # Streams
    "length-below-nothing": lambda _: paged(o4=stream(SHOWN, length=b"-1")),
    "length-of-gigabytes": lambda _: paged(o4=stream(SHOWN, length=b"4294967296")),
    "length-is-the-stream-itself": lambda _: paged(o4=stream(SHOWN, length=b"4 0 R")),
    "deflated-1000-to-1": lambda _: file_of(one_page(deflated(SHOWN + b" " * 100_000_000))),
    "deflated-three-times-over": lambda _: file_of(one_page(deflated(SHOWN + b" " * 100_000_000, 3))),
    "filters-a-thousand": lambda _: paged(o4=stream(SHOWN, b"/Filter[%s]" % (b"/ASCIIHexDecode " * 1000))),
    "filter-unknown": lambda _: paged(o4=stream(SHOWN, b"/Filter/None")),
    "predictor-of-billions-of-columns": lambda _: paged(
        o4=stream(
            zlib.compress(SHOWN), b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 2147483647/Colors 32>>"
        )
    ),
    "operators-20-megabytes": lambda _: file_of(one_page(deflated(SHOWN + b" 0 0 m 1 1 l S" * 1_500_000))),
    "operators-100-megabytes": lambda _: file_of(one_page(deflated(SHOWN + b" 0 0 m 1 1 l S" * 7_200_000))),
    "words-100000-times-on-a-page": lambda _: file_of(one_page(deflated((SHOWN + b"\n") * 100_000))),
    "letters-by-themselves-1000000": lambda _: file_of(
        one_page(deflated(b"BT /F1 9 Tf 60 700 Td " + b"(a) Tj " * 1_000_000 + b"ET"))
    ),
    "letters-white-and-black-in-turns": lambda _: file_of(
        one_page(deflated(b"BT /F1 9 Tf 60 700 Td " + b"1 g (hid) Tj 0 g (seen) Tj " * 20_000 + b"ET"))
    ),
    "state-saved-a-million-times": lambda _: file_of(one_page(deflated(b"q " * 1_000_000 + SHOWN))),
    "arrays-100000-deep": lambda _: drawn(SHOWN + b"[" * 100_000),
    "dictionaries-100000-deep": lambda _: catalog(b"/A" + b"<</A" * 100_000 + b"1" + b">>" * 100_000),
    "a-name-of-a-megabyte": lambda _: catalog(b"/" + b"A" * 1_000_000 + b" 1"),
    "a-string-of-5-megabytes": lambda _: drawn(b"BT /F1 9 Tf (" + b"good " * 1_000_000 + b") Tj ET"),
    "a-string-without-an-end": lambda _: drawn(SHOWN + b"(" * 100_000),
    "inline-image-of-billions": lambda _: drawn(SHOWN + b" BI /W 2147483647 /H 2147483647 /BPC 8 /CS /RGB ID x EI"),
    "image-of-billions": lambda _: image(
        b"/Width 2000000000/Height 2000000000/BitsPerComponent 8/ColorSpace/DeviceRGB"
    ),
    "image-of-10000-megapixels": lambda _: image(
        b"/Width 100000/Height 100000/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/FlateDecode",
        zlib.compress(bytes(30_000_000)),
    ),
    "image-in-jbig2-of-noise": lambda _: image(
        b"/Width 60000/Height 60000/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/JBIG2Decode", bytes(range(256)) * 9
    ),
    "colour-space-in-itself": lambda _: drawn(
        SHOWN + b" /X Do",
        o6=stream(b"x", b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace 7 0 R"),
        o7=b"[/Indexed 7 0 R 255 7 0 R]",
    ),
    # Fonts
    "characters-that-are-halves": lambda _: mapped(b"1 beginbfrange <00> <FF> <D800> endbfrange"),
    "characters-that-are-halves-the-wrong-way": lambda _: mapped(b"1 beginbfrange <00> <FF> <DC00D800> endbfrange"),
    "characters-of-a-megabyte": lambda _: mapped(
        b"1 beginbfchar <67> <" + b"0041" * 500_000 + b"> endbfchar", packed_cmap=True
    ),
    "characters-for-nothing": lambda _: mapped(b"1 beginbfrange <00> <FF> <0000> endbfrange"),
    "characters-by-the-million": lambda _: mapped(
        b"1 beginbfrange <0000> <FFFF> <0041> endbfrange\n" * 200, packed_cmap=True
    ),
    "characters-by-the-billion": lambda _: mapped(b"1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange"),
    "characters-told-by-themselves": lambda _: file_of(
        one_page(font=FONT[:-2] + b"/ToUnicode 6 0 R>>", o6=stream(b"begincmap endcmap", b"/UseCMap 6 0 R"))
    ),
    "encoding-uses-itself": lambda _: cid_font(stream(b"begincmap /A usecmap endcmap", b"/CMapName/A/UseCMap 6 0 R")),
    "encoding-of-billions": lambda _: cid_font(stream(b"1 begincidrange <00000000> <FFFFFFFF> 0 endcidrange")),
    "font-in-itself": lambda _: paged(o5=b"<</Type/Font/Subtype/Type0/BaseFont/A/DescendantFonts[5 0 R]>>"),
    "font-program-of-noise": lambda _: file_of(
        one_page(
            font=FONT[:-2].replace(b"Type1", b"TrueType") + b"/FontDescriptor 6 0 R>>",
            o6=b"<</Type/FontDescriptor/FontName/A/FontFile2 7 0 R>>",
            o7=stream(b"\0\1\0\0" + bytes(range(256)) * 99),
        )
    ),
    "font-drawn-with-itself": lambda _: file_of(
        one_page(
            font=b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/CharProcs<</a 6 0 R>>"
            b"/Encoding<</Differences[0" + b"/a" * 256 + b"]>>/FirstChar 0/LastChar 255"
            b"/Resources<</Font<</F1 5 0 R>>>>>>",
            o6=stream(b"9 0 d0 " + SHOWN),
        )
    ),
    "no-font-at-all": lambda _: paged(o5=b"null"),
    # Forms, patterns, marks
    "forms-doubling-30-times": lambda _: doubling(30),
    "forms-doubling-12-times": lambda _: doubling(12),
    "form-draws-itself": lambda _: drawn(SHOWN + b" /X Do", o6=form(b"/X Do /X Do", b"/XObject<</X 6 0 R>>")),
    "forms-draw-each-other": lambda _: drawn(
        SHOWN + b" /X Do",
        o6=form(b"/X Do", b"/XObject<</X 7 0 R>>"),
        o7=form(b"/X Do " + SHOWN, b"/XObject<</X 6 0 R>>/Font<</F1 5 0 R>>"),
    ),
    "forms-10000-deep": lambda _: chained(10_000),
    "pattern-in-itself": lambda _: drawn(
        b"/Pattern cs /P scn 0 0 595 842 re f " + SHOWN,
        o6=stream(
            b"/Pattern cs /P scn 0 0 9 9 re f",
            b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 1e-9/YStep 1e-9"
            b"/Resources<</Pattern<</P 6 0 R>>>>",
        ),
    ),
    "mask-in-itself": lambda _: drawn(
        b"/G gs " + SHOWN, o6=b"<</SMask<</S/Luminosity/G 7 0 R>>>>", o7=form(b"/G gs", b"/ExtGState<</G 6 0 R>>")
    ),
    "layers-in-a-ring": lambda _: catalog(
        b"/OCProperties<</OCGs[6 0 R]/D<</Order[7 0 R]>>>>",
        o6=b"<</Type/OCMD/OCGs 6 0 R/VE 7 0 R>>",
        o7=b"[/And 7 0 R 7 0 R]",
    ),
    "structure-in-itself": lambda _: catalog(
        b"/MarkInfo<</Marked true>>/StructTreeRoot 6 0 R", o6=b"<</K 6 0 R/ParentTree 6 0 R/Kids[6 0 R]>>"
    ),
    "outline-in-a-ring": lambda _: catalog(b"/Outlines 6 0 R", o6=b"<</First 6 0 R/Last 6 0 R/Next 6 0 R/Title(a)>>"),
    "names-in-a-ring": lambda _: catalog(b"/Names<</Dests 6 0 R/JavaScript 6 0 R>>", o6=b"<</Kids[6 0 R 6 0 R]>>"),
    "notes-100000": lambda _: page(
        b"/MediaBox[0 0 595 842]/Annots[%s]" % (b"<</Subtype/Link/Rect[0 0 9 9]/Parent 3 0 R>>" * 100_000)
    ),
    "field-in-itself": lambda _: catalog(
        b"/AcroForm<</Fields[6 0 R]/XFA 6 0 R>>", o6=b"<</FT/Tx/Kids[6 0 R]/Parent 6 0 R/T(a)>>"
    ),
    # What a program could be made to do
    "javascript-on-opening": lambda out: catalog(
        ACTION % b"JavaScript/JS(app.launchURL\\('%s'\\);while\\(true\\){})" % out.encode()
    ),
    "javascript-on-every-page": lambda _: page(
        b"/MediaBox[0 0 595 842]/AA<</O<</S/JavaScript/JS(while\\(true\\){})>>>>"
    ),
    "launch-on-opening": lambda _: catalog(ACTION % b"Launch/F(/bin/sh)/Win<</F(cmd.exe)/P(/c calc)>>"),
    "address-on-opening": lambda out: catalog(ACTION % b"URI/URI(%s)" % out.encode()),
    "goes-to-another-file": lambda _: catalog(ACTION % b"GoToR/F(//192.0.2.1/share/a.pdf)/D[0/Fit]"),
    "sends-its-form": lambda out: catalog(ACTION % b"SubmitForm/F(%s)" % out.encode()),
    "stream-in-another-file": lambda _: paged(o4=stream(b"", b"/F(canary.txt)/FFilter/ASCIIHexDecode")),
    "picture-in-another-file": lambda out: image(b"/Width 9/Height 9/F<</FS/URL/F(%s)>>" % out.encode()),
    "file-embedded": lambda _: catalog(
        b"/Names<</EmbeddedFiles<</Names[(../../x)6 0 R]>>>>",
        o6=b"<</Type/Filespec/F(../../x)/EF<</F 7 0 R>>>>",
        o7=stream(b"MZ embedded"),
    ),
    "form-in-xml": lambda _: catalog(
        b"/NeedsRendering true/AcroForm<</XFA[(template)6 0 R]>>",
        o6=stream(b'<!DOCTYPE a[<!ENTITY b SYSTEM "canary.txt">]><a>&b;</a>'),
    ),
    # Encryption
    "encrypted-by-nobody-known": lambda _: encrypted(b"/Filter/Nobody/V 9"),
    "encrypted-with-a-password": lambda _: encrypted(b"/Filter/Standard/V 2" + R4.replace(b"4", b"3", 1)),
    "encrypted-by-a-ring": lambda _: encrypted(b"/Filter/Standard/V 4/CF<</StdCF 4 0 R>>/StmF/StdCF" + R4),
    "encryption-of-billions-of-bits": lambda _: encrypted(b"/Filter/Standard/V 2/R 3/O()/U()/P 0/Length 2147483647"),
    # Two formats in one
    "web-page-in-front-of-it": lambda _: b"<!doctype html><html><script>alert(1)</script>" + file_of(one_page()),
    "web-page-within-it": lambda _: file_of(one_page(), head=b"%PDF-1.7\n<!doctype html><html><body>x</body></html>\n"),
    "zip-archive-at-its-end": lambda _: file_of(one_page()) + packed({"word/document.xml": "<a/>"}),
    "pdf-in-a-pdf": lambda _: file_of(one_page()) + file_of(one_page(stream(SHOWN.replace(b"good", b"inadequate")))),
    "pdfs-a-hundred": lambda _: b"".join(itertools.repeat(file_of(one_page()), 100)),
    "noise-in-every-tenth-byte": lambda _: bytes(
        (at * 37) % 256 if at % 10 == 9 else byte for at, byte in enumerate(file_of(one_page()))
    ),
}
"""By name what makes the bytes, given an address that nobody may ask for."""
