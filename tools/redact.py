"""Make places unreadable, for good."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

import cv2
import numpy as np

from ..vision.coverage import patch
from ..vision.frame import IDENTITY, SizeWh
from ..vision.image import Image
from ..vision.region import Region
from ..vision.store import Pixels
from .calls import Observation
from .focus import places_of
from .tool import Box, tool

How: TypeAlias = Literal["fill", "blur", "pixelate"]

AROUND_TEXT, AROUND_A_THING, LEAST, MOST = 0.1, 0.03, 3, 16
"""What is redacted around a place, as a part of its shorter side, and in pixels at least and at most: letters reach
beyond the boxes that are found for them; around a thing, what stands beside it is not to go with it."""

LONG = 2.0
"""A place this many times as long as high may be a line of text: it is one cell high."""

ACROSS = 3
"""Cells across the shorter side of any other place."""

SMALLEST = 16
"""Pixels. No cell is smaller, unless the place is."""

NOISE = 20
"""How far, of 255, the lightness of a cell is off at most; each of its colours, by another third of that.

Without it a blur could be undone by trying: whoever blurs every number from 0000 to 9999 in the same font finds the one
that gives the very same colours.
"""

_DONE: dict[How, str] = {"fill": "Filled with black", "blur": "Blurred", "pixelate": "Pixelated"}


@tool(
    cacheable=False,
    avoid="Cutting a thing out: `cutout`. Removing it as if it had not been there: `inpaint`.",
    limits=(
        "The picture that was given, its earlier copies and the trace still show the place: pass on only the new "
        "picture. blur and pixelate leave a few coarse colours: what must stay secret needs fill."
    ),
    example={"image": "img_1", "regions": ["r1", "r2"]},
)
def redact(image: Image, regions: list[Region] | None = None, box: Box | None = None, how: How = "fill") -> Observation:
    """Make faces, plates, names or anything else unreadable in a new picture, so that it cannot be undone.

    Args:
        image: the picture.
        regions: what to redact; of a region with a mask or an outline, what lies in that.
        box: a box to redact, instead of regions.
        how: black, or blurred or pixelated beyond recognition.
    """
    places = places_of(image, regions, box)
    pixels = image.pixels().copy()
    changed = np.zeros(pixels.shape[:2], dtype=bool)
    for place in places.seen:
        window, inside = patch(place, margin=_margin(place))
        part = pixels[window]
        part[inside] = _stand_in(part, how)[inside]
        changed[window] |= inside
    share = float(changed.mean())
    return Observation(
        text=f"{_DONE[how]}: {places.told}; {share:.1%} of the picture.",
        images=(image.derive(pixels, IDENTITY, f"redacted {image.handle or image.name or 'picture'}"),),
        data={"how": how, **places.to_json(), "share": round(share, 6)},
    )


def _margin(place: Region) -> int:
    shorter, longer = sorted((place.xyxy[2] - place.xyxy[0], place.xyxy[3] - place.xyxy[1]))
    may_be_text = place.text is not None or longer >= LONG * shorter
    return min(MOST, max(LEAST, math.ceil((AROUND_TEXT if may_be_text else AROUND_A_THING) * shorter)))


def _stand_in(part: Pixels, how: How) -> Pixels:
    """What comes in the place of a part of a picture, of the same size."""
    if how == "fill":
        return np.zeros_like(part)
    height, width = part.shape[:2]
    cells = cv2.resize(part, _grid((width, height)), interpolation=cv2.INTER_AREA).astype(np.int16)
    # From fresh entropy, not from a seed: noise that can be computed again hides nothing.
    random = np.random.default_rng()
    for most, channels in ((NOISE, 1), (NOISE // 3, 3)):
        cells += random.integers(-most, most, (*cells.shape[:2], channels), dtype=np.int16, endpoint=True)
    smooth = cv2.INTER_NEAREST if how == "pixelate" else cv2.INTER_CUBIC
    made = cv2.resize(cells.clip(0, 255).astype(np.uint8), (width, height), interpolation=smooth)
    return np.asarray(made, dtype=np.uint8)


def _grid(size_wh: SizeWh) -> SizeWh:
    """How many cells a place of some size is divided into, across and down."""
    shorter, longer = sorted(size_wh)
    cell = shorter if longer >= LONG * shorter else max(shorter / ACROSS, min(SMALLEST, shorter))
    return max(1, round(size_wh[0] / cell)), max(1, round(size_wh[1] / cell))
