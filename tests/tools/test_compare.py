"""Same, changed or something else: pictures whose differences are known."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from lavr.tests.tools.drawn import encloses, page, shapes
from lavr.tools.compare import compare
from lavr.vision.frame import Xyxy
from lavr.vision.image import Image
from lavr.vision.transforms import resize

LETTER = page((420, 320), [(30, 30, "Dear guests,", 26), (30, 90, "the pool opens at nine", 22),
                           (30, 140, "and closes at eight.", 22), (30, 220, "The management", 22)]).image  # fmt: skip
PLACE: Xyxy = (300, 200, 340, 230)


def with_stamp(image: Image, xyxy: Xyxy = PLACE) -> Image:
    pixels = image.pixels().copy()
    left, top, right, bottom = (int(edge) for edge in xyxy)
    pixels[top:bottom, left:right] = (200, 30, 30)
    return Image.of(pixels)


def verdict(a: Image, b: Image) -> str:
    data: Any = compare(a=a, b=b).data
    return str(data["verdict"])


def jpeg(image: Image, quality: int) -> Image:
    done, encoded = cv2.imencode(".jpg", image.pixels()[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert done
    assert decoded is not None
    return Image.of(np.ascontiguousarray(decoded[:, :, ::-1], dtype=np.uint8))


def moved(image: Image, x: int, y: int) -> Image:
    return Image.of(np.roll(image.pixels(), (y, x), axis=(0, 1)))


def test_a_picture_is_identical_to_itself() -> None:
    assert verdict(LETTER, Image.of(LETTER.pixels().copy())) == "identical"


def test_a_change_is_found_where_it_is_on_both_pictures() -> None:
    changed = with_stamp(LETTER)
    seen = compare(a=LETTER, b=changed)
    on_a, on_b = seen.regions
    assert (on_a.image, on_b.image) == (LETTER, changed)
    for found in (on_a, on_b):
        assert encloses(found.xyxy, PLACE, slack=1)
        assert encloses(PLACE, found.xyxy, slack=4)
    assert isinstance(seen.data, dict)
    assert seen.data["changed_share"] == pytest.approx(40 * 30 / (420 * 320), rel=0.25)
    assert [shown.size_wh for shown in seen.images] == [LETTER.size_wh, LETTER.size_wh]


def test_two_changes_are_two_areas_the_larger_first() -> None:
    seen = compare(a=LETTER, b=with_stamp(with_stamp(LETTER), (20, 270, 40, 285)))
    assert len(seen.regions) == 4
    assert seen.regions[0].area > seen.regions[1].area
    assert seen.text.startswith("2 areas differ")


@pytest.mark.parametrize("quality", [90, 60])
def test_compression_is_no_difference(quality: int) -> None:
    assert verdict(LETTER, jpeg(LETTER, quality)) == "alike"


def test_noise_is_no_difference() -> None:
    noisy = LETTER.pixels() + np.random.default_rng(5).normal(0, 3, LETTER.pixels().shape)
    assert verdict(LETTER, Image.of(np.clip(noisy, 0, 255).astype(np.uint8))) == "alike"


def test_another_size_is_no_difference_but_is_said() -> None:
    small = Image.of(resize(LETTER, (210, 160)).pixels())
    seen = compare(a=LETTER, b=small)
    assert isinstance(seen.data, dict)
    assert seen.data["verdict"] == "alike"
    assert "420 x 320 and 210 x 160" in seen.text


def test_a_change_on_a_picture_of_another_size_is_told_in_the_pixels_of_each() -> None:
    seen = compare(a=LETTER, b=Image.of(resize(with_stamp(LETTER), (210, 160)).pixels()))
    on_a, on_b = seen.regions
    assert np.abs(np.array(on_a.xyxy) - PLACE).max() <= 4
    assert np.abs(2 * np.array(on_b.xyxy) - PLACE).max() <= 4


def test_a_small_shift_is_taken_back_and_the_change_still_found() -> None:
    seen = compare(a=LETTER, b=moved(with_stamp(LETTER), 5, -3))
    on_a, on_b = seen.regions
    assert np.abs(np.array(on_a.xyxy) - PLACE).max() <= 4
    assert np.abs(np.array(on_b.xyxy) - np.array(PLACE) - (5, -3, 5, -3)).max() <= 4
    assert "moved" in seen.text


def test_a_picture_of_something_else_is_said_to_be_that() -> None:
    other = page((420, 320), [(60, 60, "No parking", 40), (50, 190, "at any time", 34)]).image
    seen = compare(a=LETTER, b=other)
    assert isinstance(seen.data, dict)
    assert seen.data["verdict"] == "unrelated"
    assert seen.text.startswith("The pictures do not show the same thing")
    assert seen.regions == ()


def test_a_new_thing_on_a_plain_wall_is_a_change() -> None:
    wall = shapes((200, 200), "beige")
    assert verdict(wall, with_stamp(wall, (50, 50, 90, 90))) == "changed"
    assert verdict(with_stamp(wall, (50, 50, 90, 90)), wall) == "changed"


@pytest.mark.parametrize("size_wh", [(1, 1), (5, 300)])
def test_tiny_pictures_can_be_compared(size_wh: tuple[int, int]) -> None:
    assert verdict(shapes(size_wh, "white"), shapes(size_wh, "white")) == "identical"
    assert verdict(shapes((40, 40), "white"), shapes((40, 40), "blue")) == "changed"
