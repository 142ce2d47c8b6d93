"""What a judged area is called: a code for the words of a text, within a framework."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from extractor.domain.tables import rows
from extractor.folding import fold


@dataclass(frozen=True)
class Area:
    """One judged area of one framework, and the ways it is said (folded, lower case).

    `printed` are those that reports print as a heading of their own.
    """

    code: str
    framework: str
    heading: str
    forms: frozenset[str]
    fieldwork_from: str
    fieldwork_to: str
    printed: frozenset[str]


@cache
def areas() -> tuple[Area, ...]:
    """Every area in the register of areas."""
    return tuple(
        Area(
            row["area_code"],
            row["framework"],
            row["heading"],
            frozenset(plain(form) for form in (row["heading"], *row["also_said_as"].split(";")) if form),
            row["fieldwork_from"],
            row["fieldwork_to"],
            frozenset(plain(form.split(": ")[-1]) for form in (row["heading"], row["printed_also_as"]) if form),
        )
        for row in rows("areas.csv")
    )


def area_code(words: str, framework: str | None, fieldwork: str | None = None, quote: str = "") -> str | None:
    """The code of the area that the words say, in this framework and at this date of fieldwork (EDTF).

    Words joined by an ellipsis are one area's where its name has them all. Words that begin an area's name ("quality of
    provision") are completed from the quote that they stand in. Null where no framework is known, or where the words
    say none of its areas, or more than one.
    """
    said = plain(words)
    held = [area for area in areas() if area.framework == framework and _in_force(area, fieldwork)]
    exact = {area.code for area in held if said in area.forms}
    if exact:
        return exact.pop() if len(exact) == 1 else None
    parts = [plain(part) for part in re.split(r"…|\.\.\.", words)]
    joined = {
        area.code for area in held for form in area.forms if len(parts) > 1 and all(part in form for part in parts)
    }
    if len(joined) == 1:
        return joined.pop()
    around = set(plain(quote).split())
    begun = {
        area.code
        for area in held
        for form in area.forms
        if form.startswith(f"{said} ") and around.issuperset(form.removeprefix(said).split())
    }
    if len(begun) == 1:
        return begun.pop()
    best = [(len(form), area.code) for area in held for form in area.forms if _holds(said, form)]
    return max(best)[1] if best else None


def plain(words: str) -> str:
    """Words as areas are compared: folded, lower case, no numbering, no article, no quotation marks."""
    text = fold(words).lower().replace("-", " ").replace("' ", " ").replace(" '", " ")
    text = re.sub(r"^(?:[0-9]+(?:\.[0-9]+)*[.)]? )?(?:the |its |their |overall (?=services))*", "", text)
    return " ".join(text.replace("…", " ").replace("...", " ").split())


def _holds(said: str, form: str) -> bool:
    return len(form) >= 8 and re.search(rf"\b{re.escape(form)}\b", said) is not None


def _in_force(area: Area, fieldwork: str | None) -> bool:
    if not fieldwork or fieldwork.startswith("X"):
        return True
    month = fieldwork[:7]
    return not (area.fieldwork_to and month > area.fieldwork_to) and not (
        area.fieldwork_from and month < area.fieldwork_from
    )
