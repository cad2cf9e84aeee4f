"""Cells cover a picture, and the parts of a block are all of it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lavr.tools.quadtree import OVERLAP, Block, Cells
from lavr.tools.salience import salience, salience_of_cells
from lavr.vision.image import Image

sides = st.integers(1, 5000)


@settings(deadline=None)
@given(sides, sides, st.integers(16, 1000))
def test_cells_cover_the_picture_overlap_and_are_not_too_long(width: int, height: int, longest: int) -> None:
    cells = Cells.of((width, height), longest)
    for edges, length in ((cells.columns, width), (cells.rows, height)):
        assert edges[0, 0] == 0
        assert edges[-1, 1] == length
        assert (edges[:, 1] - edges[:, 0] <= longest).all()
        shared = edges[:-1, 1] - edges[1:, 0]
        assert (shared >= round(OVERLAP * longest) - 1).all()
    assert cells.box(cells.whole) == (0, 0, width, height)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40))
def test_a_block_is_cut_until_every_cell_stands_alone(columns: int, rows: int) -> None:
    waiting, single = [Block(0, 0, columns, rows)], []
    while waiting:
        block = waiting.pop()
        parts = list(block.parts())
        assert sum(part.cells for part in parts) == (block.cells if parts else 0)
        waiting += parts
        single += [] if parts else [block]
    assert sorted((block.left, block.top) for block in single) == [(x, y) for x in range(columns) for y in range(rows)]


def test_a_long_block_is_cut_across_first() -> None:
    assert list(Block(0, 0, 6, 2).parts()) == [Block(0, 0, 3, 2), Block(3, 0, 6, 2)]


def test_a_spot_stands_out_and_an_even_picture_has_none() -> None:
    pixels = np.full((1500, 2000, 3), 120, dtype=np.uint8)
    even = Image.of(pixels.copy())
    pixels[1200:1212, 500:512] = (220, 40, 40)
    spotted = Image.of(pixels)
    cells = Cells.of(spotted.size_wh, 320)
    strength = salience_of_cells(spotted, cells)
    row, column = np.unravel_index(int(strength.argmax()), strength.shape)
    left, top, right, bottom = cells.box(Block(int(column), int(row), int(column) + 1, int(row) + 1))
    assert left <= 506 < right
    assert top <= 1206 < bottom
    assert float(strength.max()) > 10
    assert float(np.abs(salience(even)).max()) < 0.01
