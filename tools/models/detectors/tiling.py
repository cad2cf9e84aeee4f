"""Large pictures: looked at as a whole and in overlapping tiles, and what both see put together.

The whole picture shows large things, tiles show small ones. A thing that the border of a tile cuts is seen uncut by the
next tile when it is smaller than their overlap, and by the whole picture when it is larger; so what is cut gives way to
what is not, and pieces that nothing else shows are joined.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ....vision import boxes
from ....vision.frame import SizeWh, Xyxy
from .base import Found, Patch

LARGE = 3.0
"""A picture whose longer side is more than this many times what the detector sees is looked at in tiles too."""

TILE = 2
"""The side of a tile, in times of what the detector sees."""

OVERLAP = 0.25
"""The part of a tile that it shares with the next one."""

STEP = 4.0
"""Tiles of two sizes differ by no more than this, so that a thing that is cut in one size is well seen in the next."""

SAME = 0.5
"""Boxes of one class seen in two views that overlap by more (intersection over union) are one thing."""

BLUR = 4.0
"""Pixels of what the detector saw, by which the edges of one thing may differ: half the stride of usual networks."""

COVERED = 0.5
"""A piece of which more than this lies in a thing of its class is a part of it."""

INSIDE = 0.8
"""A piece of which more than this lies in a thing is a part of it, whatever it was taken for."""

TWICE = 0.8
"""Boxes that overlap by more are one thing, which is there once, and cannot be of two classes."""

MEETING = 0.1
"""Pieces of one class that share more than this of the smaller one, where two tiles overlap, are of one thing."""

EDGE = 2.0
"""Pixels of what the detector sees. A box that comes this near to the border of a tile is cut."""


@dataclass(frozen=True, slots=True)
class View:
    """A part of a picture that is looked at.

    Attributes:
        left: in pixels of the picture.
        top: in pixels of the picture.
        right: in pixels of the picture, exclusive.
        bottom: in pixels of the picture, exclusive.
        level: 0 for the smallest tiles, then 1 ... up to the whole picture.
    """

    left: int
    top: int
    right: int
    bottom: int
    level: int = 0

    @property
    def size_wh(self) -> SizeWh:
        """Its width and height."""
        return self.right - self.left, self.bottom - self.top

    def cuts(self, xyxy: Xyxy, size_wh: SizeWh, slack: float) -> bool:
        """Whether a box on the picture ends at a border of the view that is no border of the picture."""
        return (
            (self.left > 0 and xyxy[0] < self.left + slack)
            or (self.top > 0 and xyxy[1] < self.top + slack)
            or (self.right < size_wh[0] and xyxy[2] > self.right - slack)
            or (self.bottom < size_wh[1] and xyxy[3] > self.bottom - slack)
        )


@dataclass(frozen=True, slots=True)
class Sighting:
    """A thing as one view shows it, in pixels of the picture.

    Attributes:
        found: the thing.
        view: what shows it.
        cut: whether the border of the view cuts it.
        grain: pixels of the picture for one of what the detector saw.
    """

    found: Found
    view: View
    cut: bool
    grain: float = 1.0


def views(size_wh: SizeWh, side: int, tile: int | None = None) -> list[View]:
    """How a picture is looked at: its tiles, the smallest first, and the whole of it last.

    Args:
        size_wh: of the picture.
        side: the longer side at which the detector sees a picture.
        tile: the side of the smallest tiles in pixels; 0 for none; chosen by the sizes when left out.
    """
    longest = max(size_wh)
    if tile is None:
        tile = TILE * side if longest > LARGE * side else 0
    found: list[View] = []
    level = itertools.count()
    while 0 < tile < longest:
        number = next(level)
        across, down = list(_spans(size_wh[0], tile)), list(_spans(size_wh[1], tile))
        found += [View(left, top, right, bottom, number) for top, bottom in down for left, right in across]
        tile = int(tile * STEP)
    return [*found, View(0, 0, *size_wh, next(level))]


def merged(sightings: Sequence[Sighting], *, one_class: bool = True) -> list[Found]:
    """Everything that was seen, each thing once.

    Args:
        sightings: what the views show.
        one_class: whether a place has one thing; not so where words such as "dog" and "animal" were asked for.
    """
    whole = _distinct([each for each in sightings if not each.cut], one_class=one_class)
    things = [*whole, *_pieced([each.found for each in sightings if each.cut], whole, one_class=one_class)]
    if one_class:
        return _once(things)
    return [each for label in dict.fromkeys(each.label for each in things) for each in _once(things, label)]


def _spans(length: int, tile: int) -> Iterator[tuple[int, int]]:
    """Overlapping spans of at most a tile that cover 0 to `length`, all of nearly the same length."""
    if length <= tile:
        yield 0, length
        return
    shared = int(tile * OVERLAP)
    count = -(-(length - shared) // (tile - shared))
    step = (length - tile) / (count - 1)
    yield from ((round(number * step), round(number * step) + tile) for number in range(count))


def _distinct(sightings: Sequence[Sighting], *, one_class: bool) -> list[Found]:
    """Without what another view shows better: of one thing in two views the one from the smaller tile stays.

    What is tiny in the larger view has its edges beside the thing, and may be taken for something else.
    """
    order = sorted(sightings, key=lambda each: (each.view.level, -each.found.score))
    places, labels = _boxes([each.found for each in order]), _numbers([each.found.label for each in order])
    shown_by = _numbers([each.view for each in order])
    reach = BLUR * np.array([each.grain for each in order])
    waiting = np.ones(len(order), dtype=np.bool_)
    kept: list[Found] = []
    for at, each in enumerate(order):
        if waiting[at]:
            kept.append(each.found)
            left, _, right, _ = places[at]
            near = (places[:, 0] < right + reach) & (places[:, 2] > left - reach)
            rivals = np.flatnonzero(near & waiting & (shown_by != shown_by[at]))
            rivals = rivals[rivals > at]
            alike = labels[rivals] == labels[at]
            same = alike & (boxes.iou(places[at : at + 1], places[rivals])[0] > SAME)
            blurred = np.abs(places[rivals] - places[at]).max(axis=1, initial=0.0) <= reach[rivals]
            waiting[rivals] = ~(same | blurred & (alike | one_class))
    return kept


def _pieced(pieces: Sequence[Found], whole: Sequence[Found], *, one_class: bool) -> list[Found]:
    """What pieces show that nothing shows whole: those of one thing joined."""
    labels = _numbers([each.label for each in (*whole, *pieces)])
    names, own = labels[: len(whole)], labels[len(whole) :]
    places = _boxes(whole)
    loose: list[Found] = []
    order = sorted(range(len(pieces)), key=lambda at: -_area(pieces[at].xyxy))
    joined, joined_names = np.zeros((len(pieces), 4)), np.full(len(pieces), -1)
    for at in order:
        piece, box = pieces[at], _boxes([pieces[at]])
        area = max(_area(piece.xyxy), 1e-9)
        share = boxes.intersection(box, places)[0] / area
        if ((share > COVERED) & (names == own[at])).any() or (one_class and (share > INSIDE).any()):
            continue
        others = joined[: len(loose)]
        least = MEETING * np.minimum(boxes.area(others), area)
        met = (boxes.intersection(box, others)[0] > least) & (joined_names[: len(loose)] == own[at])
        row = int(met.argmax()) if met.any() else len(loose)
        if row == len(loose):
            loose.append(piece)
        else:
            loose[row] = _joined(loose[row], piece)
        joined[row], joined_names[row] = loose[row].xyxy, own[at]
    return loose


def _once(things: Sequence[Found], label: str | None = None) -> list[Found]:
    """Of things (of a label) at one place the likeliest: models that words tell what to find may see one twice."""
    order = sorted((each for each in things if label in {None, each.label}), key=lambda each: -each.score)
    chosen = boxes.nms(_boxes(order), [each.score for each in order], iou_above=TWICE)
    return [order[at] for at in chosen]


def _joined(one: Found, other: Found) -> Found:
    """One thing out of two pieces of it."""
    mine, theirs = one.xyxy, other.xyxy
    box = (min(mine[0], theirs[0]), min(mine[1], theirs[1]), max(mine[2], theirs[2]), max(mine[3], theirs[3]))
    better = max(one, other, key=lambda each: each.score)
    patch = None if one.patch is None or other.patch is None else _united(one.patch, other.patch)
    return replace(better, xyxy=box, patch=patch, polygon=None)


def _united(one: Patch, other: Patch) -> Patch:
    left, top = min(one.left, other.left), min(one.top, other.top)
    right = max(each.left + each.array.shape[1] for each in (one, other))
    bottom = max(each.top + each.array.shape[0] for each in (one, other))
    array = np.zeros((bottom - top, right - left), dtype=np.bool_)
    for each in (one, other):
        height, width = each.array.shape
        array[each.top - top : each.top - top + height, each.left - left : each.left - left + width] |= each.array
    return Patch(left, top, array)


def _boxes(things: Sequence[Found]) -> boxes.Boxes:
    return boxes.as_boxes([each.xyxy for each in things])


def _numbers(values: Sequence[Hashable]) -> NDArray[np.int64]:
    """A number for each value, the same for equal ones."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(value, len(known)) for value in values], dtype=np.int64)


def _area(xyxy: Xyxy) -> float:
    return max(0.0, xyxy[2] - xyxy[0]) * max(0.0, xyxy[3] - xyxy[1])
