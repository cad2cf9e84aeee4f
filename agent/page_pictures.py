"""Pictures and regions for the page: each picture embedded once, regions as outlines over it."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable
from typing import Protocol

import cv2
import numpy as np

from ..errors import LavrError
from ..vision.image import Image
from ..vision.mask import Mask
from ..vision.region import Region
from .markup import Markup, element

MOST_PIXELS = 1600 * 1200
LONGEST_SIDE = 16_000  # WebP ends at 16,383
QUALITY = 85


class Pictures(Protocol):
    """Where figures get their pictures from."""

    def use(self, image: Image) -> Markup | None:
        """The picture, to stand in an SVG of its size; None when its pixels are gone."""
        ...


class Album:
    """The pictures of a page. Each is embedded once and used wherever it is shown."""

    def __init__(self) -> None:
        self._embedded: dict[str, Markup] = {}

    def use(self, image: Image) -> Markup | None:
        """A reference to the picture, or None when its pixels are gone."""
        key = f"p-{image.digest[:16]}"
        if key not in self._embedded:
            try:
                uri = data_uri(image)
            except LavrError:  # the caller says so where the picture would be
                return None
            width, height = image.size_wh
            self._embedded[key] = element(
                "image", id=key, href=uri, width=width, height=height, preserveAspectRatio="none"
            )
        return element("use", href=f"#{key}")

    def markup(self) -> Markup:
        """The pictures themselves, for the end of the page."""
        return element(
            "svg", element("defs", self._embedded.values()), class_="album", width=0, height=0, aria_hidden="true"
        )


def data_uri(image: Image) -> str:
    """The picture as a data URI, WebP or PNG, whichever is smaller, with no more pixels than 1600 x 1200.

    The bound is on the area, not on the side, so that a till receipt of three screens keeps a width that can be read.

    Raises:
        UsageError: when its pixels are not in the store.
    """
    width, height = image.size_wh
    scale = min(1.0, math.sqrt(MOST_PIXELS / (width * height)), LONGEST_SIDE / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    rgb = image.pixels() if scale == 1.0 else cv2.resize(image.pixels(), size, interpolation=cv2.INTER_AREA)
    bgr = np.ascontiguousarray(rgb[:, :, ::-1])
    webp = cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])[1].tobytes()
    png = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 6])[1].tobytes()
    kind, content = ("png", png) if len(png) <= len(webp) else ("webp", webp)
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def outline(region: Region) -> str:
    """The shape of a region as the `d` of an SVG path, in the pixels of its picture."""
    if region.mask is not None:
        traced = _contours(region.mask)
        if traced:
            return traced
    if region.polygon is not None and len(region.polygon) > 2:
        return _closed(region.polygon)
    left, top, right, bottom = region.xyxy
    return f"M{left:.1f} {top:.1f}H{right:.1f}V{bottom:.1f}H{left:.1f}Z"


def _contours(mask: Mask) -> str:
    found, _ = cv2.findContours(mask.array().astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    tolerance = max(mask.size_wh) / 3200
    rings = (cv2.approxPolyDP(contour, tolerance, closed=True).reshape(-1, 2) + 0.5 for contour in found)
    return "".join(_closed((float(x), float(y)) for x, y in ring) for ring in rings if len(ring) > 2)


def _closed(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"
