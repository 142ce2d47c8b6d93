"""ZIP archives, sound ones and such as no program should have made."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


def packed(parts: Mapping[str, str | bytes], *, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for path, content in parts.items():
            archive.writestr(path, content)
    return out.getvalue()


@dataclass(frozen=True)
class Entry:
    """A part as the archive tells of it: `size` and `packed_size` may lie, null tells the truth.

    `at` is where its data lie, null where they are its own.
    """

    path: str
    data: bytes
    size: int | None = None
    packed_size: int | None = None
    flags: int = 0
    method: int = 8
    at: int | None = None


def told(entries: Sequence[Entry], *, count: int | None = None, places_at: int | None = None) -> bytes:
    """An archive with what its entries tell, whether or not that is so."""
    body, directory = bytearray(), bytearray()
    for one in entries:
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        data = deflate.compress(one.data) + deflate.flush() if one.method == 8 else one.data
        path = one.path.encode()
        size = len(one.data) if one.size is None else one.size
        packed_size = len(data) if one.packed_size is None else one.packed_size
        place = len(body) if one.at is None else one.at
        facts = (one.flags, one.method, 0, 33, zlib.crc32(one.data), packed_size, size, len(path), 0)
        if one.at is None:
            body += b"PK\3\4" + struct.pack("<HHHHHLLLHH", 20, *facts) + path + data
        directory += b"PK\1\2" + struct.pack("<HHHHHHLLLHHHHHLL", 20, 20, *facts, 0, 0, 0, 0, place) + path
    number = len(entries) if count is None else count
    start = len(body) if places_at is None else places_at
    end = struct.pack("<HHHHLLH", 0, 0, number, number, len(directory), start, 0)
    return bytes(body + directory) + b"PK\5\6" + end
