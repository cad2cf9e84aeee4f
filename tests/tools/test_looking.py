"""The tools that show pictures: zoom, look and mark."""

from __future__ import annotations

import numpy as np
import pytest

from lavr.errors import InvalidArguments, InvalidRegion, UnknownLineage
from lavr.tests.tools.drawn import shapes
from lavr.tools.look import look
from lavr.tools.mark import mark
from lavr.tools.zoom import LONGEST, MAX_ENLARGED, zoom
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.transforms import resize

SCENE = shapes(
    (600, 400), "white", ("rectangle", (100, 100, 179, 139), "red"), ("ellipse", (400, 250, 480, 330), "blue")
)
RED = Region(SCENE, (100, 100, 180, 140), label="red rectangle", handle="r1")
BLUE = Region(SCENE, (400, 250, 480, 330), label="blue circle", handle="r2")


class TestZoom:
    def test_true_pixels_come_out_at_scale_one(self) -> None:
        shown = zoom(image=SCENE, box=(90, 95, 190, 145), scale=1.0, padding=0.0).images[0]
        assert np.array_equal(shown.pixels(), SCENE.pixels()[95:145, 90:190])

    def test_what_is_found_on_the_zoomed_picture_maps_back(self) -> None:
        shown = zoom(image=SCENE, region=RED).images[0]
        assert RED.on(shown).on(SCENE).xyxy == pytest.approx(RED.xyxy)
        assert shown.lineage == SCENE.lineage

    def test_a_small_place_is_enlarged_and_that_is_said(self) -> None:
        seen = zoom(image=SCENE, region=RED, padding=0.0)
        assert seen.images[0].size_wh == (640, 320)
        assert seen.text == "80 x 40 pixels of the picture from (100, 100), shown 8 times as large: 640 x 320."

    def test_the_place_is_told_in_pixels_of_the_picture_that_was_asked_about(self) -> None:
        halved = resize(SCENE, (300, 200))
        assert "from (50, 50)" in zoom(image=halved, region=RED, padding=0.0).text

    def test_a_large_place_is_shown_at_its_true_pixels(self) -> None:
        large = shapes((1500, 900), "white")
        assert zoom(image=large, box=(0, 0, 1400, 800), padding=0.0).images[0].size_wh == (1400, 800)

    @pytest.mark.parametrize("scale", [9.0, 1e9])
    def test_a_scale_without_use_is_limited_and_that_is_said(self, scale: float) -> None:
        seen = zoom(image=SCENE, region=BLUE, scale=scale)
        assert max(seen.images[0].size_wh) <= LONGEST
        assert f"at most {MAX_ENLARGED:g} times" in seen.text

    def test_padding_keeps_surroundings(self) -> None:
        assert zoom(image=SCENE, region=RED, scale=1.0, padding=0.5).images[0].size_wh == (160, 120)

    @pytest.mark.parametrize("wrong", [{}, {"box": (0, 0, 9, 9), "scale": -1.0}, {"box": (0, 0, 9, 9), "padding": 9.0},
                                       {"box": (0, 0, 9, 9), "region": RED}])  # fmt: skip
    def test_a_call_without_sense_is_refused_with_a_remedy(self, wrong: dict[str, object]) -> None:
        with pytest.raises(InvalidArguments) as caught:
            zoom(image=SCENE, **wrong)
        assert caught.value.remedy

    def test_a_box_outside_is_refused(self) -> None:
        with pytest.raises(InvalidRegion):
            zoom(image=SCENE, box=(700, 500, 800, 600))


def test_look_shows_the_picture_itself() -> None:
    seen = look(image=SCENE)
    assert seen.images == (SCENE,)
    assert "600 x 400" in seen.text


class TestMark:
    def test_marked_regions_are_named_and_drawn(self) -> None:
        seen = mark(image=SCENE, regions=[RED, BLUE])
        assert seen.text == "Marked r1, r2."
        assert seen.images[0].size_wh == SCENE.size_wh
        assert not np.array_equal(seen.images[0].pixels(), SCENE.pixels())
        assert seen.images[0].pixels()[120, 140].tolist() == [255, 0, 0]

    def test_regions_outside_are_named_as_left_out(self) -> None:
        outside = Region(SCENE, (900, 900, 950, 950), handle="r3")
        seen = mark(image=SCENE, regions=[RED, outside])
        assert seen.text.startswith("Marked r1. Left out")
        assert seen.data == {"marked": ["r1"], "left_out": ["r3"]}

    def test_nothing_to_mark_is_refused(self) -> None:
        with pytest.raises(InvalidArguments, match="nothing to mark"):
            mark(image=SCENE, regions=[])

    def test_regions_of_another_picture_are_refused(self) -> None:
        with pytest.raises(UnknownLineage):
            mark(image=Image.of(np.zeros((9, 9, 3), np.uint8)), regions=[RED])
