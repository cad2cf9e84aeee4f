"""Where a picture catches the eye: what differs from its surroundings. A cue of where to look that needs no model."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..vision.image import Image
from ..vision.transforms import fitted
from .quadtree import Cells

LONGEST = 1024
"""Pixels. Larger pictures are looked at in this size: a thing of a few pixels still makes a spot."""

CENTRE, SURROUND = 1.5, 12.0
"""Deviations in pixels of the two blurs whose difference makes a spot stand out."""


def salience(image: Image) -> NDArray[np.float32]:
    """How much each place differs from its surroundings, H x W of a picture of at most `LONGEST`, in units of CIELAB.

    Centre against surround, one scale of Itti, Koch and Niebur (1998). A difference of 1 can just be seen.
    """
    unit = fitted(image, LONGEST).pixels().astype(np.float32) / 255
    lab = cv2.cvtColor(unit, cv2.COLOR_RGB2LAB)
    difference = cv2.GaussianBlur(lab, (0, 0), CENTRE) - cv2.GaussianBlur(lab, (0, 0), SURROUND)
    return np.asarray(np.sqrt((difference**2).sum(axis=2)), dtype=np.float32)


def salience_of_cells(image: Image, cells: Cells) -> NDArray[np.float32]:
    """The strongest spot in each cell, rows x columns, in units of CIELAB."""
    spots = salience(image)
    height, width = spots.shape
    xs = _scaled(cells.columns, width / image.size_wh[0], width)
    ys = _scaled(cells.rows, height / image.size_wh[1], height)
    strongest = [[spots[top:bottom, left:right].max() for left, right in xs] for top, bottom in ys]
    return np.array(strongest, dtype=np.float32)


def _scaled(edges: NDArray[np.int64], factor: float, length: int) -> list[tuple[int, int]]:
    """Edges in pixels of the smaller picture, a pixel apart at least."""
    starts = np.minimum(np.floor(edges[:, 0] * factor).astype(int), length - 1)
    ends = np.clip(np.ceil(edges[:, 1] * factor).astype(int), starts + 1, length)
    return [(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]
