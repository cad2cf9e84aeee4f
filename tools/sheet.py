"""Where a sheet of paper lies on a photograph: its four corners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ..vision.frame import Points
from ..vision.polygons import area
from ..vision.store import Pixels

if TYPE_CHECKING:
    from cv2.typing import MatLike

SIDE = 800
"""Pixels. Larger pictures are made smaller first; the corners are found to a fraction of a small pixel."""

LEAST, MOST = 0.15, 0.98
"""Which part of the picture a sheet covers. What covers more is the picture itself."""

FULL = 0.93
"""Which part of its four sides a sheet fills: less has a bite out of it, or more sides than four."""

ENDS = 0.15
"""The part at both ends of a side that is not looked at: corners may be round or folded."""

ACROSS, STEP = 4, 8.0
"""So many small pixels to both sides of an edge of the sheet, the colour differs by this much in CIELAB."""

CLEAR = 0.8
"""The part of every side along which it does."""


def corners_of_sheet(pixels: Pixels) -> Points | None:
    """The corners of the largest sheet with four straight sides, or None when there is none.

    Args:
        pixels: H x W x 3, RGB.

    Returns:
        4 x 2, (x, y) in pixels, clockwise from the top left.
    """
    height, width = pixels.shape[:2]
    factor = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    colors = np.asarray(cv2.cvtColor(cv2.GaussianBlur(small, (5, 5), 0), cv2.COLOR_RGB2LAB), dtype=np.uint8)
    whole = size[0] * size[1]
    shapes = (shape for shape in _shapes(colors) if LEAST * whole <= cv2.contourArea(shape) <= MOST * whole)
    sheets = [sides for shape in shapes if (sides := _four_sides(shape)) is not None and _stands_out(sides, colors)]
    if not sheets:
        return None
    corners: Points = max(sheets, key=area) * (width / size[0], height / size[1])
    return np.roll(corners, -int(corners.sum(axis=1).argmin()), axis=0)


def _shapes(colors: Pixels) -> Iterator[NDArray[np.int32]]:
    """Outlines, N x 1 x 2, of everything that may be a sheet: parts of like lightness or colour, and closed edges."""
    for channel in cv2.split(colors):
        _, light = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        for part in (light, cv2.bitwise_not(light)):
            # Away with specks, and with the writing.
            clean = cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
            clean = cv2.morphologyEx(clean, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
            yield from _outlines(clean, cv2.RETR_EXTERNAL)
    edges = cv2.Canny(cv2.split(colors)[0], 30, 90)
    yield from _outlines(cv2.dilate(edges, np.ones((3, 3), np.uint8)), cv2.RETR_LIST)


def _outlines(part: MatLike, which: int) -> Iterator[NDArray[np.int32]]:
    for outline in cv2.findContours(part, which, cv2.CHAIN_APPROX_NONE)[0]:
        yield np.asarray(outline, dtype=np.int32)


def _four_sides(shape: NDArray[np.int32]) -> Points | None:
    """The corners where the four sides of an outline meet, clockwise; None when it has not just four straight ones."""
    hull = cv2.convexHull(shape, clockwise=False)  # OpenCV means y to go up; to the eye this is clockwise
    around = cv2.arcLength(hull, closed=True)
    for coarseness in (0.01, 0.02, 0.03, 0.04, 0.06, 0.08):
        rough = cv2.approxPolyDP(hull, coarseness * around, closed=True).reshape(-1, 2)
        if len(rough) == 4:
            break
    else:
        return None
    corners = _drawn_through(*(points.reshape(-1, 2).astype(np.float64) + 0.5 for points in (shape, rough)))
    return corners if corners is not None and cv2.contourArea(shape) >= FULL * area(corners) else None


def _drawn_through(points: Points, rough: Points) -> Points | None:
    """Corners made exact: where the lines meet that lie best along the points of each side."""
    lines = []
    for start, end in zip(rough, np.roll(rough, -1, axis=0), strict=True):
        along, off = _beside(points, start, end)
        near = np.abs(off) < max(3.0, 0.02 * float(np.linalg.norm(end - start)))
        side = points[(along > ENDS) & (along < 1 - ENDS) & near]
        if len(side) < 10:
            return None
        x, y, left, top = cv2.fitLine(side.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().tolist()
        lines.append(np.cross([left, top, 1.0], [left + x, top + y, 1.0]))  # a line in homogeneous coordinates
    meets = np.array([np.cross(lines[at - 1], lines[at]) for at in range(4)])
    if (np.abs(meets[:, 2]) < 1e-6).any():
        return None
    corners: Points = meets[:, :2] / meets[:, 2:]
    return corners


def _beside(points: Points, start: Points, end: Points) -> tuple[Points, Points]:
    """Where points lie along a line, 0 at its start and 1 at its end, and how many pixels beside it."""
    way = end - start
    length = float(np.linalg.norm(way))
    return (points - start) @ way / length**2, (points - start) @ np.array([-way[1], way[0]]) / length


def _stands_out(corners: Points, colors: Pixels) -> bool:
    """Whether the colour changes across every side. A side with nothing behind it, as at the picture's edge, fails."""
    limits = np.array(colors.shape[1::-1])
    if (corners < -ACROSS).any() or (corners > limits + ACROSS).any():
        return False
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        way = (end - start) / np.linalg.norm(end - start)
        line = start + np.linspace(ENDS, 1 - ENDS, 60)[:, None] * (end - start)
        sides = [(line + step * np.array([-way[1], way[0]])).astype(np.int64) for step in (-ACROSS, ACROSS)]
        there = [((side >= 0) & (side < limits)).all(axis=1) for side in sides]
        inner, outer = (colors[tuple(side.clip(0, limits - 1).T[::-1])].astype(np.float64) for side in sides)
        differs = np.linalg.norm(inner - outer, axis=1) > STEP
        if (differs & there[0] & there[1]).mean() < CLEAR:
            return False
    return True
