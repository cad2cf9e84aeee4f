"""What tools know, find or tell only in part: nothing is claimed beyond it, and what else can be tried still is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lavr.tests.planners.scenery import CLOSED, EDITING, READING, SEARCH, scenery, with_detector
from lavr.tests.planners.world import World, spec
from lavr.tools.calls import Observation
from lavr.tools.spec import ToolSpec
from lavr.vision.image import Image
from lavr.vision.region import Region


class TestASearchThatFails:
    """A closer look is more than was asked for: its failure leaves every other way open, and is told at the end."""

    TOOLS = (*READING, SEARCH, *EDITING)

    def exit(self) -> tuple[World, Image]:
        """A picture that says EXIT, and a search that knows no such word."""
        world, image = scenery()
        world.place(image, "EXIT", (10.0, 10.0, 60.0, 30.0))
        world.broken = {"search"}
        return world, image

    @pytest.mark.parametrize(
        ("question", "value"), [("what does the sign say?", "EXIT"), ("where is the exit?", "top left")]
    )
    def test_leaves_the_text_to_be_read(self, question: str, value: str) -> None:
        world, image = self.exit()
        asked = world.ask(question, image, tools=self.TOOLS)
        assert "search" in asked.names
        assert (asked.draft.value, asked.draft.complete) == (value, True), asked.draft.text

    @pytest.mark.parametrize("question", ["where is the bird?", "blur the bird", "what does the bird say?"])
    @pytest.mark.parametrize("tools", [TOOLS, (*TOOLS, CLOSED)], ids=["alone", "beside a detector"])
    def test_is_told_where_nothing_else_finds_the_thing(self, question: str, tools: Sequence[ToolSpec]) -> None:
        world, image = self.exit()
        draft = world.ask(question, image, tools=tools).draft
        assert not draft.complete
        assert "`search` failed: search is broken." in draft.text


class TestACloserLook:
    """What a closer look finds may be broader than what was asked for: colour, place and order are checked after it."""

    TOOLS = (*READING, SEARCH, *EDITING)

    def found(self, *hidden: tuple[str, str, tuple[float, float, float, float]]) -> tuple[World, Image]:
        """A picture on which a search finds these, whatever it is told to look for."""
        world, image = scenery()
        seen = tuple(Region(image, xyxy, label) for label, _, xyxy in hidden)
        world.shapes[image.handle] = list(hidden)
        world.more = {**world.more, "search": lambda _, __: Observation("found", seen)}
        return world, image

    @pytest.mark.parametrize(("color", "value"), [("red", "left"), ("blue", "")])
    def test_a_car_of_another_colour_is_not_the_red_car(self, color: str, value: str) -> None:
        world, image = self.found(("car", color, (20.0, 100.0, 120.0, 200.0)))
        draft = world.ask("where is the red car?", image, tools=self.TOOLS).draft
        assert (draft.value, draft.complete) == (value, bool(value)), draft.text
        assert value or "A closer look stopped at a car, and that is no red car." in draft.text

    def test_a_car_of_another_colour_is_not_cut_out(self) -> None:
        world, image = self.found(("car", "blue", (20.0, 100.0, 120.0, 200.0)))
        asked = world.ask("cut out the red car", image, tools=self.TOOLS)
        assert ("cutout" in asked.names, asked.draft.complete) == (False, False)

    def test_a_person_is_not_the_woman_but_said_to_be_there(self) -> None:
        world, image = self.found(("person", "white", (20.0, 100.0, 120.0, 200.0)))
        draft = world.ask("where is the woman?", image, tools=self.TOOLS).draft
        assert not draft.complete
        assert "A closer look finds a person, and does not tell women from others." in draft.text

    @pytest.mark.parametrize(("foot", "value"), [(250.0, "middle"), (390.0, "")])
    def test_a_cup_on_the_floor_is_not_on_the_table(self, foot: float, value: str) -> None:
        world, image = self.found(("cup", "white", (300.0, foot - 20.0, 320.0, foot)))
        world.more = {**world.more, "tables": lambda _, __: Observation("", (Region(image, TABLE, "table"),))}
        tools = (*self.TOOLS, spec("tables", finds=("table",)))
        draft = world.ask("where is the cup on the table?", image, tools=tools).draft
        assert (draft.value, draft.complete) == (value, bool(value)), draft.text

    def test_a_place_by_what_nothing_finds_stays_open(self) -> None:
        world, image = self.found(("cup", "white", (300.0, 200.0, 320.0, 220.0)))
        draft = world.ask("where is the cup on the table?", image, tools=self.TOOLS).draft
        assert not draft.complete
        assert "cannot tell what is on the table" in draft.text

    def test_there_is_no_second_of_one(self) -> None:
        world, image = self.found(("cup", "white", (300.0, 200.0, 320.0, 220.0)))
        draft = world.ask("where is the second cup from the left?", image, tools=self.TOOLS).draft
        assert not draft.complete
        assert "I find 1 cup, so there is no second leftmost cup." in draft.text


TABLE = (200.0, 240.0, 400.0, 320.0)


class TestOneOfThoseThatAreNotToldApart:
    """Of several people, nothing tells which is the leftmost woman; the only person may be she."""

    def people(self, *lefts: float) -> tuple[World, Image]:
        """People side by side."""
        world, image = scenery()
        for left in lefts:
            world.draw(image, "person", "white", (left, 100.0, left + 60.0, 300.0))
        return world, image

    @pytest.mark.parametrize("question", ["where is the woman on the left?", "cut out the leftmost woman"])
    def test_is_not_taken_from_several(self, question: str) -> None:
        world, image = self.people(20.0, 220.0, 420.0)
        asked = world.ask(question, image, tools=with_detector())
        assert ("cutout" in asked.names, asked.draft.complete) == (False, False)
        assert "I find 3 people, and no tool at hand tells women from others." in asked.draft.text

    def test_is_the_only_one_there(self) -> None:
        world, image = self.people(20.0)
        draft = world.ask("where is the woman on the left?", image, tools=with_detector()).draft
        assert (draft.value, draft.complete) == ("left", True)

    def test_an_order_among_what_is_told_apart_stays(self) -> None:
        world, image = self.people(20.0, 220.0, 420.0)
        assert world.ask("where is the person on the right?", image, tools=with_detector()).draft.value == "right"
