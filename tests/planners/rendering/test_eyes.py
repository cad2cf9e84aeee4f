"""At which size a model sees a picture, what that costs, and where the pixels come from."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lavr.errors import LimitReached, UsageError
from lavr.planners.rehearsal import blank_image, gradient
from lavr.planners.rendering.eyes import OpenEyes, ShutEyes, TiledEyes, bounded, square_patches
from lavr.planners.rendering.tiles import best_grid, tile_boxes
from lavr.planners.rendering.turns import Eyes
from lavr.vision.frame import SizeWh
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.units import CoordinateUnit

SIDES = st.integers(1, 6000)


def picture(size_wh: SizeWh) -> Image:
    """A picture of a size whose pixels are never asked for."""
    return Image("0" * 64, size_wh, "root", handle="img_1")


@given(SIDES, SIDES, st.sampled_from([1, 14, 28, 32]), st.sampled_from([None, 448, 1000]))
def test_no_bound_is_exceeded_and_sides_are_multiples(width: int, height: int, unit: int, side: int | None) -> None:
    eyes = OpenEyes(max_pixels=500_000, max_side=side, multiple_of=unit, tokens=square_patches(28))
    shown = eyes.shown_wh(picture((width, height)))
    assert all(each % unit == 0 and each >= 1 for each in shown)
    if min(shown) > unit:
        assert math.prod(shown) <= 500_000
        assert side is None or max(shown) <= side


@given(SIDES, SIDES)
def test_the_shape_is_kept_but_for_rounding(width: int, height: int) -> None:
    shown = OpenEyes(max_pixels=500_000).shown_wh(picture((width, height)))
    scale = min(1.0, math.sqrt(500_000 / (width * height)))
    assert abs(shown[0] - width * scale) <= 1.0
    assert abs(shown[1] - height * scale) <= 1.0


def test_a_small_picture_is_handed_over_as_it_is() -> None:
    image = gradient((200, 100))
    (view,) = OpenEyes().views(image)
    assert view.image is image
    assert (view.shown_wh, view.tokens) == ((200, 100), 8 * 4)


def test_a_large_picture_is_made_smaller_and_keeps_its_lineage() -> None:
    image = gradient((1200, 600))
    (view,) = OpenEyes(max_side=600, unit=CoordinateUnit.PIXELS).views(image)
    assert view.image.size_wh == view.shown_wh == (600, 300)
    assert Region(view.image, (0, 0, 300, 150)).on(image).xyxy == pytest.approx((0, 0, 600, 300))


def test_a_small_picture_is_enlarged_where_the_processor_does_so_and_a_strip_is_widened() -> None:
    assert OpenEyes(min_pixels=56 * 56, multiple_of=28).shown_wh(picture((10, 10))) == (56, 56)
    assert OpenEyes(max_aspect=200).shown_wh(picture((2000, 4))) == (2000, 10)


def test_the_size_that_is_stated_is_the_processor_s_own_when_it_resizes_itself() -> None:
    image = gradient((640, 480))
    eyes = OpenEyes(processor=lambda _: (336, 336), tokens=lambda _: 576)
    (view,) = eyes.views(image)
    assert view.image is image
    assert (view.shown_wh, view.tokens, eyes.shown_wh(image)) == ((336, 336), 576, (336, 336))


@given(SIDES, SIDES, st.integers(4, 3000))
def test_eyes_within_a_bound_spend_no_more_and_not_much_less(width: int, height: int, most: int) -> None:
    eyes = OpenEyes(max_pixels=None)
    image = picture((width, height))
    free, shown = eyes.shown_wh(image), eyes.within(most).shown_wh(image)
    assert eyes.tokens(shown) <= most
    if eyes.tokens(free) <= most:
        assert shown == free
    elif min(shown) > 280:
        assert eyes.tokens(shown) > 0.7 * most


def test_bounds_only_ever_get_tighter() -> None:
    assert OpenEyes().within(100).within(500).max_tokens == 100
    assert TiledEyes(max_tiles=2).within(576 * 9).max_tiles == 2


def test_a_picture_that_costs_too_much_at_any_size_is_refused_with_what_it_costs() -> None:
    eyes = OpenEyes(tokens=lambda _: 576).within(500)
    with pytest.raises(LimitReached, match="img_1 costs 576") as caught:
        eyes.shown_wh(picture((640, 480)))
    assert "576" in caught.value.remedy


def test_tiles_cover_the_picture_once_and_come_after_the_overview() -> None:
    image = gradient((1200, 640))
    overview, *tiles = TiledEyes(side=336, max_tiles=6).views(image)
    assert overview.shown_wh == (336, 336)
    boxes = [Region(tile.image, tile.image.box).on(image).xyxy for tile in tiles]
    assert len(boxes) in {4, 6}
    assert sum((right - left) * (bottom - top) for left, top, right, bottom in boxes) == pytest.approx(1200 * 640)
    assert {tile.image.size_wh for tile in tiles} == {(336, 336)}
    assert {tile.image.lineage for tile in tiles} == {image.lineage}


def test_a_picture_that_the_overview_shows_whole_is_not_cut() -> None:
    (view,) = TiledEyes(side=336).views(gradient((300, 200)))
    assert view.image.size_wh == (336, 336)
    assert len(TiledEyes(side=336).within(600).views(gradient((3000, 2000)))) == 1


def test_eyes_that_cannot_be_bounded_say_so() -> None:
    class Fixed:
        unit = CoordinateUnit.UNIT

        def shown_wh(self, image: Image) -> SizeWh:
            return image.size_wh

        def views(self, image: Image) -> tuple[()]:
            return ()

    fixed = Fixed()
    assert isinstance(fixed, Eyes)
    assert bounded(fixed, None) is fixed
    with pytest.raises(UsageError, match="within"):
        bounded(fixed, 100)
    with pytest.raises(UsageError, match="576"):
        bounded(TiledEyes(), 100)


def test_shut_eyes_see_nothing_and_need_no_bound() -> None:
    eyes = ShutEyes()
    assert bounded(eyes, 1) is eyes
    assert eyes.views(blank_image()) == ()
    assert eyes.shown_wh(picture((7, 5))) == (7, 5)


@given(SIDES, SIDES, st.integers(1, 12), st.sampled_from([224, 336, 448]))
def test_a_grid_has_no_more_tiles_than_allowed_and_none_is_empty(w: int, h: int, most: int, side: int) -> None:
    columns, rows = best_grid((w, h), side, most)
    assert columns * rows <= most
    boxes = list(tile_boxes((w, h), (columns, rows)))
    assert len(boxes) == columns * rows
    assert all(left < right and top < bottom for left, top, right, bottom in boxes)


@pytest.mark.parametrize(
    ("size", "grid"),
    [((336, 336), (1, 1)), ((1000, 1000), (2, 2)), ((2000, 500), (4, 1)), ((300, 900), (1, 3)), ((700, 350), (2, 1))],
)
def test_the_grid_fits_the_shape_of_the_picture(size: SizeWh, grid: tuple[int, int]) -> None:
    assert best_grid(size, 336, 4) == grid
