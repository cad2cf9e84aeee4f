"""Regions: places on pictures."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from lavr.errors import InvalidRegion, UnknownHandle, UnknownLineage
from lavr.jsonable import Json, canonical
from lavr.vision.frame import SizeWh, Xyxy
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.transforms import crop, pad, rotate

DIAMOND = ((20.0, 10.0), (30.0, 20.0), (20.0, 30.0), (10.0, 20.0))


def _image(size_wh: SizeWh = (60, 40), handle: str = "img_1") -> Image:
    return replace(Image.of(np.zeros((size_wh[1], size_wh[0], 3), dtype=np.uint8), name="dark"), handle=handle)


@pytest.mark.parametrize("box", [(3, 1, 2, 5), (0, 5, 9, 4), (0, 0, math.inf, 1), (math.nan, 0, 1, 1)])
def test_a_box_that_cannot_be_one_is_refused(box: Xyxy) -> None:
    with pytest.raises(InvalidRegion) as refusal:
        Region(_image(), box)
    assert "left, top, right, bottom" in refusal.value.remedy


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidRegion, match="score"):
        Region(_image(), (0, 0, 1, 1), score=math.nan)


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(InvalidRegion, match="mask"):
        Region(_image(), (0, 0, 1, 1), mask=Mask.of(np.ones((2, 2), dtype=bool)))


def test_numpy_numbers_become_plain_ones() -> None:
    left, top, right, bottom = np.array([1, 2, 3, 4], dtype=np.float32)
    region = Region(_image(), (left, top, right, bottom))
    assert json.loads(canonical(region.to_json()))["xyxy"] == [1, 2, 3, 4]


def test_equal_regions_are_equal_and_hash_alike() -> None:
    image = _image()
    one, other = (Region(image, (1, 2, 3, 4), attributes={"color": "red"}) for _ in range(2))
    assert one == other
    assert len({one, other}) == 1
    assert one != replace(one, attributes={"color": "blue"})


def test_the_area_is_that_of_the_mask_if_there_is_one() -> None:
    image = _image()
    assert Region(image, (0, 0, 4, 5)).area == 20
    assert Region.of_mask(image, Mask.of_polygon(DIAMOND, image.size_wh)).area == pytest.approx(200, abs=10)


def test_a_point_is_asked_of_the_mask_then_the_outline_then_the_box() -> None:
    image = _image()
    corner = (12.0, 12.0)
    assert Region(image, (10, 10, 30, 30)).contains(corner)
    assert not Region.of_polygon(image, DIAMOND).contains(corner)
    assert not Region.of_mask(image, Mask.of_polygon(DIAMOND, image.size_wh)).contains(corner)
    assert Region.of_polygon(image, DIAMOND).contains((20, 20))


def test_a_place_on_another_picture_is_refused() -> None:
    with pytest.raises(UnknownLineage, match="img_1"):
        Region(_image(), (0, 0, 1, 1)).on(_image(handle="img_2"))


def test_a_place_leads_through_a_crop_and_back() -> None:
    image = _image()
    region = Region.of_polygon(image, DIAMOND, label="diamond", text="<>")
    part = crop(image, (5, 5, 35, 35))
    there = region.on(part)
    assert there.xyxy == (5.0, 5.0, 25.0, 25.0)
    assert there.polygon is not None
    assert there.polygon[0] == (15.0, 5.0)
    assert there.on(image) == region


def test_the_box_of_a_turned_outline_is_tight() -> None:
    image = _image()
    turned = rotate(image, 45)
    outlined = Region.of_polygon(image, DIAMOND).on(turned)
    masked = Region.of_mask(image, Mask.of_polygon(DIAMOND, image.size_wh)).on(turned)
    loose = Region(image, (10, 10, 30, 30)).on(turned)
    sides = [region.xyxy[2] - region.xyxy[0] for region in (outlined, masked, loose)]
    assert sides == pytest.approx([20 * math.sqrt(0.5), 20 * math.sqrt(0.5), 20 * math.sqrt(2)], abs=1.5)


def test_the_tight_box_of_an_outline_survives_a_turn_and_back() -> None:
    image = _image()
    there = Region.of_polygon(image, DIAMOND).on(rotate(image, 33))
    assert there.on(image).xyxy == pytest.approx((10, 10, 30, 30), abs=1e-9)


def test_what_reaches_out_of_the_picture_is_clipped_on_request() -> None:
    image = _image()
    region = Region.of_polygon(image, [(-10, 5), (10, 5), (10, 15), (-10, 15)])
    clipped = region.clipped()
    assert region.xyxy == (-10.0, 5.0, 10.0, 15.0)
    assert clipped.xyxy == (0.0, 5.0, 10.0, 15.0)
    assert clipped.polygon is not None
    assert min(x for x, _ in clipped.polygon) == 0


def test_what_lies_outside_cannot_be_clipped() -> None:
    with pytest.raises(InvalidRegion, match="outside img_1"):
        Region(_image(), (70, 0, 80, 10)).clipped()


def test_what_is_visible_on_a_crop_is_told() -> None:
    image = _image()
    part = crop(image, (0, 0, 20, 20))
    seen = Region(image, (10, 10, 30, 30), handle="r4").visible_on(part)
    assert seen is not None
    assert (seen.xyxy, seen.handle) == ((10, 10, 20, 20), "r4")
    assert Region(image, (30, 30, 35, 35)).visible_on(part) is None


def test_an_outline_that_only_its_box_brings_into_the_picture_is_not_visible() -> None:
    image = _image()
    assert Region.of_polygon(image, [(-9, 10), (1, 0), (-9, -9)]).visible_on(image) is not None
    assert Region.of_polygon(image, [(-9, 3), (3, -9), (-9, -9)]).visible_on(image) is None


def test_overlap_is_measured_across_pictures() -> None:
    image = _image()
    part = crop(image, (10, 10, 40, 40))
    assert Region(image, (10, 10, 20, 20)).iou(Region(part, (0, 0, 10, 10))) == 1
    assert Region(image, (0, 0, 10, 10)).iou(Region(image, (5, 0, 15, 10))) == pytest.approx(1 / 3)
    assert Region(image, (0, 0, 5, 5)).iou(Region(image, (9, 9, 10, 10))) == 0


def test_a_region_cuts_itself_out_with_padding() -> None:
    image = _image()
    assert Region(image, (10, 10, 20, 20)).crop(2).size_wh == (14, 14)


def test_words_merge_into_their_line() -> None:
    image = _image()
    words = [
        Region(image, (0, 0, 10, 8), "word", 0.9, "GRAND"),
        Region(image, (12, 1, 20, 9), "word", 0.7, "TOTAL"),
    ]
    line = Region.merged(words)
    assert (line.xyxy, line.text, line.label, line.score) == ((0, 0, 20, 9), "GRAND TOTAL", "word", 0.7)
    assert line.polygon is None


def test_merged_outlines_and_masks_are_kept() -> None:
    image = _image()
    diamond = Region.of_polygon(image, DIAMOND, label="a")
    both = Region.merged([diamond, Region(image, (40, 10, 50, 30), "b")])
    assert both.polygon is not None
    assert both.label == ""
    sheets = [Mask.of_polygon([(x, 0), (x + 4, 0), (x, 9)], image.size_wh) for x in (0, 20)]
    union = Region.merged([Region.of_mask(image, sheet) for sheet in sheets])
    assert union.area == sum(sheet.area for sheet in sheets)


def test_nothing_and_an_empty_mask_make_no_region() -> None:
    with pytest.raises(InvalidRegion):
        Region.merged([])
    with pytest.raises(InvalidRegion):
        Region.of_mask(_image((4, 4)), Mask.of(np.zeros((4, 4), dtype=bool)))


def test_json_keeps_everything() -> None:
    image = _image()
    mask = Mask.of_polygon(DIAMOND, image.size_wh)
    full = Region(image, (10, 10, 30, 30), "diamond", 0.5, "<>", DIAMOND, mask, {"color": "red", "n": 3}, "r7")
    bare = Region(image, (1, 2, 3, 4))
    for region in (full, bare):
        data = json.loads(canonical(region.to_json()))
        assert Region.from_json(data, {"img_1": image}) == region


@pytest.mark.parametrize(
    "change",
    [{"xyxy": [1, 2, 3]}, {"xyxy": None}, {"xyxy": "1234"}, {"polygon": [[1, 2], [3]]}, {"polygon": 3}, {"mask": 3}],
)
def test_malformed_json_is_refused(change: dict[str, Json]) -> None:
    image = _image()
    data = {**Region(image, (1, 2, 3, 4)).to_json(), **change}
    with pytest.raises(InvalidRegion):
        Region.from_json(data, {"img_1": image})


def test_json_of_an_unknown_image_is_refused_with_the_known_ones() -> None:
    data = Region(_image(handle="img_9"), (1, 2, 3, 4)).to_json()
    with pytest.raises(UnknownHandle) as refusal:
        Region.from_json(data, {"img_1": _image(), "img_2": _image()})
    assert "img_1, img_2" in refusal.value.remedy


def test_a_place_is_found_on_the_padded_picture() -> None:
    image = _image()
    assert Region(image, (1, 2, 3, 4)).on(pad(image, 5, 6, 0, 0)).xyxy == (6, 8, 8, 10)
