"""Where one picture lies on another: the affine frame.

Pixel coordinates are continuous: (0, 0) is the top-left corner of the top-left pixel and (width, height) the
bottom-right corner of the last one, so the centre of the first pixel is (0.5, 0.5). x goes right, y goes down.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError

Xyxy: TypeAlias = tuple[float, float, float, float]
"""A box: left, top, right, bottom in pixels, right and bottom exclusive."""

SizeWh: TypeAlias = tuple[int, int]
"""Width and height in pixels."""

Points: TypeAlias = NDArray[np.float64]
"""N x 2 points, (x, y) in pixels."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The affine map from the pixels of a picture to the pixels of its root: x' = a x + b y + c, y' = d x + e y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 1.0
    f: float = 0.0

    @classmethod
    def shift(cls, x: float, y: float) -> Frame:
        """The frame of a crop whose top-left corner lies at (x, y)."""
        return cls(c=x, f=y)

    @classmethod
    def scale(cls, x: float, y: float) -> Frame:
        """The frame of a resized picture: one of its pixels is x by y pixels of the root."""
        return cls(a=x, e=y)

    @classmethod
    def from_json(cls, values: object) -> Frame:
        """The frame that `to_json` gave. Raises `UsageError` when it is not six numbers."""
        if not isinstance(values, list | tuple) or len(values) != 6:
            raise UsageError(f"A frame is six numbers, not {values!r}.", remedy="Give a, b, c, d, e, f.")
        if not all(isinstance(value, int | float) and math.isfinite(value) for value in values):
            raise UsageError(f"A frame is six finite numbers, not {values!r}.", remedy="Give a, b, c, d, e, f.")
        return cls(*(float(value) for value in values))

    def to_json(self) -> list[float]:
        """The six numbers a, b, c, d, e, f."""
        return list(astuple(self))

    @property
    def keeps_upright(self) -> bool:
        """Whether upright boxes stay upright: nothing but shifts, scales, flips and multiples of 90 degrees."""
        return (self.b == 0 and self.d == 0) or (self.a == 0 and self.e == 0)

    def then(self, outer: Frame) -> Frame:
        """This map followed by `outer`: from my pixels, through my parent's, to what `outer` maps to."""
        return Frame(
            a=outer.a * self.a + outer.b * self.d,
            b=outer.a * self.b + outer.b * self.e,
            c=outer.a * self.c + outer.b * self.f + outer.c,
            d=outer.d * self.a + outer.e * self.d,
            e=outer.d * self.b + outer.e * self.e,
            f=outer.d * self.c + outer.e * self.f + outer.f,
        )

    def inverse(self) -> Frame:
        """The map back. Raises `UsageError` for a frame that folds the plane."""
        det = self.a * self.e - self.b * self.d
        if not math.isfinite(det) or abs(det) < 1e-12:
            raise UsageError("This frame cannot be inverted: it maps the picture to a line or a point.")
        a, b, d, e = self.e / det, -self.b / det, -self.d / det, self.a / det
        return Frame(a, b, -(a * self.c + b * self.f), d, e, -(d * self.c + e * self.f))

    def points(self, points: Points) -> Points:
        """Map N x 2 points."""
        linear = np.array([[self.a, self.d], [self.b, self.e]])
        mapped: Points = np.asarray(points, dtype=np.float64) @ linear + np.array([self.c, self.f])
        return mapped

    def box(self, xyxy: Xyxy) -> Xyxy:
        """The upright box around the mapped corners of a box (exact for multiples of 90 degrees)."""
        return bounds_of(self.points(corners_of(xyxy)))

    def warp_matrix(self) -> Points:
        """The same map as the 2 x 3 matrix that `cv2.warpAffine` takes.

        OpenCV counts from the centre of the first pixel, frames from its corner: half a pixel on both sides.
        """
        centred = Frame.shift(0.5, 0.5).then(self).then(Frame.shift(-0.5, -0.5))
        return np.array([[centred.a, centred.b, centred.c], [centred.d, centred.e, centred.f]])


IDENTITY = Frame()
"""The frame of a root: its pixels are its own."""


def corners_of(xyxy: Xyxy) -> Points:
    """The four corners of a box, clockwise from the top left: 4 x 2."""
    left, top, right, bottom = xyxy
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float64)


def bounds_of(points: Points) -> Xyxy:
    """The smallest upright box around N x 2 points (N >= 1)."""
    low, high = points.min(axis=0), points.max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
