"""A file's or folder's name from what a prompt, a model or a recording is called: it never leads out of its folder."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

_OTHER = re.compile(r"[^\w.-]+")
_TAKEN = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?|report\.html", re.IGNORECASE)
"""Names of devices on Windows, and the page that stands beside the runs."""
_LONGEST = 150
"""Bytes: with a suffix it is still a name on every disk."""


def file_name(*parts: str) -> str:
    """The parts with - between them, in letters, digits, dots, - and _; a very long one is cut and ends in a hash."""
    said = "-".join(_OTHER.sub("-", unicodedata.normalize("NFC", part)) for part in parts)
    name = said.strip(".-") or "run"
    name = f"run-{name}" if _TAKEN.fullmatch(name) else name
    if len(whole := name.encode()) <= _LONGEST:
        return name
    return f"{whole[: _LONGEST - 9].decode('utf-8', 'ignore')}-{sha256(whole).hexdigest()[:8]}"
