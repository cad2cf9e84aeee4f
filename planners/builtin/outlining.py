"""The outlines of things of which only the boxes are known, where a tool that segments is at hand."""

from __future__ import annotations

from collections.abc import Sequence
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
    bare = [region for region in regions if region.mask is None and region.text is None]
    if not bare or SEGMENT not in desk.tools:
        return list(regions)
    try:
        seen = desk.see(SEGMENT, image=bare[0].image.handle, regions=[region.handle for region in bare])
    except Unanswerable:
        return list(regions)
    masks = {str(one.attributes.get("cut_from", "")): one for one in seen.regions if one.mask is not None}
    return [_with(masks.get(region.handle), region) for region in regions]


def _with(outline: Region | None, region: Region) -> Region:
    left, top, right, bottom = region.xyxy
    if outline is None or outline.area < LEAST * (right - left) * (bottom - top):
        return region
    return replace(outline, label=region.label, score=region.score)
