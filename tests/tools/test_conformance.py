"""The conformance suite finds what is wrong with a tool, and nothing with a good one."""

from __future__ import annotations

import itertools
import os
from typing import Any

import pytest

from lavr.errors import ToolFailed
from lavr.tests.tools import samples
from lavr.tests.tools.scenes import scene_with
from lavr.tools.testing import NonConformance, check_tool, problems_of, sample_scene
from lavr.tools.tool import Tool, tool
from lavr.vision.image import Image
from lavr.vision.region import Region

_COUNTER = itertools.count()


@pytest.mark.parametrize("good", [samples.crop, samples.areas, samples.adder(step=2)], ids=lambda made: made.name)
def test_a_good_tool_conforms(good: Tool) -> None:
    check_tool(good)


@tool(example={"image": "img_1"})
def fickle(image: Image) -> int:
    """Count calls.

    Args:
        image: the picture.
    """
    return next(_COUNTER)


@tool(example={"image": "img_1"})
def careless(image: Image) -> Region:
    """Find something beyond the edge.

    Args:
        image: the picture.
    """
    return Region(image, (0.0, 0.0, 5000.0, 10.0))


@tool(example={"image": "img_1"})
def fragile(image: Image) -> float:
    """Divide by the width less one.

    Args:
        image: the picture.
    """
    return 100 / (image.size_wh[0] - 1)


@tool(example={"image": "img_1"})
def firm(image: Image) -> float:
    """Divide by the width less one, or refuse.

    Args:
        image: the picture.
    """
    if image.size_wh[0] < 2:
        raise ToolFailed("The picture is too narrow.", remedy="Give a wider one.")
    return 100 / (image.size_wh[0] - 1)


@tool(example={"image": "img_1"})
def raises(image: Image) -> str:
    """Raise.

    Args:
        image: the picture.
    """
    raise KeyError("x")


@tool(example={"image": "img_1"})
def silent(image: Image) -> str:
    """Say nothing.

    Args:
        image: the picture.
    """
    return ""


@tool(example={"picture": "img_1"})
def misspelt(image: Image) -> str:
    """Have a wrong example.

    Args:
        image: the picture.
    """
    return "fine"


@tool
def undescribed(text: str) -> str:
    """Take text."""
    return text


@tool(example={})
def which_process() -> int:
    """Tell the process."""
    return os.getpid()


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (fickle, "two runs differ"),
        (careless, "Boxes that reached beyond the picture were clipped to it."),
        (fragile, "on one pixel: The tool fragile failed: ZeroDivisionError"),
        (raises, "ToolFailed: The tool raises failed: KeyError"),
        (silent, "the text is empty"),
        (misspelt, "There is no argument 'picture'"),
        (undescribed, "card: there is no example"),
        (undescribed, "card: the docstring does not describe the argument 'text'"),
    ],
    ids=lambda value: value.name if isinstance(value, Tool) else "",
)
def test_a_bad_tool_is_told_what_is_wrong(bad: Tool, problem: str) -> None:
    assert any(problem in found for found in problems_of(bad, worker=False))


def test_refusing_a_tiny_picture_with_a_typed_error_is_fine() -> None:
    assert problems_of(firm, worker=False) == []


def test_a_result_that_differs_in_a_worker_is_found() -> None:
    assert problems_of(which_process) == ["worker, example {}: the result differs from the one in this process."]


def test_a_tool_that_cannot_run_in_a_worker_is_found() -> None:
    captured: Any = object()

    @tool(example={"number": 1})
    def closure(number: int) -> str:
        """Use what is captured.

        Args:
            number: a number.
        """
        return f"{type(captured).__name__} {number}"

    assert problems_of(closure) == ["worker: it cannot run in another process: it is defined inside another function."]


def test_all_problems_are_raised_at_once() -> None:
    with pytest.raises(NonConformance) as caught:
        check_tool(undescribed)
    assert len(caught.value.problems) == 2
    assert "The tool undescribed does not conform:\n- card:" in str(caught.value)


def test_further_examples_and_scenes_may_be_given() -> None:
    scene = scene_with((64, 64))
    check_tool(samples.crop, scene=scene, examples=[{"image": "img_1", "box": [0, 0, 64, 64]}], worker=False)
    wide = problems_of(samples.crop, scene=scene, examples=[{"image": "img_1", "box": [0, 0, 99, 9]}], worker=False)
    assert len(wide) == 1
    assert "was clipped" in wide[0]


def test_the_sample_scene_has_what_the_examples_of_cards_name() -> None:
    scene = sample_scene()
    assert [image.handle for image in scene.images] == ["img_1", "img_2", "img_3"]
    assert [region.handle for region in scene.regions] == ["r1", "r2", "r3", "r4", "r5", "r6"]
