"""Frames: affine maps between pictures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lavr.errors import InvalidRegion, UsageError
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


SIZE = (300, 200)
QUAD = np.array([[50.0, 40.0], [380.0, 80.0], [350.0, 300.0], [30.0, 260.0]])
corners = st.lists(st.floats(-25, 25), min_size=8, max_size=8).map(lambda shifts: QUAD + np.reshape(shifts, (4, 2)))
inside = st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200)), min_size=1, max_size=4).map(np.array)


@settings(max_examples=200, deadline=None)
@given(corners, inside)
def test_a_perspective_puts_the_corners_where_they_lie_and_leads_back(
    quad: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    where: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    frame = Frame.perspective(SIZE, quad)
    assert np.allclose(frame.points(corners_of((0, 0, *SIZE))), quad)
    assert np.allclose(frame.inverse().points(frame.points(where)), where, atol=1e-6)


@settings(max_examples=100, deadline=None)
@given(corners, corners, inside)
def test_perspectives_one_after_the_other_are_their_composition(
    first: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    second: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    where: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    inner, outer = Frame.perspective(SIZE, first / 2), Frame.perspective(SIZE, second)
    assert np.allclose(inner.then(outer).points(where), outer.points(inner.points(where)), atol=1e-6)


def test_a_perspective_and_its_inverse_are_no_perspective() -> None:
    frame = Frame.perspective(SIZE, QUAD)
    assert not frame.is_affine
    assert not frame.keeps_upright
    assert Frame.shift(7, 9).then(frame).then(frame.inverse()).is_affine


def test_a_parallelogram_needs_no_perspective() -> None:
    assert Frame.perspective((10, 10), corners_of((5, 5, 25, 35))).is_affine


def test_json_keeps_a_perspective() -> None:
    frame = Frame.perspective(SIZE, QUAD)
    assert len(frame.to_json()) == 9
    assert Frame.from_json(frame.to_json()) == frame


def test_what_lies_beyond_the_horizon_is_refused() -> None:
    steep = Frame.perspective((100, 100), np.array([[40.0, 50.0], [60.0, 50.0], [100.0, 100.0], [0.0, 100.0]]))
    with pytest.raises(InvalidRegion, match="beyond the horizon"):
        steep.inverse().points(np.array([[50.0, 10.0]]))
    with pytest.raises(InvalidRegion, match="beyond the horizon"):
        steep.inverse().box((40.0, 10.0, 60.0, 90.0))


@pytest.mark.parametrize(
    "wrong",
    [
        QUAD[::-1],
        QUAD[[0, 2, 1, 3]],
        np.array([[0.0, 0.0], [10.0, 0.0], [2.0, 2.0], [0.0, 10.0]]),
        np.array([[0.0, 0.0], [5.0, 0.0], [10.0, 0.0], [0.0, 10.0]]),
        np.full((4, 2), np.nan),
    ],
    ids=["the other way round", "crossing itself", "pointing inwards", "three sides", "not finite"],
)
def test_corners_that_are_no_outline_are_refused(wrong: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    with pytest.raises(InvalidRegion, match="no outline of four sides"):
        Frame.perspective(SIZE, wrong)
