"""Networks of Ultralytics with random weights, one for each kind of head, saved as Ultralytics saves them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from lavr.tools.models.safe_yolo import yolo_library

SIDE = 96
"""Pixels. How large the networks see a picture."""

NAMES = ("person", "bicycle", "dog")
KEY_POINTS = 17

HEADS: Mapping[str, tuple[str, list[object]]] = {
    "detect": ("Detect", [len(NAMES)]),
    "segment": ("Segment", [len(NAMES), 8, 16]),
    "pose": ("Pose", [len(NAMES), [KEY_POINTS, 3]]),
    "obb": ("OBB", [len(NAMES), 1]),
}


def save_yolo(task: str, file: Path) -> Path:
    """Write a `.pt` file with a network for a task."""
    import torch

    head, arguments = HEADS[task]
    layers: list[tuple[object, str, list[object]]] = [
        (-1, "Conv", [8, 3, 2]),
        (-1, "Conv", [16, 3, 2]),
        (-1, "Conv", [16, 3, 2]),
        (-1, "Conv", [24, 3, 2]),
    ]
    network = {
        "nc": len(NAMES),
        "kpt_shape": [KEY_POINTS, 3],
        "backbone": [[source, 1, kind, given] for source, kind, given in layers],
        "head": [[[2, 3], 1, head, arguments]],
    }
    plan = file.with_suffix(".yaml")
    plan.write_text(json.dumps(network), "utf-8")  # JSON is YAML
    torch.manual_seed(1)
    model = yolo_library().YOLO(plan, task=task)
    model.model.names = dict(enumerate(NAMES))
    model.model.args = {"imgsz": SIDE, "task": task}
    model.ckpt = {"train_args": {"imgsz": SIDE, "task": task}}
    model.save(file)
    return file
