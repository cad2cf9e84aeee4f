"""See a picture again."""

from __future__ import annotations

from ..vision.image import Image
from .calls import Observation
from .tool import tool


@tool(
    avoid="Seeing details: `zoom` shows a part at its true pixels.",
    limits="The picture is shown at the size you are always shown pictures at.",
    example={"image": "img_1"},
)
def look(image: Image) -> Observation:
    """Show a picture again that was shown before, or one that was only named.

    Args:
        image: the picture to show.
    """
    width, height = image.size_wh
    name = f" ({image.name})" if image.name else ""
    text = f"{image.handle or 'The picture'}{name}, {width} x {height} pixels."
    return Observation(text=text, images=(image,), data={"size_wh": [width, height]})
