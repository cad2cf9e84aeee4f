"""Train a small YOLO on shapes that this script draws, from its yaml, on a processor: `out/shapes.pt` in some minutes.

    python -m lavr.demos.train_shapes [TARGET]
    lavr ask picture.png "How many red circles are there?" --detector out/shapes.pt

It needs the extra `yolo`. Ultralytics' code is AGPL-3.0, and Ultralytics holds that weights trained with it are bound
by that licence too: what you train here is for trying lavr out, not for shipping.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..extras import need
from ..tools.models.safe_yolo import load_yolo, yolo_library

Points = NDArray[np.float64]
Pixels = NDArray[np.uint8]

KINDS = ("circle", "square", "rectangle", "triangle", "star", "pentagon")
SIDE = 128
"""Pixels. Pictures to train on are square; shapes are small enough on them, or else large enough."""

SEEN = 192
"""Pixels. At this size the network looks at pictures afterwards: there it sees shapes of the sizes that it learnt."""

PICTURES, EPOCHS, BATCH = 2400, 7, 8
MARGIN = 45.0
"""A shape differs from the ground under it by at least this in one of red, green and blue."""

NETWORK = """
nc: 6
reg_max: 1
backbone: # [from, repeats, module, arguments]
  - [-1, 1, Conv, [12, 3, 2]] # 0, half the size
  - [-1, 1, Conv, [24, 3, 2]] # 1, a quarter
  - [-1, 1, C2f, [24, True]]
  - [-1, 1, Conv, [48, 3, 2]] # 3, an eighth
  - [-1, 1, C2f, [48, True]]
  - [-1, 1, Conv, [64, 3, 2]] # 5, a sixteenth
  - [-1, 1, C2f, [64, True]]
  - [-1, 1, SPPF, [64, 5]]
head:
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 4], 1, Concat, [1]]
  - [-1, 1, C2f, [48]]
  - [[10], 1, Detect, [nc]]
"""
"""0.2 million parameters, one map of features at an eighth of the size."""


@dataclass(frozen=True)
class Shape:
    """A shape on a picture: what it is, and its outline in pixels, N x 2."""

    kind: str
    outline: Points

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom in pixels."""
        (left, top), (right, bottom) = self.outline.min(axis=0), self.outline.max(axis=0)
        return float(left), float(top), float(right), float(bottom)


def train(target: Path, *, seed: int = 0) -> None:
    """Draw pictures, train on them, and write the weights to `target`; some minutes on two cores."""
    say = _Progress()
    with tempfile.TemporaryDirectory(prefix="lavr-shapes-") as folder:
        work = Path(folder)
        data = write_pictures(work, np.random.default_rng(seed))
        say(f"{PICTURES} pictures drawn")
        network = work / "shapes.yaml"
        network.write_text(NETWORK, "utf-8")
        library, torch = yolo_library(), need("torch", extra="yolo")
        torch.set_flush_denormal(True)  # numbers next to nothing are slow to reckon with
        threads = torch.get_num_threads()  # Ultralytics leaves one processor idle
        model = library.YOLO(network, task="detect")
        model.add_callback("on_pretrain_routine_start", lambda _: torch.set_num_threads(threads))
        model.add_callback("on_train_epoch_end", lambda trainer: say(_told(trainer)))
        model.train(data=data, project=str(work), name="run", seed=seed, **_SETTINGS)
        _save(work / "run" / "weights" / "last.pt", target)
    say(f"{target} written, {target.stat().st_size / 1e6:.1f} MB")


def _save(trained: Path, target: Path) -> None:
    """Write the weights to `target`, with the size at which the network is to look at pictures."""
    model = load_yolo(trained)
    model.ckpt["train_args"]["imgsz"] = SEEN
    target.parent.mkdir(parents=True, exist_ok=True)
    model.save(target)


_SETTINGS: dict[str, Any] = {
    "epochs": EPOCHS, "imgsz": SIDE, "batch": BATCH, "nbs": BATCH, "device": "cpu", "workers": 0,
    "optimizer": "AdamW", "lr0": 0.004, "lrf": 0.01, "cos_lr": True, "warmup_epochs": 0.3, "warmup_bias_lr": 0.0,
    "mosaic": 0.0, "scale": 0.0, "translate": 0.0, "hsv_h": 0.0, "hsv_s": 0.0, "hsv_v": 0.0, "flipud": 0.5,
    "fliplr": 0.5, "close_mosaic": 0, "amp": False, "val": False, "plots": False, "verbose": False,
    "deterministic": False,
}  # fmt: skip
"""No picture is bent or recoloured: drawing a new one costs less than that."""


def write_pictures(folder: Path, rng: np.random.Generator) -> Path:
    """Write pictures and their labels as Ultralytics reads them; the file that describes them."""
    for part, count in (("train", PICTURES), ("val", 2)):  # without a second part it does not begin
        pictures, labels = folder / "images" / part, folder / "labels" / part
        pictures.mkdir(parents=True)
        labels.mkdir(parents=True)
        for number in range(count):
            pixels, shapes = draw(rng)
            cv2.imwrite(str(pictures / f"{number}.png"), np.ascontiguousarray(pixels[:, :, ::-1]))
            (labels / f"{number}.txt").write_text("".join(map(_label, shapes)), "utf-8")
    data = {"path": str(folder), "train": "images/train", "val": "images/val", "names": dict(enumerate(KINDS))}
    file = folder / "data.yaml"
    file.write_text(json.dumps(data), "utf-8")  # JSON is YAML
    return file


def draw(rng: np.random.Generator) -> tuple[Pixels, list[Shape]]:
    """A picture of `SIDE` x `SIDE` pixels with up to seven shapes, some of which touch, and strokes that are none."""
    pixels = _ground(rng)
    for _ in range(max(0, int(rng.integers(-3, 4)))):
        _stroke(pixels, rng)
    shapes: list[Shape] = []
    for _ in range(int(rng.integers(0, 8))):
        shape = _placed(rng, shapes)
        if shape is not None:
            _paint(pixels, shape.outline, rng)
            shapes.append(shape)
    return _worn(pixels, rng), shapes


def _label(shape: Shape) -> str:
    left, top, right, bottom = (edge / SIDE for edge in shape.box)
    return f"{KINDS.index(shape.kind)} {(left + right) / 2} {(top + bottom) / 2} {right - left} {bottom - top}\n"


def _ground(rng: np.random.Generator) -> Pixels:
    """Plain, shaded from one side to the other, or cloudy."""
    color = rng.uniform(0, 255, 3) if rng.random() < 0.5 else np.full(3, rng.uniform(140, 255))
    coarse = np.zeros((4, 4, 3)) + color
    manner = rng.random()
    if manner < 0.35:
        ramp = np.linspace(0, 1, 4)[:, None, None] * rng.uniform(-70, 70, 3)
        coarse += ramp if rng.random() < 0.5 else ramp.transpose(1, 0, 2)
    elif manner < 0.6:
        coarse += rng.normal(0, 20, (4, 4, 3))
    return _bytes(cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC))


def _stroke(pixels: Pixels, rng: np.random.Generator) -> None:
    start, end = rng.integers(0, SIDE, 2), rng.integers(0, SIDE, 2)
    cv2.line(
        pixels, start.tolist(), end.tolist(), rng.uniform(0, 255, 3).tolist(), int(rng.integers(1, 4)), cv2.LINE_AA
    )


def _placed(rng: np.random.Generator, others: list[Shape]) -> Shape | None:
    """A shape that lies on the picture and covers no other one by much; None where there is no room."""
    kind = KINDS[int(rng.integers(len(KINDS)))]
    radius = SIDE * math.exp(rng.uniform(math.log(0.06), math.log(0.32)))
    turn = rng.uniform(-0.2, 0.2) if rng.random() < 0.5 else rng.uniform(-math.pi, math.pi)
    cos, sin = math.cos(turn), math.sin(turn)
    outline = radius * _OUTLINES[kind](rng) @ np.array([[cos, sin], [-sin, cos]])
    low, high = -outline.min(axis=0), SIDE - outline.max(axis=0)
    overlap = 0.12 * radius if rng.random() < 0.3 else -1.5
    for _ in range(12):
        shape = Shape(kind, outline + rng.uniform(low, np.maximum(high, low)))
        if (high > low).all() and not any(_covers(shape, other, overlap) for other in others):
            return shape
    return None


def _covers(one: Shape, other: Shape, allowed: float) -> bool:
    """Whether the boxes of two shapes overlap by more than `allowed` pixels both ways."""
    mine, theirs = one.box, other.box
    width = min(mine[2], theirs[2]) - max(mine[0], theirs[0])
    height = min(mine[3], theirs[3]) - max(mine[1], theirs[1])
    return min(width, height) > allowed


def _paint(pixels: Pixels, outline: Points, rng: np.random.Generator) -> None:
    """Fill an outline with a colour that differs from what is under it; sometimes with a dark rim."""
    x, y = outline.mean(axis=0).astype(int).clip(0, SIDE - 1)
    under = pixels[y, x].astype(np.float64)
    color = rng.uniform(0, 255, 3)
    while np.abs(color - under).max() < MARGIN:
        color = rng.uniform(0, 255, 3)
    corners = [np.round(outline * 16).astype(np.int32)]
    cv2.fillPoly(pixels, corners, color.tolist(), cv2.LINE_AA, 4)
    if rng.random() < 0.25:
        rim = (color * rng.uniform(0.2, 0.8)).tolist()
        cv2.polylines(pixels, corners, True, rim, int(rng.integers(1, 3)), cv2.LINE_AA, 4)


def _worn(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Some pictures are grainy, some a little blurred."""
    if rng.random() < 0.2:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (3, 3), 0), dtype=np.uint8)
    if rng.random() < 0.6:
        return _bytes(pixels + rng.normal(0, rng.uniform(2, 14), pixels.shape))
    return pixels


def _circle(_rng: np.random.Generator) -> Points:
    return _corners(48)


def _square(_rng: np.random.Generator) -> Points:
    return _corners(4, math.pi / 4)


def _rectangle(rng: np.random.Generator) -> Points:
    """At least half as long again as it is wide, so that it is no square."""
    narrow = 1 / rng.uniform(1.5, 2.8)
    corners = np.array([[-1.0, -narrow], [1.0, -narrow], [1.0, narrow], [-1.0, narrow]])
    return corners if rng.random() < 0.5 else corners[:, ::-1]


def _triangle(rng: np.random.Generator) -> Points:
    return _corners(3) * (1.0, rng.uniform(0.85, 1.2))


def _star(rng: np.random.Generator) -> Points:
    return _corners(10) * np.where(np.arange(10) % 2, rng.uniform(0.36, 0.5), 1.0)[:, None]


def _pentagon(_rng: np.random.Generator) -> Points:
    return _corners(5)


_OUTLINES: dict[str, Callable[[np.random.Generator], Points]] = {
    "circle": _circle, "square": _square, "rectangle": _rectangle, "triangle": _triangle, "star": _star,
    "pentagon": _pentagon,
}  # fmt: skip
"""Outlines around (0, 0) that reach out to about 1."""


def _corners(count: int, turn: float = 0.0) -> Points:
    """The corners of a regular polygon of radius 1, the first on top; y goes down."""
    angles = 2 * math.pi * np.arange(count) / count + turn
    return np.stack([np.sin(angles), -np.cos(angles)], axis=1)


def _bytes(values: NDArray[Any]) -> Pixels:
    clipped: Pixels = np.clip(values, 0, 255).astype(np.uint8)
    return clipped


def _told(trainer: Any) -> str:
    return f"epoch {trainer.epoch + 1} of {trainer.epochs}, loss {float(sum(trainer.tloss.values())):.2f}"


class _Progress:
    """One line on stderr for each thing that is done, with the seconds since the start."""

    def __init__(self) -> None:
        self.began = time.perf_counter()

    def __call__(self, done: str) -> None:
        sys.stderr.write(f"[{time.perf_counter() - self.began:4.0f} s] {done}\n")
        sys.stderr.flush()


def main() -> None:
    """Train as the command line says."""
    words = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    words.add_argument("target", nargs="?", type=Path, default=Path("out/shapes.pt"), help="the file to write")
    train(words.parse_args().target)


if __name__ == "__main__":
    main()
