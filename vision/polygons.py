"""Outlines: N x 2 points in order, (x, y) in pixels, the last joined to the first."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InvalidRegion
from .frame import Points, SizeWh, Xyxy


def as_polygon(values: ArrayLike) -> Points:
    """Values as N x 2 points. Raises `InvalidRegion` unless they are at least three finite points."""
    remedy = "Give at least three finite (x, y) points."
    try:
        points = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidRegion(f"An outline is no list of points: {error}.", remedy=remedy) from error
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3 or not np.isfinite(points).all():
        raise InvalidRegion(f"An array of shape {points.shape} is no outline.", remedy=remedy)
    return points


def pairs(points: Points) -> tuple[tuple[float, float], ...]:
    """N x 2 points as plain pairs of floats."""
    return tuple((float(x), float(y)) for x, y in points)


def area(points: Points) -> float:
    """Square pixels inside an outline that does not cross itself."""
    x, y = points[:, 0], points[:, 1]
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def contains(points: Points, point: tuple[float, float]) -> bool:
    """Whether a point (x, y) lies in an outline (even-odd rule)."""
    x, y = point
    start, end = points, np.roll(points, -1, axis=0)
    crossing = (start[:, 1] > y) != (end[:, 1] > y)
    start, end = start[crossing], end[crossing]
    at = start[:, 0] + (y - start[:, 1]) * (end[:, 0] - start[:, 0]) / (end[:, 1] - start[:, 1])
    return bool(np.count_nonzero(at > x) % 2)


def fill(points: Points, size_wh: SizeWh) -> NDArray[np.bool_]:
    """H x W bools: the pixels whose centres lie in an outline (even-odd rule)."""
    width, height = size_wh
    toggles = np.zeros((height, width + 1), dtype=np.uint8)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        low, high = (min(height, max(0, math.ceil(y - 0.5))) for y in (min(y0, y1), max(y0, y1)))
        if low < high:
            rows = np.arange(low, high)
            at = x0 + (rows + 0.5 - y0) * (x1 - x0) / (y1 - y0)
            toggles[rows, np.clip(np.ceil(at - 0.5), 0, width).astype(np.int64)] ^= 1
    inside: NDArray[np.bool_] = np.bitwise_xor.accumulate(toggles[:, :width], axis=1).astype(bool)
    return inside


def clip(points: Points, xyxy: Xyxy) -> Points:
    """The part of an outline inside a box (Sutherland-Hodgman); 0 x 2 when nothing is."""
    kept = points
    for axis, limit, sign in ((0, xyxy[0], 1), (1, xyxy[1], 1), (0, xyxy[2], -1), (1, xyxy[3], -1)):
        kept = _cut(kept, axis, limit, sign)
    return kept


def _cut(points: Points, axis: int, limit: float, sign: int) -> Points:
    """The part of an outline on one side of a line: `sign` 1 keeps what is above `limit`, -1 what is below."""
    depth = sign * (points[:, axis] - limit)
    kept: list[Points] = []
    for index in range(len(points)):
        here, before = depth[index], depth[index - 1]
        if (here >= 0) != (before >= 0):
            kept.append(points[index - 1] + (points[index] - points[index - 1]) * (before / (before - here)))
        if here >= 0:
            kept.append(points[index])
    return np.array(kept).reshape(-1, 2)
