"""The header of AVIF: the largest picture that its item properties announce."""

from __future__ import annotations

import struct

from .formats import Header

AVIF_BRANDS = frozenset({b"avif", b"avis"})
_SEARCHED = 1 << 16  # the properties stand near the beginning


def avif(content: bytes) -> Header:
    """AVIF: the largest `ispe` property; the end of the last box as the bytes needed."""
    sizes, at = [], content.find(b"ispe", 0, _SEARCHED)
    while at >= 0:
        width, height = struct.unpack_from(">II", content, at + 8)
        sizes.append((width, height))
        at = content.find(b"ispe", at + 4, _SEARCHED)
    if not sizes:
        raise ValueError("it does not tell its size")
    return Header("AVIF", max(sizes, key=lambda size: size[0] * size[1]), _boxes_end(content))


def _boxes_end(content: bytes) -> int:
    at = 0
    while at + 8 <= len(content):
        length = int(struct.unpack_from(">I", content, at)[0])
        if length == 1:
            length = int(struct.unpack_from(">Q", content, at + 8)[0])
        if length < 8:  # 0: to the end of the file
            return len(content)
        at += length
    return at
