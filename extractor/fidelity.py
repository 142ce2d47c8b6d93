"""Whether the words that an altered quote changed change its meaning.

A quote may lose a word or a comma, or gain an article. It may not gain or lose a negation, a number, a grade, a
quantity or a hedge, nor put another name or content word in the place of the source's.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cache

from rapidfuzz import fuzz

from extractor.domain.tables import toml
from extractor.folding import words

_BRACKETED = re.compile(r"\[[^\]]*\]")
_TYPO_FROM = 85.0


def turned(quote: str, source: str) -> str | None:
    """What in the quote changes the meaning of the source passage, in words; null where nothing does."""
    theirs, ours = words(quote), words(source)
    editorial = set(words(" ".join(_BRACKETED.findall(quote))))
    matcher = SequenceMatcher(None, [word.lower() for word in theirs], [word.lower() for word in ours], autojunk=False)
    for tag, start, end, from_, to in matcher.get_opcodes():
        if tag != "equal":
            change = _turning_change(theirs[start:end], ours[from_:to], editorial)
            if change:
                return change
    return None


def hides_turn(gap: str) -> str | None:
    """The word in a passage left out by an ellipsis that would turn what stands on either side; null if none."""
    return next((word for word in words(gap) if _turns(word)), None)


def _turning_change(theirs: list[str], ours: list[str], editorial: set[str]) -> str | None:
    """What turns when `theirs` stands in place of `ours`; words that merely look alike are paired off first."""
    added, dropped = list(theirs), list(ours)
    for word in theirs:
        twin = next((other for other in dropped if _same_word(word, other)), None)
        if twin is not None:
            added.remove(word)
            dropped.remove(twin)
    for word in dropped:
        if _turns(word):
            return f"the quote leaves out '{word}'"
    for word in added:
        if _turns(word) or not (word in editorial or word.lower() in toml("turning_words.toml")["harmless"]):
            return f"the quote has '{word}', which the document does not"
    return None


def _same_word(one: str, other: str) -> bool:
    """The same word but for a slip of the pen: never for numbers, names or words that turn."""
    left, right = one.lower(), other.lower()
    if left == right or any({left, right} <= group for group in _alike_groups()):
        return True
    if _turns(left) or _turns(right) or other[0].isupper():
        return left.removesuffix("'s") == right.removesuffix("'s")
    return fuzz.ratio(left, right) >= _TYPO_FROM and not _opposite(left, right)


def _turns(word: str) -> bool:
    lowered = word.lower()
    return lowered in _turning() or lowered.endswith("n't") or any(character.isdigit() for character in word)


def _opposite(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return any(long == prefix + short for prefix in toml("turning_words.toml")["turning_prefixes"])


@cache
def _turning() -> frozenset[str]:
    table = toml("turning_words.toml")
    return frozenset(
        word for group in ("negations", "quantities", "hedges", "grades", "numbers") for word in table[group]
    )


@cache
def _alike_groups() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(group) for group in toml("turning_words.toml")["alike"])
