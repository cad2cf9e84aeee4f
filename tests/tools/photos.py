"""A photograph of a receipt on a desk, made: the corners of the sheet are known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lavr.demos.draw_samples import receipt
from lavr.vision.frame import Points
from lavr.vision.store import Pixels

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 1000, 750
SCALE = 0.62


def _wood(random: np.random.Generator) -> Floats:
    grain = cv2.GaussianBlur(random.normal(0, 1, (HEIGHT, WIDTH)), (0, 0), sigmaX=1, sigmaY=25) * 60
    return np.asarray((140, 95, 60) + grain[:, :, None])


def _plain(red: float, green: float, blue: float, random: np.random.Generator) -> Floats:
    return np.asarray(np.full((HEIGHT, WIDTH, 3), (red, green, blue)) + random.normal(0, 4, (HEIGHT, WIDTH, 1)))


def _tiles(random: np.random.Generator) -> Floats:
    ground = _plain(150, 150, 150, random)
    ground[::60] = ground[:, ::60] = 110
    return ground


DESKS = ("wood", "dark", "light", "blue", "tiles")


def _desk(kind: str, random: np.random.Generator) -> Floats:
    plain = {"dark": (45, 45, 45), "light": (190, 190, 190), "blue": (70, 110, 170)}
    if kind in plain:
        return _plain(*plain[kind], random)
    return _wood(random) if kind == "wood" else _tiles(random)


def photographed(kind: str, seed: int) -> tuple[Pixels, Points]:
    """A receipt on a desk, seen from the side in uneven light, and its corners, 4 x 2, clockwise from its top left."""
    random = np.random.default_rng(seed)
    sheet = np.asarray(receipt(), dtype=np.float64)
    height, width = sheet.shape[:2]
    turn = np.radians(random.uniform(-20, 20))
    upright = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) * 0.5 * SCALE
    turned = upright @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    corners = turned + (WIDTH / 2, HEIGHT / 2) + random.uniform(-0.07, 0.07, (4, 2)) * height * SCALE
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]]) - 0.5
    path = cv2.getPerspectiveTransform(source.astype(np.float32), (corners - 0.5).astype(np.float32))
    lies = cv2.warpPerspective(np.ones((height, width)), path, (WIDTH, HEIGHT))[:, :, None]
    shadow = cv2.GaussianBlur(np.roll(lies[:, :, 0], (8, 8), (0, 1)), (0, 0), 8)[:, :, None]
    scene = (
        _desk(kind, random) * (1 - 0.35 * shadow) * (1 - lies)
        + cv2.warpPerspective(sheet, path, (WIDTH, HEIGHT)) * lies
    )
    lit = cv2.GaussianBlur(scene * np.linspace(0.75, 1.05, WIDTH)[None, :, None], (0, 0), 0.8)
    return np.clip(lit + random.normal(0, 3, lit.shape), 0, 255).astype(np.uint8), corners
