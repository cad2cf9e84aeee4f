"""Sizes, distances and relations of regions that are known exactly."""

from __future__ import annotations

from typing import Any

import pytest

from lavr.errors import InvalidArguments, UnknownLineage
from lavr.tests.tools.drawn import shapes
from lavr.tools.measure import measure
from lavr.vision.frame import Xyxy
from lavr.vision.region import Region
from lavr.vision.transforms import resize

PAPER = shapes((400, 300), "white")


def at(*xyxy: float) -> Region:
    return Region(PAPER, (xyxy[0], xyxy[1], xyxy[2], xyxy[3]))


def data(**arguments: object) -> Any:
    return measure(image=PAPER, **arguments).data


def test_one_region_has_a_size_an_area_and_a_center() -> None:
    found = data(a=at(10, 20, 110, 70))
    assert (found["width"], found["height"], found["angle_degrees"]) == (100, 50, 0)
    assert found["area"] == 5000
    assert found["center"] == [60, 45]
    assert found["share_of_picture"] == pytest.approx(5000 / 120000)


def test_an_outline_is_measured_along_its_own_sides() -> None:
    found = data(a=Region.of_polygon(PAPER, [(100, 100), (160, 180), (152, 186), (92, 106)]))
    assert sorted((found["width"], found["height"])) == pytest.approx([10, 100], abs=0.5)
    assert abs(found["angle_degrees"]) == pytest.approx(36.9, abs=0.5)


def test_two_regions_have_a_distance_a_gap_and_a_direction() -> None:
    found = data(a=at(0, 100, 20, 120), b=at(50, 60, 70, 80))["a_to_b"]
    assert found["distance"] == pytest.approx((50**2 + 40**2) ** 0.5)
    assert found["gap"] == pytest.approx((30**2 + 20**2) ** 0.5)
    assert found["angle_degrees"] == pytest.approx(38.66, abs=0.01)


@pytest.mark.parametrize(
    ("a", "word"),
    [
        ((0, 100, 50, 150), "left of"), ((300, 100, 350, 150), "right of"), ((100, 0, 150, 50), "above"),
        ((100, 250, 150, 290), "below"), ((0, 0, 50, 50), "above and left of"),
        ((260, 260, 300, 300), "below and right of"),
        ((110, 110, 120, 120), "inside"), ((50, 50, 250, 250), "around"), ((90, 90, 130, 130), "overlapping"),
        ((100, 100, 200, 200), "at the same place as"), ((200, 100, 250, 200), "right of"),
    ],
)  # fmt: skip
def test_relations_have_words(a: Xyxy, word: str) -> None:
    seen = measure(image=PAPER, a=at(*a), b=at(100, 100, 200, 200))
    assert isinstance(seen.data, dict)
    relation: Any = seen.data["a_to_b"]
    assert relation["relation"] == word
    assert f"a is {word} b." in seen.text


def test_overlap_is_told_both_ways() -> None:
    found = data(a=at(0, 0, 100, 100), b=at(50, 0, 100, 100))["a_to_b"]
    assert (found["a_in_b"], found["b_in_a"], found["iou"]) == (0.5, 1.0, 0.5)


def test_a_reference_of_known_length_gives_real_lengths() -> None:
    seen = measure(image=PAPER, a=at(0, 0, 200, 40), reference=at(0, 100, 30, 200), known_length=8.5, unit="cm")
    assert isinstance(seen.data, dict)
    assert seen.data["unit_per_pixel"] == pytest.approx(0.085)
    assert "200.0 px (17 cm) wide" in seen.text


def test_regions_found_on_another_size_of_the_picture_are_measured_in_this_ones_pixels() -> None:
    half = resize(PAPER, (200, 150))
    assert data(a=Region(half, (10, 10, 20, 30)))["width"] == 20


@pytest.mark.parametrize("wrong", [{"known_length": 3.0}, {"reference": at(0, 0, 9, 9)},
                                   {"reference": at(0, 0, 9, 9), "known_length": -1.0},
                                   {"reference": at(5, 5, 5, 5), "known_length": 1.0}])  # fmt: skip
def test_half_a_reference_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidArguments):
        measure(image=PAPER, a=at(0, 0, 10, 10), **wrong)


def test_an_empty_region_has_no_size_but_an_answer() -> None:
    assert data(a=at(10, 10, 10, 10), b=at(0, 0, 50, 50))["a"]["area"] == 0


def test_a_region_of_another_picture_is_refused() -> None:
    with pytest.raises(UnknownLineage):
        measure(image=shapes((9, 9), "white"), a=at(0, 0, 5, 5))
