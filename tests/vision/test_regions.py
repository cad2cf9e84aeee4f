"""Several regions together."""

from __future__ import annotations

import numpy as np
import pytest

from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.regions import Regions
from lavr.vision.transforms import crop


@pytest.fixture
def image() -> Image:
    return Image.of(np.zeros((100, 100, 3), dtype=np.uint8))


@pytest.fixture
def pets(image: Image) -> Regions:
    return Regions(
        [
            Region(image, (0, 0, 10, 10), "cat", 0.9),
            Region(image, (1, 1, 11, 11), "cat", 0.8),
            Region(image, (1, 1, 11, 11), "dog", 0.7),
            Region(image, (50, 50, 90, 90), "dog", 0.3),
            Region(image, (60, 60, 65, 65), "tag"),
        ]
    )


def test_it_is_a_sequence_that_cannot_change(pets: Regions) -> None:
    assert len(pets) == 5
    assert pets[0].label == "cat"
    assert isinstance(pets[1:3], Regions)
    assert pets[::-1][::-1] == pets
    assert not hasattr(pets, "append")
    assert len({pets, Regions(list(pets))}) == 1
    assert repr(pets) == "Regions(2 cat, 2 dog, 1 tag)"
    assert pets[:2] + pets[2:] == pets


def test_conditions_add_up(pets: Regions) -> None:
    assert len(pets.filter(label="cat")) == 2
    assert len(pets.filter(label={"cat", "dog"}, min_score=0.75)) == 2
    assert [region.label for region in pets.filter(lambda region: region.area > 100)] == ["dog"]


def test_a_region_without_a_score_passes_any_threshold(pets: Regions) -> None:
    assert pets.filter(min_score=1.0).labels() == ("tag",)


def test_the_worse_of_two_overlapping_regions_goes(pets: Regions) -> None:
    assert [(region.label, region.score) for region in pets.nms()] == [
        ("tag", None),
        ("cat", 0.9),
        ("dog", 0.7),
        ("dog", 0.3),
    ]
    assert len(pets.nms(per_label=False)) == 3
    assert len(pets.nms(iou=0.99)) == 5


def test_regions_of_different_pictures_do_not_compete(image: Image) -> None:
    part = crop(image, (0, 0, 50, 50))
    assert len(Regions([Region(image, (0, 0, 9, 9)), Region(part, (0, 0, 9, 9))]).nms()) == 2


def test_a_point_picks_what_it_lies_in(pets: Regions) -> None:
    assert len(pets.containing((5, 5))) == 3
    assert pets.containing((62, 62)).labels() == ("dog", "tag")
    assert len(pets.containing((99, 99))) == 0


def test_a_box_picks_what_lies_in_it(pets: Regions) -> None:
    assert pets.inside((45, 45, 95, 95)).labels() == ("dog", "tag")
    assert len(pets.inside((0, 0, 10, 10))) == 1
    assert len(pets.inside((0, 0, 10, 10), share=0.5)) == 3


def test_the_largest_come_first(pets: Regions) -> None:
    assert [region.area for region in pets.largest(2)] == [1600, 100]
    assert len(pets.largest(99)) == 5
    assert len(pets.largest(-1)) == 0


def test_all_of_them_move_to_another_picture(image: Image, pets: Regions) -> None:
    part = crop(image, (40, 40, 80, 80))
    assert pets.on(part)[3].xyxy == (10, 10, 50, 50)
    assert [region.xyxy for region in pets.visible_on(part)] == [(10, 10, 40, 40), (20, 20, 25, 25)]


def test_labels_and_counts_keep_the_order_of_appearance(pets: Regions) -> None:
    assert pets.labels() == ("cat", "dog", "tag")
    assert pets.counts() == {"cat": 2, "dog": 2, "tag": 1}


def test_text_is_sorted_in_reading_order(image: Image) -> None:
    texts = Regions(Region(image, (x, y, x + 9, y + 9), text=f"{x},{y}") for x, y in ((30, 20), (0, 40), (0, 21)))
    assert [region.text for region in texts.sorted_in_reading_order()] == ["0,21", "30,20", "0,40"]


def test_json_is_a_list_of_regions(pets: Regions) -> None:
    assert pets.to_json()[3]["xyxy"] == [50, 50, 90, 90]


def test_nothing_is_fine_everywhere() -> None:
    nothing = Regions()
    assert (len(nothing.nms()), len(nothing.inside((0, 0, 1, 1))), nothing.labels()) == (0, 0, ())
    assert len(nothing.sorted_in_reading_order()) == 0
    assert repr(nothing) == "Regions(none)"
