"""Findings that stand in a list: under "What needs to improve", "What they liked", "Inspectors found that:"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.document import Span
from extractor.domain.grades import grade_words
from extractor.engines.offline.found.clauses import clauses
from extractor.engines.offline.found.tone import kind_of
from extractor.engines.offline.found.wording import wording, words
from extractor.engines.offline.reading import Found, Reading

_BULLET = re.compile(r"(?:[•*·▪◼◾■●○\uf06e\uf02d\uf0a7-]+|\([a-z0-9]{1,3}\)|[a-z]\)|[0-9]{1,2}[.)])\s+")
_REFERENCE = re.compile(r"\s*\([^()]*(?:[Ff]ramework|outcome)[^()]*\)\s*\.?\s*$")
_LONGEST_HEADING = 70
_LONGEST_LEAD = 220
_KINDS = ("recommendation", "strength", "weakness", "mixed")
_FEWEST_WORDS = 3


def listed(reading: Reading) -> tuple[list[Found], list[Span]]:
    """The findings in a story's lists, and the paragraphs that are their items."""
    found: list[Found] = []
    items: list[Span] = []
    kind: str | None = None
    for start, end in reading.paragraphs:
        text = reading.text[start:end]
        bullet = _BULLET.match(text)
        if bullet and kind and not _heads(text[bullet.end() :]):
            items.append((start, end))
            found += _item(reading, (start + bullet.end(), end), kind)
        else:
            kind = _heading(text)
    return found, items


def _heads(text: str) -> bool:
    """Whether a numbered line is a heading or a lead-in of a list of its own."""
    return text.rstrip().endswith(":")


def _heading(text: str) -> str | None:
    """The kind of the items under a heading or a lead-in; null where it is neither, or of another kind."""
    line = text.rstrip().rsplit("\n", 1)[-1] if len(text) > _LONGEST_LEAD else text
    line = re.split(r"(?<=[.!?])\s", line.rstrip(" -"))[-1]
    is_lead = line.rstrip().endswith(":") and len(line) < _LONGEST_LEAD
    if not is_lead and (len(line) > _LONGEST_HEADING or line.rstrip().endswith(".")):
        return None
    said = words(line)
    return next((kind for kind in _KINDS if wording("tones.toml", "headings", kind).has(said)), None)


def _item(reading: Reading, span: Span, kind: str) -> Iterator[Found]:
    start, end = span
    reference = _REFERENCE.search(reading.text, start, end)
    end = reference.start() if reference else end
    text = reading.text[start:end].rstrip(" ;.,\n")
    end = start + len(text)
    if len(words(text)) < _FEWEST_WORDS or (grade_words(text, read=True) and kind_of(text) is None):
        return
    if kind != "mixed":
        yield Found({"kind": kind, "text": text}, ((start, end),), "finding.listed")
        return
    for begin, stop in clauses(reading.text, start, end):
        passage = reading.text[begin:stop]
        tone = kind_of(passage)
        if tone and len(words(passage)) >= _FEWEST_WORDS:
            yield Found({"kind": tone, "text": passage}, ((begin, stop),), "finding.listed-mixed")
