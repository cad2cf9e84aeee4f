"""The headers of the formats: one reader each, from the bytes of a file to its `Header`.

A reader decodes no pixel and follows no chain without a bound. It raises `ValueError` with a few words for what is
damaged, and lets `struct.error` and `IndexError` pass for what is missing at the end.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from .frame import SizeWh

MAX_BLOCKS = 50_000  # chunks, segments or sub-blocks before a file is taken for an attack on their reader
MAX_PIECES = 200_000  # pieces of a block of a GIF; 25 MiB in full pieces are 103,000
MAX_SCANS = 100  # passes of a progressive JPEG; programs write about ten
_MARKER = re.compile(rb"\xff[\x02-\xcf\xd9-\xfe]", re.DOTALL)  # neither a stuffed zero, a restart nor a fill byte


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says about itself.

    Attributes:
        format: the name that Pillow gives the format, such as "PNG".
        size_wh: width and height in pixels, as stored (before any EXIF orientation).
        needs_bytes: a lower bound of the bytes that a whole file has; 0 when it does not say.
        inner_wh: sizes of further pictures that decoding would touch (entries of an icon, tiles).
    """

    format: str
    size_wh: SizeWh
    needs_bytes: int = 0
    inner_wh: tuple[SizeWh, ...] = ()


Reader: TypeAlias = Callable[[bytes], Header]


def png(content: bytes) -> Header:
    """PNG: the size from IHDR; every chunk must be whole and, when critical, must match its checksum."""
    if len(content) < 33:
        raise IndexError(len(content))
    if content[12:16] != b"IHDR":
        raise ValueError("its first chunk is not IHDR")
    size_wh = struct.unpack_from(">II", content, 16)
    at, kind = 8, b""
    for _ in range(MAX_BLOCKS):
        if kind == b"IEND":
            return Header("PNG", size_wh, at)
        length = struct.unpack_from(">I", content, at)[0] if at + 8 <= len(content) else 0
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            return Header("PNG", size_wh, end if kind == b"IEND" else end + 12)
        if (
            kind[:1].isupper()
            and zlib.crc32(content[at + 4 : end - 4]) != struct.unpack_from(">I", content, end - 4)[0]
        ):
            raise ValueError(f"the checksum of its {kind.decode('latin-1')} chunk is wrong")
        at = end
    raise ValueError(f"it has more than {MAX_BLOCKS:,} chunks")


def jpeg(content: bytes) -> Header:
    """JPEG: the size from the frame header; the bytes it must at least have from the number of its blocks."""
    for marker, at in islice(_jpeg_segments(content), MAX_BLOCKS):
        if marker == 0xDA:
            raise ValueError("its pixels begin before its size is told")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            _, height, width, count = struct.unpack_from(">BHHB", content, at + 2)
            sampling = [content[at + 9 + 3 * index] for index in range(count)]
            _check_scans(content, at)
            return Header("JPEG", (width, height), at + _jpeg_least_bytes(marker, (width, height), sampling))
    raise ValueError(f"it has more than {MAX_BLOCKS:,} segments")


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Marker and position (of the length field) of each segment."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("a segment does not begin with a marker")
        while content[at] == 0xFF:  # any number of fill bytes
            at += 1
        marker = content[at]
        yield marker, at + 1
        if marker == 0xD9:
            raise ValueError("it ends before its pixels begin")
        at += 1 if 0xD0 <= marker <= 0xD8 or marker == 0x01 else 1 + _segment_length(content, at + 1)


def _check_scans(content: bytes, at: int) -> None:
    """Count the passes over the picture, up to its end: each costs time, however few bytes it takes."""
    scans = 0
    for _ in range(MAX_BLOCKS):
        at = at + _segment_length(content, at) if at + 2 <= len(content) else len(content)
        marker = _MARKER.search(content, at)  # behind a scan, this skips its data
        if marker is None or marker[0] == b"\xff\xd9":
            return
        scans, at = scans + (marker[0] == b"\xff\xda"), marker.end()
        if scans > MAX_SCANS:
            raise ValueError(f"it has more than {MAX_SCANS} scans")
    raise ValueError(f"it has more than {MAX_BLOCKS:,} segments")


def _segment_length(content: bytes, at: int) -> int:
    length = int(struct.unpack_from(">H", content, at)[0])
    if length < 2:
        raise ValueError("a segment has no length")
    return length


def _jpeg_least_bytes(marker: int, size_wh: SizeWh, sampling: list[int]) -> int:
    """Huffman coding spends one bit a block at the very least, two where each block ends by itself."""
    if marker not in {0xC0, 0xC1, 0xC2} or not all(value >> 4 and value & 15 for value in sampling) or not sampling:
        return 0
    widest, tallest = max(value >> 4 for value in sampling), max(value & 15 for value in sampling)
    blocks = sum(
        -(-size_wh[0] * (value >> 4) // (8 * widest)) * -(-size_wh[1] * (value & 15) // (8 * tallest))
        for value in sampling
    )
    return blocks * (1 if marker == 0xC2 else 2) // 8


def gif(content: bytes) -> Header:
    """GIF: the larger of the logical screen and the first picture on it; its pieces up to the last one."""
    width, height, flags = struct.unpack_from("<HHB", content, 6)
    at = 13 + _palette_bytes(flags)
    for _ in range(MAX_BLOCKS):
        if content[at] != 0x21:
            break
        at = _after_pieces(content, at + 2)
    if content[at] != 0x2C:
        raise ValueError("there is no picture in it")
    left, top, wide, high, flags = struct.unpack_from("<HHHHB", content, at + 1)
    end = _after_pieces(content, at + 11 + _palette_bytes(flags))
    return Header("GIF", (max(width, left + wide), max(height, top + high)), end)


def _after_pieces(content: bytes, at: int) -> int:
    """Behind a chain of pieces, each with its length before it and an empty one at the end."""
    for _ in range(MAX_PIECES):
        length = content[at] if at < len(content) else 0
        at += 1 + length
        if not length:
            return at
    raise ValueError(f"it has a block in more than {MAX_PIECES:,} pieces")


def _palette_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def webp(content: bytes) -> Header:
    """WebP: the canvas of VP8X, or the size of the one VP8 or VP8L frame."""
    needs = int(struct.unpack_from("<I", content, 4)[0]) + 8
    kind = content[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(_bytes_at(content, 24, 3), "little") + 1
        height = int.from_bytes(_bytes_at(content, 27, 3), "little") + 1
    elif kind == b"VP8L":
        bits = int(struct.unpack_from("<I", content, 21)[0])
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        if content[23:26] != b"\x9d\x01\x2a":
            raise ValueError("its VP8 frame has no key frame header")
        width, height = (value & 0x3FFF for value in struct.unpack_from("<HH", content, 26))
    else:
        raise ValueError(f"its first chunk is {kind!r}")
    return Header("WEBP", (width, height), needs)


def _bytes_at(content: bytes, at: int, count: int) -> bytes:
    if at + count > len(content):
        raise IndexError(at)
    return content[at : at + count]


def bmp(content: bytes) -> Header:
    """BMP: the size from the DIB header; the bytes from the rows, unless they are run-length coded."""
    start = int(struct.unpack_from("<I", content, 10)[0])
    width, height, bits, packing = _dib(content, 14)
    if packing in {1, 2}:
        if len(content) > 4_000_000:
            raise ValueError("it is run-length coded and longer than 4,000,000 bytes")
        return Header("BMP", (width, height), start)
    return Header("BMP", (width, height), start + (width * bits + 31) // 32 * 4 * height)


def _dib(content: bytes, at: int) -> tuple[int, int, int, int]:
    """Width, height, bits a pixel, packing."""
    size = int(struct.unpack_from("<I", content, at)[0])
    if size == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", content, at + 4)
        return width, height, bits, 0
    if size < 40:
        raise ValueError(f"its header is {size} bytes long")
    width, height, _, bits, packing = struct.unpack_from("<iiHHI", content, at + 4)
    return width, abs(height), bits, packing


def ico(content: bytes) -> Header:
    """ICO: every entry, since the sizes in its directory are not those of the pictures it points to."""
    count = int(struct.unpack_from("<H", content, 4)[0])
    if not 0 < count <= 1024:
        raise ValueError(f"it announces {count} pictures")
    sizes, needs = [], 0
    for index in range(count):
        length, offset = struct.unpack_from("<II", content, 6 + 16 * index + 8)
        needs = max(needs, offset + length)
        if offset + length <= len(content):
            sizes.append(_icon_size(content[offset : offset + length]))
    return Header("ICO", sizes[0] if sizes else (1, 1), needs, tuple(sizes))


def _icon_size(entry: bytes) -> SizeWh:
    if entry.startswith(b"\x89PNG"):
        return png(entry).size_wh
    width, height, _, _ = _dib(entry, 0)
    return width, height // 2  # the mask lies below the picture
