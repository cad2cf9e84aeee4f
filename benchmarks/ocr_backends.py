"""The backends of `ocr` beside each other, and the embedded one under many threads.

    python benchmarks/ocr_backends.py [--receipts FOLDER]

For each backend: seconds of the first call, which loads its models, and of a picture after that (in brackets those of
the processor), and the most memory that its process held. Then how many characters differ between the two, and how long
32 pictures take one after the other and by 32 threads on one model. PaddleOCR is left out where its host is not made.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from lavr.tools.calls import ToolCall
from lavr.tools.hosts.environments import environment
from lavr.tools.hosts.worker import WorkerHost
from lavr.tools.models.page import read_page
from lavr.tools.models.rapid import RapidText
from lavr.tools.ocr import Backend, ocr_tool
from lavr.tools.registry import Toolbox
from lavr.tools.runner import ToolRunner
from lavr.vision.image import Image
from lavr.vision.scene import Scene
from lavr.vision.store import Pixels

SAMPLES = Path(__file__).resolve().parents[1] / "demos" / "images"
MOST_DIFFERENT = 0.02
THREADS = 32


@dataclass(frozen=True)
class Read:
    """What a backend read, and what that took."""

    texts: list[str]
    first_s: float
    first_processor_s: float
    wall_s: float
    processor_s: float
    memory_mb: int


def read(backend: Backend, files: Sequence[Path]) -> Read:
    """Read the pictures in a process that does nothing else."""
    tool = ocr_tool(backend=backend)
    host = WorkerHost(threads=1) if backend == "rapid" else environment(backend).worker()
    runner = ToolRunner(Toolbox([tool]), hosts={tool.host: host})
    try:
        first_s = call(runner, files[0])[1]
        process = Path(f"/proc/{host.pids[0]}")
        before, began = processor_s(process), time.perf_counter()
        texts = [call(runner, file)[0] for file in files]
        wall_s, used_s = time.perf_counter() - began, processor_s(process) - before
        peak = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmHWM"))
        memory_mb = int(peak.split()[1]) // 1024
        return Read(texts, first_s, before, wall_s / len(files), used_s / len(files), memory_mb)
    finally:
        host.close()


def call(runner: ToolRunner, file: Path) -> tuple[str, float]:
    """The text on a picture, and the seconds that it took."""
    scene = Scene()
    image = scene.add_image(Image.open(file, store=scene.store))
    result = runner.run(ToolCall("c1", "ocr", {"image": image.handle}), scene)
    if result.observation is None:
        raise result.error or RuntimeError("no result")
    return result.observation.text, result.seconds


def processor_s(process: Path) -> float:
    """Seconds of all processors that a process used."""
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def threads() -> bool:
    """Time one model under many threads, the best of three; whether they are no slower and say the same."""
    model, pictures = RapidText(), [ticket(number) for number in range(THREADS)]
    read_page(model, pictures[0])
    serial_s, threads_s, same = [], [], True
    for _ in range(3):
        began = time.perf_counter()
        serial = [texts(model, picture) for picture in pictures]
        serial_s.append(time.perf_counter() - began)
        began = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            same &= list(pool.map(lambda picture: texts(model, picture), pictures)) == serial
        threads_s.append(time.perf_counter() - began)
    print(f"{THREADS} pictures: one after the other {min(serial_s):.2f} s, by {THREADS} threads {min(threads_s):.2f} s")
    return same and min(threads_s) <= min(serial_s)


def texts(model: RapidText, picture: Pixels) -> list[tuple[str, float]]:
    """The lines on a picture and their scores."""
    return [(line.reading.text, line.reading.score) for line in read_page(model, picture).lines]


def ticket(number: int) -> Pixels:
    """A small picture with a number on it."""
    pixels = np.full((60, 260, 3), 255, dtype=np.uint8)
    cv2.putText(pixels, f"Ticket {number * 7919 % 1000}", (12, 42), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2)
    return pixels


def main() -> int:
    """Print the figures; 1 when the backends differ by too much, or threads are slower."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--receipts", type=Path, default=os.environ.get("LAVR_RECEIPTS"))
    folder = parser.parse_args().receipts
    files = sorted(SAMPLES.glob("*.png")) + (sorted(Path(folder).glob("*.jpg")) if folder else [])
    backends: list[Backend] = ["rapid", "paddle"] if environment("paddle").made else ["rapid"]
    found = {backend: read(backend, files) for backend in backends}
    for backend, one in found.items():
        print(
            f"{backend:<7} first call {one.first_s:5.2f} s ({one.first_processor_s:.2f} s of processor), "
            f"then {one.wall_s:5.2f} s a picture ({one.processor_s:.2f}), at most {one.memory_mb} MB"
        )
    good = True
    if "paddle" in found:
        pairs = list(zip(found["rapid"].texts, found["paddle"].texts, strict=True))
        different = sum(Levenshtein.distance(one, other) for one, other in pairs)
        count = sum(len(one) for one, _ in pairs)
        print(f"characters that differ: {different} of {count} ({different / count:.2%}; at most {MOST_DIFFERENT:.0%})")
        good = different <= MOST_DIFFERENT * count
    else:
        print(f"paddle  not made: {environment('paddle').command}")
    return 0 if threads() and good else 1


if __name__ == "__main__":
    sys.exit(main())
