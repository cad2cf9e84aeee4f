"""Large pictures in tiles: what is looked at, and that each thing comes out once."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest

from lavr.tools.models.detectors.base import Found, Patch
from lavr.tools.models.detectors.tiling import OVERLAP, Sighting, View, merged, views
from lavr.vision.frame import SizeWh, Xyxy

LARGE: SizeWh = (4000, 3000)


def seen(things: dict[str, list[Xyxy]], size_wh: SizeWh, parts: list[View], *, least: float = 0.0) -> list[Sighting]:
    """What a perfect detector sees of some things in each view: the part in the view, if it is not too small there."""
    found = []
    for view in parts:
        scale = max(view.right - view.left, view.bottom - view.top) / 640
        for label, boxes in things.items():
            for left, top, right, bottom in boxes:
                part = (max(left, view.left), max(top, view.top), min(right, view.right), min(bottom, view.bottom))
                if min(part[2] - part[0], part[3] - part[1]) > max(4.0, least * scale):
                    cut = view.cuts(part, size_wh, 2 * scale)
                    found.append(Sighting(Found(label, 0.5 if cut else 0.8, part), view, cut))
    return found


def test_a_picture_that_the_detector_sees_well_is_looked_at_once() -> None:
    assert views((1600, 1200), 640) == [View(0, 0, 1600, 1200)]
    assert views((4000, 3000), 640, 0) == [View(0, 0, 4000, 3000)]


@pytest.mark.parametrize("size", [LARGE, (3000, 4000), (2000, 700), (12000, 900), (1921, 1921)])
def test_tiles_cover_a_large_picture_and_overlap(size: SizeWh) -> None:
    *tiles, whole = views(size, 640)
    assert (whole.left, whole.top, whole.right, whole.bottom) == (0, 0, *size)
    smallest = [tile for tile in tiles if tile.level == 0]
    covered = np.zeros((size[1], size[0]), dtype=int)
    for tile in smallest:
        covered[tile.top : tile.bottom, tile.left : tile.right] += 1
    assert covered.min() == 1
    for axis in ("left", "top"):
        starts = sorted({getattr(tile, axis) for tile in smallest})
        assert all(after - before <= 1280 * (1 - OVERLAP) + 1 for before, after in pairwise(starts))


def test_a_very_large_picture_is_looked_at_in_tiles_of_several_sizes() -> None:
    parts = views((12000, 9000), 640)
    sides = [max(part.right - part.left for part in parts if part.level == level) for level in range(3)]
    assert sides == [1280, 5120, 12000]


@pytest.mark.parametrize("size", [LARGE, (12000, 9000)])
def test_each_thing_comes_out_once_wherever_it_lies_and_however_large_it_is(size: SizeWh) -> None:
    rng = np.random.default_rng(3)
    parts = views(size, 640)
    for _ in range(60):
        side = float(np.exp(rng.uniform(np.log(20), np.log(min(size)))))
        left, top = rng.uniform(0, size[0] - side), rng.uniform(0, size[1] - side)
        box: Xyxy = (left, top, left + side, top + side)
        found = merged(seen({"dog": [box]}, size, parts, least=12))
        assert [each.xyxy for each in found] == [pytest.approx(box)]


def test_neighbours_stay_apart() -> None:
    row = [(100.0 + 90 * n, 1400.0, 180.0 + 90 * n, 1500.0) for n in range(40)]
    found = merged(seen({"cup": row}, LARGE, views(LARGE, 640)))
    assert sorted(each.xyxy for each in found) == row


def test_a_small_thing_in_front_of_a_large_one_of_its_kind_stays() -> None:
    boxes: list[Xyxy] = [(500.0, 500.0, 2500.0, 2800.0), (1500.0, 1900.0, 1600.0, 2050.0)]
    found = merged(seen({"person": boxes}, LARGE, views(LARGE, 640)))
    assert sorted(each.xyxy for each in found) == sorted(boxes)


def test_pieces_that_no_view_shows_whole_are_joined_with_their_pixels() -> None:
    one, other = View(0, 0, 600, 500), View(400, 0, 1000, 500)
    left = Found("bar", 0.7, (100.0, 200.0, 600.0, 240.0), Patch(100, 200, np.ones((40, 500), dtype=bool)))
    right = Found("bar", 0.6, (400.0, 200.0, 900.0, 240.0), Patch(400, 200, np.ones((40, 500), dtype=bool)))
    (found,) = merged([Sighting(left, one, cut=True), Sighting(right, other, cut=True)])
    assert found.xyxy == (100.0, 200.0, 900.0, 240.0)
    assert found.score == 0.7
    assert found.patch is not None
    assert (found.patch.left, found.patch.top, found.patch.array.shape) == (100, 200, (40, 800))
    assert found.patch.array.all()


def test_a_piece_that_is_taken_for_something_else_gives_way_to_the_whole() -> None:
    whole, tile = View(0, 0, 4000, 3000, 1), View(0, 0, 1280, 1280)
    wheel = Found("clock", 0.9, (1000.0, 500.0, 1280.0, 900.0))
    car = Found("car", 0.6, (300.0, 300.0, 2600.0, 1400.0))
    assert merged([Sighting(wheel, tile, cut=True), Sighting(car, whole, cut=False)]) == [car]


def test_one_thing_is_of_one_class_unless_words_were_asked_for() -> None:
    view = View(0, 0, 640, 480)
    box = (100.0, 100.0, 200.0, 200.0)
    both = [Sighting(Found(label, score, box), view, cut=False) for label, score in (("cat", 0.6), ("dog", 0.7))]
    assert [each.label for each in merged(both)] == ["dog"]
    assert sorted(each.label for each in merged(both, one_class=False)) == ["cat", "dog"]


@pytest.mark.parametrize("one_class", [True, False])
def test_a_thing_that_a_model_saw_twice_is_there_once(one_class: bool) -> None:
    view = View(0, 0, 400, 400, 0)
    boxes = ((100.0, 100.0, 200.0, 200.0), (101.0, 100.0, 202.0, 199.0), (240.0, 100.0, 340.0, 200.0))
    dogs = [Sighting(Found("dog", 0.25 * (n + 1), box), view, cut=False) for n, box in enumerate(boxes)]
    assert sorted(each.score for each in merged(dogs, one_class=one_class)) == [0.5, 0.75]


def test_thousands_of_things_are_put_together_in_a_moment() -> None:
    rng = np.random.default_rng(2)
    parts = views((4000, 3000), 640)
    crowd = []
    for view in parts:
        for left, top in rng.uniform((view.left, view.top), (view.right - 60, view.bottom - 60), (300, 2)):
            box = (float(left), float(top), float(left + rng.uniform(20, 60)), float(top + rng.uniform(20, 60)))
            crowd.append(Sighting(Found("person", float(rng.random()), box), view, cut=view.cuts(box, LARGE, 4.0)))
    began = time.process_time()
    found = merged(crowd)
    assert len(found) > 1000
    assert time.process_time() - began < 5  # one by one it took minutes
