"""The gold: what `gold check` refuses, what a set's hash is of, and that the sets of the project can be trusted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from extractor_eval.errors import GoldError
from extractor_eval.gold import alike, cases, fingerprint, problems
from smallgold import write_set

JSON = dict[str, Any]
GOLD = Path(__file__).parent.parent / "eval" / "gold"


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return write_set(tmp_path / "gold")


def changed(gold: Path, change: Callable[[JSON], object]) -> list[str]:
    """What is wrong with the set once a label of it is changed."""
    path = gold / "leeds.json"
    label = json.loads(path.read_text(encoding="utf-8"))
    change(label)
    path.write_text(json.dumps(label), encoding="utf-8")
    return list(problems(gold))


def record(label: JSON) -> JSON:
    only: JSON = label["records"][0]
    return only


FAULTS: dict[str, tuple[Callable[[JSON], object], str]] = {
    "quote": (
        lambda label: record(label)["overall_grade"].update(quote="the services are rated good by all"),
        "the quote is not in the document",
    ),
    "unknown key": (lambda label: record(label).update(moon=1), "records/0/moon"),
    "unknown grade": (lambda label: record(label)["overall_grade"].update(value="splendid"), "overall_grade"),
    "council's code": (lambda label: record(label)["authority"].update(gss_code="E08000036"), "is not the code of"),
    "older code": (lambda label: record(label)["authority"].update(la_code="999"), "authority/la_code: 999"),
    "area's code": (
        lambda label: record(label)["judgements"].append(
            {"quote": "They met 40 children in care", "area": "care", "area_code": "moon", "grade": "good"}
        ),
        "'moon' is not in the register of areas",
    ),
    "measure's code": (
        lambda label: record(label)["counts"].append(
            {
                "quote": "They met 40 children in care",
                "measure": "children in care",
                "measure_code": "moon",
                "value": 40,
                "qualifier": "exact",
                "unit": "children",
                "as_of": None,
                "scope": "local",
            }
        ),
        "'moon' is not in the table of measures",
    ),
    "an item twice": (
        lambda label: record(label)["inspectorates"].append({"quote": "Ofsted", "value": "Ofsted"}),
        "stands 2 times",
    ),
    "words of a date": (
        lambda label: record(label)["inspection_start"].update(words="7 March 2023"),
        "the words '7 March 2023' are not in the quote",
    ),
    "a date": (
        lambda label: record(label)["inspection_start"].update(value="2023-03-07"),
        "'6 March 2023' is no way to say 2023-03-07",
    ),
    "an end before its start": (
        lambda label: record(label).update(
            inspection_start=record(label)["inspection_end"], inspection_end=record(label)["inspection_start"]
        ),
        "2023-03-06 is before the start, 2023-03-10",
    ),
    "no grade, no reason": (lambda label: record(label).update(overall_grade=None), "why there is none"),
    "the framework's basis": (lambda label: record(label).update(framework_basis="named"), "framework_basis"),
    "another id": (lambda label: label.update(id="moon"), "its id is 'moon'"),
    "another document": (lambda label: label.update(document_sha256="0" * 64), "changed since it was labelled"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_label_with_a_fault_is_refused(gold: Path, fault: str):
    change, said = FAULTS[fault]
    assert list(problems(gold)) == []
    found = changed(gold, change)
    assert any(said in problem for problem in found), found
    assert all("leeds.json" in problem for problem in found)
    with pytest.raises(GoldError) as refused:
        cases(gold)
    assert refused.value.problems == found


def test_a_label_for_another_split_is_refused(tmp_path: Path):
    gold = write_set(tmp_path / "test")
    assert len([problem for problem in problems(gold) if "for the split 'dev'" in problem]) == 7


def test_the_same_text_twice_is_refused(gold: Path):
    label = json.loads((gold / "leeds.json").read_text())
    shutil.copy(gold / "leeds.txt", gold / "twice.txt")
    (gold / "twice.json").write_text(json.dumps(label | {"id": "twice"}))
    assert [problem for problem in problems(gold) if "the same text as leeds" in problem]


def test_documents_and_labels_go_together(gold: Path):
    (gold / "bradford.json").unlink()
    (gold / "leeds.txt").unlink()
    shutil.copy(gold / "salford.txt", gold / "salford.md")
    told = "\n".join(problems(gold))
    for said in ("bradford.txt: has no label", "leeds.json: has no document", "salford.json: has several documents"):
        assert said in told


def test_an_empty_folder_is_no_set(tmp_path: Path):
    assert "holds no labels" in "\n".join(problems(tmp_path))


def test_texts_that_are_nearly_the_same_are_found(gold: Path):
    held = cases(gold)
    assert len(list(alike(held))) == 21  # every pair: they differ by the council's name alone
    assert list(alike(held[:1])) == []


def test_the_hash_is_of_documents_and_labels_alone(gold: Path, tmp_path: Path):
    held = cases(gold)
    assert fingerprint(held) == fingerprint(held[::-1]) == fingerprint(cases(shutil.copytree(gold, tmp_path / "other")))
    changed(gold, lambda label: label.update(notes="another", labeller="B"))
    assert fingerprint(cases(gold)) == fingerprint(held)
    changed(gold, lambda label: record(label).update(inspectorates=[]))
    assert fingerprint(cases(gold)) != fingerprint(held)
    changed(gold, lambda label: label.update(cluster="moon"))
    assert len({fingerprint(cases(gold)), fingerprint(held)}) == 2


def test_the_projects_own_sets_can_be_trusted():
    dev, test = cases(GOLD / "dev"), cases(GOLD / "test")
    assert len(dev) >= 44
    assert len(test) >= 24
    assert list(alike([*dev, *test])) == []
    assert {path.stem for path in (GOLD / "test-second").glob("*.json")} == {case.id for case in test}
