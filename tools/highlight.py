"""Show where something is by dimming everything else."""

from __future__ import annotations

from ..vision import drawing
from ..vision.image import Image
from ..vision.region import Region
from .calls import Observation
from .focus import places_of
from .tool import Box, tool


@tool(
    avoid="Telling several places apart: `mark` draws their handles.",
    limits="The surroundings are dark but still seen: to hide them, use `cutout`.",
    example={"image": "img_1", "regions": ["r1", "r2"]},
)
def highlight(image: Image, regions: list[Region] | None = None, box: Box | None = None) -> Observation:
    """Show places as they are and dim the rest of the picture, to point somebody at them.

    Args:
        image: the picture.
        regions: what to light up; of a region with a mask or an outline, what lies in that.
        box: a box to light up, instead of regions.
    """
    places = places_of(image, regions, box)
    shown = drawing.highlight(image, places.seen)
    return Observation(text=f"Highlighted {places.told}.", images=(shown,), data=places.to_json())
