"""Cut a thing out of a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidArguments
from ..vision.coverage import patch
from ..vision.frame import Frame
from ..vision.image import Image
from ..vision.mask import Mask
from ..vision.region import Region
from ..vision.transforms import WHITE
from .calls import Observation
from .focus import places_of
from .tool import Box, tool

GROUND = "ground"
"""The attribute of a region whose picture shows nothing but it, on a ground of the colour that the attribute names."""


@tool(
    avoid="Looking closer: `zoom`. Reading: `ocr` takes a region itself.",
    limits=(
        "As good as the region: one with neither a mask nor an outline is cut out as a rectangle. Edges are hard, and "
        "pictures have no transparency: the ground is white, and only saved files have it transparent."
    ),
    example={"image": "img_1", "region": "r1"},
)
def cutout(image: Image, region: Region | None = None, box: Box | None = None) -> Observation:
    """Cut a thing out along its mask or outline: a picture just as large as the thing, on white ground.

    Args:
        image: the picture.
        region: the thing; give this or a box.
        box: a rectangle to cut out.
    """
    if region is not None and box is not None:
        raise InvalidArguments("Both a region and a box were given.", remedy="Give one of them.")
    place = places_of(image, None if region is None else [region], box).seen[0]
    (left, top), inside = _tight(place)
    height, width = inside.shape
    part = image.pixels()[top : top + height, left : left + width]
    pixels = np.where(inside[:, :, None], part, np.array(WHITE, dtype=np.uint8))
    source = image.handle or image.name or "the picture"
    cut = image.derive(pixels, Frame.shift(left, top), f"cut-out of {source}")
    outlined = not inside.all()
    shape = "along its outline, on white ground" if outlined else "a rectangle"
    return Observation(
        text=f"{width} x {height} pixels of {source} from ({left}, {top}), {shape}.",
        regions=(_thing(cut, inside, place),) if outlined else (),
        images=(cut,),
        data={"size_wh": [width, height], "outlined": outlined},
    )


def _tight(place: Region) -> tuple[tuple[int, int], NDArray[np.bool_]]:
    """Where the pixels of a place begin, (left, top), and which they are within the smallest box around them."""
    (rows, columns), inside = patch(place)
    across, down = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
    if not across.size:
        raise InvalidArguments("This place holds no pixel of the picture.", remedy="Give a larger one.")
    tight = inside[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
    return (columns.start + int(across[0]), rows.start + int(down[0])), tight


def _thing(cut: Image, inside: NDArray[np.bool_], place: Region) -> Region:
    """The thing on its own picture: its mask tells it from the ground."""
    thing = Region.of_mask(cut, Mask.of(inside), label=place.label or "thing", score=place.score)
    return replace(thing, text=place.text, attributes={GROUND: "white"})
