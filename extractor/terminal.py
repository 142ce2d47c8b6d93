"""Text from outside for a terminal, which must show every character of it and obey none."""

from __future__ import annotations

import logging
import re
import sys

# Control characters but for tab and line feed, the marks that turn the direction of writing, and what is no character.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_UNESCAPED = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """The text with � in the place of each character that a terminal would obey; as long as it was."""
    return _OBEYED.sub("\ufffd", text)


def flat(text: str) -> str:
    """The same in one line, its white space single blanks."""
    return " ".join(plain(text).split())


def escaped(json_text: str) -> str:
    r"""The same JSON with \u… for what JSON leaves alone and a terminal obeys or a reader takes for a line's end."""
    return _UNESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text)


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return plain(super().format(record))


def show_logs(level: int) -> None:
    """Show this package's own logs, from this level on, on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Plain("%(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler])
    logging.getLogger("extractor").setLevel(level)
