"""Near and far in words and colours, on maps whose depth is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lavr.tools.depthmap import DepthMap
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.transforms import scaled


def ramp() -> NDArray[np.float32]:
    """Grows from left to right, 1 to 10."""
    return np.tile(np.linspace(1, 10, 300, dtype=np.float32), (200, 1))


def picture() -> Image:
    return Image.of(np.zeros((200, 300, 3), dtype=np.uint8))


def test_relative_values_grow_and_metres_shrink_as_things_come_nearer() -> None:
    relative = DepthMap.of(picture(), ramp(), metric=False)
    metric = DepthMap.of(picture(), ramp(), metric=True)
    assert relative.nearness[100, 290] > 0.95 > 0.05 > relative.nearness[100, 10]
    assert metric.nearness[100, 290] < 0.05 < 0.6 < metric.nearness[100, 10]
    assert relative.metres is None
    assert metric.metres is not None
    assert metric.metres[0, 0] == 1


def test_the_nearer_the_brighter_in_even_steps() -> None:
    shown = DepthMap.of(picture(), ramp(), metric=False).shown()
    lab = cv2.cvtColor(shown.pixels().astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lightness = lab[100, :, 0]
    assert lightness[0] < 3
    assert lightness[-1] > 95
    assert np.diff(lightness).min() >= 0
    assert np.diff(lightness).max() < 2
    assert shown.size_wh == (300, 200)


def test_a_few_wild_values_do_not_darken_everything_else() -> None:
    values = ramp()
    values[0, 0] = 1e6
    assert DepthMap.of(picture(), values, metric=False).nearness[100, 250] > 0.7


@pytest.mark.parametrize("metric", [False, True])
def test_a_flat_map_is_flat(metric: bool) -> None:
    values = np.full((200, 300), 4.0, dtype=np.float32)
    values[::2] += 1e-5
    flat = DepthMap.of(picture(), values, metric=metric)
    assert flat.is_flat
    assert not DepthMap.of(picture(), ramp(), metric=metric).is_flat


def test_a_region_is_as_near_as_the_middle_of_its_mask_or_outline_or_box() -> None:
    image = picture()
    seen = DepthMap.of(image, ramp(), metric=True)
    assert seen.metres is not None
    column = seen.metres[0]
    disc = np.zeros((200, 300), dtype=bool)
    disc[50:60, 70:91] = True
    triangle = Region.of_polygon(image, [(10, 10), (110, 10), (10, 110)])
    places = (Region.of_mask(image, Mask.of(disc)), triangle, Region(image, (10.5, 10.5, 20, 20)))
    metres = [depth.metres for place in places if (depth := seen.of_region(place)) is not None]
    # Half of such a triangle lies within 100 (1 - sqrt(1/2)) = 29.3 pixels of its long side.
    assert metres == [column[80], pytest.approx(column[39], abs=0.05), pytest.approx((column[14] + column[15]) / 2)]
    assert seen.of_region(Region(image, (400, 10, 420, 20))) is None


def test_a_region_smaller_than_a_pixel_of_the_map_is_as_near_as_that_pixel() -> None:
    whole = Image.of(np.zeros((2000, 3000, 3), dtype=np.uint8))
    seen = DepthMap.of(scaled(whole, 0.1), ramp(), metric=True)
    dot = np.zeros((2000, 3000), dtype=bool)
    dot[1003, 1502] = True
    depth = seen.of_region(Region.of_mask(whole, Mask.of(dot)))
    assert depth is not None
    assert seen.metres is not None
    assert depth.metres == seen.metres[100, 150]
