"""PDFium's text as it is printed: line ends, line-end hyphens and bullets mended."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

_BREAK = "\ufffe"
"""What PDFium gives for a hyphen at the end of a line, instead of the hyphen and the line end."""

BULLETS = "\uf02d\uf06e\uf076\uf0a7\uf0a8\uf0b7\uf0d8\uf0fc\u25a0\u25aa\u25fc"
"""What is drawn as a bullet, in symbol fonts and out of them."""

_AROUND_WORDS = ".,;:!?()[]‘’“”'\"•"
_WORD = re.compile(r"\w*")
_DROW = re.compile(r"[\w-]*")
"""What a word is made of, read backwards."""


def printer(pages: Iterable[str]) -> Callable[[str], str]:
    """What mends any piece of the raw `pages`; a word broken at a line end is judged by their other words."""
    pages = list(pages)
    words = _words(pages) if any(_BREAK in page for page in pages) else frozenset()

    def join(piece: str) -> Iterator[str]:
        whole, *others = piece.split(_BREAK)
        for other in others:
            right = _begin(_WORD, other)
            left = _begin(_DROW, whole[::-1])[::-1]
            plain, compound = left + right, f"{left}-{right}"
            yield whole[: len(whole) - len(left)]
            yield plain if plain.casefold() in words and compound.casefold() not in words else compound
            whole = other[len(right) :]
        yield whole

    def mend(piece: str) -> str:
        piece = piece.replace("\r\n", "\n").replace("\r", "\n")
        for bullet in BULLETS:
            piece = piece.replace(bullet, "•")
        return "".join(join(piece)) if _BREAK in piece else piece

    return mend


def _begin(pattern: re.Pattern[str], text: str) -> str:
    """What fits at the beginning of the text."""
    match = pattern.match(text)
    return match[0] if match else ""


def _words(pages: list[str]) -> frozenset[str]:
    tokens = {token for page in pages for token in page.split()}
    return frozenset(token.casefold().strip(_AROUND_WORDS) for token in tokens)
