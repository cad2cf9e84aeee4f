"""What a worker process costs a small call, beside the same call inline.

    python benchmarks/host_overhead.py

A tool that takes a 1-megapixel picture by handle and reads one pixel; the picture is in the store already. Printed are
the medians of 200 calls each, through the whole runner (binding, host, checks), and their difference.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np

from lavr.tools.calls import ToolCall
from lavr.tools.hosts.worker import WorkerHost
from lavr.tools.registry import Toolbox
from lavr.tools.runner import ToolRunner
from lavr.tools.tool import tool
from lavr.vision.image import Image
from lavr.vision.scene import Scene

CALLS = 200
LIMIT_MS = 3.0


@tool
def corner(image: Image) -> str:
    """Tell the colour of the top-left pixel.

    Args:
        image: the picture.
    """
    return str(image.pixels()[0, 0].tolist())


def median_ms(runner: ToolRunner, scene: Scene) -> float:
    """The median of `CALLS` calls, after one that warms up."""
    call = ToolCall("c1", "corner", {"image": "img_1"})
    seconds = []
    for _ in range(CALLS + 1):
        began = time.perf_counter()
        result = runner.run(call, scene)
        seconds.append(time.perf_counter() - began)
        if result.error is not None:
            raise result.error
    return statistics.median(seconds[1:]) * 1000


def main() -> int:
    """Print the medians; 1 when the difference is beyond the limit."""
    scene = Scene()
    noise = np.random.default_rng(1).integers(0, 256, (1000, 1000, 3), dtype=np.uint8)
    scene.add_image(Image.of(noise, store=scene.store))
    host = WorkerHost(store=scene.store, threads=1)
    medians = {}
    for name in ("inline", "worker"):
        runner = ToolRunner(Toolbox([corner.on(name)]), hosts={"worker": host})
        medians[name] = median_ms(runner, scene)
        print(f"{name:<8}{medians[name]:7.3f} ms a call (median of {CALLS})")
    host.close()
    overhead = medians["worker"] - medians["inline"]
    print(f"overhead{overhead:7.3f} ms (at most {LIMIT_MS:g})")
    return 0 if overhead <= LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
