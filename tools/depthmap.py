"""Depth laid over a picture: what it says about regions, and how it looks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..vision.coverage import patch
from ..vision.frame import IDENTITY
from ..vision.image import Image
from ..vision.region import Region

OUTLIERS = 1.0
"""Per cent of the pixels at each end that do not stretch the scale from the farthest to the nearest."""

EVEN = 1e-3
"""Where all values differ by less than this part of the largest, nothing is nearer than anything else."""

LEAST_M = 0.01
"""Metres. Nothing counts as nearer than this: it would outshine everything else."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How near a place is: `nearness` as in `DepthMap`, `metres` None where the model knows none."""

    nearness: float
    metres: float | None


@dataclass(frozen=True, slots=True, eq=False)
class DepthMap:
    """The depth of a picture.

    Attributes:
        image: a picture of the size of the map, of the lineage of the one that was measured.
        nearness: H x W, 0 for the farthest part of the picture to 1 for the nearest, linear in the inverse of the
            distance; 0.5 throughout where nothing is nearer than anything else.
        metres: H x W, the distances, or None where the model knows no metres.
    """

    image: Image
    nearness: NDArray[np.float32]
    metres: NDArray[np.float32] | None

    @classmethod
    def of(cls, image: Image, values: NDArray[np.float32], *, metric: bool) -> DepthMap:
        """The map of H x W values: metres, or else numbers that grow as things come nearer."""
        inverse = 1 / np.maximum(values, LEAST_M) if metric else values
        low, high = (float(end) for end in np.percentile(inverse, (OUTLIERS, 100 - OUTLIERS)))
        if high - low <= EVEN * max(abs(low), abs(high)):
            nearness = np.full_like(values, 0.5)
        else:
            nearness = np.asarray(np.clip((inverse - low) / (high - low), 0, 1), dtype=np.float32)
        return cls(image, nearness, values if metric else None)

    @property
    def is_flat(self) -> bool:
        """Whether nothing is nearer than anything else."""
        return bool(np.ptp(self.nearness) == 0)

    def shown(self) -> Image:
        """The map as a picture: the brighter, the nearer, in colours whose lightness grows evenly."""
        bgr = cv2.applyColorMap(np.round(self.nearness * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
        name = f"depth of {self.image.handle or self.image.name or 'the picture'}"
        return self.image.derive(np.ascontiguousarray(bgr[:, :, ::-1], dtype=np.uint8), IDENTITY, name)

    def cells(self) -> NDArray[np.float32]:
        """The mean nearness of the nine parts of the picture, 3 x 3, rows x columns."""
        return np.asarray(cv2.resize(self.nearness, (3, 3), interpolation=cv2.INTER_AREA), dtype=np.float32)

    def of_region(self, region: Region) -> Depth | None:
        """The median depth of a region: of its mask, or else its outline, or else its box; None when it lies outside.

        A mask or an outline too small to cover a pixel of the map counts as its box.
        """
        seen = region.visible_on(self.image)
        if seen is None:
            return None
        window, inside = patch(seen)
        if not inside.any():
            inside[:] = True
        metres = None if self.metres is None else float(np.median(self.metres[window][inside]))
        return Depth(float(np.median(self.nearness[window][inside])), metres)
