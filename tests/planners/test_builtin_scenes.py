"""What people ask about photographs with vision tools at hand, written down before the grammar read any of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from lavr.tests.planners.scenery import CLOSED, EDITING, OPEN, READING, SEEING, scenery, with_detector
from lavr.tests.planners.world import Asked, World
from lavr.tools.spec import ToolSpec
from lavr.vision.image import Image

STREET = [
    ("person", "navy", (40, 150, 80, 300)),
    ("person", "white", (90, 160, 130, 300)),
    ("person", "black", (500, 150, 540, 310)),
    ("car", "red", (150, 200, 260, 280)),
    ("car", "blue", (400, 220, 470, 270)),
    ("bus", "yellow", (270, 120, 400, 280)),
    ("dog", "brown", (300, 290, 360, 340)),
    ("bicycle", "black", (60, 220, 130, 310)),
    ("stop sign", "red", (480, 40, 540, 100)),
    ("traffic light", "black", (20, 20, 50, 90)),
]
WRITTEN = [("STOP", (490, 60, 530, 80)), ("CITY TOURS", (290, 150, 380, 170)), ("BAKERY", (200, 40, 280, 70))]
DESK = [
    ("person", "white", (200, 20, 400, 300)),
    ("t-shirt", "navy", (220, 120, 380, 300)),
    ("face", "peach", (260, 30, 330, 110)),
    ("bottle", "green", (450, 150, 490, 290)),
    ("cup", "white", (100, 250, 150, 300)),
    ("cup", "red", (160, 260, 200, 300)),
    ("mug", "white", (100, 250, 150, 300)),
    ("table", "brown", (50, 280, 560, 390)),
    ("desk", "brown", (50, 280, 560, 390)),
    ("key", "silver", (500, 330, 520, 345)),
    ("number plate", "white", (10, 10, 90, 40)),
]
WORN = [("LUMEN", (260, 180, 340, 210)), ("OLIVE OIL", (455, 200, 486, 220)), ("B LX 4821", (15, 15, 85, 35))]
LETTER = [
    "CAFE LUMEN GMBH",
    "Lindenstrasse 12, 10969 Berlin",
    "Tel. 030 555 0148",
    "Email hello@lumen.example",
    "Date 14/03/2026",
    "2 x Flat white 7.60",
    "Orange juice 4.20",
    "TOTAL 11.80",
    "SAMPLE",
]


def street() -> tuple[World, Image, Sequence[ToolSpec]]:
    """A street, with a detector that knows the classes of COCO."""
    world, image = scenery()
    _plant(world, image, STREET, WRITTEN)
    world.hidden[image.handle] = [("bird", "gray", (300.0, 10.0, 306.0, 16.0))]
    return world, image, with_detector(CLOSED)


def desk() -> tuple[World, Image, Sequence[ToolSpec]]:
    """Somebody at a table, with a detector that is told what to find."""
    world, image = scenery()
    _plant(world, image, DESK, WORN)
    return world, image, with_detector(OPEN)


def letter() -> tuple[World, Image, Sequence[ToolSpec]]:
    """A letter that lies on its side, with no detector."""
    world, image = scenery((600, 800))
    rows = [(text, (40, 40 + 40 * at, 40 + 12 * len(text), 66 + 40 * at)) for at, text in enumerate(LETTER)]
    _plant(world, image, [], rows)
    world.codes["turned"] = [("", "")]
    return world, image, (*READING, *SEEING, *EDITING)


Box = tuple[int, int, int, int]
Scene = Callable[[], tuple[World, Image, Sequence[ToolSpec]]]


def _plant(
    world: World, image: Image, things: Sequence[tuple[str, str, Box]], texts: Sequence[tuple[str, Box]]
) -> None:
    for label, color, (left, top, right, bottom) in things:
        world.draw(image, label, color, (float(left), float(top), float(right), float(bottom)))
    for text, (left, top, right, bottom) in texts:
        world.place(image, text, (float(left), float(top), float(right), float(bottom)))


ANSWERED = {
    street: [
        ("how many cars are there?", "2"),
        ("How many people can you see in this photo?", "3"),
        ("count the ppl", "3"),
        ("is there a dog in the picture?", "yes"),
        ("any bikes?", "yes"),
        ("isnt there a cat?", "no"),
        ("are there any buses or trucks?", "yes"),
        ("how many dogs and cats are there?", "1; 0"),
        ("where's the dog", "bottom"),
        ("where is the red car?", "middle"),
        ("what color is the bus?", "yellow"),
        ("what colour is the car on the right", "blue"),
        ("what does the stop sign say", "STOP"),
        ("what's written on the bus?", "CITY TOURS"),
        ("what does it say on the bus", "CITY TOURS"),
        ("read the text on the bus", "CITY TOURS"),
        ("which is bigger, the bus or the dog?", "bus"),
        ("which is closer, the dog or the bus?", "dog"),
        ("what's closest to the camera?", "dog"),
        ("which car is nearer?", "car"),
        ("is the dog closer than the bus?", "yes"),
        ("what is farther away, the bike or the stop sign", "stop sign"),
        ("What's furthest away?", "traffic light"),
        ("how many red cars", "1"),
        ("are there more people than cars?", "yes"),
        ("is anyone in the picture?", "yes"),
        ("Do you see a traffic light?", "yes"),
        ("what animals are there?", "dog"),
        ("what vehicles can you see", "car, bus, bicycle"),
        ("what objects are in this picture?", "person, car, bus, dog, bicycle, stop sign, traffic light"),
        ("what is to the left of the bus?", "car"),
        ("are there exactly 3 people?", "yes"),
        ("how many vehicles are there in total", "4"),
        ("is the dog brown?", "yes"),
        ("what is the smallest object?", "traffic light"),
        ("look for a tiny bird", "top"),
    ],
    desk: [
        ("what does the bottle's label say?", "OLIVE OIL"),
        ("What is written on the t-shirt", "LUMEN"),
        ("what does the tshirt say", "LUMEN"),
        ("where are my keys?", "bottom right"),
        ("how many cups are on the table?", "2"),
        ("what colour is the mug", "white"),
        ("is there a laptop on the desk?", "no"),
        ("what's the license plate number?", "B LX 4821"),
        ("read the number plate", "B LX 4821"),
        ("what does the plate say?", "B LX 4821"),
    ],
}
EDITED = {
    street: [
        ("cut out the dog", "cutout", "dog", ""),
        ("can you cut the dog out of the picture please", "cutout", "dog", ""),
        ("give me just the bus, without the background", "cutout", "bus", ""),
        ("extract the red car", "cutout", "car", ""),
        ("blur all the people", "redact", "person, person, person", "blur"),
        ("blur everyone", "redact", "person, person, person", "blur"),
        ("pixelate the red car", "redact", "car", "pixelate"),
        ("remove the person on the left", "inpaint", "person", ""),
        ("get rid of the bicycle", "inpaint", "bicycle", ""),
        ("highlight all cars", "highlight", "car, car", ""),
        ("zoom in on the dog", "zoom", "dog", ""),
        ("show me the traffic light", "zoom", "traffic light", ""),
        ("hide the two cars", "redact", "car, car", ""),
        ("blur the dog and the bus", "redact", "dog, bus", "blur"),
        ("rotate it 90 degrees clockwise", "rotate", "", "-90.0"),
        ("rotate the picture by 180°", "rotate", "", "180.0"),
        ("turn the photo upside down", "rotate", "", "180.0"),
        ("the photo is too dark, can you brighten it", "enhance", "", "contrast"),
        ("enhance the contrast", "enhance", "", "contrast"),
    ],
    desk: [
        ("blur the faces", "redact", "face", "blur"),
        ("black out the face please", "redact", "face", "fill"),
        ("cut out the bottle", "cutout", "bottle", ""),
        ("hide the number plate", "redact", "number plate", ""),
    ],
    letter: [
        ("Hide my phone number in this letter", "redact", "030 555 0148", ""),
        ("black out the total", "redact", "11.80", "fill"),
        ("redact the second line", "redact", LETTER[1], "fill"),
        ("redact the email address and the phone number", "redact", "hello@lumen.example, 030 555 0148", "fill"),
        ("blur everything that is written", "redact", ", ".join(LETTER), "blur"),
        ("remove the word SAMPLE", "inpaint", "SAMPLE", ""),
        ("straighten the picture", "enhance", "", "deskew"),
        ("deskew this scan", "enhance", "", "deskew"),
        ("turn it upright", "rotate", "", "90.0"),
    ],
}
HONEST = {
    street: [
        "what's the color of the dog's collar?",
        "blur the faces",
        "erase the trash can",
        "what is the dog doing",
        "how many wheels does the car have",
        "how many women are there?",
        "blur the background",
        "make the red car black and white",
        "flip it horizontally",
        "find the keys",
        "who is the person on the left?",
    ]
}


@pytest.mark.parametrize(
    ("scene", "question", "value"), [(scene, *row) for scene, rows in ANSWERED.items() for row in rows]
)
def test_what_is_on_a_photograph_is_told(scene: Scene, question: str, value: str) -> None:
    world, image, tools = scene()
    draft = world.ask(question, image, tools=tools).draft
    assert (draft.value, draft.complete) == (value, True), draft.text
    assert all(one.quote in draft.text for one in draft.citations)


@pytest.mark.parametrize(
    ("scene", "question", "tool", "what", "how"), [(scene, *row) for scene, rows in EDITED.items() for row in rows]
)
def test_what_is_named_is_edited_and_the_new_picture_is_cited(
    scene: Scene, question: str, tool: str, what: str, how: str
) -> None:
    world, image, tools = scene()
    asked = world.ask(question, image, tools=tools)
    last = asked.calls[-1]
    assert (last.name, edited(world, asked)) == (tool, what), asked.draft.text
    assert str(last.arguments.get("how", last.arguments.get("degrees", ""))) == how
    assert asked.draft.complete
    assert asked.draft.value in {one.handle for one in asked.draft.citations}
    assert asked.draft.value == world.scene.images[-1].handle


@pytest.mark.parametrize(("scene", "question"), [(scene, row) for scene, rows in HONEST.items() for row in rows])
def test_what_no_tool_can_tell_is_not_made_up(scene: Scene, question: str) -> None:
    world, image, tools = scene()
    asked = world.ask(question, image, tools=tools)
    assert not asked.draft.complete
    assert "lavr ask --planner MODEL" in asked.draft.text
    assert not {"redact", "cutout", "inpaint"} & set(asked.names)


def test_an_edit_is_of_what_the_edit_before_made() -> None:
    world, image, tools = street()
    asked = world.ask("cut out the dog and rotate it by 90 degrees", image, tools=tools)
    cut, turned = asked.calls[-2:]
    assert (cut.name, turned.name, turned.arguments["image"]) == ("cutout", "rotate", world.scene.images[-2].handle)
    assert asked.draft.value == world.scene.images[-1].handle


def test_an_edit_that_cannot_be_done_leaves_those_before_it() -> None:
    world, image, tools = street()
    draft = world.ask("blur the dog and remove the unicorn", image, tools=tools).draft
    assert draft.value == world.scene.images[-1].handle
    assert "a dog" in draft.text
    assert "unicorn" in draft.text
    assert not draft.complete


def test_a_known_region_is_edited_on_its_own_picture() -> None:
    world, image, tools = letter()
    other = world.image(["OTHER"])
    before = world.ask("read it", image, tools=tools).conversation
    asked = world.ask("hide r3", other, after=before, tools=tools)
    assert [(call.name, call.arguments) for call in asked.calls] == [
        ("redact", {"image": image.handle, "regions": ["r3"]})
    ]


def edited(world: World, asked: Asked) -> str:
    """The texts or labels of what the last call was given."""
    arguments = asked.calls[-1].arguments
    handles = arguments.get("regions") or [arguments[key] for key in ("region",) if arguments.get(key)]
    assert isinstance(handles, list)
    regions = [world.scene.region(str(handle)) for handle in handles]
    return ", ".join(region.text or region.label for region in regions)
