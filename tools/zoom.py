"""See a part of a picture at its true pixels, enlarged when it is small."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..errors import InvalidArguments
from ..vision.image import Image
from ..vision.region import Region
from ..vision.transforms import crop, pixel_box, scaled
from .calls import Observation
from .focus import place_of
from .tool import Box, tool

COMFORTABLE = 768
"""Pixels. Smaller parts are enlarged until their longer side is this, when no scale was asked for."""

MAX_ENLARGED = 8.0
"""More than this shows no more: it only blurs."""

LONGEST = 2048
"""Pixels. No picture that comes out is longer."""


@tool(
    avoid="Seeing the whole picture again: `look` does. Reading text: `ocr` takes a region or a box itself.",
    limits="Enlarging adds no detail that the picture does not have.",
    example={"image": "img_1", "box": [120, 80, 360, 200]},
)
def zoom(
    image: Image,
    region: Region | None = None,
    box: Box | None = None,
    scale: Annotated[float, Field(ge=0)] = 0.0,
    padding: Annotated[float, Field(ge=0, le=2)] = 0.05,
) -> Observation:
    """Look closer at a region or a box: its true pixels as a new picture, enlarged when it is small.

    Args:
        image: the picture to look at.
        region: the place to look at; give this or a box.
        box: the box to look at.
        scale: how many times as large; 0 chooses what is comfortable to look at.
        padding: surroundings to keep on each side, as a part of the longer side of the place (0.05 is 5 %).
    """
    place = place_of(image, region, box)
    if place is None:
        raise InvalidArguments("zoom needs a place.", remedy="Give a region or a box; to see the whole, use look.")
    if not 0 <= padding <= 2:
        raise InvalidArguments(f"A padding of {padding} is out of range.", remedy="Give 0 to 2; 0.1 is 10 %.")
    around = padding * max(place[2] - place[0], place[3] - place[1])
    left, top, right, bottom = pixel_box(image, place, padding=around)
    part = crop(image, (left, top, right, bottom))
    factor, note = _factor(part, scale)
    shown = part if factor == 1 else scaled(part, factor)
    source = image.handle or image.name or "the picture"
    text = f"{part.size_wh[0]} x {part.size_wh[1]} pixels of {source} from ({left}, {top}), "
    text += f"shown {factor:.3g} times as large: {shown.size_wh[0]} x {shown.size_wh[1]}.{note}"
    return Observation(text=text, images=(shown,), data={"scale": factor, "size_wh": list(shown.size_wh)})


def _factor(part: Image, wanted: float) -> tuple[float, str]:
    """By how much a part is enlarged or reduced, and why it is not what was asked for."""
    longer = max(part.size_wh)
    if wanted < 0:
        raise InvalidArguments(f"A scale of {wanted} is out of range.", remedy="Give a number above 0, such as 2.")
    if wanted == 0:
        return min(max(1.0, min(COMFORTABLE / longer, MAX_ENLARGED)), LONGEST / longer), ""
    most = min(MAX_ENLARGED, LONGEST / longer)
    if wanted > most:
        return most, f" A scale of {wanted:g} would be too large: at most {MAX_ENLARGED:g} times and {LONGEST} pixels."
    return wanted, ""
