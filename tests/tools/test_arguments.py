"""From a planner's JSON to what a tool takes: small slips forgiven, everything else told at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lavr.errors import InvalidArguments, LavrError, UnknownHandle
from lavr.tests.tools import samples
from lavr.tests.tools.scenes import scene_with
from lavr.tools.arguments import bind
from lavr.tools.hints import Box, Point
from lavr.tools.tool import tool as make_tool
from lavr.vision.frame import Xyxy
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.units import CoordinateUnit

SCENE = scene_with((200, 100), (50, 40))
FIRST, SECOND, THING = SCENE.image("img_1"), SCENE.image("img_2"), SCENE.region("r1")


def per_mille(image: Image, xyxy: Xyxy, /) -> Xyxy:
    return CoordinateUnit.PER_MILLE.to_pixels(xyxy, shown_wh=(9, 9), image_wh=image.size_wh)


def refusal(tool: Any, **arguments: Any) -> LavrError:
    with pytest.raises(LavrError) as caught:
        bind(tool, arguments, SCENE)
    return caught.value


def test_handles_become_pictures_and_regions() -> None:
    assert bind(samples.size, {"image": "img_2"}, SCENE).arguments == {"image": SECOND}
    assert bind(samples.areas, {"regions": ["r1", "r1"]}, SCENE).arguments == {"regions": [THING, THING]}


def test_what_is_left_out_stays_out_so_that_the_functions_default_holds() -> None:
    assert bind(samples.crop, {"image": "img_1"}, SCENE).arguments == {"image": FIRST}


@pytest.mark.parametrize(
    ("tool", "written", "read"),
    [
        (samples.crop, {"scale": "3"}, {"scale": 3.0}),
        (samples.crop, {"scale": 3}, {"scale": 3.0}),
        (samples.crop, {"box": "[1, 2, 3, 4]"}, {"box": (1.0, 2.0, 3.0, 4.0)}),
        (samples.crop, {"box": None}, {"box": None}),
        (samples.crop, {"image": ["img_2"]}, {"image": SECOND}),
        (samples.crop, {"image": " img_2 "}, {"image": SECOND}),
        (samples.areas, {"regions": "r1"}, {"regions": [THING]}),
        (samples.areas, {"regions": "r1, r1"}, {"regions": [THING, THING]}),
        (samples.areas, {"regions": '["r1"]'}, {"regions": [THING]}),
        (samples.areas, {"regions": [["r1"]]}, {"regions": [THING]}),
        (samples.areas, {"unit": "PX"}, {"unit": "px"}),
        (samples.areas, {"mode": "Good"}, {"mode": samples.Mode.GOOD}),
        (samples.leave, {"code": "7"}, {"code": 7}),
        (samples.leave, {"code": 7.0}, {"code": 7}),
        (samples.fail, {"message": 7}, {"message": "7"}),
        (samples.describe, {"names": {"a": 3}}, {"names": {"a": [3]}}),
        (samples.describe, {"pair": "[2, 3]"}, {"pair": (2, "3")}),
    ],
)
def test_small_slips_are_forgiven(tool: Any, written: dict[str, Any], read: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"image": "img_1", "regions": "r1", "grid": {"rows": 1}, "names": {}}
    needed = {name: usual[name] for name in tool.parameters.required if name not in written}
    bound = bind(tool, {**needed, **written}, SCENE)
    assert {name: bound.arguments[name] for name in read} == read
    assert bound.notes == ()


def test_null_for_what_may_be_left_out_is_left_out_with_a_note() -> None:
    bound = bind(samples.crop, {"image": "img_1", "scale": None}, SCENE)
    assert bound.arguments == {"image": FIRST}
    assert bound.notes == ("scale was null; its default was used.",)


def test_boxes_are_read_in_the_planners_unit() -> None:
    bound = bind(samples.crop, {"image": "img_1", "box": [0, 500, 500, 1000]}, SCENE, read_box=per_mille)
    assert bound.arguments["box"] == (0.0, 50.0, 100.0, 100.0)
    assert bound.notes == ()


def test_a_box_beyond_its_picture_is_clipped_with_a_note() -> None:
    bound = bind(samples.crop, {"image": "img_2", "box": [-5, 10, 60, 30]}, SCENE)
    assert bound.arguments["box"] == (0.0, 10.0, 50.0, 30.0)
    assert bound.notes == ("The box [-5, 10, 60, 30] reached beyond img_2 and was clipped to it.",)


@pytest.mark.parametrize("box", [[30, 10, 20, 40], [10, 10, 10, 40], [10, 40, 20, 40]])
def test_an_empty_or_inverted_box_is_refused_with_what_to_give(box: list[int]) -> None:
    error = refusal(samples.crop, image="img_1", box=box)
    assert "is empty: it ends before it begins." in error.cause
    assert "Give [left, top, right, bottom]; the whole of img_1 is [0, 0, 200, 100]." in error.cause


def test_a_refused_box_names_the_whole_picture_in_the_planners_unit() -> None:
    with pytest.raises(InvalidArguments, match=r"lies outside img_1.*\[0, 0, 1000, 1000\]"):
        bind(samples.crop, {"image": "img_1", "box": [1200, 0, 1300, 10]}, SCENE, read_box=per_mille)


@pytest.mark.parametrize(
    "box", [{"x1": 1, "y1": 2, "x2": 3, "y2": 4}, [1, 2, 3], "left", [1, 2, 3, 4, 5], [1, 2, 3, "x"], 7]
)
def test_what_is_no_box_is_not_guessed_at(box: Any) -> None:
    error = refusal(samples.crop, image="img_1", box=box)
    assert isinstance(error, InvalidArguments)
    assert error.cause.startswith("box: ")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), "nan"])
def test_numbers_that_are_not_finite_are_refused(number: Any) -> None:
    assert "finite" in refusal(samples.crop, image="img_1", box=[0, 0, number, 5]).cause
    assert "finite" in refusal(samples.sleep, seconds=number).cause


def test_an_argument_that_is_not_there_is_told_with_the_closest_one() -> None:
    error = refusal(samples.crop, image="img_1", scal=2)
    assert error.cause == "There is no argument 'scal'; did you mean 'scale'?"
    assert error.remedy == "Arguments of crop: image, box?, scale?."


def test_a_missing_argument_is_told_with_its_description() -> None:
    assert refusal(samples.crop).cause == "image: it is missing (the picture)."


def test_the_only_picture_is_not_guessed_either() -> None:
    alone = scene_with()
    with pytest.raises(InvalidArguments, match="image: it is missing"):
        bind(samples.size, {}, alone)


def test_all_problems_of_a_call_are_told_at_once_one_line_each() -> None:
    error = refusal(samples.crop, imge="img_1", box=[1, 2, 3, 4], scale="big")
    assert error.cause.splitlines() == [
        "There is no argument 'imge'; did you mean 'image'?",
        "image: it is missing (the picture).",
        "box: A box needs the picture it lies on: give 'image' too.",
        "scale: Input should be a valid number, unable to parse string as a number. You gave 'big'.",
    ]
    assert error.data["problems"] == error.cause.splitlines()


def test_unknown_handles_are_told_together_with_the_live_ones() -> None:
    error = refusal(samples.areas, regions=["r1", "r7", "img_1"])
    assert isinstance(error, UnknownHandle)
    assert error.cause.splitlines() == ["There is no region 'r7'.", "There is no region 'img_1'."]
    assert error.remedy == "Live region handles: r1."


def test_an_unknown_handle_beside_other_problems_is_an_invalid_call() -> None:
    error = refusal(samples.crop, image="img_9", scale=99, box=[5, 5, 1, 1])
    assert isinstance(error, InvalidArguments)
    assert error.cause.splitlines() == [
        "image: There is no image 'img_9'. Live image handles: img_1, img_2.",
        "scale: Input should be less than or equal to 8. You gave 99.",
    ]


@pytest.mark.parametrize("image", [3, None, {"handle": "img_1"}, ["img_1", "img_2"]])
def test_what_is_no_handle_is_told_how_one_looks(image: Any) -> None:
    assert "Give the handle of the image, such as 'img_1'." in refusal(samples.size, image=image).cause


def test_places_inside_nested_arguments_are_named() -> None:
    error = refusal(samples.describe, grid={"rows": "x", "colour": 1}, names={"a": [1, "z"]})
    assert error.cause.splitlines()[0].startswith("grid: rows: Input should be a valid integer")
    assert error.cause.splitlines()[1].startswith("names: a: item 1: Input should be a valid integer")


@make_tool
def touch(image: Image, points: list[Point] = [], at: Point | None = None) -> str:  # noqa: B006 - never changed
    """Touch a picture."""
    return f"{image} {points} {at}"


@pytest.mark.parametrize(
    ("points", "read"),
    [
        ([[10, 20], [30.5, 40]], [(10.0, 20.0), (30.5, 40.0)]),
        ("[[10, 20]]", [(10.0, 20.0)]),
        ([10, 20], [(10.0, 20.0)]),
        ([], []),
        ([[200, 100], [0, 0]], [(199.5, 99.5), (0.0, 0.0)]),
    ],
)
def test_points_are_pairs_of_numbers_and_one_pair_is_one_point(points: Any, read: list[tuple[float, float]]) -> None:
    assert bind(touch, {"image": "img_1", "points": points}, SCENE).arguments["points"] == read


def test_points_are_read_in_the_planners_unit() -> None:
    bound = bind(touch, {"image": "img_1", "points": [[500, 500]], "at": [250, 100]}, SCENE, read_box=per_mille)
    assert bound.arguments["points"] == [(100.0, 50.0)]
    assert bound.arguments["at"] == (50.0, 10.0)


def test_a_point_outside_is_refused_with_the_range_in_the_planners_unit() -> None:
    with pytest.raises(InvalidArguments) as caught:
        bind(touch, {"image": "img_1", "points": [[500, 1200]]}, SCENE, read_box=per_mille)
    assert "The point [500, 1200] lies outside img_1." in caught.value.cause
    assert "x from 0 to 1000" in caught.value.cause


@pytest.mark.parametrize("points", [[[1, 2, 3]], [1, 2, 3], [["a", 2]], [{"x": 1, "y": 2}], [[float("nan"), 1]]])
def test_what_is_no_point_is_not_guessed_at(points: Any) -> None:
    assert refusal(touch, image="img_1", points=points).cause.startswith("points: ")


def test_a_point_needs_its_picture() -> None:
    error = refusal(touch, points=[[1, 2]])
    assert "A point needs the picture it lies on: give 'image' too." in error.cause


def test_a_box_may_lie_on_the_picture_of_a_region() -> None:
    @make_tool
    def within(region: Region, box: Box) -> str:
        """Look within a region."""
        return f"{region} {box}"

    bound = bind(within, {"region": "r1", "box": [0, 0, 999, 10]}, SCENE)
    assert bound.arguments["box"] == (0.0, 0.0, 200.0, 10.0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["img_1", "r1"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["image", "box", "scale", "regions", "unit", "mode", "grid", "names", "pair", "other"])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([samples.crop, samples.areas, samples.describe]), st.dictionaries(NAMES, JSON, max_size=4))
def test_whatever_is_written_is_bound_or_refused_with_an_error_of_lavr(tool: Any, written: dict[str, Any]) -> None:
    refused: LavrError | None = None
    try:
        bound = bind(tool, written, SCENE)
    except LavrError as error:
        refused = error
    if refused is not None:
        assert isinstance(refused, InvalidArguments | UnknownHandle)
        assert refused.cause
    else:
        assert set(tool.parameters.required) <= set(bound.arguments) <= set(tool.parameters.names)
