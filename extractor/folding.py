"""Text with only what counts left, and the way back to where it stands in the source.

Folded away: kinds of quotation mark, dash and white space, ligatures, soft hyphens and other unseen characters.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

Span = tuple[int, int]
"""Half-open character offsets into a text."""

_QUOTES = "'\"‘’‚‛“”„‟‹›«»`´′″ʼ"
_DASHES = "‐‑‒–—―−─﹣－"
_BLANKS = "\n\t\r\v\f\x1c\x1d\x1e\x1f\u0085\u2028\u2029" + "".join(
    chr(code) for code in range(0x80, 0x3001) if unicodedata.category(chr(code)) == "Zs"
)
_KINDS_TO_ONE = dict.fromkeys(_QUOTES, "'") | dict.fromkeys(_DASHES, "-") | dict.fromkeys(_BLANKS, " ")
_KINDS = frozenset(_KINDS_TO_ONE)
_ONE_TO_ONE = str.maketrans(_KINDS_TO_ONE)
_LONG = 2000
_UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_IRREGULAR = re.compile(f"[ {_UNSEEN}]{{2,}}|[{_UNSEEN}]|[ﬀ-ﬆ…]")
_EDGE = " .,;:!?'()[]-•*"
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
"""A word of folded text: letters and digits, with inner apostrophes."""


class Folded:
    """A folded text; `unseen` spans of the source count as white space."""

    def __init__(self, source: str, unseen: Iterable[Span] = ()) -> None:
        plain = _one_kind(blanked(source, unseen))
        self._folded_at, self._source_at = [0], [0]
        parts: list[str] = []
        length = position = 0
        for match in _IRREGULAR.finditer(plain):
            parts.append(plain[position : match.start()])
            length += match.start() - position
            place = match.start() + max(0, match[0].find(" "))
            for character in _shown(match[0]):
                self._mark(length, place)
                parts.append(character)
                length += 1
            position = match.end()
            self._mark(length, position)
        parts.append(plain[position:])
        self.text = "".join(parts)

    def _mark(self, folded: int, source: int) -> None:
        if self._folded_at[-1] == folded:
            self._source_at[-1] = source
        else:
            self._folded_at.append(folded)
            self._source_at.append(source)

    def _offset(self, folded: int) -> int:
        index = bisect_right(self._folded_at, folded) - 1
        return self._source_at[index] + folded - self._folded_at[index]

    def source_span(self, start: int, end: int) -> Span:
        """The source's span of a folded span that is not empty."""
        return self._offset(start), self._offset(end - 1) + 1

    @cached_property
    def lower(self) -> str:
        """The text without case, of the same length."""
        lowered = self.text.lower()
        return lowered if len(lowered) == len(self.text) else self.text

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Each word, without case, to the offsets where it stands."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for match in WORD.finditer(self.lower):
            found[match[0]].append(match.start())
        return dict(found)

    def occurrences(self, wanted: str) -> Iterator[int]:
        """Offsets at which `wanted` stands as whole words."""
        start = self.text.find(wanted)
        while start >= 0:
            if _whole(self.text, start, start + len(wanted)):
                yield start
            start = self.text.find(wanted, start + 1)

    def widened(self, start: int, end: int) -> Span:
        """A folded span, made to hold whole words, compounds and numbers."""
        while start > 0 and _inside_word(self.text, start):
            start -= 1
        while end < len(self.text) and _inside_word(self.text, end):
            end += 1
        return start, end

    def first(self, wanted: str) -> Span | None:
        """The source's span of the first place where `wanted` stands, folded, as whole words; null if nowhere."""
        form = fold(wanted)
        start = next(self.occurrences(form), None) if form else None
        return None if start is None else self.source_span(start, start + len(form))


def fold(text: str) -> str:
    """The text as it is compared: folded, its edge punctuation gone."""
    return Folded(text).text.strip(_EDGE)


def words(text: str) -> list[str]:
    """The words of the text, folded, with their case."""
    return WORD.findall(Folded(text).text)


def without(text: str, spans: Iterable[Span]) -> str:
    """The text with these spans taken out."""
    return "".join(text[start:end] for start, end in _between(len(text), spans))


def _one_kind(text: str) -> str:
    """The text with one kind of each mark; a long one mark by mark, which takes a tenth of str.translate's time."""
    if len(text) < _LONG:
        return text.translate(_ONE_TO_ONE)
    for mark in _KINDS.intersection(text):
        text = text.replace(mark, _KINDS_TO_ONE[mark])
    return text


def blanked(text: str, spans: Iterable[Span]) -> str:
    """The text with these spans as blanks, of the same length."""
    blanked: list[str] = []
    position = 0
    for start, end in _between(len(text), spans):
        blanked += (" " * (start - position), text[start:end])
        position = end
    return "".join(blanked)


def _between(length: int, spans: Iterable[Span]) -> Iterator[Span]:
    """What the spans leave of 0 to length, in order, with an empty span at the end."""
    position = 0
    for start, end in sorted(spans):
        if start > position:
            yield position, start
        position = max(position, end)
    yield position, max(position, length)


def _shown(irregular: str) -> str:
    if " " in irregular:
        return " "
    return unicodedata.normalize("NFKC", irregular) if irregular.isprintable() else ""


def _whole(text: str, start: int, end: int) -> bool:
    return not (_inside_word(text, start) or _inside_word(text, end))


def _inside_word(text: str, at: int) -> bool:
    """Whether a cut at this offset would go through a word, a compound or a number ("non-|compliant", "53,|806")."""
    around = text[max(0, at - 2) : at + 2]
    if at < 2 or at > len(text) - 2:
        around = f"{text[max(0, at - 2) : at]:>2}{text[at : at + 2]:<2}"
    before, one, other, after = tuple(around)
    if one.isalnum() and other.isalnum():
        return True
    for left, mark, right in ((before, one, other), (one, other, after)):
        if mark == "-" and left.isalnum() and right.isalnum() and not (left.isdigit() and right.isdigit()):
            return True
        if mark in ",." and left.isdigit() and right.isdigit():
            return True
    return False
