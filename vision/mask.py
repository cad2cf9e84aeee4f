"""Which pixels belong to a region: a run-length encoded mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRegion
from ..jsonable import JsonObject
from .frame import Frame, SizeWh


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
        if sum(self.counts) != self.size_wh[0] * self.size_wh[1]:
            raise InvalidRegion(f"The runs of a mask sum to {sum(self.counts)}, not to {self.size_wh} (w, h).")

    @classmethod
    def of(cls, array: NDArray[np.bool_]) -> Mask:
        """A mask from an H x W array of bools."""
        flat = np.asarray(array, dtype=bool).ravel(order="F")
        edges = np.flatnonzero(np.diff(flat)) + 1
        runs = np.diff(np.concatenate(([0], edges, [flat.size])))
        counts = [int(run) for run in runs]
        starts_with_one = bool(flat.size and flat[0])
        return cls((array.shape[1], array.shape[0]), tuple([0, *counts] if starts_with_one else counts))

    @property
    def area(self) -> int:
        """How many pixels belong to it."""
        return sum(self.counts[1::2])

    def array(self) -> NDArray[np.bool_]:
        """H x W bools."""
        values = np.arange(len(self.counts)) % 2 == 1
        flat = np.repeat(values, self.counts)
        return flat.reshape((self.size_wh[1], self.size_wh[0]), order="F")

    def mapped(self, path: Frame, size_wh: SizeWh) -> Mask:
        """The mask on another picture: `path` maps my pixels to its pixels; nearest neighbour."""
        # warpAffine counts from pixel centres, frames from pixel corners: shift by half a pixel on both sides.
        shifted = Frame.shift(0.5, 0.5).then(path).then(Frame.shift(-0.5, -0.5))
        matrix = np.array([[shifted.a, shifted.b, shifted.c], [shifted.d, shifted.e, shifted.f]])
        moved = cv2.warpAffine(self.array().astype(np.uint8), matrix, size_wh, flags=cv2.INTER_NEAREST)
        return Mask.of(moved.astype(bool))

    def to_json(self) -> JsonObject:
        """COCO's form: size is [height, width]."""
        return {"size": [self.size_wh[1], self.size_wh[0]], "counts": list(self.counts)}
