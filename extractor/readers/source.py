"""Where bytes come from: a file or standard input, never more of them than the limit."""

from __future__ import annotations

import os
import stat
import sys

from extractor.errors import MissingDocument, OversizedDocument

LIMIT_BYTES = 100_000_000
"""No document larger than this is read (100 MB): the longest inspection report seen is under 2 MB."""


def fetch(name: str) -> bytes:
    """All bytes of the file called `name`, or of standard input where that is "-".

    Raises:
        MissingDocument: there is no such file, it is a folder, or it may not be read.
        OversizedDocument: it is larger than `LIMIT_BYTES`; a file's size is looked at before it is read.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read(LIMIT_BYTES + 1)
        else:
            status = os.stat(name)
            if stat.S_ISREG(status.st_mode):
                check_size(status.st_size, name, LIMIT_BYTES)
            with open(name, "rb") as file:
                data = file.read(LIMIT_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        raise _missing(name, error) from error
    check_size(len(data), name, LIMIT_BYTES)
    return data


def check_size(size: int, name: str, limit: int) -> None:
    """Nothing, unless `size` is beyond `limit`, both in bytes.

    Raises:
        OversizedDocument: it is.
    """
    if size > limit:
        fault = f"it is larger than the limit of {limit / 1_000_000:g} MB"
        raise OversizedDocument(name, fault, "Give the report itself, or split the file into its documents.")


def _missing(name: str, error: Exception) -> MissingDocument:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return MissingDocument(name, "there is no such file", "Check the path, or give the folder that holds it.")
        case IsADirectoryError():
            return MissingDocument(name, "it is a folder, not a document", "Name the files in it.")
        case PermissionError():
            return MissingDocument(name, "there is no permission to read it", "Change its permissions, or copy it.")
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return MissingDocument(name, f"it cannot be opened ({reason})", "Check the path and the disk it is on.")
