"""How two values are compared: a table of scorers, one for each kind of value.

A scorer takes gold, predicted and the document they were read in (null where it is not at hand), both values
present, and says whether the predicted one is correct, and what kind of wrong it is otherwise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from extractor.dates import resolve
from extractor.document import Document
from extractor.domain.authorities import councils_called
from extractor.domain.tables import toml
from extractor.evidence import locate
from extractor.folding import fold
from extractor.numerals import numerals


class Verdict(NamedTuple):
    """What a comparison comes to.

    `kind` names the difference: null where there is none, set for a correct value that is not the same ("near").
    `credit`, from 0 to 1, is how near the value comes; it is shown beside the counts and never changes them.
    """

    correct: bool
    kind: str | None = None
    credit: float = 0.0


CORRECT = Verdict(True, None, 1.0)
_OTHER = Verdict(False, "other")

Scorer = Callable[[Any, Any, Document | None], Verdict]


def absent(value: Any) -> bool:
    """Whether the value says nothing: null, no words, an empty list, an object of such. Zero says something."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    if isinstance(value, dict):
        return all(absent(own) for key, own in value.items() if key != "quote")
    return isinstance(value, list | tuple) and not value


_EDGE = " .,;:!?'()[]-•*"  # this and the next as in extractor.folding
_COMMON = [*((mark, "'") for mark in "‘’“”"), ("–", "-"), ("—", "-"), ("\u00a0", " ")]


def folded(value: Any) -> str:
    """The value's words as they are compared: `extractor.folding.fold`, without case. Plain text takes a short cut."""
    text = value if isinstance(value, str) else str(value)
    if not text.isascii():
        for mark, common in _COMMON:
            text = text.replace(mark, common)
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.replace('"', "'").replace("`", "'").strip(_EDGE).lower()
    return fold(text).lower()


def exact(gold: Any, predicted: Any, document: Document | None = None) -> Verdict:
    """Labels of a closed list: the same one or not; how alike two are spelled means nothing."""
    return CORRECT if gold == predicted or folded(gold) == folded(predicted) else _OTHER


def grade(gold: Any, predicted: Any, document: Document | None = None) -> Verdict:
    """A grade, as `exact`; a wrong one is one grade turned into another, which `summary` counts by itself."""
    return CORRECT if gold == predicted or folded(gold) == folded(predicted) else Verdict(False, "other grade")


def text(gold: Any, predicted: Any, document: Document | None = None) -> Verdict:
    """Words, equal once folded."""
    return CORRECT if gold == predicted or folded(gold) == folded(predicted) else Verdict(False, "other words")


def quote(gold: Any, predicted: Any, document: Document | None = None) -> Verdict:
    """Words copied from the document: equal once folded and, where the document is at hand, printed in it."""
    verdict = text(gold, predicted)
    if document is not None and not printed(predicted, document):
        return Verdict(False, "not in the document")
    return verdict


def printed(words: str, document: Document) -> bool:
    """Whether the document holds these words: `locate` finds them verified."""
    return locate(document, str(words)).verdict == "verified"


def council(gold: Any, predicted: Any, document: Document | None = None) -> Verdict:
    """A council, as {name, as_written, gss_code, …} or as words: the same row of the register.

    Two forms of one council are equal. Where words are in no register, or leave several councils open, the same
    folded words are equal. How alike two names are spelled means nothing: Kingston upon Hull, Kingston upon Thames.
    """
    if gold == predicted:
        return CORRECT
    one, other = _code(gold), _code(predicted)
    if one and other:
        return CORRECT if one == other else Verdict(False, "other council")
    ours, theirs = _forms(gold), _forms(predicted)
    if set(map(folded, ours)) & set(map(folded, theirs)):
        return CORRECT
    meant = {code for form in ours if (code := _meant(form))} | ({one} if one else set())
    said = {code for form in theirs if (code := _meant(form))} | ({other} if other else set())
    return CORRECT if meant & said else Verdict(False, "other council")


def _code(value: Any) -> str | None:
    return value.get("gss_code") if isinstance(value, dict) else None


def _forms(value: Any) -> list[str]:
    forms = [value.get("as_written"), value.get("name")] if isinstance(value, dict) else [value]
    return [str(form) for form in forms if form]


@lru_cache(1024)
def _meant(name: str) -> str | None:
    """The code of the one council that the name can mean; null where none or several."""
    meant = councils_called(name)
    return meant[0].gss_code if len(meant) == 1 else None


_EDTF = re.compile(r"[0-9X]{4}(?:-[0-9X]{2}(?:-[0-9X]{2})?)?")


def edtf(gold: Any, predicted: Any, document: Document | None = None) -> Verdict:
    """A date in EDTF, or in words that settle one (day first).

    Correct only where equal. *under-precise* lacks a part that gold has, *over-precise* has one that gold leaves open,
    and no part contradicts; their credit is the share of parts in common. Any contradiction is *other*: a day beside.
    """
    if gold == predicted:
        return CORRECT
    one, other = _date(str(gold).strip()), _date(str(predicted).strip())
    if one is None or other is None:
        return text(gold, predicted)
    if one == other:
        return CORRECT
    digits = [(a, b) for a, b in zip("".join(one), "".join(other), strict=True) if a != b]
    lost, added = any(b == "X" for _, b in digits), any(a == "X" for a, _ in digits)
    if (lost and added) or any("X" not in pair for pair in digits):
        return _OTHER
    common = sum(a == b and "X" not in a for a, b in zip(one, other, strict=True))
    known = sum("X" not in a or "X" not in b for a, b in zip(one, other, strict=True))
    return Verdict(False, "under-precise" if lost else "over-precise", common / known if known else 0.0)


@lru_cache(4096)
def _date(said: str) -> tuple[str, str, str] | None:
    """Year, month and day, X for each digit left open; null where the words are no date."""
    written = said if _EDTF.fullmatch(said) else resolve(said).edtf
    if written is None or not _EDTF.fullmatch(written):
        return None
    year, month, day, *_ = [*written.split("-"), "XX", "XX"]
    return year, month, day


_PER_CENT = re.compile(r"\s*(?:%|per ?cent\b|percent\b)")


def number(gold: Any, predicted: Any, document: Document | None = None) -> Verdict:
    """Numbers by their worth: 12, 12.0, "12", "1,200", "twelve". Two units that differ ("9%", "9 weeks") are wrong."""
    if gold == predicted and type(gold) is type(predicted):
        return CORRECT
    one, other = worth(gold), worth(predicted)
    if one is None or other is None:
        return text(gold, predicted)
    if not math.isclose(one[0], other[0], rel_tol=1e-9):
        return Verdict(False, "other number")
    return CORRECT if one[1] == other[1] or not one[1] or not other[1] else Verdict(False, "other unit")


def worth(value: Any) -> tuple[float, str] | None:
    """The number and the folded unit behind it, empty where none; null where the value is not one number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), ""
    if not isinstance(value, str):
        return None
    said = value.strip()
    try:
        return float(said.replace(",", "")), ""
    except ValueError:
        found = numerals(said)
    if len(found) != 1 or found[0].start:
        return None
    return found[0].value, unit_words(said[found[0].end :])


def unit(gold: Any, predicted: Any, document: Document | None = None) -> Verdict:
    """What is counted: folded words, per cent in each of its spellings; "areas" and "outcome areas" are near."""
    if unit_words(gold) == unit_words(predicted):
        return CORRECT
    one, other = (_singular(unit_words(value)) for value in (gold, predicted))
    near = bool(one and other) and (one <= other or other <= one)
    return Verdict(True, "near") if near else Verdict(False, "other unit")


def _singular(unit: str) -> frozenset[str]:
    return frozenset(word if word.endswith("ss") else word.removesuffix("s") for word in unit.split())


def unit_words(value: Any) -> str:
    """A unit as it is compared; empty for null."""
    return folded(_PER_CENT.sub(" per cent", str(value))) if value is not None else ""


_LETTERS_AFTER = {"mp", "obe", "cbe", "mbe", "kbe", "qc", "kc", "jp", "the", "hon", "mx"}


def person(gold: Any, predicted: Any, document: Document | None = None) -> Verdict:
    """A person or body: the same name, titles and initials folded ("Cllr A. Khan", "Amira Khan")."""
    alike = same_person(name_words(gold), name_words(predicted))
    return Verdict(True, None if alike == 1 else "near", alike) if alike else Verdict(False, "other name")


def name_words(value: Any) -> tuple[str, ...]:
    """A name's words as they are compared: folded, without titles, dots and letters after the name."""
    words = folded(value).replace(".", " ").replace(",", " ").split()
    return tuple([word for word in words if word not in _titles()]) or tuple(words)


@lru_cache(1)
def _titles() -> frozenset[str]:
    return frozenset(map(str.lower, toml("roles.toml")["titles"])) | _LETTERS_AFTER


def same_person(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """How surely two names, as `name_words`, are one person's: 1 the same, less by initial or surname, 0 not."""
    if one == other:
        return 1.0
    if not one or not other or one[-1] != other[-1]:
        return 0.0
    if len(one) == 1 or len(other) == 1:
        return 0.7
    first, second = one[0], other[0]
    if first == second:
        return 0.9
    return 0.8 if first[0] == second[0] and 1 in (len(first), len(second)) else 0.0


SCORERS: dict[str, Scorer] = {
    "exact": exact,
    "grade": grade,
    "text": text,
    "quote": quote,
    "council": council,
    "edtf": edtf,
    "number": number,
    "unit": unit,
    "person": person,
}
"""Each scorer by the name that rubric.toml gives it."""
