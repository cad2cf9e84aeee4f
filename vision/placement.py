"""Where labels go: close to what they name, over nothing that matters, never over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from . import boxes as boxes_
from .boxes import Boxes, Floats
from .frame import SizeWh, Xyxy
from .store import Pixels

LARGE = 25.0
"""An object of at least this many label areas is large: a label upon it hides little of it."""

COVERING = 6.0
"""What it costs to hide a whole small object, in units of the other costs."""

DETAIL = 0.5
"""What it costs to lie on the busiest part of the picture."""

HIDDEN = 0.5
"""A label may not hide more than this part of an object."""

_ALONG = {
    "before": (0.0, -1.0, -1.0),
    "start": (0.0, 0.0, 0.0),
    "middle": (0.5, -0.5, 0.0),
    "end": (1.0, -1.0, 0.0),
    "after": (1.0, 0.0, 1.0),
    "within start": (0.0, 0.0, 1.0),
    "within end": (1.0, -1.0, -1.0),
}
"""Positions along one axis: what part of the object, of the label and of the gap to add to where the object starts."""

_NEAR = (
    ("start", "before", 0.0),
    ("end", "before", 0.02),
    ("middle", "before", 0.03),
    ("before", "middle", 0.03),
    ("after", "middle", 0.03),
    ("start", "after", 0.03),
    ("end", "after", 0.04),
    ("middle", "after", 0.05),
    ("before", "start", 0.04),
    ("after", "start", 0.04),
    ("within start", "within start", 0.12),
    ("within end", "within start", 0.13),
    ("within start", "within end", 0.13),
    ("within end", "within end", 0.14),
)
"""Places beside and on an object: across, down, and what each costs by itself."""

_DIRECTIONS = tuple(
    (across, down)
    for across in ("before", "middle", "after")
    for down in ("before", "middle", "after")
    if (across, down) != ("middle", "middle")
)
_STEPS = (0.8, 1.8, 3.2, 5.0)
"""How far a label is moved away, in label heights."""

_PLACES = (
    *((across, down, 0.0, cost) for across, down, cost in _NEAR),
    *((across, down, step, 0.2 + 0.08 * step) for step in _STEPS for across, down in _DIRECTIONS),
)
"""Every place a label may take: across, down, how far away in label heights, cost."""

_ALONG_XY = np.array([(_ALONG[across], _ALONG[down]) for across, down, _, _ in _PLACES])
_STEP = np.array([step for _, _, step, _ in _PLACES])
_COST = np.array([cost for _, _, _, cost in _PLACES])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a label lies.

    Attributes:
        xyxy: its box in pixels.
        far: whether it is so far away that a line must lead to what it names.
    """

    xyxy: Xyxy
    far: bool


def place_labels(pixels: Pixels, objects: Boxes, labels_wh: Sequence[SizeWh], gap: float) -> list[Place | None]:
    """A place for each label, or None where there is none left that hides no other label and no small object.

    Args:
        pixels: the picture; labels prefer its plain parts.
        objects: N boxes, one for each label.
        labels_wh: N sizes of labels in pixels.
        gap: pixels between an object and its label.
    """
    if not len(objects):
        return []
    size_wh = (pixels.shape[1], pixels.shape[0])
    sizes = np.array(labels_wh, dtype=np.float64)
    candidates, wishes = _candidates(objects, sizes, gap, size_wh)
    costs = wishes + _covering(candidates, objects, sizes) + DETAIL * _detail(pixels, candidates)
    placed = np.zeros((0, 4))
    places: list[Place | None] = [None] * len(objects)
    for index in np.argsort(boxes_.area(objects), kind="stable"):
        free = boxes_.intersection(candidates[index], placed).sum(axis=1) == 0
        cost = np.where(free, costs[index], np.inf)
        best = int(np.argmin(cost))
        if np.isfinite(cost[best]):
            left, top, right, bottom = (float(value) for value in candidates[index, best])
            places[int(index)] = Place((left, top, right, bottom), bool(_STEP[best] > 0))
            placed = np.vstack([placed, [left - 1, top - 1, right + 1, bottom + 1]])
    return places


def _candidates(objects: Boxes, sizes: Floats, gap: float, size_wh: SizeWh) -> tuple[Floats, Floats]:
    """Places for N labels, N x C x 4, pushed into the picture, and what each costs by itself, N x C."""
    of_object, of_label, of_gap = np.moveaxis(_ALONG_XY, 2, 0)
    gaps = gap + _STEP[None, :] * sizes[:, 1:]
    corners = objects[:, None, :2] + of_object * (objects[:, 2:] - objects[:, :2])[:, None]
    corners = np.round(corners + of_label * sizes[:, None] + of_gap * gaps[:, :, None])
    pushed = np.clip(corners, 0, np.maximum(np.array(size_wh) - sizes, 0)[:, None])
    moved = np.abs(pushed - corners).sum(axis=2) / sizes[:, 1:]
    return np.concatenate([pushed, pushed + sizes[:, None]], axis=2), _COST + 0.05 * moved


def _covering(candidates: Floats, objects: Boxes, sizes: Floats) -> Floats:
    """What it costs that a label hides parts of objects, N x C; infinite where it hides most of a small one."""
    count, places = candidates.shape[:2]
    shared = boxes_.intersection(candidates.reshape(-1, 4), objects)
    areas = np.maximum(boxes_.area(objects), 1.0)
    label_areas = np.repeat(sizes.prod(axis=1), places)[:, None]
    parts = shared / np.minimum(areas, LARGE * label_areas)
    cost = np.where((shared > HIDDEN * areas).any(axis=1), np.inf, COVERING * parts.sum(axis=1))
    result: Floats = cost.reshape(count, places)
    return result


def _detail(pixels: Pixels, candidates: Floats) -> Floats:
    """How busy the picture is under each place, N x C, 0 to 1."""
    height, width = pixels.shape[:2]
    factor = min(1.0, 512 / max(height, width))
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else gray
    slope = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), dtype=np.uint8))
    sums = cv2.integral(np.minimum(slope, 96), sdepth=cv2.CV_64F)
    rows, columns = sums.shape[0] - 1, sums.shape[1] - 1
    spots = np.round(candidates * factor).astype(np.int64)
    left, right = np.clip(spots[..., 0], 0, columns - 1), np.clip(spots[..., 2], 1, columns)
    top, bottom = np.clip(spots[..., 1], 0, rows - 1), np.clip(spots[..., 3], 1, rows)
    right, bottom = np.maximum(right, left + 1), np.maximum(bottom, top + 1)
    total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    busy: Floats = total / ((right - left) * (bottom - top)) / 96
    return busy
