"""The documents in a folder and below it, one by one in the order of their names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from extractor.errors import DocumentError
from extractor.readers.sniff import SUFFIXES


def files_below(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Every file in the folder and below it; links to folders are not followed.

    Raises:
        DocumentError: a folder cannot be listed.
    """
    try:
        with os.scandir(folder) as listing:
            entries = sorted((entry.name, entry.is_dir(follow_symlinks=False), entry.is_file()) for entry in listing)
    except OSError as error:
        raise DocumentError(str(folder), f"cannot be listed ({error.strerror})", "Check its permissions.") from error
    for name, is_folder, is_file in entries:
        if is_folder:
            yield from files_below(Path(folder, name))
        elif is_file:
            yield Path(folder, name)


def is_document(path: Path) -> bool:
    """Whether the file's suffix is one that is read."""
    return path.suffix.lower() in SUFFIXES


def documents(paths: list[Path]) -> Iterator[Path]:
    """What is to be read of these files and folders: files as they are named, of folders what is a document."""
    for path in paths:
        if path.is_dir():
            yield from filter(is_document, files_below(path))
        else:
            yield path


def counted(paths: list[Path]) -> tuple[int, int]:
    """How many documents there are, and how many files of folders are passed over for their suffix."""
    found = passed_over = 0
    for path in paths:
        if path.is_dir():
            for file in files_below(path):
                found, passed_over = (found + 1, passed_over) if is_document(file) else (found, passed_over + 1)
        else:
            found += 1
    return found, passed_over
