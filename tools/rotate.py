"""Turn a picture."""

from __future__ import annotations

from ..vision import transforms
from ..vision.image import Image
from .calls import Observation
from .tool import tool


@tool(
    avoid="Straightening a page whose tilt is unknown: `enhance` with deskew measures it.",
    limits="Angles other than multiples of 90 degrees soften the picture a little and leave white corners.",
    example={"image": "img_1", "degrees": 90},
)
def rotate(image: Image, degrees: float) -> Observation:
    """Turn a picture, so that something that lies on its side or upside down stands upright.

    Args:
        image: the picture.
        degrees: how far to turn it counter-clockwise; below 0 turns clockwise.
    """
    turned = transforms.rotate(image, degrees)
    width, height = turned.size_wh
    way = "counter-clockwise" if degrees >= 0 else "clockwise"
    text = f"Turned {abs(degrees):g} degrees {way}: {width} x {height} pixels."
    return Observation(text=text, images=(turned,), data={"degrees": degrees, "size_wh": [width, height]})
