"""Which part of a picture a tool looks at: all of it, a region, or a box; or which parts it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import InvalidArguments, InvalidRegion
from ..jsonable import Json
from ..vision.frame import Xyxy
from ..vision.image import Image
from ..vision.region import Region
from ..vision.transforms import crop
from .tool import Box

LISTED = 30
"""Of more regions than this only the first are named."""


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


@dataclass(frozen=True, slots=True)
class Places:
    """The places that a call names.

    Attributes:
        seen: those on the picture, clipped to it; at least one.
        unseen: the regions that lie outside it.
    """

    seen: tuple[Region, ...]
    unseen: tuple[Region, ...] = ()

    @property
    def told(self) -> str:
        """The places in words, and those that are not there: `r1, r2 (r3 lies outside the picture)`."""
        if not self.unseen:
            return names_of(self.seen) if len(self.seen) > 1 or self.seen[0].handle else "the box"
        return f"{names_of(self.seen)} ({names_of(self.unseen)} {_lies(self.unseen)} outside the picture)"

    def to_json(self) -> dict[str, Json]:
        """The handles of both; a box has none."""
        return {
            "regions": [one.handle for one in self.seen if one.handle],
            "left_out": [one.handle for one in self.unseen],
        }


def places_of(image: Image, regions: Sequence[Region] | None, box: Box | None) -> Places:
    """The places that a call names: several regions, or a box.

    Args:
        image: the picture of the call.
        regions: places on any pictures of the same lineage.
        box: left, top, right, bottom in pixels of `image`.

    Raises:
        InvalidArguments: when there are both or neither.
        InvalidRegion: when no place lies on the picture.
        UnknownLineage: when a region lies on another picture.
    """
    if regions and box is not None:
        raise InvalidArguments("Both regions and a box were given.", remedy="Give one of them.")
    given = list(regions or []) if box is None else [Region(image, box)]
    if not given:
        raise InvalidArguments("No place was given.", remedy="Give the handles of regions, such as r1, or a box.")
    found = [(region, region.visible_on(image)) for region in given]
    seen = tuple(visible for _, visible in found if visible is not None)
    if not seen:
        name = image.handle or "the picture"
        cause = f"{names_of(given)} {_lies(given)} outside {name}."
        raise InvalidRegion(cause, remedy=f"Give a place on {name}.")
    return Places(seen, tuple(region for region, visible in found if visible is None))


def names_of(regions: Sequence[Region]) -> str:
    """The handles of regions, or how many there are where they have none."""
    handles = [region.handle for region in regions]
    if not all(handles):
        return f"{len(handles)} place" + ("s" if len(handles) != 1 else "")
    more = f" and {len(handles) - LISTED} more" if len(handles) > LISTED else ""
    return ", ".join(handles[:LISTED]) + more


def _lies(regions: Sequence[Region]) -> str:
    return "lies" if len(regions) == 1 else "lie"
