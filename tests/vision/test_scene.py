"""Handles are allotted once and found again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lavr.errors import UnknownHandle
from lavr.vision.image import Image
from lavr.vision.region import Region
from lavr.vision.scene import SHOWN_HANDLES, Scene


def _image() -> Image:
    return Image.of(np.zeros((4, 4, 3), dtype=np.uint8))


def test_handles_count_up() -> None:
    scene = Scene()
    first, second = scene.add_image(_image()), scene.add_image(_image())
    assert [first.handle, second.handle] == ["img_1", "img_2"]
    assert [scene.add_region(Region(first, (0, 0, side, side))).handle for side in (1, 2, 3)] == ["r1", "r2", "r3"]
    assert scene.image("img_2") == second
    assert scene.region("r2").xyxy == (0, 0, 2, 2)


def test_what_is_in_already_keeps_its_handle() -> None:
    scene = Scene()
    image = scene.add_image(_image())
    region = scene.add_region(Region(image, (0, 0, 1, 1)))
    assert scene.add_image(image) is image
    assert scene.add_region(region) is region
    assert (len(scene.images), len(scene.regions)) == (1, 1)


def test_a_forged_handle_is_replaced() -> None:
    scene = Scene()
    image = scene.add_image(_image())
    scene.add_region(Region(image, (0, 0, 1, 1)))
    assert scene.add_region(Region(image, (0, 0, 2, 2), handle="r1")).handle == "r2"
    assert scene.region("r1").xyxy == (0, 0, 1, 1)


def test_an_unknown_handle_is_answered_with_the_live_ones() -> None:
    scene = Scene()
    image = scene.add_image(_image())
    with pytest.raises(UnknownHandle, match="Live image handles: img_1"):
        scene.image("img_7")
    with pytest.raises(UnknownHandle, match="none yet"):
        scene.region("r1")
    for side in range(SHOWN_HANDLES + 5):
        scene.add_region(Region(image, (0, 0, side, side)))
    with pytest.raises(UnknownHandle, match=f"the last {SHOWN_HANDLES} of {SHOWN_HANDLES + 5}"):
        scene.region("r999")


def test_threads_never_get_the_same_handle() -> None:
    scene = Scene()
    image = scene.add_image(_image())

    def add(side: int) -> str:
        return scene.add_region(Region(image, (0, 0, side, side))).handle

    with ThreadPoolExecutor(8) as pool:
        handles = list(pool.map(add, range(400)))
    assert len(set(handles)) == 400
    assert [region.handle for region in scene.regions] == [f"r{number}" for number in range(1, 401)]


@pytest.mark.parametrize("order", [list, reversed])
def test_a_restored_scene_counts_on_behind_its_gaps(order: Callable[[list[Region]], list[Region]]) -> None:
    image = Scene().add_image(_image())
    kept = [Region(image, (0, 0, 1, 1), handle=handle) for handle in ("r2", "r9", "r10")]
    scene = Scene.restored([image], order(kept))
    assert [region.handle for region in scene.regions] == ["r2", "r9", "r10"]
    assert scene.add_region(Region(image, (0, 0, 1, 2))).handle == "r11"
    assert scene.add_image(_image()).handle == "img_2"
