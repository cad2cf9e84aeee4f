"""PBM, PGM and PPM (P1 to P6), read with numpy.

Pillow reads the plain forms, and binary ones of an unusual maximum, value by value in Python: 25 MiB take it minutes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .formats import Header
from .frame import SizeWh

_SPACE = rb"(?:[ \t\r\n\v\f]|#[^\r\n]*[\r\n])"
_HEADER = re.compile(rb"P([1-6])" + rb"".join([_SPACE, rb"+(\d{1,9})"] * 2))
_MAXIMUM = re.compile(_SPACE + rb"+(\d{1,9})")
_BLANKS = b" \t\r\n\v\f"
_LONGEST_HEADER = 4096


@dataclass(frozen=True, slots=True)
class Layout:
    """The header of a PNM file: its form (1 to 6), size, largest value, channels and where the values begin."""

    form: int
    size_wh: SizeWh
    maximum: int
    start: int

    @property
    def channels(self) -> int:
        """Values a pixel."""
        return 3 if self.form in {3, 6} else 1

    @property
    def needs_bytes(self) -> int:
        """The bytes a whole file has: exact for the binary forms, the least possible for the plain ones."""
        width, height = self.size_wh
        count = width * height * self.channels
        if self.form == 4:
            return self.start + (width + 7) // 8 * height
        if self.form in {5, 6}:
            return self.start + count * (2 if self.maximum > 255 else 1)
        return self.start + (count if self.form == 1 else 2 * count - 1)


def pnm(content: bytes) -> Header:
    """The header of PBM, PGM and PPM."""
    layout = read_layout(content)
    return Header("PPM", layout.size_wh, layout.needs_bytes)


def read_layout(content: bytes) -> Layout:
    """The header. Raises `ValueError` when it is none."""
    head = content[:_LONGEST_HEADER]
    found = _HEADER.match(head)
    if not found:
        raise ValueError("its header does not tell its size")
    form, width, height, end, maximum = int(found[1]), int(found[2]), int(found[3]), found.end(), 1
    if form not in {1, 4}:
        top = _MAXIMUM.match(head, end)
        if not top or not 0 < int(top[1]) <= 65535:
            raise ValueError("its largest value is not between 1 and 65,535")
        maximum, end = int(top[1]), top.end()
    return Layout(form, (width, height), maximum, end + 1)


def decode(content: bytes) -> NDArray[Any]:
    """H x W or H x W x 3: uint8 or uint16 where their whole range is used, else floats from 0 to 1.

    Raises `ValueError` when values are missing or larger than the header allows.
    """
    layout = read_layout(content)
    width, height = layout.size_wh
    if layout.form == 4:
        rows = np.frombuffer(content, np.uint8, (width + 7) // 8 * height, layout.start).reshape(height, -1)
        return np.where(np.unpackbits(rows, axis=1, count=width), np.uint8(0), np.uint8(255))
    values = _plain(content, layout) if layout.form < 4 else _binary(content, layout)
    shaped = values.reshape((height, width, 3) if layout.channels == 3 else (height, width))
    if shaped.max() > layout.maximum:
        raise ValueError(f"a value is larger than the {layout.maximum} of its header")
    if layout.form == 1:
        return np.where(shaped, np.uint8(0), np.uint8(255))
    if layout.maximum in {255, 65535}:
        return shaped.astype(np.uint8 if layout.maximum == 255 else np.uint16)
    return shaped.astype(np.float32) / np.float32(layout.maximum)


def _binary(content: bytes, layout: Layout) -> NDArray[np.uint8] | NDArray[np.uint16]:
    count = layout.size_wh[0] * layout.size_wh[1] * layout.channels
    if layout.maximum > 255:
        return np.frombuffer(content, ">u2", count, layout.start).astype(np.uint16)
    return np.frombuffer(content, np.uint8, count, layout.start)


def _plain(content: bytes, layout: Layout) -> NDArray[Any]:
    count = layout.size_wh[0] * layout.size_wh[1] * layout.channels
    text = re.sub(rb"#[^\r\n]*", b" ", content[layout.start - 1 :])
    if text.translate(None, b"0123456789" + _BLANKS):
        raise ValueError("there is something else than digits among its values")
    if layout.form == 1:  # its digits need no space between them
        return _enough(np.frombuffer(text.translate(None, _BLANKS), np.uint8)[:count] - np.uint8(ord("0")), count)
    if re.search(rb"\d{10}", text):
        raise ValueError("a value has more than nine digits")
    return _enough(np.fromstring(text, dtype=np.int64, sep=" ")[:count], count)


def _enough(values: NDArray[Any], count: int) -> NDArray[Any]:
    if values.size < count:
        raise ValueError(f"only {values.size:,} of {count:,} values are there")
    return values
