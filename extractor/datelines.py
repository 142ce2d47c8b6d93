"""A document's own date, as its head or tail prints it: "24 October 2009", "Halifax, 2 May 2024", "Posted on …"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractor.dates import Period, periods


@dataclass(frozen=True)
class Dateline:
    """The date on which a document says that it was published: its words, their place, a day or an issue's month."""

    start: int
    end: int
    words: str
    edtf: str


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HEAD_LINES, _TAIL_LINES, _SHORT = 6, 3, 140
_LABELS = _words(
    "published publication posted released release issued date dated first last updated update modified amended news"
    " press media statement article story report on at in by and added created from the gmt bst am pm embargoed until"
    " reporter correspondent editor political education local democracy service bbc author written admin staff newsdesk"
    " our your ref reference extract page this was"
)
_STAMPS = _words("published publication posted released issued dated date embargoed created")
_PUBLISHED_STAMPS = _STAMPS - _words("date dated issued")
_REVISED = _words("updated update modified amended")
_LIMP = _words("on at in and from the until by our your this was")
_MEETING = _words("committee cabinet board meeting panel agenda minutes scrutiny executive forum")
_OTHER_DATES = _MEETING | _words("inspection inspections inspected visit item hearing deadline due next review event")
_ISSUES = _words("issue no number bulletin newsletter digest edition volume vol")
_MONTH = re.compile(r"\d{4}-\d\d")
_BODIES = _words("council ofsted services department")
_CLOCK = re.compile(
    r"(?:\bat )?\bT?\d{1,2}(?:[:.]\d\d){1,2}Z?\s?(?:[ap]\.?m\b\.?)?|\b\d{1,2}\s?[ap]m\b|\d+ min(?:ute)?s? read",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"\b[A-Z]{1,5}[-/]?\d[\w/-]*|@\w+|[\w.]+@[\w.]+|#\w+")
_EMBARGO = re.compile(r"\bnot for (?:use|release|publication|broadcast) (?:before|until)\b", re.IGNORECASE)
_MINUTES = re.compile(
    r"\W*(?:(?:draft|extract from the) )?minutes of [^\d]{0,90}(?:held|meeting)\b[^\d]{0,25}$", re.IGNORECASE
)
_LEADS_IN = re.compile(r"\)?\s*(?:[.:]|\s[-–—])\s")
_LETTERS = re.compile(r"[^\W\d_][^\W_'’]*(?:['’][^\W_]+)?|\d+")


def dateline(text: str) -> Dateline | None:
    """The published date that an article prints on a line of its own, near its head or at its very end.

    Such a line holds a full date and no more than a stamp ("Published"), a time, a byline or a reference; or it begins
    with a place and a date ("Surrey, 7 August 2015 – The partnership …"); or it heads minutes with the day of the
    meeting. The first one counts, and a date of first publication beats one of an update. Where there is none, the
    month of an issue counts. Null where no such line is found: a sentence of the story, a meeting to come or an
    inspection date is none.
    """
    lines = [m for m in re.finditer(r"[^\n]+", text) if not m[0].isspace()]
    head, tail = lines[:_HEAD_LINES], lines[max(_HEAD_LINES, len(lines) - _TAIL_LINES) :]
    minutes = any("minutes" in _lower_words(line[0][:_SHORT]) for line in head)
    meeting = not minutes and any(_heads_a_meeting(line[0]) for line in head)
    dates = [
        (revised, Dateline(line.start() + p.start, line.start() + p.end, p.words, p.first or ""))
        for line in head + tail
        if len(line[0].strip()) <= _SHORT and (not meeting or _lower_words(line[0]) & _PUBLISHED_STAMPS)
        for revised, p in _stamped(line[0])
    ]
    dates += [
        (False, Dateline(line.start() + p.start, line.start() + p.end, p.words, p.first or ""))
        for line in head
        for p in _led_in(line[0])
    ]
    if dates:
        return min(dates, key=lambda dated: (dated[0], dated[1].start))[1]
    return next(_issues(head), None) if not meeting else None


def _issues(head: list[re.Match[str]]) -> Iterator[Dateline]:
    """The month of a line that heads an issue: "(Issue 214, March 2011)", "Bulletin no. 31, March 2025"."""
    for line in head:
        found = periods(line[0]) if len(line[0].strip()) <= _SHORT else []
        if len(found) == 1 and found[0].first == found[0].last and _MONTH.fullmatch(found[0].first or ""):
            rest = line[0][: found[0].start] + " " + line[0][found[0].end :]
            if _lower_words(rest) & _ISSUES and _lower_words(rest).isdisjoint(_OTHER_DATES):
                start, end = line.start() + found[0].start, line.start() + found[0].end
                yield Dateline(start, end, found[0].words, found[0].first or "")


def _heads_a_meeting(line: str) -> bool:
    """Whether a line is a committee's heading, under which a bare date is the day it meets; no headline is one."""
    words = _LETTERS.findall(line[: _SHORT + 1])
    titled = len(line) <= _SHORT and all(word[0].isupper() or len(word) <= 3 for word in words)
    return titled and any(word.lower() in _MEETING for word in (*words[:1], *words[-1:]))


def _lower_words(text: str) -> set[str]:
    return {word.lower() for word in _LETTERS.findall(text)}


def _stamped(line: str) -> Iterator[tuple[bool, Period]]:
    """The dates of a line that is only a date or a byline, each with whether it is one of an update."""
    found = periods(line)
    full = [p for p in found if _is_full(p)]
    if not full or len(full) != len(found):
        return
    cuts = [0, *(edge for period in full for edge in (period.start, period.end)), len(line)]
    gaps = [line[start:end] for start, end in zip(cuts[::2], cuts[1::2], strict=True)]
    if _is_only_stamp(" | ".join(gaps)):
        for gap, period in zip(gaps, full, strict=False):
            yield not _REVISED.isdisjoint(_lower_words(gap)), period


def _led_in(line: str) -> Iterator[Period]:
    """The date that a story's first line opens with, behind a place; or that of the meeting whose minutes follow."""
    for period in periods(line[:_SHORT])[:1]:
        lead = line[: period.start]
        if not _is_full(period):
            continue
        place = (
            lead.rstrip().endswith((",", "(", "-", "–", "—"))
            and _LEADS_IN.match(line, period.end)
            and _is_only_stamp(lead)
        )
        if (place and _LETTERS.search(lead)) or _MINUTES.match(lead):
            yield period


def _is_full(period: Period) -> bool:
    return period.first == period.last and re.fullmatch(r"\d{4}-\d\d-\d\d", period.first or "") is not None


def _is_only_stamp(rest: str) -> bool:
    """Whether `rest`, a line without its dates, is nothing but labels, times, references and a name."""
    words = _LETTERS.findall(_REFERENCE.sub(" ", _CLOCK.sub(" ", _EMBARGO.sub("embargoed", rest))))
    names = [word for word in words if word.lower() not in _LABELS]
    said = {word.lower() for word in words}
    stamped = bool(said & (_STAMPS | _REVISED))
    if said & _OTHER_DATES or any(not word[0].isupper() for word in names):
        return False
    if stamped:
        return len(names) <= 6
    return len(names) <= 3 and not said & _BODIES and ("by" in said or not said & _LIMP)
