"""How a planner sees places: at which size pictures are put before it, and in which unit it reads and writes boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ..planners.base import Planner
from ..vision.frame import SizeWh, Xyxy
from ..vision.image import Image
from ..vision.units import CoordinateUnit

UNIT_WORDS = {
    CoordinateUnit.PIXELS: "pixels of the picture as it is shown",
    CoordinateUnit.PER_MILLE: "thousandths of the picture's width and height (0-1000)",
    CoordinateUnit.UNIT: "fractions of the picture's width and height (0-1)",
}


@runtime_checkable
class ShowsResized(Protocol):
    """A planner whose model does not see pictures at their own size."""

    def shown_wh(self, image: Image) -> SizeWh:
        """The size, in pixels, at which its model really sees the picture."""
        ...


@runtime_checkable
class MayBeBlind(Protocol):
    """A planner that says whether its model sees pictures at all."""

    @property
    def sees(self) -> bool:
        """Whether its model sees pictures; otherwise it relies on tools alone."""
        ...


@dataclass(frozen=True, slots=True)
class Sight:
    """The eyes of one planner."""

    planner: Planner

    @property
    def unit(self) -> CoordinateUnit:
        """The unit in which the planner reads and writes boxes."""
        return self.planner.unit

    @property
    def sees(self) -> bool:
        """Whether it sees pictures at all."""
        return self.planner.sees if isinstance(self.planner, MayBeBlind) else True

    def shown_wh(self, image: Image) -> SizeWh:
        """The size at which it sees a picture."""
        return self.planner.shown_wh(image) if isinstance(self.planner, ShowsResized) else image.size_wh

    def pixels(self, image: Image, xyxy: Xyxy, /) -> Xyxy:
        """A box as the planner wrote it -> pixels of the picture."""
        return self.unit.to_pixels(xyxy, shown_wh=self.shown_wh(image), image_wh=image.size_wh)

    def box(self, xyxy: Xyxy, image: Image) -> str:
        """A box in pixels of the picture -> as the planner reads it: `[12, 40, 300, 60]`."""
        own = self.unit.from_pixels(xyxy, shown_wh=self.shown_wh(image), image_wh=image.size_wh)
        digits = 3 if self.unit is CoordinateUnit.UNIT else 0
        return "[" + ", ".join(f"{value:.{digits}f}" for value in own) + "]"

    def size(self, image: Image) -> str:
        """A picture's size in words: `1200 x 900`, or `4000 x 3000, shown at 1000 x 750`."""
        true, shown = "{} x {}".format(*image.size_wh), "{} x {}".format(*self.shown_wh(image))
        return true if true == shown else f"{true}, shown at {shown}"
