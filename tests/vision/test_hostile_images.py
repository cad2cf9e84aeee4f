"""Every hostile picture is accepted or refused as its table says: quickly, in one tree of errors, without a warning."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from pathlib import Path

import pytest

from lavr.errors import ImageError, LavrError, from_json
from lavr.jsonable import canonical
from lavr.tests.vision.hostile import CASES, Case
from lavr.tests.vision.samples import saved
from lavr.vision.image import Image
from lavr.vision.store import ImageStore

SECONDS = 5.0


@pytest.fixture(scope="module")
def store() -> ImageStore:
    return ImageStore()


def test_the_table_holds_at_least_sixty_hostile_pictures_of_distinct_names() -> None:
    names = Counter(case.name for case in CASES)
    assert max(names.values()) == 1
    assert sum(case.expected is not None for case in CASES) >= 60


@pytest.mark.parametrize("case", [case for case in CASES if case.expected], ids=lambda case: case.name)
def test_a_hostile_picture_is_refused_with_its_class(
    case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = case.make(tmp_path)
    began = time.monotonic()
    with pytest.raises(ImageError) as caught:
        Image.open(path)
    assert time.monotonic() - began < SECONDS
    assert type(caught.value) is case.expected
    _check_message(caught.value)
    assert capfd.readouterr() == ("", "")


def _check_message(error: LavrError) -> None:
    """One line each, short, printable, with something to do, and able to cross processes."""
    assert error.remedy
    for line in (error.cause, error.remedy):
        assert line.isprintable()
        assert len(line) < 300
    again = from_json(json.loads(canonical(error.to_json())))
    assert (type(again), again.cause, again.data) == (type(error), error.cause, error.data)


@pytest.mark.parametrize("case", [case for case in CASES if not case.expected], ids=lambda case: case.name)
def test_a_strange_but_sound_picture_is_accepted(
    case: Case, tmp_path: Path, store: ImageStore, capfd: pytest.CaptureFixture[str]
) -> None:
    path = case.make(tmp_path)
    began = time.monotonic()
    image = Image.open(path, store=store)
    assert time.monotonic() - began < SECONDS
    assert image.size_wh == case.size_wh
    assert image.pixels().shape == (image.size_wh[1], image.size_wh[0], 3)
    assert image.name.isprintable()
    assert Image.from_json(json.loads(canonical(image.to_json())), store) == image
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "PPM", "AVIF"])
def test_no_mutation_of_a_picture_raises_outside_the_tree(name: str) -> None:
    """Bytes flipped, and ends cut off, at places spread over the whole file."""
    whole, store = saved(name), ImageStore()
    for index in range(40):
        at = index * len(whole) // 40
        for broken in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
            with contextlib.suppress(ImageError):
                assert Image.open(broken, store=store).pixels().size
