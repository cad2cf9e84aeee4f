"""The outlines of things of which only the boxes are known, where a tool that segments is at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ...vision.region import Region
from .desk import Desk, Unanswerable

SEGMENT = "segment"

LEAST = 0.05
"""A mask that covers less of its box has missed the thing."""


def outlined(desk: Desk, regions: Sequence[Region]) -> list[Region]:
    """The regions, each with its mask where the tool `segment` makes one.

    Text needs none: its box is all of it. Where no tool segments, the tool fails or misses a thing, that region comes
    back as it is. Regions keep their labels; those with a new mask have the handle under which the tool gave it.
    """
    masks = _known(desk.regions.values())
    bare = [one for one in regions if one.mask is None and one.text is None and one.handle not in masks]
    if bare and SEGMENT in desk.tools:
        try:
            seen = desk.see(SEGMENT, image=bare[0].image.handle, regions=[one.handle for one in bare])
            masks |= _known(seen.regions)
        except Unanswerable:  # an outline is better than a box, and a box better than nothing
            pass
    return [_with(masks.get(region.handle), region) for region in regions]


def _known(regions: Iterable[Region]) -> dict[str, Region]:
    """Masks by the handle of the region that they were cut from."""
    return {str(one.attributes.get("cut_from", "")): one for one in regions if one.mask is not None}


def _with(outline: Region | None, region: Region) -> Region:
    left, top, right, bottom = region.xyxy
    if outline is None or region.mask is not None or outline.area < LEAST * (right - left) * (bottom - top):
        return region
    return replace(outline, label=region.label, score=region.score)
