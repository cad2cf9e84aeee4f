"""Cut-outs: along the mask, the outline or the box, on white ground, and back to where they were."""

from __future__ import annotations

import numpy as np
import pytest

from lavr.errors import InvalidArguments, InvalidRegion
from lavr.tests.tools.drawn import shapes
from lavr.tools.cutout import GROUND, cutout
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.transforms import rotate

SCENE = shapes((300, 200), "green", ("ellipse", (100, 50, 179, 129), "red"))
RED = (SCENE.pixels()[:, :, 0] > 200) & (SCENE.pixels()[:, :, 1] < 50)
THING = Region.of_mask(SCENE, Mask.of(RED), label="red circle", score=0.9)


def test_a_mask_is_cut_out_on_white_ground_and_nothing_of_the_picture_is_left_around_it() -> None:
    seen = cutout(image=SCENE, region=THING)
    cut = seen.images[0]
    inside = RED[50:130, 100:180]
    assert cut.size_wh == (80, 80)
    assert np.array_equal(cut.pixels()[inside], SCENE.pixels()[RED])
    assert (cut.pixels()[~inside] == 255).all()
    assert seen.text == "80 x 80 pixels of the picture from (100, 50), along its outline, on white ground."


def test_the_mask_comes_along_and_maps_to_where_the_thing_was() -> None:
    (thing,) = cutout(image=SCENE, region=THING).regions
    assert (thing.label, thing.score, thing.attributes) == ("red circle", 0.9, {GROUND: "white"})
    there = thing.on(SCENE)
    assert there.mask is not None
    assert np.array_equal(there.mask.array(), RED)
    assert there.xyxy == (100, 50, 180, 130)


def test_a_box_larger_than_its_mask_is_cut_to_the_mask() -> None:
    loose = Region(SCENE, (60, 20, 250, 190), mask=Mask.of(RED))
    assert cutout(image=SCENE, region=loose).images[0].size_wh == (80, 80)


def test_an_outline_is_followed_where_there_is_no_mask() -> None:
    triangle = Region.of_polygon(SCENE, [(100, 50), (180, 50), (100, 130)])
    cut = cutout(image=SCENE, region=triangle).images[0]
    assert (cut.pixels()[-3:, -3:] == 255).all()
    assert np.array_equal(cut.pixels()[2, 2], SCENE.pixels()[52, 102])


@pytest.mark.parametrize(
    "given", [{"region": Region(SCENE, (100, 50, 180, 130))}, {"box": (100.0, 50.0, 180.0, 130.0)}]
)
def test_a_box_is_cut_out_as_the_rectangle_that_it_is(given: dict[str, object]) -> None:
    seen = cutout(image=SCENE, **given)
    assert np.array_equal(seen.images[0].pixels(), SCENE.pixels()[50:130, 100:180])
    assert seen.regions == ()
    assert seen.text.endswith("a rectangle.")


def test_a_thing_found_on_a_turned_picture_is_cut_out_of_that_or_of_the_original() -> None:
    turned = rotate(SCENE, 25)
    for image in (turned, SCENE):
        cut = cutout(image=image, region=THING.on(turned)).images[0]
        red = (cut.pixels()[:, :, 0] > 150).mean()
        assert red > 0.95
        assert max(cut.size_wh) <= 84


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, InvalidArguments),
        ({"region": THING, "box": (0.0, 0.0, 9.0, 9.0)}, InvalidArguments),
        ({"region": Region.of_polygon(SCENE, [(1, 1), (1.2, 1), (1, 1.2)])}, InvalidArguments),
        ({"region": Region(SCENE, (400, 400, 410, 410))}, InvalidRegion),
    ],
    ids=["nothing", "both", "too small", "outside"],
)
def test_what_cannot_be_cut_out_is_refused_with_a_remedy(given: dict[str, object], kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        cutout(image=SCENE, **given)
    assert getattr(caught.value, "remedy", "")
