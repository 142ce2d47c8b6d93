"""What is drawn on a PDF page, by PDFium's own addresses."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import PYFUNCTYPE, addressof, c_float, c_int, c_void_p, cast
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
from pypdfium2 import PdfPage

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

_FORMS_DEEP = 5
_NO_TEXT = pdfium.FPDF_TEXTRENDERMODE_UNKNOWN


def bare(function: Any, *arguments: Any, result: Any = c_int) -> Callable[..., Any]:
    """PDFium's `function` on plain addresses: a third of the time that ctypes takes for typed pointers."""
    address = cast(function, c_void_p).value
    assert address is not None
    return PYFUNCTYPE(result, *arguments)(address)


_page_item = bare(pdfium.FPDFPage_GetObject, c_void_p, c_int, result=c_void_p)
_form_item = bare(pdfium.FPDFFormObj_GetObject, c_void_p, c_int, result=c_void_p)
_form_count = bare(pdfium.FPDFFormObj_CountObjects, c_void_p)
_bounds = bare(pdfium.FPDFPageObj_GetBounds, *[c_void_p] * 5)
_mode = bare(pdfium.FPDFTextObj_GetTextRenderMode, c_void_p)
kind_of = bare(pdfium.FPDFPageObj_GetType, c_void_p)
fill_of = bare(pdfium.FPDFPageObj_GetFillColor, *[c_void_p] * 5)


@dataclass(frozen=True)
class Drawn:
    """What is drawn on a page, what is inside forms too: `texts` by how they are painted, and all else."""

    texts: dict[int, int]
    others: list[int]


def drawn(page: PdfPage) -> Drawn:
    """Everything on the page."""
    address = cast(page.raw, c_void_p)
    texts: dict[int, int] = {}
    others: list[int] = []
    level = [_page_item(address, index) for index in range(pdfium.FPDFPage_CountObjects(page))]
    for _ in range(_FORMS_DEEP + 1):
        modes = list(map(_mode, level))
        texts |= {item: mode for item, mode in zip(level, modes, strict=True) if mode != _NO_TEXT}
        rest = [item for item, mode in zip(level, modes, strict=True) if mode == _NO_TEXT]
        others += rest
        forms = [item for item in rest if kind_of(item) == pdfium.FPDF_PAGEOBJ_FORM]
        if not forms:
            break
        level = [_form_item(form, index) for form in forms for index in range(_form_count(form))]
    return Drawn(texts, others)


def box(item: int) -> Box:
    """Where the item stands on its page, in points."""
    sides = (c_float * 4)()
    _bounds(item, *cells(sides))
    return sides[0], sides[1], sides[2], sides[3]


def pictured(page: PdfPage, found: Drawn) -> float:
    """How much of the page its pictures cover, from 0 to 1; of pictures that lie on each other, the sum."""
    pictures = [box(item) for item in found.others if kind_of(item) == pdfium.FPDF_PAGEOBJ_IMAGE]
    whole = page.get_width() * page.get_height()
    covered = sum((right - left) * (top - bottom) for left, bottom, right, top in pictures)
    return min(1.0, covered / whole) if whole > 0 else 0.0


def cells(array: Any) -> list[int]:
    """The addresses of a C array's members."""
    return [addressof(array) + index * 4 for index in range(len(array))]
