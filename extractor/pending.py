"""The documents of a batch that are taken and not done, each by its number."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from extractor.readers import LIMIT_BYTES

STDIN = "-"
STRIKES = 2
"""A document is given up that was in hand when so many workers died."""


@dataclass
class _Item:
    """`content` names what is in the file: null where it does not matter, or cannot be read."""

    path: str
    content: bytes | None
    strikes: int = 0


class Pending:
    """Takes paths one by one.

    Args:
        paths: the documents; an endless iterable is fine.
        twins_wait: files of the same content wait for the one of them that is in hand.
    """

    def __init__(self, paths: Iterable[str | os.PathLike[str]], *, twins_wait: bool) -> None:
        self.all_taken = self.any_done = False
        self.suspects: deque[int] = deque()
        """Those that were in hand when a worker died, to be tried by themselves."""
        self._paths, self._twins_wait = iter(paths), twins_wait
        self._last = 0
        self._items: dict[int, _Item] = {}
        self._next: deque[int] = deque()
        self._twins: dict[bytes, deque[int]] = {}

    def __len__(self) -> int:
        return len(self._items)

    def path(self, number: int) -> str:
        """Where the document is."""
        return self._items[number].path

    def next(self, most: int) -> int | None:
        """A document that can be worked on; null where there is none, or `most` would be taken and not done."""
        if self._next:
            return self._next.popleft()
        while len(self._items) < most and not self.all_taken:
            path = next(self._paths, None)
            if path is None:
                self.all_taken = True
                return None
            name = os.fspath(path)
            content = content_of(name) if self._twins_wait else None
            self._last += 1
            self._items[self._last] = _Item(name, content)
            if content is None:
                return self._last
            if content not in self._twins:
                self._twins[content] = deque()
                return self._last
            self._twins[content].append(self._last)
        return None

    def done(self, number: int) -> None:
        """Forget it; the next one of its content has its turn."""
        self.any_done = True
        content = self._items.pop(number).content
        if content is not None:
            if self._twins[content]:
                self._next.append(self._twins[content].popleft())
            else:
                del self._twins[content]

    def strike(self, number: int) -> bool:
        """It was in hand when a worker died: false where that was once too often, and it is to be given up."""
        item = self._items[number]
        item.strikes += 1
        if item.strikes < STRIKES:
            self.suspects.append(number)
        return item.strikes < STRIKES

    def is_suspect(self, number: int) -> bool:
        """Whether a worker died that had it in hand."""
        return self._items[number].strikes > 0


def content_of(path: str) -> bytes | None:
    """The SHA-256 of what is in a file; null where it cannot be read, or is larger than any document."""
    if path == STDIN:
        return None
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size > LIMIT_BYTES:
                return None
            return hashlib.file_digest(file, "sha256").digest()
    except (OSError, ValueError):
        return None
