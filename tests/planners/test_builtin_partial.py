"""What tools know, find or tell only in part: nothing is claimed beyond it, and what else can be tried still is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lavr.tests.planners.scenery import CLOSED, EDITING, READING, SEARCH, scenery
from lavr.tests.planners.world import World
from lavr.tools.spec import ToolSpec
from lavr.vision.image import Image


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
