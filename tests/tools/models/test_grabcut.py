"""GrabCut: how well it cuts drawn things out of grounds of all kinds, from boxes and from points."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lavr.tools.models.segmenters.grabcut import GrabCut
from lavr.tools.models.segmenters.prompts import Prompt, Xy
from lavr.vision.frame import SizeWh, Xyxy
from lavr.vision.image import Image

Colors = NDArray[np.float64]
Sheet = NDArray[np.bool_]

BOX_IOU, POINT_IOU = 0.95, 0.95
RED = (190.0, 50.0, 40.0)


def grid(size_wh: SizeWh) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The centres of the pixels: x and y, H x W."""
    y, x = np.mgrid[: size_wh[1], : size_wh[0]] + 0.5
    return x, y


def disc(size_wh: SizeWh, center: Xy, radius: float) -> Sheet:
    x, y = grid(size_wh)
    return np.asarray((x - center[0]) ** 2 + (y - center[1]) ** 2 <= radius**2)


def painted(ground: Colors, *things: tuple[Sheet, Colors | tuple[float, float, float]]) -> Image:
    """Things on a ground, one over the other, their edges a little soft as in photographs."""
    canvas = ground.copy()
    for sheet, color in things:
        canvas[sheet] = color if isinstance(color, tuple) else color[sheet]
    soft = cv2.GaussianBlur(canvas, (0, 0), 0.8)
    return Image.of(np.clip(soft, 0, 255).astype(np.uint8))


def flat(size_wh: SizeWh) -> Colors:
    return np.full((size_wh[1], size_wh[0], 3), (225.0, 220.0, 210.0))


def noise(size_wh: SizeWh) -> Colors:
    return np.random.default_rng(1).normal((150.0, 150.0, 140.0), 25, (size_wh[1], size_wh[0], 3))


def stripes(size_wh: SizeWh) -> Colors:
    light = (grid(size_wh)[0] // 9 % 2 == 0)[..., None]
    return np.where(light, (140.0, 160.0, 110.0), (90.0, 120.0, 70.0))


def checks(size_wh: SizeWh) -> Colors:
    x, y = grid(size_wh)
    return np.where(((x // 12 + y // 12) % 2 == 0)[..., None], (200.0, 200.0, 190.0), (120.0, 130.0, 125.0))


def clouds(size_wh: SizeWh) -> Colors:
    rough = np.random.default_rng(2).normal(0, 1, (size_wh[1], size_wh[0], 3))
    soft = cv2.GaussianBlur(rough, (0, 0), 12)
    return np.asarray(soft / soft.std() * 35 + (110.0, 140.0, 110.0), dtype=np.float64)


def slope(size_wh: SizeWh) -> Colors:
    return np.repeat(np.linspace(60, 200, size_wh[0])[None, :, None], size_wh[1], axis=0).repeat(3, axis=2)


def shaded(size_wh: SizeWh) -> Colors:
    """Red that grows brighter to the right, with grain."""
    light = np.linspace(0.6, 1.2, size_wh[0])[None, :, None]
    grain = np.random.default_rng(3).normal(0, 12, (size_wh[1], size_wh[0], 3))
    return np.asarray(np.array(RED) * light + grain, dtype=np.float64)


def iou(image: Image, prompt: Prompt, truth: Sheet) -> float:
    (cut,) = GrabCut().cut(image, [prompt])
    found = cut.mask.array()
    return float((found & truth).sum() / (found | truth).sum())


@pytest.mark.parametrize(
    ("ground", "size_wh"),
    [(ground, (320, 240)) for ground in (flat, noise, stripes, checks, clouds, slope)]
    + [(flat, (200, 400)), (checks, (1200, 900))],
)
def test_a_shaded_disc_is_cut_out_of_any_ground(ground: Callable[[SizeWh], Colors], size_wh: SizeWh) -> None:
    (width, height), radius = size_wh, min(size_wh) / 5
    center = (0.45 * width, 0.55 * height)
    truth = disc(size_wh, center, radius)
    image = painted(ground(size_wh), (truth, shaded(size_wh)))
    tight = (center[0] - radius, center[1] - radius, center[0] + radius, center[1] + radius)
    loose = (tight[0] - 0.2 * radius, tight[1] - 0.1 * radius, tight[2] + 0.1 * radius, tight[3] + 0.3 * radius)
    assert iou(image, Prompt(tight), truth) > BOX_IOU
    assert iou(image, Prompt(loose), truth) > BOX_IOU
    assert iou(image, Prompt(None, ((center[0] - radius / 3, center[1] + radius / 4),)), truth) > POINT_IOU


SIZE = (420, 300)
SQUARE: Xyxy = (60.0, 60.0, 200.0, 200.0)


def overlapping() -> tuple[Image, dict[str, Sheet]]:
    """A red disc over a blue square, and a yellow ring with a green disc in it, on clouds."""
    x, y = grid(SIZE)
    square = (x > SQUARE[0]) & (x < SQUARE[2]) & (y > SQUARE[1]) & (y < SQUARE[3])
    ball = disc(SIZE, (200, 190), 70)
    outer, inner = disc(SIZE, (340, 100), 60), disc(SIZE, (340, 100), 28)
    blue, yellow, green = (40.0, 80.0, 200.0), (235.0, 190.0, 20.0), (20.0, 120.0, 50.0)
    image = painted(clouds(SIZE), (square, blue), (ball, RED), (outer, yellow), (inner, green))
    return image, {"square": square & ~ball, "ball": ball, "ring": outer & ~inner, "inner": inner}


@pytest.mark.parametrize(
    ("name", "prompt"),
    [
        ("square", Prompt(None, ((90.0, 90.0),))),
        ("ball", Prompt(None, ((220.0, 200.0),))),
        ("ball", Prompt((130.0, 120.0, 270.0, 260.0))),
        ("square", Prompt(SQUARE, (), ((180.0, 190.0), (150.0, 190.0)))),
        ("ring", Prompt(None, ((340.0, 55.0),))),
        ("inner", Prompt(None, ((340.0, 100.0),))),
        ("inner", Prompt((312.0, 72.0, 368.0, 128.0))),
    ],
)
def test_things_that_cover_each_other_are_told_apart(name: str, prompt: Prompt) -> None:
    image, truths = overlapping()
    assert iou(image, prompt, truths[name]) > 0.9


def test_a_thing_in_twelve_megapixels_is_cut_at_their_detail() -> None:
    pixels = np.full((3000, 4000, 3), 220, dtype=np.uint8)
    cv2.circle(pixels, (3300, 600), 90, RED, -1)
    truth = pixels[:, :, 2] != 220
    image = Image.of(pixels)
    assert iou(image, Prompt((3200.0, 500.0, 3400.0, 700.0)), truth) > 0.97
    assert iou(image, Prompt(None, ((3310.0, 620.0),)), truth) > 0.97


def test_equal_calls_give_equal_masks_whatever_else_drew_random_numbers_and_in_any_thread() -> None:
    image, _ = overlapping()
    prompts = [Prompt(SQUARE), Prompt(None, ((340.0, 55.0),))]
    first = GrabCut().cut(image, prompts)
    cv2.setRNGSeed(12345)
    with ThreadPoolExecutor(4) as threads:
        others = list(threads.map(lambda _: GrabCut().cut(image, prompts), range(4)))
    assert all(other == first for other in others)


@pytest.mark.parametrize(
    "prompt", [Prompt((0.0, 0.0, 400.0, 300.0)), Prompt((30.0, 30.0, 90.0, 90.0)), Prompt(None, ((50.0, 50.0),))]
)
def test_where_nothing_stands_out_nothing_or_all_that_is_alike_is_cut_out(prompt: Prompt) -> None:
    image = Image.of(np.full((300, 400, 3), 128, dtype=np.uint8))
    (cut,) = GrabCut().cut(image, [prompt])
    box = prompt.box or image.box
    assert cut.score is None
    assert cut.mask.area in {0, (box[2] - box[0]) * (box[3] - box[1])}


@pytest.mark.parametrize("size_wh", [(1, 1), (2, 1), (1, 40), (3, 3), (5, 2), (500, 3)])
def test_tiny_and_narrow_pictures_are_cut_too(size_wh: SizeWh) -> None:
    image = painted(clouds(size_wh))
    width, height = size_wh
    for prompt in (
        Prompt((0.0, 0.0, float(width), float(height))),
        Prompt((0.2, 0.2, 0.6, 0.6)),
        Prompt(None, ((width - 0.5, height - 0.5),), ((0.5, 0.5),)),
    ):
        (cut,) = GrabCut().cut(image, [prompt])
        assert cut.mask.size_wh == size_wh
