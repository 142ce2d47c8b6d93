"""The README is a promise: its commands and its Python run here, and print what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"^\$ (.*(?:\n> .*)*)\n((?:.*\n)*?)(?=^\$ |^```)", README, re.MULTILINE)
PYTHON = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL)


def run(command: str) -> str:
    """What a shell prints for the command at the checkout's root, on standard output."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    return plain(done.stdout)


def plain(text: str) -> str:
    """The text without the blanks that a table puts at the ends of its lines."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


@pytest.mark.parametrize(("command", "printed"), CONSOLE, ids=[command[:40] for command, _ in CONSOLE])
def test_a_command_prints_what_the_readme_says(command: str, printed: str) -> None:
    assert run(command.replace("\n> ", "\n")) == plain(printed)


@pytest.mark.parametrize(("code", "printed"), PYTHON)
def test_the_python_prints_what_the_readme_says(code: str, printed: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == printed


def test_there_is_something_to_run() -> None:
    assert len(CONSOLE) >= 3
    assert len(PYTHON) == 1


def test_every_file_that_the_readme_names_is_there() -> None:
    named = re.findall(r"`((?:extractor|examples|prompts|eval|bench)/[\w./-]+)`", README)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
