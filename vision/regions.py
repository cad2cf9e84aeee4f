"""Several regions together: an immutable sequence that can be filtered, thinned, sorted and moved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import overload

import numpy as np

from ..jsonable import JsonObject
from . import boxes
from .frame import Xyxy
from .image import Image
from .region import Region


class Regions(Sequence[Region]):
    """An immutable sequence of regions. Every method returns a new one; slices are `Regions` too."""

    __slots__ = ("_items",)

    def __init__(self, regions: Iterable[Region] = ()) -> None:
        self._items = tuple(regions)

    @overload
    def __getitem__(self, index: int) -> Region: ...
    @overload
    def __getitem__(self, index: slice) -> Regions: ...
    def __getitem__(self, index: int | slice) -> Region | Regions:
        return Regions(self._items[index]) if isinstance(index, slice) else self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Region]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Regions) and self._items == other._items

    def __hash__(self) -> int:
        return hash(self._items)

    def __add__(self, others: Iterable[Region]) -> Regions:
        return Regions((*self._items, *others))

    def __repr__(self) -> str:
        kinds = ", ".join(f"{count} {label or 'unlabelled'}" for label, count in self.counts().items())
        return f"Regions({kinds or 'none'})"

    @property
    def xyxy(self) -> boxes.Boxes:
        """The boxes, N x 4, each in the pixels of its own image."""
        return boxes.as_boxes([region.xyxy for region in self._items])

    def filter(
        self,
        where: Callable[[Region], bool] | None = None,
        *,
        label: str | Collection[str] | None = None,
        min_score: float | None = None,
    ) -> Regions:
        """Those that meet every condition that is given.

        Args:
            where: any test of a region.
            label: the label, or the labels, to keep.
            min_score: the lowest score to keep. A region without a score is kept: its tool has no doubts to tell.
        """
        wanted = {label} if isinstance(label, str) else label
        return Regions(
            region
            for region in self._items
            if (where is None or where(region))
            and (wanted is None or region.label in wanted)
            and (min_score is None or region.score is None or region.score >= min_score)
        )

    def nms(self, iou: float = 0.5, *, per_label: bool = True) -> Regions:
        """Without those that overlap a better one by more than `iou`; best score first, no score counts as 1.

        Args:
            iou: intersection over union of two boxes, 0 to 1.
            per_label: whether only regions of one label compete. Regions of different images never do.
        """
        scores = [1.0 if region.score is None else region.score for region in self._items]
        groups = [(region.image, region.label if per_label else "") for region in self._items]
        kept = boxes.nms(self.xyxy, scores, iou_above=iou, groups=groups)
        return Regions(self._items[index] for index in kept)

    def on(self, image: Image) -> Regions:
        """All of them on another picture of the same lineage, also where they lie outside it."""
        return Regions(region.on(image) for region in self._items)

    def visible_on(self, image: Image) -> Regions:
        """On another picture of the same lineage, cut to it; those outside are left out."""
        seen = (region.visible_on(image) for region in self._items)
        return Regions(region for region in seen if region is not None)

    def containing(self, point: tuple[float, float]) -> Regions:
        """Those that the point (x, y), in the pixels of their image, lies in: mask, outline or box."""
        return Regions(region for region in self._items if region.contains(point))

    def inside(self, xyxy: Xyxy, *, share: float = 1.0) -> Regions:
        """Those whose box lies in another box, to at least `share` of its area (1: wholly)."""
        frame = boxes.as_boxes([xyxy])
        shared = boxes.intersection(self.xyxy, frame)[:, 0]
        enough = shared >= share * boxes.area(self.xyxy) * (1 - 1e-9)
        within = np.all((self.xyxy[:, :2] <= frame[:, 2:]) & (self.xyxy[:, 2:] >= frame[:, :2]), axis=1)
        return Regions(region for region, keep in zip(self._items, enough & within, strict=True) if keep)

    def largest(self, count: int) -> Regions:
        """The `count` largest by area, largest first."""
        return Regions(sorted(self._items, key=lambda region: -region.area)[: max(count, 0)])

    def sorted_in_reading_order(self) -> Regions:
        """Row by row, each row from left to right; see `reading`."""
        from .reading import reading_order

        return Regions(reading_order(self._items))

    def labels(self) -> tuple[str, ...]:
        """The labels that occur, each once, in order of appearance."""
        return tuple(self.counts())

    def counts(self) -> dict[str, int]:
        """How many there are of each label, in order of appearance."""
        counted: dict[str, int] = {}
        for region in self._items:
            counted[region.label] = counted.get(region.label, 0) + 1
        return counted

    def to_json(self) -> list[JsonObject]:
        """Each region as plain JSON."""
        return [region.to_json() for region in self._items]
