"""Reading COCO's run-length encodings: plain lists of counts, and the compressed strings of pycocotools."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import InvalidRegion
from ..jsonable import Json
from .mask import Mask


def read(value: Mapping[str, Json]) -> Mask:
    """A mask from {"size": [height, width], "counts": list or string}. Raises `InvalidRegion` when it is not one."""
    counts = value.get("counts")
    if isinstance(counts, str):
        return Mask.from_json({"size": value.get("size"), "counts": decompressed(counts)})
    return Mask.from_json(value)


def decompressed(text: str) -> list[int]:
    """The counts of a compressed string: five bits to a character, from the third run on as differences.

    Raises `InvalidRegion` for a string that ends within a number.
    """
    counts: list[int] = []
    value, shift = 0, 0
    for character in text:
        bits = ord(character) - 48
        value |= (bits & 0x1F) << shift
        shift += 5
        if not bits & 0x20:
            value -= (1 << shift) if bits & 0x10 else 0
            counts.append(value + (counts[-2] if len(counts) > 2 else 0))
            value, shift = 0, 0
    if shift:
        raise InvalidRegion("The run lengths of a mask are cut off.", remedy="Give the whole string of counts.")
    return counts
