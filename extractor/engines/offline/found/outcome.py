"""What an inspection that gives no grade concluded, in the text's own sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractor.engines.offline.found.blocks import Block, blocks, sentences
from extractor.engines.offline.found.tone import kind_of
from extractor.engines.offline.found.voices import Voiced, gives_grade, is_formal, is_own, voices
from extractor.engines.offline.found.wording import words
from extractor.engines.offline.reading import Found, Quotation, Reading, Sentence

_CONCLUDES = re.compile(
    r"\b(?:[Tt]aken (?:together|as a whole)|[Ii]n (?:summary|conclusion)|[Oo]verall,|conclud\w+"
    r"|(?:verdict|message|conclusion|upshot)(?: of [^.;]{3,60}?)? (?:is|was)\b|lead to inconsistent"
    r"|widespread and ?/? ?or systemic|typically lead to positive"
    r"|[Ww]ritten [Ss]tatement of [Aa]ction is (?:not )?required)"
)
_HEADING = re.compile(r"(?:headline findings?|(?:inspection )?outcome)", re.IGNORECASE)
_THAT = re.compile(
    r"^(?:That|This)(?:'s| is| was) (?:the (?:message|verdict|view|conclusion|upshot|finding)|what\b|how\b)"
)
_ABOUT_PROGRESS = re.compile(
    r"\b(?:progress|improv\w+|getting (?:better|worse)"
    r"|better|direction|too little|a long way off|moved? (?:on|forward)|momentum)\b"
)
_GRADES = re.compile(r"\b(?:judged|rated|graded|rating|grade)\b")
_FEWEST_WORDS = 6


def outcome(reading: Reading, spoken: Sequence[Quotation]) -> Found | None:
    """The sentence that concludes; or else the first that tells how far things have come; null where none does."""
    if is_own(reading):
        found = blocks(reading)
        told = [Voiced(one, "inspection") for one in sentences(reading, found) if not is_formal(one.text)]
        headed = _headed(found)
        for one in told:
            if one.sentence.paragraph in headed and _is_whole(one.sentence):
                return _found(reading, one.sentence, "outcome.headed")
    else:
        told = [one for one in voices(reading, spoken) if one.voice != "other"]
    told = [one for one in told if _is_whole(one.sentence)]
    for rule, fits in (("outcome.concludes", _concludes), ("outcome.progress", _progresses), ("outcome.first", _says)):
        for before, one in zip([None, *told], told, strict=False):
            if fits(one):
                sentence = before.sentence if before and _THAT.search(one.sentence.text) else one.sentence
                return _found(reading, sentence, rule)
    return None


def _headed(found: Sequence[Block]) -> set[int]:
    """The blocks that stand right under a heading which says that the outcome follows."""
    return {number for number, block in enumerate(found[:-1], start=1) if _HEADING.fullmatch(block.text)}


def _found(reading: Reading, sentence: Sentence, rule: str) -> Found:
    text = " ".join(reading.text[sentence.start : sentence.end].split())
    return Found({"value": text}, reading.document.shown((sentence.start, sentence.end)), rule)


def _is_whole(sentence: Sentence) -> bool:
    return len(words(sentence.text)) >= _FEWEST_WORDS and sentence.text.rstrip("\"') ").endswith((".", "!"))


def _concludes(one: Voiced) -> bool:
    text = one.sentence.text
    return (_CONCLUDES.search(text) or _THAT.search(text)) is not None and not gives_grade(text)


def _progresses(one: Voiced) -> bool:
    """Whether the sentence says on the inspection's word how things are going."""
    text = one.sentence.text
    said = one.source is not None or one.voice == "inspection" or one.lingers
    return said and _ABOUT_PROGRESS.search(text) is not None and kind_of(text) is not None and not _GRADES.search(text)


def _says(one: Voiced) -> bool:
    text = one.sentence.text
    said = one.source is not None or one.voice == "inspection"
    return said and kind_of(text) is not None and not gives_grade(text)
