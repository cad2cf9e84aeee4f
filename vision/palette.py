"""Colours that stand out: a palette for all kinds of colour vision, chosen by what lies under the mark."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .store import Pixels
from .transforms import Rgb

PALETTE: tuple[Rgb, ...] = (
    (230, 159, 0),  # orange
    (86, 180, 233),  # sky blue
    (0, 158, 115),  # bluish green
    (240, 228, 66),  # yellow
    (0, 114, 178),  # blue
    (213, 94, 0),  # vermilion
    (204, 121, 167),  # reddish purple
)
"""Okabe and Ito's colours, told apart with every common kind of colour blindness."""

BLACK: Rgb = (0, 0, 0)
WHITE: Rgb = (255, 255, 255)

_NEIGHBOURS = 6
"""A mark avoids the colours of this many marks nearest to it."""

_NEIGHBOUR_COST = 60.0
"""How many units of CIELAB distance a colour must gain to be worth repeating beside its twin."""


def ink_on(color: Rgb) -> Rgb:
    """Black or white, whichever is easier to read on a colour (WCAG relative luminance)."""
    channels = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in _unit(color)]
    luminance = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    return BLACK if luminance > 0.179 else WHITE


def choose(under: NDArray[np.float64], centers: NDArray[np.float64]) -> list[Rgb]:
    """A colour for each mark: far from what is under it, and not that of its neighbours.

    Args:
        under: N x 3, the mean RGB under each mark.
        centers: N x 2, where the marks are.
    """
    if not len(under):
        return []
    distance = np.linalg.norm(_lab(under)[:, None] - _lab(np.array(PALETTE, dtype=np.float64))[None], axis=2)
    chosen: list[int] = []
    for index in range(len(under)):
        cost = -np.minimum(distance[index], 80.0)  # farther than this is no clearer
        away = np.linalg.norm(centers[:index] - centers[index], axis=1)
        for rank, neighbour in enumerate(np.argsort(away)[:_NEIGHBOURS]):
            cost[chosen[int(neighbour)]] += _NEIGHBOUR_COST / (1 + rank)
        chosen.append(int(np.argmin(cost)))
    return [PALETTE[index] for index in chosen]


def mean_colors(pixels: Pixels, xyxy: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean RGB in each of N whole-pixel boxes that lie in the picture, N x 3."""
    sums = cv2.integral(pixels, sdepth=cv2.CV_64F)
    left, top, right, bottom = xyxy.T
    total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    means: NDArray[np.float64] = total / ((right - left) * (bottom - top))[:, None]
    return means


def _unit(color: Rgb) -> tuple[float, float, float]:
    return (color[0] / 255, color[1] / 255, color[2] / 255)


def _lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    unit = (rgb.reshape(1, -1, 3) / 255).astype(np.float32)
    lab: NDArray[np.float64] = np.asarray(cv2.cvtColor(unit, cv2.COLOR_RGB2LAB)[0], dtype=np.float64)
    return lab
