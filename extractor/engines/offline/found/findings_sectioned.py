"""Findings that stand under a report's own headings: "Recommendations", "What needs to improve", "Strengths"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractor.document import Span
from extractor.engines.offline.found.blocks import Block
from extractor.engines.offline.found.clauses import clauses
from extractor.engines.offline.found.headings import calls_for_items
from extractor.engines.offline.found.sections import Item, Section, sections
from extractor.engines.offline.found.tone import Judge, kind_beside_list, kind_of
from extractor.engines.offline.found.wording import words
from extractor.engines.offline.reading import Found, Reading

_REFERENCE = re.compile(r"\s*\([^()]*(?:[Ff]ramework|outcome)[^()]*\)\s*\.?\s*$")
_NONE = re.compile(
    r"\b(?:no|not|any|none)\b.{0,60}\b(?:areas?|actions?)\b.{0,20}\b(?:priority|immediate)\b", re.IGNORECASE
)
_SENTENCE = re.compile(r".+?(?:[.!?][\"')]*(?=\s+[A-Z\"'])|$)", re.DOTALL)
_EDGE = " ;.,:\n"
_FEWEST_WORDS, _FEWEST_OF_CLAUSE = 2, 3
_MOST_WORDS = 60


def sectioned(reading: Reading, found: Sequence[Block]) -> tuple[list[Found], Judge]:
    """The findings under headings among the document's blocks, in order, and what tells the kind of its prose."""
    every = sections(found)
    judge = kind_beside_list if any(section.kind == "recommendation" for section in every) else kind_of
    return [one for section in every for one in _of_section(reading, section, judge)], judge


def _of_section(reading: Reading, section: Section, judge: Judge) -> Iterator[Found]:
    for item in section.items:
        if calls_for_items(item.text) or _NONE.search(item.text):
            continue
        if section.kind != "mixed":
            yield from _whole(reading, section.kind, item.spans, "finding.listed")
        elif section.number == 0:  # what is counted under "Findings" are the report's own paragraphs
            yield from _by_tone(reading, item, judge)
    if section.kind == "recommendation":
        for block in section.prose:
            yield from _of_prose(reading, block)


def _of_prose(reading: Reading, block: Block) -> Iterator[Found]:
    """What prose under such a heading asks for: its sentences that ask, or itself where it is short and none does."""
    text = block.text
    asking = [match.span() for match in _SENTENCE.finditer(text) if kind_of(match[0]) == "recommendation"]
    if not asking and len(words(text)) <= _MOST_WORDS:
        asking = [(0, len(text))]
    for start, end in asking:
        if not _NONE.search(text[start:end]):
            yield from _whole(reading, "recommendation", block.spans(start, end), "finding.asked")


def _whole(reading: Reading, kind: str, spans: tuple[Span, ...], rule: str) -> Iterator[Found]:
    """The finding that these spans say, without a reference in brackets and without marks at its edges."""
    spans = _trimmed(reading.text, spans)
    text = " ".join(" ".join(reading.text[start:end].split()) for start, end in spans)
    if len(words(text)) >= _FEWEST_WORDS:
        yield Found({"kind": kind, "text": text}, spans, rule)


def _trimmed(text: str, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    *before, (start, end) = spans
    reference = _REFERENCE.search(text, start, end)
    end = reference.start() if reference else end
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return (*before, (start, end)) if end > start or not before else _trimmed(text, tuple(before))


def _by_tone(reading: Reading, item: Item, judge: Judge) -> Iterator[Found]:
    """The clauses of an item that may be of either kind."""
    for span in item.spans:
        for sentence in _SENTENCE.finditer(reading.text, *span):
            for start, end in clauses(reading.text, *sentence.span()):
                passage = reading.text[start:end]
                said = words(passage)
                tone = judge(passage, said) if len(said) >= _FEWEST_OF_CLAUSE else None
                if tone:
                    yield Found(
                        {"kind": tone, "text": " ".join(passage.split())}, ((start, end),), "finding.listed-mixed"
                    )
