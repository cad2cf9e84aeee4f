"""Pictures drawn for the tests of the tools, with what is on them known exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from lavr.vision.frame import SizeWh, Xyxy
from lavr.vision.image import Image

Text = tuple[float, float, str, int]
"""Left, top, what to write, font size in pixels."""


@dataclass(frozen=True)
class Page:
    """A drawn page and the box of each text on it."""

    image: Image
    boxes: dict[str, Xyxy]


def page(size_wh: SizeWh, texts: Iterable[Text], ground: str = "white") -> Page:
    canvas = PIL.Image.new("RGB", size_wh, ground)
    pen = PIL.ImageDraw.Draw(canvas)
    boxes: dict[str, Xyxy] = {}
    for left, top, text, size in texts:
        font = PIL.ImageFont.load_default(size)
        pen.text((left, top), text, fill="black", font=font)
        boxes[text] = tuple(float(edge) for edge in pen.textbbox((left, top), text, font=font))  # type: ignore[assignment]  # four edges
    return Page(Image.of(np.array(canvas)), boxes)


def shapes(size_wh: SizeWh, ground: str, *parts: tuple[str, Xyxy, str]) -> Image:
    """Shapes on a plain ground; each part is "ellipse" or "rectangle", its box and its colour."""
    canvas = PIL.Image.new("RGB", size_wh, ground)
    pen = PIL.ImageDraw.Draw(canvas)
    for shape, xyxy, color in parts:
        draw = pen.ellipse if shape == "ellipse" else pen.rectangle
        draw(xyxy, fill=color)
    return Image.of(np.array(canvas))


def encloses(outer: Xyxy, inner: Xyxy, slack: float = 0.0) -> bool:
    return (
        outer[0] - slack <= inner[0]
        and outer[1] - slack <= inner[1]
        and outer[2] + slack >= inner[2]
        and outer[3] + slack >= inner[3]
    )
