"""Many boxes at once: areas, overlaps, conversions and non-maximum suppression on N x 4 arrays.

Boxes are float pixels. `xyxy` is left, top, right, bottom; `xywh` is left, top, width, height (COCO); `cxcywh` is
centre x, centre y, width, height (YOLO). An empty box overlaps nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InvalidRegion
from .frame import SizeWh

Boxes: TypeAlias = NDArray[np.float64]
"""N x 4 boxes."""

Floats: TypeAlias = NDArray[np.float64]
"""Any array of floats."""


def as_boxes(values: ArrayLike) -> Boxes:
    """Values as an N x 4 array; nothing at all is 0 x 4. Raises `InvalidRegion` for any other shape."""
    remedy = "Give four numbers for each box."
    try:
        boxes = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidRegion(f"Boxes are N x 4 numbers: {error}.", remedy=remedy) from error
    if boxes.size == 0:
        return np.zeros((0, 4))
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise InvalidRegion(f"Boxes are N x 4 numbers, not {boxes.shape}.", remedy=remedy)
    return boxes


def area(xyxy: Boxes) -> Floats:
    """Square pixels of each box, N; 0 for one that ends before it begins."""
    sides: Floats = np.clip(xyxy[:, 2:] - xyxy[:, :2], 0, None)
    result: Floats = sides[:, 0] * sides[:, 1]
    return result


def intersection(xyxy: Boxes, others: Boxes) -> Floats:
    """Square pixels that each of N boxes shares with each of M others, N x M."""
    width = np.minimum.outer(xyxy[:, 2], others[:, 2]) - np.maximum.outer(xyxy[:, 0], others[:, 0])
    height = np.minimum.outer(xyxy[:, 3], others[:, 3]) - np.maximum.outer(xyxy[:, 1], others[:, 1])
    shared: Floats = np.maximum(width, 0, out=width)
    shared *= np.maximum(height, 0, out=height)
    return shared


def iou(xyxy: Boxes, others: Boxes) -> Floats:
    """Intersection over union of each of N boxes with each of M others, N x M, 0 to 1."""
    shared = intersection(xyxy, others)
    union = area(xyxy)[:, None] + area(others)[None, :] - shared
    ratio: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return ratio


def clip(xyxy: Boxes, size_wh: SizeWh) -> Boxes:
    """The boxes cut to a picture of `size_wh`; one outside becomes empty, on the nearest edge."""
    width, height = size_wh
    clipped: Boxes = np.clip(xyxy, 0.0, np.array([width, height, width, height], dtype=np.float64))
    return clipped


def xyxy_to_xywh(xyxy: Boxes) -> Boxes:
    """Left, top, right, bottom -> left, top, width, height."""
    return np.hstack([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]])


def xywh_to_xyxy(xywh: Boxes) -> Boxes:
    """Left, top, width, height -> left, top, right, bottom."""
    return np.hstack([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]])


def xyxy_to_cxcywh(xyxy: Boxes) -> Boxes:
    """Left, top, right, bottom -> centre x, centre y, width, height."""
    return np.hstack([(xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]])


def cxcywh_to_xyxy(cxcywh: Boxes) -> Boxes:
    """Centre x, centre y, width, height -> left, top, right, bottom."""
    half = cxcywh[:, 2:] / 2
    return np.hstack([cxcywh[:, :2] - half, cxcywh[:, :2] + half])


def nms(xyxy: Boxes, scores: ArrayLike, *, iou_above: float, groups: Sequence[object] | None = None) -> list[int]:
    """Non-maximum suppression: the indices to keep, best score first; of equal scores the earlier one wins.

    Args:
        xyxy: N boxes.
        scores: N numbers.
        iou_above: a box that overlaps a kept one by more than this is dropped.
        groups: N values; boxes of different groups leave each other alone.
    """
    group_of = np.zeros(len(xyxy), dtype=np.int64) if groups is None else _numbered(groups)
    waiting = np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")
    kept: list[int] = []
    while waiting.size:
        best, rest = int(waiting[0]), waiting[1:]
        kept.append(best)
        overlap = iou(xyxy[best : best + 1], xyxy[rest])[0]
        waiting = rest[(overlap <= iou_above) | (group_of[rest] != group_of[best])]
    return kept


def _numbered(groups: Sequence[object]) -> NDArray[np.int64]:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups], dtype=np.int64)
