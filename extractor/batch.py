"""Many documents: results as they come, and a document that fails is a result too."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import Unpack

from extractor.errors import DocumentError, ExtractorError
from extractor.extracting import Arguments, Settings, extract_with, failed, settings, takes_settings
from extractor.readers import SUFFIXES
from extractor.schemas.extraction import Extraction

log = logging.getLogger("extractor.batch")


@takes_settings
def extract_many(
    paths: Iterable[str | os.PathLike[str]], *, concurrency: int = 4, **arguments: Unpack[Arguments]
) -> Iterator[Extraction]:
    """Extract many documents, in any order; one that fails has `error` set and stops nothing.

    Args:
        paths: files to read; taken as they are needed, so an endless iterable is fine.
        concurrency: documents in hand at once.
        **arguments: as for `settings`.

    Raises:
        SettingsError, PromptError: before the first document, where the arguments cannot work.
    """
    return many_with(settings(**arguments), paths, concurrency)


def many_with(chosen: Settings, paths: Iterable[str | os.PathLike[str]], concurrency: int = 4) -> Iterator[Extraction]:
    """`extract_many` with settings that are checked already."""
    waiting, concurrency = iter(paths), max(1, concurrency)
    pool = ThreadPoolExecutor(concurrency)
    try:
        running: set[Future[Extraction]] = {
            pool.submit(one_with, chosen, path) for path in islice(waiting, concurrency)
        }
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit(one_with, chosen, path) for path in islice(waiting, len(done))}
            yield from (future.result() for future in done)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # who stops early does not wait for the calls in flight


def one_with(chosen: Settings, path: str | os.PathLike[str]) -> Extraction:
    """One document's Extraction, also where it fails."""
    try:
        return extract_with(chosen, path)
    except ExtractorError as error:
        return failed(chosen, path, error)
    except Exception as fault:  # a fault of ours must not cost the other documents
        log.debug("fault at %s", path, exc_info=True)
        message = f"{os.fspath(path)}: a fault in extractor itself ({type(fault).__name__}: {fault}). Please report it."
        return failed(chosen, path, ExtractorError(message))


def files_below(path: Path) -> tuple[list[Path], int]:
    """The files with known suffixes in a folder and below it, sorted, and how many others were passed over.

    Raises:
        DocumentError: the folder cannot be listed.
    """
    try:
        found = sorted(entry for entry in path.rglob("*") if entry.is_file())
    except OSError as error:
        raise DocumentError(str(path), f"cannot be listed ({error.strerror})", "Check its permissions.") from error
    known = [entry for entry in found if entry.suffix.lower() in SUFFIXES]
    return known, len(found) - len(known)
