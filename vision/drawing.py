"""Pictures to look at: regions marked with their handles (set-of-mark), or lit up while the rest is dimmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .coverage import covered
from .frame import IDENTITY
from .image import Image
from .marks import Style, laid_out, paint
from .region import Region
from .transforms import fitted

MAX_MARKS = 200
"""More marks than this are not drawn unless asked for."""

MANY = 40
"""With more marks than this the labels are left out: handles alone stay legible."""

COVER = 0.2
"""Marks may cover this part of a picture with their titles; what is beyond that goes without."""

LABEL_LENGTH = 24
"""Longer labels are cut."""

FEW = 12
"""Up to this many marks say their label even if all labels are the same."""

LETTERS = frozenset(chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x180)))
"""What every font has: Latin letters. A label with anything else is left to the text beside the picture."""

LOOKED_AT = 1600
"""Pixels. Longer pictures are reduced to this before their regions are marked for somebody to look at."""

DIMMED = 0.3
"""How bright the rest of a picture stays when regions are highlighted, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture with marks, and which regions they are.

    Attributes:
        image: of the size and lineage of the picture that was drawn on.
        drawn: the regions with a mark, on the picture that was drawn on.
        left_out: those without one: outside the picture, above the limit, or with no room for a legible mark.
    """

    image: Image
    drawn: tuple[Region, ...]
    left_out: tuple[Region, ...]


def draw_marks(
    image: Image, regions: Iterable[Region], *, labels: bool = True, masks: bool = True, max_marks: int = MAX_MARKS
) -> Drawing:
    """Mark each region with its handle (or its number, from 1, where it has none).

    Marks stand out on any ground and hide neither each other nor small objects. Where that leaves no room, or above
    `max_marks`, the least certain regions go without, and a word in the picture says how many.

    Args:
        image: what to draw on.
        regions: on any picture of the same lineage.
        labels: whether marks say what a region is, as long as there are few of them.
        masks: whether the pixels of masks are tinted.
        max_marks: how many regions to mark at most; 0 or less marks none.
    """
    given = list(regions)
    names = [region.handle or str(number) for number, region in enumerate(given, start=1)]
    visible = {index: region.visible_on(image) for index, region in enumerate(given)}
    seen = {index: region for index, region in visible.items() if region is not None}
    room = max(0, min(max_marks, _room(image, len(seen))))
    chosen = sorted(sorted(seen, key=lambda index: _precedence(index, seen[index]))[:room])
    style = Style.fitting(image.size_wh, len(chosen))
    titles = _titles([(names[index], seen[index]) for index in chosen], labels)
    placed = laid_out(image.pixels(), [seen[index] for index in chosen], titles, style)
    marks = [mark for mark in placed if mark is not None]
    drawn = {index for index, mark in zip(chosen, placed, strict=True) if mark is not None}
    note = f"{len(marks)} of {len(given)} marked" if len(marks) < len(given) else ""
    pixels = paint(image.pixels(), marks, style, masks=masks, note=note)
    return Drawing(
        image.derive(pixels, IDENTITY, f"marks on {image.handle or image.name or 'the picture'}"),
        tuple(mark.region for mark in marks),
        tuple(region for index, region in enumerate(given) if index not in drawn),
    )


def marked_pictures(regions: Iterable[Region]) -> list[Image]:
    """For each picture that regions lie on, one with their marks; at most `LOOKED_AT` pixels long."""
    by_picture: dict[Image, list[Region]] = {}
    for region in regions:
        by_picture.setdefault(region.image, []).append(region)
    return [draw_marks(fitted(image, LOOKED_AT), own).image for image, own in by_picture.items()]


def highlight(image: Image, regions: Iterable[Region]) -> Image:
    """The picture with the regions as they are and everything else dimmed."""
    pixels = image.pixels()
    lit = covered(image, regions)
    dimmed = cv2.convertScaleAbs(pixels, alpha=DIMMED)
    shown = np.where(lit[:, :, None], pixels, dimmed).astype(np.uint8)
    return image.derive(shown, IDENTITY, f"highlights on {image.handle or image.name or 'the picture'}")


def _precedence(index: int, region: Region) -> tuple[float, float]:
    """Smaller for what is drawn rather: the more certain; of equals an even selection, not just the first."""
    spread = int(f"{index:032b}"[::-1], 2)
    return (-1.0 if region.score is None else -region.score, spread)


def _room(image: Image, marks: int) -> int:
    """How many of so many marks have room on a picture without hiding what it shows; at least one."""
    chip = Style.fitting(image.size_wh, marks).chip_wh(f"r{marks}")
    return max(1, int(COVER * image.size_wh[0] * image.size_wh[1] / (chip[0] * chip[1])))


def _titles(named: Sequence[tuple[str, Region]], labels: bool) -> list[str]:
    """Handle and label where labels tell something and there is room for them, else the handle alone."""
    kinds = {region.label for _, region in named}
    telling = labels and len(named) <= MANY and (len(kinds) > 1 or len(named) <= FEW)
    return [_title(name, region.label) if telling else name for name, region in named]


def _title(name: str, label: str) -> str:
    if not label or not all(character in LETTERS for character in label):
        return name
    return f"{name} {label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1] + '…'}"
