"""The tool `segment`: what it asks for, what it says, and where its masks lie."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lavr.errors import InvalidArguments, InvalidRegion, MissingModel, UsageError
from lavr.jsonable import Json
from lavr.tests.tools.drawn import shapes
from lavr.tests.tools.models import sams
from lavr.tools.calls import Observation, ToolCall
from lavr.tools.hosts.worker import WorkerHost
from lavr.tools.models.segmenters.promptable import Promptable, enlarged
from lavr.tools.models.segmenters.prompts import Prompt
from lavr.tools.registry import Toolbox, default_tools
from lavr.tools.runner import ToolRunner
from lavr.tools.segment import MOST, segment_tool
from lavr.tools.testing import check_tool
from lavr.tools.tool import tool
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.scene import Scene
from lavr.vision.transforms import crop, flip, resize, rotate

BALL, BRICK = (60.0, 40.0, 160.0, 140.0), (200.0, 120.0, 320.0, 200.0)
segment = segment_tool()


def picture() -> Image:
    """A red ball and a blue brick on beige."""
    return shapes((400, 260), "beige", ("ellipse", BALL, "firebrick"), ("rectangle", BRICK, "navy"))


def truth(image: Image, color: tuple[int, int, int]) -> Region:
    return Region.of_mask(image, Mask.of((image.pixels() == color).all(axis=2)))


FIREBRICK, NAVY = (178, 34, 34), (0, 0, 128)


def iou(one: Region, other: Region) -> float:
    assert one.mask is not None
    assert other.mask is not None
    a, b = one.mask.array(), other.on(one.image).mask
    assert b is not None
    return float((a & b.array()).sum() / (a | b.array()).sum())


def cut(**arguments: Any) -> Observation:
    found: Observation = segment(**arguments)
    return found


@tool
def reds(image: Image, labels: tuple[str, ...] = ()) -> Observation:
    """Find red things, whatever is asked for, unless it is a dog."""
    if "dog" in labels:
        return Observation(text="No dog.")
    return Observation(text="1 ball", regions=(Region(image, BALL, label="ball", score=0.8),))


def test_it_conforms() -> None:
    examples: list[dict[str, Any]] = [
        {"image": "img_1", "box": [30, 50, 190, 210]},
        {"image": "img_1", "points": [[100, 100], [300, 320]], "label": "tile"},
        {"image": "img_1", "region": "r3", "outside": [[2, 2]]},
    ]
    check_tool(segment, examples=examples)


def test_it_is_there_without_a_model_and_says_so() -> None:
    shipped = default_tools().get("segment")
    assert shipped.host == "inline"
    assert "goes by colour alone" in shipped.spec.card.limits
    found = shipped.observe(image=picture(), box=BALL)
    assert "GrabCut, a method without a model" in found.text
    assert found.regions[0].score is None


def test_a_box_gives_a_mask_a_box_an_outline_and_a_short_text() -> None:
    image = picture()
    found = cut(image=image, box=(50, 30, 175, 150), label="ball")
    (region,) = found.regions
    assert iou(region, truth(image, FIREBRICK)) > 0.97
    assert region.label == "ball"
    assert max(abs(a - b) for a, b in zip(region.xyxy, (60, 40, 161, 141), strict=True)) <= 1.5
    assert region.polygon is not None
    assert 8 < len(region.polygon) < 80
    outlined = Region.of_mask(image, Mask.of_polygon(region.polygon, image.size_wh))
    assert iou(region, outlined) > 0.97
    share = region.area / (400 * 260)
    assert f"ball, {share:.1%} of the picture ({region.area:.0f} pixels)" in found.text
    assert found.marked
    assert isinstance(found.data, dict)
    assert found.data["things"] == [
        {"label": "ball", "pixels": int(region.area), "share": round(share, 6), "score": None}
    ]


def test_several_places_and_points_give_a_mask_each_in_their_order() -> None:
    image = picture()
    ball, brick = Region(image, BALL, label="ball", handle="r7"), Region(image, BRICK, label="brick", handle="r8")
    of_regions = cut(image=image, regions=[brick, ball])
    assert [region.label for region in of_regions.regions] == ["brick", "ball"]
    assert [region.attributes for region in of_regions.regions] == [{"cut_from": "r8"}, {"cut_from": "r7"}]
    assert "brick from r8" in of_regions.text
    of_points = cut(image=image, points=[(110.0, 90.0), (250.0, 150.0)])
    for found, color in zip([*of_points.regions, *of_regions.regions], (FIREBRICK, NAVY, NAVY, FIREBRICK), strict=True):
        assert iou(found, truth(image, color)) > 0.97
    both = cut(image=image, region=ball, box=BRICK)
    assert [region.label for region in both.regions] == ["ball", "thing"]


def test_where_somebody_clicked_the_whole_thing_under_the_point_is_cut_out() -> None:
    image = picture()
    click = replace(Region.at(image, (250.0, 150.0)), handle="r9")
    assert click.area < 0.1 * truth(image, NAVY).area
    for place in (click, click.on(crop(image, (100, 50, 400, 260)))):
        (found,) = cut(image=image, region=place).regions
        assert iou(found, truth(image, NAVY)) > 0.97
        assert (found.label, found.attributes) == ("thing", {"cut_from": "r9"})
    (of_point,) = cut(image=image, points=[(250.0, 150.0)]).regions
    assert iou(found, of_point) > 0.999


@pytest.mark.parametrize(
    "view",
    [
        lambda image: rotate(image, 90),
        lambda image: rotate(image, 270),
        lambda image: rotate(image, 20),
        flip,
        lambda image: resize(image, (1200, 500)),
        lambda image: crop(image, (40, 20, 340, 220)),
        lambda image: crop(rotate(resize(image, (800, 520)), 90), (60, 60, 500, 780)),
    ],
    ids=["left", "right", "askew", "mirrored", "stretched", "part", "all"],
)
def test_masks_lie_where_the_thing_is_on_every_picture_of_the_same_origin(view: Any) -> None:
    image = picture()
    ball = Region(image, BALL)
    seen = view(image)
    (region,) = cut(image=seen, region=ball).regions
    assert region.image == seen
    assert iou(truth(image, FIREBRICK), region) > 0.95


def test_points_inside_and_outside_refine_a_box() -> None:
    image = shapes(
        (300, 200), "white", ("ellipse", (40, 40, 140, 140), "navy"), ("ellipse", (160, 40, 260, 140), "teal")
    )
    both = cut(image=image, box=(30, 30, 270, 150)).regions[0]
    one = cut(
        image=image, box=(30, 30, 270, 150), points=[(90.0, 90.0)], outside=[(210.0, 90.0), (200.0, 70.0)]
    ).regions[0]
    assert iou(both, truth(image, NAVY)) < 0.6
    assert iou(one, truth(image, NAVY)) > 0.95


def test_a_label_alone_is_looked_for_with_the_detector() -> None:
    image = picture()
    found = segment_tool(detector=reds).observe(image=image, label="red ball")
    assert iou(found.regions[0], truth(image, FIREBRICK)) > 0.97
    assert found.regions[0].label == "ball"
    nothing = segment_tool(detector=reds).observe(image=image, label="dog")
    assert nothing.text == "There is nothing to cut out. No dog."
    assert nothing.regions == ()


def test_what_a_detector_takes_as_something_broader_keeps_its_own_name_and_is_said() -> None:
    @tool
    def closed(image: Image, labels: tuple[str, ...] = ()) -> Observation:
        """Know balls only, whatever their colour."""
        taken: Json = {"taken_as": {labels[0]: ["ball"]}}
        return Observation("1 ball.", (Region(image, BALL, label="ball", score=0.8),), data=taken)

    found = segment_tool(detector=closed, host="inline").observe(image=picture(), label="green ball")
    assert [region.label for region in found.regions] == ["ball"]
    assert "“green ball” was taken as ball." in found.text
    assert isinstance(found.data, dict)
    assert found.data["taken_as"] == ["ball"]


def test_without_a_detector_a_label_alone_says_what_is_missing() -> None:
    with pytest.raises(MissingModel) as caught:
        cut(image=picture(), label="dog")
    assert "no detector that could look for 'dog'" in caught.value.cause
    assert "detect_tool" in caught.value.remedy
    assert "no detector is configured" in segment.spec.card.limits
    assert "no detector" not in segment_tool(detector=reds).spec.card.limits


def test_what_does_not_stand_out_is_named_and_the_rest_is_cut_out() -> None:
    image = picture()
    nowhere = Region(image, (300.0, 20.0, 340.0, 60.0), handle="r4")
    found = cut(image=image, regions=[Region(image, BALL), nowhere])
    assert [region.xyxy for region in found.regions] == [cut(image=image, box=BALL).regions[0].xyxy]
    assert found.text.endswith("Nothing stands out from its surroundings for r4.")
    alone = cut(image=image, region=nowhere)
    assert alone.text.startswith("Nothing was cut out by GrabCut")
    assert not alone.marked


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "Nothing says what to cut out."),
        ({"label": "  "}, "Nothing says what to cut out."),
        ({"outside": [(1.0, 1.0)]}, "Nothing says what to cut out."),
        ({"regions": 2, "points": [(1.0, 1.0)]}, "Points lie on one thing, but several places are given."),
        ({"regions": MOST + 1}, f"{MOST + 1} things are too many at once."),
    ],
)
def test_calls_that_make_no_sense_are_refused(arguments: dict[str, Any], told: str) -> None:
    image = picture()
    if "regions" in arguments:
        arguments = {**arguments, "regions": [Region(image, BALL)] * arguments["regions"]}
    with pytest.raises(InvalidArguments, match=told.replace(".", r"\.")):
        cut(image=image, **arguments)


def test_a_place_outside_the_picture_is_refused() -> None:
    image = picture()
    with pytest.raises(InvalidRegion):
        cut(image=crop(image, (0, 0, 50, 40)), region=Region(image, BRICK))


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"backend": "magic"}, "There is no backend 'magic' for segment."),
        ({"backend": "grabcut", "weights": "sam-vit-b"}, "GrabCut has no weights."),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(config: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        segment_tool(**config)  # type: ignore[arg-type] # text only


def test_a_model_runs_in_a_worker_and_the_card_says_what_a_model_cannot() -> None:
    for config in ({"weights": "sam-vit-b"}, {"weights": "facebook/sam2.1-hiera-tiny"}, {"backend": "transformers"}):
        made = segment_tool(**config)  # type: ignore[arg-type] # text only
        assert made.host == "worker"
        assert "zoom first" in made.spec.card.limits


def network_of(weights: Path) -> Promptable:
    from lavr.tools.models.safe_loading import load_weights
    from lavr.tools.models.segmenters.segment_anything import SegmentAnything, build

    return SegmentAnything(build(load_weights(weights)))


def test_with_a_sam_the_masks_and_scores_are_those_of_the_network(tmp_path: Path) -> None:
    weights = sams.file_of(sams.original(), tmp_path)
    image = crop(rotate(sams.blotches((500, 300), seed=4), 90), (20, 30, 280, 470))
    region = Region(image, (30.0, 50.0, 200.0, 300.0), handle="r2", label="blotch")
    found = segment_tool(weights=str(weights)).observe(image=image, region=region)
    network = network_of(weights)
    embedding = network.embed(image.pixels())
    (own,) = network.decode(embedding, [Prompt(region.xyxy)])
    (cut_out,) = found.regions
    assert cut_out.mask == Mask.of(enlarged(own.values, embedding))
    assert cut_out.score == pytest.approx(min(max(own.score, 0), 1), abs=1e-4)
    assert "Cut out by the model sam_small.pth: blotch from r2" in found.text
    assert "by its own guess" in found.text


@pytest.mark.slow
def test_a_sam_in_a_worker_gives_what_it_gives_here(tmp_path: Path) -> None:
    made = segment_tool(weights=str(sams.file_of(sams.original(), tmp_path)), detector=reds)
    scene = Scene()
    scene.add_image(Image.of(picture().pixels(), store=scene.store))
    call = ToolCall("c1", "segment", {"image": "img_1", "label": "ball"})
    here = ToolRunner(Toolbox([made.on("inline")])).run(call, scene)
    host = WorkerHost(store=scene.store, threads=1)
    runner = ToolRunner(Toolbox([made.on("other")]), hosts={"other": host})
    try:
        there = runner.run(call, scene)
    finally:
        runner.close()
    assert here.observation is not None
    assert there.observation is not None
    assert there.observation.text == here.observation.text
    assert [region.mask for region in there.observation.regions] == [region.mask for region in here.observation.regions]


def test_twelve_megapixels_are_cut_within_seconds_at_full_detail() -> None:
    yy, xx = np.ogrid[:3000, :4000]
    pixels = np.full((3000, 4000, 3), 200, dtype=np.uint8)
    ball = (xx - 2600) ** 2 + (yy - 1700) ** 2 <= 900**2
    pixels[ball] = (30, 90, 160)
    (region,) = cut(image=Image.of(pixels), box=(1650.0, 750.0, 3550.0, 2650.0)).regions
    assert region.mask is not None
    both = region.mask.array() & ball
    assert both.sum() / (region.mask.array() | ball).sum() > 0.98
    assert region.area == pytest.approx(math.pi * 900**2, rel=0.02)
