"""Large pictures shown to a text detector piece by piece, as one map of where text is likely."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ...vision.store import Pixels

WHOLE = 1344
"""Pixels. Pictures with no longer side are searched in one piece: large letters need to be seen whole."""

TILE = 640
"""Pixels a side of the pieces of larger pictures. Measured on 12 megapixels with lines of 10 to 24 px strewn thinly:
all are found with 640, 8 of 10 with 832, 6 of 10 with 1536, as the detector overlooks a little text on much white."""

OVERLAP = 128
"""Pixels two neighbouring tiles share; of these each gives the half that lies further from its edge."""

STEP = 32
"""The detectors take sides that are multiples of this."""

TextMap = NDArray[np.float32]
"""H x W: how likely each pixel belongs to a line of text, 0 to 1."""


def text_map(pixels: Pixels, detect: Callable[[Pixels], TextMap]) -> TextMap:
    """The map of a whole picture, from a detector of pieces whose sides are multiples of `STEP`."""
    height, width = pixels.shape[:2]
    if max(height, width) <= WHOLE:
        return _tile_map(pixels, detect)
    chances = np.zeros((height, width), dtype=np.float32)
    for top, bottom in _spans(height):
        for left, right in _spans(width):
            tile = pixels[top:bottom, left:right]
            if int(tile.max()) - int(tile.min()) > 16:
                inner = _inner(top, bottom, height), _inner(left, right, width)
                chances[inner] = _tile_map(tile, detect)[
                    inner[0].start - top : inner[0].stop - top, inner[1].start - left : inner[1].stop - left
                ]
    return chances


def _tile_map(tile: Pixels, detect: Callable[[Pixels], TextMap]) -> TextMap:
    height, width = tile.shape[:2]
    # Continued to whole steps, or else the models' libraries would resample it and thin strokes would suffer.
    whole = cv2.copyMakeBorder(tile, 0, -height % STEP, 0, -width % STEP, cv2.BORDER_REPLICATE)
    return np.asarray(detect(np.asarray(whole, dtype=np.uint8))[:height, :width], dtype=np.float32)


def _spans(length: int) -> Iterator[tuple[int, int]]:
    """Overlapping spans of at most a tile that cover 0 to `length`, all of nearly the same length."""
    count = 1 if length <= TILE else -(-(length - OVERLAP) // (TILE - OVERLAP))
    step = (length - OVERLAP) / count
    for i in range(count):
        yield round(i * step), length if i == count - 1 else round((i + 1) * step) + OVERLAP


def _inner(start: int, end: int, length: int) -> slice:
    """The part of a tile's span that it answers for: without half the overlap, but up to the edges of the picture."""
    return slice(
        start if start == 0 else start + OVERLAP // 2,
        end if end == length else end - OVERLAP // 2,
    )
