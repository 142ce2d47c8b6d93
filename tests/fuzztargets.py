"""What is fuzzed: each target takes bytes, and raises where what the project promises of them does not hold.

The promise: a result that keeps the laws of its kind, or one of the errors of extractor/errors.py, and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from extractor.dates import periods, resolve
from extractor.document import Document, Span
from extractor.errors import CallError, DocumentError, ExtractorError, PromptError
from extractor.folding import WORD, Folded, fold

JSON = dict[str, Any]
Target = Callable[[bytes], None]

ROOT = Path(__file__).parents[1]
STORY = (ROOT / "examples" / "many-grades.txt").read_text(encoding="utf-8")
"""A document of which nothing is made up: what replies and labels are held against."""
NAMES = ("a.txt", "a.md", "a.html", "a.pdf", "a.docx", "a.TXT", "a", "-", "a.xlsx")
BETWEEN = b"\x1e"
"""What stands between the several replies of one input."""


# ── Readers ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _reader(name: str) -> Target:
    """Reads its bytes as a file of this name."""

    def target(data: bytes) -> None:
        _read(data, name)

    return target


def _read(data: bytes, name: str) -> None:
    from extractor.readers import read_bytes

    try:
        document = read_bytes(data, name)
    except DocumentError as error:
        _tellable(error)
    else:
        keeps_its_laws(document)


def keeps_its_laws(document: Document) -> None:
    """What document.py promises of every document that was read."""
    text = document.text
    assert text.strip(), "no text, and no error"
    text.encode("utf-8")
    assert not {"\0", "\r"} & set(text), "a NUL or a bare CR is in the text"
    for start, end in (*document.pages, *document.furniture, *document.hidden):
        assert 0 <= start <= end <= len(text), "a span lies outside the text"
    for (_, end), (start, _) in pairwise([(0, 0), *document.pages, (len(text), len(text))] if document.pages else []):
        assert end <= start, "pages overlap"
        assert not text[end:start].strip(), "text stands between the pages"
    shown = document.shown((0, len(text)))
    assert not any(a < end and start < b for start, end in shown for a, b in _unseen(document)), "unseen text is shown"
    visible = "".join(text[start:end] for start, end in shown)
    assert "".join(visible.split()) == "".join(document.visible.split()), "seen text is lost"
    assert len(document.folded.text) <= 4 * len(text)
    assert document.published is None or resolve(document.published).edtf == document.published
    for code, told in document.warnings:
        assert code
        told.encode("utf-8")


def sniff(data: bytes) -> None:
    """The first byte chooses the file's name, the rest is its content."""
    from extractor.readers import READERS
    from extractor.readers.sniff import media_type

    name, data = NAMES[data[0] % len(NAMES) if data else 0], data[1:]
    try:
        assert media_type(data, name) in READERS
    except DocumentError as error:
        _tellable(error)
    _read(data, name)


# ── Text ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def folding(data: bytes) -> None:
    """Six numbers make two unseen spans and a span of the folded text; the rest is the text."""
    numbers, text = _numbered(data, 6)
    unseen = [_span(numbers[:2], len(text)), _span(numbers[2:4], len(text))]
    folded = Folded(text, unseen)
    _leads_back(folded, text, unseen, numbers[4:])
    assert fold(fold(text)) == fold(text)
    assert len(folded.lower) == len(folded.text)
    for word, places in folded.places.items():
        assert all(folded.lower.startswith(word, place) for place in places)
    for word in WORD.findall(Folded(text).text)[:20]:
        found = Folded(text).first(word)
        assert found is None or word in Folded(text[slice(*found)]).text
    start, end = _span(numbers[4:], len(folded.text))
    wide = folded.widened(start, end)
    assert wide[0] <= start <= end <= wide[1]
    assert folded.widened(*wide) == wide


def _leads_back(folded: Folded, text: str, unseen: list[Span], numbers: tuple[int, ...]) -> None:
    """The law of folding: a span of what is folded leads to a slice of the source that folds to it."""
    shown = [at for at, character in enumerate(folded.text) if character != " "]
    if not shown:
        return
    one, other = sorted(number % len(shown) for number in numbers)
    start, end = shown[one], shown[other] + 1
    first, last = folded.source_span(start, end)
    assert 0 <= first < last <= len(text)
    within = [(max(a, first) - first, min(b, last) - first) for a, b in unseen if a < last and b > first]
    again = Folded(text[first:last], within).text
    assert folded.text[start:end] in again
    whole = not any(mark in text[max(0, first - 1) : first + 1] + text[last - 1 : last + 1] for mark in "…ﬀﬁﬂﬃﬄﬅﬆ")
    assert not whole or again.strip(" ") == folded.text[start:end]
    assert not any(a <= first < b or a < last <= b for a, b in unseen if a < b), "it begins or ends in unseen text"


def evidence(data: bytes) -> None:
    """Numbers make furniture, hidden text and a slice of the text, which is then quoted as it is or with a change."""
    from extractor.evidence import cut, locate

    numbers, text = _numbered(data, 10)
    furniture, hidden = _span(numbers[:2], len(text)), _span(numbers[2:4], len(text))
    document = Document(text=text, furniture=(furniture,), hidden=(hidden,))
    start, end = _span(numbers[4:6], len(text))
    seen = "".join(" " if any(a <= at < b for a, b in (furniture, hidden)) else one for at, one in enumerate(text))
    quote = seen[start:end]
    change, place = numbers[6] % 4, numbers[7] % (len(quote) + 1)
    quote = (quote, quote[:place] + quote[place + 1 :], quote[:place] + chr(numbers[8] % 0xD800) + quote[place:], text)[
        change
    ]
    within = _span((numbers[8], numbers[9]), len(text)) if numbers[9] % 2 else None
    found = locate(document, quote, within)
    cut(document, found.spans)
    assert bool(found.spans) == (found.verdict != "absent")
    assert bool(found.reason) == (found.verdict == "absent")
    _are_placed(document, found.spans)
    if found.verdict == "verified":
        folded = fold(" ".join(text[slice(*span)] for span in found.spans))
        wanted = fold(quote)
        assert "..." in wanted or folded in (wanted, wanted[0].swapcase() + wanted[1:]), "verified, and not equal"
    verbatim = change == 0 and within is None and _stands_free(document, start, end)
    assert not verbatim or found.verdict == "verified", "words of the text are not found in it"


def _stands_free(document: Document, start: int, end: int) -> bool:
    """Whether these are whole visible words of the document, enough of them to be found."""
    text, words = document.text, len(WORD.findall(fold(document.text[start:end])))
    clear = not any(a < end + 2 and b > start - 2 for a, b in _unseen(document))
    edges = text[max(0, start - 2) : start].strip() + text[end : end + 2].strip()
    inner = fold(text[start:end])
    outer = fold(text[max(0, start - 40) : end + 40])
    return words >= 4 and clear and not edges and inner in outer


def dates(data: bytes) -> None:
    """A day of publication, what is put as a date's words, and the text that they are in."""
    from extractor.datelines import dateline

    numbers, text = _numbered(data, 4)
    with suppress(ValueError):
        day = date(1990 + numbers[0] % 60, 1 + numbers[0] % 12, 1 + numbers[1] % 28).isoformat()
    published = (None, day, day[:7], day[:4], text[:10])[numbers[1] % 5]
    last = 0
    for period in periods(text, published):
        assert last <= period.start < period.end
        last = period.end
        assert period.words == text[period.start : period.end]
        assert period.first_words in period.words
        assert period.last_words in period.words
        _is_edtf(period.first)
        _is_edtf(period.last)
        for part in ("start", "end"):
            _is_edtf(resolve(period.words, quote=text, part=part, published=published).edtf)
    found = resolve(text[slice(*_span(numbers[2:], len(text)))], quote=text, published=published)
    _is_edtf(found.edtf)
    for day in found.candidates:
        date.fromisoformat(day)
    line = dateline(text)
    if line:
        assert line.words == text[line.start : line.end]
        _is_edtf(line.edtf)


def _is_edtf(said: str | None) -> None:
    if said is not None:
        assert re.fullmatch(r"([0-9]{4}|XXXX)(-([0-9]{2}|XX)(-([0-9]{2}|XX))?)?", said), said
        if "X" not in said:
            date.fromisoformat(said + "-01-01"[len(said) - 4 :] if len(said) < 10 else said)


def rules(data: bytes) -> None:
    """The offline engine reads it: every value with words of the text, nothing unseen."""
    from extractor.extracting import extract

    extraction = extract(Document.from_text(_text(data)))
    _is_sound(extraction, Document.from_text(_text(data)))


# ── Tables, replies and files of ours ──────────────────────────────────────────────────────────────────────────────


def csv(data: bytes) -> None:
    """A publisher's sheet as CSV, held against a document of ours."""
    _crosschecked(data, "sheet.csv")


def workbook(data: bytes) -> None:
    """The same as a workbook, whose first bytes tell its format to nobody: the suffix does."""
    _crosschecked(data, "sheet.ods" if b"opendocument" in data else "sheet.xlsx")


def _crosschecked(data: bytes, name: str) -> None:
    from extractor.crosscheck import crosscheck

    with file(data, name) as path:
        try:
            found = crosscheck([outcome()], path)
        except DocumentError as error:
            _tellable(error)
            return
    assert found.joined <= 1
    for cell in found.cells:
        assert re.fullmatch("[A-Z]+[0-9]+", cell.cell), cell


@cache
def outcome() -> JSON:
    """What the rules say of a document of ours, as `extractor extract` saves it."""
    from extractor.extracting import extract

    told: JSON = extract(Document.from_text(STORY, path="story.txt")).model_dump(mode="json")
    return told


def saved(data: bytes) -> None:
    """Outcomes read back, and put in the rows of every table."""
    from extractor.saved import saved as read_back
    from extractor.sheets.facts import inspections
    from extractor.sheets.laid_out import LaidOut, sheets_of
    from extractor.sheets.layout import layouts
    from extractor.sheets.rows import rows
    from extractor.sheets.sheet import sheets

    with file(data, "out.json" if data.startswith(b" ") else "out.jsonl") as path:
        try:
            extractions = list(read_back(path))
        except DocumentError as error:
            _tellable(error)
            return
    laid_out = [LaidOut(layout) for layout in layouts().values()]
    known = {sheet.name: sheet for sheet in sheets()}
    for extraction in extractions:
        told = json.loads(extraction.model_dump_json())
        for sheet, row in rows(told):
            known[sheet].cells(row)
        for each in laid_out:
            for inspection in inspections(told):
                each.add(inspection)
    for each in laid_out:
        columns = {sheet.name: sheet for sheet in sheets_of(each.layout)}
        for sheet, row in each.rows():
            columns[sheet].cells(row)


def prompt(data: bytes) -> None:
    """A prompt file: loaded and rendered."""
    from extractor.prompt import load, messages

    with file(data, "prompt.toml") as path:
        try:
            loaded = load(path)
        except PromptError as error:
            _tellable(error)
            return
    for step in loaded.steps:
        for message in messages(loaded, step, {"document": "d", "schema": "s", "previous": "p"}):
            message.content.encode("utf-8")


def reply(data: bytes) -> None:
    """What stands in the place of a model's replies, one after another, to the end of what the engine asks."""
    from extractor.delivery import deliver
    from extractor.engines import Reply
    from extractor.engines.llm import fill
    from extractor.prompt import load
    from extractor.schemas.extraction import Extraction, Source
    from extractor.schemas.inspection import InspectionRecord

    document = Document.from_text(STORY, published="2017-02-10")
    replies = chain((_text(part) for part in data.split(BETWEEN)), iter(lambda: "{}", None))
    asking = fill(document, load("one-line"), InspectionRecord, max_reasks=2)
    try:
        request = next(asking)
        while True:
            for message in request.messages:
                json.dumps(message.content)
            request = asking.send(Reply(next(replies)))
    except StopIteration as stop:
        draft = stop.value
    except CallError as error:
        _tellable(error)
        return
    delivery = deliver(document, draft, InspectionRecord, published=document.published, verified_only=False)
    told = {name: getattr(delivery, name) for name in ("records", "evidence", "withheld", "warnings")}
    _is_sound(Extraction(source=Source(), engine="llm", **told), document)


def body(data: bytes) -> None:
    """What a server sends with any status: a reply of the model, or one of the errors of a call."""
    from extractor.client import LONGEST_WAIT, completion_of, reply_of, retry_after_of, usage_of
    from extractor.engines import Request
    from extractor.journal import RawReply
    from extractor.prompt import Message

    status = (200, 200, 200, 429, 500, 400, 204, 302)[data[0] % 8 if data else 0]
    header, _, sent = data[1:].partition(BETWEEN)
    raw = RawReply(status, {"retry-after": header.decode("latin-1")}, sent or header)
    request = Request((Message("user", "Which council?"),), {"type": "object"})
    try:
        completion = completion_of(raw, "model at server")
        usage_of(completion)
        assert isinstance(reply_of(completion, request, "model at server").text, str)
    except CallError as error:
        _tellable(error)
    asked = retry_after_of(raw)
    assert asked is None or 0 <= asked <= LONGEST_WAIT


def gold(data: bytes) -> None:
    """A label beside its document: sound, or told what is wrong with it."""
    from extractor_eval.gold import cases, problems

    with TemporaryDirectory(dir=_scratch()) as folder:
        place = Path(folder)
        (place / "story.txt").write_text(STORY, encoding="utf-8")
        (place / "story.json").write_bytes(data)
        for told in list(problems(place)):
            told.encode("utf-8", "backslashreplace")
        with suppress(ExtractorError):
            assert len(cases(place)) == 1


# ── What they share ────────────────────────────────────────────────────────────────────────────────────────────────


def _is_sound(extraction: Any, document: Document) -> None:
    """What is promised of every Extraction: it can be saved, and its words are the document's."""
    from extractor.evidence import cut
    from extractor.schemas.extraction import Extraction
    from extractor.sheets.rows import pointed_at

    written = extraction.model_dump_json()
    assert Extraction.model_validate_json(written).model_dump_json() == written
    told = json.loads(written)
    for entry in extraction.evidence:
        spans = tuple((start, end) for start, end, _ in entry.spans)
        assert spans
        _are_placed(document, spans)
        assert entry.quote == cut(document, spans)
        pointed_at(told, entry.field)


def _are_placed(document: Document, spans: Iterable[Span]) -> None:
    """That spans lie in the text, in order, and in nothing that a reader does not see."""
    last = 0
    for start, end in spans:
        assert last <= start < end <= len(document.text), "a span lies outside the text, or before the last one"
        assert not any(a < end and start < b for a, b in _unseen(document)), "a span lies in unseen text"
        last = end


def _unseen(document: Document) -> list[Span]:
    return [(start, end) for start, end in (*document.furniture, *document.hidden) if start < end]


def _tellable(error: ExtractorError) -> None:
    """That an error can be printed and saved, in one line."""
    told = str(error)
    assert told.strip()
    told.encode("utf-8", "backslashreplace")


def _text(data: bytes) -> str:
    """Any bytes as text, what is no UTF-8 as halves of characters."""
    return data.decode("utf-8", "surrogateescape")


def _numbered(data: bytes, count: int) -> tuple[tuple[int, ...], str]:
    """So many numbers off the start, two bytes each, and the rest as text."""
    head = data[: 2 * count].ljust(2 * count, b"\0")
    return tuple(int.from_bytes(head[at : at + 2], "big") for at in range(0, 2 * count, 2)), _text(data[2 * count :])


def _span(numbers: tuple[int, ...], length: int) -> Span:
    """Two numbers as a span of a text."""
    first, last = sorted(number % (length + 1) for number in numbers)
    return first, last


class file:
    """A file of this name and content, for as long as it is needed."""

    def __init__(self, data: bytes, name: str) -> None:
        self._path = Path(_scratch()) / name
        self._path.write_bytes(data)

    def __enter__(self) -> Path:
        return self._path

    def __exit__(self, *_: object) -> None:
        self._path.unlink()


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="fuzz-")


def _scratch() -> str:
    return _folder().name


TARGETS: dict[str, Target] = {
    "text": _reader("a.txt"),
    "markdown": _reader("a.md"),
    "html": _reader("a.html"),
    "pdf": _reader("a.pdf"),
    "docx": _reader("a.docx"),
    "sniff": sniff,
    "folding": folding,
    "evidence": evidence,
    "dates": dates,
    "rules": rules,
    "csv": csv,
    "workbook": workbook,
    "saved": saved,
    "prompt": prompt,
    "reply": reply,
    "body": body,
    "gold": gold,
}
SLOW = {"workbook": 50, "rules": 5, "gold": 2}
"""Targets that are given so many times fewer inputs: one starts a process, one runs all the rules."""
