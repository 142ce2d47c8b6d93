"""Which area the words of a text name: known answers."""

from __future__ import annotations

import pytest

from extractor.domain.areas import area_code

BOTH = "both the quality of provision and leadership and management in safeguarding outcomes were judged inadequate"


@pytest.mark.parametrize(
    ("words", "framework", "fieldwork", "quote", "code"),
    [
        ("adoption services", "SIF", None, "", "sif.adoption"),
        ("2.1 Adoption performance", "SIF", None, "", "sif.adoption"),
        ("the experiences and progress of care leavers", "SIF", None, "", "sif.care_leavers"),
        ("The experiences and progress of care leavers", "ILACS", "2023-03-06", "", "ilacs.care_leavers"),
        ("children in care and care leavers", "ILACS", "2022-09-26", "", "ilacs.in_care_and_leavers"),
        ("quality of provision", "SLAC", None, BOTH, "slac.safeguarding.quality"),
        ("quality of provision", "SLAC", None, "the quality of provision was adequate", None),
        ("parking", "SIF", None, "", None),
        ("adoption services", None, None, "", None),
    ],
)
def test_an_area_has_its_code(words: str, framework: str, fieldwork: str, quote: str, code: str | None) -> None:
    assert area_code(words, framework, fieldwork, quote) == code
