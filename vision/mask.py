"""Which pixels belong to a region: a run-length encoded mask."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InvalidRegion
from ..jsonable import Json, JsonObject
from .frame import Frame, Points, SizeWh, Xyxy, bounds_of, corners_of
from .polygons import as_polygon, fill


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask as COCO's uncompressed RLE: run lengths down the columns, beginning with the zeros.

    Attributes:
        size_wh: width and height of the picture it belongs to.
        counts: lengths of the runs of 0, 1, 0, 1 ... in column-major order; they sum to width x height.
    """

    size_wh: SizeWh
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if min(self.counts, default=0) < 0:
            raise InvalidRegion("A run of a mask is shorter than nothing.", remedy="Give run lengths of at least 0.")
        if sum(self.counts) != self.size_wh[0] * self.size_wh[1]:
            raise InvalidRegion(f"The runs of a mask sum to {sum(self.counts)}, not to {self.size_wh} (w, h).")

    @classmethod
    def of(cls, array: NDArray[np.bool_]) -> Mask:
        """A mask from an H x W array of bools."""
        flat = np.asarray(array, dtype=bool).ravel(order="F")
        edges = np.flatnonzero(np.diff(flat)) + 1
        runs = np.diff(np.concatenate(([0], edges, [flat.size])))
        counts: list[int] = runs.tolist()
        starts_with_one = bool(flat.size and flat[0])
        return cls((array.shape[1], array.shape[0]), tuple([0, *counts] if starts_with_one else counts))

    @classmethod
    def of_part(cls, array: NDArray[np.bool_], left: int, top: int, size_wh: SizeWh) -> Mask:
        """A mask for a picture of `size_wh` from an h x w array of bools that lies on it at (left, top).

        What lies outside the picture is left out. The cost is that of the columns that the array covers.
        """
        width, height = size_wh
        first, last = min(max(left, 0), width), min(max(left + array.shape[1], 0), width)
        upper, lower = min(max(top, 0), height), min(max(top + array.shape[0], 0), height)
        columns = np.zeros((height, last - first), dtype=bool)
        columns[upper:lower] = array[upper - top : lower - top, first - left : last - left]
        counts = [*cls.of(columns).counts] if columns.size else [0]
        counts[0] += first * height
        after = (width - last) * height
        counts = [*counts, after] if len(counts) % 2 == 0 else [*counts[:-1], counts[-1] + after]
        return cls(size_wh, tuple(counts if counts[-1] or len(counts) == 1 else counts[:-1]))

    @classmethod
    def of_polygon(cls, polygon: ArrayLike, size_wh: SizeWh) -> Mask:
        """The pixels whose centres lie in an outline of (x, y) points, for a picture of `size_wh`.

        An outline that crosses itself is filled by the even-odd rule. Raises `InvalidRegion` below three points.
        """
        return cls.of(fill(as_polygon(polygon), size_wh))

    @classmethod
    def from_json(cls, data: Json) -> Mask:
        """The mask that `to_json` gave: COCO's uncompressed run lengths. Raises `InvalidRegion` when it is not one."""
        size, counts = (data.get("size"), data.get("counts")) if isinstance(data, Mapping) else (None, None)
        if not _whole_numbers(size) or len(size) != 2 or not _whole_numbers(counts):
            remedy = "Give {size: [height, width], counts: [run lengths]}; decode compressed COCO strings first."
            raise InvalidRegion("This is not a run-length encoded mask.", remedy=remedy)
        return cls((size[1], size[0]), tuple(counts))

    @property
    def area(self) -> int:
        """How many pixels belong to it."""
        return sum(self.counts[1::2])

    def array(self) -> NDArray[np.bool_]:
        """H x W bools."""
        values = np.arange(len(self.counts)) % 2 == 1
        flat = np.repeat(values, self.counts)
        return flat.reshape((self.size_wh[1], self.size_wh[0]), order="F")

    @property
    def xyxy(self) -> Xyxy | None:
        """The smallest box around its pixels, or None when it has none."""
        corners = self.corners()
        return bounds_of(corners) if len(corners) else None

    def corners(self) -> Points:
        """The outer corners of its pixels in every column, N x 2: enough to bound it after any map."""
        array = self.array()
        columns = np.flatnonzero(array.any(axis=0))
        tops = array[:, columns].argmax(axis=0)
        bottoms = self.size_wh[1] - array[::-1, columns].argmax(axis=0)
        corners = [np.column_stack([columns + right, rows]) for right in (0, 1) for rows in (tops, bottoms)]
        return np.vstack(corners).astype(np.float64)

    def outline(self, *, tolerance: float = 1.0) -> Points | None:
        """The outline of its largest piece without its holes, N x 2; None when it has no pixels.

        Args:
            tolerance: pixels by which a point that is left out may lie beside the outline; 0 leaves none out that
                turns a corner, and filling the outline gives back the piece exactly.
        """
        box = self.xyxy
        if box is None:
            return None
        left, top, right, bottom = (int(side) for side in box)
        # OpenCV walks through the centres of the outermost pixels. Each pixel becomes four, or the walk would go
        # forth and back along the same centres where a piece is one pixel thin, and enclose nothing.
        part = self.array()[top:bottom, left:right].astype(np.uint8)
        fine = cv2.resize(part, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
        pieces, _ = cv2.findContours(fine, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        piece = cv2.approxPolyDP(max(pieces, key=_pixels_in), 2 * tolerance, True)
        if len(piece) < 3:
            return corners_of(box)
        return (piece.reshape(-1, 2).astype(np.float64) + 0.5) / 2 + [left, top]

    def contains(self, point: tuple[float, float]) -> bool:
        """Whether the pixel under (x, y) belongs to it."""
        x, y = math.floor(point[0]), math.floor(point[1])
        if not (0 <= x < self.size_wh[0] and 0 <= y < self.size_wh[1]):
            return False
        run = bisect.bisect_right(list(itertools.accumulate(self.counts)), x * self.size_wh[1] + y)
        return run % 2 == 1

    def mapped(self, path: Frame, size_wh: SizeWh) -> Mask:
        """The mask on another picture: `path` maps my pixels to its pixels; nearest neighbour."""
        warp = cv2.warpAffine if path.is_affine else cv2.warpPerspective
        moved = warp(self.array().astype(np.uint8), path.warp_matrix(), size_wh, flags=cv2.INTER_NEAREST)
        return Mask.of(moved.astype(bool))

    def to_json(self) -> JsonObject:
        """COCO's form: size is [height, width]."""
        return {"size": [self.size_wh[1], self.size_wh[0]], "counts": list(self.counts)}


def _pixels_in(contour: NDArray[Any]) -> float:
    """Pixels in a contour that runs through the centres of the outermost ones, N x 1 x 2, those under it included.

    Pick's theorem; OpenCV's own area leaves out half of the outermost pixels, which thin pieces consist of.
    """
    steps = np.abs(np.diff(contour, axis=0, append=contour[:1])).max(axis=2).sum()
    return float(cv2.contourArea(contour) + steps / 2 + 1)


def without_specks(array: NDArray[np.bool_], least: float) -> NDArray[np.bool_]:
    """H x W bools without the connected pieces of fewer than `least` pixels; of the inverse it fills small holes."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(array.astype(np.uint8), connectivity=4)
    kept = stats[:, cv2.CC_STAT_AREA] >= least
    kept[0] = False
    return np.asarray(kept[labels], dtype=np.bool_)


def _whole_numbers(value: object) -> TypeGuard[list[int]]:
    return isinstance(value, list | tuple) and all(isinstance(item, int) for item in value)
