"""How a whole picture is read with a text model: at which size, which way up, line by line.

A picture is searched once at a moderate size. It is searched again at full size where that would show more: small print
and fine detail that the first look could not resolve. A page that lies on its side or stands on its head is turned
before it is read; the lines come back in the pixels of the picture that was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...vision.store import Pixels
from .text import Quad, Reading, TextModel, cut_out, height_of, turned, width_of

OVERVIEW = 1280
"""Pixels. The longer side of the first look at a larger picture."""

SHORT_SIDE = 736
"""Pixels. Smaller pictures are enlarged towards this for the search, as small print is found better so."""

MAX_ENLARGED = 3.0
"""Small pictures are enlarged by no more than this: letters that grow too large are missed."""

BORDER = 16
"""Pixels of continued edge around the picture for the search: text that touches the edge is found better."""

SMALL_PRINT = 14.0
"""Pixels. Lines lower than this in the first look are searched again at full size."""

LOST = 24
"""Gray levels. A pixel that changes by more when the picture is reduced was part of a fine detail."""

BLOCK, DETAILED = 32, 0.12
"""Blocks of 32 x 32 pixels with more than this part of such pixels may hold letters."""

MIN_SCORE = 0.5
"""Lines that were read with less certainty are left out."""

SURE = 0.8
"""A line read with less certainty is tried the other way round too."""

TALL = 1.5
"""A quad this much higher than wide may be a line that runs down or up the page."""

VOTERS = 8
"""The longest lines decide which way up the page is."""

WITNESSES, CLEARLY = 3, 0.05
"""Before a page is turned, its three longest lines must read better so: by this much, of 1."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was read: its outline, beginning above its first letter, and what it says."""

    quad: Quad
    reading: Reading


@dataclass(frozen=True, slots=True)
class PageText:
    """What a picture says.

    Attributes:
        lines: the lines, in no particular order, in pixels of the picture that was given.
        turned_degrees: how far the page had to be turned counter-clockwise to be read: 0, 90, 180 or 270.
        full_size: whether it was searched again at full size.
    """

    lines: tuple[Line, ...]
    turned_degrees: int = 0
    full_size: bool = False


def read_page(model: TextModel, pixels: Pixels) -> PageText:
    """All text on a picture (H x W x 3 RGB)."""
    quads, full_size = _found(model, pixels)
    quarters = _quarters_to_upright(model, pixels, quads)
    if quarters:
        upright: Pixels = np.ascontiguousarray(np.rot90(pixels, quarters))
        quads, full_size = _found(model, upright)
        lines = [Line(_turned_back(line.quad, quarters, pixels), line.reading) for line in _read(model, upright, quads)]
    else:
        lines = _read(model, pixels, quads)
    return PageText(tuple(lines), 90 * quarters, full_size)


def _found(model: TextModel, pixels: Pixels) -> tuple[list[Quad], bool]:
    """The outlines of the lines, and whether the picture was searched at full size too."""
    height, width = pixels.shape[:2]
    scale = search_scale(width, height)
    first = _search(model, pixels, scale)
    if scale >= 1 or not _hides_detail(pixels, first, scale):
        return first, False
    large = [quad for quad in first if height_of(quad) * scale >= SMALL_PRINT]
    small = [quad for quad in _search(model, pixels, 1.0) if not _is_covered(quad, large)]
    return large + small, True


def search_scale(width: int, height: int) -> float:
    """By how much a picture is enlarged or reduced before it is searched for the first time."""
    if max(width, height) > OVERVIEW:
        return OVERVIEW / max(width, height)
    return max(1.0, min(SHORT_SIDE / min(width, height), OVERVIEW / max(width, height), MAX_ENLARGED))


def _search(model: TextModel, pixels: Pixels, scale: float) -> list[Quad]:
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    resized = pixels if scale == 1 else cv2.resize(pixels, size, interpolation=way)
    framed = cv2.copyMakeBorder(resized, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_REPLICATE)
    factors = np.array([pixels.shape[1] / size[0], pixels.shape[0] / size[1]])
    limits = np.array([pixels.shape[1], pixels.shape[0]], dtype=np.float64)
    found = model.find(np.ascontiguousarray(framed, dtype=np.uint8))
    return [np.clip((quad - BORDER) * factors, 0.0, limits) for quad in found]


def _hides_detail(pixels: Pixels, found: Sequence[Quad], scale: float) -> bool:
    """Whether full size would show text that the first look missed: small print, or strokes that it blurred away."""
    if any(height_of(quad) * scale < SMALL_PRINT for quad in found):
        return True
    gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    lost = (cv2.absdiff(gray, _blurred_away(gray, scale)) > LOST).astype(np.float32)
    for quad in found:
        cv2.fillPoly(lost, [quad.astype(np.int32)], 0.0)
    size = (max(1, lost.shape[1] // BLOCK), max(1, lost.shape[0] // BLOCK))
    blocks = cv2.resize(lost, size, interpolation=cv2.INTER_AREA)
    return int((blocks > DETAILED).sum()) >= 2


def _blurred_away(gray: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """The picture as it looks after it was reduced."""
    size = gray.shape[1::-1]
    reduced = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(reduced, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _is_covered(quad: Quad, others: Sequence[Quad]) -> bool:
    center = quad.mean(axis=0)
    return any(cv2.pointPolygonTest(other.astype(np.float32), center.tolist(), False) >= 0 for other in others)


def _quarters_to_upright(model: TextModel, pixels: Pixels, quads: Sequence[Quad]) -> int:
    """Quarter turns to the left that bring the page upright, by a vote of its longest lines."""
    longest = sorted(quads, key=lambda quad: max(width_of(quad), height_of(quad)), reverse=True)[:VOTERS]
    if not longest:
        return 0
    is_tall = [height_of(quad) > TALL * width_of(quad) for quad in longest]
    on_its_side = 2 * sum(is_tall) > len(longest)
    voters = [quad for quad, tall in zip(longest, is_tall, strict=True) if tall == on_its_side]
    strips = [cut_out(pixels, turned(quad, int(on_its_side))) for quad in voters]
    upside_down = 2 * sum(model.is_upside_down(strip) for strip in strips) > len(strips)
    quarters = int(on_its_side) + 2 * int(upside_down)
    return quarters if quarters and _reads_better(model, pixels, voters[:WITNESSES], quarters) else 0


def _reads_better(model: TextModel, pixels: Pixels, quads: Sequence[Quad], quarters: int) -> bool:
    """Whether lines make more sense turned: a lone 1 stands upright, and 96 reads either way."""
    upright, other = (
        np.mean([model.read(cut_out(pixels, turned(quad, turn))).score for quad in quads]) for turn in (0, quarters)
    )
    return bool(other > upright + CLEARLY)


def _turned_back(quad: Quad, quarters: int, pixels: Pixels) -> Quad:
    """A quad on the picture turned left by `quarters`, in the pixels of the picture before."""
    height, width = pixels.shape[:2]
    x, y = quad[:, 0], quad[:, 1]
    if quarters == 1:
        return np.stack([width - y, x], axis=1)
    if quarters == 2:
        return np.stack([width - x, height - y], axis=1)
    return np.stack([y, height - x], axis=1)


def _read(model: TextModel, pixels: Pixels, quads: Sequence[Quad]) -> list[Line]:
    lines = [_best_reading(model, pixels, quad) for quad in quads]
    return [line for line in lines if line.reading.score >= MIN_SCORE]


def _best_reading(model: TextModel, pixels: Pixels, quad: Quad) -> Line:
    """The line read along its longer side; tried in other directions where the first reading is unsure."""
    tall = height_of(quad) > TALL * width_of(quad)
    best = Line(quad, Reading())
    for quarters in (1, 3, 0) if tall else (0, 2):
        tried = turned(quad, quarters)
        reading = model.read(cut_out(pixels, tried))
        if reading.score > best.reading.score:
            best = Line(tried, reading)
        if best.reading.score >= SURE:
            break
    return best
