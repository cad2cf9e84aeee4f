"""What a tool costs beyond the library that it calls: both on the same picture, in turns, in one run.

    python benchmarks/tool_overhead.py [--rounds N]     measure each N times (40)

Networks have random weights: what they find means nothing, and finding it takes as long. A pair that is added to
`PAIRS` is measured as well.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from lavr import Image
from lavr.tools.detect import detect_tool
from lavr.tools.models.safe_yolo import load_yolo, yolo_library
from lavr.vision.store import Pixels

LEAST_SHARE, LEAST_MS = 0.05, 5.0
"""A tool may cost this part more than its library, or so many milliseconds."""


@dataclass(frozen=True)
class Pair:
    """The library alone and the tool, on the same picture."""

    library: Callable[[], object]
    tool: Callable[[], object]


def picture(width: int = 640, height: int = 480) -> Pixels:
    """Soft blots."""
    coarse = np.random.default_rng(5).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    return np.asarray(PIL.Image.fromarray(coarse).resize((width, height), PIL.Image.Resampling.BICUBIC))


@contextmanager
def yolo(plan: str) -> Iterator[Pair]:
    """A YOLO with random weights, at a score at which it finds some twenty things."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weights.pt"
        yolo_library().YOLO(plan).save(file)
        model, pixels = load_yolo(file), picture()
        bgr = np.ascontiguousarray(pixels[:, :, ::-1])
        scores = model.predict(bgr, conf=0.0001, verbose=False)[0].boxes.conf.numpy()
        least = float(np.sort(scores)[-20:][0])
        image, tool = Image.of(pixels), detect_tool(weights=str(file), min_score=least, host="inline")

        def library() -> object:
            result = model.predict(bgr, conf=least, verbose=False)[0]
            return (
                result.boxes.xyxy.numpy(),
                result.boxes.conf.numpy(),
                None if result.masks is None else result.masks.xy,
            )

        yield Pair(library, lambda: tool.observe(image=image))


PAIRS = {
    "detect, YOLO11n at 640": lambda: yolo("yolo11n.yaml"),
    "detect, YOLO11n-seg at 640": lambda: yolo("yolo11n-seg.yaml"),
}
"""What is measured, by name."""


def measured(pair: Pair, rounds: int) -> tuple[float, float]:
    """Median milliseconds of the library and of the tool, called in turns after a warm-up."""
    took: dict[Callable[[], object], list[float]] = {pair.library: [], pair.tool: []}
    for number in range(rounds + 3):
        for call, times in took.items():
            began = time.perf_counter()
            call()
            if number >= 3:
                times.append((time.perf_counter() - began) * 1000)
    return statistics.median(took[pair.library]), statistics.median(took[pair.tool])


def main() -> None:
    """Measure each pair; end with an error where a tool costs too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    above = []
    pairs: dict[str, Any] = dict(PAIRS)
    for name, made in pairs.items():
        with made() as pair:
            library, tool = measured(pair, rounds)
        extra = tool - library
        print(f"{name}: library {library:.1f} ms, tool {tool:.1f} ms, {extra:+.2f} ms, ratio {tool / library:.3f}")
        if extra > max(LEAST_MS, LEAST_SHARE * library):
            above.append(name)
    if above:
        raise SystemExit(f"The goal is {LEAST_SHARE:.0%} or {LEAST_MS:g} ms: not met by {', '.join(above)}.")


if __name__ == "__main__":
    main()
