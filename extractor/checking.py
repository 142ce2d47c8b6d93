"""One quoted item held against the document: is its quote there, is it faithful, does it say the value?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from extractor.attribution import has_name, speaks, speaks_within
from extractor.document import Document, Span
from extractor.domain.frameworks import whole_in
from extractor.evidence import Verdict, cut, locate
from extractor.fidelity import cut_from, cut_role, hides_turn, turned
from extractor.folding import Folded
from extractor.numerals import numerals
from extractor.orders import order_in
from extractor.support import Passage, Ruling, Support, name_words, short_form, supports

_SENTENCE_START = re.compile(r"(?:[.!?][\"'’”)\]]*\s+|\n\s*\n|\n\s*[•*–▪◼■●-]\s)(?=\S)")
_ELLIPSIS = re.compile(r"\s*(?:…|\.{3})\s*")
_BEFORE, _AFTER, _LONGEST = 300, 40, 2000

_TEXTS = {"findings": "text", "actions": "text", "statements": "text", "outcome": "value"}
"""Fields whose value is a passage: where the model's own wording is not in the quote, the quote is the value."""
_SAID = ("text", "area", "role", "organisation", "as_written", "name", "value")
"""Values inside an item that are delivered in the source's own words …"""
_CHOSEN_VALUES = {"overall_grade", "inspectorates", "inspection_type", "framework", "counts"}
"""… but for these fields' `value`, which is no words of the text."""


@dataclass(frozen=True)
class Check:
    """What became of one quote.

    `quote` and `said` (each said value of the item) are cut from the source; `model_quote` is what the engine gave
    where that differs from what it should have been. `basis` is the name of the rule that found it, where one did.
    """

    verdict: Verdict
    support: Support
    quote: str = ""
    spans: tuple[Span, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    model_quote: str | None = None
    nearest: str | None = None
    reason: str | None = None
    basis: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the value may leave: found, and nothing in the passage against it."""
        return self.verdict != "absent" and self.support != "contradicts"


def check(document: Document, kind: str, item: Mapping[str, Any]) -> Check:
    """Hold one item of the record's field `kind` against the document; `item` has `quote` and its values."""
    quote = item["quote"]
    found = locate(document, quote)
    if found.verdict == "absent":
        return Check("absent", "unknown", model_quote=quote, nearest=found.nearest, reason=found.reason)
    passage = cut(document, found.spans)
    model_quote = quote if found.verdict == "altered" else None
    change = _unfaithful(document, kind, quote if model_quote else None, found.spans)
    if change:
        return Check(found.verdict, "contradicts", passage, found.spans, model_quote=quote, reason=change)
    checked = check_spans(document, kind, item, found.spans)
    return replace(checked, verdict=found.verdict, model_quote=model_quote)


def check_spans(
    document: Document, kind: str, item: Mapping[str, Any], spans: tuple[Span, ...], basis: str | None = None
) -> Check:
    """Hold one item against passages of the document that are already known; `basis` names the rule that knew."""
    quote = cut(document, spans)
    passage = _passage(document, quote, spans)
    ruling = supports(kind, item, passage)
    if kind == "authority" and ruling.support == "contradicts" and document.folded.first(item["as_written"]):
        ruling = supports(kind, {**item, "as_written": short_form(item["as_written"])}, passage)
    if ruling.support != "contradicts":
        ruling = _person(document, kind, item, spans) or _ordered(document, kind, spans) or ruling
    said = _said(document, kind, item, spans)
    if kind in _TEXTS:
        said.setdefault(_TEXTS[kind], " ".join(quote.split()))
    return Check("verified", ruling.support, quote, spans, said, reason=ruling.reason, basis=basis)


def _passage(document: Document, quote: str, spans: tuple[Span, ...]) -> Passage:
    start, end = spans[0][0], spans[-1][1]
    return Passage(
        quote,
        lead=lambda: document.text[_sentence_start(document, start) : start],
        rest=lambda: document.text[end : end + _AFTER].split("\n\n")[0],
        whole=lambda: whole_in(document.visible),
    )


def _unfaithful(document: Document, kind: str, altered: str | None, spans: tuple[Span, ...]) -> str | None:
    """What in an altered quote, before the quote or in its ellipsis turns the meaning; null where nothing does."""
    if altered:

        def known(word: str) -> bool:
            return next(document.folded.occurrences(word), None) is not None

        change = turned(altered, cut(document, spans), known)
        if change:
            return change
    start = spans[0][0]
    before = document.text[_sentence_start(document, start) : start]
    number = _cut_number(before, document.text[start : spans[0][1]])
    if number:
        return f"the quote begins inside the number '{number}'"
    spoken = kind == "statements" and _OPENED.search(before)  # what stands before a speech is not the speaker's
    word = None if spoken else cut_from(before, graded=kind in ("judgements", "overall_grade"), dated=kind in _DATED)
    word = word or (cut_role(before) if kind == "people" else None)
    if word:
        return f"the quote begins right after '{word}'"
    for (_, end), (begin, _) in pairwise(spans):
        if document.shown((end, begin)):
            gap = document.text[end:begin]
            word = hides_turn(gap, dated=kind in _DATED) or (
                _JOINT.search(gap) and "a clause" if kind in _GRADED else None
            )
            if word:
                return f"the ellipsis leaves out '{word}'"
    return None


_OPENED = re.compile(r"[\"“‘]$|(?<=\s)'$")
_DATED = {"inspection_start", "inspection_end", "report_published"}
_GRADED = {"judgements", "overall_grade", "previous_judgements", "claims"}
_JOINT = re.compile(r"\band\b|,")


def _cut_number(before: str, quote: str) -> str | None:
    """The number in words through which the start of a quote cuts ("thirty | six"); null where it cuts none."""
    lead = before[-40:]
    around = lead + quote[:40]
    return next(
        (around[one.start : one.end] for one in numerals(around) if one.start < len(lead) < one.end and not one.digits),
        None,
    )


def _person(document: Document, kind: str, item: Mapping[str, Any], spans: tuple[Span, ...]) -> Ruling | None:
    """Whether the document names the item's person, and has them say it; null where nothing is against it."""
    name = {"people": "name", "lead_inspectors": "value", "statements": "speaker", "claims": "speaker"}.get(kind)
    if name is None:
        return None
    if not has_name(document, item[name] or ""):
        return Ruling("contradicts", f"the document names no {item[name]}")
    if kind in ("statements", "claims"):
        whole = (spans[0][0], spans[-1][1])
        said = _within(document, item.get("text") or "", whole) or whole
        lead = (whole[0], said[0]) if kind == "statements" and said != whole else whole
        if speaks(document, said, item[name]) == "no" and not speaks_within(document, lead, item[name]):
            return Ruling("contradicts", f"somebody else than {item[name]} is named as saying it")
    return None


def _ordered(document: Document, kind: str, spans: tuple[Span, ...]) -> Ruling | None:
    """Whether a grade, date or council is taken from words that tell their reader what to write down; null if not."""
    if kind not in _ORDERED:
        return None
    start, end = _sentence_start(document, spans[0][0]), _sentence_end(document, spans[-1][1] - 1)
    order = order_in(document.text[start : min(end, spans[-1][1] + _BEFORE)])
    return Ruling("contradicts", f"the passage gives its reader an order ('{order}')") if order else None


_ORDERED = {*_DATED, *_GRADED, "authority", "provider"} - {"claims"}  # who claims a grade may well ask for it


def _said(document: Document, kind: str, item: Mapping[str, Any], spans: tuple[Span, ...]) -> dict[str, str]:
    """The item's said values in the source's own words; one that the source does not have is left out."""
    keys = [key for key in _SAID if isinstance(item.get(key), str) and not (key == "value" and kind in _CHOSEN_VALUES)]
    cuts = {key: _cut(document, key, item[key], spans, item.get("name")) for key in keys}
    return {key: " ".join(words.split()) for key, words in cuts.items() if words is not None}


def _cut(document: Document, key: str, value: str, spans: tuple[Span, ...], name: str | None) -> str | None:
    """The value in the source's own words, from the passage or from elsewhere; null where it is nowhere.

    A role must stand in a sentence that names the person.
    """
    whole = (spans[0][0], spans[-1][1])
    pieces = [_within(document, piece, whole) for piece in _ELLIPSIS.split(value) if piece.strip()]
    if pieces and all(pieces):
        return cut(document, tuple(piece for piece in pieces if piece))
    if key == "role" and name:
        found = next(
            (at for at in (_within(document, value, near) for near in _sentences_of(document, name)) if at), None
        )
        return document.text[slice(*found)] if found else None
    located = locate(document, value, whole)
    words = cut(document, located.spans)
    if located.verdict == "verified" or (located.verdict == "altered" and not turned(value, words)):
        return words
    elsewhere = document.folded.first(value)
    return cut(document, document.shown(elsewhere)) if elsewhere else None


def _within(document: Document, piece: str, whole: Span) -> Span | None:
    """Where the piece stands inside the span, capitals and edge punctuation aside."""
    part = Folded(document.text[slice(*whole)])
    for edges in (" ,;:", " ,;:'"):
        wanted = Folded(piece).lower.strip(edges)
        start = part.lower.find(wanted) if wanted else -1
        if start >= 0:
            first, last = part.source_span(start, start + len(wanted))
            return whole[0] + first, whole[0] + last
    return None


def _sentences_of(document: Document, name: str) -> list[Span]:
    """The sentences that have the person's surname."""
    surname = (name_words(name) or [""])[-1]
    places = [document.folded.source_span(at, at + 1)[0] for at in document.folded.places.get(surname, [])]
    return [(_sentence_start(document, at), _sentence_end(document, at)) for at in places]


def _sentence_start(document: Document, offset: int) -> int:
    """Where the sentence that `offset` is in begins."""
    before = max(0, offset - _BEFORE)
    ends = [match.end() for match in _SENTENCE_START.finditer(document.text, before, offset + 1)]
    return max((end for end in ends if end <= offset), default=before)


def _sentence_end(document: Document, offset: int) -> int:
    farthest = min(len(document.text), offset + _LONGEST)
    found = _SENTENCE_START.search(document.text, offset, farthest)
    return found.start() + 1 if found else farthest
