"""A quoted value that one section gives, and how it is compared with another's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from extractor import dates
from extractor.checking import Check
from extractor.domain.areas import plain
from extractor.engines import JSON
from extractor.folding import fold
from extractor.support import name_words


@dataclass(frozen=True)
class Item:
    """A quoted value, what became of its quote, and where in the document the section begins that gave it."""

    section: int
    value: JSON
    check: Check

    @property
    def stands(self) -> bool:
        """Whether it may be delivered."""
        return self.check.delivered

    @property
    def is_sure(self) -> bool:
        """Whether its quote is verified and surely shows it."""
        return self.check.verdict == "verified" and self.check.support == "yes"

    @cached_property
    def merit(self) -> tuple[bool, bool, int]:
        """Sorts the better evidence first, then what says more."""
        return not self.stands, not self.is_sure, -sum(value is not None for value in self.value.values())

    @property
    def told(self) -> str:
        """The value in words, with its passage."""
        said = [str(value) for key, value in self.value.items() if key != "quote" and value is not None]
        return f'{", ".join(said)} ("{" ".join((self.check.quote or self.value["quote"]).split())}")'


Fields = dict[str, Item | list[Item] | None]
"""One record, as one section gives it."""


def edtf(item: Item, key: str, part: Any, published: str | None) -> str | None:
    """The date that the words under this key say; null where they say none."""
    words = item.value[key]
    return words and dates.resolve(words, quote=item.check.quote, part=part, published=published).edtf


def compared(item: Item, published: str | None) -> Mapping[str, Any]:
    """The item's values as they are compared: dates in EDTF, names without titles, other words folded; no quote."""
    return {
        key: None if value is None else _READ.get(key, _folded)(value, item, published)
        for key, value in item.value.items()
        if key != "quote"
    }


def _folded(value: Any, item: Item, published: str | None) -> Any:
    return fold(value).lower() if isinstance(value, str) else value


def _dated(value: str, item: Item, published: str | None) -> str:
    resolved = dates.resolve(value, quote=item.check.quote, part="end", published=published).edtf
    return resolved or fold(value).lower()


_READ: Mapping[str, Callable[[Any, Item, str | None], Any]] = {
    "area": lambda value, item, published: plain(value),
    "name": lambda value, item, published: tuple(name_words(value)),
    "speaker": lambda value, item, published: tuple(name_words(value)),
    "date": _dated,
    "as_of": _dated,
}
