"""The colour of a thing: of its own pixels, not of what is around it in its box."""

from __future__ import annotations

from collections.abc import Sequence

from ...jsonable import Json
from ...vision.region import Region
from . import slots
from .desk import Desk
from .outlining import outlined
from .palette import Hue, Palette, names_of

MIDDLE = 0.5
"""The part of a box, in each direction, that is mostly the thing itself."""


def colors_of(desk: Desk, regions: Sequence[Region]) -> list[Sequence[str]]:
    """The names of the colour of each region, the most telling one first: from the tool that found it, or measured.

    Of a region with a mask, its pixels count. In a mere box, what is around the thing is not its own: the even
    background of the picture is left out; on any other background, the thing is outlined first, or, where no tool
    does that, the middle of the box counts.
    """
    names = desk.each(regions, lambda region: _at_once(desk, region))
    unsure = [region for region, known in zip(regions, names, strict=True) if known is None]
    shapes = outlined(desk, unsure)
    measured = iter(desk.each(shapes, lambda shape: _of_its_own(desk, shape)))
    return [next(measured) if known is None else known for known in names]


def color_of(desk: Desk, region: Region) -> Sequence[str]:
    """The names of the colour of one region; see `colors_of`."""
    return colors_of(desk, [region])[0]


def _at_once(desk: Desk, region: Region) -> Sequence[str] | None:
    """The names as far as its box or mask tells them; None where it must be outlined."""
    known = _told(region)
    if known:
        return known
    palette = _measured(desk, region)
    if region.mask is not None:
        return palette.prevailing
    if len(palette.ranked) < 2 or (region.text is not None and palette.background is not None):
        return palette.foreground
    around = Palette.of(desk.see("color", image=region.image.handle)).background
    if region.text is None and (around is None or not _same(palette.background, around)):
        return None
    own = [hue.names for hue in palette.colors if around is None or hue.names != around.names]
    return own[0] if own else palette.foreground


def _told(region: Region) -> Sequence[str]:
    """The colour that the tool itself names: as an attribute, or before the label, as in `red circle`."""
    known = region.attributes.get("color")
    if isinstance(known, str) and known:
        return names_of(known)
    head = region.label.partition(" ")[0].casefold()
    return names_of(head) if head in slots.COLORS and " " in region.label else ()


def _same(own: Hue | None, around: Hue) -> bool:
    """Whether what is around a thing in its box is what is around everything, as far as it is even at all."""
    return own is None or own.names == around.names


def _measured(desk: Desk, region: Region) -> Palette:
    return Palette.of(desk.see("color", image=region.image.handle, region=region.handle))


def _of_its_own(desk: Desk, shape: Region) -> Sequence[str]:
    """The colour of its mask, or else of the middle of its box."""
    if shape.mask is not None:
        return _measured(desk, shape).prevailing
    return Palette.of(desk.see("color", image=shape.image.handle, box=_middle(shape))).prevailing


def _middle(region: Region) -> Json:
    """The middle of its box, in the unit of this planner: 0 to 1."""
    (left, top, right, bottom), (width, height) = region.xyxy, region.image.size_wh
    x, y = (right - left) * (1 - MIDDLE) / 2, (bottom - top) * (1 - MIDDLE) / 2
    return [(left + x) / width, (top + y) / height, (right - x) / width, (bottom - y) / height]
