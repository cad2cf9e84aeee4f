"""What people really type: fields without their names, lists of items, charts, hours, and which of several pictures."""

from __future__ import annotations

import pytest

from lavr.planners.builtin.grammar import NotUnderstood, understand
from lavr.tests.planners.world import World
from lavr.vision.image import Image

RECEIPT = [
    "CAFE LUMEN GMBH",
    "Lindenstrasse 12, 10969 Berlin",
    "Tel. 030 555 0148",
    "Date 14/03/2026 09:42",
    "2 x Flat white 7.60",
    "1 x Almond croissant 3.90",
    "Orange juice 4.20",
    "Subtotal 15.70",
    "VAT 10% 1.57",
    "TOTAL 17.27",
    "Cash 20.00",
    "Change 2.73",
]
FIELDS = [
    ("Which company issued this receipt?", "CAFE LUMEN GMBH"),
    ("who gave me this receipt", "CAFE LUMEN GMBH"),
    ("who do I owe this money to?", "CAFE LUMEN GMBH"),
    ("what's the name of the shop", "CAFE LUMEN GMBH"),
    ("when did I buy this", "2026-03-14"),
    ("on what day was it bought?", "2026-03-14"),
    ("what year is it from?", "2026"),
    ("which month was this", "March"),
    ("what was the day of the week?", "Saturday"),
    ("at what time did I pay?", "09:42"),
    ("how much money did they charge me", "17.27"),
    ("what did I spend in all", "17.27"),
    ("how much tax did they charge", "1.57"),
    ("what is the tax rate?", "10%"),
    ("how can I call them?", "030 555 0148"),
    ("what's the shop's phone", "030 555 0148"),
    ("where is the shop located?", "Lindenstrasse 12, 10969 Berlin"),
    ("did I pay in cash?", "yes"),
    ("did I pay by card?", "no"),
    ("what did I buy?", "Flat white; Almond croissant; Orange juice"),
    ("how many items are there?", "3"),
    ("which item is the most expensive?", "Flat white"),
    ("what's the cheapest item", "Almond croissant"),
    ("did I buy milk?", "no"),
    ("how many flat whites did I buy", "2"),
    ("how much does one flat white cost", "3.80"),
    ("sum of flat white, croissant and juice", "15.70"),
    ("how many times does it say total?", "1"),
    ("what does it say about vat", "VAT 10% 1.57"),
]


@pytest.mark.parametrize(("question", "value"), FIELDS, ids=[row[0] for row in FIELDS])
def test_a_field_is_found_by_what_it_means(question: str, value: str) -> None:
    world = World()
    draft = world.ask(question, world.image(RECEIPT)).draft
    assert (draft.value, draft.complete) == (value, True), draft.text
    assert draft.citations


def test_items_that_do_not_add_up_to_a_printed_sum_are_not_believed() -> None:
    world = World()
    torn = [line for line in RECEIPT if "juice" not in line]
    draft = world.ask("which item is the most expensive?", world.image(torn)).draft
    assert not draft.complete
    assert "adds up" in draft.text


def test_the_currency_in_the_label_of_an_amount_is_said_and_its_value_stays_a_number() -> None:
    world = World()
    image = world.image(["SHOP"])
    world.place(image, "TOTAL EUR", (40, 200, 160, 226))
    world.place(image, "17.27", (300, 200, 360, 226))
    draft = world.ask("total?", image).draft
    assert (draft.text, draft.value) == ("The total is 17.27 EUR.", "17.27")


CHART = [
    ("which month had the most visitors", "March"),
    ("which month had the fewest visitors?", "January"),
    ("what is the highest value", "210"),
    ("how many visitors were there in April", "180"),
    ("how many visitors in total", "510"),
    ("what's the average", "170"),
    ("how many more visitors in March than in April", "30"),
    ("what is the difference between March and January?", "90"),
    ("did April have more visitors than March?", "no"),
]


def _chart(world: World, *, ticks: bool = False) -> Image:
    image = world.image(["Visitors per month"])
    for at, (month, number) in enumerate((("January", "120"), ("March", "210"), ("April", "180"))):
        left = 100.0 + 150 * at
        world.lines[image.handle].append((month, (left, 500, left + 80, 526)))
        x = 10.0 if ticks else left + 20
        world.lines[image.handle].append((number, (x, 400 - 60.0 * at, x + 40, 426 - 60.0 * at)))
    return image


@pytest.mark.parametrize(("question", "value"), CHART, ids=[row[0] for row in CHART])
def test_a_chart_is_read_by_the_numbers_above_its_labels(question: str, value: str) -> None:
    world = World()
    draft = world.ask(question, _chart(world)).draft
    assert (draft.value, draft.complete) == (value, True), draft.text


@pytest.mark.parametrize("question", ["which month had the most visitors", "how many visitors in March"])
def test_the_ticks_of_an_axis_are_not_values(question: str) -> None:
    world = World()
    assert not world.ask(question, _chart(world, ticks=True)).draft.complete


def test_a_chart_of_visitors_says_nothing_about_cars() -> None:
    world = World()
    assert not world.ask("how many cars in March", _chart(world)).draft.complete


def test_opening_hours_are_those_that_are_printed() -> None:
    world = World()
    one = world.image(["OPEN", "Mon - Fri 8:00 - 18:30"])
    several = world.image(["Mon - Fri 9:00 - 17:00", "Sat 10 am - 2 pm"])
    assert world.ask("when does it close?", one).draft.value == "18:30"
    assert world.ask("when does it close?", several).draft.value == "Mon - Fri 9:00 - 17:00; Sat 10 am - 2 pm"
    assert not world.ask("what are the opening hours?", world.image(["pages 3 - 7"])).draft.complete


def test_a_parcel_is_for_whom_it_says_and_the_word_to_elsewhere_is_no_label() -> None:
    world = World()
    draft = world.ask("who is it for?", world.image(["LUMEN PARCEL SERVICE", "To: Ada Example"])).draft
    assert (draft.text, draft.value) == ("The recipient is Ada Example.", "Ada Example")
    assert not world.ask("who is it for?", world.image(["to be continued"])).draft.complete


def test_which_picture_is_meant_is_found_by_asking_each() -> None:
    world = World()
    pictures = (world.image(["OPEN"], name="a.png"), world.image(["CLOSED"], name="b.png"))
    assert world.ask("which one says closed", *pictures).draft.value == pictures[1].handle
    assert world.ask("which sign says exit", *pictures).draft.value == "none"


def test_things_are_told_apart_by_where_they_are_and_how_large() -> None:
    world = World()
    image = world.image()
    world.draw(image, "triangle", "teal", (30, 60, 150, 180))
    world.draw(image, "circle", "red", (190, 70, 290, 170))
    world.draw(image, "rectangle", "red", (340, 70, 440, 170))
    answers = {
        "which shape is teal?": "triangle",
        "what color is the leftmost shape?": "teal",
        "what color is the shape on the right": "red",
        "what is the biggest shape": "rectangle",
        "what is left of the circle?": "triangle",
        "are there two red shapes": "yes",
        "are there more circles than triangles?": "no",
    }
    assert {question: world.ask(question, image).draft.value for question in answers} == answers


@pytest.mark.parametrize("question", ["where is she", "what should I cook tonight?", "is this expensive?", "who is he"])
def test_what_only_sounds_like_a_field_stays_beyond(question: str) -> None:
    world = World()
    draft = world.ask(question, world.image(RECEIPT)).draft
    assert isinstance(understand(question), NotUnderstood) or not draft.complete
