"""A made-up long report, of which every finding is known, and a model that reads whatever part of it it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from fakeserver import Behaviour, Received, Script, answer

from extractor import Document

JSON = dict[str, Any]

FRONT = """\
Inspection of Torbay local authority children’s services
Inspection dates: 4 to 15 March 2024
Lead inspector: Odile Penhaligon, His Majesty’s Inspector
Judgement Grade
The impact of leaders on social work practice with children and families Good
Overall effectiveness Good

Torbay Council has made steady progress since the last inspection in 2018, when it was judged inadequate overall.
"""
FRONT_RECORD: JSON = {
    "authority": {"quote": "Torbay Council has made steady progress", "as_written": "Torbay Council"},
    "inspection_start": {"quote": "Inspection dates: 4 to 15 March 2024", "words": "4 to 15 March 2024"},
    "inspection_end": {"quote": "Inspection dates: 4 to 15 March 2024", "words": "15 March 2024"},
    "overall_grade": {"quote": "Overall effectiveness Good", "value": "good"},
    "lead_inspectors": [{"quote": "Lead inspector: Odile Penhaligon", "value": "Odile Penhaligon"}],
    "judgements": [
        {
            "quote": "The impact of leaders on social work practice with children and families Good",
            "area": "The impact of leaders on social work practice with children and families",
            "grade": "good",
        }
    ],
    "previous_judgements": [
        {
            "quote": "the last inspection in 2018, when it was judged inadequate overall",
            "area": None,
            "grade": "inadequate",
            "date": "2018",
        }
    ],
}
_FINDING = re.compile(r"In team [0-9]+ social\s+workers know their\s+children well, as case [0-9]+ shows\.")


def report(teams: int = 300, on_a_page: int = 20) -> Document:
    """A report of so many findings, one a team, in numbered paragraphs over pages with a footer; sentences run over."""
    sentences = [
        f"{team}. In team {team} social workers know their children well, as case {team * 7} shows. "
        f"Records of Dr. Lamb’s unit for 2.5 years were read; nothing else was noted about it, e.g. on visits.\n"
        for team in range(1, teams + 1)
    ]
    chapters = range(0, teams, 60)
    body = "".join(
        (f"\nThe experiences of children in part {chapters.index(at) + 1}\n" if at in chapters else "") + sentence
        for at, sentence in enumerate(sentences)
    )
    text, pages, furniture = "", [], []
    for number, lines in enumerate(_paged(f"{FRONT}{body}".split("\n"), on_a_page), 1):
        start = len(text)
        text += "\n".join(lines) + "\n"
        furniture.append((len(text), len(text) + len(foot := f"Torbay: inspection report, page {number}")))
        text += foot
        pages.append((start, len(text)))
        text += "\n\n"
    return Document(text=text, pages=tuple(pages), furniture=tuple(furniture))


def _paged(lines: list[str], on_a_page: int) -> list[list[str]]:
    """The lines by page; every page but the first begins within a sentence."""
    words = [line.replace(" children well", "\nchildren well") for line in lines]
    flat = "\n".join(words).split("\n")
    return [flat[at : at + on_a_page] for at in range(0, len(flat), on_a_page)]


def shown(received: Received) -> str:
    """The document, or the part of it, in a request."""
    said: str = received.body["messages"][-1]["content"]
    return said


def read(received: Received) -> JSON:
    """The reply of a model that reads what it is shown, and misses nothing."""
    return read_text(shown(received))


def read_text(text: str) -> JSON:
    """The honest reply to a text."""
    findings = [" ".join(one.split()) for one in _FINDING.findall(text)]
    items = [{"quote": finding, "kind": "strength", "text": finding} for finding in findings]
    return {"records": [{**FRONT_RECORD, "findings": items}]}


def reader(exceptions: Mapping[str, Callable[[JSON], Behaviour]] = MappingProxyType({})) -> Script:
    """A script that reads whatever is shown; where that holds one of these texts, what is made of the honest reply."""

    def script(received: Received) -> Behaviour:
        behave = next((other for text, other in exceptions.items() if text in shown(received)), answer)
        return behave(read(received))

    return script
