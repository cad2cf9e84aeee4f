"""What is cut out and hidden, judged by pixels: with the shipped tools, and a detector that knows what was drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lavr import Agent, Image, Region, tool
from lavr.tests.tools.edit_questions import EDITS
from lavr.tests.tools.shape_questions import NAMES, Shape, cases
from lavr.tools.tool import Tool
from lavr.vision.frame import Xyxy


def knowing(drawn: dict[str, tuple[Shape, ...]], *, aside: float = 0.0) -> Tool:
    """A detector that gives the boxes of what was drawn, by the digests of the pictures; so many pixels aside."""

    @tool(finds=NAMES)
    def detect(image: Image) -> list[Region]:
        """Find the shapes."""
        found = [Region(image, shape.box, label=shape.name, score=0.9) for shape in drawn[image.digest]]
        return [replace(one, xyxy=_aside(one.xyxy, aside)).clipped() for one in found]

    return detect


def _aside(xyxy: Xyxy, pixels: float) -> Xyxy:
    return (xyxy[0] + pixels, xyxy[1], xyxy[2] + pixels, xyxy[3])


@pytest.mark.slow
def test_the_right_pixels_are_cut_out_and_hidden_and_no_others() -> None:
    drawn: dict[str, tuple[Shape, ...]] = {}
    wrong = []
    with Agent(planner="builtin", extra_tools=[knowing(drawn)]) as agent:
        for case in cases(12, seed=3, kinds=EDITS):
            drawn[case.scene.image.digest] = case.scene.shapes
            answer = agent.ask(case.scene.image, case.question)
            if not case.right(answer):
                wrong.append((case.question, case.expected, answer.text))
    assert wrong == []


@pytest.mark.slow
def test_what_is_cut_out_and_hidden_beside_a_thing_is_found_to_be_wrong() -> None:
    drawn: dict[str, tuple[Shape, ...]] = {}
    with Agent(planner="builtin", extra_tools=[knowing(drawn, aside=70)]) as agent:
        for case in cases(3, seed=4, kinds=EDITS):
            drawn[case.scene.image.digest] = case.scene.shapes
            answer = agent.ask(case.scene.image, case.question)
            assert answer.images, answer.text
            assert not case.right(answer), case.question
