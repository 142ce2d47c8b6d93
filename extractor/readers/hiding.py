"""What of a web page its own styles hide: style sheets in the page, for simple selectors, and style attributes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractor.readers.stylesheet import Styles, StyleSheet

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

_NUMBER = re.compile(r"(-?[0-9]*\.?[0-9]+)(px|em|rem|pt|%|vw|vh|ch|ex)?$")
_FAR = {"px": 900, "pt": 900, "em": 60, "rem": 60, "%": 100, "vw": 100, "vh": 100, "ch": 120, "ex": 120}
"""How far to the left or above the page's edge takes words off the screen, in each unit."""
_NO_WINDOW = re.compile(r"rect\((?:[01](?:px)?[\s,]*){4}\)|inset\((?:50|100)%\)")
_COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})\b|rgb\([0-9,\s]+\)|\b(?:white|black|transparent)\b")
_NAMED = {"white": "#ffffff", "black": "#000000"}
_EXTENTS = ("height", "width", "max-height", "max-width")
_LAYERED = ("absolute", "fixed")
_EDGES = ("left", "right", "top")
_PICTURES = ("background", "background-image")
_WHITE = "#ffffff"


def hidden(page: HtmlElement) -> list[HtmlElement]:
    """The outermost elements that a visitor of the page cannot see, as far as its own simple styles tell.

    Words in the colour of their background count where both are given by the element, or the background by one around
    it; and white ones on a page in which nothing that is not known can paint a background.
    """
    sheet = StyleSheet(page)
    found: list[HtmlElement] = []
    waiting: list[tuple[HtmlElement, str | None]] = [(page, None if sheet.paints_elsewhere else _WHITE)]
    while waiting:
        node, ground = waiting.pop()
        if not isinstance(node.tag, str):
            continue
        styles = sheet.styles(node)
        ground = _ground(styles, ground)
        gone = _unseen(styles) or _blends(styles, ground) or (_inherits(styles) and not _shown_again(sheet, node))
        if gone and node.tag not in ("html", "body"):  # a page that hides all of itself is shown by a script
            found.append(node)
        else:
            waiting += [(child, ground) for child in node]
    return found


def _inherits(styles: Styles) -> bool:
    """Whether the element's words are hidden in a way that an element in it can undo."""
    return styles.get("visibility") in ("hidden", "collapse") or _number(styles.get("font-size")) == 0


def _shown_again(sheet: StyleSheet, node: HtmlElement) -> bool:
    inner = (sheet.styles(one) for one in node.iterdescendants() if isinstance(one.tag, str))
    return any(styles.get("visibility") == "visible" or (_number(styles.get("font-size")) or 0) > 0 for styles in inner)


def _unseen(styles: Styles) -> bool:
    if styles.get("display") == "none" or _number(styles.get("opacity")) == 0 or _is_far(styles.get("text-indent")):
        return True
    if styles.get("overflow") == "hidden" and any(_is_nothing(styles.get(name)) for name in _EXTENTS):
        return True
    layered = styles.get("position") in _LAYERED
    clipped = _NO_WINDOW.search(f"{styles.get('clip', '')} {styles.get('clip-path', '')}") is not None
    return layered and (clipped or any(_is_far(styles.get(name)) for name in _EDGES))


def _number(value: str | None) -> float | None:
    """A size's number, whatever its unit; null where it is none."""
    number = _NUMBER.fullmatch(value or "")
    return float(number[1]) if number else None


def _is_nothing(value: str | None) -> bool:
    number = _NUMBER.fullmatch(value or "")
    return number is not None and float(number[1]) <= (1 if number[2] == "px" else 0)


def _is_far(value: str | None) -> bool:
    number = _NUMBER.fullmatch(value or "")
    return number is not None and float(number[1]) <= -_FAR.get(number[2] or "px", _FAR["px"])


def _ground(styles: Styles, around: str | None) -> str | None:
    """The colour behind the element's words; null where it cannot be told."""
    painted = styles.get("background-color") or styles.get("background") or ""
    if _has_picture(styles) or (not painted and styles.get("position") in _LAYERED):
        return None
    colour = _colour(painted)
    return around if colour == "transparent" or painted in ("", "none", "inherit", "initial") else colour


def _has_picture(styles: Styles) -> bool:
    return any("url(" in styles.get(name, "") or "gradient" in styles.get(name, "") for name in _PICTURES)


def _blends(styles: Styles, ground: str | None) -> bool:
    colour = _colour(styles.get("color") or "")
    return colour is not None and (colour == ground or (colour == "transparent" and not _has_picture(styles)))


def _colour(value: str) -> str | None:
    """A colour as #rrggbb or "transparent"; null where it is said in another way."""
    match = _COLOUR.search(value)
    if match is None:
        return None
    said = match[0]
    if said.startswith("rgb"):
        channels = [int(one) for one in re.findall(r"[0-9]+", said)]
        return "#" + "".join(f"{one:02x}" for one in channels) if len(channels) == 3 and max(channels) < 256 else None
    if said.startswith("#") and len(said) == 4:
        return "#" + "".join(letter * 2 for letter in said[1:])
    return _NAMED.get(said, said)
