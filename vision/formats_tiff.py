"""The header of TIFF and BigTIFF: the first directory, and whether its strips or tiles lie inside the file."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .formats import Header

_WIDTH, _HEIGHT, _STRIP_OFFSETS, _SAMPLES, _ROWS, _STRIP_BYTES = 256, 257, 273, 277, 278, 279
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTES = 322, 323, 324, 325
_CODES = {1: "B", 3: "H", 4: "I", 16: "Q", 13: "I", 18: "Q"}  # BYTE, SHORT, LONG, LONG8, IFD, IFD8
_MAX_ENTRIES = 4096
_MAX_PARTS = 1_000_000


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the directory is written: byte order, and the widths of its fields."""

    order: str
    count: str
    entry: str
    inline_bytes: int
    entry_bytes: int


def tiff(content: bytes) -> Header:
    """The size of the first page, and the end of the last strip or tile that it points to."""
    order = "<" if content[:2] == b"II" else ">"
    if content[2:4] in {b"+\x00", b"\x00+"}:
        layout = _Layout(order, "Q", "HHQ", 8, 20)
        start = int(struct.unpack_from(order + "Q", content, 8)[0])
    else:
        layout = _Layout(order, "H", "HHI", 4, 12)
        start = int(struct.unpack_from(order + "I", content, 4)[0])
    tags = _directory(content, start, layout)
    size_wh = (_one(tags, _WIDTH), _one(tags, _HEIGHT))
    if _one(tags, _SAMPLES, 1) > 64:
        raise ValueError(f"it has {_one(tags, _SAMPLES)} values a pixel")
    tile_wh = (_one(tags, _TILE_WIDTH), _one(tags, _TILE_HEIGHT))
    # A tile may hang over the edge of the picture, but its size is a number like any other in a header.
    inner = (tile_wh,) if all(tile_wh) and max(tile_wh) > 4096 else ()
    return Header("TIFF", size_wh, _parts_end(tags), inner)


def _directory(content: bytes, start: int, layout: _Layout) -> dict[int, tuple[int, ...]]:
    count = int(struct.unpack_from(layout.order + layout.count, content, start)[0])
    if count > _MAX_ENTRIES:
        raise ValueError(f"its directory has {count:,} entries")
    first = start + struct.calcsize(layout.order + layout.count)
    tags: dict[int, tuple[int, ...]] = {}
    for index in range(count):
        at = first + index * layout.entry_bytes
        tag, kind, length = struct.unpack_from(layout.order + layout.entry, content, at)
        if tag in {*range(_WIDTH, _STRIP_BYTES + 1), *range(_TILE_WIDTH, _TILE_BYTES + 1)} and kind in _CODES:
            tags[tag] = _values(content, at + layout.entry_bytes - layout.inline_bytes, kind, length, layout)
    return tags


def _values(content: bytes, at: int, kind: int, length: int, layout: _Layout) -> tuple[int, ...]:
    if length > _MAX_PARTS:
        raise ValueError(f"a field of its directory has {length:,} values")
    form = f"{layout.order}{length}{_CODES[kind]}"
    if struct.calcsize(form) > layout.inline_bytes:
        at = int(struct.unpack_from(layout.order + ("Q" if layout.inline_bytes == 8 else "I"), content, at)[0])
    return struct.unpack_from(form, content, at)


def _one(tags: dict[int, tuple[int, ...]], tag: int, otherwise: int = 0) -> int:
    return (tags.get(tag) or (otherwise,))[0]


def _parts_end(tags: dict[int, tuple[int, ...]]) -> int:
    offsets = tags.get(_STRIP_OFFSETS) or tags.get(_TILE_OFFSETS) or ()
    lengths = tags.get(_STRIP_BYTES) or tags.get(_TILE_BYTES) or ()
    if not offsets:
        raise ValueError("it points to no pixels")
    return max((offset + length for offset, length in zip(offsets, lengths, strict=False)), default=max(offsets))
