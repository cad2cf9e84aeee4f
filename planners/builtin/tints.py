"""The colour of a thing: of its own pixels, not of what is around it in its box."""

from __future__ import annotations

from collections.abc import Sequence

from ...jsonable import Json
from ...vision.region import Region
from . import slots
from .desk import Desk
from .outlining import outlined
from .palette import Palette, names_of

MIDDLE = 0.5
"""The part of a box, in each direction, that is mostly the thing itself."""


def colors_of(desk: Desk, region: Region) -> Sequence[str]:
    """The names of a region's colour, the most telling one first: from the tool that found it, or else measured.

    Where its mask is known, or a tool makes one, its pixels count. Of several colours in a mere box, that of the
    picture's background is not its own; on a picture without an even background the middle of the box counts.
    """
    known = _told(region)
    if known:
        return known
    region = outlined(desk, region)
    palette = Palette.of(desk.see("color", image=region.image.handle, region=region.handle))
    if region.mask is not None:
        return palette.prevailing
    if palette.background is not None or len(palette.colors) < 2:
        return palette.foreground
    around = Palette.of(desk.see("color", image=region.image.handle)).background
    if around is None and region.text is None:
        return Palette.of(desk.see("color", image=region.image.handle, box=_middle(region))).prevailing
    own = [hue.names for hue in palette.colors if around is None or hue.names != around.names]
    return own[0] if own else palette.foreground


def _told(region: Region) -> Sequence[str]:
    """The colour that the tool itself names: as an attribute, or before the label, as in `red circle`."""
    known = region.attributes.get("color")
    if isinstance(known, str) and known:
        return names_of(known)
    head = region.label.partition(" ")[0].casefold()
    return names_of(head) if head in slots.COLORS and " " in region.label else ()


def _middle(region: Region) -> Json:
    """The middle of its box, in the unit of this planner: 0 to 1."""
    (left, top, right, bottom), (width, height) = region.xyxy, region.image.size_wh
    x, y = (right - left) * (1 - MIDDLE) / 2, (bottom - top) * (1 - MIDDLE) / 2
    return [(left + x) / width, (top + y) / height, (right - x) / width, (bottom - y) / height]
