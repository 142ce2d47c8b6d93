"""One quoted item held against the document: is its quote there, is it faithful, does it say the value?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from extractor.document import Document, Span
from extractor.evidence import Verdict, cut, locate
from extractor.fidelity import hides_turn, turned
from extractor.folding import Folded, words
from extractor.support import Ruling, Support, supports

CUT_FROM_SOURCE = ("text", "area", "role", "organisation", "as_written", "name", "value")
"""Said values inside an item that are delivered in the source's own words."""

_SENTENCE_START = re.compile(r"(?:[.!?][\"'’”)\]]*\s+|\n\s*\n|\n\s*[•*–-]\s)(?=\S)")
_ELLIPSIS = re.compile(r"\s*(?:…|\.{3})\s*")


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
    change = turned(quote, passage) if model_quote else _hidden_turn(document, found.spans)
    if change:
        return Check("altered", "contradicts", passage, found.spans, model_quote=quote, reason=change)
    checked = check_spans(document, kind, item, found.spans)
    return replace(checked, verdict=found.verdict, model_quote=model_quote)


def check_spans(
    document: Document, kind: str, item: Mapping[str, Any], spans: tuple[Span, ...], basis: str | None = None
) -> Check:
    """Hold one item against passages of the document that are already known; `basis` names the rule that knew."""
    passage = cut(document, spans)
    ruling = supports(kind, item, passage, document.text[_sentence_start(document, spans[0][0]) : spans[-1][1]])
    said = {key: _cut(document, item[key], spans) for key in CUT_FROM_SOURCE if isinstance(item.get(key), str)}
    if kind in _TEXTS and said.get(_TEXTS[kind]) is None:
        said[_TEXTS[kind]] = passage
    if kind in ("statements", "claims") and ruling.support == "yes":
        ruling = _speaker(document, item)
    kept = {key: value for key, value in said.items() if value is not None}
    return Check("verified", ruling.support, passage, spans, kept, reason=ruling.reason, basis=basis)


_TEXTS = {"findings": "text", "actions": "text", "statements": "text", "outcome": "value"}
"""Fields whose value is a passage: where the model's own wording is not in the quote, the quote is the value."""


def _hidden_turn(document: Document, spans: tuple[Span, ...]) -> str | None:
    """What an ellipsis in the quote leaves out that turns its meaning."""
    for (_, end), (start, _) in pairwise(spans):
        word = hides_turn(document.text[end:start])
        if word:
            return f"the ellipsis leaves out '{word}'"
    return None


def _speaker(document: Document, item: Mapping[str, Any]) -> Ruling:
    """Whether the document names the speaker at all."""
    there = document.folded.places
    missing = [word for word in words(item["speaker"] or "") if word.lower().removesuffix("'s") not in there]
    if missing:
        return Ruling("contradicts", f"the document does not name {item['speaker']}")
    return Ruling("yes")


def _cut(document: Document, value: str, spans: tuple[Span, ...]) -> str | None:
    """The value in the source's own words, from the quoted passage or else from anywhere; null where it is nowhere."""
    whole = (spans[0][0], spans[-1][1])
    pieces = [_within(document, piece, whole) for piece in _ELLIPSIS.split(value) if piece.strip()]
    if pieces and all(pieces):
        return " … ".join(document.text[slice(*piece)] for piece in pieces if piece)
    found = locate(document, value, whole)
    if found.verdict == "absent":
        elsewhere = document.folded.first(value)
        return document.text[slice(*elsewhere)] if elsewhere else None
    if found.verdict == "altered" and turned(value, cut(document, found.spans)):
        return None
    return cut(document, found.spans)


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


def _sentence_start(document: Document, offset: int) -> int:
    """Where the sentence that `offset` is in begins."""
    before = max(0, offset - 400)
    ends = [match.end() for match in _SENTENCE_START.finditer(document.text, before, offset + 1)]
    return max((end for end in ends if end <= offset), default=before)
