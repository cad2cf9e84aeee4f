"""Things in pictures: what they are called, who finds them, what colour they have, where they are, and their edits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lavr.jsonable import Json
from lavr.planners.builtin.locating import is_a
from lavr.planners.builtin.naming import thing
from lavr.planners.builtin.palette import names_of
from lavr.planners.builtin.words import tokenize
from lavr.tests.planners.scenery import CLOSED, DEPTH, EDITING, OPEN, READING, SEARCH, SEGMENT, scenery, with_detector
from lavr.tests.planners.world import FINDER, World, spec
from lavr.tools.calls import Observation
from lavr.vision.image import Image
from lavr.vision.inflection import plural, singular
from lavr.vision.mask import Mask
from lavr.vision.nouns import common_name
from lavr.vision.region import Region

NUMBERS = [
    ("cat", "cats"), ("bus", "buses"), ("box", "boxes"), ("knife", "knives"), ("person", "people"),
    ("glass", "glasses"), ("stop sign", "stop signs"), ("toothbrush", "toothbrushes"), ("key", "keys"),
    ("strawberry", "strawberries"), ("sheep", "sheep"), ("potato", "potatoes"), ("scissors", "scissors"),
    ("horse", "horses"), ("vase", "vases"), ("woman", "women"), ("tie", "ties"), ("couch", "couches"),
    ("mouse", "mice"), ("giraffe", "giraffes"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "many"), NUMBERS, ids=[row[0] for row in NUMBERS])
def test_one_and_many_are_told_apart(one: str, many: str) -> None:
    assert (singular(many), singular(one), plural(one)) == (one, one, many)


@pytest.mark.parametrize(
    ("said", "name"),
    [("sofas", "couch"), ("Bikes", "bicycle"), ("T-shirts", "t-shirt"), ("mobile phone", "cell phone"), ("TVs", "tv")],
)
def test_a_thing_has_one_name_however_it_is_called(said: str, name: str) -> None:
    assert common_name(said) == name


@pytest.mark.parametrize(
    ("label", "noun", "holds"),
    [
        ("stop sign", "sign", True),
        ("red circle", "shape", True),
        ("hot dog", "dog", False),
        ("teddy bear", "bear", False),
        ("dining table", "table", True),
        ("puppy", "dog", True),
        ("dog", "puppy", False),
        ("square", "rectangle", False),
        ("car", "vehicle", True),
        ("person", "object", True),
    ],
)
def test_a_label_says_what_else_a_thing_is(label: str, noun: str, holds: bool) -> None:
    assert is_a(label, noun) == holds


SAID = {
    "the second red car from the left": "second leftmost red car",
    "third largest circle": "third largest circle",
    "the cup on the dining table": "cup on the dining table",
    "the closest person to the camera": "nearest person",
    "the car in the background": "farthest car",
    "three dogs": "dog",
    "my trash can": "trash can",
}


@pytest.mark.parametrize(("said", "meant"), SAID.items())
def test_things_are_named_by_order_colour_and_place(said: str, meant: str) -> None:
    found = thing(tokenize(said))
    assert found is not None
    assert found.phrase == meant


@pytest.mark.parametrize("said", ["the", "what is it", "the words on the sign", "3 + 4", "circle is red"])
def test_other_words_name_no_thing(said: str) -> None:
    assert thing(tokenize(said)) is None


def cars() -> tuple[World, Image]:
    """Three cars side by side on grass, a person and a stop sign."""
    world, image = scenery()
    for at, color in enumerate(("red", "blue", "red")):
        world.draw(image, "car", color, (100.0 + 150 * at, 200.0, 200.0 + 150 * at, 260.0 + 30 * at))
    world.draw(image, "person", "white", (20.0, 100.0, 60.0, 300.0))
    world.draw(image, "stop sign", "red", (500.0, 20.0, 560.0, 80.0))
    return world, image


class TestWhoIsAsked:
    """Tools that name a thing come before those that take any name; of two that find it, each thing counts once."""

    def test_what_two_detectors_find_at_one_place_is_one_thing(self) -> None:
        world, image = cars()
        other = replace(CLOSED, name="detect_again")
        world.more = {**world.more, "detect_again": world.more["detect"]}
        asked = world.ask("how many cars?", image, tools=(CLOSED, other))
        assert (asked.names, asked.draft.value) == (["detect", "detect_again"], "3")

    def test_a_thing_with_a_mask_stands_for_its_twin_without(self) -> None:
        world, image = cars()
        world.more = {**world.more, "outlines": lambda _, __: Observation("", (_masked(image),))}
        outlines = spec("outlines", finds=("person",))
        asked = world.ask("blur the person", image, tools=(CLOSED, outlines, *EDITING))
        handles = asked.calls[-1].arguments["regions"]
        assert isinstance(handles, list)
        assert [world.scene.region(str(handle)).mask is not None for handle in handles] == [True]

    def test_a_tool_that_takes_any_name_is_asked_only_for_what_no_other_names(self) -> None:
        world, image = cars()
        anything = replace(OPEN, name="find_anything")
        world.more = {**world.more, "find_anything": world.more["detect"]}
        assert world.ask("how many cars?", image, tools=(anything, CLOSED)).names == ["detect"]
        assert world.ask("how many unicorns?", image, tools=(anything, CLOSED)).names == ["find_anything"]

    def test_finding_some_kind_of_a_thing_makes_a_yes_but_neither_a_no_nor_a_number(self) -> None:
        world, image = cars()
        assert world.ask("is there a sign?", image, tools=(CLOSED,)).draft.value == "yes"
        counted = world.ask("how many signs are there?", image, tools=(CLOSED,)).draft
        absent = world.ask("is there a sign?", world.image(), tools=(CLOSED,)).draft
        assert (counted.complete, absent.complete) == (False, False)
        assert "Of signs the tools at hand find only stop sign: 1 sign." in counted.text

    def test_things_that_a_tool_cannot_tell_apart_are_not_counted_but_none_is_none(self) -> None:
        world, image = cars()
        counted = world.ask("how many women are there?", image, tools=(CLOSED,)).draft
        assert not counted.complete
        assert "I find 1 person, and no tool at hand tells women from others." in counted.text
        assert world.ask("is there a woman?", world.image(), tools=(CLOSED,)).draft.value == "no"
        assert world.ask("where is the woman?", image, tools=(CLOSED,)).draft.value == "left"

    def test_without_a_detector_the_answer_says_how_to_get_one(self) -> None:
        world, image = cars()
        draft = world.ask("how many cars?", image, tools=READING).draft
        assert not draft.complete
        assert "lavr ask --detector WEIGHTS" in draft.text

    def test_when_no_turn_is_left_it_says_so_and_not_that_a_tool_is_missing(self) -> None:
        world, image = cars()
        assert "had to stop" in world.ask("how many cars?", image, tools=()).draft.text


def _masked(image: Image) -> Region:
    inside = Mask.of_polygon([(22, 102), (58, 102), (58, 298), (22, 298)], image.size_wh)
    return Region.of_mask(image, inside, label="person")


class TestColours:
    """The colour of a thing is that of its own pixels: what is around it in its box does not count."""

    def test_a_thing_is_outlined_before_its_colour_is_measured_on_a_lively_background(self) -> None:
        world, image = cars()
        asked = world.ask("what colour is the person?", image, tools=(*READING, CLOSED, SEGMENT))
        assert (asked.names[-2:], asked.draft.value) == (["segment", "color"], "white")

    def test_the_middle_of_its_box_counts_where_nothing_outlines_it(self) -> None:
        world, image = cars()
        asked = world.ask("what colour is the person?", image, tools=(*READING, CLOSED))
        assert asked.draft.value == "white"
        assert asked.calls[-1].arguments["box"] == pytest.approx([0.05, 0.375, 5 / 60, 0.625])

    def test_several_things_are_outlined_in_one_call(self) -> None:
        world, image = cars()
        asked = world.ask("how many red cars?", image, tools=(*READING, CLOSED, SEGMENT))
        assert (asked.names.count("segment"), asked.draft.value) == (1, "2")

    def test_most_people_say_red_of_crimson_and_both_are_true_of_it(self) -> None:
        assert (names_of("crimson", "red"), names_of("navy", "blue")) == (("red", "crimson"), ("navy", "blue"))

    def test_a_failure_to_outline_leaves_the_box(self) -> None:
        world, image = cars()
        world.broken = {"segment"}
        assert world.ask("what colour is the person?", image, tools=with_detector()).draft.value == "white"


PLACED = {
    "what colour is the second car from the left?": "blue",
    "where is the tallest car?": "right",
    "how many cars are next to the person?": "1",
    "is there a car left of the person?": "no",
    "what is right of the person?": "car",
    "is the person on the left or on the right?": "left",
    "which is wider, the person or the stop sign?": "stop sign",
    "is the stop sign above the person?": "yes",
}


@pytest.mark.parametrize(("question", "value"), PLACED.items())
def test_things_are_told_by_where_they_stand(question: str, value: str) -> None:
    world, image = cars()
    draft = world.ask(question, image, tools=with_detector()).draft
    assert (draft.value, draft.complete) == (value, True), draft.text


def test_a_place_that_no_tool_finds_leaves_the_number_open() -> None:
    world, image = cars()
    draft = world.ask("how many cars are in the garage?", image, tools=with_detector()).draft
    assert not draft.complete
    assert "I find 3 cars, and cannot tell what is in the garage" in draft.text


class TestDepth:
    """Which thing is nearer is told by the tool `depth`, on outlines where there are any."""

    def test_nearness_is_measured_on_outlines(self) -> None:
        world, image = cars()
        asked = world.ask("which is nearer, the person or the stop sign?", image, tools=with_detector())
        assert (asked.names, asked.draft.value) == (["detect", "segment", "depth"], "person")

    def test_without_a_tool_it_says_which_is_missing(self) -> None:
        world, image = cars()
        draft = world.ask("which is nearer, the person or the stop sign?", image, tools=(*READING, CLOSED)).draft
        assert not draft.complete
        assert "`depth`" in draft.text

    def test_what_is_about_as_near_is_not_ordered(self) -> None:
        world, image = cars()
        rows: list[Json] = [{"region": handle, "nearness": 0.5 + at / 100} for at, handle in enumerate(("r4", "r5"))]
        world.more = {**world.more, "depth": lambda _, __: Observation("", data={"nearest_first": rows})}
        draft = world.ask("is the person nearer than the stop sign?", image, tools=(CLOSED, DEPTH)).draft
        assert draft.value == "no"
        assert "about equal" in draft.text


class TestSigns:
    """What is written on a thing is read from close by."""

    def test_the_whole_picture_is_read_where_no_tool_finds_signs_and_the_answer_says_so(self) -> None:
        world, image = scenery()
        world.place(image, "EXIT", (10.0, 10.0, 60.0, 30.0))
        asked = world.ask("what does the sign say?", image, tools=READING)
        assert (asked.names, asked.draft.value) == (["ocr"], "EXIT")
        assert "No tool at hand finds signs: this is about the whole picture." in asked.draft.text

    def test_a_detector_that_finds_none_leaves_the_whole_picture_too(self) -> None:
        world, image = scenery()
        world.place(image, "EXIT", (10.0, 10.0, 60.0, 30.0))
        draft = world.ask("what does the sign say?", image, tools=(*READING, OPEN)).draft
        assert draft.value == "EXIT"
        assert "I find no sign: this is about the whole picture." in draft.text

    def test_words_are_counted_on_the_sign_only(self) -> None:
        world, image = scenery()
        world.draw(image, "sign", "white", (0.0, 0.0, 100.0, 50.0))
        world.place(image, "NO EXIT", (10.0, 10.0, 60.0, 30.0))
        world.place(image, "A CAFE FOR ALL", (300.0, 300.0, 500.0, 330.0))
        asked = world.ask("how many words are on the sign?", image, tools=(*READING, OPEN))
        assert (asked.names, asked.draft.value) == (["detect", "zoom", "ocr"], "2")

    def test_a_thing_without_text_is_said_to_have_none(self) -> None:
        world, image = cars()
        world.place(image, "EXIT", (300.0, 10.0, 360.0, 30.0))
        draft = world.ask("what does the stop sign say?", image, tools=with_detector()).draft
        assert not draft.complete
        assert "I find no text on the stop sign" in draft.text

    def test_a_value_on_a_document_is_no_thing(self) -> None:
        world, image = scenery()
        world.place(image, "CASHIER: ADA", (10.0, 10.0, 160.0, 30.0))
        assert world.ask("what does the cashier say?", image, tools=READING).draft.value == "ADA"


class TestEdits:
    """Edits get the regions that are meant, and nothing is edited in place of what is not found."""

    def test_of_several_things_each_is_cut_out(self) -> None:
        world, image = cars()
        draft = world.ask("cut out the cars", image, tools=with_detector()).draft
        assert draft.value == ", ".join(picture.handle for picture in world.scene.images[-3:])

    def test_a_thing_that_nothing_outlines_is_cut_out_as_a_box_and_the_answer_says_so(self) -> None:
        world, image = cars()
        asked = world.ask("cut out the person", image, tools=(*READING, CLOSED, *EDITING))
        assert "as it lies in its box, for nothing outlined it" in asked.draft.text

    def test_a_part_of_the_picture_is_edited_by_its_box(self) -> None:
        world, image = cars()
        asked = world.ask("black out the top left corner", image, tools=with_detector())
        assert dict(asked.calls[-1].arguments) == {"image": "img_1", "box": [0.0, 0.0, 0.5, 0.5], "how": "fill"}

    def test_a_missing_tool_is_named(self) -> None:
        world, image = cars()
        draft = world.ask("blur the person", image, tools=(*READING, CLOSED)).draft
        assert "`redact`" in draft.text
        assert not draft.complete

    def test_without_its_background_the_only_thing_is_left(self) -> None:
        world, image = cars()
        asked = world.ask("remove the background", image, tools=with_detector())
        assert not asked.draft.complete
        assert "say what to keep" in asked.draft.text
        lone, picture = scenery()
        lone.draw(picture, "dog", "brown", (100.0, 100.0, 200.0, 200.0))
        assert lone.ask("remove the background", picture, tools=with_detector()).names[-1] == "cutout"

    def test_a_value_is_hidden_where_it_is_labelled_and_nowhere_else(self) -> None:
        world, image = scenery()
        world.place(image, "TOTAL 12.00", (10.0, 10.0, 120.0, 30.0))
        world.place(image, "CASH 12.00", (10.0, 50.0, 110.0, 70.0))
        asked = world.ask("black out the total", image, tools=(*READING, *EDITING))
        handles = asked.calls[-1].arguments["regions"]
        assert isinstance(handles, list)
        assert [world.scene.region(str(handle)).xyxy for handle in handles] == [(70.0, 10.0, 120.0, 30.0)]

    def test_a_phone_is_the_thing_where_one_is_found_and_the_number_where_not(self) -> None:
        world, image = scenery()
        world.place(image, "Tel. 030 555 0148", (10.0, 10.0, 180.0, 30.0))
        tools = with_detector()
        assert "030 555 0148" in world.ask("blur the phone", image, tools=tools).draft.text
        world.draw(image, "cell phone", "black", (200.0, 200.0, 240.0, 280.0))
        other = world.image(size_wh=(600, 400))
        world.draw(other, "cell phone", "black", (200.0, 200.0, 240.0, 280.0))
        assert "cell phone" in world.ask("blur the phone", other, tools=tools).draft.text

    def test_of_several_things_those_that_are_there_are_edited_and_the_others_named(self) -> None:
        world, image = cars()
        asked = world.ask("blur the person and the dog", image, tools=with_detector())
        assert asked.calls[-1].arguments["regions"] == ["r4"]
        assert not asked.draft.complete
        assert "a person (r4) blurred" in asked.draft.text
        assert "I find no dog" in asked.draft.text

    def test_highlighting_falls_back_to_marks(self) -> None:
        world, image = cars()
        assert world.ask("highlight the cars", image, tools=(*READING, CLOSED)).names == ["detect", "mark"]

    def test_a_word_in_quotes_is_removed_wherever_it_stands(self) -> None:
        world, image = scenery()
        world.place(image, "SAMPLE ONE", (10.0, 10.0, 110.0, 30.0))
        world.place(image, "TWO SAMPLE", (10.0, 50.0, 110.0, 70.0))
        asked = world.ask("remove 'SAMPLE'", image, tools=(*READING, *EDITING))
        handles = asked.calls[-1].arguments["regions"]
        assert isinstance(handles, list)
        assert [world.scene.region(str(handle)).text for handle in handles] == ["SAMPLE", "SAMPLE"]

    def test_turning_upright_needs_text_that_shows_which_way_is_up(self) -> None:
        world, image = cars()
        assert not world.ask("turn it upright", image, tools=with_detector()).draft.complete


class TestSearching:
    """A closer search comes where a detector finds nothing, and not before."""

    def test_what_a_detector_finds_is_not_searched_for(self) -> None:
        world, image = cars()
        assert world.ask("find the stop sign", image, tools=with_detector()).names == ["detect"]

    def test_what_it_does_not_find_is(self) -> None:
        world, image = cars()
        world.hidden[image.handle] = [("cat", "black", (400.0, 10.0, 404.0, 14.0))]
        asked = world.ask("where is the cat?", image, tools=(*READING, CLOSED, SEARCH))
        assert (asked.names, asked.draft.value) == (["detect", "search"], "top right")
        assert not world.ask("where is the bird?", image, tools=(*READING, CLOSED, SEARCH)).draft.complete


class TestAModelThatSees:
    """Where a tool asks a model that sees, questions beyond the grammar are put to it, and marked as its word."""

    ASK = spec("ask_region", question={"type": "string"})
    DESCRIBE = spec("describe")

    def test_a_question_beyond_the_grammar_is_put_to_it(self) -> None:
        world, image = cars()
        world.more = {**world.more, "ask_region": lambda _, __: Observation("Sunny.", data={"text": "Sunny."})}
        asked = world.ask("what is the weather like?", image, tools=(*READING, CLOSED, self.ASK))
        assert (asked.calls[-1].arguments["question"], asked.draft.value) == ("what is the weather like?", "Sunny.")
        assert "nothing else at hand can check it" in asked.draft.text

    def test_what_the_tools_tell_is_not_and_neither_is_a_request(self) -> None:
        world, image = cars()
        tools = (*READING, CLOSED, *EDITING, self.ASK)
        assert world.ask("how many cars?", image, tools=tools).names == ["detect"]
        assert "ask_region" not in world.ask("blur the unicorn", image, tools=tools).names

    def test_a_description_is_that_of_the_tool(self) -> None:
        world, image = cars()
        world.more = {**world.more, "describe": lambda _, __: Observation("A road.", data={"text": "A road."})}
        draft = world.ask("describe the picture", image, tools=(*READING, self.DESCRIBE)).draft
        assert (draft.value, draft.complete) == ("A road.", True)


def test_a_text_beside_the_name_of_a_thing_is_no_number_of_things() -> None:
    world = World()
    draft = world.ask("how many dogs are there?", world.image(["No dogs inside, please"]), tools=READING).draft
    assert (draft.complete, draft.value) == (False, "")


def test_a_finder_of_shapes_is_no_finder_of_things_that_are_shapes_only_in_name() -> None:
    world = World()
    assert not world.ask("how many triangle players are there?", world.image(), tools=(FINDER,)).draft.complete
