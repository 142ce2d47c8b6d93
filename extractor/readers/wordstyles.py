"""What styles, paragraphs and runs of a Word file say about the look of their text."""

from __future__ import annotations

from typing import Any

from extractor.readers.wordfile import WordFile
from extractor.readers.wordml import child, local, number, value

Dress = dict[str, Any]
"""What is said of a piece of text: `vanish`, `colour`, `size` (half points), `shade`, `list` and `level`."""

_UNSHADED = ("", "auto", "ffffff")
_OFF = ("0", "false", "off", "none")
_TINY = 2  # half points
_MOST_BASED_ON = 20


def dress(properties: Any) -> Dress:
    """What a paragraph's or a run's own properties say."""
    said: Dress = {}
    for one in properties if properties is not None else ():
        name = local(one)
        if name == "vanish":
            said["vanish"] = value(one).lower() not in _OFF
        elif name == "color":
            said["colour"] = value(one).lower()
        elif name == "sz":
            said["size"] = number(value(one)) or None
        elif name in ("shd", "highlight"):
            said["shade"] = value(one, "fill" if name == "shd" else "val").lower() not in (*_UNSHADED, "none", "white")
        elif name == "numPr":
            said["list"] = value(child(one, "numId")) or None
            said["level"] = number(value(child(one, "ilvl")))
        elif name in ("pStyle", "rStyle"):
            said["style"] = value(one)
    return said


def unseen(said: Dress, *, shaded: bool) -> bool:
    """Whether text so dressed cannot be seen; `shaded` tells that something else may lie behind it."""
    white = said.get("colour") == "ffffff" and not shaded and not said.get("shade")
    return bool(said.get("vanish")) or white or (said.get("size") or _TINY + 1) <= _TINY


class Styles:
    """The styles of a Word file, each with what it is based on."""

    def __init__(self, file: WordFile) -> None:
        root = file.related("styles")
        self._own: dict[str, tuple[str, Dress]] = {}
        self._default = ""
        for style in root if root is not None else ():
            if local(style) == "style":
                name = value(style, "styleId")
                said = dress(child(style, "pPr")) | dress(child(style, "rPr"))
                self._own[name] = value(child(style, "basedOn")), said
                if value(style, "type") == "paragraph" and value(style, "default") in ("1", "true", "on"):
                    self._default = name

    def of(self, name: str) -> Dress:
        """What the style says, with what it is based on."""
        said: Dress = {}
        for _ in range(_MOST_BASED_ON):
            base, own = self._own.get(name, ("", {}))
            said = own | said
            if not base:
                break
            name = base
        return said

    def paragraph(self, properties: Any) -> Dress:
        """What is said of a paragraph and of the runs in it."""
        own = dress(properties)
        return self.of(own.get("style") or self._default) | own
