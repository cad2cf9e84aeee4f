"""Inpainting: planted things go, the ground comes back as far as it can be guessed, the rest stays."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lavr.errors import ToolFailed
from lavr.tests.tools.drawn import page
from lavr.tools.inpaint import BAND, MARGIN, inpaint
from lavr.vision.coverage import covered
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.store import Pixels


def slope(width: int = 400, height: int = 300) -> Pixels:
    """A ground whose colour changes slowly from corner to corner."""
    rows, columns = np.mgrid[:height, :width]
    colors = (60 + 120 * columns / width, 90 + 100 * rows / height, 180 - 80 * columns / width)
    return np.dstack(colors).astype(np.uint8)


def test_a_planted_thing_is_replaced_by_the_ground_around_it() -> None:
    ground = slope()
    planted = ground.copy()
    planted[120:160, 180:240] = (255, 255, 0)
    image = Image.of(planted)
    seen = inpaint(image=image, regions=[Region(image, (180, 120, 240, 160))])
    off = np.abs(seen.images[0].pixels().astype(int) - ground)
    assert off.max() <= 12
    assert off[120:160, 180:240].mean() < 4
    assert "is a guess" in seen.text


def test_nothing_of_what_is_removed_is_used() -> None:
    images = []
    for color in ((0, 0, 0), (255, 0, 255)):
        pixels = slope()
        pixels[100:140, 100:300] = color
        images.append(Image.of(pixels))
    first, second = (inpaint(image=image, box=(100, 100, 300, 140)).images[0] for image in images)
    assert np.array_equal(first.pixels(), second.pixels())


def test_two_things_side_by_side_do_not_smear_into_one_another() -> None:
    ground = slope()
    planted = ground.copy()
    planted[100:130, 100:140] = (255, 0, 0)
    planted[100:130, 150:190] = (0, 0, 0)
    image = Image.of(planted)
    both = [Region(image, (100, 100, 140, 130)), Region(image, (150, 100, 190, 130))]
    seen = inpaint(image=image, regions=both).images[0]
    assert np.abs(seen.pixels().astype(int) - ground).max() <= 12


@pytest.mark.parametrize("order", [1, -1])
def test_a_thing_within_a_thing_is_painted_from_around_both(order: int) -> None:
    ground = slope()
    planted = ground.copy()
    planted[80:200, 80:240] = (255, 0, 0)
    image = Image.of(planted)
    nested = [Region(image, (80, 80, 240, 200)), Region(image, (130, 120, 160, 140))][::order]
    seen = inpaint(image=image, regions=nested).images[0]
    assert np.abs(seen.pixels().astype(int) - ground).max() <= 40


def test_the_rest_of_the_picture_stays() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    disk = np.hypot(*np.mgrid[-60:60, -80:80]) <= 20
    image = Image.of(noise)
    thing = Region.of_mask(image, Mask.of(disk))
    seen = inpaint(image=image, regions=[thing]).images[0]
    changed = (seen.pixels() != noise).any(axis=2)
    hole = covered(image, [thing], margin=MARGIN)
    assert not (changed & ~hole).any()
    assert changed[disk].mean() > 0.98
    assert seen.lineage == image.lineage
    assert thing.on(seen).on(image).xyxy == thing.xyxy


def test_writing_goes_with_its_soft_edges() -> None:
    sheet = page((300, 100), [(40, 30, "Draft", 36)], ground="#dde6ee")
    seen = inpaint(image=sheet.image, box=sheet.boxes["Draft"]).images[0]
    assert np.abs(seen.pixels().astype(int) - (0xDD, 0xE6, 0xEE)).max() <= 5


@pytest.mark.clock
def test_a_large_hole_is_painted_in_time() -> None:
    large = Image.of(slope(2400, 1800))
    began = time.process_time()
    seen = inpaint(image=large, box=(300, 300, 2100, 1500)).images[0]
    assert time.process_time() - began < 6  # painted at its own size it takes 10 s, on an idle machine
    assert np.abs(seen.pixels().astype(int) - slope(2400, 1800)).mean() < 10


def test_a_hole_at_the_corner_is_painted_from_its_two_sides() -> None:
    ground = slope()
    image = Image.of(np.where(np.add(*np.mgrid[:300, :400])[:, :, None] < BAND, 0, ground).astype(np.uint8))
    seen = inpaint(image=image, box=(0, 0, 30, 30)).images[0]
    assert np.abs(seen.pixels().astype(int) - ground).max() <= 25


def test_a_picture_of_which_nothing_is_left_is_refused() -> None:
    image = Image.of(slope(40, 30))
    with pytest.raises(ToolFailed, match="left to paint with"):
        inpaint(image=image, box=(1, 1, 39, 29))
