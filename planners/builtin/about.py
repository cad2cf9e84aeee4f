"""What programs about things share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...vision.image import Image
from ...vision.region import Region
from ..base import Draft
from . import compose, slots
from .finding import none_found
from .locating import Found
from .naming import Thing
from .programs import OnEach


@dataclass(frozen=True)
class AboutThings(OnEach):
    """A program about things."""

    thing: Thing

    @property
    def aim(self) -> str:
        """Look for red circles."""
        return f"look for the {self.thing.phrase}"


IS_THERE = "(present/visible/shown/there/here/somewhere/anywhere/depicted/seen) (in total|altogether|overall|in all)"
CONTAINS = "contain/have/show/include/feature/depict/contains/has/shows/includes"


def number_of(found: Found) -> str:
    """`2 red circles`."""
    return compose.counted(len(found.regions), found.wanted.phrase, found.wanted.phrases)


def kind_of(region: Region) -> str:
    """What a region is, without its colour."""
    head, _, tail = region.label.partition(" ")
    return tail if tail and head.casefold() in slots.COLORS else region.label


def not_one(image: Image, wanted: Thing, found: Sequence[Region]) -> Draft:
    """That a question about one thing has no answer where there are none or several."""
    if not found:
        return none_found(image, wanted)
    return compose.cannot(f"I find {compose.counted(len(found), wanted.phrase, wanted.phrases)}: say which one.")
