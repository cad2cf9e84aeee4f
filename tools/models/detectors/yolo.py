"""Detectors of Ultralytics: YOLO with boxes, masks, key points or turned boxes; YOLOE and YOLO-World told in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ....errors import UsageError
from ....vision.frame import Xyxy
from ....vision.store import Pixels
from ..safe_yolo import load_yolo
from .base import Found, Patch
from .yolo_words import Words

OVERLAP = 0.5
"""Of two boxes of one class that overlap by more, the better one stays."""

MOST = 300
"""Things on one picture or tile."""

BODY = (
    "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder", "left elbow",
    "right elbow", "left wrist", "right wrist", "left hip", "right hip", "left knee", "right knee", "left ankle",
    "right ankle",
)  # fmt: skip
"""The key points of COCO, in its order."""

_TASKS = ("detect", "segment", "pose", "obb")


class Yolo:
    """A network of Ultralytics; see `Detector`.

    Args:
        file: its weights.
        device: where it runs.

    Raises:
        UsageError: when the file holds no detector.
        LavrError: as `load_yolo`.
    """

    def __init__(self, file: Path, device: str) -> None:
        self._device = device
        self._model = load_yolo(file)
        if self._model.task not in _TASKS:
            raise UsageError(
                f"{file.name} is made for the task {self._model.task!r}, which finds no things.",
                remedy=f"Give weights for one of {', '.join(_TASKS)}.",
            )
        self._words = Words.of(self._model, device)

    @property
    def classes(self) -> tuple[str, ...]:
        """What it knows by name; nothing where words tell it what to look for."""
        return () if self._words is not None else tuple(self._model.names.values())

    @property
    def side(self) -> int:
        """The size of its pictures in training."""
        side = self._model.overrides.get("imgsz", 640)
        return int(max(side)) if isinstance(side, list | tuple) else int(side)

    @property
    def network(self) -> Any:
        """The torch module."""
        return self._model.model

    def detect(self, pictures: Sequence[Pixels], labels: Sequence[str], min_score: float) -> list[list[Found]]:
        """See `Detector.detect`."""
        if self._words is not None:
            self._words.tell(labels)
        wanted = [number for number, name in self._model.names.items() if not labels or name in labels]
        results = self._model.predict(
            [cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) for pixels in pictures],
            conf=min_score,
            iou=OVERLAP,
            max_det=MOST,
            classes=None if len(wanted) == len(self._model.names) else wanted,
            device=self._device,
            verbose=False,
            save=False,
        )
        return [_found(result) for result in results]


def _found(result: Any) -> list[Found]:
    """What one result of Ultralytics says."""
    names: Mapping[int, str] = result.names
    boxes = result.obb if result.obb is not None else result.boxes
    if boxes is None or not len(boxes):
        return []
    xyxy = boxes.xyxy.cpu().numpy().astype(np.float64)
    scores, classes = boxes.conf.cpu().numpy(), boxes.cls.cpu().numpy().astype(int)
    masks = None if result.masks is None else result.masks.data.cpu().numpy().astype(np.uint8)
    corners = None if result.obb is None else boxes.xyxyxyxy.cpu().numpy().astype(np.float64)
    points = None if result.keypoints is None else result.keypoints.data.cpu().numpy()
    found = []
    for number, box in enumerate(xyxy.tolist()):
        place: Xyxy = (box[0], box[1], box[2], box[3])
        found.append(
            Found(
                names[int(classes[number])],
                float(scores[number]),
                place,
                None if masks is None else patch_of(masks[number], place, result.orig_shape),
                None if corners is None else corners[number],
                {} if points is None else _points(points[number]),
            )
        )
    return found


def patch_of(mask: NDArray[np.uint8], xyxy: Xyxy, size_hw: tuple[int, int]) -> Patch | None:
    """The pixels of a thing at the size of its picture.

    Args:
        mask: 0 and 1, at the size at which the network saw the picture, in the middle of its borders (letterbox).
        xyxy: the box of the thing, in pixels of the picture.
        size_hw: height and width of the picture.
    """
    height, width = size_hw
    left, top = max(0, int(np.floor(xyxy[0]))), max(0, int(np.floor(xyxy[1])))
    right, bottom = min(width, int(np.ceil(xyxy[2]))), min(height, int(np.ceil(xyxy[3])))
    if right <= left or bottom <= top:
        return None
    gain = min(mask.shape[0] / height, mask.shape[1] / width)
    seen_wh = (max(round(width * gain), 1), max(round(height * gain), 1))
    x, y = (round((outer - inner) / 2 - 0.1) for outer, inner in zip(mask.shape[::-1], seen_wh, strict=True))
    by_x, by_y = seen_wh[0] / width, seen_wh[1] / height
    # OpenCV counts from the centre of the first pixel.
    path = np.array(
        [[by_x, 0, (left + 0.5) * by_x + x - 0.5], [0, by_y, (top + 0.5) * by_y + y - 0.5]], dtype=np.float64
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    shown = cv2.warpAffine(mask * np.uint8(255), path, (right - left, bottom - top), flags=flags)
    array = np.asarray(shown >= 128, dtype=np.bool_)
    return Patch(left, top, array) if array.any() else None


def _points(values: NDArray[np.float32]) -> dict[str, tuple[float, float, float]]:
    """Key points by name. One that the network does not see stands at (0, 0), and is left out."""
    names = BODY if len(values) == len(BODY) else [str(number) for number in range(1, len(values) + 1)]
    rows = ((name, [float(value) for value in row]) for name, row in zip(names, values, strict=True))
    return {name: (row[0], row[1], row[2] if len(row) > 2 else 1.0) for name, row in rows if row[0] or row[1]}
