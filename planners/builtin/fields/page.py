"""The lines of a document on one page: upright, in rows, with their neighbours."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ....vision.frame import Xyxy
from ....vision.reading import rows
from ....vision.region import Region


@dataclass(frozen=True)
class Line:
    """One line of OCR text, in coordinates in which the rows of the page are level.

    Attributes:
        region: where it was read.
        text: its text, blanks trimmed.
        row: the number of its visual row from the top.
        left, top, right, bottom: its box in levelled pixels.
    """

    region: Region
    text: str
    row: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """The height of its type, in pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """The levelled y of its middle."""
        return (self.top + self.bottom) / 2


class Page:
    """The lines of a document in rows.

    Args:
        regions: OCR lines; those without text are left out.
    """

    def __init__(self, regions: Sequence[Region]) -> None:
        written = [region for region in regions if (region.text or "").strip()]
        turn = _direction(written)
        self.rows: list[list[Line]] = [
            sorted((_line(region, number, turn) for region in row), key=lambda line: line.left)
            for number, row in enumerate(_rows(written))
        ]

    @cached_property
    def lines(self) -> list[Line]:
        """Every line, row by row and left to right."""
        return [line for row in self.rows for line in row]

    @cached_property
    def type_height(self) -> float:
        """The median height of the type, in pixels; 1 for an empty page."""
        return statistics.median([line.height for line in self.lines]) if self.lines else 1.0

    @cached_property
    def top(self) -> float:
        """The levelled y where the text begins."""
        return min((line.top for line in self.lines), default=0.0)

    @cached_property
    def height(self) -> float:
        """From the first line to the last, in pixels."""
        return max((line.bottom for line in self.lines), default=1.0) - self.top

    def depth(self, line: Line) -> float:
        """How far down the text a line is, 0 at the top to 1."""
        return (line.middle - self.top) / max(self.height, 1.0)

    def right_of(self, line: Line) -> list[Line]:
        """The lines to the right in its row, nearest first."""
        return [other for other in self.rows[line.row] if other.left > line.left and other is not line]

    def left_of(self, line: Line) -> list[Line]:
        """The lines to the left in its row, nearest first."""
        return [other for other in reversed(self.rows[line.row]) if other.left < line.left and other is not line]

    def below(self, line: Line, *, rows: int = 1) -> list[Line]:
        """The lines of the next rows that share columns with it, top to bottom."""
        following = self.rows[line.row + 1 : line.row + 1 + rows]
        return [other for row in following for other in row if shares_columns(line, other)]

    def above(self, line: Line, *, rows: int = 1) -> list[Line]:
        """The lines of the rows above that share columns with it, nearest first."""
        before = self.rows[max(line.row - rows, 0) : line.row]
        return [other for row in reversed(before) for other in row if shares_columns(line, other)]


def shares_columns(one: Line, other: Line) -> bool:
    """Whether two lines overlap sideways by a third of the narrower one."""
    overlap = min(one.right, other.right) - max(one.left, other.left)
    return overlap > min(one.right - one.left, other.right - other.left) / 3


def _rows(written: Sequence[Region]) -> Sequence[Sequence[Region]]:
    """The rows that the reader of the page told apart, or else those that the outlines show."""
    told: dict[int, list[Region]] = {}
    for region in written:
        row = region.attributes.get("row")
        if not isinstance(row, int):
            return rows(written)
        told.setdefault(row, []).append(region)
    return [told[row] for row in sorted(told)]


def _direction(written: Sequence[Region]) -> complex:
    """The direction in which the page is read, of length 1: 1 is to the right, 1j down the picture."""
    outlines = [region.polygon for region in written if region.polygon is not None and len(region.polygon) == 4]
    total = sum((complex(*outline[1]) - complex(*outline[0]) for outline in outlines), 0j)
    return total / abs(total) if abs(total) > 1.0 else 1 + 0j


def _line(region: Region, row: int, direction: complex) -> Line:
    """A line with its box after the page was turned level."""
    left, top, right, bottom = region.xyxy
    corners = region.polygon or ((left, top), (right, top), (right, bottom), (left, bottom))
    turned = [complex(*corner) / direction for corner in corners]
    xs, ys = sorted(point.real for point in turned), sorted(point.imag for point in turned)
    if len(turned) == 4:  # halfway between the corners, so that a slanted line is no higher than its type
        return _placed(region, row, (xs[0], (ys[0] + ys[1]) / 2, xs[3], (ys[2] + ys[3]) / 2))
    return _placed(region, row, (xs[0], ys[0], xs[-1], ys[-1]))


def _placed(region: Region, row: int, box: Xyxy) -> Line:
    return Line(region, (region.text or "").strip(), row, *box)
