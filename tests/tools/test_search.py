"""Guided search finds what plain detection misses, spends no more than its budget, and says what it did not see."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from lavr.errors import InvalidArguments, InvalidTool, UsageError
from lavr.tests.tools import starry
from lavr.tests.tools.scenes import gradient
from lavr.tests.tools.shapes_detector import shapes_weights
from lavr.tools.calls import Observation
from lavr.tools.detect import detect_tool
from lavr.tools.guided import Budget, Outcome, guided_search
from lavr.tools.search import search_tool
from lavr.tools.testing import check_tool
from lavr.tools.tool import tool
from lavr.vision.frame import Xyxy
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.transforms import crop, rotate

INPUT = starry.SIDE
PLENTY = Budget(10_000, 600.0)
Place = tuple[Xyxy, float]
"""A box in pixels of the root, and the score that a detector gives to what is there."""


def told(observation: Observation) -> dict[str, Any]:
    assert isinstance(observation.data, dict)
    return dict(observation.data)


def blank(width: int = 1600, height: int = 1200) -> Image:
    return Image.of(np.full((height, width, 3), 200, dtype=np.uint8))


def busy(width: int = 1600, height: int = 1200) -> Image:
    """Everywhere something to see."""
    rows, columns = np.indices((height, width))
    return Image.of(np.repeat((((rows // 40 + columns // 40) % 2) * 255).astype(np.uint8)[:, :, None], 3, axis=2))


def seeing(root: Image, *places: Place, closest: float = 1e9) -> Callable[[Image], Sequence[Region]]:
    """A detector that sees what lies on a part of the picture, if that part is no longer than `closest`."""

    def look(part: Image) -> list[Region]:
        shown = Region(part, part.box).on(root)
        if max(shown.xyxy[2] - shown.xyxy[0], shown.xyxy[3] - shown.xyxy[1]) > closest:
            return []
        seen = [Region(root, box, label="thing", score=score).visible_on(part) for box, score in places]
        return [region for region in seen if region is not None]

    return look


def searched(image: Image, look: Callable[[Image], Sequence[Region]], budget: Budget = PLENTY) -> Outcome:
    return guided_search(image, look, input_px=INPUT, sure=0.5, budget=budget)


@pytest.mark.parametrize("seed", [0, 3, 7])
def test_a_small_star_is_found_that_plain_detection_misses_in_fewer_looks_than_tiles(seed: int) -> None:
    image, box = starry.crowded(seed)
    assert all((region.score or 0) < 0.5 for region in starry.stars(image))
    seen = search_tool(detector=starry.stars, input_px=INPUT).observe(image=image, label="star")
    (found,) = seen.regions
    assert found.image == image
    assert found.iou(Region(image, box)) > 0.8
    assert told(seen)["looks"] < told(seen)["cells"] / 3
    assert "“star” was found after" in seen.text
    assert seen.marked
    close_up = seen.images[0]
    assert Region(image, box).on(close_up).visible_on(close_up) is not None
    assert max(close_up.size_wh) <= 512


def test_without_a_star_it_stops_at_its_budget_and_does_not_say_that_there_is_none() -> None:
    image, _ = starry.crowded(1, star=2, others=60, size_wh=(2000, 1500))
    seen = search_tool(detector=starry.stars, input_px=INPUT, looks=7).observe(image=image, label="star")
    assert seen.regions == ()
    assert told(seen)["looks"] == len(told(seen)["tiles"]) == 7
    assert told(seen)["stopped"] == "looks"
    assert "not found within 7 looks" in seen.text
    assert f"{told(seen)['cells_done']} of {told(seen)['cells']} tiles" in seen.text
    assert "may still be there" in seen.text
    assert not seen.marked


def test_the_likeliest_place_is_shown_when_nothing_is_sure() -> None:
    root = busy()
    look = tool_of(seeing(root, ((700.0, 500.0, 760.0, 560.0), 0.3)))
    seen = search_tool(detector=look, input_px=INPUT, host="inline").observe(image=root, label="thing")
    assert seen.regions == ()
    assert "score of 0.30 is too low" in seen.text
    assert told(seen)["likeliest"] == {"xyxy": [700.0, 500.0, 760.0, 560.0], "score": 0.3}
    assert Region(root, (700.0, 500.0, 760.0, 560.0)).visible_on(seen.images[0]) is not None


def tool_of(look: Callable[[Image], Sequence[Region]]) -> Any:
    @tool
    def things(image: Image) -> list[Region]:
        """Find things."""
        return list(look(image))

    return things


@pytest.mark.parametrize("score", [0.9, 0.3])
def test_what_the_detector_takes_as_something_broader_is_told_as_that_found_or_not(score: float) -> None:
    @tool
    def closed(image: Image, labels: tuple[str, ...] = ()) -> Observation:
        """Know cars only, whatever their colour."""
        region = Region(image, (20.0, 20.0, 60.0, 60.0), label="car", score=score)
        return Observation("1 car", (region,), data={"taken_as": {labels[0]: ["car"]}})

    seen = search_tool(detector=closed, input_px=INPUT, host="inline").observe(image=busy(300, 200), label="red car")
    assert [region.label for region in seen.regions] == ["car"] * (score > 0.5)
    assert seen.text.startswith("“car” was found" if seen.regions else "“car” was not found")
    assert "“red car” was taken as car." in seen.text
    assert told(seen)["taken_as"] == ["car"]


def test_a_picture_without_anything_to_see_takes_one_look() -> None:
    image = blank()
    outcome = searched(image, seeing(image))
    assert (len(outcome.tiles), outcome.stopped) == (1, "everything")
    assert outcome.done == outcome.cells > 20


def test_a_picture_that_the_detector_sees_whole_takes_one_look() -> None:
    image = busy(300, 200)
    outcome = searched(image, seeing(image))
    assert (outcome.tiles, outcome.cells, outcome.done) == ((image.box,), 1, 1)


def test_everything_is_looked_at_before_a_search_gives_up() -> None:
    image = busy(1000, 800)
    outcome = searched(image, seeing(image))
    assert outcome.stopped == "everything"
    assert outcome.done == outcome.cells
    covered = np.zeros((800, 1000), dtype=bool)
    for left, top, right, bottom in outcome.tiles:
        if max(right - left, bottom - top) <= INPUT:
            covered[int(top) : int(bottom), int(left) : int(right)] = True
    assert covered.all()


def test_faint_hits_lead_the_way() -> None:
    image = busy()
    place = (1300.0, 900.0, 1330.0, 930.0)
    near, far = seeing(image, (place, 0.9), closest=INPUT), seeing(image, (place, 0.1))
    outcome = searched(image, lambda part: near(part) or far(part))
    assert [hit.xyxy for hit in outcome.hits] == [place]
    assert len(outcome.tiles) <= 5
    assert all(left <= 1315 < right and top <= 915 < bottom for left, top, right, bottom in outcome.tiles)


def test_what_stands_out_leads_the_way_without_faint_hits() -> None:
    pixels = blank().pixels().copy()
    pixels[:, ::200] = 190
    pixels[910:940, 1310:1340] = (255, 0, 0)
    image = Image.of(pixels)
    outcome = searched(image, seeing(image, ((1310.0, 910.0, 1340.0, 940.0), 0.9), closest=INPUT))
    assert outcome.hits
    assert len(outcome.tiles) <= 5


def test_what_looks_like_it_from_afar_is_not_believed_if_it_does_not_from_close_by() -> None:
    image = busy()
    decoy = seeing(image, ((100.0, 100.0, 140.0, 140.0), 0.9))
    true = seeing(image, ((1300.0, 900.0, 1330.0, 930.0), 0.9), closest=INPUT)

    def look(part: Image) -> Sequence[Region]:
        return true(part) if part.frame.a * part.size_wh[0] <= INPUT else decoy(part)

    outcome = searched(image, look)
    assert [hit.xyxy for hit in outcome.hits] == [(1300.0, 900.0, 1330.0, 930.0)]


def test_a_thing_that_the_edge_of_a_tile_cuts_is_looked_at_as_a_whole() -> None:
    image = busy()
    whole = (400.0, 400.0, 620.0, 620.0)  # wider than tiles overlap, so that some tile cuts it
    outcome = searched(image, seeing(image, (whole, 0.9), closest=INPUT + 20))
    assert [hit.xyxy for hit in outcome.hits] == [whole]


def test_all_that_one_look_shows_is_given_back() -> None:
    image = busy()
    first, second = (100.0, 100.0, 300.0, 300.0), (900.0, 700.0, 1200.0, 1000.0)
    look = tool_of(seeing(image, (first, 0.8), (second, 0.9)))
    seen = search_tool(detector=look, input_px=INPUT, host="inline").observe(image=image, label="thing")
    assert [region.xyxy for region in seen.regions] == [pytest.approx(second), pytest.approx(first)]
    assert "found at 2 places" in seen.text
    assert "0.90 and 0.80" in seen.text


def test_places_are_right_on_a_turned_part_of_a_picture() -> None:
    root = busy()
    turned = rotate(crop(root, (200, 100, 1500, 1100)), 90)
    place = (1200.0, 800.0, 1230.0, 830.0)
    outcome = searched(turned, seeing(root, (place, 0.9), closest=INPUT))
    (hit,) = outcome.hits
    assert hit.image == turned
    assert hit.on(root).xyxy == pytest.approx(place, abs=0.01)


def test_no_look_is_begun_when_time_is_up() -> None:
    image = busy()

    def slow(part: Image) -> list[Region]:
        time.sleep(0.05)
        return []

    outcome = searched(image, slow, Budget(1000, 0.12))
    assert outcome.stopped == "seconds"
    assert 1 <= len(outcome.tiles) <= 3


def test_a_detector_that_takes_labels_is_told_what_to_look_for() -> None:
    asked = []

    @tool
    def finds_anything(image: Image, labels: list[str]) -> list[Region]:
        """Find things by name."""
        asked.append(labels)
        return [Region(image, (1, 1, 9, 9), label="whatever it calls them")]

    search = search_tool(detector=finds_anything, host="inline")
    assert len(search.observe(image=busy(100, 80), label=" red car ").regions) == 1
    assert asked == [["red car"]]


@pytest.mark.parametrize(("wanted", "found"), [("Star", 1), ("stars", 1), ("glass", 0), ("sta", 0)])
def test_of_any_other_detector_the_regions_with_that_label_count(wanted: str, found: int) -> None:
    @tool
    def finds_two(image: Image) -> list[Region]:
        """Find things."""
        return [Region(image, (1, 1, 9, 9), label="star"), Region(image, (20, 1, 29, 9), label="cup")]

    assert len(search_tool(detector=finds_two).observe(image=busy(100, 80), label=wanted).regions) == found


@pytest.mark.parametrize("settings", [{"input_px": -1}, {"sure": -0.1}, {"sure": 1.5}, {"looks": 0}, {"seconds": 0.0}])
def test_settings_that_leave_nothing_to_do_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="nothing to do"):
        search_tool(detector=starry.stars, **settings)


def test_a_detector_must_take_a_picture() -> None:
    @tool
    def blind(text: str) -> str:
        """Say it."""
        return text

    with pytest.raises(InvalidTool, match="takes no `image`"):
        search_tool(detector=blind)


@pytest.mark.parametrize("given", [{}, {"detector": starry.stars, "weights": "d-fine-s"}, {"detector": "d-fine-s"}])
def test_a_search_needs_a_detector_or_the_weights_of_one(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="needs a detector"):
        search_tool(**given)


def test_a_label_must_say_something() -> None:
    with pytest.raises(InvalidArguments, match="nothing to look for"):
        search_tool(detector=starry.stars).observe(image=Image.of(gradient()), label=" ")


def test_search_conforms_also_in_a_worker_that_makes_its_detector_again() -> None:
    check_tool(search_tool(detector=starry.stars, input_px=INPUT))


def test_hits_from_afar_that_nobody_had_a_closer_look_at_are_not_given_back() -> None:
    image = busy(2400, 1800)
    decoys = [((300.0 * n, 200.0, 300.0 * n + 30, 230.0), 0.9) for n in range(8)]
    afar = seeing(image, *decoys)

    def look(part: Image) -> Sequence[Region]:
        return afar(part) if part.frame.a > 2 else []

    outcome = searched(image, look, Budget(4, 600.0))
    assert (outcome.hits, len(outcome.tiles), outcome.stopped) == ((), 4, "looks")


@pytest.mark.training
@pytest.mark.slow
def test_a_trained_detector_finds_in_parts_what_it_misses_in_the_whole() -> None:
    weights = str(shapes_weights())
    plain = detect_tool(weights=weights, tile=0)
    search = search_tool(weights=weights)
    right = 0
    for seed in (1, 3, 7, 8):
        image, box = starry.crowded(seed, star=56, others=40)
        star = Region(image, box)
        assert not any(each.iou(star) > 0.1 for each in plain.observe(image=image).regions)
        seen = search.observe(image=image, label="star")
        assert told(seen)["looks"] < told(seen)["cells"] / 7
        right += any(each.iou(star) > 0.5 for each in seen.regions)
    assert right >= 3  # the training differs a little from one machine to the next
