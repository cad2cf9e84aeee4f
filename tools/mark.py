"""See where regions are: their handles drawn on the picture."""

from __future__ import annotations

from ..errors import InvalidArguments
from ..vision.drawing import draw_marks
from ..vision.image import Image
from ..vision.region import Region
from .calls import Observation
from .focus import names_of
from .tool import tool


@tool(
    avoid="Looking at one region closely: `zoom` does.",
    limits="Where marks would hide the picture, the least certain regions are left out, and named.",
    example={"image": "img_1", "regions": ["r1", "r2"]},
)
def mark(image: Image, regions: list[Region], labels: bool = True) -> Observation:
    """Draw regions with their handles on a picture, to see which is which.

    Args:
        image: the picture to draw on.
        regions: what to mark; they may lie on any picture of the same origin.
        labels: whether to write what each region is beside its handle, where there is room.
    """
    if not regions:
        raise InvalidArguments("There is nothing to mark.", remedy="Give the handles of regions, such as r1.")
    drawing = draw_marks(image, regions, labels=labels)
    text = f"Marked {names_of(drawing.drawn)}." if drawing.drawn else "None could be marked."
    if drawing.left_out:
        text += f" Left out, being outside the picture or without room: {names_of(drawing.left_out)}."
    return Observation(
        text=text,
        images=(drawing.image,),
        data={
            "marked": [region.handle for region in drawing.drawn],
            "left_out": [region.handle for region in drawing.left_out],
        },
    )
