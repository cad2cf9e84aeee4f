"""Pictures made from pictures: crop, resize, rotate, flip, pad, rectify, each with the exact frame back to its source.

Every function returns a new `Image` of the same lineage, so a region found on the result maps to the source with
`Region.on`, and the other way round. Coordinates are pixel corners (see `frame`): the same formula places the pixels
and maps the boxes.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np

from ..errors import ImageTooLarge, InvalidRegion, UsageError
from .frame import Frame, Points, SizeWh, Xyxy, bounds_of, corners_of
from .image import Image
from .orientation import exif_frame
from .store import Pixels

Rgb: TypeAlias = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

WHITE: Rgb = (255, 255, 255)

MAX_PIXELS = 50_000_000
"""No transform makes a picture of more pixels than the loader would take in."""

_NOISE = 1e-6
"""Pixels. A mapped edge this close to a pixel edge is that edge: it differs by rounding alone."""

_ORIENTATION_OF_QUARTERS = {1: 8, 2: 3, 3: 6}
"""Quarter turns to the left -> the EXIF orientation that asks a viewer for them."""


def crop(image: Image, xyxy: Xyxy, *, padding: float = 0.0, longest: int | None = None) -> Image:
    """The part of a picture inside a box: clipped to the picture, grown outward to whole pixels.

    Args:
        image: what to cut from.
        xyxy: left, top, right, bottom in pixels of `image`.
        padding: pixels of surroundings to keep on each side.
        longest: a part with a longer side than this, in pixels, is scaled down to it.

    Raises:
        InvalidRegion: when the box is empty, not finite or outside the picture.
    """
    left, top, right, bottom = pixel_box(image, xyxy, padding=padding)
    wide, high = right - left, bottom - top
    factor = min(1.0, (longest or math.inf) / max(wide, high))
    size = (max(1, round(wide * factor)), max(1, round(high * factor)))
    part = _resampled(image.pixels()[top:bottom, left:right].copy(), size, cv2.INTER_AREA)
    frame = Frame.scale(wide / size[0], high / size[1]).then(Frame.shift(left, top))
    return image.derive(part, frame, f"crop of {_named(image)}")


def pixel_box(image: Image, xyxy: Xyxy, *, padding: float = 0.0) -> tuple[int, int, int, int]:
    """The whole pixels that a box touches, clipped to the picture: left, top, right, bottom. Errors as for `crop`."""
    if not all(math.isfinite(value) for value in (*xyxy, padding)):
        raise InvalidRegion(f"The box {xyxy} has a number that is not finite.", remedy=_box_remedy(image))
    width, height = image.size_wh
    left = max(0, math.floor(xyxy[0] - padding + _NOISE))
    top = max(0, math.floor(xyxy[1] - padding + _NOISE))
    right = min(width, math.ceil(xyxy[2] + padding - _NOISE))
    bottom = min(height, math.ceil(xyxy[3] + padding - _NOISE))
    if right <= left or bottom <= top:
        cause = f"The box {_short(xyxy)} holds no pixel of {_named(image)}."
        raise InvalidRegion(cause, remedy=_box_remedy(image), xyxy=list(xyxy), size_wh=list(image.size_wh))
    return left, top, right, bottom


def resize(image: Image, size_wh: SizeWh) -> Image:
    """The picture at another width and height in pixels: averaged where it shrinks, bicubic where it grows.

    Raises:
        UsageError: for a width or height below one pixel.
        ImageTooLarge: for more than `MAX_PIXELS`.
    """
    width, height = (int(side) for side in size_wh)
    _check_size(width, height)
    shrunk = _resampled(image.pixels(), (min(width, image.size_wh[0]), min(height, image.size_wh[1])), cv2.INTER_AREA)
    pixels = _resampled(shrunk, (width, height), cv2.INTER_CUBIC)
    frame = Frame.scale(image.size_wh[0] / width, image.size_wh[1] / height)
    return image.derive(pixels, frame, f"resized {_named(image)}")


def scaled(image: Image, factor: float) -> Image:
    """The picture `factor` times as wide and as high, rounded to whole pixels, never below one. Errors as `resize`."""
    if not math.isfinite(factor) or factor <= 0:
        raise UsageError(f"A picture cannot be scaled by {factor}.", remedy="Give a factor above 0, such as 2 or 0.5.")
    sides = [min(max(1.0, round(side * factor)), float(MAX_PIXELS) + 1) for side in image.size_wh]
    return resize(image, (int(sides[0]), int(sides[1])))


def fitted(image: Image, longest: int) -> Image:
    """The picture with its longer side at most `longest` pixels; the picture itself when it is small enough."""
    longer = max(image.size_wh)
    return image if longer <= longest else scaled(image, longest / longer)


def rotate(image: Image, degrees: float) -> Image:
    """The picture turned counter-clockwise on a canvas that holds all of it; the new corners are white.

    Multiples of 90 degrees only move pixels and lose nothing; other angles are bicubic.
    """
    if not math.isfinite(degrees):
        raise UsageError(f"A picture cannot be turned by {degrees} degrees.", remedy="Give a number of degrees.")
    turn = degrees % 360.0
    if turn % 90.0 == 0:
        return _quarter_turned(image, int(turn // 90) % 4)
    return _turned(image, turn)


def flip(image: Image, *, vertical: bool = False) -> Image:
    """The picture mirrored left to right, or top to bottom if `vertical`."""
    pixels = np.ascontiguousarray(image.pixels()[::-1] if vertical else image.pixels()[:, ::-1])
    return image.derive(pixels, exif_frame(4 if vertical else 2, image.size_wh), f"mirrored {_named(image)}")


def pad(image: Image, left: int, top: int, right: int, bottom: int, color: Rgb = WHITE) -> Image:
    """The picture with a border of one colour; the widths are whole pixels.

    Raises:
        UsageError: for a width below 0.
        ImageTooLarge: for more than `MAX_PIXELS`.
    """
    if min(left, top, right, bottom) < 0:
        raise UsageError("A border cannot be narrower than 0 pixels.", remedy="Use `crop` to take pixels away.")
    _check_size(image.size_wh[0] + left + right, image.size_wh[1] + top + bottom)
    pixels = cv2.copyMakeBorder(image.pixels(), top, bottom, left, right, cv2.BORDER_CONSTANT, value=color)
    return image.derive(_rgb8(pixels), Frame.shift(-left, -top), f"padded {_named(image)}")


def rectify(image: Image, corners: Points) -> Image:
    """A flat thing seen at an angle, such as a sheet on a table, as if it were seen from straight above.

    Its sides become as long as the longer ones of the two that lie opposite. What the angle shortened is shortened
    still: the proportions of width and height are not measured, only the lines are straight again.

    Args:
        image: the picture.
        corners: of the thing, 4 x 2 in pixels of `image`, clockwise from its own top left.

    Raises:
        InvalidRegion: when the corners are no convex outline in that order.
        ImageTooLarge: for more than `MAX_PIXELS`.
    """
    top, right, bottom, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    size = (max(1, round(float(max(top, bottom)))), max(1, round(float(max(left, right)))))
    _check_size(*size)
    frame = Frame.perspective(size, corners)
    matrix, flags = frame.warp_matrix(), cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    warp = cv2.warpAffine if frame.is_affine else cv2.warpPerspective
    pixels = warp(image.pixels(), matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return image.derive(_rgb8(pixels), frame, f"rectified {_named(image)}")


def _quarter_turned(image: Image, quarters: int) -> Image:
    if quarters == 0:
        return image
    pixels = np.ascontiguousarray(np.rot90(image.pixels(), quarters))
    return image.derive(
        pixels, exif_frame(_ORIENTATION_OF_QUARTERS[quarters], image.size_wh), f"turned {_named(image)}"
    )


def _turned(image: Image, degrees: float) -> Image:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = Frame(a=cos, b=sin, d=-sin, e=cos)  # counter-clockwise to the eye, as y goes down
    left, top, right, bottom = bounds_of(turn.points(corners_of(image.box)))
    size = (math.ceil(right - left - _NOISE), math.ceil(bottom - top - _NOISE))
    _check_size(*size)
    forward = turn.then(Frame.shift((size[0] - left - right) / 2, (size[1] - top - bottom) / 2))
    pixels = cv2.warpAffine(
        image.pixels(), forward.warp_matrix(), size, flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255)
    )
    return image.derive(_rgb8(pixels), forward.inverse(), f"turned {_named(image)}")


def _resampled(pixels: Pixels, size_wh: SizeWh, interpolation: int) -> Pixels:
    if pixels.shape[1::-1] == size_wh:
        return pixels
    return _rgb8(cv2.resize(pixels, size_wh, interpolation=interpolation))


def _rgb8(pixels: object) -> Pixels:
    return np.ascontiguousarray(pixels, dtype=np.uint8)


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise UsageError(f"A picture of {width} x {height} pixels is none.", remedy="Give at least 1 x 1.")
    if width * height > MAX_PIXELS:
        cause = f"A picture of {width} x {height} pixels is above the limit of {MAX_PIXELS // 1_000_000} megapixels."
        raise ImageTooLarge(cause, remedy="Crop first, or ask for a smaller size.", size_wh=[width, height])


def _named(image: Image) -> str:
    return image.handle or image.name or "the picture"


def _box_remedy(image: Image) -> str:
    width, height = image.size_wh
    return (
        f"Give left, top, right, bottom in pixels with 0 <= left < right <= {width} and 0 <= top < bottom <= {height}."
    )


def _short(xyxy: Xyxy) -> str:
    return "(" + ", ".join(f"{value:g}" for value in xyxy) + ")"
