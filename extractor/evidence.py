"""A quote in, the places in the document that hold it out: verified, altered or absent.

*verified* is equality after folding (see folding.py; furniture, edge punctuation, outer quotation marks and the case
of the first letter count for nothing either). *altered* is one place that is clearly meant though its words differ.
*absent* is nowhere, or nowhere in particular.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from extractor.document import Document, Span
from extractor.folding import WORD, Folded, fold

Verdict = Literal["verified", "altered", "absent"]

ALTERED_FROM = 85.0
"""Least rapidfuzz ratio at which a differing passage can be the one that was meant."""
RIVAL_WITHIN = 3.0
"""A second passage as close as this in score leaves open which was meant."""
WORDS_ALONE = 4
"""A shorter quote must be unique in the document, and a piece beside an ellipsis no shorter."""

_TAIL = ".!?,;:)"
_MARKS = ('"', "“", "”")
_ELLIPSIS = re.compile(r" ?\[?(?:\. ?){3,}\]? ?")
_BREAK = re.compile(
    r"[.!?][\"'’”)\]]*\s+[\"'‘“(\[]*[A-Z0-9]"  # a sentence ends
    r"|\n\s*(?:\n|[•*–▪▫◼◾■□●○◦·-]\s|[0-9.]+[.)]?\s)"  # a paragraph, list item or numbered row begins
)
_ROW_END = re.compile(r"(?i:outstanding|good|adequate|inadequate|improvement)[ \t]*\n\s*(?=[A-Z])")
_PER_CENT = re.compile(r"(?<=[0-9]) ?(?:%|per ?cent\b)")
_RARE = 60
_BRIEF = 40  # characters beyond which one place is enough
_SLOT = 24
_WINDOWS = 6


@dataclass(frozen=True)
class Located:
    """Where a quote is: `spans` in document order, none when absent.

    `nearest` is the closest passage of an absent quote, for a message; null where nothing comes close. `reason` says
    in words why it is absent.
    """

    verdict: Verdict
    spans: tuple[Span, ...] = ()
    nearest: str | None = None
    reason: str | None = None


def cut(document: Document, spans: tuple[Span, ...]) -> str:
    """The document's own words at these spans, an ellipsis where words between them are left out."""
    parts = [document.text[slice(*spans[0])]] if spans else []
    for (_, end), (start, stop) in pairwise(spans):
        parts += (" … " if document.shown((end, start)) else " ", document.text[start:stop])
    return "".join(parts)


def locate(document: Document, quote: str, within: Span | None = None) -> Located:
    """Where the quote stands in the document, looking only inside `within` if that is given.

    A passage that runs over a page's end has a span on each side of what stands between.
    """
    found = _found(document, quote, within)
    return replace(found, spans=tuple(part for span in found.spans for part in document.shown(span)))


def _found(document: Document, quote: str, within: Span | None) -> Located:
    text, wanted = document.folded, fold(quote)
    if not WORD.search(wanted):
        return Located("absent", reason="the quote has no words")
    spans = _verbatim(text, wanted, within)
    brief = len(WORD.findall(wanted)) < WORDS_ALONE
    if spans and brief and within is None and len(spans) > 1:
        return Located("absent", reason=f"{len(spans)} places have these few words; give their sentence")
    if spans:
        return Located("verified", (_with_tail(document.text, spans[0], quote),))
    if _ELLIPSIS.search(wanted):
        return _stitched(document, _ELLIPSIS.split(wanted), within)
    if brief:
        return _same_words(document, wanted, within)
    for spelling in {_PER_CENT.sub(" per cent", wanted), _PER_CENT.sub("%", wanted)} - {wanted}:
        spans = _verbatim(text, spelling, within)
        if spans:
            return Located("altered", (spans[0],))
    return _altered(document, wanted, within)


def _verbatim(text: Folded, wanted: str, within: Span | None, most: int = 50) -> list[Span]:
    """Source spans of the wanted words, the case of their first letter aside; at most `most`."""
    spans: list[Span] = []
    for form in dict.fromkeys((wanted, wanted[0].swapcase() + wanted[1:])):
        for start in text.occurrences(form):
            span = text.source_span(start, start + len(form))
            if within is None or (within[0] <= span[0] and span[1] <= within[1]):
                spans.append(span)
            if len(spans) == most:
                break
        if spans and len(wanted) > _BRIEF:
            break
    return sorted(spans)


def _with_tail(source: str, span: Span, quote: str) -> Span:
    """The span with the closing punctuation that quote and source share, and a quotation closed that it opens."""
    body = quote.rstrip(" \n\"'’”")
    tail = body[len(body.rstrip(_TAIL)) :]
    end = span[1]
    for mark in tail:
        if source[end : end + 1] != mark:
            break
        end += 1
    if source[end : end + 1] in _MARKS and sum(source.count(mark, span[0], end) for mark in _MARKS) % 2:
        end += 1
    return span[0], end


def _stitched(document: Document, pieces: list[str], within: Span | None) -> Located:
    """Pieces joined by an ellipsis: each long enough, in order, in one sentence or table row."""
    pieces = [piece for piece in map(fold, pieces) if piece]
    if any(len(WORD.findall(piece)) < WORDS_ALONE for piece in pieces):
        return Located("absent", reason=f"a piece beside an ellipsis has fewer than {WORDS_ALONE} words")
    for first in _verbatim(document.folded, pieces[0], within):
        spans = [first]
        for piece in pieces[1:]:
            later = [span for span in _verbatim(document.folded, piece, within) if span[0] >= spans[-1][1]]
            if not later or _divided(document.text, spans[-1][1], later[0][0]):
                break
            spans.append(later[0])
        else:
            return Located("verified", tuple(spans))
    return Located("absent", reason="the pieces beside the ellipsis do not stand in one sentence, in this order")


def _divided(source: str, end: int, start: int) -> bool:
    """Whether a sentence, list item or table row ends between these offsets."""
    row = _ROW_END.search(source, max(0, end - 12), start + 1)
    return _BREAK.search(source, end, start + 1) is not None or (row is not None and row.end() > end)


def _same_words(document: Document, wanted: str, within: Span | None) -> Located:
    """The one place of a short quote whose words are the document's, but not its punctuation."""
    pattern = r"[^\w]+".join(re.escape(word) for word in WORD.findall(wanted.lower()))
    text = document.folded
    spans = [
        text.source_span(*match.span())
        for match in re.finditer(rf"\b{pattern}\b", text.lower)
        if text.widened(*match.span()) == match.span()
    ]
    spans = [span for span in spans if within is None or (within[0] <= span[0] and span[1] <= within[1])]
    if len(spans) == 1:
        return Located("altered", (spans[0],))
    return Located("absent", reason="these few words stand nowhere in the document")


def _altered(document: Document, wanted: str, within: Span | None) -> Located:
    """The one passage that the wanted words are clearly meant to be."""
    text = document.folded
    best: list[tuple[float, Span]] = []
    for window in _windows(text, wanted):
        score, start, end = _closest(text, wanted, window)
        span = text.source_span(*text.widened(start, end))
        if within is not None and not (within[0] <= span[0] and span[1] <= within[1]):
            continue
        if all(span[1] <= other[0] or other[1] <= span[0] for _, other in best):
            best.append((score, span))
    best.sort(reverse=True)
    if not best or best[0][0] < ALTERED_FROM:
        nearest = cut(document, (best[0][1],)) if best and best[0][0] >= 60 else None
        return Located("absent", nearest=nearest, reason="the words stand nowhere in the document")
    if len(best) > 1 and best[0][0] - best[1][0] < RIVAL_WITHIN:
        return Located("absent", nearest=cut(document, (best[0][1],)), reason="two places fit equally well")
    return Located("altered", (best[0][1],))


def _windows(text: Folded, wanted: str) -> Iterator[Span]:
    """Where in the folded text the wanted words may be meant, likeliest first: the rare words vote for an offset."""
    known = [(text.places.get(match[0], []), match.start()) for match in WORD.finditer(wanted.lower())]
    voting = [pair for pair in known if len(pair[0]) <= _RARE] or known
    votes = Counter((place - offset) // _SLOT for places, offset in voting for place in places)
    slack = _SLOT + len(wanted) // 8
    around = {slot: votes[slot - 1] + count + votes[slot + 1] for slot, count in votes.most_common(4 * _WINDOWS)}
    seen: list[int] = []
    for slot in sorted(around, key=around.__getitem__, reverse=True):
        if len(seen) == _WINDOWS or (seen and around[slot] < len(voting) / 3):
            return
        if all(abs(slot - other) > 1 for other in seen):
            seen.append(slot)
            start = max(0, slot * _SLOT - slack)
            yield start, min(len(text.text), max(start, slot * _SLOT) + _SLOT + len(wanted) + slack)


def _closest(text: Folded, wanted: str, window: Span) -> tuple[float, int, int]:
    """The best-fitting run of whole words in the window, and how well it fits from 0 to 100."""
    from rapidfuzz import fuzz  # only a quote that is not verbatim needs it

    wanted, lower = wanted.lower(), text.lower
    found = fuzz.partial_ratio_alignment(wanted, lower[slice(*window)])
    start, end = (window[0] + found.dest_start, window[0] + found.dest_end) if found else window
    starts = [match.start() for match in WORD.finditer(lower, *window)] or [window[0]]
    ends = [match.end() for match in WORD.finditer(lower, *window)] or [window[1]]
    fits = (
        (fuzz.ratio(wanted, lower[first:last]), first, last)
        for first in _near(starts, start)
        for last in _near(ends, end)
        if first < last
    )
    score, first, last = max(fits, default=(0.0, start, max(end, start + 1)))
    return score, *_with_edges(wanted, lower, window, first, last)


def _with_edges(wanted: str, lower: str, window: Span, start: int, end: int) -> Span:
    """The run, reaching out to the wanted first and last word where they stand a few words beyond it."""
    words = WORD.findall(wanted)
    reach = 40
    before = [m for m in WORD.finditer(lower, max(window[0], start - reach), start) if m[0] == words[0]]
    after = [m for m in WORD.finditer(lower, end, min(window[1], end + reach)) if m[0] == words[-1]]
    if before and not lower.startswith(words[0], start):
        start = before[-1].start()
    if after and not lower.endswith(words[-1], 0, end):
        end = after[0].end()
    return start, end


def _near(points: list[int], target: int, count: int = 5) -> list[int]:
    return sorted(points, key=lambda point: abs(point - target))[:count]
