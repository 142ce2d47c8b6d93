"""Whether a passage says the value that it is quoted for: yes, unknown, or the contrary.

Finding a quote is not enough. A grade's passage must hold a form of that grade and of its area, a count's its number,
a person's the name. *contradicts* is another grade, area, number or name and none of this one's; *unknown* is neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, Literal

from extractor import dates
from extractor.domain.areas import areas, plain
from extractor.domain.frameworks import named_in
from extractor.domain.grades import grade_words
from extractor.domain.tables import toml
from extractor.folding import Folded, words
from extractor.numerals import numerals, qualifier

Support = Literal["yes", "unknown", "contradicts"]
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Ruling:
    """Whether a passage supports a value, and in words why not where it does not."""

    support: Support
    reason: str | None = None


@dataclass(frozen=True)
class Passage:
    """A quoted passage, with ways to the words around it: most rules look at the quote alone, or not even at that.

    `lead` gives what stands before it in its sentence, `rest` a few words after it, `whole` the names that the
    document's framework has for all that it inspects.
    """

    quote: str
    lead: Callable[[], str] = str
    rest: Callable[[], str] = str
    whole: Callable[[], frozenset[str]] = frozenset

    @cached_property
    def text(self) -> str:
        """The quote, folded."""
        return Folded(self.quote).text

    @cached_property
    def before(self) -> str:
        """The lead, folded."""
        return Folded(self.lead()).text

    @cached_property
    def after(self) -> str:
        """The rest, folded."""
        return Folded(self.rest()).text


YES = Ruling("yes")


def supports(field: str, values: Values, passage: Passage) -> Ruling:
    """Whether the passage says these values of a record's field."""
    rule = _RULES.get(field)
    return rule(values, passage) if rule else YES


def _contradicts(reason: str) -> Ruling:
    return Ruling("contradicts", reason)


def _graded(values: Values, passage: Passage, unless: re.Pattern[str] | None = None) -> Ruling:
    """The grade: a form of it stands in the passage, and is not part of another, denied or only hoped for."""
    grade = values["grade"] if "grade" in values else values["value"]
    said = _forms_in(passage)
    if not said and grade_words(passage.text):
        return _contradicts("the passage cuts a part out of another grade's words")
    if not said and not _POINTS_AT_A_GRADE.search(passage.text):
        return _contradicts("the passage says nothing of a grade")
    if not said:
        return Ruling("unknown", f"the passage has no form of '{grade}'")
    if all(name != grade for name, _ in said):
        return _contradicts(f"the passage says {' and '.join(sorted({name for name, _ in said}))}, not {grade}")
    leads = [before for name, before in said if name == grade]
    if all((unless or _DENIED).search(before) for before in leads):
        return _contradicts(f"the passage does not say that it is {grade}, but that it is not, or may be")
    return YES


_POINTS_AT_A_GRADE = re.compile(
    r"\b(?:grad(?:e|es|ed|ing)|rat(?:e|es|ed|ing|ings)|marks?|marked|scor(?:e|es|ed|ing)|labels?|labelled|categor(?:y|ies)"
    r"|judg(?:e|ed|ement|ements|ment|ments)|verdicts?|results?|outcomes?|conclusions?|levels?|bands?|tiers?|rungs?|notch\w*"
    r"|requires|same|highest|lowest|top|bottom|best|worst|middle|ones?|twos?|threes?|fours?|[1-4]|passe[sd]|pass|fail(?:s|ed)?"
    r"|(?:outstanding|good|adequate|inadequate|improvement)[1-9])\b",  # with the number of a footnote
    re.IGNORECASE,
)
"""What a passage has that gives a grade in words that no table holds: "the same mark as the whole", "got a four"."""


def _forms_in(passage: Passage) -> list[tuple[str, str]]:
    """The grades said in the passage, each with the words before it; a part of a longer form is not one."""
    whole = passage.before + passage.text + passage.after
    start, end = len(passage.before), len(passage.before) + len(passage.text)
    return [(form.grade, whole[: form.start]) for form in grade_words(whole) if start <= form.start and form.end <= end]


_SMALL = r"(?:been|be|being|a|an|its|their|the|yet|judged|rated|graded|deemed|found|to|as|now|still)"
_UP_TO_ANOTHER = r"(?:(?!\b(?:and|but|that|why|how|where|when|what)\b)[^.;,])"
_NOT = (
    r"(?:\b(?:no longer|not|never|nor|neither|cannot|without|avoid\w*|far from|short of|rather than|anything but|yet to"
    r"|close to|nearly|almost|half-?way to|on the way to|lost|loses?|losing|missed out on|nowhere near|less than"
    rf"|stripped of)\b|n't\b)(?:\s+{_SMALL})*\s*'?$"
    r"|\b(?:none of|no (?!longer|doubt|fewer|less|more|(?:better|further|higher) than)\w+|nothing|nobody)\b"
    rf"{_UP_TO_ANOTHER}*$"
)
_DENIED = re.compile(
    rf"{_NOT}|\b(?:could|might|(?-i:may)|would|should|hop(?:e|es|ed|ing)|aim(?:s|ed|ing)?|expect(?:s|ed)?|wants?|wanted|unless|until"
    rf"|if|ambition|aspir\w+|on course)\b{_UP_TO_ANOTHER}{{0,60}}$",
    re.IGNORECASE,
)
_UNCLAIMED = re.compile(
    rf"{_NOT}|\b(?:hop(?:e|es|ed|ing)|aim(?:s|ed|ing)?|wants?|wanted|unless|until|ambition|aspir\w+)\b{_UP_TO_ANOTHER}{{0,60}}$",
    re.IGNORECASE,
)
"""What a claim is not: a denial or a hope. "We would be rated good", "I expect a good" are claims."""


def _given(values: Values, passage: Passage) -> Ruling:
    """A grade that stands: not one that the passage says was so once, or that somebody claims."""
    grade = values["grade"] if "grade" in values else values["value"]
    leads = [before for name, before in _forms_in(passage) if name == grade]
    if leads and all(_ONCE.search(before) for before in leads):
        return _contradicts(f"the passage says that it was {grade} once")
    if leads and all(_CLAIMED.search(before) for before in leads):
        return _contradicts("the passage says that somebody claims it, not that the inspectorate gave it")
    return YES


_CLAIMED = re.compile(
    r"\b(?:self-assessment|self-evaluation|claims?|claimed|insists?|insisted|believes?|believed|boasts?|boasted)\b"
    r"[^.;,]{0,60}$",
    re.IGNORECASE,
)
_ONCE = re.compile(
    r"\b(?:once|formerly|previously|used to be|until (?:\w+ ){0,4}ago)\b(?:\s+\w+){0,3}\s*'?$"
    r"|\bfrom(?:\s+(?:an?|the|being|rated))*\s*'?$",
    re.IGNORECASE,
)


def _judged_now(values: Values, passage: Passage) -> Ruling:
    rulings = (_given(values, passage), _judged(values, passage))
    other = next((ruling for ruling in rulings if ruling.support != "yes"), None)
    return other or _paired(values["area"], values["grade"], passage.text)


def _recalled(values: Values, passage: Passage) -> Ruling:
    """An older grade: what is "no longer" so, or not so "any more", was so."""
    if _NO_LONGER.search(passage.text):
        return _judged(values, passage, _NEVER)
    return _judged(values, passage)


_NO_LONGER = re.compile(r"\b(?:no longer|any ?more|any longer)\b", re.IGNORECASE)
_NEVER = re.compile(r"\b(?:never|nor|neither|far from|anything but)\b[^.;,]{0,30}$", re.IGNORECASE)


def _claimed(values: Values, passage: Passage) -> Ruling:
    return _judged(values, passage, _UNCLAIMED)


def _judged(values: Values, passage: Passage, unless: re.Pattern[str] | None = None) -> Ruling:
    graded = _graded(values, passage, unless)
    if graded.support == "contradicts":
        return graded
    if _is_bare(passage.text):
        return _contradicts("a bare grade does not show what it was given for")
    area = names_area(values["area"], passage.text) if values.get("area") else YES
    return area if graded.support == "yes" or area.support == "contradicts" else graded


def _paired(area: str, grade: str, passage: str) -> Ruling:
    """Where a passage says several grades: the area's must be the next one behind it or the last before it."""
    if "respectively" in passage:
        return YES
    at = passage.lower().find(Folded(area).lower)
    forms = [
        form
        for form in grade_words(passage)
        if not _DENIED.search(passage[: form.start]) and not _ONCE.search(passage[: form.start])
    ]
    if at < 0 or len({form.start for form in forms}) < 2:
        return YES
    if any(form.grade == grade and _OVER_ALL.search(passage[at : form.start]) for form in forms):
        return YES  # "safeguarding: five areas are good and three adequate; the overall rating was adequate"
    behind = min((form.start for form in forms if form.start >= at + len(area)), default=None)
    before = max((form.start for form in forms if form.end <= at), default=None)
    beside = {form.grade for form in forms if form.start in (behind, before)} or {form.grade for form in forms}
    if grade in beside or any(form.start < at + len(area) and form.end > at for form in forms):
        return YES
    return _contradicts(f"the passage gives '{area}' the grade {' or '.join(sorted(beside))}, not {grade}")


_OVER_ALL = re.compile(r"\boverall (?:rating|grade|judgement|effectiveness)?\s*(?:was|is|of)?\s*[\"']?$", re.IGNORECASE)


def _overall(values: Values, passage: Passage) -> Ruling:
    graded = _graded(values, passage)
    given = _given(values, passage)
    if graded.support != "yes" or given.support != "yes":
        return graded if graded.support != "yes" else given
    if _is_bare(passage.text.replace("overall", "council")):
        return _contradicts("a bare grade does not show what it was given for")
    area = _other_area("", plain(passage.text))
    if area and not re.search(r"\boverall\b", passage.text, re.IGNORECASE) and area not in passage.whole():
        return _contradicts(f"the passage is about {area}, not the service as a whole")
    if not _WHOLE_SERVICE.search(passage.text):
        return Ruling("unknown", "the passage does not say that the grade is for the service as a whole")
    return YES


_WHOLE_SERVICE = re.compile(
    r"\boverall\b|\bchild\w*'?s?'? (?:social (?:care|work) )?services?\b"
    r"|\b(?:council|authority|services?|county|borough|city|it|they)\b",
    re.IGNORECASE,
)
_SAYS_NOTHING = re.compile(
    r"\b(?:was|were|is|are|been|be|being|has|have|had|judged|rated|graded|deemed|labelled|classed|found|given|awarded"
    r"|received|got|a|an|the|as|to|of|by|rating|grade|judgement|mark|overall|only|just|also|both|again|still|now|good)\b",
    re.IGNORECASE,
)


def _is_bare(passage: str) -> bool:
    """Whether a passage says a grade and nothing that it could be for."""
    rest = passage
    for form in reversed(grade_words(passage)):
        rest = rest[: form.start] + " " + rest[form.end :]
    return not words(_SAYS_NOTHING.sub(" ", rest))


def names_area(area: str, passage: str) -> Ruling:
    """Whether the passage names the area: its words, another form of the same area, or all of its content words."""
    said, held = plain(area), plain(passage)
    if said in held:
        return YES
    codes = {known.code for known in areas() if said in known.forms}
    if any(_has(held, form) for known in areas() if known.code in codes for form in known.forms):
        return YES
    wanted = {_stem(word) for word in words(said) if len(word) > 3}
    there = {_stem(word) for word in words(held)}
    if wanted and wanted <= there:
        return YES
    other = _other_area(said, held)
    if other:
        return _contradicts(f"the passage is about {other}, not {area}")
    return Ruling("unknown", f"the passage does not name the area '{area}'")


def _other_area(said: str, held: str) -> str | None:
    """The longest form of a known area that the passage holds and that is no form of the said one's; null if none."""
    others = {form for known in areas() if said not in known.forms for form in known.forms if len(form) > 7}
    return max((form for form in others if _has(held, form)), key=len, default=None)


def _stem(word: str) -> str:
    return word.lower().removesuffix("'s").removesuffix("s")


def _counted(values: Values, passage: Passage) -> Ruling:
    value = values.get("value")
    numbers = numerals(passage.text)
    said = {numeral.value for numeral in numbers}
    if value is None:
        return YES
    scaled = float(value) * _scale(values.get("unit") or "")
    if said & {float(value), scaled}:
        qualified = {qualifier(passage.text, numeral) for numeral in numbers if numeral.value in (float(value), scaled)}
        wanted = values.get("qualifier") or "exact"
        if wanted == "under" and _NEARLY.search(passage.text):
            return YES
        if wanted == "exact" or wanted in qualified or "exact" in qualified:
            return YES
        return _contradicts(f"the passage says {', '.join(sorted(qualified))} {value:g}, not {wanted}")
    in_words = _FRACTION.search(passage.text) and float(value) in _SHARES
    if said and not in_words:
        return _contradicts(f"the passage has {', '.join(f'{number:g}' for number in sorted(said))}, not {value:g}")
    return Ruling("unknown", f"the passage has no number {value:g}")


def _scale(unit: str) -> float:
    """By how much a unit such as "£m" multiplies its number."""
    return next((scale for name, scale in _SCALES.items() if re.search(rf"(?:\b|£){name}\b", unit.lower())), 1.0)


_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_FRACTION = re.compile(r"\b(?:half|third|quarter|fifth|tenth|majority)s?\b", re.IGNORECASE)
_SHARES = {10, 20, 25, 30, 33, 40, 50, 60, 66, 67, 70, 75, 80, 90, 0.25, 0.5, 0.75}
_NEARLY = re.compile(r"\b(?:nearly|almost|just under)\b", re.IGNORECASE)


def _named(values: Values, passage: Passage) -> Ruling:
    name = values["name"] if "name" in values else values["value"]
    wanted, there = name_words(name), set(name_words(passage.text))
    if wanted and all(word in there for word in wanted):
        return YES
    if wanted and wanted[-1] in there and not _other_first_name(wanted, passage.text):
        return Ruling("unknown", f"the passage has only part of the name '{name}'")
    return _contradicts(f"the passage does not name {name}")


def _other_first_name(wanted: list[str], passage: str) -> bool:
    """Whether the surname follows a first name that is not the wanted one; an initial may stand for one."""
    for before, word in pairwise(words(passage)):
        if word.lower().removesuffix("'s") == wanted[-1] and before[0].isupper() and before.lower() not in _TITLES:
            initial = len(before) == 1 or len(wanted[0]) == 1
            return not (before.lower() in wanted or (initial and before[0].lower() == wanted[0][0]))
    return False


_TITLES = {"mr", "mrs", "ms", "miss", "dr", "cllr", "councillor", "sir", "dame", "lord", "lady", "prof", "professor"}


def name_words(name: str) -> list[str]:
    """The words of a person's name as they are compared: lower case, without titles."""
    return [word for word in (said.lower().removesuffix("'s") for said in words(name)) if word not in _TITLES]


def _chosen(table: str) -> Callable[[Values, Passage], Ruling]:
    def rule(values: Values, passage: Passage) -> Ruling:
        held = Folded(passage.text).lower.replace("-", " ")
        forms, value = _forms(table), values["value"]
        if value not in forms or any(_has(held, form) for form in forms[value]):
            return YES
        if value in ("short", "standard"):
            return _contradicts(f"the passage does not say '{value}'")
        others = [name for name, said in forms.items() if any(" " in form and _has(held, form) for form in said)]
        others += [
            name for name, said in forms.items() if table == "inspectorates" and any(_has(held, f) for f in said)
        ]
        if others:
            return _contradicts(f"the passage says {others[0]}, not {value}")
        return Ruling("unknown", f"the passage does not say '{value}'")

    return rule


@cache
def _forms(table: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(form.replace("-", " ") for form in said) for name, said in toml("bodies.toml")[table].items()}


def _has(text: str, form: str) -> bool:
    return form in text and re.search(rf"\b{re.escape(form)}\b", text) is not None


def _framework(values: Values, passage: Passage) -> Ruling:
    if values["value"] == "other" or values["value"] in {code for code, _, _ in named_in(passage.text)}:
        return YES
    return _contradicts(f"the passage does not name the framework {values['value']}")


def _holding(key: str) -> Callable[[Values, Passage], Ruling]:
    """The passage has the value's own words, whole."""

    def rule(values: Values, passage: Passage) -> Ruling:
        if Folded(passage.text).first(str(values[key])) or _has(passage.text.lower(), str(values[key]).lower()):
            return YES
        return _contradicts(f"the passage does not have '{values[key]}'")

    return rule


def _end_of(part: Literal["start", "end"]) -> Callable[[Values, Passage], Ruling]:
    """The passage has the date's words, and they are not the other end of a range."""

    def rule(values: Values, passage: Passage) -> Ruling:
        held = _holding("words")(values, passage)
        said = dates.resolve(values["words"], quote=passage.text, part=part).edtf
        for period in dates.periods(passage.text):
            if held.support == "contradicts" and said == (period.first if part == "start" else period.last):
                return YES  # "10 January" of "from 10 to 21 January"
            other = period.first if part == "end" else period.last
            if said == other and period.first != period.last and period.words.count(values["words"]) < 2:
                return _contradicts(f"'{values['words']}' is the other end of '{period.words}'")
        return held

    return rule


def _council(values: Values, passage: Passage) -> Ruling:
    held = _holding("as_written")(values, passage)
    whole, name = passage.before + passage.text, Folded(values["as_written"]).text
    starts = [match.start() for match in re.finditer(re.escape(name), whole)]
    if held.support == "yes" and starts and all(_COMPASS.search(whole[:start]) for start in starts):
        return _contradicts(f"the passage names another council, of which '{values['as_written']}' is only a part")
    return held


def short_form(as_written: str) -> str:
    """A council's name without the words for a council: "Anyshire" of "Anyshire County Council"."""
    return _COUNCIL.sub("", as_written).strip() or as_written


_COUNCIL = re.compile(
    r"^(?:the\s+)?(?:(?:London|Royal|Metropolitan)\s+)*(?:Borough|City|County)(?:\s+Council)?\s+of\s+"
    r"|\s+(?:(?:Metropolitan|County|City|Borough|District|Unitary)\s+)*(?:Council|Authority)$",
    re.IGNORECASE,
)
_COMPASS = re.compile(r"\b(?:North|South|East|West|Central|Mid|Greater|Upper|Lower|Northern|Southern)[ -]$")


def _acted(values: Values, passage: Passage) -> Ruling:
    """An action's status: what is only planned is not done."""
    if values.get("status") == "done" and _PLANNED.search(passage.text) and not _DONE.search(passage.text):
        return _contradicts("the passage says that it is planned, not done")
    return YES


_PLANNED = re.compile(r"\b(?:will|plans? to|intends? to|aims? to|is to|are to|going to)\b", re.IGNORECASE)
_DONE = re.compile(r"\b(?:has|have|had|was|were)\b", re.IGNORECASE)

_RULES: dict[str, Callable[[Values, Passage], Ruling]] = {
    "authority": _council,
    "provider": _holding("value"),
    "inspectorates": _chosen("inspectorates"),
    "inspection_type": _chosen("inspection_types"),
    "framework": _framework,
    "inspection_start": _end_of("start"),
    "inspection_end": _end_of("end"),
    "report_published": _holding("words"),
    "lead_inspectors": _named,
    "overall_grade": _overall,
    "judgements": _judged_now,
    "previous_judgements": _recalled,
    "claims": _claimed,
    "counts": _counted,
    "people": _named,
    "actions": _acted,
}
