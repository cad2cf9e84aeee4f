"""A large crowded picture with one small star, and a detector that, like a model, sees pictures at a fixed size."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lavr.tools.tool import tool
from lavr.vision.frame import SizeWh, Xyxy
from lavr.vision.image import Image
from lavr.vision.region import Region

SIDE = 320
"""Pixels. The detector sees the longer side of a picture at this size, and not more of it."""

LEGIBLE = 14
"""Pixels as the detector sees them. Of a smaller spot it can tell the colour only."""

RED = (235, 30, 40)


def crowded(seed: int, *, star: float = 44, others: int = 150, size_wh: SizeWh = (4000, 3000)) -> tuple[Image, Xyxy]:
    """Circles and squares of all colours on a coloured ground, and one red star; the picture and the star's box."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(90, 170, (size_wh[1] // 100, size_wh[0] // 100, 3), dtype=np.uint8)
    pixels = cv2.resize(ground, size_wh, interpolation=cv2.INTER_CUBIC)
    taken: list[tuple[int, int, int]] = []
    for _ in range(others):
        x, y, radius = _free(rng, size_wh, int(rng.integers(14, 90)), taken)
        color = [int(value) for value in rng.integers(0, 256, 3)]
        if rng.random() < 0.5:
            cv2.circle(pixels, (x, y), radius, color, -1)
        else:
            half = int(radius * 0.7)
            cv2.rectangle(pixels, (x - half, y - half), (x + half, y + half), color, -1)
    x, y, _ = _free(rng, size_wh, math.ceil(star / 2), taken)
    points = np.round(np.array([x, y]) + star / 2 * _unit_star()).astype(np.int32)
    cv2.fillPoly(pixels, [points], RED)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0) + 1
    return Image.of(np.asarray(pixels, dtype=np.uint8)), (float(left), float(top), float(right), float(bottom))


@tool
def stars(image: Image) -> list[Region]:
    """Find red stars; spots that are red but too small to tell are given a low score."""
    factor = min(1.0, SIDE / max(image.size_wh))
    seen = image.pixels()
    if factor < 1:
        seen = np.asarray(cv2.resize(seen, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    red = (seen[:, :, 0] > 150) & (seen[:, :, 1] < 110) & (seen[:, :, 2] < 110)
    outlines, _ = cv2.findContours(red.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    regions = []
    for outline in outlines:
        x, y, width, height = cv2.boundingRect(outline)
        legible = min(width, height) >= LEGIBLE
        score = 0.05 if not legible else 0.9 if _points(outline) == 5 else 0.01
        box = (x / factor, y / factor, (x + width) / factor, (y + height) / factor)
        regions.append(Region(image, box, label="star", score=score))
    return regions


def _free(
    rng: np.random.Generator, size_wh: SizeWh, radius: int, taken: list[tuple[int, int, int]]
) -> tuple[int, int, int]:
    """A circle that touches no other."""
    while True:
        x, y = (int(rng.integers(radius + 5, side - radius - 5)) for side in size_wh)
        if all(math.hypot(x - left, y - top) > radius + other + 20 for left, top, other in taken):
            taken.append((x, y, radius))
            return x, y, radius


def _unit_star() -> NDArray[np.float64]:
    turns = np.arange(10) * math.pi / 5
    radii = np.where(np.arange(10) % 2, 0.45, 1.0)
    return np.stack([radii * np.sin(turns), -radii * np.cos(turns)], axis=1)


def _points(outline: NDArray[Any]) -> int:
    """How many deep notches an outline has: between its points, for a star."""
    try:
        notches = cv2.convexityDefects(outline, cv2.convexHull(outline, returnPoints=False))
    except cv2.error:  # an outline that crosses itself
        return 0
    found: Any = notches  # None where there are none, which the stubs of OpenCV do not know
    depths = np.zeros(0) if found is None else found.reshape(-1, 4)[:, 3] / 256
    return int((depths > 0.12 * max(cv2.boundingRect(outline)[2:])).sum())
