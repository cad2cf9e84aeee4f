"""Run-length encoded masks."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from lavr.errors import InvalidRegion
from lavr.jsonable import Json
from lavr.vision import polygons
from lavr.vision.frame import Frame
from lavr.vision.mask import Mask, without_specks

sheets = arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))


@settings(max_examples=300, deadline=None)
@given(sheets)
def test_a_mask_keeps_every_pixel(sheet: NDArray[np.bool_]) -> None:
    mask = Mask.of(sheet)
    assert np.array_equal(mask.array(), sheet)
    assert mask.area == np.count_nonzero(sheet)
    assert Mask.from_json(mask.to_json()) == mask


@settings(max_examples=300, deadline=None)
@given(sheets, st.integers(0, 8), st.integers(0, 8))
def test_a_mask_knows_its_pixels_and_their_bounds(sheet: NDArray[np.bool_], x: int, y: int) -> None:
    mask = Mask.of(sheet)
    inside = y < sheet.shape[0] and x < sheet.shape[1] and bool(sheet[y, x])
    assert mask.contains((x + 0.5, y + 0.5)) is inside
    rows, columns = np.nonzero(sheet)
    bounds = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if rows.size else None
    assert mask.xyxy == bounds


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.floats(-2, 8), st.floats(-2, 7)), min_size=3, max_size=6))
def test_an_outline_is_filled_where_pixel_centres_lie_in_it(outline: list[tuple[float, float]]) -> None:
    filled = Mask.of_polygon(outline, (6, 5)).array()
    points = polygons.as_polygon(outline)
    for y, x in np.ndindex(5, 6):
        assert filled[y, x] == polygons.contains(points, (x + 0.5, y + 0.5))


def test_equal_masks_are_equal_and_hash_alike() -> None:
    sheet = np.eye(5, dtype=bool)
    assert Mask.of(sheet) == Mask.of(sheet.copy())
    assert len({Mask.of(sheet), Mask.of(sheet.copy())}) == 1


def test_a_mask_moves_by_whole_pixels_without_loss() -> None:
    sheet = np.zeros((6, 8), dtype=bool)
    sheet[2:4, 1:5] = True
    moved = Mask.of(sheet).mapped(Frame.shift(2, 1), (10, 9))
    assert moved.xyxy == (3.0, 3.0, 7.0, 5.0)
    assert moved.area == 8


def test_a_turned_mask_is_bounded_by_its_corners() -> None:
    triangle = Mask.of_polygon([(0, 0), (10, 0), (0, 10)], (10, 10))
    assert len(triangle.corners()) == 4 * 9  # the last column holds no pixel centre
    assert not any(x > 6 and y > 6 for x, y in triangle.corners())


def test_an_empty_mask_has_no_box() -> None:
    assert Mask.of(np.zeros((3, 3), dtype=bool)).xyxy is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"size": [2, 2], "counts": "04"},
        {"size": [2], "counts": [4]},
        {"size": [2, 2], "counts": [3]},
        {"size": [2, 2], "counts": [5, -1]},
        {"size": [2, 2], "counts": [0.5, 3.5]},
    ],
)
def test_what_is_no_mask_is_refused(data: Json) -> None:
    with pytest.raises(InvalidRegion):
        Mask.from_json(data)


@pytest.mark.parametrize("outline", [[], [(0, 0), (1, 1)], [(0, 0), (1, 1), (2, float("nan"))], [1, 2, 3]])
def test_what_is_no_outline_is_refused(outline: list[object]) -> None:
    with pytest.raises(InvalidRegion, match="outline"):
        Mask.of_polygon(np.array(outline, dtype=float), (5, 5))


def largest(sheet: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pieces (connected over corners too) that share the largest area, with their holes filled."""
    _, labels = cv2.connectedComponents(sheet.astype(np.uint8), connectivity=8)
    pieces = [_filled(labels == label) for label in range(1, labels.max() + 1)]
    most = max(np.count_nonzero(piece) for piece in pieces)
    return np.asarray(np.logical_or.reduce([piece for piece in pieces if np.count_nonzero(piece) == most]))


def _filled(piece: NDArray[np.bool_]) -> NDArray[np.bool_]:
    outside = np.pad(~piece, 1, constant_values=True).astype(np.uint8)
    cv2.floodFill(outside, None, (0, 0), 2)
    return np.asarray(outside[1:-1, 1:-1] != 2)


THREE_AGAINST_TWO = np.array([[1, 0, 1], [0, 1, 0], [0, 0, 0], [1, 1, 0]], dtype=bool)


@settings(max_examples=300, deadline=None)
@given(sheets)
@example(THREE_AGAINST_TWO)
def test_the_exact_outline_of_a_mask_holds_its_largest_piece_and_nothing_else(sheet: NDArray[np.bool_]) -> None:
    outline = Mask.of(sheet).outline(tolerance=0)
    if outline is None:
        assert not sheet.any()
        return
    filled = polygons.fill(outline, (sheet.shape[1], sheet.shape[0]))
    assert np.count_nonzero(filled)
    assert not (filled & ~largest(sheet)).any()


def test_the_outline_of_a_shape_is_short_and_true_to_it() -> None:
    y, x = np.mgrid[:200, :300] + 0.5
    for sheet in ((x - 150) ** 2 + (y - 90) ** 2 < 80**2, (x > 40) & (x < 261) & (y > 20) & (y < 170)):
        outline = Mask.of(sheet).outline()
        assert outline is not None
        assert len(outline) < 60
        filled = polygons.fill(outline, (300, 200))
        assert (filled & sheet).sum() / (filled | sheet).sum() > 0.985


@pytest.mark.parametrize("sheet", [np.ones((1, 1), bool), np.ones((1, 5), bool), np.eye(4, dtype=bool)])
def test_thin_masks_have_outlines_too(sheet: NDArray[np.bool_]) -> None:
    mask = Mask.of(sheet)
    for tolerance in (0.0, 1.0, 5.0):
        outline = mask.outline(tolerance=tolerance)
        assert outline is not None
        assert polygons.area(outline) > 0


def test_specks_go_and_of_the_inverse_small_holes_are_filled() -> None:
    sheet = np.zeros((20, 20), dtype=bool)
    sheet[2:12, 2:12] = True
    sheet[15, 15] = True
    sheet[5, 5] = False
    cleaned = ~without_specks(~without_specks(sheet, 4), 4)
    whole = np.zeros((20, 20), dtype=bool)
    whole[2:12, 2:12] = True
    assert np.array_equal(cleaned, whole)
    assert not without_specks(sheet, 1000).any()
