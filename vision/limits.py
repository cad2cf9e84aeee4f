"""How large a picture may be: checked from its header, before a pixel is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import ImageTooLarge
from .frame import SizeWh

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a picture may cost.

    Attributes:
        file_bytes: bytes of the file as it is stored or sent.
        pixels: width x height.
        side: pixels of the longer side.
        aspect: longer side divided by the shorter one.
        timeout_s: seconds for everything that fetching a URL takes, redirects included.
    """

    file_bytes: int = 25 * MIB
    pixels: int = 50_000_000
    side: int = 20_000
    aspect: float = 200.0
    timeout_s: float = 20.0

    def check_bytes(self, count: int, label: str) -> None:
        """Raise `ImageTooLarge` when a file of `count` bytes is more than allowed."""
        if count > self.file_bytes:
            raise ImageTooLarge(
                f"{label} has {count:,} bytes; at most {self.file_bytes:,} are read.",
                remedy="Save it smaller, for example as JPEG.",
                bytes=count,
                limit=self.file_bytes,
            )

    def check_size(self, size_wh: SizeWh, label: str) -> None:
        """Raise `ImageTooLarge` when a picture has too many pixels, too long a side, or too thin a shape."""
        width, height = size_wh
        longer, shorter = max(size_wh), max(min(size_wh), 1)
        if longer > self.side:
            raise _too_large(label, size_wh, f"a side may have {self.side:,} pixels", self.side)
        if width * height > self.pixels:
            raise _too_large(label, size_wh, f"at most {self.pixels:,} pixels are decoded", self.pixels)
        if longer > self.aspect * shorter:
            raise _too_large(label, size_wh, f"a side may be {self.aspect:g} times the other", self.aspect)


def _too_large(label: str, size_wh: SizeWh, rule: str, limit: float) -> ImageTooLarge:
    width, height = size_wh
    return ImageTooLarge(
        f"{label} is {width:,} x {height:,} pixels; {rule}.",
        remedy="Scale it down or cut out the part that matters.",
        width=width,
        height=height,
        limit=limit,
    )
