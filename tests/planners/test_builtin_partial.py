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

    def test_the_first_that_it_finds_may_not_be_the_largest(self) -> None:
        world, image = self.found(("cup", "white", (300.0, 200.0, 320.0, 220.0)))
        draft = world.ask("where is the largest cup?", image, tools=self.TOOLS).draft
        assert (draft.value, draft.complete) == ("middle", False)
        assert "others may remain" in draft.text


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


class TestKindsOfAThing:
    """A detector knows some kinds of fruit: those that it finds are told and counted, and none of them is no "no"."""

    @pytest.mark.parametrize("question", ["is there any fruit?", "how many fruits are there?", "is there no fruit?"])
    def test_none_of_those_that_are_known_is_not_none_at_all(self, question: str) -> None:
        world, image = scenery()
        draft = world.ask(question, image, tools=(CLOSED,)).draft
        assert (draft.value, draft.complete) == ("", False)
        text = "Of fruit the tools at hand find only apple, banana and orange: there is no fruit among these."
        assert draft.text.startswith(text)

    @pytest.mark.parametrize("noun", ["plant", "glass", "table", "animal"])
    def test_nor_is_it_where_one_kind_is_all_that_is_known(self, noun: str) -> None:
        world, image = scenery()
        draft = world.ask(f"is there a {noun}?", image, tools=(CLOSED,)).draft
        assert (draft.value, draft.complete) == ("", False)

    def test_no_red_fruit_among_those_that_are_known_leaves_other_red_fruit_open(self) -> None:
        world, image = self.bowl()
        draft = world.ask("is there a red fruit?", image, tools=(*READING, CLOSED)).draft
        assert not draft.complete
        assert "there is no red fruit among these" in draft.text

    def test_those_that_are_there_are_told_and_the_number_says_what_was_looked_for(self) -> None:
        world, image = self.bowl()
        assert world.ask("is there any fruit?", image, tools=(CLOSED,)).draft.value == "yes"
        counted = world.ask("how many fruits are there?", image, tools=(CLOSED,)).draft
        assert (counted.value, counted.complete) == ("2", True)
        assert counted.text == "I find 2 fruit (looked for: apple, banana and orange)."

    def test_the_mouse_of_a_computer_is_no_animal(self) -> None:
        world, image = scenery()
        world.draw(image, "mouse", "black", (10.0, 10.0, 60.0, 60.0))
        world.draw(image, "dog", "brown", (100.0, 10.0, 160.0, 60.0))
        assert world.ask("how many animals are there?", image, tools=(CLOSED,)).draft.value == "1"
        text = world.ask("blur all animals", image, tools=with_detector()).draft.text
        assert "is img_2: a dog (r4) blurred." in text

    def test_of_many_kinds_a_few_are_named(self) -> None:
        world, image = scenery()
        world.draw(image, "bus", "red", (10.0, 10.0, 90.0, 60.0))
        text = world.ask("how many vehicles are there?", image, tools=(CLOSED,)).draft.text
        assert text == "I find 1 vehicle (looked for: airplane, bicycle, boat, bus, car, motorcycle and 2 more)."

    @pytest.mark.parametrize("known", [("fruit",), ("*",)])
    def test_a_tool_that_knows_the_thing_itself_or_any_name_says_no_for_certain(self, known: tuple[str, ...]) -> None:
        world, image = scenery()
        world.more = {**world.more, "more": lambda _, __: Observation("")}
        draft = world.ask("is there any fruit?", image, tools=(CLOSED, spec("more", finds=known))).draft
        assert (draft.value, draft.complete) == ("no", True)

    def test_what_a_tool_that_takes_any_name_finds_again_counts_once(self) -> None:
        world, image = self.bowl()
        twin = Region(image, (10.0, 10.0, 60.0, 60.0), "fruit")
        other = Region(image, (200.0, 10.0, 260.0, 60.0), "fruit")
        world.more = {**world.more, "more": lambda _, __: Observation("", (twin, other))}
        draft = world.ask("how many fruits are there?", image, tools=(spec("more", finds=("*",)), CLOSED)).draft
        assert (draft.value, draft.complete) == ("3", True)

    def test_drawn_shapes_are_those_that_a_tool_knows(self) -> None:
        world, image = scenery()
        draft = world.ask("are there any shapes?", image, tools=(spec("detect", finds=("circle", "square")),)).draft
        assert (draft.value, draft.complete) == ("no", True)

    def test_one_of_two_kinds_that_is_there_is_a_yes_whatever_the_other(self) -> None:
        world, image = scenery()
        world.draw(image, "dog", "brown", (10.0, 10.0, 60.0, 60.0))
        draft = world.ask("is there any fruit or a dog?", image, tools=(CLOSED,)).draft
        assert (draft.value, draft.complete) == ("yes", True)

    def bowl(self) -> tuple[World, Image]:
        """A green apple and a yellow banana."""
        world, image = scenery()
        world.draw(image, "apple", "green", (10.0, 10.0, 60.0, 60.0))
        world.draw(image, "banana", "yellow", (100.0, 10.0, 160.0, 60.0))
        return world, image


class TestEditsOfAllSuchThings:
    """Where all are meant, the answer says what was not looked for: a sign that stays readable is no secret."""

    @pytest.mark.parametrize("said", ["all signs", "the signs", "every sign", "each of the signs", "the largest sign"])
    def test_kinds_that_were_not_looked_for_are_told(self, said: str) -> None:
        world, image = self.street()
        asked = world.ask(f"blur {said}", image, tools=with_detector())
        assert (asked.names[-1], asked.draft.complete) == ("redact", False)
        assert "a stop sign (r1) blurred. Of signs only stop signs were looked for." in asked.draft.text

    def test_so_are_the_usual_kinds(self) -> None:
        world, image = self.street()
        draft = world.ask("blur the fruit", image, tools=with_detector()).draft
        assert not draft.complete
        assert "Of fruit only apples, bananas and oranges were looked for." in draft.text

    def test_one_of_several_things_that_are_named_tells_it_too(self) -> None:
        world, image = self.street()
        draft = world.ask("blur all signs and the apple", image, tools=with_detector()).draft
        assert not draft.complete
        assert draft.text.count("were looked for") == 1

    @pytest.mark.parametrize("said", ["mark all signs", "highlight all signs", "zoom in on the signs"])
    def test_whoever_shows_them_says_so_too(self, said: str) -> None:
        world, image = self.street()
        draft = world.ask(said, image, tools=with_detector()).draft
        assert not draft.complete
        assert "Of signs only stop signs were looked for." in draft.text

    @pytest.mark.parametrize("said", ["the sign", "all stop signs", "every apple", "each apple"])
    def test_what_is_looked_for_whole_or_is_one_thing_is_all_there_is(self, said: str) -> None:
        world, image = self.street()
        asked = world.ask(f"blur {said}", image, tools=with_detector())
        assert (asked.names[-1], asked.draft.complete) == ("redact", True), asked.draft.text

    @pytest.mark.parametrize(
        ("said", "complete"), [("the number plates", False), ("every number plate", False), ("the number plate", True)]
    )
    def test_a_search_stops_at_the_first_and_the_answer_says_so(self, said: str, complete: bool) -> None:
        world, image = scenery()
        world.hidden[image.handle] = [("number plate", "white", (20.0, 20.0, 60.0, 30.0))]
        asked = world.ask(f"blur {said}", image, tools=(*READING, SEARCH, *EDITING))
        assert (asked.names[-1], asked.draft.complete) == ("redact", complete), asked.draft.text
        assert ("others may remain" in asked.draft.text) != complete

    def test_every_line_and_every_word_are_still_text(self) -> None:
        world, image = scenery()
        world.place(image, "SAMPLE ONE", (10.0, 10.0, 110.0, 30.0))
        for said in ("every line", "each line", "every 'SAMPLE'", "each of the lines"):
            asked = world.ask(f"blur {said}", image, tools=(*READING, *EDITING))
            assert (asked.names[-1], asked.draft.complete) == ("redact", True), asked.draft.text

    def street(self) -> tuple[World, Image]:
        """A stop sign and an apple."""
        world, image = scenery()
        world.draw(image, "stop sign", "red", (10.0, 10.0, 60.0, 60.0))
        world.draw(image, "apple", "green", (100.0, 10.0, 160.0, 60.0))
        return world, image


class TestAPageThatIsUpright:
    """It is told, and no hindrance to what comes next; which way is up is seen on what was made so far."""

    def test_is_said_to_be_upright(self) -> None:
        world, image = self.letter()
        draft = world.ask("turn it upright", image, tools=with_detector()).draft
        assert (draft.value, draft.complete) == ("img_1", True)
        assert draft.text == "img_1 is upright already, as its text stands."

    def test_is_edited_further(self) -> None:
        world, image = self.letter()
        asked = world.ask("turn it upright and black out the total", image, tools=with_detector())
        assert asked.draft.complete, asked.draft.text
        assert asked.names[-1] == "redact"

    def test_is_looked_at_after_it_was_turned(self) -> None:
        world, image = self.letter()
        asked = world.ask("rotate it by 90 degrees and turn it upright", image, tools=with_detector())
        read = [call.arguments["image"] for call in asked.calls if call.name == "ocr"]
        assert read == ["img_2"]

    def letter(self) -> tuple[World, Image]:
        """A letter that lies as it should."""
        world, image = scenery((600, 800))
        world.place(image, "Total 11.80", (40.0, 40.0, 180.0, 66.0))
        return world, image


class TestAPageThatIsLevel:
    """The tool gives a level page back as it is: that is told, and it is called no new picture."""

    @pytest.mark.parametrize("question", ["straighten the page", "straighten it, please"])
    def test_is_said_to_be_level(self, question: str) -> None:
        world, image = self.level()
        draft = world.ask(question, image, tools=with_detector()).draft
        assert (draft.text, draft.value, draft.complete) == ("img_1 is level already.", "img_1", True)
        assert [one.handle for one in draft.citations] == ["img_1"]

    def test_is_no_hindrance_to_what_is_done_to_it_next(self) -> None:
        world, image = self.level()
        draft = world.ask("straighten it and rotate it by 90 degrees", image, tools=with_detector()).draft
        assert draft.complete
        assert draft.text == "The new picture is img_2: level already, then turned by 90 degrees clockwise."

    def test_is_what_an_edit_before_made(self) -> None:
        world, image = self.level()
        draft = world.ask("rotate it by 90 degrees and straighten it", image, tools=with_detector()).draft
        assert draft.complete
        assert draft.text == "The new picture is img_2: turned by 90 degrees clockwise, then level already."

    def level(self) -> tuple[World, Image]:
        """A level page."""
        world, image = scenery()
        world.more = {**world.more, "enhance": lambda one, given: Observation("level", images=(one.given(given),))}
        return world, image
