"""Names of colours, and which of them a picture has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import pytest

from lavr.errors import InvalidRegion
from lavr.tests.tools.drawn import shapes
from lavr.tools.color import color
from lavr.tools.colors import BASIC, BASIC_OF, SHADES, name_of, oklab
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.region import Region
from lavr.vision.transforms import resize

RED_ON_WHITE = shapes((120, 100), "white", ("ellipse", (30, 20, 90, 80), "red"))


def seen(**arguments: object) -> Mapping[str, Any]:
    data: Mapping[str, Any] = color(**arguments).data
    return data


@pytest.mark.parametrize(
    ("rgb", "name", "basic"),
    [
        ((0, 0, 0), "black", "black"), ((30, 30, 30), "black", "black"), ((255, 255, 255), "white", "white"),
        ((245, 245, 245), "white", "white"), ((128, 128, 128), "gray", "gray"), ((90, 90, 92), "gray", "gray"),
        ((220, 20, 30), "red", "red"), ((255, 140, 0), "orange", "orange"), ((250, 230, 20), "yellow", "yellow"),
        ((0, 255, 0), "green", "green"), ((20, 120, 40), "green", "green"), ((0, 0, 255), "blue", "blue"),
        ((60, 120, 200), "blue", "blue"), ((130, 20, 150), "purple", "purple"), ((255, 150, 190), "pink", "pink"),
        ((110, 60, 20), "brown", "brown"), ((165, 42, 42), "brown", "brown"), ((0, 128, 128), "teal", "green"),
        ((0, 250, 250), "cyan", "blue"), ((0, 0, 125), "navy", "blue"), ((240, 235, 215), "beige", "brown"),
        ((110, 5, 38), "maroon", "red"), ((255, 0, 255), "magenta", "pink"), ((125, 125, 10), "olive", "green"),
        ((60, 220, 205), "turquoise", "blue"),
    ],
)  # fmt: skip
def test_colors_have_the_names_people_use(rgb: tuple[int, int, int], name: str, basic: str) -> None:
    named = name_of(rgb)
    assert (named.name, named.basic) == (name, basic)


def test_every_name_has_a_basic_term_and_every_term_a_name() -> None:
    assert {BASIC_OF.get(name, name) for name in SHADES} == set(BASIC)
    assert set(BASIC_OF) <= set(SHADES)


def test_oklab_agrees_with_the_published_values() -> None:
    published = [[1.0, 0.0, 0.0], [0.62796, 0.22486, 0.12585], [0.45201, -0.03246, -0.31153]]
    found = oklab(np.array([[255, 255, 255], [255, 0, 0], [0, 0, 255]]))
    assert np.abs(found - published).max() < 1e-4
    assert np.allclose(oklab(np.array([[255, 0, 0]], dtype=np.uint8)), found[1:2])


def test_the_background_is_told_apart() -> None:
    data = seen(image=RED_ON_WHITE)
    assert [each["name"] for each in data["colors"]] == ["red"]
    assert data["colors"][0]["hex"] == "#ff0000"
    assert data["background"]["name"] == "white"
    assert data["background"]["share"] == pytest.approx(1 - np.pi * 30**2 / 12000, abs=0.02)


def test_a_plain_picture_has_one_color() -> None:
    data = seen(image=shapes((40, 40), "navy"))
    assert [(each["name"], each["share"]) for each in data["colors"]] == [("navy", 1.0)]


def test_shares_follow_the_areas() -> None:
    flag = shapes((90, 60), "black", ("rectangle", (0, 20, 89, 39), "red"), ("rectangle", (0, 40, 89, 59), "gold"))
    data = seen(image=flag)
    assert data["background"] is None
    assert {each["name"]: round(each["share"], 2) for each in data["colors"]} == {
        "black": 0.33,
        "red": 0.33,
        "gold": 0.33,
    }


def test_of_a_region_with_a_mask_only_its_pixels_count() -> None:
    inside = (RED_ON_WHITE.pixels() == (255, 0, 0)).all(axis=2)
    data = seen(image=RED_ON_WHITE, region=Region.of_mask(RED_ON_WHITE, Mask.of(inside)))
    assert [(each["name"], each["share"]) for each in data["colors"]] == [("red", 1.0)]
    assert data["background"] is None


def test_a_box_and_a_region_look_at_their_place_only() -> None:
    two = shapes((100, 50), "white", ("rectangle", (10, 10, 40, 40), "green"), ("rectangle", (60, 10, 90, 40), "blue"))
    assert seen(image=two, box=(55, 5, 95, 45))["colors"][0]["name"] == "blue"
    assert seen(image=two, region=Region(two, (12, 12, 38, 38)))["colors"][0]["name"] == "green"


def test_a_place_outside_the_picture_is_refused() -> None:
    with pytest.raises(InvalidRegion):
        color(image=RED_ON_WHITE, box=(500, 500, 600, 600))


def test_jpeg_and_noise_leave_the_names_as_they_are() -> None:
    noisy = RED_ON_WHITE.pixels() + np.random.default_rng(1).normal(0, 6, RED_ON_WHITE.pixels().shape)
    done, encoded = cv2.imencode(
        ".jpg", np.clip(noisy, 0, 255).astype(np.uint8)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 60]
    )
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert done
    assert decoded is not None
    data = seen(image=Image.of(np.ascontiguousarray(decoded[:, :, ::-1], dtype=np.uint8)))
    assert data["colors"][0]["name"] == "red"
    assert data["background"]["name"] == "white"


def test_a_large_picture_gives_the_same_as_a_small_one() -> None:
    small, large = seen(image=RED_ON_WHITE), seen(image=resize(RED_ON_WHITE, (2400, 2000)))
    assert [each["name"] for each in large["colors"]] == ["red"]
    assert large["background"]["share"] == pytest.approx(small["background"]["share"], abs=0.02)


@pytest.mark.parametrize("size_wh", [(1, 1), (1, 50), (2, 2)])
def test_tiny_pictures_have_colors(size_wh: tuple[int, int]) -> None:
    assert seen(image=shapes(size_wh, "teal"))["colors"][0]["name"] == "teal"


def test_the_text_says_name_share_and_background() -> None:
    text = color(image=RED_ON_WHITE).text
    assert text.startswith("red ")
    assert "on a background of white" in text
