"""Inputs for each target as hypothesis draws them: whole PDFs of objects, web pages of tags, Word files of parts."""

from __future__ import annotations

import copy
import json
import tomllib
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

from fuzzseeds import FONT, FOOTNOTES, NUMBERING, PART_TEXT, STYLES, packed, part, pdf, seeds, stream, word
from fuzztargets import BETWEEN
from hypothesis import strategies as st

Bytes = st.SearchStrategy[bytes]
Draw = Any

_LISTS = tomllib.loads((Path(__file__).parent / "data" / "fuzz_shapes.toml").read_text(encoding="utf-8"))


def _listed(name: str) -> st.SearchStrategy[str]:
    """One of a list in the data file."""
    return st.sampled_from(_LISTS[name].split() if isinstance(_LISTS[name], str) else _LISTS[name])


WORDS = _listed("words") | _listed("odd_words")
TEXTS = st.lists(WORDS | st.text(max_size=8), max_size=60).map(" ".join)
LINES = st.lists(WORDS, max_size=12).map(" ".join)
ODD_NUMBERS = st.sampled_from([0, 1, -1, 2, 7, 255, 65535, 2**31 - 1, -(2**31), 2**63, 0.5, -0.0, 1e38, 1e-9])
NUMBERS = st.integers(-50, 900) | ODD_NUMBERS
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "iso-8859-2", "utf-7")


# ── Changes of sound inputs ────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def changed(draw: Draw, inputs: Bytes, most: int = 4) -> bytes:
    """An input with a few of its bytes taken out, put in, doubled or moved."""
    data = draw(inputs)
    for _ in range(draw(st.integers(0, most))):
        at = draw(st.integers(0, len(data)))
        reach = min(len(data), at + draw(st.sampled_from([0, 1, 2, 5, 40, 1000])))
        new = draw(
            st.sampled_from([b"", b"\0", b"\xff", b"<", b">", b" ", b"9", data[at:reach] * 2]) | st.binary(max_size=6)
        )
        data = data[:at] + new + data[reach:]
    return data


def _seeds(target: str) -> Bytes:
    return st.deferred(lambda: st.sampled_from(seeds(target)))


def _encoded(texts: st.SearchStrategy[str]) -> Bytes:
    return st.builds(lambda text, name: text.encode(name, "replace"), texts, st.sampled_from(ENCODINGS))


def _numbered(texts: st.SearchStrategy[str], count: int) -> Bytes:
    """Numbers before a text, as fuzztargets takes them; surrogates stand in it as bytes that are no UTF-8."""
    return st.builds(
        lambda numbers, text: b"".join(one.to_bytes(2, "big") for one in numbers) + text.encode("utf-8", "replace"),
        st.lists(st.integers(0, 400) | st.integers(0, 65535), min_size=count, max_size=count),
        texts,
    )


# ── PDF ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_REFERENCES = st.integers(0, 12).map(lambda number: b"%d 0 R" % number)
_RECTANGLES = st.lists(NUMBERS, min_size=4, max_size=4) | st.just([0, 0, 595, 842])
_TEXT_BYTES = LINES.map(lambda text: text.encode("cp1252", "replace")) | st.binary(max_size=12)
_FILTERS: dict[bytes, Callable[[bytes], bytes]] = {
    b"": bytes,
    b"/Filter /FlateDecode": zlib.compress,
    b"/Filter /ASCIIHexDecode": lambda data: data.hex().encode() + b">",
    b"/Filter [/ASCIIHexDecode /FlateDecode]": lambda data: zlib.compress(data).hex().encode(),
    b"/Filter /LZWDecode": bytes,
    b"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >>": zlib.compress,
}


def _shown(value: Any) -> bytes:
    """A Python value as a PDF writes it."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, list):
        return b"[" + b" ".join(map(_shown, value)) + b"]"
    if isinstance(value, dict):
        return b"<< " + b" ".join(_shown(key) + b" " + _shown(one) for key, one in value.items()) + b" >>"
    return str(value).encode()


def _string(text: bytes) -> bytes:
    return b"(" + text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")"


@st.composite
def _operators(draw: Draw) -> bytes:
    """What is drawn on a page: text in many states, forms, shapes, pictures in line, and now and then nonsense."""
    made = []
    for _ in range(draw(st.integers(0, 12))):
        kind = draw(st.integers(0, 11))
        if kind <= 4:
            at = b"%d %d Td" % (draw(st.sampled_from([60, 0, -900])), draw(st.integers(-20, 830)))
            size = _shown(draw(st.sampled_from([12, 8, 0.5, 0, -3, 1e9])))
            font = draw(st.sampled_from([b"/F", b"/G", b"/None"]))
            made.append(b"BT %s %s Tf %s %s Tj ET" % (font, size, at, _string(draw(_TEXT_BYTES))))
        elif kind == 5:
            made.append(
                draw(st.sampled_from([b"1 1 1 rg", b"0 g", b"3 Tr", b"0 Tr", b"7 Tr", b"1 g", b"0 0 0 0 k", b"/GS gs"]))
            )
        elif kind == 6:
            made.append(b"%s Do" % draw(st.sampled_from([b"/X", b"/I", b"/None"])))
        elif kind == 7:
            numbers = b" ".join(map(_shown, draw(st.lists(NUMBERS, min_size=4, max_size=6))))
            made.append(
                numbers + b" " + draw(st.sampled_from([b"re f", b"cm", b"re W n", b"Tm", b"c S", b"d0", b"scn"]))
            )
        elif kind == 8:
            made.append(
                draw(
                    st.sampled_from([b"q", b"Q", b"BT", b"ET", b"q " * 40, b"Q " * 9, b"/P << /MCID 0 >> BDC", b"EMC"])
                )
            )
        elif kind == 9:
            pieces = draw(st.lists(_TEXT_BYTES.map(_string) | NUMBERS.map(_shown), max_size=5))
            made.append(b"BT /F 10 Tf 60 %d Td [%s] TJ (next) ' ET" % (draw(st.integers(0, 800)), b" ".join(pieces)))
        elif kind == 10:
            made.append(b"BI /W 2 /H 2 /BPC 8 /CS /G ID %s EI" % draw(st.binary(max_size=6)))
        else:
            made.append(draw(st.binary(max_size=12)))
    return b"\n".join(made)


@st.composite
def _streams(draw: Draw, content: Bytes, said: bytes = b"") -> bytes:
    name = draw(st.sampled_from([b"", b"", *_FILTERS]))
    made = stream(_FILTERS[name](draw(content)), b"%s %s" % (name, said))
    return (
        made
        if draw(st.integers(0, 9))
        else made.replace(b"/Length ", b"/Length " + draw(st.sampled_from([b"-", b"9", b"1 0 R %"])))
    )


_CMAPS = st.lists(
    st.builds(
        lambda low, to: b"<%02x> <%02x> <%s>" % (low, min(255, low + 3), to.hex().encode()),
        st.integers(0, 252),
        st.sampled_from(
            [b"\0A", b"\xd8\x01", b"\0\0", b"\xff\xfe", b"\0\xad", b"\xdc\x00\xd8\x00", b"\0f\0i", b"\0A" * 200]
        )
        | st.binary(max_size=4),
    ),
    max_size=4,
).map(
    lambda ranges: (
        b"1 begincodespacerange <00> <ff> endcodespacerange %d beginbfrange %s endbfrange"
        % (len(ranges), b" ".join(ranges))
    )
)


def _calls_once(form: bytes) -> bytes:
    """A form that calls itself twice takes PDFium all the memory there is, which tests/malformed.py knows."""
    first, call, rest = form.partition(b"/X Do")
    return first + call + rest.replace(b"/X Do", b"/I Do")


@st.composite
def pdfs(draw: Draw) -> bytes:
    """A PDF of a catalogue, pages, fonts, a form and a picture, any of which may be odd or missing."""
    count = draw(st.integers(1, 3))
    first = 9
    resources = b"<< /Font << /F 3 0 R /G 4 0 R >> /XObject << /X 5 0 R /I 6 0 R >> /ExtGState << /GS << /ca 0 >> >> >>"
    kids = [b"%d 0 R" % (first + 2 * at) for at in range(count)]
    if draw(st.integers(0, 9)) == 0:
        kids += draw(st.lists(_REFERENCES, max_size=3))
    told = draw(st.sampled_from([count, count, count, count, 0, -1, 9, 2**31]))
    objects = [
        _shown({b"/Type": b"/Catalog", b"/Pages": b"2 0 R"} | draw(_extras())),
        _shown({b"/Type": b"/Pages", b"/Kids": kids, b"/Count": told, b"/Resources": resources}),
        FONT,
        _shown(
            {
                b"/Type": b"/Font",
                b"/Subtype": draw(st.sampled_from([b"/TrueType", b"/Type0", b"/Type3", b"/Type1"])),
                b"/BaseFont": b"/Odd",
            }
            | {
                b"/ToUnicode": b"7 0 R",
                b"/Encoding": draw(st.sampled_from([b"/WinAnsiEncoding", b"/Identity-H", b"7 0 R", b"null"])),
            }
            | {b"/DescendantFonts": b"[3 0 R]", b"/CharProcs": b"<< /a 5 0 R >>", b"/FontMatrix": b"[1 0 0 1 0 0]"}
        ),
        draw(_streams(_operators().map(_calls_once), b"/Subtype /Form /BBox [0 0 600 900] /Resources " + resources)),
        draw(
            _streams(
                st.binary(max_size=12),
                b"/Subtype /Image /Width 2 /Height 2 /BitsPerComponent 8 /ColorSpace /DeviceGray",
            )
        ),
        draw(_streams(_CMAPS)),
        _shown(draw(_extras())),
    ]
    for at in range(count):
        page = {b"/Type": b"/Page", b"/Parent": b"2 0 R", b"/Contents": b"%d 0 R" % (first + 2 * at + 1)}
        page[b"/MediaBox"] = draw(_RECTANGLES)
        objects += [_shown(page | draw(_extras())), draw(_streams(_operators()))]
    made = pdf(
        objects, draw(st.sampled_from([b"/Root 1 0 R"] * 8 + [b"/Root 2 0 R", b"/Root 1 0 R /Prev 9 /Encrypt 8 0 R"]))
    )
    return made if draw(st.booleans()) else draw(changed(st.just(made), 3))


_KEYS = (
    b"/Rotate",
    b"/CropBox",
    b"/Annots",
    b"/Resources",
    b"/Parent",
    b"/Contents",
    b"/UserUnit",
    b"/Kids",
    b"/Names",
    b"/OpenAction",
)


def _extras() -> st.SearchStrategy[dict[bytes, Any]]:
    """Odd entries of a dictionary: mostly none."""
    values = (
        NUMBERS
        | _REFERENCES
        | _RECTANGLES
        | st.lists(_REFERENCES, max_size=3)
        | st.sampled_from([b"null", b"<<", b"(x)", b"/Name"])
    )
    return st.just({}) | st.just({}) | st.dictionaries(st.sampled_from(_KEYS), values, max_size=2)


# ── Web pages ──────────────────────────────────────────────────────────────────────────────────────────────────────

_DECLARATIONS = st.lists(st.builds("{}:{}".format, _listed("properties"), _listed("values") | LINES), max_size=3).map(
    ";".join
)
_SELECTORS = st.lists(
    st.sampled_from(
        [
            "p",
            ".a",
            "#b",
            "*",
            "p.a",
            "div > p",
            ":root",
            "@media print",
            "@media screen",
            "@layer x",
            "@supports (x)",
            "",
        ]
    ),
    min_size=1,
    max_size=3,
).map(",".join)
_SHEETS = st.recursive(
    st.builds("{} {{{}}}".format, _SELECTORS, _DECLARATIONS)
    | st.sampled_from(["{", "}", "/*", "*/", "<!--", "@import 'x';", "a{b{c"]),
    lambda inner: st.lists(inner, max_size=4).map(lambda rules: "@media screen {" + " ".join(rules) + "}"),
    max_leaves=6,
)
_DATES = st.sampled_from(
    ["2023-05-02", "2023-05-02T09:00:00Z", "2023-13-99", "0000-00-00", "٢٠٢٣-٠٥-٠٢", "yesterday", ""]
)
_HEADS = st.lists(
    st.builds("<style>{}</style>".format, _SHEETS)
    | st.builds('<meta property="article:published_time" content="{}">'.format, _DATES)
    | st.builds('<script type="application/ld+json">{{"datePublished": "{}"}}</script>'.format, _DATES)
    | st.sampled_from(
        [
            "<script type='application/ld+json'>" + "[" * 2000 + "</script>",
            '<meta charset="utf-16">',
            '<meta charset="koi8-r">',
            "<base href=x>",
        ]
    ),
    max_size=3,
).map("".join)
_ATTRIBUTES = st.lists(
    st.builds('style="{}"'.format, _DECLARATIONS)
    | st.sampled_from(
        [
            'class="a"',
            'id="b"',
            "hidden",
            "class='a a b'",
            'datetime="2023-05-02" pubdate',
            'xml:lang="x"',
            '="',
            "a=\x01",
            "\0=1",
        ]
    ),
    max_size=2,
).map(" ".join)


def _element(tag: str, attributes: str, inner: list[str], closed: int) -> str:
    return f"<{tag} {attributes}>{''.join(inner)}" + (f"</{tag}>" if closed else "")


_NODES = st.recursive(
    LINES
    | st.sampled_from(
        [
            "<!-- x -->",
            "<!--",
            "&amp;",
            "&#0;",
            "&#xd800;",
            "&nosuch;",
            "&#x110000;",
            "<![CDATA[x]]>",
            "<?php x ?>",
            "</p>",
            "<",
        ]
    ),
    lambda inner: st.builds(_element, _listed("tags"), _ATTRIBUTES, st.lists(inner, max_size=4), st.integers(0, 5)),
    max_leaves=16,
)
_OPENINGS = st.sampled_from(
    [
        "<!DOCTYPE html>",
        "<html>",
        "",
        '<?xml version="1.0" encoding="utf-8"?><html>',
        "<!-- x --> <html>",
        '<!DOCTYPE html [<!ENTITY x "y">]>',
    ]
)


@st.composite
def pages(draw: Draw) -> bytes:
    """A web page, its words long enough now and then to count as an article."""
    prose = "".join(
        f"<p>{text} {'Inspectors found much to praise in the work of its staff. ' * 3}</p>"
        for text in draw(st.lists(LINES, max_size=2))
    )
    nodes = "".join(draw(st.lists(_NODES, max_size=3)))
    source = f"{draw(_OPENINGS)}<head>{draw(_HEADS)}</head><body>{prose}{nodes}"
    if not draw(st.integers(0, 19)):
        source += draw(st.sampled_from(["<div>", "<b>", "<table><tr><td>", "<p style='opacity:0'>"])) * draw(
            st.sampled_from([50, 300])
        )
    return source.encode(draw(st.sampled_from(ENCODINGS)), "replace")


# ── Word ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_SAID = st.dictionaries(_listed("attributes"), _listed("settings"), max_size=2).map(
    lambda said: "".join(f' {name}="{value}"' for name, value in said.items())
)


def _escaped(text: str) -> str:
    kept = "".join(one for one in text if one >= " " or one in "\t\n")
    return (
        kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\ufffe", "").replace("\uffff", "")
    )


_XML_TEXTS = LINES.map(_escaped) | st.sampled_from(["&#13;", "&#9;", "&#xFFFD;", "&#10;", "&amp;", "", " "])
_XML = st.recursive(
    st.builds("<{0}{1}>{2}</{0}>".format, _listed("leaves"), _SAID, _XML_TEXTS)
    | st.builds("<{}{}/>".format, _listed("marks"), _SAID),
    lambda inner: st.builds(
        lambda name, said, nodes: f"<{name}{said}>{''.join(nodes)}</{name}>",
        _listed("holders"),
        _SAID,
        st.lists(inner, max_size=5),
    ),
    max_leaves=24,
)
_LEVELS = st.lists(
    st.builds(
        '<w:abstractNum w:abstractNumId="{}"><w:lvl w:ilvl="{}"><w:start w:val="{}"/><w:numFmt w:val="{}"/>'
        '<w:lvlText w:val="{}"/>'
        '</w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="{}"/><w:lvlOverride w:ilvl="{}">'
        '<w:startOverride w:val="{}"/></w:lvlOverride></w:num>'.format,
        *[_listed("settings") for _ in range(8)],
    ),
    max_size=2,
).map("".join)


@st.composite
def word_files(draw: Draw) -> bytes:
    """A Word file whose parts are drawn, then perhaps broken; and whose archive may be broken after."""
    nodes = "".join(draw(st.lists(_XML, max_size=4)))
    parts = word(
        nodes + draw(st.sampled_from(["", PART_TEXT])),
        styles=draw(st.just(STYLES) | _XML),
        numbering=draw(st.just(NUMBERING) | _LEVELS),
        footnotes=draw(st.just(FOOTNOTES) | _XML),
    )
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(sorted(parts)))
        content = parts[name]
        raw = content.encode() if isinstance(content, str) else content
        parts[name] = draw(changed(st.just(raw), 2))
    if draw(st.integers(0, 9)) == 0:
        parts["_rels/.rels"] = part("Relationships", "").replace("w:", "")
        parts.pop(draw(st.sampled_from(sorted(parts))))
    made = packed(parts, draw(st.sampled_from([ZIP_STORED, ZIP_DEFLATED])))
    return made if draw(st.integers(0, 3)) else draw(changed(st.just(made), 3))


# ── JSON, CSV, TOML ────────────────────────────────────────────────────────────────────────────────────────────────

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-2, 10**6)
    | st.sampled_from(
        [
            10**400,
            1e308,
            -0.0,
            0.5,
            "",
            "good",
            "2023-02-30",
            "0000",
            "XXXX-XX-XX",
            "9999-12-31",
            "/records/0",
            "\ud800",
            "\0",
            "a\nb",
        ]
    )
    | LINES
)
ANY_JSON = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["quote", "value", "records", "1", "x", "grade"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a tree: what holds it, and its key there."""
    for key in list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ():
        yield tree, key
        yield from _places(tree[key])


@st.composite
def json_like(draw: Draw, trees: list[Any]) -> bytes:
    """A tree with some of its places filled otherwise, doubled or emptied, as JSON of this or that make."""
    tree = copy.deepcopy(draw(st.sampled_from(trees)))
    for _ in range(draw(st.integers(0, 5))):
        places = list(_places(tree))
        if not places:
            break
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        if draw(st.integers(0, 4)) == 0:
            del holder[key]
        elif isinstance(holder, list) and draw(st.booleans()):
            holder.append(copy.deepcopy(holder[key]))
        elif isinstance(holder[key], str) and draw(st.booleans()):
            text = holder[key]
            at = draw(st.integers(0, len(text)))
            holder[key] = text[:at] + draw(WORDS | st.just("")) + text[at + draw(st.integers(0, 3)) :]
        else:
            holder[key] = draw(ANY_JSON)
    written = json.dumps(tree, ensure_ascii=draw(st.booleans()))
    written = draw(st.sampled_from(["{}", "{}", "{}", "```json\n{}\n```", "Here: {}", "[{}]"])).replace("{}", written)
    return written.encode("utf-8", "surrogatepass")


@cache
def _trees(target: str) -> list[Any]:
    trees = []
    for seed in seeds(target):
        for piece in seed.split(BETWEEN):
            try:
                trees.append(json.loads(piece.lstrip(b"\0")))
            except ValueError:
                continue
    return trees


def _json(target: str) -> Bytes:
    return st.deferred(lambda: json_like(_trees(target)))


_CELLS = _listed("cells") | st.text(max_size=6)
_ROWS = st.lists(st.lists(_CELLS, max_size=6), max_size=8)


def _separated(rows: list[list[str]], mark: str, known: bool) -> bytes:
    head = (
        [["local_authority", "inspection_start_date", "overall_effectiveness_grade", "publication_date"]]
        if known
        else []
    )
    return "\n".join(mark.join(row) for row in [*head, *rows]).encode("utf-8", "replace")


_TABLES = st.builds(_separated, _ROWS, st.sampled_from([",", ";", "\t"]), st.booleans())
_BODIES = st.builds(
    lambda status, header, sent: bytes([status]) + header.encode("latin-1", "replace") + BETWEEN + sent,
    st.integers(0, 7),
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "9" * 400,
            "²",
            "Sun, 22 Nov 2026 09:00:00 GMT",
            "Sun, 31 Dec 9999 23:59:59 -2359",
            "1e3",
            "inf",
        ]
    )
    | LINES,
    _json("body") | st.binary(max_size=30) | st.just(b"[" * 20000),
)


# ── The table ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _shapes(target: str, *others: Bytes) -> Bytes:
    """What is drawn for a target: mostly shapes of its own, else its seeds changed, or bytes of no shape."""
    kinds = [*others * 6, *[changed(_seeds(target))] * 3, st.binary(max_size=64)]
    return st.integers(0, len(kinds) - 1).flatmap(kinds.__getitem__)


SHAPES: dict[str, Bytes] = {
    "text": _shapes("text", _encoded(TEXTS)),
    "markdown": _shapes("markdown", _encoded(TEXTS)),
    "html": _shapes("html", pages()),
    "pdf": _shapes("pdf", pdfs()),
    "docx": _shapes("docx", word_files()),
    "sniff": _shapes(
        "sniff",
        st.builds(lambda at, data: bytes([at]) + data, st.integers(0, 8), pages() | _encoded(LINES) | word_files()),
    ),
    "folding": _shapes("folding", _numbered(TEXTS, 6)),
    "evidence": _shapes("evidence", _numbered(TEXTS, 10)),
    "dates": _shapes("dates", _numbered(TEXTS, 4)),
    "rules": _shapes("rules", TEXTS.map(lambda text: text.encode("utf-8", "replace"))),
    "csv": _shapes("csv", _TABLES),
    "workbook": _shapes("workbook"),
    "saved": _shapes("saved", _json("saved"), st.lists(_json("saved"), max_size=2).map(b"\n".join)),
    "prompt": _shapes("prompt"),
    "reply": _shapes("reply", st.lists(_json("reply"), min_size=1, max_size=3).map(BETWEEN.join)),
    "body": _shapes("body", _BODIES),
    "gold": _shapes("gold", _json("gold")),
}
"""Target → what hypothesis gives it."""
