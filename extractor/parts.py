"""A file that is being written, beside the place that it will have when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def begun(part: Path) -> Path:
    """The path, with a new and empty file there: what stood there is gone, and no link is written through.

    Raises:
        OSError: there can be no such file.
    """
    part.unlink(missing_ok=True)
    part.touch(exist_ok=False)
    return part


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new, empty file beside `path` to be written, which takes its place in the end, unless it was removed again.

    However this process ends, `path` is what it was or the new file, whole: also where two processes write it at once.

    Raises:
        OSError: it cannot be written; `path` is as it was.
    """
    part = begun(path.with_name(f".{path.name}.{os.getpid()}.part"))
    try:
        yield part
        if part.exists():
            with part.open("rb+") as written:
                os.fsync(written.fileno())
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
