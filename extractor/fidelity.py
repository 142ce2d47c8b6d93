"""Whether what a quote changed, or cut away, changes the meaning of the document's words.

A quote may lose a small word or a comma, or gain an article. It may not gain or lose a negation, a number, a grade, a
quantity or a hedge, nor put another name or content word in the place of the source's, nor begin right behind what
turns it over ("not | always checked").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import cache

from extractor.domain.tables import toml
from extractor.folding import WORD, Folded

_ENDS_IN_THAT = re.compile(r"\bthat\s*(?:the|a|an|its|their|his|her)?\s*$", re.IGNORECASE)
_NOT_THE_CASE = re.compile(
    r"(?:\bnot|n't)\s+(?:\w+\s+)?(?:the case|true|so|clear|agree\w*|accept\w*|believ\w*|sa(?:y|id))", re.IGNORECASE
)
_SUBORDINATE = re.compile(r"\b(?:that|why|how|where|when|what)\b", re.IGNORECASE)
_NOT = re.compile(r"not|never|nor|neither|\w+n't", re.IGNORECASE)
_SHARE = re.compile(
    r"\b(?:few|none|any|all|half|some|most|many|several|majority|minority|one|two|three|four|five|[0-9]+)\s+of\s*$",
    re.I,
)
_DENYING = re.compile(r"(?:un(?!der|it|ion|til|less)|dis(?!trict|cuss|abled)|mis(?!s)|non)\w{4,}", re.IGNORECASE)
_LETTER = re.compile(r"\[(\w)\](?=\w)")
_BRACKETED = re.compile(r"(?<!\w)\[[^\]]*\](?!\w)")
_CLAUSE_END = re.compile(r"[.;:,!?\"()]|\n\s*\n|\b(?:and|or|but|because|while|so)\b")
_NO_TURN = re.compile(
    r"\b(?:no (?:fewer|less|more) than|no doubt|not only|not just)\b"
    r"|(?-i:\bMay\b)(?=\s+[0-9]|\s*\n)|(?<=[\w,] )(?-i:May\b)",  # the month: the verb has no capital but at a start
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"\b(?:but|while|whilst|whereas|although|though|however|yet|unlike|except)\b"
    r"|,\s+and\s+(?!(?:have|has|had|is|are|was|were|will|can|\w+ed)\b)",
    re.IGNORECASE,
)


def turned(quote: str, source: str, known: Callable[[str], bool] = lambda word: True) -> str | None:
    """What in the quote changes the meaning of the source passage, in words; null where nothing does.

    `known` tells whether the document has a word: an editor's "[Children]" may come from there.
    """
    quote = _LETTER.sub(r"\1", quote)
    theirs, ours = _words(quote), _words(source)
    bracketed = set(_words(" ".join(_BRACKETED.findall(quote))))
    editorial = {word for word in bracketed if known(word.lower()) or word == "sic"}
    named = {word for word in bracketed if known(word)}
    matcher = SequenceMatcher(None, [word.lower() for word in theirs], [word.lower() for word in ours], autojunk=False)
    for tag, start, end, from_, to in matcher.get_opcodes():
        if tag == "equal":
            continue
        allowed = editorial | named if tag == "delete" else editorial
        change = _turning_change(theirs[start:end], ours[from_:to], allowed, opening=from_ == 0)
        if change is None and tag == "insert" and _leaves_active(ours, from_, to):
            change = f"the quote leaves out '{ours[from_]}'"
        if change:
            return change
    return None


def hides_turn(gap: str, *, dated: bool = False) -> str | None:
    """The words in a passage left out by an ellipsis that turn what stands on either side; null if there are none.

    No grade that is left out turns a passage that is `dated`: quoted for when something was.
    """
    contrast = _CONTRAST.search(gap) or re.search(";", gap)
    if contrast:
        return contrast[0].strip(" ,")
    groups = ("negations", "hedges") if dated else ("negations", "hedges", "grades")
    return next((word for word in _words(gap) if _in(word, *groups)), None)


def cut_from(before: str, *, graded: bool = False, dated: bool = False) -> str | None:
    """The word before a quote, in its clause, that turns the quote over; null where there is none.

    Right before it that is a negation or a hedge, or a share ("few of"); before "that", a word that puts in doubt
    what follows; where the quote is for a grade, also a verb by which somebody claims one. A date is turned by a
    negation alone.
    """
    clause = _CLAUSE_END.split(_NO_TURN.sub(" ", before))[-1]
    head, that, tail = clause.rpartition("that") if _ENDS_IN_THAT.search(clause) else ("", "", clause)
    if that:
        groups = ("doubters", "claimants") if graded else ("doubters",)
        return next((word for word in _words(head) if _in(word, *groups)), None) or (
            "not" if _NOT_THE_CASE.search(head) else None
        )
    if _SHARE.search(tail):
        return " ".join(_words(tail)[-2:])
    near = _SUBORDINATE.split(tail)[-1]
    if dated:
        return next((word for word in _words(near)[-4:] if _NOT.fullmatch(word)), None)
    return next((word for word in _words(near)[-4:] if _in(word, "negations", "openers")), None)


def cut_role(before: str) -> str | None:
    """The word right before a quoted role that makes it another one ("deputy"); null where there is none."""
    return next((word for word in _words(before)[-1:] if _in(word, "role_openers")), None)


def _words(text: str) -> list[str]:
    """The words as they are compared: 1,255 and 1255 alike, "per cent" and % too."""
    plain = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", Folded(text).text)
    return WORD.findall(re.sub(r"\s?%|\bper cent\b", " percent", plain))


def _turning_change(theirs: list[str], ours: list[str], editorial: set[str], *, opening: bool) -> str | None:
    """What turns when `theirs` stands in place of `ours`; the same words but for their spelling are paired off."""
    if "".join(theirs).lower() == "".join(ours).lower():
        return None
    added, dropped = list(theirs), list(ours)
    for word in theirs:
        twin = next((other for other in dropped if _same_word(word, other, name=_is_name(other, ours, opening))), None)
        if twin is not None:
            added.remove(word)
            dropped.remove(twin)
    for group in (_group("pronouns"), _group("directions")):
        there, here = ({word.lower() for word in words} & group for words in (added, dropped))
        if there and here:
            return f"the quote has '{min(there)}' for '{min(here)}'"
    for word in dropped:
        if _turns(word) or _DENYING.match(word) or (word.lower().endswith("ly") and not _in(word, "weak_adverbs")):
            return f"the quote leaves out '{word}'"
    for word in added:
        if _turns(word) or not (word in editorial or word.lower() in _group("harmless")):
            return f"the quote has '{word}', which the document does not"
    return None


def _leaves_active(ours: list[str], start: int, end: int) -> bool:
    """Whether what was left out made a passive of what follows: "were | asked"."""
    passive = end < len(ours) and ours[end].endswith("ed")
    return passive and any(word.lower() in _group("auxiliaries") for word in ours[start:end])


def _is_name(word: str, ours: list[str], opening: bool) -> bool:
    return word[0].isupper() and not (opening and word == ours[0])


def _same_word(one: str, other: str, *, name: bool) -> bool:
    """The same word but for a slip of the pen or its spelling: never for numbers, names or words that turn."""
    left, right = one.lower(), other.lower()
    if left.removesuffix("'s") == right.removesuffix("'s") or any({left, right} <= group for group in _alike_groups()):
        return True
    if _turns(left) or _turns(right) or name:
        return False
    if _spelling(left) == _spelling(right):
        return True
    if min(len(left), len(right)) >= 8 and left[0] == right[0] and abs(len(left) - len(right)) == 1:
        shorter, longer = sorted((left, right), key=len)
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    small = right in _group("harmless") and left not in _group("harmless")
    return sorted(left) == sorted(right) and (small or (len(left) > 4 and left[0] == right[0]))


def _spelling(word: str) -> str:
    """The word without its plural, doubled letters, and what British and American spelling differ in."""
    plain = re.sub(r"([^aeiou])\1+", r"\1", word.removesuffix("'s")).replace("centre", "center")
    plain = re.sub(r"is(e|es|ed|ing|ation|ations)$", r"iz\1", plain).replace("our", "or")
    return re.sub(r"(?<=[^s])s$", "", plain)


def _turns(word: str) -> bool:
    return _in(word, "negations", "quantities", "hedges", "relations", "grades", "numbers")


def _in(word: str, *groups: str) -> bool:
    lowered = word.lower()
    if "numbers" in groups and any(character.isdigit() for character in word):
        return True
    if "negations" in groups and lowered.endswith("n't"):
        return True
    return any(lowered in _group(group) for group in groups)


@cache
def _group(name: str) -> frozenset[str]:
    return frozenset(toml("turning_words.toml")[name])


@cache
def _alike_groups() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(group) for group in toml("turning_words.toml")["alike"])
