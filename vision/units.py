"""The unit in which a planner writes boxes, and the way back to pixels."""

from __future__ import annotations

from enum import Enum

from .frame import SizeWh, Xyxy


class CoordinateUnit(Enum):
    """How a planner counts coordinates. The unit is declared by the planner and never guessed from the numbers."""

    PIXELS = "pixels of the picture as shown"
    PER_MILLE = "0-1000"
    UNIT = "0-1"

    def span_wh(self, shown_wh: SizeWh) -> tuple[float, float]:
        """The largest x and y in this unit for a picture shown at `shown_wh` pixels."""
        if self is CoordinateUnit.PIXELS:
            return (float(shown_wh[0]), float(shown_wh[1]))
        return (1000.0, 1000.0) if self is CoordinateUnit.PER_MILLE else (1.0, 1.0)

    def to_pixels(self, xyxy: Xyxy, *, shown_wh: SizeWh, image_wh: SizeWh) -> Xyxy:
        """A box as the planner wrote it -> pixels of the image. `shown_wh`: the size the planner saw."""
        return _scaled(xyxy, self.span_wh(shown_wh), (float(image_wh[0]), float(image_wh[1])))

    def from_pixels(self, xyxy: Xyxy, *, shown_wh: SizeWh, image_wh: SizeWh) -> Xyxy:
        """A box in pixels of the image -> as the planner writes it."""
        return _scaled(xyxy, (float(image_wh[0]), float(image_wh[1])), self.span_wh(shown_wh))


def _scaled(xyxy: Xyxy, source: tuple[float, float], target: tuple[float, float]) -> Xyxy:
    x, y = target[0] / source[0], target[1] / source[1]
    return (xyxy[0] * x, xyxy[1] * y, xyxy[2] * x, xyxy[3] * y)
