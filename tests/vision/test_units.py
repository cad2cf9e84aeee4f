"""The planner's unit and pixels."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lavr.vision.frame import SizeWh, Xyxy
from lavr.vision.units import CoordinateUnit

sides = st.integers(1, 20_000)
sizes = st.tuples(sides, sides)
coordinates = st.floats(-100, 20_000)
boxes = st.tuples(coordinates, coordinates, coordinates, coordinates)


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(CoordinateUnit), boxes, sizes, sizes)
def test_a_box_comes_back_from_every_unit(unit: CoordinateUnit, box: Xyxy, shown: SizeWh, size: SizeWh) -> None:
    told = unit.from_pixels(box, shown_wh=shown, image_wh=size)
    assert unit.to_pixels(told, shown_wh=shown, image_wh=size) == pytest.approx(box, abs=1e-6)


@pytest.mark.parametrize(
    ("unit", "whole"),
    [
        (CoordinateUnit.PIXELS, (0, 0, 500, 250)),
        (CoordinateUnit.PER_MILLE, (0, 0, 1000, 1000)),
        (CoordinateUnit.UNIT, (0, 0, 1, 1)),
    ],
)
def test_the_whole_picture_is_the_whole_range(unit: CoordinateUnit, whole: Xyxy) -> None:
    told = unit.from_pixels((0, 0, 2000, 1000), shown_wh=(500, 250), image_wh=(2000, 1000))
    assert told == whole
    assert unit.to_pixels(whole, shown_wh=(500, 250), image_wh=(2000, 1000)) == (0, 0, 2000, 1000)
