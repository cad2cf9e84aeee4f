"""Which part of a picture a tool looks at: all of it, a region, or a box."""

from __future__ import annotations

from ..errors import InvalidArguments
from ..vision.frame import Xyxy
from ..vision.image import Image
from ..vision.region import Region
from ..vision.transforms import crop
from .tool import Box


def part_of(image: Image, region: Region | None, box: Box | None, *, padding: float = 0.0) -> Image:
    """The part of a picture a call asks for: the whole of it when neither region nor box is given.

    Args:
        image: the picture of the call.
        region: a place on any picture of the same lineage.
        box: left, top, right, bottom in pixels of `image`.
        padding: pixels of surroundings to keep on each side.

    Raises:
        InvalidArguments: when both a region and a box are given.
        InvalidRegion: when the place is empty or outside the picture.
        UnknownLineage: when the region lies on another picture.
    """
    place = place_of(image, region, box)
    return image if place is None else crop(image, place, padding=padding)


def place_of(image: Image, region: Region | None, box: Box | None) -> Xyxy | None:
    """The box a call asks for in pixels of `image`, None for all of it. Errors as for `part_of`."""
    if region is not None and box is not None:
        raise InvalidArguments("Both a region and a box were given.", remedy="Give one of them.")
    if region is not None:
        return region.on(image).xyxy
    return box
