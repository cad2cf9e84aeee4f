"""Reading order of text on level, tilted and crumpled pages."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lavr.errors import UnknownLineage
from lavr.vision.frame import Frame
from lavr.vision.image import Image
from lavr.vision.reading import reading_order, rows, skew
from lavr.vision.region import Region
from lavr.vision.transforms import crop

PAGE = Image.of(np.full((4, 4, 3), 255, dtype=np.uint8))
"""Text may lie anywhere around it: only the geometry counts."""


def _tilt(degrees: float) -> Frame:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return Frame(a=cos, b=-sin, d=sin, e=cos, c=300, f=100)


def _piece(text: str, x: float, y: float, width: float, height: float, tilt: Frame) -> Region:
    corners = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
    return Region.of_polygon(PAGE, tilt.points(corners), text=text)


def _level(text: str, x: float, y: float, width: float, height: float) -> Region:
    return Region(PAGE, (x, y, x + width, y + height), text=text)


def _texts(found: tuple[tuple[Region, ...], ...]) -> list[list[str | None]]:
    return [[region.text for region in row] for row in found]


def _receipt(degrees: float, size: float, noise: random.Random, count: int = 40) -> list[list[Region]]:
    """So many rows: a name, a count and a smaller price far to the right, each a little off."""
    tilt = _tilt(degrees)

    def piece(text: str, x: float, y: float, width: float, height: float) -> Region:
        return _piece(text, x * size, (y + noise.uniform(-2, 2)) * size, width * size, height * size, tilt)

    return [
        [
            piece(f"{row} name", 0, 26 * row, noise.uniform(60, 200), 18),
            piece(f"{row} count", 260, 26 * row, 30, 18),
            piece(f"{row} price", 500, 26 * row + 3, 60, 13),
        ]
        for row in range(count)
    ]


@settings(max_examples=1000, deadline=None)
@given(st.floats(-8, 8), st.sampled_from([0.3, 1.0, 4.0]), st.integers(0, 10**6))
def test_a_tilted_receipt_is_read_row_by_row(degrees: float, size: float, seed: int) -> None:
    noise = random.Random(seed)
    expected = _receipt(degrees, size, noise, noise.randint(2, 5))
    shuffled = [region for row in expected for region in row]
    noise.shuffle(shuffled)
    assert _texts(rows(shuffled)) == [[region.text for region in row] for row in expected]


@pytest.mark.parametrize("degrees", [-30, -8, -1, 0, 2, 8, 30])
def test_the_skew_is_read_off_the_outlines(degrees: float) -> None:
    regions = [region for row in _receipt(degrees, 1.0, random.Random(1)) for region in row]
    assert skew(regions) == pytest.approx(degrees, abs=0.01)


def test_short_pieces_do_not_tell_the_skew() -> None:
    line = _piece("a long line of text", 0, 0, 300, 20, _tilt(4))
    specks = [_piece(".", x, 40, 5, 5, _tilt(30)) for x in range(0, 300, 10)]
    assert skew([line, *specks]) == pytest.approx(4, abs=0.01)


def test_upright_boxes_count_as_level() -> None:
    assert skew([_level("a", 0, 0, 90, 10)]) == 0
    assert skew([]) == 0


def test_two_sizes_of_type_share_a_row() -> None:
    big, small = _level("TOTAL", 0, 0, 200, 40), _level("9.90", 300, 12, 60, 16)
    below = _level("thank you", 0, 44, 200, 16)
    assert _texts(rows([below, small, big])) == [["TOTAL", "9.90"], ["thank you"]]


def test_a_superscript_does_not_break_its_row() -> None:
    pieces = [_level("10", 0, 10, 40, 20), _level("2", 42, 6, 8, 10), _level("m long", 52, 12, 80, 18)]
    assert _texts(rows(reversed(pieces))) == [["10", "2", "m long"]]


def test_tight_lines_stay_apart() -> None:
    lines = [_level(str(row), 10 * (row % 2), 16 * row, 300, 20) for row in range(12)]
    assert _texts(rows(reversed(lines))) == [[str(row)] for row in range(12)]


def test_what_lies_above_each_other_is_never_one_row() -> None:
    assert len(rows([_level("a", 0, 0, 50, 20), _level("b", 5, 4, 50, 20)])) == 2


def test_a_curved_row_is_followed_from_piece_to_piece() -> None:
    def bent(row: int, part: int) -> Region:
        return _level(f"{row}.{part}", 70 * part, 30 * row + 4 * part, 60, 20)

    expected = [[bent(row, part) for part in range(8)] for row in range(5)]
    found = rows([region for row in reversed(expected) for region in reversed(row)])
    assert _texts(found) == [[region.text for region in row] for row in expected]


def test_reading_order_is_row_after_row() -> None:
    pieces = [_level("d", 50, 30, 9, 9), _level("b", 50, 1, 9, 9), _level("c", 0, 31, 9, 9), _level("a", 0, 0, 9, 9)]
    assert "".join(region.text or "" for region in reading_order(pieces)) == "abcd"


def test_pieces_from_crops_are_compared_on_one_picture() -> None:
    page = Image.of(np.full((60, 60, 3), 255, dtype=np.uint8))
    part = crop(page, (30, 0, 60, 60))
    left, right = Region(page, (0, 10, 20, 20), text="left"), Region(part, (0, 10, 20, 20), text="right")
    found = rows([right, left])
    assert _texts(found) == [["left", "right"]]
    assert found[0][1] is right


def test_pieces_of_different_pictures_are_refused() -> None:
    other = Image.of(np.zeros((4, 4, 3), dtype=np.uint8))
    with pytest.raises(UnknownLineage):
        rows([_level("a", 0, 0, 1, 1), Region(other, (0, 0, 1, 1))])


def test_points_and_nothing_are_no_trouble() -> None:
    assert rows([]) == ()
    assert len(rows([_level("a", 0, 0, 0, 0), _level("b", 5, 0, 0, 0), _level("c", 0, 3, 0, 0)])) == 2
