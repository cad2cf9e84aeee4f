"""Something with a place: a detection, a mask, a line of text, a barcode."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import ArrayLike

from ..errors import InvalidRegion, UnknownHandle, UnknownLineage
from ..jsonable import Json, JsonObject
from . import polygons
from .frame import Frame, Points, Xyxy, bounds_of, corners_of
from .image import Image
from .mask import Mask
from .transforms import crop

POINT = "point"
"""The label of a region that stands for one point."""

_POINT_PART, _POINT_LEAST = 0.04, 24.0  # of the picture's shorter side; in pixels


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
    attributes: Mapping[str, Json] = field(default_factory=dict, hash=False)
    handle: str = ""

    def __post_init__(self) -> None:
        box = [float(value) for value in self.xyxy]
        if len(box) != 4 or not all(math.isfinite(value) for value in box):
            raise InvalidRegion(
                f"A box is four finite numbers, not {self.xyxy}.", remedy="Give left, top, right, bottom."
            )
        left, top, right, bottom = box
        if right < left or bottom < top:
            raise InvalidRegion(f"The box {self.xyxy} ends before it begins.", remedy="Give left, top, right, bottom.")
        if self.score is not None and not math.isfinite(self.score):
            raise InvalidRegion(f"A score of {self.score} says nothing.", remedy="Give a number from 0 to 1, or None.")
        if self.mask is not None and self.mask.size_wh != self.image.size_wh:
            cause = f"The mask is {self.mask.size_wh} but the picture is {self.image.size_wh} (w, h)."
            raise InvalidRegion(cause, remedy="Give a mask of the size of the picture.")
        # Arrays and numpy numbers are welcome, but what is kept is plain, so that it compares and becomes JSON.
        object.__setattr__(self, "xyxy", (left, top, right, bottom))
        if self.polygon is not None:
            object.__setattr__(self, "polygon", polygons.pairs(polygons.as_polygon(self.polygon)))

    @classmethod
    def at(cls, image: Image, point: tuple[float, float]) -> Region:
        """A small place around a point (x, y) in pixels, such as a click: large enough to be looked at."""
        (x, y), half = point, max(_POINT_LEAST, _POINT_PART * min(image.size_wh)) / 2
        return cls(image, (x - half, y - half, x + half, y + half), POINT).clipped()

    @property
    def is_point(self) -> bool:
        """Whether it stands for one point, its middle, and not for a thing of its size."""
        return self.label == POINT and self.score is None and self.mask is None

    @classmethod
    def of_polygon(
        cls, image: Image, polygon: ArrayLike, *, label: str = "", score: float | None = None, text: str | None = None
    ) -> Region:
        """A region from its outline, (x, y) points in order; the box is the smallest around it."""
        points = polygons.as_polygon(polygon)
        return cls(image, bounds_of(points), label, score, text, polygons.pairs(points))

    @classmethod
    def of_mask(
        cls, image: Image, mask: Mask, *, label: str = "", score: float | None = None, outlined: bool = False
    ) -> Region:
        """A region from its pixels; the box is the smallest around them, and `outlined` adds `Mask.outline`.

        Raises:
            InvalidRegion: for an empty mask.
        """
        box = mask.xyxy
        if box is None:
            raise InvalidRegion("The mask has no pixels.", remedy="Give a mask with at least one pixel.")
        outline = mask.outline() if outlined else None
        polygon = None if outline is None else polygons.pairs(outline)
        return cls(image, box, label, score, polygon=polygon, mask=mask)

    @classmethod
    def merged(cls, regions: Iterable[Region]) -> Region:
        """One region around several, such as the line around its words, on the image of the first.

        Texts are joined by spaces in the order given; the label stays if all share it; the score is the lowest; there
        is an outline if any has one and a mask if all have one. Raises `InvalidRegion` for none.
        """
        given = list(regions)
        if not given:
            raise InvalidRegion("Nothing cannot be merged.", remedy="Give at least one region.")
        parts = [region.on(given[0].image) for region in given]
        points = np.vstack([part.outline for part in parts])
        texts = [part.text for part in parts if part.text]
        boxes = np.array([part.xyxy for part in parts])
        return cls(
            image=given[0].image,
            xyxy=bounds_of(boxes.reshape(-1, 2)),
            label=parts[0].label if len({part.label for part in parts}) == 1 else "",
            score=min((part.score for part in parts if part.score is not None), default=None),
            text=" ".join(texts) if texts else None,
            polygon=_hull(points) if any(part.polygon is not None for part in parts) else None,
            mask=_union([part.mask for part in parts]),
        )

    @property
    def center(self) -> tuple[float, float]:
        """The middle of the box, (x, y)."""
        return ((self.xyxy[0] + self.xyxy[2]) / 2, (self.xyxy[1] + self.xyxy[3]) / 2)

    @property
    def area(self) -> float:
        """Pixels of the mask, or else of the box."""
        if self.mask is not None:
            return float(self.mask.area)
        return _area(self.xyxy)

    @property
    def outline(self) -> Points:
        """The outline, or else the four corners of the box clockwise from the top left; N x 2."""
        return corners_of(self.xyxy) if self.polygon is None else np.array(self.polygon, dtype=np.float64)

    def contains(self, point: tuple[float, float]) -> bool:
        """Whether (x, y) lies in it: in its mask, or else its outline, or else its box."""
        x, y = point
        if not (self.xyxy[0] <= x < self.xyxy[2] and self.xyxy[1] <= y < self.xyxy[3]):
            return False
        if self.mask is not None:
            return self.mask.contains(point)
        return self.polygon is None or polygons.contains(self.outline, point)

    def iou(self, other: Region) -> float:
        """Intersection over union of the two boxes, on my image, 0 to 1."""
        theirs = other.on(self.image).xyxy
        width = min(self.xyxy[2], theirs[2]) - max(self.xyxy[0], theirs[0])
        height = min(self.xyxy[3], theirs[3]) - max(self.xyxy[1], theirs[1])
        shared = max(0.0, width) * max(0.0, height)
        union = _area(self.xyxy) + _area(theirs) - shared
        return shared / union if union > 0 else 0.0

    def crop(self, padding: float = 0.0) -> Image:
        """The part of its image inside its box, with `padding` pixels around it; see `transforms.crop`."""
        return crop(self.image, self.xyxy, padding=padding)

    def on(self, image: Image) -> Region:
        """The same place on another picture of the same lineage: box, mask and outline.

        Raises:
            UnknownLineage: when the pictures do not come from one root.
            InvalidRegion: when it lies beyond the horizon of a picture whose perspective was undone.
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

    def clipped(self) -> Region:
        """The part that lies on its image. Raises `InvalidRegion` when no part does."""
        width, height = self.image.size_wh
        left, top, right, bottom = self.xyxy
        box = (max(left, 0.0), max(top, 0.0), min(right, float(width)), min(bottom, float(height)))
        if box == self.xyxy:
            return self
        polygon = None if self.polygon is None else polygons.clip(self.outline, box)
        if box[2] <= box[0] or box[3] <= box[1] or (polygon is not None and len(polygon) < 3):
            name = self.image.handle or self.image.name or "its picture"
            remedy = f"Give a box inside 0, 0, {width}, {height}."
            raise InvalidRegion(f"The region {self.xyxy} lies outside {name}.", remedy=remedy)
        return replace(self, xyxy=box, polygon=None if polygon is None else polygons.pairs(polygon))

    def visible_on(self, image: Image) -> Region | None:
        """The part of it that is seen on another picture of the same lineage, or None when nothing is."""
        try:
            return self.on(image).clipped()
        except InvalidRegion:
            return None

    def _mapped(self, image: Image, path: Frame) -> Region:
        polygon = None if self.polygon is None else path.points(self.outline)
        return replace(
            self,
            image=image,
            xyxy=self._bounds_after(path),
            polygon=None if polygon is None else polygons.pairs(polygon),
            mask=None if self.mask is None else self.mask.mapped(path, image.size_wh),
        )

    def _bounds_after(self, path: Frame) -> Xyxy:
        """The box after a map. Turned, the corners of a box bulge: the outline or the mask bound it more tightly."""
        corners = np.zeros((0, 2))
        if not path.keeps_upright:
            corners = self.outline if self.polygon is not None or self.mask is None else self.mask.corners()
        return bounds_of(path.points(corners)) if len(corners) else path.box(self.xyxy)

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

    @classmethod
    def from_json(cls, data: Mapping[str, Json], images: Mapping[str, Image]) -> Region:
        """The region that `to_json` described, on one of `images` by handle.

        Raises:
            UnknownHandle: when its image is not among them.
            InvalidRegion: when the box or the outline is missing or malformed.
        """
        handle = str(data.get("image", ""))
        if handle not in images:
            raise UnknownHandle(f"There is no image {handle!r}.", remedy=f"Live image handles: {', '.join(images)}.")
        box, polygon, mask = _numbers(data.get("xyxy"), "box"), data.get("polygon"), data.get("mask")
        if len(box) != 4:
            raise InvalidRegion(f"A box of {len(box)} numbers is none.", remedy="Give left, top, right, bottom.")
        score, text, attributes = data.get("score"), data.get("text"), data.get("attributes")
        return cls(
            image=images[handle],
            xyxy=(box[0], box[1], box[2], box[3]),
            label=str(data.get("label", "")),
            score=float(score) if isinstance(score, int | float) else None,
            text=text if isinstance(text, str) else None,
            polygon=None if polygon is None else _points(polygon),
            mask=None if mask is None else Mask.from_json(mask),
            attributes=dict(attributes) if isinstance(attributes, Mapping) else {},
            handle=str(data.get("handle", "")),
        )


def _area(xyxy: Xyxy) -> float:
    return (xyxy[2] - xyxy[0]) * (xyxy[3] - xyxy[1])


def _hull(points: Points) -> tuple[tuple[float, float], ...]:
    hull = cv2.convexHull(points.astype(np.float32)).reshape(-1, 2)
    return polygons.pairs(hull.astype(np.float64))


def _union(masks: Sequence[Mask | None]) -> Mask | None:
    present = [mask.array() for mask in masks if mask is not None]
    return Mask.of(np.logical_or.reduce(present)) if len(present) == len(masks) else None


def _numbers(value: Json, what: str) -> list[float]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, int | float) for item in value):
        raise InvalidRegion(f"This {what} is not a list of numbers: {value!r}.", remedy="Give numbers in pixels.")
    return [float(item) for item in value if isinstance(item, int | float)]


def _points(value: Json) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, list | tuple):
        raise InvalidRegion(f"An outline is a list of points, not {value!r}.", remedy="Give [[x, y], ...].")
    return polygons.pairs(polygons.as_polygon([_numbers(point, "point") for point in value]))
