"""Read barcodes and two-dimensional codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import MissingExtra
from ..vision.image import Image
from ..vision.region import Region
from ..vision.store import Pixels
from .calls import Observation
from .focus import part_of
from .tool import Box, tool

Gray = NDArray[np.uint8]
"""H x W, 8 bit."""

ENLARGED_UP_TO = 4_000_000
"""Pixels. Larger pictures are not enlarged for another try."""

MARGIN = 24
"""Pixels of white put around codes that touch the edge of the picture."""

SHOWN = 300
"""Characters of a code that are repeated in the text; the region has all of it."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was read: its format, what it holds, its four corners in pixels and how it was got at."""

    kind: str
    text: str
    corners: NDArray[np.float64]
    way: str


@tool(
    timeout_s=60.0,
    avoid="Printed text, and the digits below a barcode: `ocr` reads them.",
    limits="A code must be whole and sharp; each bar or module at least about 2 pixels wide.",
    example={"image": "img_1"},
)
def barcode(image: Image, region: Region | None = None, box: Box | None = None) -> Observation:
    """Read barcodes and QR codes of all kinds: what they hold, of which format they are and where they stand.

    Args:
        image: the picture to search.
        region: search only this place.
        box: search only this box.
    """
    part = part_of(image, region, box)
    codes = _read(part.pixels())
    regions = tuple(_region(code, part).on(image) for code in codes)
    return Observation(
        text=_told(codes),
        regions=regions,
        data={"codes": len(codes), "formats": dict(Counter(code.kind for code in codes))},
        untrusted=bool(codes),
    )


def _read(pixels: Pixels) -> list[Code]:
    """The codes on a picture: as it is, or else in the first other way that shows any."""
    gray: Gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    for attempt in _attempts(gray):
        found = _with_zxing(attempt)
        if found:
            return found
    return _with_opencv(gray)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A picture prepared for reading: what was done, its pixels, how many times as large, the margin around it."""

    way: str
    gray: Gray
    scale: float = 1.0
    margin: int = 0


def _attempts(gray: Gray) -> Iterator[Attempt]:
    """The picture as it is, then prepared against the usual troubles."""
    yield Attempt("as it is", gray)
    around = cv2.copyMakeBorder(gray, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT, value=255)
    yield Attempt("with a margin", _gray(around), margin=MARGIN)
    yield Attempt("with more contrast", _gray(cv2.createCLAHE(4.0, (8, 8)).apply(gray)))
    yield Attempt("without noise", _gray(cv2.medianBlur(gray, 3)))
    for scale in (2.0, 3.0):
        if gray.size * scale**2 <= ENLARGED_UP_TO:
            larger = _gray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))
            yield Attempt(f"enlarged {scale:g} times", larger, scale)
            sharp = cv2.addWeighted(larger, 2, cv2.GaussianBlur(larger, (0, 0), scale), -1, 0)
            yield Attempt(f"enlarged {scale:g} times and sharpened", _gray(sharp), scale)


def _gray(pixels: object) -> Gray:
    return np.asarray(pixels, dtype=np.uint8)


def _with_zxing(attempt: Attempt) -> list[Code]:
    try:
        import zxingcpp
    except ImportError as error:
        raise MissingExtra("The package zxing-cpp is not installed.", remedy="pip install zxing-cpp") from error
    codes = []
    for found in zxingcpp.read_barcodes(attempt.gray):
        place = found.position
        points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        corners = np.array([(point.x, point.y) for point in points], dtype=np.float64)
        placed = (corners - attempt.margin) / attempt.scale
        codes.append(Code(str(found.format).lower(), found.text, placed, attempt.way))
    return codes


def _with_opencv(gray: Gray) -> list[Code]:
    """QR codes by OpenCV, which reads some that zxing does not; it knows no other format."""
    found, texts, corners, _ = cv2.QRCodeDetector().detectAndDecodeMulti(gray)
    if not found:
        return []
    return [
        Code("qr code", text, np.asarray(four, dtype=np.float64).reshape(4, 2), "by OpenCV")
        for text, four in zip(texts, corners, strict=True)
        if text
    ]


def _region(code: Code, image: Image) -> Region:
    width, height = image.size_wh
    corners = np.clip(code.corners, 0.0, np.array([width, height], dtype=np.float64))
    region = Region.of_polygon(image, corners, label=code.kind, text=code.text)
    return replace(region, attributes={"format": code.kind, "read": code.way})


def _told(codes: Sequence[Code]) -> str:
    if not codes:
        return "No code could be read. If there is one, zoom in on it and try again there."
    lines = [f"{code.kind}: {code.text[:SHOWN]}{'...' if len(code.text) > SHOWN else ''}" for code in codes]
    return "\n".join(lines)
