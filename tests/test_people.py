"""People and speech by rule, against known answers."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from extractor import Document
from extractor.engines.offline.reading import Reading
from extractor.engines.offline.spoken import people, speech

KNOWN: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent / "data" / "people.toml").read_text(encoding="utf-8")
)


def reading_of(text: str) -> Reading:
    return Reading.of(Document.from_text(text))


def row(*cells: str | None) -> str:
    return " | ".join(cell or "" for cell in cells)


@pytest.mark.parametrize("known", KNOWN["people"], ids=lambda known: known["what"])
def test_the_people_are_those_a_person_finds(known: dict[str, Any]) -> None:
    found = people.people(reading_of(known["text"]), "Torbay Council")
    assert [row(one.name, one.role, one.organisation) for one in found] == known["known"]


@pytest.mark.parametrize("known", KNOWN["people"], ids=lambda known: known["what"])
def test_every_person_s_span_shows_the_name_and_the_role(known: dict[str, Any]) -> None:
    reading = reading_of(known["text"])
    for one in people.people(reading, "Torbay Council"):
        shown = " ".join(reading.text[one.start : one.end].split())
        assert one.name in shown
        if one.rule != "person.titled-later":
            assert (one.role or "") in shown


@pytest.mark.parametrize("known", KNOWN["speech"], ids=lambda known: known["what"])
def test_the_statements_are_those_a_person_finds(known: dict[str, Any]) -> None:
    reading = reading_of(known["text"])
    named = people.people(reading, None)
    found = sorted((*speech.statements(reading, named), *speech.reported(reading, named)), key=lambda one: one.spans)
    values = [one.values for one in found]
    kinds = ["direct" if one["direct"] else "told" for one in values]
    assert [row(kind, one["speaker"], one["text"]) for kind, one in zip(kinds, values, strict=True)] == known["said"]
