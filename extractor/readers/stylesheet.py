"""The style sheets in a web page, and what values their simple selectors give to an element."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

_COMMENT = re.compile(r"/\*.*?(?:\*/|$)|<!--|-->", re.DOTALL)
_ALWAYS = re.compile(r"@media\s+(?:only\s+)?(?:all|screen)|@layer\b.*", re.IGNORECASE)
_SOMETIMES = re.compile(r"@(?:supports|container)\b.*|@media\b(?!\s*print\b).*", re.IGNORECASE | re.DOTALL)
_SELECTOR = re.compile(r"(?P<element>[a-z][\w-]*|\*)?(?P<rest>(?:[.#][a-z_-][\w-]*)*)", re.IGNORECASE)
_PART = re.compile(r"([.#])([\w-]+)")
_BRACE = re.compile(r"[{}]")
_IMPORTANT = re.compile(r"!\s*important\s*$", re.IGNORECASE)
_DEEPEST = 8

Styles = Mapping[str, str]
"""The values of an element's properties, in lower case."""
_Values = dict[str, tuple[str, bool]]
"""By property its value, in lower case, and whether it is marked important."""
_Weight = tuple[bool, int, int, int, int]
"""Which of two declarations counts: the important, then the more specific, then the later one."""


@dataclass(frozen=True)
class _Rule:
    """Elements that fit the selector have the declarations."""

    element: str
    ids: frozenset[str]
    classes: frozenset[str]
    declared: _Values
    place: int
    always: bool

    def fits(self, tag: str, identity: str, classes: frozenset[str]) -> bool:
        return self.element in ("", "*", tag) and self.ids <= {identity} and self.classes <= classes

    def weight(self, important: bool) -> _Weight:
        named = self.element not in ("", "*")
        return important, len(self.ids), len(self.classes), int(named), self.place


class StyleSheet:
    """The rules in a page's own style sheets.

    Known are selectors of an element, its class or its id, alone or in lists; not those that ask where it stands, and
    not other files. What a rule for some screens changes is left out, as not known. `paints_elsewhere` tells that
    something of all this may give elements a background.
    """

    def __init__(self, page: HtmlElement) -> None:
        css = "\n".join(style.text or "" for style in page.iter("style") if _for_screen(style))
        self._rules: dict[str, list[_Rule]] = defaultdict(list)
        self._met: dict[tuple[str, str, frozenset[str]], _Values] = {}
        self._named: set[str] = set()  # no other ids and classes tell elements apart
        self.paints_elsewhere: bool = page.xpath("boolean(//link[contains(@rel, 'stylesheet')])")
        for place, (selectors, body, always) in enumerate(_blocks(_COMMENT.sub(" ", css))):
            declared = _declared(body)
            for selector in selectors.split(","):
                rule = _rule(selector.strip(), declared, place, always)
                if rule:
                    self._rules[_key(rule)].append(rule)
                    self._named |= rule.ids | rule.classes
                elif any(name.startswith("background") for name in declared):
                    self.paints_elsewhere = True

    def styles(self, node: HtmlElement) -> Styles:
        """The element's own values by the rules and by its style attribute."""
        identity, classes = node.get("id") or "", frozenset((node.get("class") or "").split())
        of_kind = node.tag.lower(), identity if identity in self._named else "", classes & self._named
        if of_kind not in self._met:
            self._met[of_kind] = self._by_rules(*of_kind)
        values = dict(self._met[of_kind])
        for name, (value, important) in _declared(node.get("style") or "").items():
            if important or not values.get(name, ("", False))[1]:
                values[name] = value, important
        return {name: value for name, (value, _) in values.items()}

    def _by_rules(self, tag: str, identity: str, classes: frozenset[str]) -> _Values:
        keys = ("", tag, f"#{identity}", *(f".{one}" for one in classes))
        fitting = [rule for key in keys for rule in self._rules.get(key, ()) if rule.fits(tag, identity, classes)]
        best: dict[str, tuple[_Weight, str]] = {}
        for rule in (rule for rule in fitting if rule.always):
            for name, (value, important) in rule.declared.items():
                if name not in best or rule.weight(important) >= best[name][0]:
                    best[name] = rule.weight(important), value
        for rule in (rule for rule in fitting if not rule.always):
            for name, (value, _) in rule.declared.items():
                if name in best and best[name][1] != value:
                    del best[name]
        return {name: (value, weight[0]) for name, (weight, value) in best.items()}


def _for_screen(style: HtmlElement) -> bool:
    return (style.get("media") or "all").strip().lower() in ("all", "screen")


def _blocks(css: str, always: bool = True, level: int = 0) -> Iterator[tuple[str, str, bool]]:
    """Each rule's selectors and declarations, and whether it counts on every screen."""
    position = 0
    while (opening := css.find("{", position)) >= 0:
        head = css[position:opening].rsplit(";", 1)[-1].strip()
        closing = _closing(css, opening)
        body = css[opening + 1 : closing]
        if not head.startswith("@"):
            yield head, body, always
        elif level < _DEEPEST and _ALWAYS.fullmatch(head):
            yield from _blocks(body, always, level + 1)
        elif level < _DEEPEST and _SOMETIMES.fullmatch(head):
            yield from _blocks(body, False, level + 1)
        position = closing + 1


def _closing(css: str, opening: int) -> int:
    """Where the block that opens there ends; the end of the sheet where it is left open."""
    depth = 0
    for match in _BRACE.finditer(css, opening):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.start()
    return len(css)


def _rule(selector: str, declared: _Values, place: int, always: bool) -> _Rule | None:
    """The rule; null where the selector asks for more than an element, ids and classes."""
    simple = _SELECTOR.fullmatch(selector)
    if not simple or not selector or not declared:
        return None
    parts = [(mark, name) for mark, name in _PART.findall(simple["rest"])]
    ids = frozenset(name for mark, name in parts if mark == "#")
    classes = frozenset(name for mark, name in parts if mark == ".")
    return _Rule((simple["element"] or "").lower(), ids, classes, declared, place, always)


def _key(rule: _Rule) -> str:
    if rule.ids:
        return f"#{min(rule.ids)}"
    return f".{min(rule.classes)}" if rule.classes else rule.element.strip("*")


def _declared(body: str) -> _Values:
    found: _Values = {}
    for declaration in body.split(";"):
        name, colon, value = declaration.partition(":")
        name = name.strip().lower()
        if colon:
            important = _IMPORTANT.search(value) is not None
            found[name] = _IMPORTANT.sub("", value).strip().lower(), important
    return found
