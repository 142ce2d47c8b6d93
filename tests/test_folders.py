"""Documents in folders: which, in which order, and that they are not gathered first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from extractor.errors import DocumentError
from extractor.folders import counted, documents, files_below


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b/two.txt", "b.txt", "a/one.pdf", "a/c/three.HTML", "a/picture.jpg", "none"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return tmp_path


def test_folders_are_read_below_too_in_the_order_of_names(folder: Path) -> None:
    assert [str(path.relative_to(folder)) for path in documents([folder])] == [
        os.path.join("a", "c", "three.HTML"),
        os.path.join("a", "one.pdf"),
        os.path.join("b", "two.txt"),
        "b.txt",
    ]
    assert counted([folder]) == (4, 2)


def test_a_file_that_is_named_is_taken_whatever_its_suffix(folder: Path) -> None:
    named = [folder / "none", folder / "a" / "picture.jpg", Path("-"), Path("missing.txt")]
    assert list(documents(named)) == named
    assert counted(named) == (4, 0)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links")
def test_a_link_to_a_folder_is_not_followed(folder: Path) -> None:
    (folder / "a" / "loop").symlink_to(folder)
    (folder / "linked.txt").symlink_to(folder / "b.txt")
    assert counted([folder]) == (5, 2)


def test_one_folder_is_listed_at_a_time(folder: Path) -> None:
    found = files_below(folder)
    next(found)
    (folder / "b" / "later.txt").write_text("x")
    assert folder / "b" / "later.txt" in list(found)


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be listed"):
        list(files_below(tmp_path / "nowhere"))
