"""The outline of a thing of which only the box is known, where a tool that segments is at hand."""

from __future__ import annotations

from dataclasses import replace

from ...vision.region import Region
from .desk import Desk, Unanswerable

SEGMENTS = "segment"


def outlined(desk: Desk, region: Region) -> Region:
    """A region with its mask.

    Text has none: its box is all of it. Where no tool segments, or the tool fails, the region comes back as it is.
    """
    if region.mask is not None or region.text is not None or SEGMENTS not in desk.tools:
        return region
    try:
        seen = desk.see(SEGMENTS, image=region.image.handle, region=region.handle)
    except Unanswerable:
        return region
    masks = [one for one in seen.regions if one.mask is not None]
    return replace(masks[0], label=region.label) if masks else region
