"""Which faults would the tests let through? Each in data/mutants.toml is planted in a copy, and its tests are run.

Usage: python tests/mutants.py [NAME…]. Exit status 1 where the tests pass over a fault.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

ROOT = Path(__file__).parent.parent
TESTS = ["test_scoring.py", "test_alignment.py", "test_statistics.py", "test_comparing.py"]


@dataclass(frozen=True)
class Mutant:
    """A fault: in `file` of the harness, each old text becomes the new one. `tests` is the file to catch it."""

    name: str
    file: str
    tests: str
    edits: tuple[tuple[str, str], ...]


MUTANTS = [
    Mutant(told["name"], told["file"], told["tests"], tuple((old, new) for old, new in told["edits"]))
    for told in tomllib.loads((ROOT / "tests" / "data" / "mutants.toml").read_text(encoding="utf-8"))["mutants"]
]


def catches(mutant: Mutant | None, *more: str) -> tuple[int, str]:
    """Run the tests on a copy with the fault, or without any for null: pytest's exit status and what it printed.

    Further arguments go to pytest. The status is 1 where tests fail, as they should, and 0 where they let it through.

    Raises:
        ValueError: where the text to edit does not stand there once.
    """
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "extractor_eval"
        shutil.copytree(ROOT / "eval", copy, ignore=shutil.ignore_patterns("gold", "recordings", "__pycache__"))
        if mutant:
            plant(mutant, copy / mutant.file)
        tests = [f"tests/{name}" for name in ([mutant.tests] if mutant else TESTS)]
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            "--hypothesis-profile=quick",
            "--hypothesis-seed=0",
        ]
        environment = {
            **os.environ,
            "PYTHONPATH": folder,  # stands before the installed package
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": f"{folder}/hypothesis",
            "OPENBLAS_NUM_THREADS": "1",
        }
        done = subprocess.run(
            [*command, *tests, *more], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr


def plant(mutant: Mutant, path: Path) -> None:
    """Edit the file, each old text of which must stand there once."""
    text = path.read_text(encoding="utf-8")
    for old, new in mutant.edits:
        if text.count(old) != 1:
            raise ValueError(f"{mutant.name}: stands {text.count(old)} times in {mutant.file}: {old}")
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def main(names: Sequence[str]) -> int:
    """Run them all, or those named; tell of each whether it was caught, and by which test."""
    start = perf_counter()
    chosen = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    if strange := set(names) - {mutant.name for mutant in chosen}:
        print(f"No fault is called {', '.join(sorted(strange))}.")
        return 2
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        sound, printed = catches(None)
        if sound:
            print(printed)
            print("The tests fail without any fault.")
            return 1
        missed = 0
        for mutant, (status, output) in zip(chosen, pool.map(catches, chosen), strict=True):
            failed = [line for line in output.splitlines() if line.startswith("FAILED ")]
            told = failed[0].split("::")[-1].split(" - ")[0] if failed else output
            missed += not (status == 1 and failed)
            print(f"{'caught' if status == 1 and failed else 'MISSED'}  {mutant.name:46} {told}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} caught, {perf_counter() - start:.0f} s")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
