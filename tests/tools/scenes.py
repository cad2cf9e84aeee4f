"""Small scenes for tests."""

from __future__ import annotations

import numpy as np

from lavr.tools.registry import Toolbox
from lavr.tools.runner import ToolRunner
from lavr.tools.tool import Tool
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.scene import Scene


def gradient(width: int = 200, height: int = 100, seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A picture whose pixels differ."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[:, :, 0] = np.arange(width) % 256
    pixels[:, :, 1] = (np.arange(height) % 256)[:, None]
    pixels[:, :, 2] = seed
    return pixels


def scene_with(*sizes: tuple[int, int]) -> Scene:
    """A scene with a picture of each size (200 x 100 when none is named) and a region `r1` on the first."""
    scene = Scene()
    for number, (width, height) in enumerate(sizes or ((200, 100),)):
        scene.add_image(Image.of(gradient(width, height, number), store=scene.store))
    scene.add_region(Region(scene.image("img_1"), (10.0, 20.0, 30.0, 40.0), label="thing"))
    return scene


def runner_of(*tools: Tool) -> ToolRunner:
    """A runner without a cache."""
    return ToolRunner(Toolbox(tools))
