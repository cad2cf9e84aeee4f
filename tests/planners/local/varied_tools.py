"""Tools with parameters of every kind that a planner may fill in; the bodies do nothing, only the schemas matter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cache
from random import Random
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from lavr.planners.handles import Handles
from lavr.tests.tools import samples
from lavr.tests.tools.scenes import gradient
from lavr.tools.hints import Box, Point
from lavr.tools.registry import Toolbox, default_tools
from lavr.tools.tool import Tool, tool
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.scene import Scene

SIZE_WH = (320, 240)


class Shade(Enum):
    DARK = "dark"
    LIGHT = 'so-called "light"'


@dataclass
class Step:
    angle: float
    shades: list[Shade] = field(default_factory=list)


class Note(BaseModel):
    """A pydantic model with constraints of its own."""

    code: Annotated[str, Field(pattern=r"^[A-Z]{2}-\d{3}$")]
    day: date
    mark: UUID | None = None
    rating: Annotated[int, Field(ge=1, le=5)] = 3


@tool(name="aim", example={"image": "img_1", "box": [0, 0, 9, 9]})
def aim(image: Image, box: Box) -> str:
    """Aim at a box.

    Args:
        image: the picture.
        box: where.
    """
    return ""


@tool(example={"image": "img_1", "boxes": [[0, 0, 9, 9]], "targets": []})
def boxes(image: Image, boxes: list[Box], targets: list[Region | None], also: Region | Box | None = None) -> str:
    """Take several boxes.

    Args:
        image: the picture.
        boxes: some.
        targets: regions or nothing.
        also: one more, in either way.
    """
    return ""


@tool(example={"image": "img_1", "points": [[3, 4]]})
def touch(image: Image, points: list[Point], at: Point | None = None) -> str:
    """Touch a picture.

    Args:
        image: the picture.
        points: where.
        at: one more.
    """
    return ""


@tool(example={"weights": {"a": 0.5}})
def weigh(
    weights: dict[str, float],
    steps: list[Step] | None = None,
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5,
    tiny: Annotated[float, Field(ge=0, le=1e-6)] = 0.0,
) -> str:
    """Weigh things.

    Args:
        weights: by name.
        steps: what to do.
        share: a part of one.
        tiny: very little.
    """
    return ""


@tool(example={"note": {"code": "AB-123", "day": "2024-02-29"}})
def jot(note: Note, tags: dict[str, int] | None = None, shade: Shade | int = 1) -> str:
    """Write something down.

    Args:
        note: what.
        tags: numbers by name.
        shade: a shade or a number.
    """
    return ""


@tool(example={})
def wait(seconds: Annotated[int, Field(ge=0, le=60)] = 1, why: Annotated[str, Field(max_length=12)] = "") -> str:
    """Wait.

    Args:
        seconds: how long.
        why: the reason.
    """
    return ""


@tool(example={"pairs": [["r1", 3]], "corner": [1, 2]})
def link(
    pairs: list[tuple[Region, int]],
    corner: tuple[float, float],
    keys: Annotated[list[str], Field(min_length=2, max_length=3)] = ["a", "b"],  # noqa: B006 - never changed
) -> str:
    """Link regions with numbers.

    Args:
        pairs: what goes together.
        corner: where.
        keys: names.
    """
    return ""


@tool(example={})
def nothing() -> str:
    """Take nothing at all."""
    return ""


VARIED = [aim, boxes, touch, weigh, jot, wait, link, nothing, samples.crop, samples.areas, samples.describe]


def some_tools(random: Random, least: int = 5, most: int = 12) -> list[Tool]:
    """A few tools, the shipped ones among them."""
    return random.sample([*_shipped(), *VARIED], random.randint(least, most))


@cache
def _shipped() -> Toolbox:
    return default_tools()


def scene_of(images: int, regions: int) -> Scene:
    """A scene with so many live images, all of one size, and regions."""
    scene = Scene()
    for number in range(images):
        scene.add_image(Image.of(gradient(*SIZE_WH, number), store=scene.store))
    for number in range(regions):
        on = scene.images[number % images]
        scene.add_region(Region(on, (1.0 + number, 2.0, 40.0 + number, 30.0), label="thing"))
    return scene


def handles_of(scene: Scene) -> Handles:
    """The handles of a scene, with two calls that were made."""
    return Handles(
        tuple(image.handle for image in scene.images),
        tuple(region.handle for region in scene.regions),
        ("c1", "c2"),
        SIZE_WH,
    )
