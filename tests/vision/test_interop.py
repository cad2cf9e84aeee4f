"""Regions out to supervision, COCO and YOLO, and back."""

from __future__ import annotations

import builtins
import importlib.util
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lavr.errors import InvalidRegion, MissingExtra
from lavr.extras import need
from lavr.jsonable import Json, canonical
from lavr.vision import rle
from lavr.vision.image import Image
from lavr.vision.interop import from_coco, from_supervision, from_yolo, to_coco, to_supervision, to_yolo
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.regions import Regions

SIZE = (120, 80)
TRIANGLE = ((10.0, 10.0), (50.0, 12.0), (30.0, 60.0))
CLASSES = ("cat", "dog")
needs_supervision = pytest.mark.skipif(
    importlib.util.find_spec("supervision") is None, reason="supervision is not installed: lavr[supervision]"
)


@pytest.fixture
def image() -> Image:
    return Image.of(np.zeros((SIZE[1], SIZE[0], 3), dtype=np.uint8), name="pets.png")


@pytest.fixture
def pets(image: Image) -> Regions:
    return Regions(
        [
            Region(image, (1.5, 2, 30, 40.25), "dog", 0.75, handle="r1"),
            Region(image, (60, 10, 100, 70), "cat", text="Tom", handle="r2"),
            Region(image, (0, 0, 120, 80), "dog", 0.5),
        ]
    )


def _masked(image: Image) -> Region:
    return Region.of_mask(image, Mask.of_polygon(TRIANGLE, SIZE), label="cat", score=0.25)


@needs_supervision
def test_supervision_brings_boxes_back(image: Image, pets: Regions) -> None:
    assert from_supervision(to_supervision(pets, image), image) == pets


@needs_supervision
def test_supervision_brings_masks_back(image: Image, pets: Regions) -> None:
    found = to_supervision([_masked(image), pets[0]], image)
    assert found.mask is not None
    assert found.mask.shape == (2, SIZE[1], SIZE[0])
    assert from_supervision(found, image)[0] == _masked(image)


@needs_supervision
def test_supervision_understands_what_it_gets(image: Image, pets: Regions) -> None:
    found = to_supervision(pets, image)
    assert found.class_id is not None
    assert found.class_id.tolist() == [0, 1, 0]
    assert np.count_nonzero(found.data["class_name"] == "dog") == 2
    assert to_supervision(pets.filter(label="cat"), image).confidence is None
    assert len(to_supervision([], image)) == 0


@needs_supervision
def test_class_numbers_become_labels(image: Image, pets: Regions) -> None:
    found = to_supervision(pets, image)
    found.data.pop("class_name")
    assert from_supervision(found, image, classes=["hund"]).labels() == ("hund", "1")


@needs_supervision
def test_run_lengths_compressed_by_others_are_read(image: Image) -> None:
    import supervision

    for outline in (TRIANGLE, ((0, 0), (120, 0), (120, 80)), ((0, 0), (1, 0), (120, 80))):
        mask = Mask.of_polygon(outline, SIZE)
        text = supervision.mask_to_rle(mask.array(), compressed=True)
        assert isinstance(text, str)
        assert rle.read({"size": [SIZE[1], SIZE[0]], "counts": text}) == mask


def test_coco_brings_everything_back(image: Image, pets: Regions) -> None:
    outlined = Region.of_polygon(image, TRIANGLE, label="dog", score=0.5)
    given = Regions([*(replace(pet, handle="") for pet in pets), _masked(image), outlined])
    assert from_coco(to_coco(given, image), image) == given


def test_coco_has_the_fields_of_the_format(image: Image, pets: Regions) -> None:
    data: Any = to_coco(pets, image, image_id=7)
    canonical(data)
    assert data["images"] == [{"id": 7, "width": 120, "height": 80, "file_name": "pets.png"}]
    assert data["categories"] == [{"id": 1, "name": "dog"}, {"id": 2, "name": "cat"}]
    first = data["annotations"][0]
    assert first["bbox"] == [1.5, 2, 28.5, 38.25]
    assert first["area"] == pytest.approx(28.5 * 38.25)
    assert (first["id"], first["image_id"], first["category_id"], first["iscrowd"]) == (1, 7, 1, 0)


def test_coco_takes_the_annotations_of_one_picture(image: Image) -> None:
    entries: Json = [
        {"image_id": 1, "category_id": 3, "bbox": [0, 0, 5, 5]},
        {"image_id": 2, "category_id": 9, "bbox": [1, 1, 5, 5], "segmentation": []},
    ]
    found = from_coco({"annotations": entries, "categories": [{"id": 3, "name": "cup"}]}, image, image_id=2)
    assert [(region.label, region.xyxy) for region in found] == [("9", (1, 1, 6, 6))]


def test_several_outlines_of_one_thing_become_a_mask(image: Image) -> None:
    parts: Json = [[0, 0, 10, 0, 10, 10, 0, 10], [20, 0, 30, 0, 30, 10, 20, 10]]
    entry: Json = {"category_id": 1, "bbox": [0, 0, 30, 10], "segmentation": parts}
    found = from_coco({"annotations": [entry], "categories": []}, image)
    assert found[0].area == 200
    assert not found[0].contains((15, 5))


@pytest.mark.parametrize(
    "entry",
    [
        {"category_id": 1},
        {"category_id": 1, "bbox": [1, 2, 3]},
        {"category_id": 1, "bbox": [1, 2, -3, 4]},
        {"category_id": 1, "bbox": [0, 0, 9, 9], "segmentation": [[1, 2, 3]]},
        {"category_id": 1, "bbox": [0, 0, 9, 9], "segmentation": [1, 2, 3, 4, 5, 6]},
        {"category_id": 1, "bbox": [0, 0, 9, 9], "segmentation": {"size": [80, 120], "counts": "o"}},
        {"category_id": 1, "bbox": [0, 0, 9, 9], "segmentation": {"size": [2, 2], "counts": [4]}},
    ],
)
def test_a_malformed_annotation_is_refused(image: Image, entry: Json) -> None:
    with pytest.raises(InvalidRegion):
        from_coco({"annotations": [entry], "categories": []}, image)


@pytest.mark.parametrize("data", [{}, {"annotations": 3, "categories": []}, {"annotations": [3], "categories": []}])
def test_what_is_no_data_set_is_refused(image: Image, data: dict[str, Json]) -> None:
    with pytest.raises(InvalidRegion, match="COCO"):
        from_coco(data, image)


def test_yolo_brings_boxes_back(image: Image, pets: Regions) -> None:
    back = from_yolo(to_yolo(pets, image, CLASSES), image, CLASSES)
    assert back.labels() == ("dog", "cat")
    assert np.allclose(back.xyxy, pets.xyxy, atol=1e-4)


def test_yolo_brings_outlines_back(image: Image, pets: Regions) -> None:
    given = [Region.of_polygon(image, TRIANGLE, label="dog"), _masked(image), pets[0]]
    back = from_yolo(to_yolo(given, image, CLASSES, outlines=True), image, CLASSES)
    assert np.allclose(back[0].outline, TRIANGLE, atol=1e-4)
    assert np.allclose(back[1].xyxy, given[1].xyxy, atol=0.5 + 1e-4)
    assert np.allclose(back[2].xyxy, pets[0].xyxy, atol=1e-4)


def test_yolo_lines_are_parts_of_the_picture(image: Image) -> None:
    regions = [Region(image, (-60, 0, 60, 80), "dog"), Region(image, (200, 0, 210, 9), "dog")]
    assert to_yolo(regions, image, CLASSES) == "1 0.25000000 0.50000000 0.50000000 1.00000000\n"


def test_yolo_scores_are_read(image: Image) -> None:
    found = from_yolo("0 0.5 0.5 1 1 0.9\n\n1 0 0 1 0 1 1 0.8\n", image, CLASSES)
    assert [(region.label, region.score) for region in found] == [("cat", 0.9), ("dog", 0.8)]


@pytest.mark.parametrize("line", ["0 0.5 0.5 1", "2 0.5 0.5 1 1", "-1 0.5 0.5 1 1", "cat 0 0 1 1", "0 a b c d"])
def test_a_malformed_yolo_line_is_refused_with_its_number(image: Image, line: str) -> None:
    with pytest.raises(InvalidRegion, match="Line 2"):
        from_yolo(f"0 0.5 0.5 1 1\n{line}\n", image, CLASSES)


def test_a_label_without_a_class_is_refused(image: Image) -> None:
    with pytest.raises(InvalidRegion, match="cat, dog"):
        to_yolo([Region(image, (0, 0, 5, 5), "cow")], image, CLASSES)


def test_a_missing_package_is_named_with_the_line_that_installs_it() -> None:
    with pytest.raises(MissingExtra) as missing:
        need("lavr_has_no_such_package", extra="supervision")
    assert missing.value.remedy == 'pip install "lavr[supervision]"'


def test_a_present_package_is_given() -> None:
    assert need("builtins", extra="test") is builtins
