"""What a tool gave back, checked before anybody believes it."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from ..errors import ToolFailed
from ..vision.frame import Xyxy
from ..vision.image import Image
from ..vision.limits import Limits
from ..vision.region import Region
from ..vision.store import ImageStore
from .calls import Observation
from .hosts.wire import MAX_TEXT as TRAVELLING_TEXT

Thing = TypeVar("Thing")

MAX_PIXELS = Limits().pixels
MAX_TEXT = 20_000
MAX_REGIONS = 5_000
MAX_IMAGES = 100
SLACK = 0.5
"""How far (in pixels) a box may reach beyond its picture before it is worth a note."""


class Checker:
    """Checks observations of one tool.

    Args:
        tool: its name, for messages.
        lineages: those of the pictures that are known: the session's and the call's.
        store: the session's store; pictures kept elsewhere are brought there.
    """

    def __init__(self, tool: str, lineages: Iterable[str], store: ImageStore) -> None:
        self.tool = tool
        self.lineages = set(lineages)
        self.store = store
        self.notes: list[str] = []
        self._brought: dict[tuple[str, int], Image] = {}

    def checked(self, observation: Observation) -> Observation:
        """The observation with everything in bounds; `notes` then says what was put right.

        Raises:
            ToolFailed: for what cannot be put right: a picture whose pixels are not there or of another size, a region
                on an unknown picture.
        """
        images = tuple(self._image(image) for image in self._first(observation.images, MAX_IMAGES, "pictures"))
        self.lineages.update(image.lineage for image in images)
        found = self._first(observation.regions, MAX_REGIONS, "regions")
        regions = [self._region(region) for region in found]
        kept = tuple(region for region in regions if region is not None)
        self._note_outside(len(regions) - len(kept))
        return replace(observation, text=self._text(observation.text), regions=kept, images=images)

    def _text(self, text: str) -> str:
        if len(text) > MAX_TEXT:
            more = " or more" if len(text) == TRAVELLING_TEXT else ""
            self.notes.append(f"The text was cut to {MAX_TEXT:,} of {len(text):,}{more} characters.")
        return _sound(text)

    def _first(self, things: tuple[Thing, ...], most: int, noun: str) -> tuple[Thing, ...]:
        if len(things) > most:
            self.notes.append(f"Only the first {most:,} of {len(things):,} {noun} were kept.")
        return things[:most]

    def _image(self, image: Image) -> Image:
        key = (image.digest, id(image.store))
        if key not in self._brought:
            self._brought[key] = self._bring(image)
        return replace(image, store=self._brought[key].store)

    def _bring(self, image: Image) -> Image:
        width, height = image.size_wh
        if width < 1 or height < 1 or width * height > MAX_PIXELS:
            raise self._failed(f"a picture of {width} x {height} pixels")
        real = _stored_size(image)
        if real is None:
            raise self._failed("a picture whose pixels are not in the store")
        if real != image.size_wh:
            raise self._failed(f"a picture said to be {width} x {height} pixels, but it is {real[0]} x {real[1]}")
        if image.store.folder != self.store.folder:
            self.store.put(image.pixels())
            return replace(image, store=self.store)
        return image

    def _region(self, region: Region) -> Region | None:
        """The region within its picture, or None when it lies outside."""
        if region.image.lineage not in self.lineages:
            raise self._failed(f"a region on a picture that nobody knows ({region.image.name or 'without a name'})")
        image = self._image(region.image)
        clipped = _clipped(region.xyxy, image.box)
        if clipped is None:
            return None
        if max(abs(before - after) for before, after in zip(region.xyxy, clipped, strict=True)) > SLACK:
            self.notes.append("Boxes that reached beyond the picture were clipped to it.")
        return replace(
            region,
            image=image,
            xyxy=clipped,
            label=_sound(region.label),
            text=None if region.text is None else _sound(region.text),
        )

    def _note_outside(self, count: int) -> None:
        if count:
            self.notes.append(f"{count} region{'s' if count > 1 else ''} outside the picture left out.")

    def _failed(self, what: str) -> ToolFailed:
        return ToolFailed(f"The tool {self.tool} gave back {what}.", remedy="Try another tool.", tool=self.tool)


def _sound(text: str) -> str:
    """Text of bounded length that can be written as UTF-8: halves of surrogate pairs become question marks."""
    return text[:MAX_TEXT].encode("utf-8", errors="replace").decode("utf-8")


def _clipped(xyxy: Xyxy, whole: Xyxy) -> Xyxy | None:
    """The part of a box that lies on the picture; None when there is none."""
    left, top = max(xyxy[0], whole[0]), max(xyxy[1], whole[1])
    right, bottom = min(xyxy[2], whole[2]), min(xyxy[3], whole[3])
    return (left, top, right, bottom) if left <= right and top <= bottom else None


def _stored_size(image: Image) -> tuple[int, int] | None:
    """Width and height as the stored PNG has them; None when it is not stored. Reads 24 bytes, decodes nothing."""
    try:
        with image.store.path(image.digest).open("rb") as file:
            width, height = struct.unpack(">II", file.read(24)[16:])
    except (OSError, struct.error):
        return None
    return (width, height)
