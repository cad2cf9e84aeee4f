"""The built-in planner and what the user points at."""

from __future__ import annotations

import pytest

from lavr.planners.builtin.pointing import pointed_out
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.store import ImageStore


@pytest.fixture
def regions(store: ImageStore) -> tuple[Region, ...]:
    image = Image("0" * 64, (100, 100), "root", handle="img_1", store=store)
    return tuple(Region(image, (at, 0, at + 5, 5), handle=f"r{at}") for at in (3, 4))


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> ImageStore:
    return ImageStore(tmp_path_factory.mktemp("store"))


@pytest.mark.parametrize(
    ("question", "understood"),
    [
        ("What does this one say?", "What does r4 say?"),
        ("what does this say", "what does r4 say"),
        ("read this", "read r4"),
        ("What colour is that thing?", "What colour is r4?"),
        ("What is written here?", "What is written in r4?"),
        ("what does it say there?", "what does r4 say?"),
        ("Zoom in here", "Zoom in r4"),
        ("How far apart are these two?", "How far apart are r3 and r4?"),
        ("mark them", "mark r3 and r4"),
    ],
)
def test_words_that_point_mean_the_regions(question: str, understood: str, regions: tuple[Region, ...]) -> None:
    assert pointed_out(question, regions) == understood


@pytest.mark.parametrize(
    "question",
    [
        "What is the total of this receipt?",
        'Where is "this one"?',
        "What colour is r1, and this one?",
        "Is there a cat?",
    ],
)
def test_other_words_stay_as_they_are(question: str, regions: tuple[Region, ...]) -> None:
    assert pointed_out(question, regions) == question


def test_nothing_is_meant_when_nothing_is_pointed_at() -> None:
    assert pointed_out("read this", ()) == "read this"
