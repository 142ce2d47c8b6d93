"""lxml and trafilatura at work: the visible main text of a page."""

from __future__ import annotations

import re

import trafilatura
from lxml.html import HtmlElement, document_fromstring  # type: ignore[import-untyped]

from extractor.readers.hiding import hidden
from extractor.readers.published import published

_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")
_RULE = re.compile(r"\|[|\s:-]*-[|\s:-]*")

_UNSEEN = "script or self::style or self::noscript or self::template or self::iframe or self::object or @hidden"


def main_text(source: str) -> tuple[str, str | None]:
    """The text that a visitor of the page would read, and the page's own date."""
    markup = _DECLARATION.sub("", source, count=1)
    if not markup.strip():
        return "", None
    page = document_fromstring(markup)
    date = published(page)
    _drop_unseen(page)
    text = trafilatura.extract(page, include_comments=False, include_tables=True, favor_recall=True)
    return _lines(text or ""), date


def _drop_unseen(page: HtmlElement) -> None:
    for node in hidden(page):
        _drop(node)
    for node in page.xpath(f"//comment() | //processing-instruction() | //*[self::{_UNSEEN}]"):
        _drop(node)


def _drop(node: HtmlElement) -> None:
    if node.getparent() is not None:
        node.drop_tree()


def _lines(text: str) -> str:
    """Without the rules and outer bars that trafilatura draws around the rows of a table."""
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line.strip("| ") if line.startswith("|") else line for line in lines if not _RULE.fullmatch(line))
