"""The data files of this folder, each read once when first asked for."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def toml(name: str) -> dict[str, Any]:
    """One of this folder's TOML files."""
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one of this folder's CSV files."""
    return tuple(csv.DictReader(files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()))
