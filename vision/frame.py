"""Where one picture lies on another: its frame.

Pixel coordinates are continuous: (0, 0) is the top-left corner of the top-left pixel and (width, height) the
bottom-right corner of the last one, so the centre of the first pixel is (0.5, 0.5). x goes right, y goes down.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRegion, UsageError

Xyxy: TypeAlias = tuple[float, float, float, float]
"""A box: left, top, right, bottom in pixels, right and bottom exclusive."""

SizeWh: TypeAlias = tuple[int, int]
"""Width and height in pixels."""

Points: TypeAlias = NDArray[np.float64]
"""N x 2 points, (x, y) in pixels."""


_FLAT = 1e-12
"""Perspective below this is rounding: it moves no point of a picture by a millionth of a pixel."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The map from the pixels of a picture to the pixels of its root.

    x' = (a x + b y + c) / w and y' = (d x + e y + f) / w with w = g x + h y + i. The last three are 0, 0 and 1, which
    makes the map affine, unless the perspective of a picture was undone. w is above 0 wherever the two pictures show
    the same: where it is not, a point of one lies beyond the horizon of the other.
    """

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 1.0
    f: float = 0.0
    g: float = 0.0
    h: float = 0.0
    i: float = 1.0

    @classmethod
    def shift(cls, x: float, y: float) -> Frame:
        """The frame of a crop whose top-left corner lies at (x, y)."""
        return cls(c=x, f=y)

    @classmethod
    def scale(cls, x: float, y: float) -> Frame:
        """The frame of a resized picture: one of its pixels is x by y pixels of the root."""
        return cls(a=x, e=y)

    @classmethod
    def perspective(cls, size_wh: SizeWh, corners: Points) -> Frame:
        """The frame of a picture of `size_wh` whose corners lie at four points of the root.

        Args:
            size_wh: width and height in pixels.
            corners: 4 x 2, (x, y): where the top left, top right, bottom right and bottom left corner lie.

        Raises:
            InvalidRegion: when the four points are no convex outline in that order.
        """
        width, height = float(size_wh[0]), float(size_wh[1])
        if not _turns_right(corners):
            cause = f"The corners {corners.round(1).tolist()} are no outline of four sides."
            raise InvalidRegion(cause, remedy="Give them clockwise from the top left; no corner may point inwards.")
        equations, values = [], []
        for (x, y), (u, v) in zip(corners_of((0.0, 0.0, width, height)), corners, strict=True):
            equations += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
            values += [u, v]
        return cls(*(float(value) for value in np.linalg.solve(np.array(equations), np.array(values))))._even()

    @classmethod
    def from_json(cls, values: object) -> Frame:
        """The frame that `to_json` gave. Raises `UsageError` when it is not six numbers, or nine."""
        if not isinstance(values, list | tuple) or len(values) not in (6, 9):
            raise UsageError(f"A frame is six or nine numbers, not {values!r}.", remedy="Give a, b, c, d, e, f.")
        if not all(isinstance(value, int | float) and math.isfinite(value) for value in values):
            raise UsageError(f"A frame is six or nine finite numbers, not {values!r}.", remedy="Give a, b, c, d, e, f.")
        return cls(*(float(value) for value in values))

    def to_json(self) -> list[float]:
        """The six numbers a, b, c, d, e, f of an affine frame; of any other all nine."""
        values = list(astuple(self))
        return values[:6] if self.is_affine else values

    @property
    def is_affine(self) -> bool:
        """Whether parallels stay parallel: no perspective."""
        return (self.g, self.h, self.i) == (0.0, 0.0, 1.0)

    @property
    def keeps_upright(self) -> bool:
        """Whether upright boxes stay upright: nothing but shifts, scales, flips and multiples of 90 degrees."""
        return self.is_affine and ((self.b == 0 and self.d == 0) or (self.a == 0 and self.e == 0))

    def then(self, outer: Frame) -> Frame:
        """This map followed by `outer`: from my pixels, through my parent's, to what `outer` maps to."""
        mine, theirs = self._rows, outer._rows
        values = [sum(row[k] * mine[k][column] for k in range(3)) for row in theirs for column in range(3)]
        return Frame(*values)._even()

    def inverse(self) -> Frame:
        """The map back. Raises `UsageError` for a frame that folds the plane."""
        if not self.is_affine:
            return self._perspective_inverse()
        det = self.a * self.e - self.b * self.d
        if not math.isfinite(det) or abs(det) < 1e-12:
            raise _folds()
        a, b, d, e = self.e / det, -self.b / det, -self.d / det, self.a / det
        return Frame(a, b, -(a * self.c + b * self.f), d, e, -(d * self.c + e * self.f))

    def points(self, points: Points) -> Points:
        """Map N x 2 points. Raises `InvalidRegion` for a point beyond the horizon."""
        given = np.asarray(points, dtype=np.float64)
        linear = np.array([[self.a, self.d], [self.b, self.e]])
        mapped: Points = given @ linear + np.array([self.c, self.f])
        if self.is_affine:
            return mapped
        depth = given @ np.array([self.g, self.h]) + self.i
        if (depth <= 0).any():
            cause = "A part of this place lies beyond the horizon of the other picture, whose perspective was undone."
            raise InvalidRegion(cause, remedy="Ask for a place on the flat thing itself.")
        straight: Points = mapped / depth[:, None]
        return straight

    def box(self, xyxy: Xyxy) -> Xyxy:
        """The upright box around the mapped corners of a box (exact for multiples of 90 degrees)."""
        return bounds_of(self.points(corners_of(xyxy)))

    def warp_matrix(self) -> Points:
        """The same map as OpenCV takes it: 2 x 3 for `cv2.warpAffine`, with perspective 3 x 3 for `warpPerspective`.

        OpenCV counts from the centre of the first pixel, frames from its corner: half a pixel on both sides.
        """
        centred = Frame.shift(0.5, 0.5).then(self).then(Frame.shift(-0.5, -0.5))
        return np.array(centred._rows[: 2 if self.is_affine else 3])

    @property
    def _rows(self) -> tuple[tuple[float, float, float], ...]:
        return (self.a, self.b, self.c), (self.d, self.e, self.f), (self.g, self.h, self.i)

    def _even(self) -> Frame:
        """The same map with an i of 1 or -1, and without perspective that is rounding alone."""
        if self.is_affine or self.i == 0:
            return self
        values = [value / abs(self.i) for value in astuple(self)]
        flat = values[8] > 0 and abs(values[6]) < _FLAT and abs(values[7]) < _FLAT
        return Frame(*values[:6]) if flat else Frame(*values)

    def _perspective_inverse(self) -> Frame:
        try:
            inverse = np.linalg.inv(np.array(self._rows))
        except np.linalg.LinAlgError as error:
            raise _folds() from error
        return Frame(*(float(value) for value in inverse.ravel()))._even()


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


def _turns_right(corners: Points) -> bool:
    """Whether four points go clockwise to the eye around a convex outline."""
    sides = np.roll(corners, -1, axis=0) - corners
    following = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]
    return bool(np.isfinite(turns).all() and (turns > 0).all())


def _folds() -> UsageError:
    return UsageError("This frame cannot be inverted: it maps the picture to a line or a point.")
