"""A closer look: what the tool `search` finds by zooming in, where no tool finds such things on the whole picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...vision.image import Image
from ...vision.inflection import plural
from ...vision.region import Region
from . import compose
from .desk import Desk, Unanswerable
from .finding import meant
from .locating import is_a
from .naming import Thing

SEARCH = "search"

UNTIL_FIRST = "A closer look goes on only until the first is found: others may remain."
"""What a search leaves out where all such things, or one among them, are meant."""


@dataclass(frozen=True)
class Sought:
    """What came of a closer look.

    Attributes:
        regions: the things that are meant.
        why: why there are none, where more can be said than that they were not found.
    """

    regions: Sequence[Region] = ()
    why: str = ""


def sought(desk: Desk, image: Image, wanted: Thing) -> Sought:
    """What the tool `search` finds, where it is at hand: it is more than was asked for, so its failure ends nothing."""
    if SEARCH not in desk.tools:
        return Sought()
    label = f"{wanted.color} {wanted.noun}".strip()
    try:
        seen = desk.see(SEARCH, image=image.handle, label=label)
    except Unanswerable as failure:
        return Sought(why=failure.draft.text)
    return _meant(desk, image, [region.on(image) for region in seen.regions], wanted)


def _meant(desk: Desk, image: Image, found: Sequence[Region], wanted: Thing) -> Sought:
    """Those that are meant: a detector may have taken the label as something broader, and knows nothing of places."""
    if not found:
        return Sought()
    seen = compose.kinds(region.label or wanted.noun for region in found)
    such = [region for region in found if is_a(region.label or wanted.noun, wanted.noun)]
    if not such:
        return Sought(why=f"A closer look finds {seen}, and does not tell {plural(wanted.noun)} from others.")
    try:
        chosen = meant(desk, image, such, wanted)
    except Unanswerable as reason:
        return Sought(why=reason.draft.text)
    return Sought(chosen, "" if chosen else f"A closer look stopped at {seen}, and that is no {wanted.phrase}.")
