"""Strengths, weaknesses and recommendations: what the text says that the inspectors found, a point an item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractor.engines.offline.found.findings_listed import listed
from extractor.engines.offline.found.findings_told import told
from extractor.engines.offline.reading import Found, Quotation, Reading


def findings(reading: Reading, spoken: Sequence[Quotation]) -> list[Found]:
    """What the inspectors found, in order; the direct speech of other people is left out."""
    items, paragraphs = listed(reading)
    return _once(sorted([*items, *told(reading, spoken, paragraphs)], key=lambda one: one.spans[0]))


def _once(found: Iterable[Found]) -> list[Found]:
    """The findings without those that lie inside the one before."""
    kept: list[Found] = []
    for one in found:
        if not kept or one.spans[0][1] > kept[-1].spans[0][1]:
            kept.append(one)
    return kept
