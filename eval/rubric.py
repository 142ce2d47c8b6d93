"""The rubric: what is compared how and what counts, as rubric.toml says it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from extractor.errors import ExtractorError

from .align import ALIGNERS
from .scorers import SCORERS, Scorer

UNKNOWN = "unknown_keys"
"""The field under which keys are counted that the rubric does not know."""


class RubricError(ExtractorError):
    """A rubric that cannot be used, or a record that it does not cover: says what and where."""


@dataclass(frozen=True)
class Field:
    """One field of the record.

    A scalar has a `scorer`. A list has `align` in its place; where its items have parts, `identity` is the part by
    which they find each other (null where that takes several), `parts` those compared, with their scorers, and
    `aside` those in an item that are not. `weight` is 0 where the field is only shown; it is whole, as are counts.
    """

    name: str
    weight: int = 0
    scorer: str | None = None
    align: str | None = None
    identity: str | None = None
    parts: tuple[tuple[str, str], ...] = ()
    aside: tuple[str, ...] = ()

    @cached_property
    def keys(self) -> frozenset[str]:
        """What an item may hold; empty where items are plain values."""
        return frozenset({*self.part_keys, *self.aside, "quote"}) if self.part_keys else frozenset()

    @cached_property
    def part_keys(self) -> tuple[str, ...]:
        """The parts of an item that are counted, identity first."""
        return (*([self.identity] if self.identity else []), *(key for key, _ in self.parts))

    @cached_property
    def scored(self) -> tuple[tuple[str, Scorer], ...]:
        """The compared parts of an item, each with its scorer."""
        return tuple((key, SCORERS[scorer]) for key, scorer in self.parts)

    @cached_property
    def counted(self) -> tuple[tuple[str, str], ...]:
        """Each of these parts with the name that it is counted under ("people.role")."""
        return tuple((key, f"{self.name}.{key}") for key in self.part_keys)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name that the field is counted under: its own, then its parts'."""
        return (self.name, *(name for _, name in self.counted))


@dataclass(frozen=True)
class Rubric:
    """All fields, and the field (null for none) by which records find each other.

    `sha256` is that of the content: comments and order of keys do not change it.
    """

    fields: tuple[Field, ...]
    records: str | None
    unknown_keys: int
    sha256: str

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Each field by its name."""
        return {field.name: field for field in self.fields}

    @cached_property
    def weights(self) -> dict[str, int]:
        """What counts for the primary figure, and how much: no field of weight 0."""
        every = {field.name: field.weight for field in self.fields} | {UNKNOWN: self.unknown_keys}
        return {name: weight for name, weight in every.items() if weight}

    @cached_property
    def counted(self) -> tuple[str, ...]:
        """Everything that has counts of its own: fields, then their parts, then the unknown keys."""
        parts = [name for field in self.fields for _, name in field.counted]
        return (*(field.name for field in self.fields), *parts, UNKNOWN)

    @cached_property
    def graded(self) -> tuple[str, ...]:
        """The fields that hold a grade, in the field itself or in a part of its items."""
        return tuple(
            field.name for field in self.fields if "grade" in (field.scorer, *(scorer for _, scorer in field.parts))
        )


def load(path: Path | None = None) -> Rubric:
    """The rubric in this file; the project's own where no file is named.

    Raises:
        RubricError: where the file cannot be read, is no TOML, or says what no rubric can say.
    """
    source = path or files(__package__).joinpath("rubric.toml")
    try:
        return rubric(tomllib.loads(source.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise RubricError(f"{source}: {error}") from error


def rubric(content: Mapping[str, Any]) -> Rubric:
    """The rubric that this content of a rubric.toml says.

    Raises:
        RubricError: an unknown key, scorer or aligner, a weight that is no whole number from 0, a field that is
            neither a scalar nor a list.
    """
    _refuse(set(content) - {"records", "unknown_keys", "fields"}, "the rubric")
    fields = tuple(_field(name, said) for name, said in content.get("fields", {}).items())
    records = content.get("records")
    if records is not None and not any(field.name == records and field.scorer for field in fields):
        raise RubricError(f"records: {records!r} is no field with a scorer.")
    told = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return Rubric(fields, records, _weight(content, "unknown_keys"), hashlib.sha256(told.encode()).hexdigest())


def _field(name: str, said: Mapping[str, Any]) -> Field:
    _refuse(set(said) - {"scorer", "weight", "align", "identity", "parts", "aside"}, name)
    scorer, align, parts = said.get("scorer"), said.get("align"), said.get("parts", {})
    if (scorer is None) == (align is None):
        raise RubricError(f"{name}: a scalar has a scorer, a list has align; give the one or the other.")
    if align is None and said.keys() & {"identity", "parts", "aside"}:
        raise RubricError(f"{name}: identity, parts and aside belong to a list.")
    for own in (*parts.values(), *([scorer] if scorer else [])):
        if own not in SCORERS:
            raise RubricError(f"{name}: no scorer is called {own!r}; there are {', '.join(SCORERS)}.")
    if align is not None and align not in ALIGNERS:
        raise RubricError(f"{name}: no way to align called {align!r}; there are {', '.join(ALIGNERS)}.")
    weight, aside = _weight(said, "weight", name), tuple(said.get("aside", ()))
    return Field(name, weight, scorer, align, said.get("identity"), tuple(parts.items()), aside)


def _weight(said: Mapping[str, Any], key: str, name: str = "the rubric") -> int:
    weight = said.get(key, 0)
    if not isinstance(weight, int) or isinstance(weight, bool) or weight < 0:
        raise RubricError(f"{name}: {key} is a whole number from 0, not {weight!r}.")
    return weight


def _refuse(keys: set[str], where: str) -> None:
    if keys:
        raise RubricError(f"{where}: unknown key {', '.join(sorted(keys))}.")
