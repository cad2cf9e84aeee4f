"""The image handle: small, immutable, and able to cross processes without its pixels."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from lavr.errors import UsageError
from lavr.jsonable import Json, canonical
from lavr.tests.vision.samples import exif, gradient, saved
from lavr.vision.frame import Frame
from lavr.vision.image import Image
from lavr.vision.store import ImageStore


@pytest.fixture
def image(tmp_path: Path) -> Image:
    (tmp_path / "turned.png").write_bytes(saved("PNG", exif=exif(6)))
    return Image.open(tmp_path / "turned.png", store=ImageStore(tmp_path / "store"))


def test_an_image_comes_back_from_json_whole(image: Image) -> None:
    marked = dataclasses.replace(image, handle="img_1", parent="img_0", notes=("One.", "Two."))
    again = Image.from_json(json.loads(canonical(marked.to_json())), image.store)
    assert again == marked
    assert np.array_equal(again.pixels(), image.pixels())


def test_an_image_without_notes_in_its_json_has_none(image: Image) -> None:
    data = image.to_json()
    del data["notes"]
    assert Image.from_json(data, image.store) == image


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("digest", None),
        ("digest", 7),
        ("lineage", None),
        ("name", ["a"]),
        ("size_wh", None),
        ("size_wh", [1]),
        ("size_wh", [0, 5]),
        ("size_wh", ["1", "2"]),
        ("frame", None),
        ("frame", [1, 2, 3]),
        ("stored", "identity"),
    ],
)
def test_json_that_is_no_image_is_refused(image: Image, name: str, value: Json) -> None:
    with pytest.raises(UsageError):
        Image.from_json({**image.to_json(), name: value}, image.store)


@pytest.mark.parametrize("name", ["digest", "size_wh", "lineage", "frame", "stored", "handle", "parent", "name"])
def test_json_that_lacks_a_field_is_refused(image: Image, name: str) -> None:
    data = image.to_json()
    del data[name]
    with pytest.raises(UsageError):
        Image.from_json(data, image.store)


def test_an_image_cannot_be_changed(image: Image) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        image.name = "other"  # type: ignore[misc] # the point of the test


def test_a_derived_image_knows_its_parent_and_its_place(image: Image) -> None:
    parent = dataclasses.replace(image, handle="img_1", notes=("16-bit values were scaled to 8 bit.",))
    half = parent.derive(parent.pixels()[10:20, 5:25], Frame.shift(5, 10), "crop of img_1")
    quarter = half.derive(half.pixels()[::2, ::2], Frame.scale(2, 2), "half size")
    assert (quarter.size_wh, quarter.lineage, quarter.parent) == ((10, 5), parent.lineage, "")
    assert (half.parent, half.handle, half.name, half.notes) == ("img_1", "", "crop of img_1", ())
    assert quarter.frame.box((1, 1, 3, 3)) == (7, 12, 11, 16)
    assert quarter.stored == parent.stored


def test_two_images_of_the_same_pixels_have_one_digest_and_two_lineages() -> None:
    first, second = Image.open(gradient()), Image.open(gradient())
    assert first.digest == second.digest
    assert first.lineage != second.lineage


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp", ".tiff"])
def test_an_image_is_saved_in_the_format_of_its_suffix(image: Image, tmp_path: Path, suffix: str) -> None:
    image.save(tmp_path / f"a{suffix}")
    assert Image.open(tmp_path / f"a{suffix}").size_wh == image.size_wh


def test_a_suffix_that_is_no_format_is_refused(image: Image, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="names no picture format"):
        image.save(tmp_path / "a.picture")


def test_the_pillow_picture_is_the_callers_own(image: Image) -> None:
    picture = image.pil()
    picture.paste(PIL.Image.new("RGB", picture.size))
    assert not np.array_equal(np.asarray(picture), image.pixels())
    assert image.box == (0, 0, 48, 64)
