"""Measure regions: sizes, distances, angles, overlap, and where they stand to each other."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ..errors import InvalidArguments
from ..jsonable import JsonObject
from ..vision.boxes import as_boxes, intersection, iou
from ..vision.frame import Xyxy
from ..vision.image import Image
from ..vision.region import Region
from .calls import Observation
from .tool import tool

INSIDE = 0.95
"""A region of which this part lies in another one is inside it."""

STRAIGHT = 2.0
"""One offset this many times the other one counts alone: left, and not above left."""


@tool(
    avoid="Arithmetic with numbers: `calculate`.",
    limits="Perspective is not undone: real lengths need a reference as far away as what is measured.",
    example={"image": "img_1", "a": "r1", "b": "r2", "reference": "r5", "known_length": 8.56, "unit": "cm"},
)
def measure(
    image: Image, a: Region, b: Region | None = None, reference: Region | None = None,
    known_length: float = 0.0, unit: str = "cm",
) -> Observation:  # fmt: skip
    """Measure one region, or the distance, direction and overlap of two.

    Args:
        image: the picture in whose pixels is measured.
        a: the region to measure.
        b: another region to measure from a to.
        reference: a region whose longer side is known, to give lengths in a real unit.
        known_length: the real length of the longer side of the reference.
        unit: the unit of known_length.
    """
    scale = _Scale.of(image, reference, known_length, unit)
    first = a.on(image)
    text, data = _size(first, scale)
    if b is not None:
        second = b.on(image)
        other_text, other = _size(second, scale)
        relation_text, relation = _relation(first, second, scale)
        text = f"a: {text}\nb: {other_text}\n{relation_text}"
        data = {"a": data, "b": other, "a_to_b": relation}
    if scale.per_pixel is not None:
        data["unit_per_pixel"] = scale.per_pixel
    return Observation(text=text, data=data)


class _Scale:
    """How lengths are told: in pixels, and in a real unit where one is known."""

    def __init__(self, per_pixel: float | None, unit: str) -> None:
        self.per_pixel = per_pixel
        self._unit = unit

    @classmethod
    def of(cls, image: Image, reference: Region | None, known_length: float, unit: str) -> _Scale:
        if (reference is None) != (known_length == 0):
            remedy = "Give both: the region, and the real length of its longer side."
            raise InvalidArguments(
                "A reference needs its known length, and a known length its reference.", remedy=remedy
            )
        if reference is None:
            return cls(None, unit)
        longer = max(_sides(reference.on(image))[:2])
        if not (known_length > 0 and math.isfinite(known_length)) or longer <= 0:
            raise InvalidArguments(f"A length of {known_length} {unit} cannot be.", remedy="Give a length above 0.")
        return cls(known_length / longer, unit)

    def length(self, pixels: float) -> str:
        real = "" if self.per_pixel is None else f" ({pixels * self.per_pixel:.3g} {self._unit})"
        return f"{pixels:.1f} px{real}"

    def area(self, pixels: float) -> str:
        real = "" if self.per_pixel is None else f" ({pixels * self.per_pixel**2:.3g} {self._unit}²)"
        return f"{pixels:.0f} px²{real}"


def _size(region: Region, scale: _Scale) -> tuple[str, JsonObject]:
    width, height, angle = _sides(region)
    x, y = region.center
    turned = f", turned {angle:.1f} degrees clockwise" if abs(angle) >= 0.5 else ""
    text = (
        f"{scale.length(width)} wide, {scale.length(height)} high{turned}, area {scale.area(region.area)}, "
        f"center ({x:.1f}, {y:.1f})."
    )
    return text, {
        "width": width,
        "height": height,
        "angle_degrees": angle,
        "area": region.area,
        "center": [x, y],
        "share_of_picture": region.area / (region.image.size_wh[0] * region.image.size_wh[1]),
    }


def _sides(region: Region) -> tuple[float, float, float]:
    """Width and height in pixels and the turn in degrees clockwise, -45 to 45: of the outline, else of the box."""
    left, top, right, bottom = region.xyxy
    if region.polygon is None or len(region.polygon) < 3:
        return right - left, bottom - top, 0.0
    _, (one, other), turn = cv2.minAreaRect(region.outline.astype(np.float32))
    if turn > 45:
        return float(other), float(one), float(turn) - 90.0
    return float(one), float(other), float(turn)


def _relation(a: Region, b: Region, scale: _Scale) -> tuple[str, JsonObject]:
    dx, dy = b.center[0] - a.center[0], b.center[1] - a.center[1]
    distance, gap = math.hypot(dx, dy), _gap(a.xyxy, b.xyxy)
    boxes_a, boxes_b = as_boxes([a.xyxy]), as_boxes([b.xyxy])
    shared = float(intersection(boxes_a, boxes_b)[0, 0])
    in_b, in_a = _part(shared, a.xyxy), _part(shared, b.xyxy)
    word = _word(a.xyxy, b.xyxy, in_b, in_a)
    angle = math.degrees(math.atan2(-dy, dx)) % 360
    text = (
        f"a is {word} b. From center to center {scale.length(distance)}, gap between them {scale.length(gap)}. "
        f"b lies at {angle:.0f} degrees from a (0 is right, 90 is up). {in_b:.0%} of a is in b, {in_a:.0%} of b in a."
    )
    return text, {
        "relation": word,
        "distance": distance,
        "gap": gap,
        "dx": dx,
        "dy": dy,
        "angle_degrees": angle,
        "iou": float(iou(boxes_a, boxes_b)[0, 0]),
        "a_in_b": in_b,
        "b_in_a": in_a,
    }


def _part(shared: float, xyxy: Xyxy) -> float:
    area = (xyxy[2] - xyxy[0]) * (xyxy[3] - xyxy[1])
    return shared / area if area > 0 else 0.0


def _gap(a: Xyxy, b: Xyxy) -> float:
    """Pixels between the nearest edges; 0 when the boxes touch or overlap."""
    across = max(0.0, max(a[0], b[0]) - min(a[2], b[2]))
    down = max(0.0, max(a[1], b[1]) - min(a[3], b[3]))
    return math.hypot(across, down)


def _word(a: Xyxy, b: Xyxy, in_b: float, in_a: float) -> str:
    """Where a stands to b, in words that go before b."""
    if in_b >= INSIDE and in_a >= INSIDE:
        return "at the same place as"
    if in_b >= INSIDE:
        return "inside"
    if in_a >= INSIDE:
        return "around"
    if in_b > 0:
        return "overlapping"
    across = "left of" if a[2] <= b[0] else "right of" if a[0] >= b[2] else ""
    down = "above" if a[3] <= b[1] else "below" if a[1] >= b[3] else ""
    if across and down:
        x = max(b[0] - a[2], a[0] - b[2])
        y = max(b[1] - a[3], a[1] - b[3])
        if x > STRAIGHT * y:
            return across
        return down if y > STRAIGHT * x else f"{down} and {across}"
    return across or down
