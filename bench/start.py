"""How long a process takes from nothing: the command beside `python -c "import typer, rich"`, in turns."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ROUNDS = 15
ARTICLE = Path(__file__).parent.parent / "examples" / "many-grades.txt"
EXTRACTOR = str(Path(sys.executable).with_name("extractor"))

FLOOR = "import typer, rich"
COMMANDS = {
    FLOOR: [sys.executable, "-c", FLOOR],
    "extractor --help": [EXTRACTOR, "--help"],
    "extractor extract, one article offline": [EXTRACTOR, "extract", str(ARTICLE), "--format", "json"],
}
AIMS = {"extractor --help": 2.5, "extractor extract, one article offline": 3.0}


def seconds(command: list[str]) -> float:
    """One whole process: start, run, end."""
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Print each command's median and how many times the floor's it is; the first round only warms the disk."""
    rounds = [{name: seconds(command) for name, command in COMMANDS.items()} for _ in range(ROUNDS + 1)][1:]
    floor = median(taken[FLOOR] for taken in rounds)
    for name in COMMANDS:
        middle = median(taken[name] for taken in rounds)
        aim = f" (aim: at most {AIMS[name]})" if name in AIMS else ""
        print(f"{name:40} {middle * 1000:6.0f} ms {middle / floor:6.2f} times{aim}")


if __name__ == "__main__":
    main()
