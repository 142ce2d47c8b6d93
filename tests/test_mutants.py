"""The tests of the harness catch faults: some of those in mutants.py, which plants them all when it is run."""

from __future__ import annotations

import ast

import pytest
from mutants import MUTANTS, ROOT, catches, plant

SOME = ["P and R swapped", "no Holm", "failed documents dropped from the comparison", "a p of 0"]


@pytest.mark.parametrize("name", SOME)
def test_a_planted_fault_is_caught(name: str) -> None:
    (mutant,) = (each for each in MUTANTS if each.name == name)
    status, printed = catches(mutant, "-k", "not simulat and not made_up")
    assert status == 1, printed
    assert "FAILED " in printed, printed


def test_every_fault_can_be_planted(tmp_path: object) -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 12
    for mutant in MUTANTS:
        path = tmp_path / mutant.file  # type: ignore[operator]
        before = (ROOT / "eval" / mutant.file).read_text(encoding="utf-8")
        path.write_text(before, encoding="utf-8")
        plant(mutant, path)
        after = path.read_text(encoding="utf-8")
        assert ast.dump(ast.parse(after)) != ast.dump(ast.parse(before)), mutant.name
