"""The packages that only some file formats need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from extractor.errors import SettingsError


def needed(package: str, what: str) -> Any:
    """The package, imported.

    Raises:
        SettingsError: it is not installed; the message names the extra that brings it.
    """
    try:
        return import_module(package)
    except ImportError as error:
        top = package.partition(".")[0]
        raise SettingsError(
            f"{what} needs the package {top}, which is not installed: pip install 'extractor[tables]'"
        ) from error
