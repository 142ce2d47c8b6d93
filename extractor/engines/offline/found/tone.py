"""What a passage from an inspection is by its words: a strength, a weakness, or a recommendation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from extractor.domain.tables import toml
from extractor.engines.offline.found.clauses import first_verb
from extractor.engines.offline.found.wording import Word, wording, words

Judge = Callable[[str, Sequence[Word]], str | None]
"""The kind of a passage, given its words; null where none of them tells."""

_SUBORDINATING = frozenset(("that", "when", "whether", "if", "who", "which", "how", "what", "because", "about"))
_FAR, _NEAR = 8, 3
_TOO_WHAT = {"to", "the", "and", "but", "for", "in", "of"}


def kind_of(text: str, said: Sequence[Word] | None = None) -> str | None:
    """The kind of a passage; null where none of its words tells. `said` are its words, where they are known."""
    said = words(text) if said is None else said
    if _asks(said, "ask") or _asks(said, "need"):
        return "recommendation"
    return _tone(text, said)


def kind_beside_list(text: str, said: Sequence[Word] | None = None) -> str | None:
    """The same in a text that lists its recommendations: what its prose says is needed is at fault."""
    said = words(text) if said is None else said
    asks = next(iter(wording("tones.toml", "ask").places(said)), 0)
    if _asks(said, "ask") and not any(word.said in _SUBORDINATING for word in said[:asks]):
        return "recommendation"
    return "weakness" if _asks(said, "need") else _tone(text, said)


def _tone(text: str, said: Sequence[Word]) -> str | None:
    faults, praises = _weighed(said)
    if not faults and not praises:
        return None
    if len(faults) == len(praises):
        faulted = _predicate(text, said, faults) < _predicate(text, said, praises)
    else:
        faulted = len(faults) > len(praises)
    return "weakness" if faulted else "strength"


def _predicate(text: str, said: Sequence[Word], places: set[int]) -> int:
    """How soon behind the first finite verb the first of these words stands; those before it come last."""
    verb = first_verb(text)
    return min(index if said[index].start >= verb else index + len(said) for index in places)


def _asks(said: Sequence[Word], table: str) -> bool:
    """Whether the passage asks for something by a word of the table, and not only behind "than" or "what"."""
    unless = toml("tones.toml")["unless"]
    return any(
        not any(word.said in unless for word in said[max(0, index - 2) : index])
        or (index <= 2 and said[0].said in ("they", "it"))
        for index in wording("tones.toml", table).places(said)
    )


def _weighed(said: Sequence[Word]) -> tuple[set[int], set[int]]:
    """Where the passage faults, and where it praises; a negation turns what it stands before."""
    faults = set(wording("tones.toml", "fault").places(said))
    forsaken = set(wording("tones.toml", "forsaken").places(said))
    praises = set(wording("tones.toml", "praise").places(said)) - faults
    faults |= {
        index
        for index, word in enumerate(said[:-1])
        if word.said == "too" and said[index + 1].said not in _TOO_WHAT and index + 1 not in faults
    }
    eased = wording("tones.toml", "eased").places(said)
    if eased and faults - set(eased) and min(faults) < eased[-1]:
        faults = {one for one in faults if one > eased[-1]}
        praises.add(eased[-1])
    for index in wording("tones.toml", "negations").places(said):
        reach = _reach(said, index)
        if (faults | forsaken).intersection(reach):
            faults -= {*range(index + 1, index + 1 + _FAR)}
            praises.add(index)
        elif wording("tones.toml", "found").has(said[index + 1 : index + 3]) and min(faults, default=index) < index:
            faults = {one for one in faults if one > index}
            praises.add(index)
        else:
            faults.add(index)
            praises -= {*range(index + 1, index + 1 + _FAR)}
    return faults, praises


def _reach(said: Sequence[Word], index: int) -> range:
    """The words behind a negation that it denies: few behind "not", more behind "no" and "not any"."""
    is_not = said[index].said == "not" or said[index].said.endswith("n't")
    any_near = any(word.said == "any" for word in said[index + 1 : index + 4])
    return range(index + 1, index + 1 + (_NEAR if is_not and not any_near else _FAR))
