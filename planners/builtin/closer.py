"""A closer look: what the tool `search` finds by zooming in, where no tool finds such things on the whole picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...vision.image import Image
from ...vision.region import Region
from .desk import Desk, Unanswerable
from .naming import Thing

SEARCH = "search"


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
    return Sought([region.on(image) for region in seen.regions])
