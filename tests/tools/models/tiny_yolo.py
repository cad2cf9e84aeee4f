"""Networks of Ultralytics with random weights, one for each kind of head, saved as Ultralytics saves them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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


def _vary(head: Any) -> None:
    """Let boxes and scores differ from place to place: as it is made, a head sees one box of everything everywhere."""
    import torch

    for boxes, classes in zip(head.cv2, head.cv3, strict=True):
        boxes[-1].weight.data.normal_(0.0, 0.5)
        # The four distances are read off a histogram of `reg_max` bins each: short ones are made likelier.
        boxes[-1].bias.data.copy_((-0.8 * torch.arange(head.reg_max)).repeat(4))
        classes[-1].weight.data.normal_(0.0, 1.0)
        classes[-1].bias.data.fill_(-2.0)


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
    _vary(model.model.model[-1])
    model.model.names = dict(enumerate(NAMES))
    model.model.args = {"imgsz": SIDE, "task": task}
    model.ckpt = {"train_args": {"imgsz": SIDE, "task": task}}
    model.save(file)
    return file
