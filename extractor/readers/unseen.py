"""Text on a PDF page that nobody can see: drawn invisibly, in white on white, too small to read, or beside the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from ctypes import addressof, c_double, c_float, c_int, c_uint, c_void_p, cast

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
from pypdfium2 import PdfPage, PdfTextPage

from extractor.readers.pageitems import Box, Drawn, bare, box, cells, fill_of, kind_of, pictured

Piece = tuple[str, bool]
"""Some of a page's text, and whether it can be seen."""

_WHITE = 250
_TINY = 1.0
_SCAN = 0.5

_size = bare(pdfium.FPDFTextObj_GetFontSize, c_void_p, c_void_p)
_matrix = bare(pdfium.FPDFPageObj_GetMatrix, c_void_p, c_void_p)
_painted = bare(pdfium.FPDFPath_GetDrawMode, *[c_void_p] * 3)
_text_item = bare(pdfium.FPDFText_GetTextObject, c_void_p, c_int, result=c_void_p)
_bounded = bare(pdfium.FPDFText_GetBoundedText, c_void_p, *[c_double] * 4, c_void_p, c_int)


def pieces(page: PdfPage, text: PdfTextPage, drawn: Drawn) -> list[Piece]:
    """The text of the page in order, cut where it turns from seen to unseen or back; `drawn` is all that is on it.

    The recognised text behind a scanned page counts as seen: it says what the picture shows.
    """
    suspects = _suspects(drawn.texts)
    unseen = _confirmed(page, drawn, suspects) if suspects else set()
    beside = _beside(page, text)
    if not unseen and not beside:
        return [(text.get_text_range(), True)]
    return [(text.get_text_range(start, count), seen) for start, count, seen in _runs(text, unseen, beside)]


def _suspects(texts: dict[int, int]) -> dict[int, str]:
    """The text objects that may be unseen, and why: a quick look at all, since nearly every page has none."""
    colour, size = (c_uint * 4)(), c_float()
    channels, at_size = cells(colour), addressof(size)
    filled, invisible = pdfium.FPDF_TEXTRENDERMODE_FILL, pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
    suspects = {}
    for item, mode in texts.items():
        fill_of(item, *channels)
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


def _confirmed(page: PdfPage, drawn: Drawn, suspects: dict[int, str]) -> set[int]:
    """Those suspects that are unseen indeed."""
    panels = [box(item) for item in drawn.others if _coloured(item)]
    scanned = pictured(page, drawn) >= _SCAN
    confirm: dict[str, Callable[[int], bool]] = {
        "invisible": lambda item: not scanned,
        "transparent": lambda item: True,
        "white": lambda item: not any(_holds(panel, box(item)) for panel in panels),
        "tiny": lambda item: _height(item) <= _TINY,
    }
    return {item for item, doubt in suspects.items() if confirm[doubt](item)}


def _coloured(item: int) -> bool:
    """Whether white text can stand out against it: a picture, a shading, or a shape filled in another colour."""
    kind = kind_of(item)
    if kind != pdfium.FPDF_PAGEOBJ_PATH:
        return kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING)
    paint, colour = (c_int * 2)(), (c_uint * 4)()
    _painted(item, *cells(paint))
    fill_of(item, *cells(colour))
    return bool(paint[0]) and min(colour[:3]) < _WHITE


def _height(item: int) -> float:
    """The height of its letters on the page: the font's size times the scale of the text."""
    size, matrix = c_float(), (c_float * 6)()
    _size(item, addressof(size))
    _matrix(item, addressof(matrix))
    return size.value * math.hypot(matrix[2], matrix[3])


def _holds(outer: Box, inner: Box) -> bool:
    """Whether the middle of `inner` lies in `outer`."""
    across, up = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= across <= outer[2] and outer[1] <= up <= outer[3]


def _beside(page: PdfPage, text: PdfTextPage) -> set[int]:
    """The characters that stand wholly outside what a reader is shown of the page."""
    shown, address = page.get_bbox(), cast(text.raw, c_void_p)
    on_it = _within(address, shown)
    if on_it in (text.count_chars(), _within(address, _ANYWHERE)):  # a quick look, since nearly every page has none
        return set()
    return {index for index in range(text.count_chars()) if not _meet(shown, text.get_charbox(index))}


_ANYWHERE: Box = (-1e7, -1e7, 1e7, 1e7)


def _within(text: c_void_p, area: Box) -> int:
    """How many characters PDFium finds in this part of the page."""
    left, bottom, right, top = area
    return int(_bounded(text, left, top, right, bottom, None, 0))


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _runs(text: PdfTextPage, unseen: set[int], beside: set[int]) -> Iterator[tuple[int, int, bool]]:
    """Start, length and visibility of each run of characters; those PDFium put in itself go with what they follow."""
    address, length = cast(text.raw, c_void_p), text.count_chars()
    seen, start = True, 0
    for index in range(length):
        item = _text_item(address, index)
        now = seen if item is None else item not in unseen and index not in beside
        if now != seen and index > start:
            yield start, index - start, seen
            start = index
        seen = now
    yield start, length - start, seen
