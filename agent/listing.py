"""Regions in words, as briefly as a planner can use them: what all share is said once, and rows stay rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..jsonable import Json
from ..vision.region import Region
from .sight import Sight

REGION_LIMIT = 120
"""Regions of one result that a planner is shown."""

SURE = 0.9
"""Text that was read at least this surely is told without its score."""

_ROW = "row"
_BESIDE = "  "


def region_lines(regions: Sequence[Region], sight: Sight) -> list[str]:
    """A list of regions for a planner: a heading, then a line for each region, or for each row of them.

    `line on img_1:` and below it `r3 "TOTAL" [12, 40, 90, 60]  r4 "9.00" [200, 40, 260, 60]`. Who cannot see gets text
    without its boxes: rows say how it stands, and numbers would only be taken for what was read.
    """
    shown, rest = regions[:REGION_LIMIT], regions[REGION_LIMIT:]
    shared = _Shared.of(regions)
    lines = [f"{shared.heading}:"] if shared.heading else []
    lines += [_BESIDE.join(_region(region, sight, shared) for region in row) for row in _rows(shown)]
    return [*lines, f"... and {len(rest)} more: {rest[0].handle} to {rest[-1].handle}"] if rest else lines


def repeated_by(text: str, regions: Sequence[Region]) -> bool:
    """Whether the regions say every word of a text, in its order; then they are enough."""
    if len(regions) > REGION_LIMIT or not all(region.text for region in regions):
        return False
    return bool(regions) and text.split() == " ".join(region.text or "" for region in regions).split()


@dataclass(frozen=True, slots=True)
class _Shared:
    """What is the same of all regions of a list, and so need not be said of each."""

    label: str = ""
    image: str = ""

    @classmethod
    def of(cls, regions: Sequence[Region]) -> _Shared:
        labels = {region.label for region in regions}
        images = {region.image.handle for region in regions}
        if len(regions) < 2:
            return cls()
        return cls(labels.pop() if len(labels) == 1 else "", images.pop() if len(images) == 1 else "")

    @property
    def heading(self) -> str:
        """`line on img_1`, or whatever is shared of that."""
        return f"{self.label} on {self.image}".lstrip() if self.image else self.label


def _rows(regions: Sequence[Region]) -> Iterator[list[Region]]:
    """Neighbours in a list that stand in one row of the page; one region each where nothing is known of rows."""
    for row, members in groupby(regions, key=lambda region: region.attributes.get(_ROW)):
        together = list(members)
        yield from [together] if row is not None else [[each] for each in together]


def _region(region: Region, sight: Sight, shared: _Shared) -> str:
    words = [region.handle, "" if shared.label else region.label]
    words += [json.dumps(region.text, ensure_ascii=False)] if region.text is not None else []
    words += [f"{region.score:.2f}"] if region.score is not None and not _surely_read(region) else []
    words += [sight.box(region.xyxy, region.image)] if sight.sees or region.text is None else []
    words += [] if shared.image else [f"on {region.image.handle}"]
    simple = _simple(region)
    words += [json.dumps(simple, ensure_ascii=False)] if simple else []
    return " ".join(word for word in words if word)


def _surely_read(region: Region) -> bool:
    return region.text is not None and (region.score or 0.0) >= SURE


def _simple(region: Region) -> dict[str, Json]:
    """Attributes worth a planner's words; what is nested (the words of a line) is for programs."""
    return {
        key: value for key, value in region.attributes.items() if isinstance(value, str | int | float) and key != _ROW
    }
