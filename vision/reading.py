"""Reading order: pieces of text put into rows, for any script that is written in rows from left to right.

The skew of the page is read off the outlines first (upright boxes without an outline count as level), so a receipt
photographed at an angle keeps its rows. A piece joins the row that it shares more than half of the smaller height
with; heights are compared with heights only, never with a number of pixels, so small print and headlines are treated
alike. Rows run over the whole width of the page: columns of prose are not told apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from .frame import IDENTITY, Frame, Points
from .region import Region

SHARED_HEIGHT = 0.5
"""Two pieces are in one row when they share more than this part of the smaller height."""

SHARED_WIDTH = 0.5
"""Two pieces that share more than this part of the smaller width lie above each other: never in one row."""

ANCHOR_HEIGHT = 0.6
"""A member at least this high, beside the newcomer, stands for its row; superscripts and commas do not."""

ELONGATED = 1.5
"""Outlines at least this many times as long as high tell the direction of writing."""


def rows(regions: Iterable[Region]) -> tuple[tuple[Region, ...], ...]:
    """The regions in rows, top to bottom, each row left to right.

    Args:
        regions: lines or words on pictures of one lineage; they are compared on the picture of the first.

    Raises:
        UnknownLineage: when they come from different pictures.
    """
    given = list(regions)
    level = IDENTITY if not given else _turn(-skew(given))
    pieces = [_Piece.of(region, region.on(given[0].image), level) for region in given]
    found: list[_Row] = []
    for piece in sorted(pieces, key=lambda piece: (piece.left, piece.middle)):
        _best_row(found, piece).members.append(piece)
    found.sort(key=lambda row: row.middle)
    return tuple(tuple(piece.region for piece in row.members) for row in found)


def reading_order(regions: Iterable[Region]) -> tuple[Region, ...]:
    """The regions row by row, each row from left to right."""
    return tuple(region for row in rows(regions) for region in row)


def skew(regions: Iterable[Region]) -> float:
    """How far the writing falls to the right, in degrees from -45 to 45; 0 when no outline tells.

    The median over the outlines that are longer than high, each counted by its length.
    """
    given = list(regions)
    outlines = [region.on(given[0].image).outline for region in given if region.polygon is not None]
    directions = [_direction(outline) for outline in outlines]
    telling = [(angle, length) for angle, length, height in directions if length >= ELONGATED * height]
    return _weighted_median(telling) if telling else 0.0


@dataclass(frozen=True, slots=True)
class _Piece:
    """A region laid level: where its two ends are, and how high it is."""

    region: Region
    left: float
    right: float
    left_middle: float
    right_middle: float
    height: float

    @classmethod
    def of(cls, region: Region, placed: Region, level: Frame) -> _Piece:
        points = level.points(placed.outline)
        points = points[np.argsort(points[:, 0], kind="stable")]
        starts, ends = (points[:2, 1], points[-2:, 1]) if len(points) == 4 else (points[:, 1], points[:, 1])
        return cls(
            region=region,
            left=float(points[0, 0]),
            right=float(points[-1, 0]),
            left_middle=float(starts.min() + starts.max()) / 2,
            right_middle=float(ends.min() + ends.max()) / 2,
            height=float(np.ptp(starts) + np.ptp(ends)) / 2,
        )

    @property
    def middle(self) -> float:
        return (self.left_middle + self.right_middle) / 2

    def shared_height(self, follower: _Piece) -> float:
        """Which part of the smaller height my right end shares with the left end of what follows."""
        smaller = min(self.height, follower.height)
        apart = abs(follower.left_middle - self.right_middle)
        shared = min(smaller, (self.height + follower.height) / 2 - apart)
        return shared / smaller if smaller > 0 else float(apart == 0)

    def above_or_below(self, other: _Piece) -> bool:
        shared = min(self.right, other.right) - max(self.left, other.left)
        return shared > SHARED_WIDTH * min(self.right - self.left, other.right - other.left)


@dataclass(slots=True)
class _Row:
    members: list[_Piece] = field(default_factory=list)

    @property
    def middle(self) -> float:
        weight = sum(piece.height for piece in self.members)
        if weight == 0:
            return self.members[0].middle
        return sum(piece.middle * piece.height for piece in self.members) / weight

    def fit(self, piece: _Piece) -> float:
        """How well a piece goes on with this row: the shared part of the height, 0 where it cannot."""
        anchor = next((m for m in reversed(self.members) if m.height >= ANCHOR_HEIGHT * piece.height), self.members[-1])
        shared = anchor.shared_height(piece)
        if shared <= SHARED_HEIGHT or any(member.above_or_below(piece) for member in self.members):
            return 0.0
        return shared


def _best_row(found: list[_Row], piece: _Piece) -> _Row:
    best = max(found, key=lambda row: row.fit(piece), default=None)
    if best is not None and best.fit(piece) > 0:
        return best
    found.append(_Row())
    return found[-1]


def _turn(degrees: float) -> Frame:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return Frame(a=cos, b=-sin, d=sin, e=cos)


def _direction(points: Points) -> tuple[float, float, float]:
    """The direction of the level sides of an outline in degrees (-45 to 45), their length and the height in pixels."""
    corners = cv2.boxPoints(cv2.minAreaRect(points.astype(np.float32)))
    sides = [(float(x), float(y)) for x, y in corners[1:3] - corners[:2]]
    level, upright = sorted(sides, key=lambda side: abs(side[1]) - abs(side[0]))
    angle = math.degrees(math.atan(level[1] / level[0])) if level[0] else 0.0
    return angle, math.hypot(*level), math.hypot(*upright)


def _weighted_median(weighted: Sequence[tuple[float, float]]) -> float:
    """The median of (value, weight) pairs."""
    ordered = sorted(weighted)
    total = np.cumsum([weight for _, weight in ordered])
    return ordered[int(np.searchsorted(total, total[-1] / 2))][0]
