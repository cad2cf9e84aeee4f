"""Remove a thing and guess what was behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import ToolFailed
from ..vision.coverage import Window, covered
from ..vision.frame import IDENTITY
from ..vision.image import Image
from ..vision.region import Region
from ..vision.store import Pixels
from .calls import Observation
from .focus import places_of
from .tool import Box, tool

MARGIN = 3
"""Pixels around a place that are painted over as well: they show its soft edges and its shadow."""

BAND = 12
"""Pixels around a hole that its colours are taken from."""

RADIUS = 5.0
"""Pixels. How far around each pixel Telea's method looks."""

MOST = 60_000
"""Pixels. A larger hole is painted on a smaller copy: it would take seconds, and have no detail either way."""


@tool(
    avoid="Hiding what must stay secret: `redact`. Putting something else there: nothing here makes new things up.",
    limits=(
        "Smears the colours around a place over it: right for scratches, writing and small things on an even ground. "
        "Larger holes become blurs, patterns end at their edge, and shadows beyond it stay."
    ),
    example={"image": "img_1", "regions": ["r1"]},
)
def inpaint(image: Image, regions: list[Region] | None = None, box: Box | None = None) -> Observation:
    """Remove things from a picture: their place is painted over with what is around it.

    Args:
        image: the picture.
        regions: what to remove; of a region with a mask or an outline, what lies in that.
        box: a box to paint over, instead of regions.
    """
    places = places_of(image, regions, box)
    hole = covered(image, places.seen, margin=MARGIN)
    if hole.all():
        raise ToolFailed("Nothing of the picture is left to paint with.", remedy="Give a smaller place.")
    pixels = image.pixels().copy()
    for window, inside in _holes(hole):
        pixels[window][inside] = _painted(pixels[window], hole[window])[inside]
    share = float(hole.mean())
    return Observation(
        text=f"Painted over {places.told}; {share:.1%} of the picture. What is there now is a guess.",
        images=(image.derive(pixels, IDENTITY, f"inpainted {image.handle or image.name or 'picture'}"),),
        data={**places.to_json(), "share": round(share, 6)},
    )


def _holes(hole: NDArray[np.bool_]) -> Iterator[tuple[Window, NDArray[np.bool_]]]:
    """Each connected hole: a window with a band around it, and its pixels in that window."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(hole.astype(np.uint8), connectivity=8)
    for number in range(1, count):
        left, top, width, height = (int(value) for value in stats[number, :4])
        rows = slice(max(0, top - BAND), top + height + BAND)
        columns = slice(max(0, left - BAND), left + width + BAND)
        yield (rows, columns), labels[rows, columns] == number


def _painted(pixels: Pixels, hole: NDArray[np.bool_]) -> Pixels:
    """The pixels with a hole filled from its edge (A. Telea, 2004)."""
    height, width = hole.shape
    factor = min(1.0, math.sqrt(MOST / max(1, int(hole.sum()))))
    small = (max(1, round(width * factor)), max(1, round(height * factor)))
    # A small pixel that holds any of the hole belongs to it, so nothing of what is removed seeps in.
    missing = cv2.resize(hole.astype(np.float32), small, interpolation=cv2.INTER_AREA) > 0
    reduced = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA)
    filled = cv2.inpaint(reduced, missing.astype(np.uint8), RADIUS, cv2.INPAINT_TELEA)
    return np.asarray(cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
