"""The tool `detect`: what it says, where it looks, and that many threads may use it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lavr import Agent
from lavr.errors import InvalidArguments
from lavr.planners.base import Decision, Draft
from lavr.planners.scripted import ScriptedPlanner
from lavr.tests.tools.models.tiny_yolo import save_yolo
from lavr.tools.calls import Observation, ToolCall
from lavr.tools.detect import detect_tool
from lavr.tools.models.pool import shared_pool
from lavr.tools.testing import check_tool
from lavr.tools.tool import Tool
from lavr.vision.image import Image


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_yolo("detect", tmp_path_factory.mktemp("yolo") / "detect.pt")


def picture(width: int = 200, height: int = 120, seed: int = 5) -> Image:
    blots = np.random.default_rng(seed).integers(0, 255, (height // 20, width // 20, 3), dtype=np.uint8)
    return Image.of(blots.repeat(20, axis=0).repeat(20, axis=1))


def inline(file: Path, min_score: float = 0.001, **options: Any) -> Tool:
    return detect_tool(weights=str(file), host="inline", min_score=min_score, **options)


def test_it_conforms(file: Path) -> None:
    check_tool(detect_tool(weights=str(file), min_score=0.001), examples=[{"image": "img_1", "labels": ["dogs"]}])


def test_what_was_found_and_what_was_not_is_told_and_counted(file: Path) -> None:
    found = inline(file).observe(image=picture(), labels=("people", "dogs", "bikes"))
    labels = [region.label for region in found.regions]
    counts = {name: labels.count(name) for name in ("person", "dog", "bicycle")}
    assert found.data == {"counts": counts}
    for name, count in counts.items():
        told = {"person": f"{count} people", "dog": f"{count} dogs", "bicycle": f"{count} bicycles"}[name]
        assert count < 2 or told in found.text.replace(f"{count} People", told)


def test_nothing_found_says_what_the_detector_would_have_found(file: Path) -> None:
    found = inline(file, 0.99).observe(image=picture())
    assert found.text == "Nothing was found; the detector knows person, bicycle, dog."
    assert found.regions == ()
    assert not found.marked
    assert inline(file, 0.99).observe(image=picture(), labels=("dogs",)).text == "No dog."


def test_a_label_that_the_detector_lacks_is_refused_with_the_nearest_classes_and_all_there_are(file: Path) -> None:
    with pytest.raises(InvalidArguments) as refused:
        inline(file).observe(image=picture(), labels=("bycicle rack", "unicorns"))
    assert "knows no “unicorns”" in str(refused.value)
    assert "nearest: bicycle" in str(refused.value)
    assert "It finds person, bicycle, dog." in str(refused.value)


def test_beside_labels_that_it_knows_one_that_it_lacks_is_said(file: Path) -> None:
    found = inline(file).observe(image=picture(), labels=("dog", "unicorn"))
    assert "knows no “unicorn”" in found.text
    assert {region.label for region in found.regions} <= {"dog"}


def test_what_is_taken_for_something_broader_is_said(file: Path) -> None:
    found = inline(file).observe(image=picture(), labels=("woman", "dog"))
    assert "“woman” was taken as person." in found.text
    assert isinstance(found.data, dict)
    assert found.data["taken_as"] == {"woman": ["person"]}


def test_regions_come_from_left_to_right(file: Path) -> None:
    lefts = [region.xyxy[0] for region in inline(file).observe(image=picture()).regions]
    assert lefts == sorted(lefts)


def test_the_picture_with_marks_shows_the_handles_of_the_session(file: Path) -> None:
    call = ToolCall("", "detect", {"image": "img_1"})
    again = ToolCall("", "detect", {"image": "img_1", "labels": ["dog"]})
    planner = ScriptedPlanner([Decision(calls=(call,)), Decision(calls=(again,)), Decision(answer=Draft("done"))])
    with Agent(planner, tools=[inline(file)]) as agent:
        answer = agent.ask(picture(), "What is there?")
    first, second = (result.observation for result in answer.trace.results)
    assert first is not None
    assert second is not None
    assert [region.handle for region in first.regions] == [f"r{n}" for n in range(1, len(first.regions) + 1)]
    assert second.regions[0].handle == f"r{len(first.regions) + 1}"
    (marked,) = first.images
    assert marked.handle
    assert marked.size_wh == (200, 120)
    assert (marked.pixels() != picture().pixels()).any()


def test_several_threads_get_what_one_gets_whatever_each_of_them_asks(file: Path) -> None:
    """One model, other arguments: the library itself mixes them up."""
    tools = [inline(file, score) for score in (0.001, 0.012, 0.02)]
    pictures = [picture(seed=seed, width=width) for seed, width in ((1, 200), (2, 200), (3, 320), (4, 160))]
    wanted: list[tuple[str, ...]] = [(), ("dog",), ("person", "bicycle")]
    jobs = [(tool, image, labels) for tool in tools for image in pictures for labels in wanted]

    def run(job: tuple[Tool, Image, tuple[str, ...]]) -> Observation:
        return job[0].observe(image=job[1], labels=job[2])

    alone = [run(job) for job in jobs]
    before = shared_pool().metrics[f"detect:yolo:{file}"].copy()
    with ThreadPoolExecutor(32) as threads:
        together = list(threads.map(run, jobs))
    batches = shared_pool().metrics[f"detect:yolo:{file}"].batches
    assert max(batches) > 1, "no calls ran together"
    assert before.loads == 1
    for one, other in zip(alone, together, strict=True):
        assert same(one, other)


def same(one: Observation, other: Observation) -> bool:
    """Whether two observations agree, up to the rounding of floats in batches of other sizes."""
    if [region.label for region in one.regions] != [region.label for region in other.regions]:
        return False
    boxes = [np.array([region.xyxy for region in each.regions]) for each in (one, other)]
    scores = [np.array([region.score or 0.0 for region in each.regions]) for each in (one, other)]
    return (
        bool(np.allclose(boxes[0], boxes[1], atol=0.03) and np.allclose(scores[0], scores[1], atol=2e-4))
        and one.data == other.data
    )
