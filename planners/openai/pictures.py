"""Pictures as they are sent: the same bytes every time, under a bound in size."""

from __future__ import annotations

import base64
import io
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ...errors import LimitReached
from ...vision.frame import SizeWh
from ...vision.image import Image
from ...vision.units import CoordinateUnit
from ..rendering.eyes import OpenEyes
from ..rendering.turns import View

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage

KEPT_BYTES = 64 * 1024 * 1024
"""Encoded pictures that stay in memory; the least recently used go first and are encoded to the same bytes again."""

KEPT_VIEWS = 512
JPEG_QUALITIES = (92, 85, 75)
_SHRINK = 0.8
_SMALLEST_SIDE = 28


@dataclass(frozen=True, slots=True)
class Encoded:
    """The bytes of a picture file."""

    mime: str
    data: bytes

    @property
    def uri(self) -> str:
        """As a data URI."""
        return f"data:{self.mime};base64,{base64.b64encode(self.data).decode()}"


class Album:
    """Pictures as files: PNG where that is small enough, JPEG where it is not. Any thread may use it.

    Args:
        max_bytes: no file is larger.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._kept: OrderedDict[str, Encoded | None] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def file(self, image: Image) -> Encoded | None:
        """The picture as a file, or None when no quality makes it small enough."""
        with self._lock:
            if image.digest in self._kept:
                self._kept.move_to_end(image.digest)
                return self._kept[image.digest]
        made = _encoded(image.pil(), self.max_bytes)
        self._keep(image.digest, made)
        return made

    def uri(self, image: Image) -> str:
        """The picture as a data URI. Raises `LimitReached` when it cannot be made small enough."""
        made = self.file(image)
        if made is None:
            raise too_heavy(image, self.max_bytes)
        return made.uri

    def _keep(self, digest: str, made: Encoded | None) -> None:
        with self._lock:
            if digest not in self._kept:
                self._kept[digest] = made
                self._size += _weight(made)
            while self._size > KEPT_BYTES and len(self._kept) > 1:
                self._size -= _weight(self._kept.popitem(last=False)[1])


class WeighedEyes:
    """Eyes that see a picture as large as its file may be.

    Args:
        eyes: bound its sides, pixels and tokens.
        album: bounds its bytes.
    """

    def __init__(self, eyes: OpenEyes, album: Album) -> None:
        self._eyes = eyes
        self._album = album
        # Sizes are asked for with every box; encoding a picture to know its size is not for every box.
        self._view = lru_cache(KEPT_VIEWS)(self._fitting)

    @property
    def unit(self) -> CoordinateUnit:
        """The unit in which the model reads and writes boxes."""
        return self._eyes.unit

    def within(self, tokens: int) -> WeighedEyes:
        """The same eyes, seeing each picture as large as `tokens` visual tokens allow."""
        return WeighedEyes(self._eyes.within(tokens), self._album)

    def shown_wh(self, image: Image) -> SizeWh:
        """The size at which it is sent. Raises `LimitReached` when its file is too large however small it is shown."""
        return self._view(image).shown_wh

    def views(self, image: Image) -> tuple[View, ...]:
        """The whole picture at the size at which it is sent. Errors as for `shown_wh`."""
        return (self._view(image),)

    def _fitting(self, image: Image) -> View:
        eyes = self._eyes
        while True:
            (view,) = eyes.views(image)
            if self._album.file(view.image) is not None:
                return view
            longer = max(view.shown_wh)
            if longer <= _SMALLEST_SIDE:
                raise too_heavy(image, self._album.max_bytes)
            eyes = replace(eyes, max_side=int(longer * _SHRINK))


def too_heavy(image: Image, max_bytes: int) -> LimitReached:
    """The error for a picture whose file cannot be made small enough."""
    return LimitReached(
        f"{image.handle or image.name or 'A picture'} cannot be sent in {max_bytes} bytes.",
        remedy="Raise max_image_bytes.",
        limit="image_bytes",
        allowed=max_bytes,
    )


def _encoded(picture: PilImage, max_bytes: int) -> Encoded | None:
    png = _written(picture, "PNG", compress_level=6)
    if len(png) <= max_bytes:
        return Encoded("image/png", png)
    for quality in JPEG_QUALITIES:
        jpeg = _written(picture, "JPEG", quality=quality, subsampling=0, optimize=False)
        if len(jpeg) <= max_bytes:
            return Encoded("image/jpeg", jpeg)
    return None


def _written(picture: PilImage, kind: str, **options: int | bool) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _weight(made: Encoded | None) -> int:
    return len(made.data) if made else 0
