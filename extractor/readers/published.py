"""The day a web page states for its own publication: read off its metadata, never guessed from its text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

_META = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "dcterms.issued",
    "dc.date.issued",
    "dcterms.date",
    "dc.date",
    "publication_date",
    "publish_date",
    "pubdate",
    "date",
)
_DAY = re.compile(r"\s*((?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2})(?!\d)")  # no other year is read in a text either


def published(page: HtmlElement) -> str | None:
    """The date of `page` as EDTF; null where it states none, or states several at the same level.

    Asked in this order, the first that answers counts: meta elements by name, `datePublished` in JSON-LD, and a
    `time` element marked as the publication's.
    """
    return next((days[0] for days in map(_days, _statements(page)) if len(days) == 1), None)


def _statements(page: HtmlElement) -> Iterator[list[str]]:
    metas = [(_meta_name(meta), meta.get("content") or "") for meta in page.iter("meta")]
    for name in _META:
        yield [content for key, content in metas if key == name]
    yield list(_linked_data(page))
    yield page.xpath("//time[@pubdate or @itemprop='datePublished']/@datetime")


def _meta_name(meta: HtmlElement) -> str:
    return str(meta.get("property") or meta.get("name") or meta.get("itemprop") or "").strip().lower()


def _linked_data(page: HtmlElement) -> Iterator[str]:
    for script in page.xpath("//script[@type='application/ld+json']"):
        try:
            yield from _values(json.loads(script.text_content()), "datePublished")
        except (ValueError, RecursionError):
            continue


def _values(node: Any, key: str) -> Iterator[str]:
    """Every string under `key`, at any depth."""
    if isinstance(node, list):
        for item in node:
            yield from _values(item, key)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == key and isinstance(value, str):
                yield value
            else:
                yield from _values(value, key)


def _days(statements: list[str]) -> list[str]:
    """The different days that are stated, each as YYYY-MM-DD."""
    found = (match[1] for statement in statements if (match := _DAY.match(statement)))
    return sorted({day for day in found if _real(day)})


def _real(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True
