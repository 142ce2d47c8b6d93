"""The bullets and numbers that Word puts before paragraphs, counted as they come."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from extractor.readers.wordfile import WordFile
from extractor.readers.wordml import child, local, number, value
from extractor.readers.wordstyles import Dress

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"))
_ROMAN_UNITS = ((9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_MOST = 32_767
"""The largest number that Word counts to: one beyond it is no numeral of thousands of letters."""
_LEVELS = range(9)
_LONGEST_MARK = 100


class Lists:
    """The lists that a Word file defines, and how far each is counted."""

    def __init__(self, file: WordFile) -> None:
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._lists: dict[str, str] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        root = file.related("numbering")
        for node in root if root is not None else ():
            if local(node) == "abstractNum":
                self._levels[value(node, "abstractNumId")] = dict(_level(one) for one in node if local(one) == "lvl")
            elif local(node) == "num":
                identity = value(node, "numId")
                self._lists[identity] = value(child(node, "abstractNumId"))
                starts = ((one, child(one, "startOverride")) for one in node if local(one) == "lvlOverride")
                self._restarts[identity] = {
                    number(value(one, "ilvl")): number(value(start), 1) for one, start in starts if start is not None
                }

    def mark(self, said: Dress) -> str:
        """What stands before the paragraph: "• ", "12. "; "" where it is no item of a list."""
        identity, level = said.get("list"), said.get("level", 0)
        if not identity or identity not in self._lists:
            return ""
        levels = self._levels.get(self._lists[identity], {})
        if level not in levels or level not in _LEVELS:
            return ""
        form, text, start = levels[level]
        if form == "bullet":
            return "• "
        if form == "none":
            return ""
        counts = self._counts[self._lists[identity]]
        restart = self._restarts[identity].pop(level, None)
        counts[level] = restart if restart is not None else counts.get(level, start - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        for one in range(level + 1):
            shown, first = levels.get(one, ("decimal", "", 1))[0], levels.get(one, ("", "", 1))[2]
            text = text.replace(f"%{one + 1}", _numeral(counts.get(one, first), shown))
        return f"{text} " if text.strip() else ""


def _level(node: Any) -> tuple[int, tuple[str, str, int]]:
    mark = value(child(node, "lvlText"))[:_LONGEST_MARK]
    said = value(child(node, "numFmt")), mark, number(value(child(node, "start")), 1)
    return number(value(node, "ilvl")), said


def _numeral(count: int, form: str) -> str:
    if count > _MOST:
        return str(count)
    if form in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("lowerRoman", "upperRoman"):
        numeral = ""
        for worth, sign in (*_ROMAN, *_ROMAN_UNITS):
            numeral += sign * (count // worth)
            count %= worth
        return numeral.upper() if form == "upperRoman" else numeral
    return str(count)
