"""The lines of a document on one page: upright, in rows, with their neighbours."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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
        slope = _slope(regions)
        boxes = [(region, _level(region, slope)) for region in regions if (region.text or "").strip()]
        self.rows: list[list[Line]] = [
            sorted(
                (Line(region, (region.text or "").strip(), number, *box) for region, box in row),
                key=lambda line: line.left,
            )
            for number, row in enumerate(_rows(boxes))
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


def _slope(regions: Sequence[Region]) -> float:
    """How far rows descend per pixel to the right: the median over the wide lines."""
    slopes = []
    for region in regions:
        if region.polygon is not None and len(region.polygon) == 4:
            (x0, y0), (x1, y1) = region.polygon[0], region.polygon[1]
            height = region.xyxy[3] - region.xyxy[1]
            if x1 - x0 > 3 * height and abs(y1 - y0) < (x1 - x0) / 3:
                slopes.append((y1 - y0) / (x1 - x0))
    return statistics.median(slopes) if slopes else 0.0


def _level(region: Region, slope: float) -> tuple[float, float, float, float]:
    """The box of a line after the page was sheared level."""
    left, top, right, bottom = region.xyxy
    if region.polygon is None or len(region.polygon) != 4:
        return region.xyxy
    ys = [y - slope * x for x, y in region.polygon]
    upper, lower = (ys[0] + ys[1]) / 2, (ys[2] + ys[3]) / 2
    if not (math.isfinite(upper) and upper < lower):
        return (left, top, right, bottom)
    return (left, upper, right, lower)


_Boxed = tuple[Region, tuple[float, float, float, float]]


def _rows(boxes: Sequence[_Boxed]) -> list[list[_Boxed]]:
    """Lines that overlap by half of the smaller height stand in one row, top to bottom."""
    rows: list[list[_Boxed]] = []
    for item in sorted(boxes, key=lambda item: item[1][1] + item[1][3]):
        home = next((row for row in reversed(rows[-4:]) if _fits(item, row)), None)
        if home is None:
            rows.append([item])
        else:
            home.append(item)
    return rows


def _fits(item: _Boxed, row: Sequence[_Boxed]) -> bool:
    """Whether a line stands in a row: level with its neighbours there, and beside all of them."""
    box = item[1]
    nearest = min(row, key=lambda other: max(other[1][0] - box[2], box[0] - other[1][2]))[1]
    if any(_sideways(box, other) > 0.5 for _, other in row):
        return False
    overlap = min(box[3], nearest[3]) - max(box[1], nearest[1])
    return overlap > 0.5 * min(box[3] - box[1], nearest[3] - nearest[1])


def _sideways(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    overlap = min(one[2], other[2]) - max(one[0], other[0])
    return overlap / max(min(one[2] - one[0], other[2] - other[0]), 1.0)
