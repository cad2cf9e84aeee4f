"""Cutting a picture into tiles that an encoder of a small fixed input sees at more than the overview's detail."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import TypeAlias

from ...vision.frame import SizeWh, Xyxy

Grid: TypeAlias = tuple[int, int]
"""Columns and rows."""

WHOLE: Grid = (1, 1)
GOOD_ENOUGH = 0.85
"""Of the detail of the best grid: more tiles for less are not worth their tokens."""


def best_grid(size_wh: SizeWh, side: int, max_tiles: int) -> Grid:
    """The smallest grid that shows a picture about as well as the best one does; (1, 1) for no tiles.

    Args:
        size_wh: of the picture, in pixels.
        side: an encoder sees a tile at side x side pixels.
        max_tiles: columns times rows at most.
    """
    if max(size_wh) <= side or max_tiles < 2:
        return WHOLE
    kept = {grid: _kept(size_wh, side, grid) for grid in _grids(max_tiles)}
    good = [grid for grid, detail in kept.items() if detail >= GOOD_ENOUGH * max(kept.values())]
    return min(good, key=lambda grid: (grid[0] * grid[1], -kept[grid]))


def tile_boxes(size_wh: SizeWh, grid: Grid) -> Iterator[Xyxy]:
    """The boxes of the tiles row by row: whole pixels, side by side, all of the picture."""
    columns, rows = grid
    xs = [round(size_wh[0] * column / columns) for column in range(columns + 1)]
    ys = [round(size_wh[1] * row / rows) for row in range(rows + 1)]
    for top, bottom in pairwise(ys):
        for left, right in pairwise(xs):
            yield (float(left), float(top), float(right), float(bottom))


def _grids(max_tiles: int) -> Iterator[Grid]:
    for columns in range(1, max_tiles + 1):
        for rows in range(1, max_tiles // columns + 1):
            yield columns, rows


def _kept(size_wh: SizeWh, side: int, grid: Grid) -> float:
    """How well a grid shows a picture, from 0 to 1: the detail it keeps along the worse axis, and on the whole."""
    across = min(1.0, side * grid[0] / size_wh[0])
    down = min(1.0, side * grid[1] / size_wh[1])
    return min(across, down) * math.sqrt(across * down)
