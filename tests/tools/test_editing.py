"""What all editing tools keep: the conformance suite, the lineage, and the picture that they were given."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from lavr.jsonable import Json
from lavr.tests.tools.photos import photographed
from lavr.tools.calls import ToolCall
from lavr.tools.enhance import enhance
from lavr.tools.highlight import highlight
from lavr.tools.registry import default_tools
from lavr.tools.rotate import rotate
from lavr.tools.runner import ToolRunner
from lavr.tools.testing import check_tool, sample_scene
from lavr.vision.frame import IDENTITY
from lavr.vision.image import Image
from lavr.vision.region import Region

BOX: Json = [120, 90, 400, 300]
FURTHER: dict[str, list[Mapping[str, Json]]] = {
    "highlight": [{"image": "img_1", "box": BOX}],
    "cutout": [{"image": "img_1", "box": BOX}],
    "redact": [{"image": "img_1", "box": BOX, "how": how} for how in ("blur", "pixelate")],
    "inpaint": [{"image": "img_1", "box": BOX}],
    "rotate": [{"image": "img_1", "degrees": 12.5}],
    "enhance": [{"image": "img_1", "how": "deskew"}],
}


@pytest.mark.parametrize("name", FURTHER)
def test_an_editing_tool_conforms(name: str) -> None:
    check_tool(default_tools().get(name), examples=FURTHER[name])


@pytest.mark.parametrize("name", FURTHER)
def test_places_on_the_edited_picture_are_places_on_the_original(name: str) -> None:
    scene = sample_scene()
    given = scene.image("img_1")
    before = given.pixels().copy()
    runner = ToolRunner(default_tools())
    for arguments in (default_tools().get(name).spec.card.example, *FURTHER[name]):
        found = runner.run(ToolCall("c1", name, arguments), scene).observation
        assert found is not None
        (edited,) = found.images
        assert edited.lineage == given.lineage
        assert edited == given or edited.parent == "img_1"
        width, height = edited.size_wh
        place = Region.of_polygon(edited, [(1, 1), (width / 2, 2), (width - 1, height - 1)])
        assert np.allclose(place.on(given).on(edited).outline, place.outline)
        assert given.box[0] - 1 <= place.on(given).center[0] <= given.box[2] + 1
    assert np.array_equal(given.pixels(), before)


def test_a_photograph_keeps_its_places_through_a_chain_of_edits() -> None:
    photo = Image.of(photographed("blue", 4)[0])
    sheet = enhance(image=photo, how="document").images[0]
    turned = rotate(image=sheet, degrees=90).images[0]
    clear = enhance(image=turned, how="contrast").images[0]
    place = Region.of_polygon(clear, [(50, 60), (90, 60), (90, 100), (50, 100)])
    assert np.allclose(place.on(photo).on(clear).outline, place.outline)
    lit = highlight(image=photo, regions=[place]).images[0].pixels()
    x, y = place.on(photo).center
    assert np.array_equal(lit[int(y), int(x)], photo.pixels()[int(y), int(x)])


def test_highlight_dims_what_it_does_not_show() -> None:
    scene = sample_scene()
    seen = highlight(image=scene.image("img_1"), regions=[scene.region("r1")])
    pixels = seen.images[0].pixels()
    assert np.array_equal(pixels[60:200, 40:180], scene.image("img_1").pixels()[60:200, 40:180])
    assert pixels[:, 200:].max() < 128
    assert (seen.text, seen.data) == ("Highlighted r1.", {"regions": ["r1"], "left_out": []})


@pytest.mark.parametrize(
    ("degrees", "said", "size_wh"),
    [
        (90, "90 degrees counter-clockwise", (480, 640)),
        (-90, "90 degrees clockwise", (480, 640)),
        (180, "180 degrees counter-clockwise", (640, 480)),
    ],
)
def test_rotate_says_which_way_it_turned(degrees: float, said: str, size_wh: tuple[int, int]) -> None:
    seen = rotate(image=sample_scene().image("img_1"), degrees=degrees)
    assert said in seen.text
    assert seen.images[0].size_wh == size_wh


def test_turning_four_times_ends_at_the_beginning() -> None:
    image = start = sample_scene().image("img_1")
    for _ in range(4):
        image = rotate(image=image, degrees=-90).images[0]
    assert image.digest == start.digest
    assert image.frame == IDENTITY
