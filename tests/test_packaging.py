"""What a user installs: every data file is in it, starting is light, and no address of a registry is written down."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
REGISTRY = re.compile(r"index-url|find-links|\bpypi\.org/simple|\bfiles\.pythonhosted\.org|\bregistry\.npmjs\.org")


def loaded(*argv: str) -> set[str]:
    """The top-level modules that a fresh Python has loaded once it has run."""
    shown = subprocess.run([sys.executable, "-X", "importtime", *argv], capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in shown.stderr.splitlines()}


def test_all_data_is_packaged():
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {package: package.replace(".", "/") for package in setup["packages"]} | setup["package-dir"]
    assert {path.parent for path in (ROOT / "extractor").rglob("*.py")} <= {
        ROOT / folder for folder in folders.values()
    }
    declared = {
        path
        for package, patterns in setup["package-data"].items()
        for path in (ROOT / folders[package]).iterdir()
        if any(fnmatch(path.name, pattern) for pattern in patterns)
    }
    data = {path for top in ("extractor", "prompts") for path in (ROOT / top).rglob("*") if path.is_file()}
    assert {path for path in data if path.suffix not in (".py", ".pyc")} <= declared


def test_importing_is_light():
    assert not loaded("-c", "import extractor") & {"pydantic", "openai", "instructor", "rich"}


def test_help_is_light():
    heavy = {"openai", "instructor", "pypdfium2", "trafilatura", "pydantic", "rapidfuzz"}
    found = loaded("-m", "extractor.cli", "--help")
    assert "typer" in found
    assert not found & heavy


def test_offline_needs_no_client():
    article = str(ROOT / "examples" / "many-grades.txt")
    found = loaded("-m", "extractor.cli", "extract", article, "--format", "json", "--model", "offline")
    assert not found & {"openai", "instructor", "httpx2", "pypdfium2", "trafilatura", "sqlite3"}


def test_no_registry_is_named():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    naming = [path for path in files if path.is_file() and REGISTRY.search(path.read_bytes().decode("latin-1"))]
    assert [path.name for path in naming if path != Path(__file__)] == []
