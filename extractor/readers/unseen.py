"""Text on a PDF page that nobody can see: drawn invisibly, in white on white, or too small to read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from ctypes import PYFUNCTYPE, addressof, c_float, c_int, c_uint, c_void_p, cast
from typing import Any

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
from pypdfium2 import PdfPage, PdfTextPage

Piece = tuple[str, bool]
"""Some of a page's text, and whether it can be seen."""

_Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

_WHITE = 250
_TINY = 1.0
_SCAN = 0.5
_FORMS_DEEP = 5


def _bare(function: Any, *arguments: Any, result: Any = c_int) -> Callable[..., Any]:
    """PDFium's `function` on plain addresses: a third of the time that ctypes takes for typed pointers."""
    address = cast(function, c_void_p).value
    assert address is not None
    return PYFUNCTYPE(result, *arguments)(address)


_page_item = _bare(pdfium.FPDFPage_GetObject, c_void_p, c_int, result=c_void_p)
_form_item = _bare(pdfium.FPDFFormObj_GetObject, c_void_p, c_int, result=c_void_p)
_form_count = _bare(pdfium.FPDFFormObj_CountObjects, c_void_p)
_type = _bare(pdfium.FPDFPageObj_GetType, c_void_p)
_mode = _bare(pdfium.FPDFTextObj_GetTextRenderMode, c_void_p)
_fill = _bare(pdfium.FPDFPageObj_GetFillColor, *[c_void_p] * 5)
_size = _bare(pdfium.FPDFTextObj_GetFontSize, c_void_p, c_void_p)
_bounds = _bare(pdfium.FPDFPageObj_GetBounds, *[c_void_p] * 5)
_matrix = _bare(pdfium.FPDFPageObj_GetMatrix, c_void_p, c_void_p)
_painted = _bare(pdfium.FPDFPath_GetDrawMode, *[c_void_p] * 3)
_text_item = _bare(pdfium.FPDFText_GetTextObject, c_void_p, c_int, result=c_void_p)


def pieces(page: PdfPage, text: PdfTextPage) -> list[Piece]:
    """The text of the page in order, cut where it turns from seen to unseen or back.

    The recognised text behind a scanned page counts as seen: it says what the picture shows.
    """
    items = list(_items(page))
    suspects = _suspects(items)
    unseen = _confirmed(page, items, suspects) if suspects else set()
    if not unseen:
        return [(text.get_text_range(), True)]
    return [(text.get_text_range(start, count), seen) for start, count, seen in _runs(text, unseen)]


def _items(page: PdfPage) -> list[int]:
    """Everything drawn on the page, what is inside forms too."""
    address = cast(page.raw, c_void_p)
    items = [_page_item(address, index) for index in range(pdfium.FPDFPage_CountObjects(page))]
    level = items
    for _ in range(_FORMS_DEEP):
        forms = [item for item in level if _type(item) == pdfium.FPDF_PAGEOBJ_FORM]
        if not forms:
            break
        level = [_form_item(form, index) for form in forms for index in range(_form_count(form))]
        items = items + level
    return items


def _suspects(items: list[int]) -> dict[int, str]:
    """The text objects that may be unseen, and why: a quick look at all, since nearly every page has none."""
    colour, size = (c_uint * 4)(), c_float()
    channels, at_size = _cells(colour), addressof(size)
    no_text, filled = pdfium.FPDF_TEXTRENDERMODE_UNKNOWN, pdfium.FPDF_TEXTRENDERMODE_FILL
    invisible = pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
    suspects = {}
    for item, mode in zip(items, map(_mode, items), strict=True):
        if mode == no_text:
            continue
        _fill(item, *channels)
        _size(item, at_size)
        if mode == invisible:
            suspects[item] = "invisible"
        elif mode == filled and not colour[3]:
            suspects[item] = "transparent"
        elif mode == filled and colour[0] >= _WHITE and colour[1] >= _WHITE and colour[2] >= _WHITE:
            suspects[item] = "white"
        elif size.value <= _TINY:
            suspects[item] = "tiny"
    return suspects


def _confirmed(page: PdfPage, items: list[int], suspects: dict[int, str]) -> set[int]:
    """Those suspects that are unseen indeed."""
    pictures = [_box(item) for item in items if _type(item) == pdfium.FPDF_PAGEOBJ_IMAGE]
    panels = [_box(item) for item in items if _coloured(item)]
    scanned = any(_area(box) >= _SCAN * page.get_width() * page.get_height() for box in pictures)
    confirm: dict[str, Callable[[int], bool]] = {
        "invisible": lambda item: not scanned,
        "transparent": lambda item: True,
        "white": lambda item: not any(_holds(panel, _box(item)) for panel in panels),
        "tiny": lambda item: _height(item) <= _TINY,
    }
    return {item for item, doubt in suspects.items() if confirm[doubt](item)}


def _coloured(item: int) -> bool:
    """Whether white text can stand out against it: a picture, a shading, or a shape filled in another colour."""
    kind = _type(item)
    if kind != pdfium.FPDF_PAGEOBJ_PATH:
        return kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING)
    paint, colour = (c_int * 2)(), (c_uint * 4)()
    _painted(item, *_cells(paint))
    _fill(item, *_cells(colour))
    return bool(paint[0]) and min(colour[:3]) < _WHITE


def _height(item: int) -> float:
    """The height of its letters on the page: the font's size times the scale of the text."""
    size, matrix = c_float(), (c_float * 6)()
    _size(item, addressof(size))
    _matrix(item, addressof(matrix))
    return size.value * math.hypot(matrix[2], matrix[3])


def _box(item: int) -> _Box:
    sides = (c_float * 4)()
    _bounds(item, *_cells(sides))
    return sides[0], sides[1], sides[2], sides[3]


def _area(box: _Box) -> float:
    left, bottom, right, top = box
    return (right - left) * (top - bottom)


def _holds(outer: _Box, inner: _Box) -> bool:
    """Whether the middle of `inner` lies in `outer`."""
    across, up = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= across <= outer[2] and outer[1] <= up <= outer[3]


def _cells(array: Any) -> list[int]:
    """The addresses of a C array's members."""
    return [addressof(array) + index * 4 for index in range(len(array))]


def _runs(text: PdfTextPage, unseen: set[int]) -> Iterator[tuple[int, int, bool]]:
    """Start, length and visibility of each run of characters; those PDFium put in itself go with what they follow."""
    address, length = cast(text.raw, c_void_p), text.count_chars()
    seen, start = True, 0
    for index in range(length):
        item = _text_item(address, index)
        now = seen if item is None else item not in unseen
        if now != seen and index > start:
            yield start, index - start, seen
            start = index
        seen = now
    yield start, length - start, seen
