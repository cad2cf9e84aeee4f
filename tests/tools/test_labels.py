"""What people call things, and which classes of a detector that means."""

from __future__ import annotations

import pytest

from lavr.tools.labels import Meaning, counted, meaning, nearest
from lavr.vision.inflection import plural, singular

COCO = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light", "bench",
    "cat", "dog", "horse", "sheep", "cow", "backpack", "sports ball", "wine glass", "knife", "hot dog", "couch",
    "potted plant", "dining table", "tv", "mouse", "cell phone", "refrigerator", "scissors",
)  # fmt: skip
SHAPES = ("circle", "square", "rectangle", "triangle")
OPEN_IMAGES = ("Person", "Man", "Woman", "Vehicle", "Traffic_light", "Tree")


@pytest.mark.parametrize(
    ("asked", "classes"),
    [
        ("person", "person"),
        ("people", "person"),
        ("the people", "person"),
        ("Bikes", "bicycle"),
        ("TVs", "tv"),
        ("television sets", "tv"),
        ("mobile phones", "cell phone"),
        ("fridge", "refrigerator"),
        ("sofas", "couch"),
        ("traffic-lights", "traffic light"),
        ("buses", "bus"),
        ("knives", "knife"),
        ("mice", "mouse"),
        ("sheep", "sheep"),
        ("scissors", "scissors"),
        ("wine glasses", "wine glass"),
        ("lorries", "truck"),
        ("aeroplanes", "airplane"),
        ("hot dogs", "hot dog"),
        ("vehicles", "car truck bus motorcycle bicycle train boat airplane"),
        ("animals", "dog cat horse sheep cow"),
    ],
)
def test_a_label_means_the_classes_that_people_mean_by_it(asked: str, classes: str) -> None:
    found = meaning(asked, COCO)
    assert set(found.classes) == set(_names(classes))
    assert found.exact


@pytest.mark.parametrize(
    ("asked", "known", "taken_as"),
    [
        ("woman", COCO, "person"),
        ("children", COCO, "person"),
        ("red car", COCO, "car"),
        ("a big brown dog", COCO, "dog"),
        ("taxis", COCO, "car"),
        ("squares", ("circle", "rectangle"), "rectangle"),
    ],
)
def test_what_a_detector_does_not_tell_apart_is_taken_as_something_broader(
    asked: str, known: tuple[str, ...], taken_as: str
) -> None:
    assert meaning(asked, known) == Meaning(asked, (taken_as,), exact=False)


@pytest.mark.parametrize(("asked", "known"), [("woman", "Woman"), ("traffic lights", "Traffic_light"), ("men", "Man")])
def test_classes_come_back_as_the_detector_calls_them(asked: str, known: str) -> None:
    assert meaning(asked, OPEN_IMAGES) == Meaning(asked, (known,))


def test_a_class_of_its_own_goes_before_a_synonym_and_a_group() -> None:
    assert meaning("squares", SHAPES).classes == ("square",)
    assert meaning("vehicles", OPEN_IMAGES).classes == ("Vehicle",)


def test_everything_means_all_classes() -> None:
    assert meaning("objects", SHAPES).classes == SHAPES
    assert set(meaning("shapes", SHAPES).classes) == set(SHAPES)


def test_what_a_detector_does_not_know_means_nothing_and_has_nearest_classes() -> None:
    assert meaning("unicorns", COCO).classes == ()
    assert nearest("circel", SHAPES, 2)[0] == "circle"
    assert nearest("motor cycle", COCO, 1) == ["motorcycle"]


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("circle", "circles"),
        ("person", "people"),
        ("box", "boxes"),
        ("bench", "benches"),
        ("cherry", "cherries"),
        ("toy", "toys"),
        ("traffic light", "traffic lights"),
        ("wine glass", "wine glasses"),
        ("sheep", "sheep"),
    ],
)
def test_nouns_have_a_plural_and_come_back_from_it(one: str, many: str) -> None:
    assert plural(one) == many
    assert singular(many) == one
    assert singular(one) == one


def test_counts_read_as_people_say_them() -> None:
    assert counted({"person": 3, "bus": 1, "dog": 2}) == "3 people, 1 bus, 2 dogs"


def _names(text: str) -> list[str]:
    """Names with blanks between them; two of the classes have one within."""
    return [text] if text in COCO else text.split()
