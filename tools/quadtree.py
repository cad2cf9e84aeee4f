"""A picture cut into overlapping cells, and the blocks of cells that a search looks at, from the whole to one cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..vision.frame import SizeWh, Xyxy

OVERLAP = 0.2
"""Part of a cell's longest side that it shares with its neighbour: what is smaller is whole in one of them."""


@dataclass(frozen=True, slots=True)
class Block:
    """Cells `left` to `right` of the rows `top` to `bottom`, the ends not included."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return (self.right - self.left) * (self.bottom - self.top)

    def parts(self) -> Iterator[Block]:
        """Its halves or quarters: a side is cut unless the other is twice as long; none for a single cell."""
        if self.cells == 1:
            return
        wide, high = self.right - self.left, self.bottom - self.top
        columns = _halves(self.left, self.right, cut=wide > 1 and high < 2 * wide)
        rows = _halves(self.top, self.bottom, cut=high > 1 and wide < 2 * high)
        for top, bottom in rows:
            for left, right in columns:
                yield Block(left, top, right, bottom)


@dataclass(frozen=True)
class Cells:
    """The cells of a picture.

    Attributes:
        columns: left and right edges of each column, N x 2, in pixels.
        rows: top and bottom edges of each row, M x 2, in pixels.
    """

    columns: NDArray[np.int64]
    rows: NDArray[np.int64]

    @classmethod
    def of(cls, size_wh: SizeWh, longest: int) -> Cells:
        """As few cells as cover a picture with no side above `longest` pixels."""
        return cls(_edges(size_wh[0], longest), _edges(size_wh[1], longest))

    @property
    def whole(self) -> Block:
        """All of them."""
        return Block(0, 0, len(self.columns), len(self.rows))

    def box(self, block: Block) -> Xyxy:
        """The pixels of a block."""
        left, right = self.columns[block.left, 0], self.columns[block.right - 1, 1]
        top, bottom = self.rows[block.top, 0], self.rows[block.bottom - 1, 1]
        return float(left), float(top), float(right), float(bottom)


def _halves(start: int, end: int, *, cut: bool) -> tuple[tuple[int, int], ...]:
    middle = (start + end) // 2
    return ((start, middle), (middle, end)) if cut else ((start, end),)


def _edges(length: int, longest: int) -> NDArray[np.int64]:
    """Start and end of equally long, overlapping spans."""
    shared = round(OVERLAP * longest)
    count = 1 if length <= longest else -(-(length - shared) // (longest - shared))
    span = min(longest, length)
    starts = np.round(np.linspace(0, length - span, count)).astype(np.int64)
    return np.stack([starts, starts + span], axis=1)
