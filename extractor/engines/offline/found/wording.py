"""Word lists of the tables, found in a text by its words: as quick for a thousand entries as for one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from extractor.domain.tables import toml

_WORD = re.compile(r"[a-z]+(?:(?:-|'(?!s\b))[a-z]+)*")
_SHORTEST_STEM = 3
_MOST_REMEMBERED = 50_000


class Word(NamedTuple):
    """A word of a text, in lower case, at text[start:end]; a possessive's ending is left out of `said`."""

    said: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """The words of a text, in order."""
    return [Word._make((match[0], *match.span())) for match in _WORD.finditer(_lower(text))]


def _lower(text: str) -> str:
    """The text in lower case, each letter in its place: "İ" would become two."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(letter.lower()[0] for letter in text)


class Wording:
    """A list of words and phrases; a word that ends in * stands for any ending."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._whole: dict[str, list[tuple[str, ...]]] = {}
        self._stems: set[str] = set()
        self._met: dict[str, list[tuple[str, ...]]] = {}
        for entry in entries:
            first, *rest = (word.lower().removesuffix("'s") for word in entry.split())
            if first.endswith("*"):
                self._stems.add(first[:-1])
            else:
                self._whole.setdefault(first, []).append(tuple(rest))

    def lengths(self, said: Sequence[Word]) -> Iterator[tuple[int, int]]:
        """Where an entry stands among these words: the index of its first word, and how many words it has."""
        met = self._met
        for index, word in enumerate(said):
            tails = met[word.said] if word.said in met else self._meet(word.said)
            if tails:
                found = [len(tail) + 1 for tail in tails if not tail or _follows(said, index + 1, tail)]
                if found:
                    yield index, max(found)

    def places(self, said: Sequence[Word]) -> list[int]:
        """The indexes of the words at which an entry stands."""
        return [index for index, _ in self.lengths(said)]

    def has(self, said: Sequence[Word]) -> bool:
        """Whether an entry stands among these words."""
        return next(self.lengths(said), None) is not None

    def _meet(self, word: str) -> list[tuple[str, ...]]:
        """What may follow the word in an entry, remembered for the next time; nothing where no entry opens with it."""
        tails = self._whole.get(word, [])
        if any(word[:length] in self._stems for length in range(_SHORTEST_STEM, len(word) + 1)):
            tails = [*tails, ()]
        if len(self._met) < _MOST_REMEMBERED:
            self._met[word] = tails
        return tails


def _follows(said: Sequence[Word], index: int, tail: tuple[str, ...]) -> bool:
    return len(said) >= index + len(tail) and all(said[index + step].said == word for step, word in enumerate(tail))


@cache
def wording(table: str, *path: str) -> Wording:
    """The list at this place of a table of extractor/domain."""
    entries = toml(table)
    for key in path:
        entries = entries[key]
    return Wording(entries)
