"""Make a picture easier to see: its contrast, its tilt, its perspective."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import cv2
import numpy as np

from ..errors import ToolFailed
from ..jsonable import Json
from ..vision.frame import IDENTITY
from ..vision.image import Image
from ..vision.region import Region
from ..vision.transforms import rectify, rotate
from .calls import Observation
from .sheet import corners_of_sheet
from .tilt import MOST_DEGREES, tilt_of
from .tool import tool

How: TypeAlias = Literal["contrast", "deskew", "document"]

CLIP, TILES = 3.0, 8
"""How far contrast is raised at most, and into how many tiles across and down the picture is divided for it."""

STRAIGHT = 0.1
"""Degrees. Less tilt than this is left: turning a page costs more sharpness than it is worth."""


@tool(
    avoid="Seeing a detail larger: `zoom`. Turning by a known angle: `rotate`.",
    limits=(
        "contrast brings out what is there, noise as well. deskew needs lines of text, rules or edges, tilted by less "
        f"than {MOST_DEGREES:g} degrees. document needs a flat sheet whose four corners are seen; what the angle made "
        "shorter stays so."
    ),
    example={"image": "img_1", "how": "contrast"},
)
def enhance(image: Image, how: How = "contrast") -> Observation:
    """Improve a picture that is hard to read: dull or unevenly lit, tilted, or a sheet photographed at an angle.

    Args:
        image: the picture.
        how: contrast evens out light and raises contrast; deskew turns a tilted page level; document cuts out a sheet
            of paper and shows it as if seen from straight above.
    """
    return _WAYS[how](image)


def _contrast(image: Image) -> Observation:
    """Contrast limited adaptive histogram equalisation (K. Zuiderveld, 1994) of the lightness alone."""
    lightness, *color = cv2.split(cv2.cvtColor(image.pixels(), cv2.COLOR_RGB2LAB))
    raised = cv2.createCLAHE(CLIP, (TILES, TILES)).apply(lightness)
    pixels = np.asarray(cv2.cvtColor(cv2.merge([raised, *color]), cv2.COLOR_LAB2RGB), dtype=np.uint8)
    shown = image.derive(pixels, IDENTITY, f"contrast of {image.handle or image.name or 'the picture'}")
    return Observation(text="Evened out the light and raised the contrast.", images=(shown,), data={"how": "contrast"})


def _deskew(image: Image) -> Observation:
    tilt = tilt_of(image.pixels())
    if tilt is None:
        raise ToolFailed(
            f"There are no lines by which a tilt of less than {MOST_DEGREES:g} degrees could be measured.",
            remedy="Use rotate with the angle that you see.",
        )
    data: Json = {"how": "deskew", "tilt_degrees": tilt}
    if abs(tilt) < STRAIGHT:
        return Observation(text="It is level already.", images=(image,), data=data)
    level = rotate(image, tilt)
    falls = "right" if tilt > 0 else "left"
    text = f"Its lines fell to the {falls} by {abs(tilt):g} degrees; it was turned level: {_size(level)}."
    return Observation(text=text, images=(level,), data=data)


def _document(image: Image) -> Observation:
    corners = corners_of_sheet(image.pixels())
    if corners is None:
        raise ToolFailed(
            "No sheet with four straight sides stands out on the picture.",
            remedy="If the sheet fills the picture, use deskew; otherwise zoom into it.",
        )
    sheet = rectify(image, corners)
    found = Region.of_polygon(image, corners, label="sheet")
    text = f"A sheet was found and its perspective undone: {_size(sheet)}. If it lies on its side, rotate it."
    return Observation(text=text, regions=(found,), images=(sheet,), data={"how": "document"})


_WAYS: Mapping[How, Callable[[Image], Observation]] = {
    "contrast": _contrast,
    "deskew": _deskew,
    "document": _document,
}


def _size(image: Image) -> str:
    return "{} x {} pixels".format(*image.size_wh)
