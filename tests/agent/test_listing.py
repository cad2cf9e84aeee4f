"""Regions in words: brief, in rows, and without numbers that a blind planner would take for what was read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lavr import Region, ScriptedPlanner
from lavr.agent.listing import REGION_LIMIT, region_lines, repeated_by
from lavr.agent.prompts import instruction
from lavr.agent.sight import Sight
from lavr.planners.base import Planner
from lavr.tests.agent.tables import picture
from lavr.vision.image import Image


class Blind(ScriptedPlanner):
    """A planner whose model is shown no pictures."""

    sees = False


SEEING, BLIND = Sight(ScriptedPlanner([])), Sight(Blind([]))


@pytest.fixture
def page() -> Image:
    return replace(picture(100, 80), handle="img_1")


def line(page: Image, number: int, text: str | None, *, row: int, score: float = 0.99, label: str = "line") -> Region:
    box = (10.0 * number, 0.0, 10.0 * number + 8, 6.0)
    return Region(page, box, label, score, text, attributes={"row": row}, handle=f"r{number}")


def test_what_stands_in_one_row_is_told_in_one_line(page: Image) -> None:
    regions = [line(page, 1, "TOTAL", row=0), line(page, 2, "9.00", row=0), line(page, 3, "CASH", row=1)]
    assert region_lines(regions, SEEING) == [
        "line on img_1:",
        'r1 "TOTAL" [10, 0, 18, 6]  r2 "9.00" [20, 0, 28, 6]',
        'r3 "CASH" [30, 0, 38, 6]',
    ]


def test_a_planner_that_sees_nothing_is_told_text_without_boxes_and_things_with_them(page: Image) -> None:
    text = [line(page, 1, "TOTAL", row=0), line(page, 2, "9.00", row=0)]
    assert region_lines(text, BLIND) == ["line on img_1:", 'r1 "TOTAL"  r2 "9.00"']
    thing = Region(page, (0, 0, 8, 4), "dog", 0.97, handle="r1")
    assert region_lines([thing], BLIND) == ["r1 dog 0.97 [0, 0, 8, 4] on img_1"]


def test_only_text_that_was_read_unsurely_is_told_with_its_score(page: Image) -> None:
    regions = [line(page, 1, "sure", row=0), line(page, 2, "unsure", row=1, score=0.61)]
    assert region_lines(regions, BLIND)[1:] == ['r1 "sure"', 'r2 "unsure" 0.61']


def test_labels_and_pictures_that_differ_are_told_of_each(page: Image) -> None:
    other = replace(picture(50, 50), handle="img_2")
    regions = [Region(page, (0, 0, 8, 4), "dog", handle="r1"), Region(other, (0, 0, 8, 4), "cat", handle="r2")]
    assert region_lines(regions, SEEING) == ["r1 dog [0, 0, 8, 4] on img_1", "r2 cat [0, 0, 8, 4] on img_2"]


def test_of_more_regions_than_can_be_told_the_rest_is_named(page: Image) -> None:
    regions = [line(page, number, "x", row=number) for number in range(1, REGION_LIMIT + 3)]
    assert region_lines(regions, SEEING)[-1] == "... and 2 more: r121 to r122"


def test_a_text_is_repeated_only_when_the_regions_say_every_word_of_it(page: Image) -> None:
    regions = [line(page, 1, "TOTAL due", row=0), line(page, 2, "9.00", row=0)]
    assert repeated_by("TOTAL due  9.00", regions)
    assert not repeated_by("TOTAL due 9.00, read twice", regions)
    assert not repeated_by("TOTAL due", [*regions[:1], line(page, 3, None, row=1)])
    assert not repeated_by("", [])


@pytest.mark.parametrize(("sight", "words"), [(SEEING, "You see the pictures yourself"), (BLIND, "cannot see them")])
def test_the_instruction_says_whether_the_planner_sees(sight: Sight, words: str) -> None:
    assert words in instruction(sight)


def test_a_planner_that_does_not_say_is_taken_to_see() -> None:
    planner: Planner = ScriptedPlanner([])
    assert Sight(planner).sees
