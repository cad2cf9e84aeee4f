"""Something with a place: a detection, a mask, a line of text, a barcode."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import InvalidRegion, UnknownLineage
from ..jsonable import Json, JsonObject
from .frame import Frame, Points, Xyxy
from .image import Image
from .mask import Mask


@dataclass(frozen=True, slots=True)
class Region:
    """A place on a picture, with what is known about it.

    Attributes:
        image: the picture it was found on; all coordinates are in its pixels.
        xyxy: left, top, right, bottom in float pixels.
        label: what it is ("line", "word", "red circle", "qr code").
        score: how sure the tool is, 0 to 1, or None where it gives no score.
        text: the text in it, or None.
        polygon: its outline, (x, y) points in order, or None.
        mask: its pixels, of the size of the image, or None.
        attributes: anything else, plain JSON ("color": "red").
        handle: its name in a session, such as `r3`; empty until a session took it in.
    """

    image: Image
    xyxy: Xyxy
    label: str = ""
    score: float | None = None
    text: str | None = None
    polygon: tuple[tuple[float, float], ...] | None = None
    mask: Mask | None = None
    attributes: Mapping[str, Json] = field(default_factory=dict)
    handle: str = ""

    def __post_init__(self) -> None:
        left, top, right, bottom = self.xyxy
        if not all(math.isfinite(value) for value in self.xyxy):
            raise InvalidRegion(f"A box needs four finite numbers, not {self.xyxy}.")
        if right < left or bottom < top:
            raise InvalidRegion(f"The box {self.xyxy} ends before it begins.", remedy="Give left, top, right, bottom.")
        if self.mask is not None and self.mask.size_wh != self.image.size_wh:
            raise InvalidRegion(f"The mask is {self.mask.size_wh} but the picture is {self.image.size_wh} (w, h).")

    @property
    def center(self) -> tuple[float, float]:
        """The middle of the box, (x, y)."""
        return ((self.xyxy[0] + self.xyxy[2]) / 2, (self.xyxy[1] + self.xyxy[3]) / 2)

    @property
    def area(self) -> float:
        """Pixels of the mask, or else of the box."""
        if self.mask is not None:
            return float(self.mask.area)
        return (self.xyxy[2] - self.xyxy[0]) * (self.xyxy[3] - self.xyxy[1])

    def on(self, image: Image) -> Region:
        """The same place on another picture of the same lineage: box, mask and outline.

        Raises:
            UnknownLineage: when the pictures do not come from one root.
        """
        if image.lineage != self.image.lineage:
            raise UnknownLineage(
                f"This region was found on {self.image.handle or self.image.name or 'a picture'}, which does not "
                f"share a root with {image.handle or image.name or 'the other picture'}.",
                remedy="Ask for it on the picture it was found on, or on a crop of that picture.",
            )
        if image.frame == self.image.frame and image.size_wh == self.image.size_wh:
            return replace(self, image=image)
        path = self.image.frame.then(image.frame.inverse())
        return self._mapped(image, path)

    def _mapped(self, image: Image, path: Frame) -> Region:
        polygon = None
        if self.polygon is not None:
            moved: Points = path.points(np.array(self.polygon, dtype=np.float64))
            polygon = tuple((float(x), float(y)) for x, y in moved)
        return replace(
            self,
            image=image,
            xyxy=path.box(self.xyxy),
            polygon=polygon,
            mask=None if self.mask is None else self.mask.mapped(path, image.size_wh),
        )

    def to_json(self) -> JsonObject:
        """Plain JSON; the picture is named by its handle."""
        data: JsonObject = {"handle": self.handle, "image": self.image.handle, "xyxy": list(self.xyxy)}
        if self.label:
            data["label"] = self.label
        if self.score is not None:
            data["score"] = self.score
        if self.text is not None:
            data["text"] = self.text
        if self.polygon is not None:
            data["polygon"] = [list(point) for point in self.polygon]
        if self.mask is not None:
            data["mask"] = self.mask.to_json()
        if self.attributes:
            data["attributes"] = dict(self.attributes)
        return data
