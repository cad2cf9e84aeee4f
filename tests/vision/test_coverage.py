"""Which pixels belong to a region."""

from __future__ import annotations

import numpy as np
import pytest

from lavr.vision.coverage import covered, patch
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.transforms import resize, rotate

IMAGE = Image.of(np.full((60, 80, 3), 200, np.uint8))


def disk() -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    rows, columns = np.mgrid[:60, :80]
    return np.asarray((rows - 30) ** 2 + (columns - 40) ** 2 <= 15**2)


def test_a_box_covers_every_pixel_that_it_touches() -> None:
    inside = covered(IMAGE, [Region(IMAGE, (10.4, 20.9, 30.1, 40.0))])
    assert inside[20:40, 10:31].all()
    assert inside.sum() == 20 * 21


def test_an_outline_counts_before_the_box_and_a_mask_before_the_outline() -> None:
    triangle = ((10.0, 10.0), (30.0, 10.0), (10.0, 30.0))
    outlined = Region.of_polygon(IMAGE, triangle)
    assert not covered(IMAGE, [outlined])[29, 29]
    masked = Region(IMAGE, (0, 0, 80, 60), polygon=triangle, mask=Mask.of(disk()))
    assert np.array_equal(covered(IMAGE, [masked]), disk())


def test_a_margin_grows_every_kind_by_so_many_pixels() -> None:
    boxed = covered(IMAGE, [Region(IMAGE, (10, 10, 20, 20))], margin=3)
    assert boxed[7:23, 7:23].all()
    assert boxed.sum() == 16**2
    masked = covered(IMAGE, [Region.of_mask(IMAGE, Mask.of(disk()))], margin=3)
    assert masked[30, 40 - 18]
    assert not masked[30, 40 - 19]
    assert (masked & disk()).sum() == disk().sum()


def test_a_window_ends_with_the_picture() -> None:
    (rows, columns), inside = patch(Region(IMAGE, (70, 50, 80, 60)), margin=5)
    assert (rows, columns) == (slice(45, 60), slice(65, 80))
    assert inside.shape == (15, 15)


def test_a_mask_that_reaches_beyond_its_box_is_covered_whole() -> None:
    small_box = Region(IMAGE, (35, 25, 45, 35), mask=Mask.of(disk()))
    assert np.array_equal(covered(IMAGE, [small_box]), disk())


def test_a_mask_that_lost_its_pixels_leaves_the_box() -> None:
    speck = np.zeros((60, 80), bool)
    speck[31, 41] = True
    thumbnail = resize(IMAGE, (8, 6))
    found = Region.of_mask(IMAGE, Mask.of(speck)).on(thumbnail)
    assert found.mask is not None
    assert found.mask.area == 0
    assert covered(thumbnail, [found]).any()


def test_regions_of_a_turned_picture_are_covered_where_they_lie() -> None:
    turned = rotate(IMAGE, 30)
    found = Region.of_mask(IMAGE, Mask.of(disk())).on(turned)
    back = covered(IMAGE, [found])
    assert (back ^ disk()).sum() < 0.05 * disk().sum()


@pytest.mark.parametrize("box", [(100.0, 100.0, 110.0, 110.0), (40.0, 30.0, 40.0, 30.0)])
def test_what_is_outside_or_has_no_extent_covers_nothing(box: tuple[float, float, float, float]) -> None:
    assert not covered(IMAGE, [Region(IMAGE, box)]).any()
