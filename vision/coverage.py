"""Which pixels belong to a region: those of its mask, or else of its outline, or else of its box.

A mask that has no pixels does not count: a small one may lose them all on a smaller picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from . import polygons
from .frame import Xyxy, bounds_of
from .image import Image
from .region import Region

Window: TypeAlias = tuple[slice, slice]
"""Rows and columns of a picture: `pixels[window]` is a part of it."""


def covered(image: Image, regions: Iterable[Region], *, margin: int = 0) -> NDArray[np.bool_]:
    """H x W bools: the pixels of a picture that any of some regions covers.

    Args:
        image: the picture.
        regions: on any picture of the same lineage; what of them lies outside is left out.
        margin: pixels around each region that count as well.

    Raises:
        UnknownLineage: for a region on another picture.
    """
    inside = np.zeros((image.size_wh[1], image.size_wh[0]), dtype=bool)
    for region in regions:
        visible = region.visible_on(image)
        if visible is not None:
            window, part = patch(visible, margin=margin)
            inside[window] |= part
    return inside


def patch(region: Region, *, margin: int = 0) -> tuple[Window, NDArray[np.bool_]]:
    """The window of its picture that a region lies in, and which pixels of the window it covers.

    Args:
        region: the region; the part outside its picture is left out.
        margin: pixels around it that count as well.
    """
    width, height = region.image.size_wh
    left, top, right, bottom = _bounds(region)
    across = slice(max(0, math.floor(left) - margin), min(width, math.ceil(right) + margin))
    down = slice(max(0, math.floor(top) - margin), min(height, math.ceil(bottom) + margin))
    window = (down, across)
    inside = _inside(region, window)
    if margin and not inside.all():
        square = np.ones((2 * margin + 1, 2 * margin + 1), dtype=np.uint8)
        inside = cv2.dilate(inside.astype(np.uint8), square).astype(bool)
    return window, inside


def _bounds(region: Region) -> Xyxy:
    """The box, grown where the mask reaches beyond it."""
    extent = None if region.mask is None else region.mask.xyxy
    return region.xyxy if extent is None else bounds_of(np.array([*region.xyxy, *extent]).reshape(-1, 2))


def _inside(region: Region, window: Window) -> NDArray[np.bool_]:
    rows, columns = window
    shape = (max(0, rows.stop - rows.start), max(0, columns.stop - columns.start))
    if region.mask is not None and region.mask.area:
        return region.mask.array()[window]
    if region.polygon is not None:
        return polygons.fill(region.outline - (columns.start, rows.start), (shape[1], shape[0]))
    return np.ones(shape, dtype=bool)
