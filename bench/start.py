"""How long a whole process takes: the command beside `python -c "import typer, rich"`, in turns."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ROUNDS = 15
ARTICLE = Path(__file__).parent.parent / "examples" / "many-grades.txt"
EXTRACTOR = str(Path(sys.executable).with_name("extractor"))
COMMANDS = {
    "import typer, rich": [sys.executable, "-c", "import typer, rich"],
    "extractor --help": [EXTRACTOR, "--help"],
    "extractor extract ARTICLE": [EXTRACTOR, "extract", str(ARTICLE), "--format", "json"],
}
# As installed: compiled once and not at each start; and offline, whatever the shell has set.
SETTINGS = {name: os.environ[name] for name in os.environ.keys() - {"PYTHONDONTWRITEBYTECODE", "EXTRACTOR_MODEL"}}


def seconds(command: list[str]) -> float:
    """One process from start to end."""
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, env=SETTINGS)
    return time.perf_counter() - started


def main() -> None:
    """Print the medians and what they are in units of the first; an unmeasured round warms the disk."""
    rounds = [[seconds(command) for command in COMMANDS.values()] for _ in range(ROUNDS + 1)][1:]
    bare, help_, article = map(median, zip(*rounds, strict=True))
    for name, taken in zip(COMMANDS, (bare, help_, article), strict=True):
        print(f"{name:28}{taken * 1000:6.0f} ms{taken / bare:7.2f} times the first")
    print(f"--help takes {help_ / bare:.2f} times the bare imports (aim: at most 2.5)")
    print(f"an article takes {(article - help_) / bare:.2f} times them more than that (aim: at most 3)")


if __name__ == "__main__":
    main()
