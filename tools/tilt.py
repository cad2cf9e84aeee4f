"""How far a page is tilted, measured on its pixels: no text needs to be read."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..vision.frame import Points
from ..vision.store import Pixels

MOST_DEGREES = 20.0
"""Pages that are tilted further are not straightened: lines and columns could be mistaken for one another."""

SIDE = 1000
"""Pixels. Larger pictures are made smaller first."""

CONTRAST, AROUND = 24, 31
"""Ink differs from what is around it, so many pixels wide and high, by more than this of 255."""

MOST_POINTS, LEAST_POINTS = 60_000, 100
"""Pixels of ink that are looked at; with fewer there is nothing to measure."""

CLEAR = 1.5
"""How many times as sharp the rows are at the best angle as at most others: 1.9 to 20 on pages of text, signs and
charts, 1.2 on noise and on round things."""


def tilt_of(pixels: Pixels) -> float | None:
    """Degrees by which lines of text, rules and edges fall to the right; None when there are no such lines.

    The profile of ink over the rows is sharpest where rows run along the lines (W. Postl, 1986). Correct to 0.1 degrees
    on the sample pictures.

    Args:
        pixels: H x W x 3, RGB.
    """
    ink = _ink(pixels)
    if len(ink) < LEAST_POINTS:
        return None
    angles = np.arange(-MOST_DEGREES - 0.5, MOST_DEGREES + 0.75, 0.5)
    sharpness = np.array([_sharpness(ink, angle) for angle in angles])
    best = int(sharpness.argmax())
    if sharpness[best] < CLEAR * np.median(sharpness) or best in (0, len(angles) - 1):
        return None
    near = np.arange(angles[best] - 0.5, angles[best] + 0.51, 0.05)
    return round(float(max(near, key=lambda angle: _sharpness(ink, angle))), 2) + 0.0


def _ink(pixels: Pixels) -> Points:
    """Where there is ink, light or dark, N x 2: a point somewhere in each of its pixels."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    factor = min(1.0, SIDE / max(grey.shape))
    size = (max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    rows, columns = np.nonzero(cv2.absdiff(small, cv2.blur(small, (AROUND, AROUND))) > CONTRAST)
    points = np.column_stack([columns, rows])[:: max(1, len(rows) // MOST_POINTS)].astype(np.float64)
    # Whole numbers would fall into the rows in a rhythm of their own, which is sharp at angles such as atan(1/4).
    scattered: Points = points + np.random.default_rng(0).random(points.shape)
    return scattered


def _sharpness(ink: Points, degrees: float) -> float:
    """How much the number of points changes from row to row when the rows fall by so many degrees."""
    angle = np.radians(degrees)
    heights: NDArray[np.float64] = ink[:, 1] * np.cos(angle) - ink[:, 0] * np.sin(angle)
    profile = np.bincount((heights - heights.min()).astype(np.int64)).astype(np.float64)
    return float((np.diff(profile) ** 2).sum())
