"""What further prompts on a picture cost after the first one, and what the tool adds to the bare library.

    python benchmarks/sam_prompts.py [--model vit_b] [--threads 32]

A SAM of its real architecture with random weights, so that nothing is downloaded, behind the tool `segment` in this
process, beside `SamPredictor` of segment-anything on the same network and picture. Where others use the processor too,
look at CPU seconds. It ends with 1 when the second prompt costs more than a twentieth of the first, or when ten prompts
embed the picture more than once.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from segment_anything import SamPredictor, sam_model_registry

from lavr.tools.models.pool import shared_pool
from lavr.tools.models.segmenters.embeddings import shared_embeddings
from lavr.tools.models.segmenters.segment_anything import segment_anything
from lavr.tools.segment import segment_tool
from lavr.vision.image import Image
from lavr.vision.region import Region

SIZE = (1280, 960)
LIMIT = 0.05
REPEATS = 5


def picture(seed: int) -> Image:
    """A picture of soft blotches."""
    coarse = np.random.default_rng(seed).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    return Image.of(np.ascontiguousarray(cv2.resize(coarse, SIZE, interpolation=cv2.INTER_CUBIC), dtype=np.uint8))


def regions_on(image: Image, count: int) -> list[Region]:
    """Boxes on a picture."""
    return [Region(image, (100.0 + 20 * n, 80.0 + 15 * n, 700.0 + 25 * n, 500.0 + 20 * n)) for n in range(count)]


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds of some work."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.process_time() - cpu, time.perf_counter() - wall


def told(what: str, took: tuple[float, float]) -> None:
    """Print a line."""
    print(f"{what:<46} {took[0]:8.3f} s CPU {took[1]:8.3f} s wall")


def medians(works: list[tuple[float, float]]) -> tuple[float, float]:
    """The medians of CPU and wall seconds."""
    return statistics.median(each[0] for each in works), statistics.median(each[1] for each in works)


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="vit_b", choices=["vit_b", "vit_l", "vit_h"])
    parser.add_argument("--threads", type=int, default=32)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / f"sam_{options.model}.pth"
        torch.manual_seed(0)
        torch.save(sam_model_registry[options.model]().state_dict(), weights)
        return measured(str(weights), options.threads)


def measured(weights: str, threads: int) -> int:
    """Measure the tool with some weights, then the library; 1 when a limit is passed."""
    tool, pooled, image = segment_tool(weights=weights, host="inline"), segment_anything(weights), picture(1)
    runs: list[int] = []
    module: Any = shared_pool().run(pooled, lambda network: network.module)
    module.image_encoder.register_forward_hook(lambda *_: runs.append(1))
    print(f"{Path(weights).stem} on {module.device}, torch {torch.__version__}, picture {SIZE[0]} x {SIZE[1]}")

    def ask(on: Image, count: int = 1, first: int = 0) -> Callable[[], object]:
        return lambda: tool.observe(image=on, regions=regions_on(on, first + count)[first:])

    first = seconds(ask(image))
    later = medians([seconds(ask(image, first=n)) for n in range(1, REPEATS + 1)])
    told("tool: first prompt on a picture", first)
    told("tool: second prompt on the same picture", later)
    other = picture(2)
    before = len(runs)
    told("tool: ten prompts in one call on a new picture", seconds(ask(other, 10)))
    embedded = len(runs) - before
    predictor = SamPredictor(module)
    kept = shared_embeddings().bytes / len(shared_embeddings()) / 2**20
    told("library: set_image", seconds(lambda: predictor.set_image(image.pixels())))
    box = np.array(regions_on(image, 1)[0].xyxy)
    told(
        "library: predict",
        medians([seconds(lambda: predictor.predict(box=box, multimask_output=False)) for _ in range(REPEATS)]),
    )
    in_threads(ask, image, threads)
    print(
        f"second / first: {later[0] / first[0]:.2%} of the CPU seconds, {later[1] / first[1]:.2%} of the wall seconds"
    )
    print(f"the encoder ran {embedded} time(s) for ten prompts; an embedding takes {kept:.1f} MiB")
    return int(later[0] > LIMIT * first[0] or embedded != 1)


def in_threads(ask: Callable[..., Callable[[], object]], image: Image, threads: int) -> None:
    """Compare calls one by one with the same calls at the same time."""
    calls = [ask(image, first=n) for n in range(threads)]
    told(f"tool: {threads} calls one by one", seconds(lambda: [call() for call in calls]))
    with ThreadPoolExecutor(threads) as pool:
        told(f"tool: {threads} calls at the same time", seconds(lambda: list(pool.map(lambda call: call(), calls))))


if __name__ == "__main__":
    sys.exit(main())
