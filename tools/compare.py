"""Compare two pictures: whether they are the same, and where they differ."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..jsonable import JsonObject
from ..vision.drawing import draw_marks
from ..vision.frame import SizeWh, Xyxy
from ..vision.image import Image
from ..vision.region import Region
from ..vision.store import Pixels
from ..vision.transforms import resize
from .calls import Observation
from .colors import oklab
from .tool import tool

WORKING_SIDE = 1024
"""Pixels. Larger pictures are compared at this size."""

VISIBLE = 0.06
"""Distance in OKLab from which a pixel counts as changed; noise and JPEG stay below."""

LEAST_AREA = 12
"""Pixels at working size. Smaller changes are noise."""

NEARBY = 9
"""Pixels at working size. Changes closer than this are one."""

TOLD = 20
"""Areas that are told in words, the largest first."""

UNRELATED = 0.25
"""Below this likeness of structure the pictures show different things."""

STRUCTURED = 25.0
"""Variance of gray levels from which a place has structure; plain paper and sky are alike in any two pictures."""

CLEAR = 0.3
"""Response of the phase correlation from which a shift is believed."""

SHIFT = 24
"""Pixels at working size. A picture that is moved by up to this is moved back first."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two pictures, at working size.

    Attributes:
        changed: H x W, which pixels changed.
        likeness: structural similarity where there is structure, -1 to 1.
        color: mean distance in OKLab.
        shift: how far b was moved to lie on a, x and y in pixels.
    """

    changed: NDArray[np.bool_]
    likeness: float
    color: float
    shift: tuple[float, float] = (0.0, 0.0)

    @property
    def share(self) -> float:
        """The part of the picture that changed, 0 to 1."""
        return float(self.changed.mean())

    @property
    def unrelated(self) -> bool:
        """Whether the pictures show different things."""
        return self.likeness < UNRELATED

    def to_json(self, verdict: str) -> JsonObject:
        """The figures, with a verdict: identical, alike, changed or unrelated."""
        return {
            "verdict": verdict,
            "same": verdict in ("identical", "alike"),
            "changed_share": round(self.share, 5),
            "likeness": round(self.likeness, 4),
            "color_difference": round(self.color, 4),
        }


SAME = Difference(np.zeros((1, 1), dtype=np.bool_), likeness=1.0, color=0.0)
"""Between a picture and itself."""


@tool(
    timeout_s=60.0,
    avoid="Comparing two things on one picture: `measure` and `color` do.",
    limits="Pictures taken from another place or angle count as different nearly everywhere.",
    example={"a": "img_1", "b": "img_2"},
)
def compare(a: Image, b: Image) -> Observation:
    """Compare two pictures of the same thing: whether they are the same, and which areas changed.

    Args:
        a: the first picture.
        b: the second picture.
    """
    if a.digest == b.digest:
        return Observation(text="The pictures are identical, pixel for pixel.", data=SAME.to_json("identical"))
    difference = _difference(a, b)
    note = "" if a.size_wh == b.size_wh else f" Their sizes differ: {_wh(a)} and {_wh(b)}; b was scaled to a."
    if difference.unrelated:
        text = (
            f"The pictures do not show the same thing: {difference.share:.0%} of the pixels differ, and the structure."
        )
        return Observation(text=text + note, data=difference.to_json("unrelated"))
    on_a, on_b = _regions(a, b, difference)
    if not on_a:
        text = "The pictures look the same: what differs is at most noise, compression or scaling."
        return Observation(text=text + note, data=difference.to_json("alike"))
    return Observation(
        text=_told(on_a, difference) + note,
        regions=(*on_a, *on_b),
        images=(draw_marks(a, on_a).image, draw_marks(b, on_b).image),
        data=difference.to_json("changed"),
    )


def _difference(a: Image, b: Image) -> Difference:
    size = _working_size(a.size_wh, b.size_wh)
    first, second = _at(a, size), _at(b, size)
    plain = _measured(first, second)
    shift = _shift(first, second)
    if shift == (0.0, 0.0):
        return plain
    back = _measured(first, _moved(second, shift))
    changed = back.changed & _covered(size, shift)
    if changed.mean() >= plain.share:
        return plain
    return Difference(changed, back.likeness, back.color, shift)


def _measured(a: Pixels, b: Pixels) -> Difference:
    # A little blur first: a pixel's jitter at an edge is no change.
    smooth_a, smooth_b = (cv2.GaussianBlur(each, (0, 0), 1.0) for each in (a, b))
    distance = np.sqrt(((oklab(smooth_a) - oklab(smooth_b)) ** 2).sum(axis=2))
    changed = np.asarray(distance > VISIBLE, dtype=np.bool_)
    return Difference(changed, _likeness(a, b), float(distance.mean()))


def _likeness(a: Pixels, b: Pixels) -> float:
    """SSIM of the gray pictures (Wang et al. 2004: Gaussian window of 1.5 pixels, K1 0.01, K2 0.03).

    Its mean over what is structured in a, or over what is in b, whichever is more: a thing that is new on a plain wall
    is a change, and not another picture.
    """
    x, y = _gray(a), _gray(b)
    mean_x, mean_y = _blurred(x), _blurred(y)
    spread_x, spread_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    together = _blurred(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    likeness = (2 * mean_x * mean_y + c1) * (2 * together + c2)
    likeness /= (mean_x**2 + mean_y**2 + c1) * (spread_x + spread_y + c2)
    structured = [spread > STRUCTURED for spread in (spread_x, spread_y)]
    return max(float(likeness[where].mean()) if where.any() else 1.0 for where in structured)


def _gray(pixels: Pixels) -> NDArray[np.float64]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.float64)


def _blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), dtype=np.float64)


def _shift(a: Pixels, b: Pixels) -> tuple[float, float]:
    """How far b must be moved to lie on a, x and y in pixels; (0, 0) when that is not clear, or nothing."""
    x, y = _gray(a), _gray(b)
    if min(x.shape) < 4 * SHIFT:
        return (0.0, 0.0)
    (across, down), response = cv2.phaseCorrelate(x, y, cv2.createHanningWindow(x.shape[::-1], cv2.CV_64F))
    if response < CLEAR or not 0.5 <= max(abs(across), abs(down)) <= SHIFT:
        return (0.0, 0.0)
    # The estimate is good to about a pixel; whole pixels around it are tried, being the commonest case.
    wholes = itertools.product(*((math.floor(-each), math.ceil(-each)) for each in (across, down)))
    candidates = [(-float(across), -float(down)), *((float(dx), float(dy)) for dx, dy in wholes)]
    return min(candidates, key=lambda shift: float(np.abs(x - _moved(b, shift, gray=True)).mean()))


def _moved(pixels: Pixels, shift: tuple[float, float], *, gray: bool = False) -> NDArray[Any]:
    """The picture moved by x and y pixels, its edge continued."""
    matrix = np.array([[1.0, 0.0, shift[0]], [0.0, 1.0, shift[1]]])
    size = (pixels.shape[1], pixels.shape[0])
    moved = cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _gray(np.asarray(moved, dtype=np.uint8)) if gray else np.asarray(moved, dtype=np.uint8)


def _covered(size: SizeWh, shift: tuple[float, float]) -> NDArray[np.bool_]:
    """Where a picture still is after it was moved."""
    width, height = size
    margin_x, margin_y = math.ceil(abs(shift[0])) + 2, math.ceil(abs(shift[1])) + 2
    covered = np.zeros((height, width), dtype=np.bool_)
    covered[margin_y : height - margin_y, margin_x : width - margin_x] = True
    return covered


def _regions(a: Image, b: Image, difference: Difference) -> tuple[list[Region], list[Region]]:
    """The changed areas on both pictures, the largest first."""
    boxes = _areas(difference.changed)
    height, width = difference.changed.shape
    x, y = difference.shift
    on_a = [_region(a, box, (width, height)) for box in boxes]
    on_b = [_region(b, (box[0] - x, box[1] - y, box[2] - x, box[3] - y), (width, height)) for box in boxes]
    return on_a, on_b


def _areas(changed: NDArray[np.bool_]) -> list[Xyxy]:
    """Boxes around changes that lie together, the one with the most changed pixels first."""
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * NEARBY + 1, 2 * NEARBY + 1))
    joined = cv2.dilate(changed.astype(np.uint8), kernel)
    count, labels = cv2.connectedComponents(joined)
    y, x = np.nonzero(changed)
    area_of = labels[y, x].astype(np.int64)
    pixels = np.bincount(area_of, minlength=count)
    low, high = np.full((count, 2), np.inf), np.zeros((count, 2))
    for axis, places in enumerate((x, y)):
        np.minimum.at(low[:, axis], area_of, places)
        np.maximum.at(high[:, axis], area_of, places + 1)
    largest_first = [int(each) for each in np.argsort(-pixels, kind="stable") if pixels[each] >= LEAST_AREA]
    return [(*low[each].tolist(), *high[each].tolist()) for each in largest_first]


def _region(image: Image, xyxy: Xyxy, size: SizeWh) -> Region:
    """A box at working size as a region of a picture."""
    across, down = image.size_wh[0] / size[0], image.size_wh[1] / size[1]
    left, right = (min(max(edge * across, 0.0), float(image.size_wh[0])) for edge in (xyxy[0], xyxy[2]))
    top, bottom = (min(max(edge * down, 0.0), float(image.size_wh[1])) for edge in (xyxy[1], xyxy[3]))
    return Region(image, (left, top, right, bottom), label="changed")


def _told(areas: Sequence[Region], difference: Difference) -> str:
    shown = [f"[{', '.join(f'{edge:.0f}' for edge in area.xyxy)}]" for area in areas[:TOLD]]
    more = f" and {len(areas) - TOLD} smaller ones" if len(areas) > TOLD else ""
    moved = " b is moved against a by a few pixels, which is not counted." if difference.shift != (0.0, 0.0) else ""
    counted = "1 area differs" if len(areas) == 1 else f"{len(areas)} areas differ"
    return f"{counted}, {difference.share:.2%} of the pixels. On a: {', '.join(shown)}{more}.{moved}"


def _working_size(a_wh: SizeWh, b_wh: SizeWh) -> SizeWh:
    """The shape of a at the detail that both pictures have."""
    longest = min(WORKING_SIDE, max(a_wh), max(b_wh))
    factor = longest / max(a_wh)
    return max(1, round(a_wh[0] * factor)), max(1, round(a_wh[1] * factor))


def _at(image: Image, size: SizeWh) -> Pixels:
    return resize(image, size).pixels()


def _wh(image: Image) -> str:
    return f"{image.size_wh[0]} x {image.size_wh[1]}"
