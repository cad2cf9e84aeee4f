"""Say which colours a picture or a part of it has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..jsonable import Json
from ..vision.image import Image
from ..vision.region import Region
from ..vision.store import Pixels
from ..vision.transforms import pixel_box
from .calls import Observation
from .colors import NamedColor, hex_of, names_of, oklab
from .focus import place_of
from .tool import Box, tool

ENOUGH = 250_000
"""Pixels. Of more, every second, third ... in each direction is looked at."""

SHOWN = 6
"""Colours that are named, the most frequent first."""

LEAST_SHARE = 0.02
"""Colours that cover less are left out: they are edges and noise."""

SAME = 0.08
"""Distance in OKLab below which a pixel counts as background: noise, JPEG and shading stay below."""

UNIFORM = 0.7
"""Part of the border that must be alike for the picture to have a background."""


@dataclass(frozen=True, slots=True)
class Share:
    """A colour and the part of the pixels that have it, 0 to 1; `rgb` is their mean, 0 to 255."""

    named: NamedColor
    rgb: NDArray[np.float64]
    share: float

    def to_json(self) -> dict[str, Json]:
        """Name, basic term, shade, hex value and share."""
        named = self.named
        share = round(self.share, 4)
        return {"name": named.name, "basic": named.basic, "shade": named.shade, "hex": hex_of(self.rgb), "share": share}


@tool(
    avoid="Finding things of a colour. Telling what has the colour.",
    limits="Names what the pixels are: shadow and coloured light change them.",
    example={"image": "img_1", "region": "r3"},
)
def color(image: Image, region: Region | None = None, box: Box | None = None) -> Observation:
    """Name the colours of a picture, a region or a box, the most frequent first, apart from an even background.

    Args:
        image: the picture.
        region: look only at this place; of a region with a mask, at its pixels alone.
        box: look only at this box.
    """
    pixels, inside = _chosen(image, region, box)
    background = None if inside is not None else _background(pixels)
    chosen = pixels.reshape(-1, 3) if inside is None else pixels[inside]
    colors, covered = _apart_from(background, chosen)
    return Observation(
        text=_told(colors, background, covered),
        data={
            "colors": [each.to_json() for each in colors],
            "background": None if background is None else {**background.to_json(), "share": round(covered, 4)},
        },
    )


def _chosen(image: Image, region: Region | None, box: Box | None) -> tuple[Pixels, NDArray[np.bool_] | None]:
    """The pixels to look at, and which of them belong to the mask, if there is one."""
    place = place_of(image, region, box)
    left, top, right, bottom = pixel_box(image, image.box if place is None else place)
    step = max(1, round(math.sqrt((right - left) * (bottom - top) / ENOUGH)))
    chosen = np.s_[top:bottom:step, left:right:step]
    mask = None if region is None else region.on(image).mask
    inside = None if mask is None else mask.array()[chosen]
    return image.pixels()[chosen], inside if inside is not None and inside.any() else None


def _background(pixels: Pixels) -> Share | None:
    """The colour of the border, where it is even."""
    height, width = pixels.shape[:2]
    band = max(1, min(height, width) // 50)
    sides = (pixels[:band], pixels[-band:], pixels[:, :band], pixels[:, -band:])
    border = np.concatenate([side.reshape(-1, 3) for side in sides])
    center = np.median(border, axis=0)
    alike = _distance(border, center) < SAME
    if alike.mean() < UNIFORM:
        return None
    rgb = border[alike].mean(axis=0)
    return Share(names_of(rgb[None])[0], rgb, float(alike.mean()))


def _apart_from(background: Share | None, pixels: Pixels) -> tuple[list[Share], float]:
    """The colours of what is not background, and the part of the pixels that is."""
    if background is None:
        return _shares(pixels), 0.0
    covers = _distance(pixels, background.rgb) < SAME
    covered = float(covers.mean())
    if 1 - covered < LEAST_SHARE / 2:
        # The border of a cut-out may be blurred into what was around: what it encloses gives the name.
        return [replace(_shares(pixels)[0], share=1.0)], covered
    return _shares(pixels[~covers]), covered


def _shares(pixels: Pixels) -> list[Share]:
    """The colours of N x 3 pixels by name, the most frequent first.

    Pixels are counted in cells of 8 x 8 x 8 values; each cell gets the name of its mean. Edges between two flat
    colours fall into many cells of few pixels and stay below `LEAST_SHARE`.
    """
    cells = (pixels >> 3).astype(np.int64) @ np.array([1024, 32, 1])
    _, cell_of, counts = np.unique(cells, return_inverse=True, return_counts=True)
    channels = [np.bincount(cell_of, weights=pixels[:, channel]) for channel in range(3)]
    sums = np.stack(channels, axis=1).astype(np.float64)
    by_name: dict[str, list[int]] = {}
    for cell, named in enumerate(names_of(sums / counts[:, None])):
        by_name.setdefault(named.name, []).append(cell)
    shares = [_share(sums[members], counts[members], len(pixels)) for members in by_name.values()]
    shares.sort(key=lambda each: -each.share)
    return [each for each in shares if each.share >= LEAST_SHARE][:SHOWN] or shares[:1]


def _share(sums: NDArray[np.float64], counts: NDArray[np.integer[Any]], total: int) -> Share:
    """One colour out of its cells: named after the most frequent cell and those like it."""
    means = sums / counts[:, None]
    peak = means[int(counts.argmax())]
    near = _distance(means, peak) < SAME
    rgb = sums[near].sum(axis=0) / counts[near].sum()
    return Share(names_of(rgb[None])[0], rgb, float(counts.sum()) / total)


def _distance(rgb: NDArray[np.generic], center: NDArray[np.generic]) -> NDArray[np.float64]:
    difference = oklab(rgb) - oklab(center)
    return np.asarray(np.sqrt((difference**2).sum(axis=-1)), dtype=np.float64)


def _told(colors: Sequence[Share], background: Share | None, covered: float) -> str:
    named = ", ".join(f"{_name(each)} {each.share:.0%}" for each in colors)
    if background is None or (len(colors) == 1 and colors[0].share == 1.0 and covered > 1 - LEAST_SHARE):
        return f"{named}."
    return f"{named}; on a background of {_name(background)} ({covered:.0%} of the area)."


def _name(share: Share) -> str:
    """The name, with the shade where that says more."""
    named = share.named
    return named.name if named.shade == named.name else f"{named.name} ({named.shade})"
