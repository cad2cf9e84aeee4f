"""What a detector can do, and what it gives back: one small protocol for all families of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ....vision.frame import Points, SizeWh, Xyxy
from ....vision.polygons import clip
from ....vision.store import Pixels


@dataclass(frozen=True, slots=True)
class Patch:
    """The pixels of a thing, cut out of the picture: `array` is h x w bools whose first pixel is (left, top)."""

    left: int
    top: int
    array: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing on a picture, in float pixels of that picture.

    Attributes:
        label: what it is: a class of the detector, or one of the labels that were asked for.
        score: how sure the detector is, 0 to 1.
        xyxy: left, top, right, bottom; may reach a little beyond the picture.
        patch: its pixels, or None.
        polygon: its outline, N x 2, or None.
        points: its key points by name: x, y, and how sure the detector is, 0 to 1.
    """

    label: str
    score: float
    xyxy: Xyxy
    patch: Patch | None = None
    polygon: Points | None = None
    points: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)

    def within(self, size_wh: SizeWh) -> Found:
        """The same thing with box and outline cut to a picture of this size: what lies beyond was not seen."""
        (left, right), (top, bottom) = (
            (min(max(start, 0.0), side), min(max(end, 0.0), side))
            for start, end, side in zip(self.xyxy[:2], self.xyxy[2:], size_wh, strict=True)
        )
        seen = None if self.polygon is None else clip(self.polygon, (0.0, 0.0, float(size_wh[0]), float(size_wh[1])))
        outline = seen if seen is not None and len(seen) > 2 else None
        return replace(self, xyxy=(left, top, right, bottom), polygon=outline)

    def moved(self, x: int, y: int) -> Found:
        """The same thing on a picture of which this one was cut out at (x, y)."""
        left, top, right, bottom = self.xyxy
        patch = self.patch
        return replace(
            self,
            xyxy=(left + x, top + y, right + x, bottom + y),
            patch=None if patch is None else replace(patch, left=patch.left + x, top=patch.top + y),
            polygon=None if self.polygon is None else self.polygon + np.array([x, y]),
            points={name: (point[0] + x, point[1] + y, point[2]) for name, point in self.points.items()},
        )


class Detector(Protocol):
    """A loaded model that finds things. Used by one thread at a time."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The things that it knows; empty for one that is told in words what to look for."""
        ...

    @property
    def side(self) -> int:
        """The longer side, in pixels, at which it looks at a picture; larger ones are reduced to it."""
        ...

    @property
    def network(self) -> Any:
        """The torch module that holds its weights."""
        ...

    def detect(self, pictures: Sequence[Pixels], labels: Sequence[str], min_score: float) -> list[list[Found]]:
        """What is on some pictures.

        Args:
            pictures: H x W x 3, RGB, uint8, all of one size.
            labels: what to look for, in words; for a detector with classes some of these, or none for all of them.
            min_score: the lowest score to give back, 0 to 1.
        """
        ...
