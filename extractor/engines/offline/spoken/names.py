"""Where persons are named: runs of words with a capital that are none of a body's, a post's or a sentence's opening."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from extractor.domain.authorities import mentions
from extractor.domain.tables import toml
from extractor.engines.offline.reading import Reading

_CAPITAL = "A-ZÀ-ÖØ-Þ"
_SMALL = "a-zß-öø-ÿ"
_WORD = (
    rf"(?:(?:O'|D'|Mc|Mac|Fitz|De|La|Le)?[{_CAPITAL}][{_SMALL}]+(?:[-'][{_CAPITAL}][{_SMALL}]+)*"
    rf"|[{_CAPITAL}]'?[{_CAPITAL}]+(?:-[{_CAPITAL}]+)?|[{_CAPITAL}])"
)
_BETWEEN = r"\.?(?:[ \t]+|[ \t]*\n[ \t]*)(?:(?:de|van|von|der|den|da|di|bin|al|el|la|le)[ ]){0,2}"
_RUN = re.compile(rf"(?<![\w'&-]){_WORD}(?:{_BETWEEN}{_WORD})*(?![\w&])(?!-[a-z])")
_TOKEN = re.compile(rf"(?:(?:de|van|von|der|den|da|di|bin|al|el|la|le) )*{_WORD}")
_SMALL_WORD = re.compile(rf"(?<![\w'-])[{_SMALL}]{{3,}}(?![\w'])")
_TO_LINE_END = re.compile(r"[ \t]*(?=\n)")
_SHORT_LINE = 50
_MOST_WORDS = 4


@dataclass(frozen=True)
class Named:
    """A name at text[start:end]; its `titles`, empty where it has none, begin at `opens`."""

    name: str
    start: int
    end: int
    opens: int
    titles: str

    @property
    def surname_only(self) -> bool:
        """Whether the name is a title's and one word: "Mr Day"."""
        return len(self.name.split()) == 1


def names(reading: Reading) -> list[Named]:
    """Every place where a person may be named: two words or more, or one after a title.

    Words that the text has in small letters as well are no name ("Placement Order").
    """
    small = set(_SMALL_WORD.findall(reading.text))
    return [
        named
        for run in _RUN.finditer(reading.text)
        if len(run[0].split()) > 1
        for named in _in_run(reading.text, run)
        if _is_name(named) and (named.titles or not _is_common(named.name, small))
    ]


def _is_common(name: str, small: set[str]) -> bool:
    """Whether each word of the name is in the text in small letters, in the singular or the plural."""
    return all({word, word.removesuffix("s"), f"{word}s"} & small for word in name.lower().split())


def _in_run(text: str, run: re.Match[str]) -> Iterator[Named]:
    """The names among the words of a run."""
    words = list(_TOKEN.finditer(text, run.start(), run.end()))
    kinds = [_kind(word[0]) for word in words]
    position = 0
    while position < len(words):
        if kinds[position] not in ("name", "title"):
            position += 1
            continue
        titles, position = _stretch(text, words, kinds, position, "title")
        own, position = _stretch(text, words, kinds, position, "name")
        follows = (
            position < len(words) and kinds[position] == "body" and not _ends_line(text, words[position - 1].end())
        )
        if own and not follows:
            start, end = own[0].start(), own[-1].end()
            titled = text[titles[0].start() : titles[-1].end()] if titles else ""
            yield Named(" ".join(text[start:end].split()), start, end, (titles or own)[0].start(), titled)


def _stretch(
    text: str, words: Sequence[re.Match[str]], kinds: Sequence[str], position: int, kind: str
) -> tuple[list[re.Match[str]], int]:
    """The words of this kind from the position on, up to the end of a short line."""
    found: list[re.Match[str]] = []
    while position < len(words) and kinds[position] == kind:
        if found and (_ends_line(text, found[-1].end()) or _ends_sentence(text, found[-1], words[position])):
            break
        found.append(words[position])
        position += 1
    return found, position


def _ends_line(text: str, offset: int) -> bool:
    """Whether a line ends here that is too short to have been broken off."""
    stop = _TO_LINE_END.match(text, offset)
    return stop is not None and (stop.end() < _SHORT_LINE or "\n" in text[stop.end() - _SHORT_LINE : offset])


def _ends_sentence(text: str, word: re.Match[str], other: re.Match[str]) -> bool:
    """Whether the stop between two words is no initial's and no title's."""
    return "." in text[word.end() : other.start()] and len(word[0]) > 1 and _kind(word[0]) != "title"


def _is_name(named: Named) -> bool:
    words = named.name.replace(".", "").split()
    long = [word for word in words if len(word) > 1]
    if not long or len(words) > _MOST_WORDS or len(words[-1]) == 1 or (len(words) < 2 and not named.titles):
        return False
    if all(word.isupper() for word in long) and not named.titles and any(len(word) < 3 for word in long):
        return False
    return not any(mention.end - mention.start >= len(named.name) - 2 for mention in mentions(named.name))


def is_name_word(word: str) -> bool:
    """Whether a word with a capital may be part of a name."""
    return _kind(word) == "name"


def _kind(word: str) -> str:
    plain = word.rstrip(".").removesuffix("'s")
    as_usual = plain.capitalize() if plain.isupper() and len(plain) > 1 else plain
    return _kinds().get(plain) or _kinds().get(as_usual, "name")


@cache
def _kinds() -> dict[str, str]:
    """What each listed word is: a title, or a body's, a post's or an opening word."""
    table = toml("roles.toml")
    kinds = {"bodies": "body", "posts": "post", "openers": "opener"}
    listed = {word: kinds[name] for name, words in table["not_in_names"].items() for word in words}
    return listed | dict.fromkeys((*table["titles"], *table["offices"]), "title")
