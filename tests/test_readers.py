"""Readers: every format, every fault, and what must come out of real reports."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from extractor import extract, readers
from extractor.document import Document, Span
from extractor.errors import (
    BinaryDocument,
    DocumentError,
    EmptyDocument,
    EncryptedDocument,
    ImageOnlyDocument,
    MislabelledDocument,
    MissingDocument,
    OversizedDocument,
    TruncatedDocument,
    UndecodableDocument,
)
from extractor.readers import pdf as pdf_reader
from extractor.readers import read, read_bytes
from extractor.readers.furniture import furniture
from extractor.readers.printed import printer

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
REPORTS = ROOT.parent / "shared" / "reports"

PROSE = "The council was judged to be good. Inspectors praised its social workers."


def drawn(*pages: Iterable[str], encrypt: str | None = None) -> bytes:
    """A PDF with these lines on its pages, in this order."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, encrypt=encrypt)
    for page in pages:
        for number, line in enumerate(page):
            canvas.drawString(60, 780 - 16 * number, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def canvas_pdf(*draw) -> bytes:
    """A one-page PDF made by calling each of `draw` with the canvas."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for step in draw:
        step(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def cut(document: Document, spans: Iterable[Span]) -> list[str]:
    return [document.text[start:end] for start, end in spans]


def without(document: Document, spans: Iterable[Span]) -> str:
    text = document.text
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def folded(text: str) -> str:
    return " ".join(text.split())


def page_html(body: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


# What is promised to callers


def test_a_document_says_where_it_came_from(tmp_path):
    file = tmp_path / "story.md"
    file.write_bytes(b"# Good\n")
    document = read(file)
    assert (document.text, document.path, document.reader, document.media_type) == (
        "# Good\n",
        str(file),
        "text",
        "text/markdown",
    )
    assert (
        document.sha256 == "c6d963b7ac51e6a2e3a8bba3d0a7bbd1ac4fc42c6b4a4b14f3f93b0e5e9b4d2f"
        or len(document.sha256) == 64
    )


def test_standard_input_is_read_as_bytes(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(drawn([PROSE]))))
    document = read("-")
    assert (document.text, document.path, document.media_type) == (PROSE, "-", "application/pdf")


def test_importing_the_readers_loads_nothing_heavy():
    heavy = "{'pypdfium2', 'trafilatura', 'lxml'} & set(sys.modules)"
    code = f"import sys, extractor.readers; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_every_suffix_has_a_reader():
    assert {".txt", ".md", ".html", ".htm", ".pdf", ".docx"} == readers.SUFFIXES


# Faults: each names the file, and says what to do


def faulty(error: type[DocumentError], data: bytes, name: str, *words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_bytes(data, name)
    assert caught.type is error
    assert str(caught.value).startswith(f"{name}: ")
    assert caught.value.way_out.endswith(".")
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("error", "data", "name", "word"),
    [
        (EmptyDocument, b"", "a.txt", "empty"),
        (EmptyDocument, b" \r\n\t\n", "a.md", "empty"),
        (EmptyDocument, b"", "a.pdf", "empty"),
        (EmptyDocument, b"<html><body></body></html>", "a.html", "no visible text"),
        (EmptyDocument, b"\xef\xbb\xbf", "-", "no text"),
        (EmptyDocument, b"<?xml version='1.0'?>", "a.html", "no visible text"),
        (TruncatedDocument, b"<!-- saved from a browser -->", "a.html", "taken apart"),
        (BinaryDocument, b"PK\x03\x04\x14\0\x06\0", "a.xlsx", "ZIP"),
        (BinaryDocument, b"PK\x03\x04\x14\0\x06\0", "a.txt", "ZIP"),
        (BinaryDocument, b"\x89PNG\r\n\x1a\n\0\0", "a.pdf", "PNG"),
        (BinaryDocument, b"{\\rtf1\\ansi Good.}", "a.txt", "rich text"),
        (BinaryDocument, b"Good\0grade", "a.txt", "control"),
        (BinaryDocument, bytes(range(1, 32)) * 20, "-", "control"),
        (BinaryDocument, "Good\0grade".encode("utf-16"), "a.txt", "NUL"),
        (UndecodableDocument, ("Ofsted’s view. " + PROSE).encode() + b"\xe2\x80", "a.txt", "0xe2"),
        (UndecodableDocument, "Хорошая оценка".encode("cp1251"), "a.txt", "UTF-8"),
        (UndecodableDocument, b"The caf\x81 was good, they said.", "a.txt", "0x81"),
        (UndecodableDocument, b"\xff\xfeG\0o", "a.txt", "UTF-16"),
        (MislabelledDocument, page_html(PROSE, "<title>Not &amp; found</title>"), "a.pdf", "“Not & found”"),
        (MislabelledDocument, page_html(PROSE), "a.txt", "rename the file to .html"),
        (MislabelledDocument, PROSE.encode(), "a.PDF", ".pdf"),
        (MislabelledDocument, drawn([PROSE]), "a.txt", "a PDF"),
        (MislabelledDocument, drawn([PROSE]), "a.html", "a PDF"),
        (EncryptedDocument, drawn([PROSE], encrypt="secret"), "a.pdf", "password"),
        (EmptyDocument, drawn([], []), "a.pdf", "pages are empty"),
        (TruncatedDocument, b"%PDF-1.4\n" + b"x" * 50, "a.pdf", "end of the file"),
        (TruncatedDocument, b"%PDF-1.4\nnonsense\nstartxref\n9\n%%EOF", "a.pdf", "damaged"),
    ],
)
def test_a_fault_is_named(error, data, name, word):
    faulty(error, data, name, word)


def test_a_scan_without_text_is_image_only():
    picture = Image.new("RGB", (40, 40), "grey")
    scan = canvas_pdf(lambda canvas: canvas.drawInlineImage(picture, 0, 0, *A4))
    faulty(ImageOnlyDocument, scan, "scan.pdf", "OCR")


PICTURE = Image.new("RGB", (40, 40), "grey")


def part_scanned(*pages: tuple[str, bool]) -> bytes:
    """A PDF with these words on its pages, each with a picture over the whole page or a small one."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for number, (words, scanned) in enumerate(pages, start=1):
        canvas.drawInlineImage(PICTURE, 0, 0, *(A4 if scanned else (40, 40)))
        canvas.drawString(60, 800, f"Inspection of Anywhere {number}")
        canvas.drawString(60, 700, words)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_pages_that_are_pictures_among_others_are_told():
    data = part_scanned((PROSE, True), ("", True), (PROSE, False), ("", True), ("", True), ("", False), ("", True))
    document = read_bytes(data, "part.pdf")
    ((code, message),) = document.warnings
    assert code == "pages_without_text"
    assert message.startswith("Pages 2, 4-5, 7 are pictures, as of a scan, without a text layer: ")
    assert [(one.code, one.field, one.message) for one in extract(document).warnings] == [(code, None, message)]


def test_one_page_that_is_a_picture_is_told_as_one():
    document = read_bytes(part_scanned((PROSE, False), (PROSE, False), ("", True)), "part.pdf")
    assert [message.partition(",")[0] for _, message in document.warnings] == ["Page 3 is a picture"]


def test_a_file_whose_pages_all_have_text_is_read_without_a_warning():
    assert read_bytes(part_scanned((PROSE, True), (PROSE, False)), "a.pdf").warnings == ()


def test_a_pdf_cut_anywhere_is_truncated():
    whole = (EXAMPLES / "report.pdf").read_bytes()
    for length in range(2000, len(whole) - 30, 997):
        faulty(TruncatedDocument, whole[:length], "report.pdf")


def test_too_many_pages(monkeypatch):
    monkeypatch.setattr(pdf_reader, "LIMIT_PAGES", 2)
    faulty(OversizedDocument, drawn(["1"], ["2"], ["3"]), "long.pdf", "3 pages", "limit of 2")


def test_a_file_beyond_the_limit_is_not_opened(tmp_path, monkeypatch):
    file = tmp_path / "huge.txt"
    with file.open("wb") as handle:
        handle.truncate(readers.LIMIT_BYTES + 1)
    monkeypatch.delattr("builtins.open")
    with pytest.raises(OversizedDocument, match="limit of 100 MB"):
        read(file)


def test_a_web_page_has_a_lower_limit():
    faulty(OversizedDocument, page_html("x" * 10_000_000), "a.html", "limit of 10 MB")


def test_bytes_and_standard_input_have_the_same_limit(monkeypatch):
    monkeypatch.setattr(readers, "LIMIT_BYTES", 10)
    monkeypatch.setattr("extractor.readers.source.LIMIT_BYTES", 10)
    faulty(OversizedDocument, b"x" * 11, "a.txt")
    endless = SimpleNamespace(buffer=SimpleNamespace(read=lambda size: b"x" * size))
    monkeypatch.setattr("sys.stdin", endless)
    with pytest.raises(OversizedDocument):
        read("-")


@pytest.mark.parametrize(("name", "word"), [("none.txt", "no such file"), ("", "folder"), ("a\0b", "cannot be opened")])
def test_what_cannot_be_opened_is_missing(tmp_path, name, word):
    with pytest.raises(MissingDocument, match=word) as caught:
        read(f"{tmp_path}/{name}")
    assert str(tmp_path) in str(caught.value)


def test_no_permission(tmp_path, monkeypatch):
    def forbid(*_: object) -> None:
        raise PermissionError

    file = tmp_path / "closed.txt"
    file.write_text(PROSE)
    monkeypatch.setattr("builtins.open", forbid)  # root may read everything, so a file's mode is no test
    with pytest.raises(MissingDocument, match="permission"):
        read(file)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([b"", b"%PDF-1.7\n", b"<html><body><p>", b"\xff\xfe", b"\xef\xbb\xbf"]),
    st.binary(max_size=400) | st.text(max_size=200).map(str.encode),
    st.sampled_from([b"", b"\nstartxref\n0\n%%EOF", b"</p>"]),
    st.sampled_from(["-", "a.txt", "a.html", "a.pdf", "a.docx"]),
)
def test_any_bytes_give_a_document_or_a_document_error(head, body, tail, name):
    with suppress(DocumentError):
        document = read_bytes(head + body + tail, name)
        assert document.text.strip()
        assert "\r" not in document.text


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 6000), st.binary(min_size=1, max_size=30))
def test_a_damaged_pdf_gives_a_document_or_a_document_error(place, noise):
    whole = (EXAMPLES / "report.pdf").read_bytes()
    with suppress(DocumentError):
        read_bytes(whole[:place] + noise + whole[place + len(noise) :], "report.pdf")


# Text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_in_the_encodings_that_are_met(encoding):
    text = "“Ofsted’s” verdict – good – cost £5m; the café agreed. " * 3
    assert read_bytes(text.encode(encoding), "a.txt").text == text


def test_line_ends_are_mended():
    assert read_bytes(b"one\r\ntwo\rthree\n", "a.txt").text == "one\ntwo\nthree\n"


def test_a_pdf_may_open_with_a_little_rubbish():
    assert read_bytes(b"HTTP/1.1 200 OK\r\n\r\n" + drawn([PROSE]), "a.pdf").text == PROSE


def test_markdown_that_opens_with_a_tag_is_no_web_page():
    assert read_bytes(b'<p align="center">Good</p>\n\n# Report', "a.md").media_type == "text/markdown"


# Web pages

ARTICLE = f"""
<nav><a href="/">Home</a></nav>
<main><article><h1>Council praised</h1>
<p>{PROSE} It is the third good report in a row for the service, said its director, and more are to come.</p>
<table><tr><th>Judgement</th><th>Grade</th></tr><tr><td>Help and protection</td><td>Good</td></tr></table>
<ul><li>First strength</li><li>Second strength</li></ul></article></main>
"""


def test_a_page_gives_its_main_text_a_line_a_row():
    document = read_bytes(page_html(ARTICLE), "-")
    lines = document.text.split("\n")
    assert (document.reader, document.media_type) == ("html", "text/html")
    assert [line for line in lines if "Judgement" in line or "protection" in line] == [
        "Judgement | Grade",
        "Help and protection | Good",
    ]
    assert {"- First strength", "- Second strength"} <= set(lines)
    assert "Home" not in document.text
    assert "---" not in document.text


@pytest.mark.parametrize(
    "unseen",
    [
        "<!-- inadequate -->",
        "<script>inadequate</script>",
        "<style>.inadequate {}</style>",
        "<template>inadequate</template>",
        "<p hidden>inadequate</p>",
        '<p style="display: none">inadequate</p>',
        '<div style="color:red; VISIBILITY:hidden"><p>inadequate</p></div>',
        '<p style="font-size:0">inadequate</p>',
        '<p style="font-size: 0.0px">inadequate</p>',
        '<p style="opacity:0">inadequate</p>',
        "<p>Before it <span hidden>inadequate</span> and after it.</p>",
    ],
)
def test_what_a_visitor_cannot_see_is_left_out(unseen):
    text = read_bytes(
        page_html(ARTICLE.replace("</article>", f"{unseen}<p>And after it.</p></article>")), "a.html"
    ).text
    assert "inadequate" not in text
    assert text.lower().count("and after it.") == 1 + ("after" in unseen)


@pytest.mark.parametrize("style", ["font-size:0.9em", "opacity:0.5", "background:url(opacity:1)", "display:block"])
def test_small_or_pale_is_not_unseen(style):
    page = page_html(ARTICLE.replace("<h1>", f'<p style="{style}">A note on the side.</p><h1>'))
    assert "A note on the side." in read_bytes(page, "a.html").text


DAY = "2024-11-26"


@pytest.mark.parametrize(
    ("head", "day"),
    [
        (f'<meta property="article:published_time" content="{DAY}T09:30:00+00:00">', DAY),
        (f'<meta name="DCTERMS.issued" content="{DAY}">', DAY),
        (f'<script type="application/ld+json">{{"@graph": [{{"datePublished": "{DAY}"}}]}}</script>', DAY),
        (f'<meta name="date" content="{DAY}"><meta name="dcterms.issued" content="2024-11-20">', "2024-11-20"),
        ("", None),
        (f'<meta property="article:modified_time" content="{DAY}">', None),
        (f'<link rel="canonical" href="https://example.org/{DAY.replace("-", "/")}/story">', None),
        (f"<title>Story of {DAY}</title>", None),
        ('<meta name="date" content="2024-13-45">', None),
        ('<script type="application/ld+json">{broken</script>', None),
        (
            '<script type="application/ld+json">[{"datePublished": "2024-01-01"},'
            ' {"datePublished": "2024-01-02"}]</script>',
            None,
        ),
    ],
)
def test_the_date_is_the_page_s_own_statement(head, day):
    assert read_bytes(page_html(f"{ARTICLE}<p>Printed on {DAY}.</p>", head), "a.html").published == day


def test_a_time_element_marked_as_publication_is_the_date():
    page = page_html(ARTICLE.replace("<h1>", f'<time itemprop="datePublished" datetime="{DAY}">Tuesday</time><h1>'))
    assert read_bytes(page, "a.html").published == DAY


@pytest.mark.parametrize(
    ("charset", "encoding"), [("utf-8", "utf-8"), ("iso-8859-1", "cp1252"), ("windows-1254", "cp1254"), ("?", "utf-8")]
)
def test_a_page_in_the_encoding_it_declares(charset, encoding):
    word = "işte" if encoding == "cp1254" else "façade"
    page = page_html(
        ARTICLE.replace("<table>", f"<p>It cost more – “{word}” – said one.</p><table>"), f'<meta charset="{charset}">'
    ).decode()
    assert f"It cost more – “{word}” – said one." in read_bytes(page.encode(encoding), "a.html").text


def test_a_page_with_an_xml_declaration():
    page = b'<?xml version="1.0" encoding="utf-8"?>' + page_html(ARTICLE)
    assert "Council praised" in read_bytes(page, "-").text


def test_a_comment_above_the_page_and_a_hidden_root_do_no_harm():
    page = b"<!-- saved from a browser --><html hidden><body><p>Short.</p></body></html>"
    assert read_bytes(page, "a.html").text == "Short."


def test_more_text_is_better_than_less():
    teaser = '<div class="teaser"><p>The grade is good.</p></div>'
    assert "The grade is good." in read_bytes(page_html(ARTICLE.replace("<h1>", f"{teaser}<h1>")), "a.html").text


def test_a_short_page_is_read_whole():
    assert read_bytes(page_html("<div>Short.</div>"), "a.html").text == "Short."


# PDF


def test_pages_are_exact_spans():
    document = read_bytes(drawn(["First page.", "More."], ["Second page."]), "a.pdf")
    assert cut(document, document.pages) == ["First page.\nMore.", "Second page."]
    assert [document.page_of(document.text.index(word)) for word in ("First", "More", "Second")] == [1, 1, 2]


def test_a_sentence_reads_on_across_a_page_break():
    head, words = "Inspection of Anywhere", ("left", "right", "back")
    pages = [[head, f"1 to 5 May 2024 {n}", f"{word} and", f"so {word}"] for n, word in enumerate(words, 1)]
    document = read_bytes(drawn(*pages), "a.pdf")
    assert "so left right and so right back and" in folded(without(document, document.furniture))


def test_pdfium_is_kept_to_one_thread_at_a_time():
    data = (EXAMPLES / "report.pdf").read_bytes()
    texts = []
    threads = [threading.Thread(target=lambda: texts.append(read_bytes(data, "a.pdf").text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 8
    assert len(set(texts)) == 1


def test_pdfium_prints_nothing(tmp_path):
    file = tmp_path / "broken.pdf"
    file.write_bytes(b"%PDF-1.4\nnonsense\nstartxref\n9\n%%EOF")
    code = f"from extractor.readers import read\nread('examples/report.pdf')\ntry: read({str(file)!r})\nexcept: pass"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


# Furniture: pages of text in, spans out


def kept(*pages: str) -> list[str]:
    """What is left of the pages without their furniture."""
    left = []
    for page, spans in zip(pages, furniture(pages), strict=True):
        for start, end in reversed(spans):
            page = page[:start] + page[end:]
        left.append(page.strip("\n"))
    return left


@pytest.mark.parametrize("count", [3, 12, 60])
def test_a_running_head_with_page_numbers_goes(count):
    head = "Inspection of Anywhere\n7 to 18 October 2024 {}\n"
    bodies = [
        f"body {chr(97 + n % 26)}{chr(97 + n // 26)} text\nends {chr(97 + n % 26)}{chr(97 + n // 26)}"
        for n in range(count)
    ]
    pages = [bodies[0], *(head.format(n) + body for n, body in enumerate(bodies[1:], start=2))]
    assert kept(*pages) == bodies


def test_bare_page_numbers_go_wherever_they_stand():
    assert kept("1\nOne\na", "2\nTwo\nb", "3\nThree\nc") == ["One\na", "Two\nb", "Three\nc"]
    assert kept("One\n5", "Two\n6", "Three\n7") == ["One", "Two", "Three"]
    assert kept("One\nPage 1 of 2", "Two\nPage 2 of 2") == ["One", "Two"]


def test_a_footer_without_numbers_goes_after_three_pages():
    pages = [f"{word}\nOfsted letter" for word in ("One", "Two", "Three")]
    assert kept(*pages) == ["One", "Two", "Three"]


def test_the_title_stays_where_the_running_head_repeats_it():
    title = "Inspection of Anywhere"
    assert kept(*(f"{title}\n{word}" for word in ("One", "Two", "Three"))) == [f"{title}\nOne", "Two", "Three"]


def test_numbers_that_do_not_count_pages_stay():
    pages = ("One\n14", "Two\n3", "Three\n250")
    assert kept(*pages) == list(pages)


def test_words_that_come_back_now_and_then_stay():
    pages = [f"page {chr(97 + n)}\n{'children.' if n % 6 == 0 else chr(97 + n) * 3}" for n in range(16)]
    assert kept(*pages) == pages


def test_two_pages_lose_nothing_but_page_numbers():
    pages = ("Grade 1\nHelp and protection\nGood", "Grade 2\nCare leavers\nGood")
    assert kept(*pages) == list(pages)


def test_a_line_that_comes_back_once_stays():
    pages = ("One\nGood", "Two\nGood", "Three\nOutstanding")
    assert kept(*pages) == list(pages)


def test_absurdly_long_numbers_do_no_harm():
    pages = ("9" * 5000,) * 3
    assert kept(*pages) == list(pages)


def test_lines_inside_a_page_stay():
    pages = [
        f"{n}\n" + "\n".join(f"line {chr(97 + k)}{n}" for k in range(4)) + "\nGood\n" + "x\ny\nz\nw" for n in "abc"
    ]
    assert all("Good" in page.split("\n") for page in kept(*pages))


@given(st.lists(st.text(alphabet="ab1 2\n", max_size=30), max_size=8))
def test_furniture_spans_lie_in_order_within_their_page(pages):
    for page, spans in zip(pages, furniture(pages), strict=True):
        flat = list(itertools.chain.from_iterable(spans))
        assert all(0 <= start < end <= len(page) for start, end in spans)
        assert flat == sorted(flat)


# Words as printed


@pytest.mark.parametrize(
    ("raw", "printed"),
    [
        ("a well\ufffeestablished board", "a well-established board"),
        ("an assess\ufffement. The assessment", "an assessment. The assessment"),
        ("on\ufffegoing work is on-going, or ongoing", "on-going work is on-going, or ongoing"),
        ("Well\ufffebeing and wellbeing", "Wellbeing and wellbeing"),
        ("out-of\ufffehours teams", "out-of-hours teams"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("\uf06e one\n\uf02d two\n\uf0a7 three\n\u25fc four", "• one\n• two\n• three\n• four"),
    ],
)
def test_text_is_mended_as_printed(raw, printed):
    assert printer([raw])(raw) == printed


def test_a_broken_word_is_looked_up_on_other_pages():
    assert printer(["assess\ufffement", "“Assessment”, they"])("assess\ufffement") == "assessment"


def test_a_hyphen_at_a_line_end_is_mended_in_a_real_pdf():
    document = read_bytes(drawn(["There is a well-", "established board."]), "a.pdf")
    assert document.text == "There is a well-established board."


# Unseen text in PDFs


def mode(canvas: Canvas, number: int, words: str, y: float = 500, **font: float) -> None:
    canvas.saveState()
    text = canvas.beginText(60, y)
    text.setFont("Helvetica", font.get("size", 12))
    text.setTextRenderMode(number)
    text.textLine(words)
    canvas.drawText(text)
    canvas.restoreState()


def white(canvas: Canvas, words: str, y: float = 500) -> None:
    canvas.setFillGray(1)
    canvas.drawString(60, y, words)
    canvas.setFillGray(0)


def panel(canvas: Canvas, grey: float) -> None:
    canvas.setFillGray(grey)
    canvas.rect(40, 480, 400, 60, stroke=0, fill=1)
    canvas.setFillGray(0)


def scan(canvas: Canvas) -> None:
    canvas.drawInlineImage(Image.new("RGB", (40, 40), "grey"), 0, 0, *A4)


def before(canvas: Canvas) -> None:
    canvas.drawString(60, 600, "Seen before")


def after(canvas: Canvas) -> None:
    canvas.drawString(60, 400, "Seen after")


def clear(canvas: Canvas, words: str) -> None:
    canvas.setFillAlpha(0)
    canvas.drawString(60, 500, words)
    canvas.setFillAlpha(1)


def form(canvas: Canvas, words: str) -> None:
    canvas.beginForm("inner")
    white(canvas, words)
    canvas.endForm()
    canvas.doForm("inner")


SECRET = "Overall grade: outstanding"


@pytest.mark.parametrize(
    "draw",
    [
        lambda canvas: mode(canvas, 3, SECRET),
        lambda canvas: white(canvas, SECRET),
        lambda canvas: (panel(canvas, 1), white(canvas, SECRET)),
        lambda canvas: (canvas.rect(40, 480, 400, 60), white(canvas, SECRET)),
        lambda canvas: [white(canvas, words, y) for words, y in ((SECRET[:14], 500), (SECRET[15:], 480))],
        lambda canvas: mode(canvas, 0, SECRET, size=0.5),
        lambda canvas: clear(canvas, SECRET),
        lambda canvas: form(canvas, SECRET),
    ],
    ids=[
        "invisible",
        "white",
        "white on a white panel",
        "white in a frame",
        "white on two lines",
        "tiny",
        "transparent",
        "white in a form",
    ],
)
def test_unseen_text_is_marked(draw):
    document = read_bytes(canvas_pdf(before, draw, after), "a.pdf")
    assert [folded(words) for words in cut(document, document.hidden)] == [SECRET]
    assert folded(without(document, document.hidden)) == "Seen before Seen after"


@pytest.mark.parametrize(
    "draw",
    [
        lambda canvas: (panel(canvas, 0.2), white(canvas, SECRET)),
        lambda canvas: (scan(canvas), mode(canvas, 3, SECRET)),
        lambda canvas: (scan(canvas), white(canvas, SECRET)),
        lambda canvas: (canvas.setFillGray(1), mode(canvas, 1, SECRET), canvas.setFillGray(0)),
        lambda canvas: (
            canvas.saveState(),
            canvas.scale(20, 20),
            canvas.setFont("Helvetica", 0.6),
            canvas.drawString(3, 25, SECRET),
            canvas.restoreState(),
        ),
    ],
    ids=["white on a dark panel", "recognised text behind a scan", "white on a picture", "outlined", "tiny but scaled"],
)
def test_text_that_can_be_seen_is_not_marked(draw):
    document = read_bytes(canvas_pdf(before, draw, after), "a.pdf")
    assert document.hidden == ()
    assert SECRET in document.text


# The examples, and the real reports where they are at hand


def test_the_example_report_is_what_its_program_draws(tmp_path):
    subprocess.run([sys.executable, EXAMPLES / "draw_report.py", tmp_path / "again.pdf"], check=True)
    assert read(tmp_path / "again.pdf").text == read(EXAMPLES / "report.pdf").text


def test_the_example_report_reads_like_an_official_one():
    document = read(EXAMPLES / "report.pdf")
    assert len(document.pages) == 3
    assert "practice with children and families\nGood\nThe experiences" in document.text
    assert "there is time for a driving lesson, a hospital" in folded(without(document, document.furniture))
    assert [text.split("\n")[1] for text in cut(document, document.furniture)] == [
        "8 to 19 September 2025 2",
        "8 to 19 September 2025 3",
    ]


@pytest.mark.parametrize("name", ["many-grades.txt", "old-and-new.txt", "monitoring-visit.txt", "report.pdf"])
def test_every_example_says_that_it_is_made_up(name):
    assert "made up for demonstration" in read(EXAMPLES / name).text


def gold() -> list[dict]:
    file = REPORTS / "gold.jsonl"
    labels = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return [label for label in labels if label["pages"]]


real = pytest.mark.skipif(not REPORTS.exists(), reason="the real reports are not beside this checkout")


@real
@pytest.mark.parametrize("label", gold(), ids=lambda label: label["file"])
def test_a_real_report(label):
    document = read(REPORTS / label["file"])
    assert len(document.pages) == label["pages"]
    assert document.sha256 == label["sha256"]
    assert document.hidden == ()
    text = without(document, document.furniture)
    words = folded(text).casefold()
    for inspector in (label["lead_inspector"] or "").split(" and "):
        assert inspector.casefold() in words
    assert (label["overall"] or "").casefold() in words
    running = {line.strip() for block in cut(document, document.furniture) for line in block.split("\n")}
    lines = Counter(line.strip() for line in text.split("\n"))
    assert [line for line in running if lines[line] > 2] == []
    assert len(document.furniture) >= len(document.pages) - 2
    assert sum(end - start for start, end in document.furniture) < 0.05 * len(document.text)
    assert not any(character in document.text for character in "\r\ufffe\uf06e\uf02d\uf0a7\u25fc")


@real
def test_the_web_page_under_a_pdf_s_name():
    with pytest.raises(MislabelledDocument, match=r"“Report not found.*”.*rename the file to \.html"):
        read(REPORTS / "rotherham-10-august-2012.pdf")
