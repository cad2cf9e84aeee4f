"""What a text model can do: find lines, read one line, tell which way up it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ...vision.store import Pixels

Quad: TypeAlias = NDArray[np.float64]
"""4 x 2 corners (x, y) in pixels, clockwise, beginning where the reading begins: above its first letter."""

MIN_STRIP_HEIGHT = 4
"""Pixels. Below this nothing can be read, and a recogniser would be handed a picture of no height."""


@dataclass(frozen=True, slots=True)
class Character:
    """One character of a line that was read.

    Attributes:
        text: the character.
        start: where it begins along the line, 0 to 1.
        end: where it ends along the line, 0 to 1.
        score: how sure the model is, 0 to 1.
    """

    text: str
    start: float
    end: float
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a strip says.

    Attributes:
        text: the characters, spaces included.
        score: mean over the characters, 0 to 1; 0 where nothing was read.
        characters: all but the spaces, in order.
    """

    text: str = ""
    score: float = 0.0
    characters: tuple[Character, ...] = ()


class TextModel(Protocol):
    """Finds and reads lines of text: what a backend of `ocr` is. Safe to use from several threads."""

    def find(self, pixels: Pixels) -> list[Quad]:
        """The lines on a picture (H x W x 3 RGB), read at its own resolution, in no particular order."""
        ...

    def read(self, strip: Pixels) -> Reading:
        """What one line says that was cut out upright (H x W x 3 RGB)."""
        ...

    def is_upside_down(self, strip: Pixels) -> bool:
        """Whether a strip shows a line that stands on its head."""
        ...


def cut_out(pixels: Pixels, quad: Quad) -> Pixels:
    """The line inside a quad, straightened: its first corner becomes the top left. At least 1 x 1 pixel."""
    width = max(1, round(max(_distance(quad[0], quad[1]), _distance(quad[3], quad[2]))))
    height = max(1, round(max(_distance(quad[0], quad[3]), _distance(quad[1], quad[2]))))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    strip = cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(strip, dtype=np.uint8)


def bgr(pixels: Pixels) -> Pixels:
    """RGB as BGR and the other way round: the order that OCR libraries take."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), dtype=np.uint8)


def turned(quad: Quad, quarters: int) -> Quad:
    """The same outline for a line whose reading begins `quarters` corners further on, clockwise."""
    return np.roll(quad, -quarters, axis=0)


def width_of(quad: Quad) -> float:
    """Pixels along the reading direction."""
    return max(_distance(quad[0], quad[1]), _distance(quad[3], quad[2]))


def height_of(quad: Quad) -> float:
    """Pixels across the reading direction."""
    return max(_distance(quad[0], quad[3]), _distance(quad[1], quad[2]))


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.hypot(*(one - other)))
