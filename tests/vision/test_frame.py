"""Frames: affine maps between pictures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lavr.errors import UsageError
from lavr.vision.frame import IDENTITY, Frame, bounds_of, corners_of

numbers = st.floats(-100, 100)
frames = st.builds(Frame, *[numbers] * 6).filter(lambda frame: abs(frame.a * frame.e - frame.b * frame.d) > 1e-2)
points = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4).map(np.array)


@settings(max_examples=300, deadline=None)
@given(frames, points)
def test_the_inverse_leads_back(frame: Frame, where: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    there = frame.points(where)
    assert np.allclose(frame.inverse().points(there), where, rtol=1e-6, atol=1e-4)


@settings(max_examples=300, deadline=None)
@given(frames, frames, points)
def test_one_map_after_the_other_is_their_composition(
    inner: Frame, outer: Frame, where: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> None:
    assert np.allclose(inner.then(outer).points(where), outer.points(inner.points(where)), rtol=1e-9, atol=1e-6)


def test_a_shift_and_a_scale_do_what_their_names_say() -> None:
    assert Frame.shift(3, 4).box((0, 0, 2, 2)) == (3, 4, 5, 6)
    assert Frame.scale(2, 3).box((1, 1, 2, 2)) == (2, 3, 4, 6)


@pytest.mark.parametrize(
    ("frame", "upright"),
    [
        (IDENTITY, True),
        (Frame.shift(1, 2).then(Frame.scale(3, 4)), True),
        (Frame(a=0, b=1, d=-1, e=0), True),
        (Frame(a=0.9, b=0.1, d=-0.1, e=0.9), False),
        (Frame(b=0.5), False),
    ],
)
def test_a_frame_knows_whether_boxes_stay_upright(frame: Frame, upright: bool) -> None:
    assert frame.keeps_upright is upright


def test_a_turned_box_is_bounded_by_its_corners() -> None:
    half = math.sqrt(0.5)
    left, top, right, bottom = Frame(a=half, b=half, d=-half, e=half).box((0, 0, 2, 2))
    assert (left, top, right, bottom) == pytest.approx((0, -2 * half, 4 * half, 2 * half))


def test_opencv_counts_from_pixel_centres() -> None:
    assert np.allclose(Frame.scale(2, 2).warp_matrix(), [[2, 0, 0.5], [0, 2, 0.5]])


def test_json_keeps_a_frame() -> None:
    frame = Frame(1, 2, 3, 4, 5, 6)
    assert Frame.from_json(frame.to_json()) == frame


@pytest.mark.parametrize("values", [None, [1, 2], "abcdef", [1, 2, 3, 4, 5, "6"], [1, 2, 3, 4, 5, math.nan]])
def test_what_is_no_frame_is_refused(values: object) -> None:
    with pytest.raises(UsageError, match="six"):
        Frame.from_json(values)


def test_a_frame_that_folds_the_plane_has_no_inverse() -> None:
    with pytest.raises(UsageError, match="inverted"):
        Frame(a=1, b=1, d=1, e=1).inverse()


def test_bounds_of_corners_are_the_box() -> None:
    assert bounds_of(corners_of((1, 2, 3, 4))) == (1, 2, 3, 4)
