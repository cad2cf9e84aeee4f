"""Pixels and boxes go through every transform alike."""

from __future__ import annotations

import math

import numpy as np
import PIL.ImageOps
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lavr.errors import ImageTooLarge, InvalidRegion, UsageError
from lavr.vision.frame import Xyxy
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.orientation import exif_frame
from lavr.vision.region import Region
from lavr.vision.transforms import crop, fitted, flip, pad, rectify, resize, rotate, scaled

from .planting import STORE, farthest, found, planted, scenes

thousand = settings(max_examples=1000, deadline=None)
some = settings(max_examples=300, deadline=None)
fractions = st.floats(0, 1)
angles = st.floats(-360, 360)

TIP = 0.25
"""The tip of a turned corner covers this part of its last pixel, if not more."""


def _image(width: int = 40, height: int = 30) -> Image:
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.of(noise, name="noise.png", store=STORE)


def _around(region: Region, share: float) -> Xyxy:
    """A box between the region and the whole picture: 0 is the region, 1 the picture."""
    edges = zip(region.xyxy, region.image.box, strict=True)
    left, top, right, bottom = (own + share * (outer - own) for own, outer in edges)
    return (left, top, right, bottom)


@thousand
@given(scenes(), fractions)
def test_a_box_is_found_where_a_crop_puts_it(scene: tuple[Image, Region], share: float) -> None:
    image, region = scene
    part = crop(image, _around(region, share))
    assert farthest(found(part.pixels()), region.on(part).xyxy) < 1e-6


@thousand
@given(scenes(), st.integers(8, 130), st.integers(8, 130))
def test_a_box_is_found_where_a_resize_puts_it(scene: tuple[Image, Region], width: int, height: int) -> None:
    image, region = scene
    resized = resize(image, (max(width, image.size_wh[0] // 2), max(height, image.size_wh[1] // 2)))
    assert farthest(found(resized.pixels()), region.on(resized).xyxy) <= 1


@thousand
@given(scenes(), angles)
def test_a_box_is_found_where_a_rotation_puts_it(scene: tuple[Image, Region], degrees: float) -> None:
    image, region = scene
    turned = rotate(image, degrees)
    assert farthest(found(turned.pixels(), share=TIP), region.on(turned).xyxy) <= 1


@thousand
@given(scenes(), st.tuples(*[st.integers(0, 9)] * 4))
def test_a_box_is_found_where_padding_puts_it(scene: tuple[Image, Region], sides: tuple[int, int, int, int]) -> None:
    image, region = scene
    padded = pad(image, *sides)
    assert farthest(found(padded.pixels()), region.on(padded).xyxy) < 1e-6


@thousand
@given(scenes(), st.booleans())
def test_a_box_is_found_where_a_flip_puts_it(scene: tuple[Image, Region], vertical: bool) -> None:
    image, region = scene
    flipped = flip(image, vertical=vertical)
    assert farthest(found(flipped.pixels()), region.on(flipped).xyxy) < 1e-6


@thousand
@given(scenes(), st.integers(1, 8))
def test_a_box_on_the_upright_picture_maps_to_the_stored_file(scene: tuple[Image, Region], orientation: int) -> None:
    stored, region = scene
    file = stored.pil()
    file.getexif()[0x0112] = orientation
    upright = np.asarray(PIL.ImageOps.exif_transpose(file))
    frame = exif_frame(orientation, stored.size_wh)
    assert farthest(frame.box(found(upright)), region.xyxy) < 1e-6


steps = st.one_of(
    st.tuples(st.just("crop"), fractions, fractions),
    st.tuples(st.just("resize"), st.floats(0.5, 2), st.floats(0.5, 2)),
    st.tuples(st.just("rotate"), angles, fractions),
    st.tuples(st.just("pad"), fractions, fractions),
    st.tuples(st.just("flip"), fractions, fractions),
)


def _apply(image: Image, region: Region, step: tuple[str, float, float]) -> Image:
    kind, first, second = step
    width, height = image.size_wh
    if kind == "crop":
        return crop(image, region.on(image).xyxy, padding=8 * first)
    if kind == "resize":
        return resize(image, (math.ceil(width * first), math.ceil(height * second)))
    if kind == "rotate":
        return rotate(image, first)
    if kind == "pad":
        return pad(image, round(9 * first), round(9 * second), 3, 0)
    return flip(image, vertical=first > 0.5)


@thousand
@given(scenes(), st.lists(steps, min_size=2, max_size=5))
def test_a_chain_of_transforms_leads_back_to_the_root(
    scene: tuple[Image, Region], chain: list[tuple[str, float, float]]
) -> None:
    root, region = scene
    image = root
    for step in chain:
        image = _apply(image, region, step)
    there = region.on(image)
    assert np.abs(there.on(root).outline - region.outline).max() < 1e-6


@some
@given(scenes(), st.lists(steps, min_size=2, max_size=2), fractions)
def test_a_mask_goes_where_its_box_goes(
    scene: tuple[Image, Region], chain: list[tuple[str, float, float]], share: float
) -> None:
    root, region = scene
    masked = Region.of_mask(root, Mask.of_polygon(region.outline, root.size_wh))
    assert farthest(masked.xyxy, region.xyxy) < 1e-6
    image = root
    for step in chain:
        image = _apply(image, region, step)
    moved = masked.on(image)
    assert moved.mask is not None
    assert moved.mask.xyxy is not None
    assert farthest(moved.mask.xyxy, moved.clipped().xyxy) <= 1.5  # nearest neighbour: half a pixel more


@some
@given(scenes(), st.lists(steps.filter(lambda step: step[0] != "resize"), min_size=2, max_size=3))
def test_a_box_is_found_at_the_end_of_a_chain(
    scene: tuple[Image, Region], chain: list[tuple[str, float, float]]
) -> None:
    image, region = scene
    for step in chain:
        image = _apply(image, region, step)
    assert (
        farthest(found(image.pixels(), share=TIP), region.on(image).clipped().xyxy) <= 1.5
    )  # two turns blur the corners


@pytest.mark.parametrize("degrees", [0, 90, 180, 270, 360, -90, 450])
def test_quarter_turns_only_move_pixels(degrees: int) -> None:
    image = _image()
    assert np.array_equal(rotate(image, degrees).pixels(), np.rot90(image.pixels(), degrees // 90))


def test_turns_are_counter_clockwise() -> None:
    top_right = Image.of(planted((20, 20), (12, 0, 20, 8)), store=STORE)
    assert found(rotate(top_right, 90).pixels()) == (0, 0, 8, 8)
    left, top, _, _ = found(rotate(top_right, 45).pixels(), share=TIP)
    assert left == pytest.approx(28 / 2 - 8 * math.sqrt(0.5), abs=1)
    assert top == pytest.approx(0, abs=1)


def test_new_corners_are_white() -> None:
    assert rotate(_image(), 30).pixels()[0, 0].tolist() == [255, 255, 255]
    assert pad(_image(), 1, 0, 0, 0).pixels()[5, 0].tolist() == [255, 255, 255]


def test_a_border_takes_the_colour_it_is_given() -> None:
    padded = pad(_image(), 0, 2, 0, 0, color=(1, 2, 3))
    assert padded.pixels()[1, 7].tolist() == [1, 2, 3]


def test_shrinking_averages() -> None:
    checks = np.indices((40, 40)).sum(axis=0) % 2 * 255
    image = Image.of(np.repeat(checks[:, :, None], 3, axis=2).astype(np.uint8), store=STORE)
    assert np.ptp(scaled(image, 0.25).pixels().astype(int)) <= 1


def test_a_size_that_shrinks_one_side_and_grows_the_other_is_reached() -> None:
    assert resize(_image(40, 30), (10, 90)).pixels().shape == (90, 10, 3)


def test_a_crop_grows_outward_to_whole_pixels_and_stays_in_the_picture() -> None:
    part = crop(_image(40, 30), (-5, 2.5, 7.2, 99))
    assert part.size_wh == (8, 28)
    assert part.frame.box(part.box) == (0, 2, 8, 30)


def test_a_crop_does_not_grow_by_rounding_alone() -> None:
    assert crop(_image(40, 30), (3 + 1e-9, 3, 7 + 1e-9, 9)).size_wh == (4, 6)


def test_padding_around_a_crop_is_in_pixels() -> None:
    assert crop(_image(40, 30), (10, 10, 12, 12), padding=3).size_wh == (8, 8)


@pytest.mark.parametrize("box", [(50, 0, 60, 10), (5, 5, 5, 9), (9, 5, 3, 9), (0, 0, math.nan, 4), (-9, -9, -1, -1)])
def test_an_empty_crop_is_refused_with_the_bounds_to_keep(box: Xyxy) -> None:
    with pytest.raises(InvalidRegion) as refusal:
        crop(_image(40, 30), box)
    assert "right <= 40" in refusal.value.remedy
    assert "bottom <= 30" in refusal.value.remedy


def test_a_picture_knows_what_it_was_made_from() -> None:
    image = _image()
    part = crop(image, (0, 0, 5, 5))
    assert (part.name, part.lineage, part.parent) == ("crop of noise.png", image.lineage, image.handle)


def test_a_picture_that_fits_is_left_alone() -> None:
    image = _image(40, 30)
    assert fitted(image, 40) is image
    assert fitted(image, 20).size_wh == (20, 15)


@pytest.mark.parametrize("size", [(0, 5), (5, -1)])
def test_a_size_below_one_pixel_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UsageError):
        resize(_image(), size)


@pytest.mark.parametrize("factor", [0, -1, math.inf, math.nan])
def test_a_factor_that_is_none_is_refused(factor: float) -> None:
    with pytest.raises(UsageError, match="factor above 0"):
        scaled(_image(), factor)


def test_a_picture_is_not_blown_up_beyond_the_limit() -> None:
    with pytest.raises(ImageTooLarge):
        scaled(_image(), 1e9)


def test_a_factor_never_makes_a_side_vanish() -> None:
    assert scaled(_image(40, 30), 0.001).size_wh == (1, 1)


def test_an_angle_that_is_no_number_is_refused() -> None:
    with pytest.raises(UsageError):
        rotate(_image(), math.inf)


def test_a_negative_border_is_refused() -> None:
    with pytest.raises(UsageError, match="crop"):
        pad(_image(), -1, 0, 0, 0)


SHEET = np.array([[60.0, 50.0], [330.0, 80.0], [360.0, 290.0], [20.0, 250.0]])


def _desk() -> Image:
    """A picture whose pixels say where they are: red grows to the right, green downwards."""
    rows, columns = np.mgrid[:300, :400]
    return Image.of(np.dstack([columns * 255 / 400, rows * 255 / 300, np.zeros((300, 400))]).astype(np.uint8))


def test_a_rectified_sheet_shows_what_lay_where_its_frame_says() -> None:
    desk = _desk()
    sheet = rectify(desk, SHEET)
    where = np.array([[0.5, 0.5], [100.5, 30.5], [200.5, 150.5], [300.5, 200.5]])
    shown = np.array([sheet.pixels()[int(y), int(x), :2] for x, y in where], dtype=float)
    expected = (sheet.frame.points(where) - 0.5) * (255 / 400, 255 / 300)
    assert np.abs(shown - expected).max() < 1.5


def test_a_rectified_sheet_is_as_large_as_its_longer_sides() -> None:
    assert rectify(_desk(), SHEET).size_wh == (342, 212)


def test_places_go_from_a_rectified_sheet_to_the_photograph_and_back() -> None:
    desk = _desk()
    part = crop(rectify(desk, SHEET), (20, 30, 120, 130))
    mask = np.zeros((100, 100), bool)
    mask[20:60, 30:80] = True
    there = Region.of_mask(part, Mask.of(mask), label="line")
    on_desk = there.on(desk)
    assert on_desk.mask is not None
    assert on_desk.contains(tuple(part.frame.points(np.array([[55.0, 40.0]]))[0]))
    back = on_desk.on(part)
    assert back.mask is not None
    assert (back.mask.array() ^ mask).mean() < 0.02
    outlined = Region.of_polygon(part, [(30, 20), (80, 20), (80, 60), (30, 60)])
    assert np.allclose(outlined.on(desk).on(part).outline, outlined.outline)


def test_the_sky_is_not_on_a_rectified_floor() -> None:
    hall = _image(400, 300)
    floor = rectify(hall, np.array([[190.0, 150.0], [210.0, 150.0], [390.0, 290.0], [10.0, 290.0]]))
    sky = Region(hall, (100, 10, 300, 60))
    with pytest.raises(InvalidRegion, match="horizon"):
        sky.on(floor)
    assert sky.visible_on(floor) is None


def test_a_sheet_that_is_folded_over_cannot_be_rectified() -> None:
    with pytest.raises(InvalidRegion, match="no outline"):
        rectify(_desk(), SHEET[[0, 2, 1, 3]])
