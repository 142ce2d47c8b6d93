"""A long document cut into sections that a model's window can hold, by heading and page.

The sections cover the text once, in order, without overlap: what that loses is a quote over two sentences with a cut
between them. No sentence, list item or table row is cut, unless it alone is too long. Each section is read with the
document's front before it, so that the council and the dates are known.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from extractor.document import Document, Span
from extractor.engines.window import weight
from extractor.folding import without

_QUARTERS = 4  # sizes are counted in quarters of a token, as weights are
_FRONT_SHARE = 4
_FRONT_MOST = 400
_MARK = weight("\n\n[… characters 10,000,000 to 10,000,000 …]\n\n")
_UNSEEN = "\x1f"  # stands for each character that is not shown: white space to every pattern

_STOP = re.compile(r"(?<=[.!?])[\"'’”)\]]*\s+(?=[\"'‘“(\[]*[A-Z0-9•*·▪◼■●#])")
_ITEM = re.compile(r"\n\s*(?=[•*·▪◼■●]\s)")
_ROW = re.compile(r"(?<=\|)[ \t]*\n\s*|\n\s*(?=\|)")
_NO_STOP = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Cllr|Prof|St|Rev|Hon|No|Nos|vs|etc|e\.g|i\.e|p|pp|[A-Z])|(?:^|\n)\s*[0-9.]+)\.$"
)
_HEADING = re.compile(
    r"#|(?=[A-Z0-9])(?:[^\n.!?;•]+\n){0,2}[^\n.!?;•]{2,80}(?<![,\s])[ \t]*\n\s*(?:[0-9]+\.\s|[•\"'“A-Z])"
)


@dataclass(frozen=True)
class Section:
    """A stretch of a document's text, start to end; `front` ends where the opening that is read with it ends.

    `front` is 0 for a section that begins where the document does.
    """

    start: int
    end: int
    front: int = 0

    def is_across(self, spans: tuple[Span, ...]) -> bool:
        """Whether the spans begin in the front and end in the section, as if these stood beside each other."""
        return spans[0][0] < self.front < self.start < spans[-1][1]

    def place(self, document: Document) -> str:
        """Which pages it is on, in words; which characters, where the document has no pages."""
        spans = document.shown((self.start, self.end)) or ((self.start, self.end),)
        first, last = document.page_of(spans[0][0]), document.page_of(spans[-1][1] - 1)
        if first is None:
            return f"characters {self.start:,} to {self.end:,}"
        return f"page {first}" if first == last else f"pages {first} to {last}"

    def shown(self, document: Document) -> str:
        """What a model is shown: the front, a mark that says where the rest is from, the section."""
        body = _visible(document, self.start, self.end).strip()
        mark = f"[… {self.place(document)} …]"
        return "\n\n".join([_visible(document, 0, self.front).strip(), mark, body] if self.front else [body])


def sections(document: Document, room: int, within: Span | None = None) -> list[Section]:
    """The document, or the stretch `within` it, in sections that take at most `room` tokens with their front.

    A cut is made at the last heading in the second half of what there is room for; without one, where the last page
    there begins, or the last paragraph, or the last sentence.
    """
    start, end = within or (0, len(document.text))
    plain = _Plain(document)
    most = room * _QUARTERS
    front = plain.cut(0, min(most // _FRONT_SHARE, _FRONT_MOST * _QUARTERS), end)
    space = most - plain.size(0, front) - _MARK
    cuts = [start]
    while plain.reach(cuts[-1], space if cuts[-1] else most, end) < end:
        cuts.append(plain.cut(cuts[-1], space if cuts[-1] else most, end))
    return [Section(one, other, min(front, one)) for one, other in pairwise([*cuts, end])]


def part(document: Document, section: Section) -> Document:
    """The document with all but the section and its front hidden: every span still points into the whole text."""
    seen = ((0, section.front), (section.start, section.end))

    def kept(span: Span) -> bool:
        return any(start <= span[0] and span[1] <= end for start, end in seen)

    rest = ((section.front, section.start), (section.end, len(document.text)))
    return replace(
        document,
        furniture=tuple(filter(kept, document.furniture)),
        hidden=(*filter(kept, document.hidden), *(span for span in rest if span[0] < span[1])),
    )


def _visible(document: Document, start: int, end: int) -> str:
    inside = [span for span in (*document.furniture, *document.hidden) if span[0] < end and span[1] > start]
    return without(document.text[start:end], [(max(0, a - start), b - start) for a, b in inside])


@dataclass(frozen=True)
class _Plain:
    """A document's text with what is not shown blanked out, and the places where it may be cut."""

    document: Document

    @cached_property
    def text(self) -> str:
        plain, position = [], 0
        for start, end in sorted((*self.document.furniture, *self.document.hidden)):
            plain += [self.document.text[position:start], _UNSEEN * (end - max(position, start))]
            position = max(position, end)
        return "".join((*plain, self.document.text[position:]))

    @cached_property
    def cuts(self) -> list[int]:
        """Where a sentence, a list item or a table row begins, in order."""
        ends = {match.end() for match in _STOP.finditer(self.text) if self._ends_sentence(match)}
        return sorted(ends | {match.end() for pattern in (_ITEM, _ROW) for match in pattern.finditer(self.text)})

    def _ends_sentence(self, match: re.Match[str]) -> bool:
        if _NO_STOP.search(self.text, max(0, match.start() - 12), match.start()):
            return False
        line = self.text[self.text.rfind("\n", 0, match.start()) + 1 : match.end()]
        return "\n" in match[0] or ("|" not in line and "\t" not in line)

    def size(self, start: int, end: int) -> int:
        """How much of the stretch is shown, in quarters of a token."""
        return weight(self.text[start:end]) - self.text.count(_UNSEEN, start, end)

    def cut(self, start: int, space: int, end: int) -> int:
        """The best place to cut a stretch that begins at `start` so that at most `space` stands before it."""
        most = self.reach(start, space, end)
        half = self.reach(start, space // 2, end)
        held = self.cuts[bisect_right(self.cuts, start) : bisect_right(self.cuts, most)]
        late = [place for place in held if place > half]
        if late:
            return max(late, key=lambda place: (self._merit(place), place))
        return held[-1] if held else self._inside(start, most)

    def reach(self, start: int, space: int, end: int) -> int:
        """The last offset that has at most `space` before it; one character at least."""
        low, high = start + 1, min(end, start + space + 1)
        while high < end and self.size(start, high) <= space:
            low, high = high, min(end, start + 2 * (high - start))
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.size(start, middle) <= space else (low, middle - 1)
        return low

    def _inside(self, start: int, most: int) -> int:
        """Where to cut what is too long to be left whole: after a line, else after a word, else anywhere."""
        found = (self.text.rfind(blank, start + 1, most) + 1 for blank in "\n ")
        return next((place for place in found if place), most)

    def _merit(self, place: int) -> int:
        """How good a cut is: 3 before a heading, 2 where a page begins, 1 where a line does."""
        if self.text[self.text.rfind("\n", 0, place) + 1 : place].strip():
            return 0
        if _HEADING.match(self.text, place):
            return 3
        page = self.document.page_of(place)
        return 2 if page and not self.text[self.document.pages[page - 1][0] : place].strip() else 1
