"""A short run of the fuzzing, what it once found, and that it would find it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import fuzz
import pytest
from fuzzseeds import packed, seeds, word
from fuzzshapes import SHAPES
from fuzztargets import SLOW, TARGETS
from hypothesis import HealthCheck, Phase, given, settings

pytestmark = pytest.mark.once

HERE = Path(__file__).parent
FOUND = tomllib.loads((HERE / "data" / "fuzz.toml").read_text(encoding="utf-8"))
EXAMPLES = 200


@pytest.mark.parametrize("target", TARGETS)
def test_what_others_wrote_gives_a_result_or_an_error_of_ours(target: str) -> None:
    few = settings(
        max_examples=EXAMPLES // SLOW.get(target, 1),
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    few(given(SHAPES[target])(TARGETS[target]))()


@pytest.mark.parametrize("target", TARGETS)
def test_the_inputs_to_begin_from_are_sound(target: str) -> None:
    for data in seeds(target):
        TARGETS[target](data)


@pytest.mark.parametrize("case", FOUND["bytes"], ids=lambda case: case["about"])
def test_what_was_found_in_bytes_stays_mended(case: dict[str, str]) -> None:
    data = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode("utf-8", "surrogatepass")
    TARGETS[case["target"]](data)


@pytest.mark.parametrize("case", FOUND["word"], ids=lambda case: case["about"])
def test_what_was_found_in_word_files_stays_mended(case: dict[str, str]) -> None:
    kinds = {kind: case[kind] for kind in ("styles", "numbering", "footnotes") if kind in case}
    TARGETS["docx"](packed(word(case["body"], **kinds)))


@pytest.mark.parametrize("case", FOUND["json"], ids=lambda case: case["about"])
def test_what_was_found_in_json_stays_mended(case: dict[str, str]) -> None:
    """A sound input with the value at one place put in the place of its own, or taken out."""
    tree = json.loads(seeds(case["target"])[0].split(b"\x1e")[0])
    *path, last = case["at"].split("/")
    holder = tree
    for step in path:
        holder = holder[int(step)] if step.isdigit() else holder[step]
    if "put" in case:
        holder[last] = json.loads(case["put"])
    else:
        del holder[last]
    TARGETS[case["target"]](json.dumps(tree).encode() + case.get("then", "").encode())


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("raise ValueError('planted')", "ValueError at"),
        ("while True: pass", "hang: more than"),
        ("import os; os.kill(os.getpid(), 11)", "the process ended with status -11"),
        ("keep = b'x' * (700 << 20)", "memory: "),
        ("keep = bytearray(8 << 30)", "MemoryError at"),
    ],
)
def test_a_planted_fault_is_found(tmp_path: Path, fault: str, told: str) -> None:
    """In a copy of the fuzzing, one target of which fails at inputs of some length."""
    place = tmp_path / "tests"
    place.mkdir()
    for path in HERE.glob("fuzz*.py"):
        shutil.copy(path, place)
    (place / "data").symlink_to(HERE / "data")
    (tmp_path / "examples").symlink_to(HERE.parent / "examples")
    plant(
        place / "fuzztargets.py",
        '"""A prompt file: loaded and rendered."""\n',
        f"if len(data) > 9:\n        {fault}\n    return\n",
    )
    plant(place / "fuzzseeds.py", "[PROMPT.encode()]", '[b"short"]')
    given = ["--targets", "prompt", "--engines", "hypothesis", "--executions", "30", "--seconds", "2"]
    run = subprocess.run(
        [sys.executable, str(place / "fuzz.py"), *given, "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    assert run.returncode == 1, run.stderr
    assert f"prompt: {told}" in run.stdout
    assert "--repeat prompt" in run.stdout


def plant(path: Path, old: str, new: str) -> None:
    code = path.read_text(encoding="utf-8")
    assert code.count(old) == 1
    path.write_text(code.replace(old, new), encoding="utf-8")


def test_the_tallies_are_a_table() -> None:
    told = fuzz.table([fuzz.Tally("pdf", "atheris", 7, executions=100_000, slowest=0.125, memory=90)])
    assert "| pdf    | atheris | 100,000    | 0" in told
