"""Pictures with one planted rectangle, and the way to find it again in the pixels alone."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from lavr.vision.frame import SizeWh, Xyxy
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.store import ImageStore, Pixels

STORE = ImageStore(memory_bytes=1 << 20)
"""Small, so that thousands of examples do not pile up in memory."""

GROUND = (128, 128, 128)
PAINT = (255, 0, 0)
SMALLEST = 8

Whole = tuple[int, int, int, int]


def planted(size_wh: SizeWh, box: Whole) -> Pixels:
    """Grey pixels with a red rectangle."""
    pixels = np.full((size_wh[1], size_wh[0], 3), GROUND, dtype=np.uint8)
    pixels[box[1] : box[3], box[0] : box[2]] = PAINT
    return pixels


def found(pixels: Pixels, *, share: float = 0.5) -> Xyxy:
    """Where the rectangle lies, read off the pixels: those of which it covers more than `share`."""
    red = pixels[:, :, 0].astype(int) - pixels[:, :, 1].astype(int) > 255 * share
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    return (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))


def farthest(xyxy: Xyxy, other: Xyxy) -> float:
    """The largest distance between two corresponding edges, in pixels."""
    return max(abs(a - b) for a, b in zip(xyxy, other, strict=True))


@st.composite
def scenes(draw: DrawFn) -> tuple[Image, Region]:
    """A small picture and the region of the rectangle planted in it, with its outline."""
    width, height = draw(st.integers(16, 64)), draw(st.integers(16, 64))
    left, top = draw(st.integers(0, width - SMALLEST)), draw(st.integers(0, height - SMALLEST))
    right, bottom = draw(st.integers(left + SMALLEST, width)), draw(st.integers(top + SMALLEST, height))
    image = Image.of(planted((width, height), (left, top, right, bottom)), store=STORE)
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return image, Region.of_polygon(image, corners)
