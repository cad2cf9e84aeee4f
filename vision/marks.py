"""How marks look: outlines with a halo, tinted masks, and chips with the handle, scaled to the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from . import boxes as boxes_
from . import polygons
from .frame import Points, SizeWh, Xyxy
from .mask import Mask
from .palette import BLACK, choose, ink_on, mean_colors
from .placement import Place, place_labels
from .region import Region
from .store import Pixels
from .transforms import Rgb

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont
    from PIL.ImageFont import ImageFont as BitmapFont

TINT = 0.35
"""How strongly a mask is coloured, 0 to 1."""

CROWDED = 60
"""From this many marks on, lines and letters are drawn smaller."""

_SUBPIXEL = 4
"""Fractional bits of the coordinates that OpenCV draws with."""

_TINY = 10
"""Line widths. Nothing is drawn inside an object whose shorter side is below this."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One region ready to be drawn: its title, the place of the title, its colour."""

    region: Region
    title: str
    place: Place
    color: Rgb


@dataclass(frozen=True, slots=True)
class Style:
    """How large things are drawn.

    Attributes:
        line: width of an outline in pixels.
        halo: width of the light or dark edge beside it in pixels.
        text: height of the letters in pixels.
    """

    line: int
    halo: int
    text: int

    @classmethod
    def fitting(cls, size_wh: SizeWh, marks: int) -> Style:
        """The style for a picture of `size_wh` with so many marks."""
        side = math.sqrt(size_wh[0] * size_wh[1]) * (1.0 if marks < CROWDED else 0.75)
        line = max(1, round(side / 450))
        return cls(line, max(1, round(line / 2)), max(11, round(side / 55)))

    @property
    def reach(self) -> int:
        """How far an outline reaches beyond its object in pixels."""
        return self.line + self.halo

    @property
    def font(self) -> FreeTypeFont | BitmapFont:
        """The letters."""
        return load_font(self.text)

    def chip_wh(self, title: str) -> SizeWh:
        """The size of the chip behind a title; chips of one style are equally high."""
        edge = 2 * self.halo
        return (math.ceil(self.font.getlength(title)) + round(self.text * 0.5) + edge, round(self.text * 1.15) + edge)


@lru_cache(maxsize=32)
def load_font(height: int) -> FreeTypeFont | BitmapFont:
    """A bold font of the system if there is one, else the one inside Pillow; `height` in pixels."""
    from PIL import ImageFont

    try:
        return ImageFont.truetype("DejaVuSans-Bold.ttf", height)
    except OSError:
        return ImageFont.load_default(height)


def laid_out(pixels: Pixels, regions: Sequence[Region], titles: Sequence[str], style: Style) -> list[Mark | None]:
    """A mark for each region, or None where there is no room for a legible one."""
    xyxy = boxes_.as_boxes([region.xyxy for region in regions])
    places = place_labels(pixels, xyxy, [style.chip_wh(title) for title in titles], style.reach + 1)
    whole = np.column_stack([np.floor(xyxy[:, :2]), np.ceil(xyxy[:, 2:])]).astype(np.int64)
    whole[:, 2:] = np.maximum(whole[:, 2:], whole[:, :2] + 1)
    height, width = pixels.shape[:2]
    whole = np.clip(whole, [0, 0, 1, 1], [width - 1, height - 1, width, height])
    colors = choose(mean_colors(pixels, whole), (xyxy[:, :2] + xyxy[:, 2:]) / 2)
    return [
        None if place is None else Mark(region, title, place, color)
        for region, title, place, color in zip(regions, titles, places, colors, strict=True)
    ]


def paint(pixels: Pixels, marks: Sequence[Mark], style: Style, *, masks: bool = True, note: str = "") -> Pixels:
    """A copy of H x W x 3 pixels with the marks, and a note in a free corner."""
    canvas = pixels.copy()
    if masks:
        for mark in marks:
            if mark.region.mask is not None:
                _tint(canvas, mark.region.mask, mark.region.xyxy, mark.color)
    for halo in (True, False):
        for mark in marks:
            _outline(canvas, mark, style, masks=masks, halo=halo)
    for mark in marks:
        if mark.place.far:
            _lead(canvas, mark, style)
    chips = [(mark.title, mark.place.xyxy, mark.color) for mark in marks]
    if note:
        chips.append((note, _free_corner(canvas, marks, style.chip_wh(note)), BLACK))
    return _with_chips(canvas, chips, style)


def _tint(canvas: Pixels, mask: Mask, xyxy: Xyxy, color: Rgb) -> None:
    inside, left, top = _part(mask, xyxy)
    spot = canvas[top : top + inside.shape[0], left : left + inside.shape[1]]
    spot[inside] = np.round(spot[inside] * (1 - TINT) + np.array(color) * TINT).astype(np.uint8)


def _part(mask: Mask, xyxy: Xyxy) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.bool_]], int, int]:
    """The mask inside a box, and where that part begins: x, y."""
    left, top = max(0, math.floor(xyxy[0])), max(0, math.floor(xyxy[1]))
    return mask.array()[top : math.ceil(xyxy[3]), left : math.ceil(xyxy[2])], left, top


def _outline(canvas: Pixels, mark: Mark, style: Style, *, masks: bool, halo: bool) -> None:
    color = ink_on(mark.color) if halo else mark.color
    width = style.line + 2 * style.halo if halo else style.line
    region = mark.region
    if masks and region.mask is not None:
        inside, left, top = _part(region.mask, region.xyxy)
        found, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE, offset=(left, top))
        cv2.drawContours(canvas, found, -1, color, width, cv2.LINE_AA)
    elif region.polygon is not None and polygons.area(region.outline) < 0.95 * _area(region.xyxy):
        cv2.polylines(canvas, [_fixed(region.outline)], True, color, width, cv2.LINE_AA, _SUBPIXEL)
    else:
        _frame(canvas, region.xyxy, style, color, halo=halo)


def _frame(canvas: Pixels, xyxy: Xyxy, style: Style, color: Rgb, *, halo: bool) -> None:
    """The outline of a box, drawn outside of it and pushed inwards where the picture ends."""
    height, width = canvas.shape[:2]
    inner = [math.floor(xyxy[0]), math.floor(xyxy[1]), math.ceil(xyxy[2]), math.ceil(xyxy[3])]
    tiny = min(inner[2] - inner[0], inner[3] - inner[1]) < _TINY * style.line
    low = [max(side, style.reach) for side in inner[:2]]
    high = [min(inner[2], width - style.reach), min(inner[3], height - style.reach)]
    out, into = (style.reach, 0 if tiny else style.halo) if halo else (style.line, 0)
    (left, top), (right, bottom) = low, high
    for rows, columns in (
        (slice(top - out, top + into), slice(left - out, right + out)),
        (slice(bottom - into, bottom + out), slice(left - out, right + out)),
        (slice(top - out, bottom + out), slice(left - out, left + into)),
        (slice(top - out, bottom + out), slice(right - into, right + out)),
    ):
        canvas[_forward(rows), _forward(columns)] = color


def _forward(span: slice) -> slice:
    return slice(max(0, span.start), max(0, span.stop))


def _lead(canvas: Pixels, mark: Mark, style: Style) -> None:
    """The line from a label that was moved away to what it names."""
    ends = _nearest(mark.place.xyxy, mark.region.xyxy)
    line = _fixed(np.array(ends, dtype=np.float64))
    thin = max(1, style.line - 1)
    for color, width in ((ink_on(mark.color), thin + 2), (mark.color, thin)):
        cv2.polylines(canvas, [line], False, color, width, cv2.LINE_AA, _SUBPIXEL)


def _nearest(xyxy: Xyxy, other: Xyxy) -> tuple[tuple[float, float], tuple[float, float]]:
    """The two points, one on each box, that are closest to each other."""
    axes = []
    for axis in (0, 1):
        low, high = max(xyxy[axis], other[axis]), min(xyxy[axis + 2], other[axis + 2])
        middle = (low + high) / 2
        between = (middle, middle) if low <= high else (high, low)
        axes.append(between if xyxy[axis] <= other[axis] or low <= high else between[::-1])
    return (axes[0][0], axes[1][0]), (axes[0][1], axes[1][1])


def _with_chips(canvas: Pixels, chips: Sequence[tuple[str, Xyxy, Rgb]], style: Style) -> Pixels:
    from PIL import Image as PilImages
    from PIL import ImageDraw

    picture = PilImages.fromarray(canvas)
    pen = ImageDraw.Draw(picture)
    for title, (left, top, right, bottom), color in chips:
        ink = ink_on(color)
        pen.rounded_rectangle(
            (left, top, right - 1, bottom - 1), radius=style.text * 0.2, fill=color, outline=ink, width=style.halo
        )
        pen.text(((left + right) / 2, (top + bottom) / 2), title, fill=ink, font=style.font, anchor="mm")
    return np.array(picture)


def _free_corner(canvas: Pixels, marks: Sequence[Mark], size_wh: SizeWh) -> Xyxy:
    """The corner of the picture where a note of that size covers the fewest labels, then the least of the objects."""
    height, width = canvas.shape[:2]
    right, bottom = float(max(0, width - size_wh[0])), float(max(0, height - size_wh[1]))
    corners = [(x, y, x + size_wh[0], y + size_wh[1]) for y in (bottom, 0.0) for x in (right, 0.0)]
    labels = boxes_.as_boxes([mark.place.xyxy for mark in marks])
    objects = boxes_.as_boxes([mark.region.xyxy for mark in marks])
    places = boxes_.as_boxes(corners)
    cost = 10 * boxes_.intersection(places, labels).sum(axis=1) + boxes_.intersection(places, objects).sum(axis=1)
    return corners[int(np.argmin(cost))]


def _area(xyxy: Xyxy) -> float:
    return (xyxy[2] - xyxy[0]) * (xyxy[3] - xyxy[1])


def _fixed(points: Points) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """Points in OpenCV's fixed-point numbers, which count from the centre of the first pixel."""
    return np.round((points - 0.5) * (1 << _SUBPIXEL)).astype(np.int32)
