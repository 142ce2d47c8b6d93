"""Whether a passage says the value that it is quoted for: yes, unknown, or the contrary.

Finding a quote is not enough. A grade's passage must hold a form of that grade and of its area, a count's its number,
a person's the name. *contradicts* is another grade, number or name and none of this one's; *unknown* is neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Literal

from extractor.domain.areas import areas, plain
from extractor.domain.frameworks import named_in
from extractor.domain.grades import grade_words
from extractor.domain.tables import toml
from extractor.folding import Folded, words
from extractor.numerals import numerals

Support = Literal["yes", "unknown", "contradicts"]
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Ruling:
    """Whether a passage supports a value, and in words why not where it does not."""

    support: Support
    reason: str | None = None


YES = Ruling("yes")


def supports(field: str, values: Values, passage: str, clause: str) -> Ruling:
    """Whether `passage` (the quoted words of the source) says `values` of a record's field.

    `clause` is the passage with the words of its sentence that stand before it, where a negation would be.
    """
    rule = _RULES.get(field)
    return rule(values, passage, clause) if rule else YES


def _graded(values: Values, passage: str, clause: str) -> Ruling:
    said = {form.grade for form in grade_words(passage)}
    grade = values["grade"] if "grade" in values else values["value"]
    if grade not in said:
        if said:
            return Ruling("contradicts", f"the passage says {' and '.join(sorted(said))}, not {grade}")
        return Ruling("unknown", f"the passage has no form of '{grade}'")
    if _negated(grade, clause):
        return Ruling("contradicts", f"the passage says that it is not {grade}")
    return YES


def _judged(values: Values, passage: str, clause: str) -> Ruling:
    graded = _graded(values, passage, clause)
    if graded.support != "yes":
        return graded
    if _only_grade(passage):
        return Ruling("contradicts", "a bare grade does not show what it was given for")
    area = values.get("area")
    if area and not names_area(area, passage):
        return Ruling("unknown", f"the passage does not name the area '{area}'")
    return YES


def _overall(values: Values, passage: str, clause: str) -> Ruling:
    judged = _judged(values, passage, clause)
    if judged.support != "yes":
        return judged
    if not _WHOLE_SERVICE.search(passage):
        return Ruling("unknown", "the passage does not say that the grade is for the service as a whole")
    return YES


_WHOLE_SERVICE = re.compile(
    r"\boverall\b|\bchild\w*[’']?s?[’']? (?:social (?:care|work) )?services?\b"
    r"|\b(?:council|authority|services?|county|borough|city|it|they)\b",
    re.IGNORECASE,
)


def _only_grade(passage: str) -> bool:
    rest = passage
    for form in grade_words(passage):
        rest = rest.replace(passage[form.start : form.end], "")
    return not words(rest)


def _negated(grade: str, clause: str) -> bool:
    """Whether every form of the grade in the clause has a negation right before it."""
    forms = [form for form in grade_words(clause) if form.grade == grade]
    return bool(forms) and all(_NEGATION.search(clause[: form.start]) for form in forms)


_NEGATION = re.compile(
    r"(?:\b(?:no longer|not|never|nor|neither|cannot be|without being|n[’']t|avoided)|n[’']t)"
    r"(?:\s+(?:been|be|being|a|an|yet|judged|rated|graded|deemed|found|to|as|now|still|rank\w*|call\w*|consider\w*))*"
    r"\s*[\"'‘“]?$",
    re.IGNORECASE,
)


def names_area(area: str, passage: str) -> bool:
    """Whether the passage holds the area's words, most of them, or another form of the same area."""
    said, held = plain(area), plain(passage)
    if said in held:
        return True
    wanted = [word for word in words(said) if len(word) > 3]
    there = {word.removesuffix("s") for word in words(held)}
    if wanted and sum(word.removesuffix("s") in there for word in wanted) >= 0.6 * len(wanted):
        return True
    codes = {known.code for known in areas() if said in known.forms}
    return any(form in held for known in areas() if known.code in codes for form in known.forms)


def _counted(values: Values, passage: str, clause: str) -> Ruling:
    value = values.get("value")
    said = {numeral.value for numeral in numerals(passage)}
    if value is None or float(value) in said:
        return YES
    if said:
        return Ruling("contradicts", f"the passage has {_listed(said)}, not {value:g}")
    return Ruling("unknown", "the passage has no number")


def _listed(numbers: set[float]) -> str:
    return ", ".join(f"{number:g}" for number in sorted(numbers))


def _named(values: Values, passage: str, clause: str) -> Ruling:
    name = values["name"] if "name" in values else values["value"]
    wanted, there = _name_words(name), set(_name_words(passage))
    if wanted and all(word in there for word in wanted):
        return YES
    if wanted and wanted[-1] in there and not _other_first_name(wanted, passage):
        return Ruling("unknown", f"the passage has only part of the name '{name}'")
    return Ruling("contradicts", f"the passage does not name {name}")


def _other_first_name(wanted: list[str], passage: str) -> bool:
    """Whether the surname follows a first name that is not the wanted one."""
    said = words(passage)
    for before, word in pairwise(said):
        if word.lower().removesuffix("'s") == wanted[-1] and before[0].isupper() and len(before) > 1:
            return before.lower() not in {*wanted, *_TITLES} and before[0].lower() != wanted[0][0]
    return False


_TITLES = {"mr", "mrs", "ms", "miss", "dr", "cllr", "councillor", "sir", "dame", "lord", "lady", "prof", "professor"}


def _name_words(text: str) -> list[str]:
    return [word for word in (w.lower().removesuffix("'s") for w in words(text)) if word not in _TITLES]


def _chosen(table: str) -> Callable[[Values, str, str], Ruling]:
    def rule(values: Values, passage: str, clause: str) -> Ruling:
        held = Folded(passage).lower.replace("-", " ")
        forms = _forms(table)
        value = values["value"]
        if value not in forms or any(_has(held, form) for form in forms[value]):
            return YES
        if value in ("short", "standard"):
            return Ruling("contradicts", f"the passage does not say '{value}'")
        others = [name for name, said in forms.items() if any(_has(held, form) for form in said)]
        if others and table == "inspectorates":
            return Ruling("contradicts", f"the passage names {' and '.join(others)}, not {value}")
        return Ruling("unknown", f"the passage does not say '{value}'")

    return rule


@cache
def _forms(table: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(form.replace("-", " ") for form in said) for name, said in toml("bodies.toml")[table].items()}


def _has(text: str, form: str) -> bool:
    return re.search(rf"\b{re.escape(form)}\b", text) is not None


def _framework(values: Values, passage: str, clause: str) -> Ruling:
    named = {code for code, _, _ in named_in(passage)}
    if values["value"] in named or values["value"] == "other":
        return YES
    return Ruling("contradicts", f"the passage does not name the framework {values['value']}")


def _holding(key: str) -> Callable[[Values, str, str], Ruling]:
    def rule(values: Values, passage: str, clause: str) -> Ruling:
        said = Folded(str(values[key])).lower.strip(" .,'")
        if said in Folded(passage).lower:
            return YES
        return Ruling("contradicts", f"the passage does not have '{values[key]}'")

    return rule


_RULES: dict[str, Callable[[Values, str, str], Ruling]] = {
    "authority": _holding("as_written"),
    "provider": _holding("value"),
    "inspectorates": _chosen("inspectorates"),
    "inspection_type": _chosen("inspection_types"),
    "framework": _framework,
    "inspection_start": _holding("words"),
    "inspection_end": _holding("words"),
    "report_published": _holding("words"),
    "lead_inspectors": _named,
    "overall_grade": _overall,
    "judgements": _judged,
    "previous_judgements": _judged,
    "claims": _judged,
    "counts": _counted,
    "people": _named,
}
