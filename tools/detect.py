"""Find things on a picture with a detector: those that it knows, or whatever it is told in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import InvalidArguments
from ..jsonable import Json
from ..vision.image import Image
from ..vision.inflection import singular
from ..vision.mask import Mask
from ..vision.polygons import pairs
from ..vision.region import Region
from ..vision.transforms import pixel_box
from .calls import Observation
from .focus import place_of
from .labels import TAKEN_AS, Meaning, counted, meaning, nearest, normal, taken_note
from .models.detectors.base import Found
from .models.detectors.finding import Finder
from .models.detectors.sources import Source
from .tool import Box, Tool, tool, tool_factory

LISTED = 100
"""Classes that the card names; of more, the first."""

SHOWN = 20
"""Classes that an error names."""


LEAST = 1.0
"""Pixels. What is narrower or lower is nothing."""


@tool_factory
def detect_tool(
    *,
    weights: str,
    backend: str = "",
    min_score: float | None = None,
    tile: int | None = None,
    host: str = "worker",
    timeout_s: float = 120.0,
) -> Tool:
    """The tool `detect` with the detector of your choice, loaded at the first call.

    `.pt` files are networks of Ultralytics (YOLO, YOLOE, YOLO-World), whose code is AGPL-3.0 or under a paid licence:
    whoever serves it to others must publish their own code as well. RT-DETR, D-FINE, Grounding DINO and OWLv2 run on
    transformers, which is Apache-2.0; look up the licence of the weights that you take.

    Args:
        weights: a name that lavr knows (`lavr models list`), the path of a `.pt` file, or a folder or hub id of a model
            of transformers.
        backend: "yolo", "transformers" or "zero-shot", where the weights do not tell.
        min_score: the lowest score that counts, 0 to 1; what is usual for the detector when left out.
        tile: the side in pixels of the tiles in which large pictures are looked at too; 0 for none; chosen by the size
            of the picture when left out.
        host: where it runs; a worker can be ended, and keeps what Ultralytics changes in a process out of yours.
        timeout_s: seconds a call may take.

    Raises:
        UsageError: for a backend that there is not.
    """
    finder = Finder.of(weights, backend, min_score, tile)

    @tool(
        name="detect",
        host=host,
        timeout_s=timeout_s,
        version="1",
        finds=finder.classes or ("*",),
        avoid="Reading text: `ocr`. Codes: `barcode`. Naming the colour of what was found: `color`.",
        limits=_limits(finder.source),
        licence=finder.source.licence,
        example={"image": "img_1"} if finder.classes else {"image": "img_1", "labels": ["dog", "red car"]},
    )
    def detect(
        image: Image, labels: tuple[str, ...] = (), region: Region | None = None, box: Box | None = None
    ) -> Observation:
        """Find things on a picture and count them: the place of each, and what it is.

        Args:
            image: the picture to search.
            labels: what to look for, such as ["dog", "car"]; everything that the detector knows when left out.
            region: search only this place.
            box: search only this box.
        """
        wanted = _Wanted.of(labels, finder.known_classes(), finder.source.lacks)
        left, top, right, bottom = pixel_box(image, place_of(image, region, box) or image.box)
        found = finder.find(image.pixels()[top:bottom, left:right], wanted.labels)
        placed = (_region(image, each.moved(left, top)) for each in found)
        regions = tuple(region for region in placed if region is not None)
        return Observation(
            text=wanted.told(regions),
            regions=regions,
            data=wanted.summary(regions),
            marked=bool(regions),
        )

    return detect


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a call asks for: the meanings of its labels, and what the detector knows (nothing where words tell it)."""

    meanings: tuple[Meaning, ...]
    classes: tuple[str, ...]

    @classmethod
    def of(cls, labels: Sequence[str], classes: tuple[str, ...], lacks: str = "") -> _Wanted:
        asked = [label for label in labels if normal(label)]
        if not asked and not classes:
            raise InvalidArguments(
                "This detector looks for what it is told, and was told nothing.", remedy='Give labels, such as ["dog"].'
            )
        if not classes:
            return cls(tuple(Meaning(label, (singular(normal(label)),)) for label in asked), ())
        meanings = tuple(meaning(label, classes) for label in asked)
        if meanings and not any(each.classes for each in meanings):
            raise InvalidArguments(
                " ".join(_unknown(each.asked, classes) for each in meanings),
                remedy=f"It finds {_listing(classes)}. {lacks}".strip(),
            )
        return cls(meanings, classes)

    @property
    def labels(self) -> tuple[str, ...]:
        """What the detector is to look for; nothing for all that it knows."""
        return tuple(dict.fromkeys(name for each in self.meanings for name in each.classes))

    def counts(self, regions: Sequence[Region]) -> dict[str, int]:
        """How many there are of each; of what was asked for, also 0."""
        counts = dict.fromkeys(self.labels, 0)
        for region in regions:
            counts[region.label] = counts.get(region.label, 0) + 1
        return counts

    @property
    def taken_as(self) -> dict[str, tuple[str, ...]]:
        """The labels that were taken as something broader, and as what."""
        return {each.asked: each.classes for each in self.meanings if each.classes and not each.exact}

    def summary(self, regions: Sequence[Region]) -> Json:
        """What was found as data: also what was taken as something broader, where anything was."""
        data: dict[str, Json] = {"counts": {**self.counts(regions)}}
        if self.taken_as:
            data[TAKEN_AS] = {asked: list(classes) for asked, classes in self.taken_as.items()}
        return data

    def told(self, regions: Sequence[Region]) -> str:
        """What was found, and what was not, in a line; and what was taken for something else."""
        counts = self.counts(regions)
        found = {label: count for label, count in counts.items() if count}
        missing = [f"no {label}" for label, count in counts.items() if not count]
        parts = [part for part in (counted(found), ", ".join(missing)) if part]
        text = "; ".join(parts) or f"nothing was found; the detector knows {_listing(self.classes)}"
        return " ".join([f"{text[0].upper()}{text[1:]}.", *self._notes()])

    def _notes(self) -> list[str]:
        unknown = [_unknown(each.asked, self.classes) for each in self.meanings if not each.classes]
        return unknown + [taken_note(asked, classes) for asked, classes in self.taken_as.items()]


def _region(image: Image, found: Found) -> Region | None:
    """A thing as a region of a picture, cut to it; None where less than a pixel of it lies there."""
    left, top, right, bottom = (round(edge, 2) for edge in found.xyxy)
    if right - left < LEAST or bottom - top < LEAST:
        return None
    points = {name: [round(x, 2), round(y, 2), round(sure, 3)] for name, (x, y, sure) in found.points.items()}
    patch = found.patch
    return Region(
        image,
        (left, top, right, bottom),
        label=found.label,
        score=round(found.score, 4),
        polygon=None if found.polygon is None else pairs(found.polygon),
        mask=None if patch is None else Mask.of_part(patch.array, patch.left, patch.top, image.size_wh),
        attributes={"points": points} if points else {},
    )


def _unknown(label: str, classes: Sequence[str]) -> str:
    return f"The detector knows no “{label}”; nearest: {', '.join(nearest(label, classes, 3))}."


def _listing(classes: Sequence[str], most: int = SHOWN) -> str:
    more = f" and {len(classes) - most} more" if len(classes) > most else ""
    return ", ".join(classes[:most]) + more


def _limits(source: Source) -> str:
    if not source.classes:
        return "Takes labels: it looks for what they say, and can be wrong about rare things."
    return f"Finds only these: {_listing(source.classes, LISTED)}."
