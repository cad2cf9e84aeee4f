"""Evidence: what a cited handle points at, on the picture that the user gave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lavr import Agent, Citation, Evidence, Image, Observation, Region
from lavr.agent.events import EvidenceDropped
from lavr.agent.evidence import Sources
from lavr.errors import ToolFailed
from lavr.tests.agent.tables import TOOLS, Watching, call, calls, events_of, picture, says
from lavr.tools.calls import ToolResult
from lavr.vision.scene import Scene
from lavr.vision.transforms import crop, resize, rotate


@pytest.fixture
def sources() -> Sources:
    """img_1 given; img_2 a crop of it, img_3 the crop doubled and turned; img_4 from nowhere; r1 to r4 one on each."""
    scene = Scene()
    given = scene.add_image(picture(100, 80))
    part = scene.add_image(crop(given, (10, 20, 50, 60)))
    turned = scene.add_image(rotate(resize(part, (80, 80)), 90))
    stray = scene.add_image(picture(9, 9))
    images = (given, part, turned, stray)
    regions = [scene.add_region(Region(image, (0, 0, 8, 4), "line", text="T")) for image in images]
    results = {
        "c1": ToolResult(call("ocr", "c1"), Observation("x", (regions[0],))),
        "c2": ToolResult(call("zoom", "c2"), Observation("x", tuple(regions[1:]), (part, turned, stray))),
        "c3": ToolResult(call("add", "c3"), Observation("3")),
        "c4": ToolResult(call("add", "c4"), error=ToolFailed("it broke")),
    }
    return Sources(scene, results, [given])


def _one(sources: Sources, handle: str) -> Evidence:
    (evidence,), dropped = sources.resolve([Citation("quote", handle)])
    assert dropped == []
    return evidence


def _box(evidence: Evidence) -> tuple[float, ...]:
    assert evidence.region is not None
    return evidence.region.xyxy


def test_a_region_of_the_given_picture_is_its_own_evidence(sources: Sources) -> None:
    evidence = _one(sources, "r1")
    assert _box(evidence) == (0, 0, 8, 4)
    assert (evidence.call_id, evidence.image) == ("c1", sources.given[0])


def test_a_region_of_a_crop_is_mapped_onto_the_given_picture(sources: Sources) -> None:
    assert _box(_one(sources, "r2")) == pytest.approx((10, 20, 18, 24))


def test_a_region_of_a_turned_and_enlarged_crop_is_mapped_too(sources: Sources) -> None:
    region = sources.scene.region("r3")
    evidence = _one(sources, "r3")
    assert _box(evidence) == pytest.approx(region.on(sources.given[0]).xyxy)
    assert evidence.region is not None
    assert evidence.region.area == pytest.approx(8)
    assert 10 <= evidence.region.center[0] <= 50
    assert 20 <= evidence.region.center[1] <= 60


def test_a_cited_crop_is_its_place_on_the_given_picture(sources: Sources) -> None:
    evidence = _one(sources, "img_2")
    assert _box(evidence) == pytest.approx((10, 20, 50, 60))
    assert (evidence.handle, evidence.call_id) == ("img_2", "c2")


def test_the_given_picture_has_no_place_and_no_call(sources: Sources) -> None:
    evidence = _one(sources, "img_1")
    assert (evidence.region, evidence.image, evidence.call_id) == (None, sources.given[0], "")


def test_a_call_is_evidence_with_or_without_a_picture(sources: Sources) -> None:
    assert _one(sources, "c2").image == sources.given[0]
    assert _one(sources, "c3").image is None
    assert _one(sources, "c3").call_id == "c3"


@pytest.mark.parametrize(
    ("handle", "reason"),
    [
        ("r99", "no region, picture or call"),
        ("", "no region, picture or call"),
        ("r4", "not made from a picture"),
        ("c4", "it broke"),
    ],
)
def test_what_leads_nowhere_is_dropped_with_the_reason(sources: Sources, handle: str, reason: str) -> None:
    evidence, dropped = sources.resolve([Citation("quote", handle)])
    assert evidence == []
    assert reason in dropped[0].reason


def test_the_nearest_ancestor_is_meant_when_a_picture_and_its_crop_were_both_given(sources: Sources) -> None:
    given, part = sources.scene.image("img_1"), sources.scene.image("img_2")
    both = replace(sources, given=[given, part])
    assert both.root(sources.scene.add_image(resize(part, (80, 80)))) == part
    assert _box(_one(both, "r2")) == (0, 0, 8, 4)


def test_two_identical_pictures_are_told_apart(sources: Sources) -> None:
    twin = sources.scene.add_image(Image.of(sources.given[0].pixels()))
    region = sources.scene.add_region(Region(twin, (1, 1, 2, 2)))
    evidence = _one(replace(sources, given=[*sources.given, twin]), region.handle)
    assert evidence.image == twin


def test_a_dropped_citation_is_told_and_the_answer_stands() -> None:
    planner = Watching(calls(call("find", image="img_1")), says("It is so.", ("so", "r77"), ("It", "r1")))
    events = events_of(Agent(planner, tools=TOOLS), images=picture())
    (dropped,) = [event for event in events if isinstance(event, EvidenceDropped)]
    assert (dropped.quote, dropped.handle) == ("so", "r77")
    answer = events[-1].answer  # type: ignore[union-attr]  # the last event is AnswerReady, or the test fails here
    assert [evidence.handle for evidence in answer.evidence] == ["r1"]
    assert answer.complete


def test_an_answer_shows_the_pictures_that_it_cites_and_a_tool_made() -> None:
    script = [
        calls(call("cut", image="img_1"), call("find", image="img_1")),
        says("Here.", ("Here", "img_2"), ("He", "r1")),
    ]
    answer = Agent(Watching(*script), tools=TOOLS).ask(picture(), "Cut it.")
    assert [image.handle for image in answer.images] == ["img_2"]
    assert answer.images[0].size_wh == (20, 20)
    plain = Agent(Watching(calls(call("cut", image="img_1")), says("No.", ("No", "img_1"))), tools=TOOLS)
    assert plain.ask(picture(), "?").images == ()
