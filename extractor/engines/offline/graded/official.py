"""The grades of an official report: of its table, of the sentences on its front, of the headings over its sections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractor.domain.areas import areas
from extractor.domain.grades import grade_words
from extractor.engines.offline.graded.headed import Headed, headed
from extractor.engines.offline.graded.phrases import phrase
from extractor.engines.offline.graded.rows import Graded
from extractor.engines.offline.inspected.front import Front
from extractor.engines.offline.reading import Reading

_FEWEST_ROWS = 3
_NEAR = 700  # characters between two rows of one table: a footnote, and the next page's head
_FRONT = 4000  # characters in which a sentence gives the grade of all
_BOARD = "sif.board"
_PLACES = {"report.table": "the table", "report.front": "a sentence", "report.section": "its section's heading"}

_GRADE = r"(?P<grade>outstanding|good|adequate|inadequate|requires? improvement(?: to be good)?)"
_ENDS = r"(?=\s*(?:\.\s|\.$|\n|$))(?!\s+(?-i:[a-z]))"
_IS = rf"\b(?:[^.\n]|\n(?!\s*\n)|\bSt\.){{0,160}}?(?:\b(?:is|are|be) |(?=\brequire)){_GRADE}"
_ALL = (
    phrase(r"\boverall judgement", _IS, r"\b"),
    phrase(r"\bservices", _IS, _ENDS),
    phrase(r"\bservices", _IS, r"\b"),
)
"""The sentence for the service as a whole, the surest form first: "Children's services in York are good"."""
_OF_BOARD = (
    r"(?m:^)[\t\x20]*(?:[0-9.]+ )?(?P<area>(?:the (?:graded )?judge?ment (?:for|about|on|of) )?(?:the )?"
    r"(?:effectiveness of )?(?:the )?(?:(?-i:(?!An?\b|Any\b)[A-Z][\w'&-]*),? (?:(?:and|of|upon|on|the) )*){0,7}?"
    r"(?:(?:local )?safeguarding children(?:'s)? boards?|LSCB)(?: \(\w+\))?)"
    rf" (?:(?:is|are) )?(?:that it )?(?:is )?(?:judged to be )?{_GRADE}"
)
_BOARDS = phrase(_OF_BOARD, _ENDS), phrase(_OF_BOARD, r"\b")
"""The board's grade in a sentence on the front or over its own section, or else where a sentence goes on behind it."""
_HALF = phrase(
    r"(?m:^)[^\n.]{0,60}\b",
    r"(?:(?P<safeguarding>safeguarding) services|services for (?P<looked_after>looked[\s-]after children))\W*(?m:$)",
)
"""What stands over the one half of a table that has two."""


@dataclass(frozen=True)
class Official:
    """What a report says of its grades: each once, and in words where two places say different ones."""

    listed: list[Graded]
    differing: list[str]

    @classmethod
    def of(cls, reading: Reading, front: Front) -> Official | None:
        """The grades of a report; where several places say one, the table's, else the front's, else the section's.

        Null where it prints none.
        """
        every = [one for one in headed(reading, front.framework) if one.grade]
        framework = front.framework or _framework(every)
        every = [one for one in every if not one.codes or _of(one, framework)]
        table = _table(every, framework)
        kept: dict[str, Graded] = {}
        differing: list[str] = []
        for key, graded in [
            *_rows(reading, table, "report.table", framework),
            *(_sentences(reading, front, table) if framework == "SIF" else ()),
            *_rows(reading, [one for one in every if one not in table], "report.section", framework),
        ]:
            first = kept.setdefault(key, graded)
            if first.grade != graded.grade:
                differing.append(_told(reading, first, graded))
            elif len(first.spans) > len(graded.spans):  # one passage shows more than pieces do
                kept[key] = graded
        return cls(list(kept.values()), differing) if kept else None


def _of(one: Headed, framework: str | None) -> list[str]:
    """The areas of this framework that a heading can be of."""
    return [code for code in one.codes if code.split(".")[0] == (framework or "").lower()]


def _table(every: Sequence[Headed], framework: str | None) -> list[Headed]:
    """The rows of the longest table, each area once; none where there is none."""
    tables: list[list[Headed]] = [[]]
    for one in every:
        if one.bare:
            own = _of(one, framework)
            again = len(own) == 1 and any(_of(row, framework) == own for row in tables[-1])
            if again or (tables[-1] and one.start - tables[-1][-1].end > _NEAR):
                tables.append([])
            tables[-1].append(one)
    longest = max(tables, key=len)
    return longest if len(longest) >= _FEWEST_ROWS else []


def _framework(rows: Sequence[Headed]) -> str | None:
    """The framework that has most of the rows' areas; null where there are none."""
    votes = Counter(area.framework for one in rows for area in areas() if area.code in one.codes)
    return votes.most_common(1)[0][0] if votes else None


def _rows(reading: Reading, every: Sequence[Headed], rule: str, framework: str | None) -> Iterator[tuple[str, Graded]]:
    """Each heading's grade and what it is for: an area's code, or "" for all.

    Where the framework judges two halves and not all, that of the half whose own heading stands last before it.
    """
    halves = list(_HALF.finditer(reading.text)) if framework == "SLAC" else []
    for one in every:
        codes = _of(one, framework)
        area, spans = one.area, one.spans
        if framework == "SLAC" and len(codes) != 1:
            half = next((half for half in reversed(halves) if half.end() <= one.start), None)
            if half is None or half.lastgroup is None:
                continue
            under, word = f"slac.{half.lastgroup}.", half.span(half.lastgroup)
            codes = [code for code in codes if code.startswith(under)] or [f"{under}overall"]
            area, spans = (word, *area), (word, *spans)
        key = codes[0] if codes else ""
        if one.grade:
            yield key, Graded(area if key else None, one.grade, one.at[0][0], spans, rule)


def _sentences(reading: Reading, front: Front, table: Sequence[Headed]) -> Iterator[tuple[str, Graded]]:
    """What sentences alone say: the grade of all between the title and the table, and the board's wherever it is."""
    until = min((one.start for one in table), default=_FRONT)
    found = next(filter(None, (form.search(reading.text, front.title[1], until) for form in _ALL)), None)
    if found:
        yield "", Graded(None, _grade(found["grade"]), found.start("grade"), (found.span(),), "report.front")
    boards = next(filter(None, (list(form.finditer(reading.text)) for form in _BOARDS)), [])
    for board in boards:
        span = (board.start("area"), board.end())
        graded = Graded((board.span("area"),), _grade(board["grade"]), board.start("grade"), (span,), "report.front")
        yield _BOARD, graded


def _grade(words: str) -> str:
    return grade_words(" ".join(words.split()))[0].grade


def _told(reading: Reading, first: Graded, other: Graded) -> str:
    named = " ".join(
        word for start, end in first.area or other.area or () for word in reading.document.text[start:end].split()
    )
    return (
        f"{named or 'Overall effectiveness'}: {first.grade} in {_PLACES[first.rule]}, {other.grade} in "
        f"{_PLACES[other.rule]}. The first is kept."
    )
