"""Strengths, weaknesses and recommendations: what the text says that the inspectors found, a point an item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from extractor.engines.offline.found.blocks import Block, blocks, sentences
from extractor.engines.offline.found.findings_listed import listed
from extractor.engines.offline.found.findings_sectioned import sectioned
from extractor.engines.offline.found.findings_told import told, told_by_report
from extractor.engines.offline.found.voices import is_own
from extractor.engines.offline.reading import Found, Quotation, Reading

_SUMMARY = re.compile(r"(?:Executive summary|Summary of (?:key )?findings)", re.IGNORECASE)


def findings(reading: Reading, spoken: Sequence[Quotation]) -> list[Found]:
    """What the inspectors found, in order; the direct speech of other people is left out."""
    if reading.is_long or is_own(reading):
        found = blocks(reading)
        items, judge = sectioned(reading, found)
        covered = sorted(span for one in items for span in one.spans)
        more = told_by_report(reading, sentences(reading, found), _summary(found), covered, judge)
    else:
        items, covered = listed(reading)
        more = told(reading, spoken, covered)
    return _once(sorted([*items, *more], key=lambda one: one.spans[0]))


def _summary(found: Sequence[Block]) -> int:
    """Where a report's summary opens; 0 where it has none."""
    return next((block.begins for block in found if _SUMMARY.fullmatch(block.text)), 0)


def _once(found: Iterable[Found]) -> list[Found]:
    """The findings without those that lie inside the one before."""
    kept: list[Found] = []
    for one in found:
        if not kept or one.spans[-1][1] > kept[-1].spans[-1][1]:
            kept.append(one)
    return kept
