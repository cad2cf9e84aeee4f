"""Finding the things that are meant: those of the noun, the colour, the place and the order that were named.

This is where detection and segmentation come in: any tool whose spec says what it `finds` is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ...vision.image import Image
from ...vision.inflection import plural
from ...vision.nouns import common_name
from ...vision.region import Region
from ..base import Draft
from . import compose
from .desk import Desk, Unanswerable
from .locating import Fit, Found, finders_of, locate, no_finder
from .naming import Beside, Thing
from .nearness import nearness
from .outlining import outlined
from .tints import colors_of


def look_for(desk: Desk, image: Image, wanted: Thing) -> Found:
    """The things that are meant, and how certain it is that there are no others.

    Raises:
        Unanswerable: when no tool finds such things, or the thing that they are beside is not there; also when the
            first of them in an order is meant, and a tool finds several without telling which of them are such.
    """
    found = locate(desk, image, wanted)
    found = replace(found, regions=_described(desk, image, found.regions, wanted))
    if wanted.most:
        _require_told_apart(found)
    return replace(found, regions=_ranked(desk, image, found.regions, wanted))


def meant(desk: Desk, image: Image, found: Sequence[Region], wanted: Thing) -> Sequence[Region]:
    """Those of things of the right noun that have the colour, the place and the order that were named.

    Raises:
        Unanswerable: when the thing that they are beside is not there, or there are too few for that order.
    """
    return _ranked(desk, image, _described(desk, image, found, wanted), wanted)


def _described(desk: Desk, image: Image, found: Sequence[Region], wanted: Thing) -> Sequence[Region]:
    """Those that have the colour and the place that were named."""
    chosen = found
    if wanted.color:
        named = colors_of(desk, chosen)
        chosen = [region for region, names in zip(chosen, named, strict=True) if wanted.color in names]
    if wanted.beside:
        chosen = _beside(desk, image, chosen, wanted.beside)
    return chosen


def _require_told_apart(found: Found) -> None:
    """Of several things that no tool tells from others, none is taken to be the one that is meant."""
    if found.finders.fit is Fit.AMONG and len(found.regions) > 1:
        raise Unanswerable(found.doubt)


def find(desk: Desk, image: Image, wanted: Thing) -> Sequence[Region]:
    """The regions of things that are taken to be there: "the red circle". Raises as `look_for` does.

    Raises:
        Unanswerable: also when a tool finds several things, and does not tell which of them is such a one.
    """
    found = look_for(desk, image, wanted)
    _require_told_apart(found)
    return found.regions


def left_out(desk: Desk, wanted: Thing) -> str:
    """What of such things no tool looks for on the whole picture; empty where they look for all of them."""
    finders = finders_of(desk, wanted)
    if finders is None or finders.fit not in (Fit.SOME, Fit.KINDS):
        return ""
    known = compose.listing([plural(kind) for kind in finders.kinds_of(wanted.noun)])
    return f"Of {plural(wanted.noun)} only {known} were looked for."


def find_surely(desk: Desk, image: Image, wanted: Thing, *, enough: int | None = None) -> Found:
    """The things, all of them: what a number or a "no" rests on. `enough` of some kind of them will do.

    Raises:
        Unanswerable: as `look_for` does, and when the tools do not know all such things, or cannot tell them apart.
    """
    found = look_for(desk, image, wanted)
    some = found.finders.fit is Fit.SOME and enough is not None and len(found.regions) >= enough
    if found.doubt and not some:
        raise Unanswerable(compose.cannot(found.doubt, cite=[(found.doubt, one.handle) for one in found.regions]))
    return found


def none_found(image: Image, wanted: Thing, why: str = "") -> Draft:
    """That no such things are found on a picture, and what more is to be said about it."""
    return compose.cannot(f"I find no {wanted.phrase}. {why}".rstrip(), cite=[(f"no {wanted.phrase}", image.handle)])


def findable(desk: Desk, wanted: Thing) -> bool:
    """Whether any tool at hand finds such things, or what they are one of."""
    return finders_of(desk, wanted) is not None


def sizes_of(desk: Desk, regions: Sequence[Region]) -> list[float]:
    """How much of the picture things cover, in square pixels: by their masks, or the share of the box by the kind."""
    return [
        shape.area * (1.0 if shape.mask is not None else _FILLED.get(common_name(shape.label.rpartition(" ")[2]), 1.0))
        for shape in outlined(desk, regions)
    ]


_FILLED = {"circle": 0.785, "ellipse": 0.785, "oval": 0.785, "triangle": 0.5, "pentagon": 0.69, "star": 0.35}
"""The part of its box that a shape fills."""


def _ranked(desk: Desk, image: Image, found: Sequence[Region], wanted: Thing) -> Sequence[Region]:
    """The one that stands out, or the second or third in that order; all where none was said to."""
    if not wanted.most or not found:
        return found
    if wanted.rank > len(found):
        number = compose.counted(len(found), wanted.noun)
        raise Unanswerable(f"I find {number}, so there is no {wanted.phrase}.")
    values = measured(desk, image, found, wanted.most)
    order = sorted(range(len(found)), key=lambda at: -values[at])
    return [found[order[wanted.rank - 1]]]


def measured(desk: Desk, image: Image, regions: Sequence[Region], how: str) -> Sequence[float]:
    """How largest, leftmost, nearest ... each of the regions is."""
    if how in ("nearest", "farthest"):
        sign = 1 if how == "nearest" else -1
        return [sign * value for value in nearness(desk, image, regions)]
    if how in ("largest", "smallest"):
        sign = 1 if how == "largest" else -1
        return [sign * value for value in sizes_of(desk, regions)]
    return [_MEASURES[how](region) for region in regions]


_MEASURES: Mapping[str, Callable[[Region], float]] = {
    "leftmost": lambda region: -region.center[0],
    "rightmost": lambda region: region.center[0],
    "topmost": lambda region: -region.center[1],
    "lowest": lambda region: region.center[1],
    "middlemost": lambda region: -abs(region.center[0] - region.image.size_wh[0] / 2),
    "tallest": lambda region: region.xyxy[3] - region.xyxy[1],
    "widest": lambda region: region.xyxy[2] - region.xyxy[0],
}


def _beside(desk: Desk, image: Image, found: Sequence[Region], place: Beside) -> list[Region]:
    """Those of the regions that are at a place by another thing."""
    if not findable(desk, place.anchor):
        seen = compose.kinds(region.label for region in found) if found else "none"
        raise Unanswerable(f"I find {seen}, and cannot tell what is {place.phrase}: {no_finder(desk, place.anchor)}")
    anchors = find(desk, image, place.anchor)
    if not anchors:
        raise Unanswerable(none_found(image, place.anchor))
    return beside(found, anchors, place.how)


def beside(found: Sequence[Region], anchors: Sequence[Region], how: str) -> list[Region]:
    """Those of the regions that are on a side of one of some others, or on, in or next to it; anchors left out.

    On a side is first of all what is beyond the edge of the other; where nothing is, what is beyond its middle.
    """
    handles = {anchor.handle for anchor in anchors}
    others = [one for one in found if one.handle not in handles]
    if how in _BY:
        return [one for one in others if any(_BY[how](one, anchor) for anchor in anchors)]
    axis, sign = _SIDES[how]
    edge = axis if sign < 0 else axis + 2
    beyond = [one for one in others if any(sign * (one.center[axis] - other.xyxy[edge]) > 0 for other in anchors)]
    return beyond or [one for one in others if any(sign * (one.center[axis] - a.center[axis]) > 0 for a in anchors)]


def _inside(one: Region, anchor: Region) -> bool:
    (x, y), (left, top, right, bottom) = one.center, anchor.xyxy
    return left <= x <= right and top <= y <= bottom


def _on(one: Region, anchor: Region) -> bool:
    """Standing on it, its foot within it; or a part of it."""
    foot, (left, top, right, bottom) = one.xyxy[3], anchor.xyxy
    slack = 0.1 * (one.xyxy[3] - one.xyxy[1])
    return _inside(one, anchor) or (left <= one.center[0] <= right and top - slack <= foot <= bottom + slack)


def _next_to(one: Region, anchor: Region) -> bool:
    """Not farther apart than the larger of them is across."""
    (a, b, c, d), (e, f, g, h) = one.xyxy, anchor.xyxy
    gap = max(e - c, a - g, f - d, b - h, 0.0)
    return gap <= max(min(c - a, d - b), min(g - e, h - f))


_BY: Mapping[str, Callable[[Region, Region], bool]] = {"on": _on, "in": _inside, "next to": _next_to}
_SIDES: Mapping[str, tuple[int, int]] = {"left of": (0, -1), "right of": (0, 1), "above": (1, -1), "below": (1, 1)}
"""Sides -> the axis, and whether the numbers rise or fall towards it."""
