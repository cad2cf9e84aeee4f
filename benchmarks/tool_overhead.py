"""What a tool costs beyond the library that it calls: both on the same picture, in turns, in one run.

    python benchmarks/tool_overhead.py [--rounds N]     measure each N times (40)

Networks have random weights (but OCR, which has its own): what they find means nothing, and finding it takes as long.
Where a tool remembers what it found on a picture, each round gets a picture of its own. Tools are called in this
process; what a worker process adds is measured by `host_overhead.py`. What is added to `PAIRS` is measured as well.
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
import torch

from lavr import Image
from lavr.tests.tools.models import sams
from lavr.tools.detect import detect_tool
from lavr.tools.models.pool import shared_pool
from lavr.tools.models.safe_yolo import load_yolo, yolo_library
from lavr.tools.models.segmenters.segment_anything import segment_anything
from lavr.tools.ocr import ocr_tool
from lavr.tools.segment import segment_tool
from lavr.vision.store import Pixels

RECEIPT = Path(__file__).parent.parent / "demos" / "images" / "receipt.png"
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
        torch.manual_seed(0)
        yolo_library().YOLO(plan).save(file)
        model, pixels = load_yolo(file), picture()
        bgr = np.ascontiguousarray(pixels[:, :, ::-1])
        scores = model.predict(bgr, conf=1e-7, verbose=False)[0].boxes.conf.numpy()
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


@contextmanager
def sam(*, same_picture: bool) -> Iterator[Pair]:
    """A SAM, half as large as ViT-B, prompted with a box on a new picture or on the same one."""
    from segment_anything import SamPredictor

    network = sams.original(512, width=256, dim=384, depth=12, heads=6)
    with tempfile.TemporaryDirectory() as folder:
        weights = str(sams.file_of(network, Path(folder)))
        tool = segment_tool(weights=weights, host="inline")
        smooth(network)
        shared_pool().run(segment_anything(weights), lambda loaded: smooth(loaded.module))
        predictor, box = SamPredictor(network), (100.0, 80.0, 400.0, 300.0)
        first = picture()
        predictor.set_image(first)
        mine, theirs = Fresh(first), Fresh(first)

        def library() -> object:
            if not same_picture:
                predictor.set_image(theirs.pixels())
            masks, scores, _ = predictor.predict(box=np.array(box), multimask_output=False)
            return masks, scores

        image = Image.of(first)
        yield Pair(library, lambda: tool.observe(image=image if same_picture else mine.image(), box=box))


def smooth(network: Any) -> None:
    """Let random weights cut out blots, as trained ones do, and not noise with thousands of edges."""

    def smoothed(_: object, __: object, given: torch.Tensor) -> torch.Tensor:
        coarse = torch.nn.functional.avg_pool2d(given, 16)
        return torch.nn.functional.interpolate(coarse, scale_factor=16, mode="bilinear")

    network.mask_decoder.output_upscaling.register_forward_hook(smoothed)


@contextmanager
def rapid_ocr() -> Iterator[Pair]:
    """PP-OCRv6 on the sample receipt: RapidOCR end to end, with its word boxes, beside `ocr`."""
    from rapidocr import RapidOCR

    options = {
        "Global.log_level": "critical",
        "Global.return_word_box": True,
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
    engine, tool = RapidOCR(params=options), ocr_tool(host="inline")
    receipt = Image.open(RECEIPT).pixels()
    mine, theirs = Fresh(receipt), Fresh(receipt)
    yield Pair(
        lambda: engine(np.ascontiguousarray(theirs.pixels()[:, :, ::-1])), lambda: tool.observe(image=mine.image())
    )


class Fresh:
    """Pictures that differ in one pixel, so that nothing is known of any."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels
        self._given = 0

    def pixels(self) -> Pixels:
        """The next one."""
        self._given += 1
        changed = self._pixels.copy()
        changed[0, 0] = (self._given % 251, self._given % 241, self._given % 239)
        return changed

    def image(self) -> Image:
        """The next one."""
        return Image.of(self.pixels())


PAIRS = {
    "detect, YOLO11n at 640": lambda: yolo("yolo11n.yaml"),
    "detect, YOLO11n-seg at 640": lambda: yolo("yolo11n-seg.yaml"),
    "segment, SAM, a new picture": lambda: sam(same_picture=False),
    "segment, SAM, the same picture": lambda: sam(same_picture=True),
    "ocr, PP-OCRv6": rapid_ocr,
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
