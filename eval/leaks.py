"""A prompt's worked examples kept apart from the gold that it is measured on."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.fuzz import partial_ratio, ratio

from extractor.errors import PromptError
from extractor.prompt import Prompt

from .gold import ALIKE, Case

SHARED = 120
"""Pieces of so many characters, each beginning in the middle of the one before, are looked for in the documents."""


def refuse_leaks(prompt: Prompt, gold: Sequence[Case]) -> None:
    """Stop a prompt that shows the model what it is about to be asked.

    Raises:
        PromptError: an example is nearly the text of a document of the set, or has a long passage of one.
    """
    for number, example in enumerate(prompt.examples, 1):
        text = " ".join(example.document.split())
        for case in gold:
            if _same(text, " ".join(case.document.visible.split())):
                raise PromptError(
                    f"{prompt.name}: example {number} is a document of the gold set, {case.id}: what was shown before "
                    "proves nothing. Take an example that is in no set."
                )


def _same(example: str, document: str) -> bool:
    if ratio(example, document, score_cutoff=ALIKE):
        return True
    pieces = (example[at : at + SHARED] for at in range(0, len(example) - SHARED + 1, SHARED // 2))
    return any(partial_ratio(piece, document, score_cutoff=95) for piece in pieces)
