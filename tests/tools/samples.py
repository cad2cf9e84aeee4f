"""Tools of all kinds, at the top level of a file so that workers can make them again."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from lavr.errors import ToolFailed
from lavr.tools.calls import Observation
from lavr.tools.hints import Box
from lavr.tools.spec import Effect
from lavr.tools.tool import Tool, tool, tool_factory
from lavr.vision.image import Image
from lavr.vision.region import Region


class Mode(Enum):
    FAST = "fast"
    GOOD = "good"


@dataclass
class Grid:
    rows: int
    mode: Mode = Mode.FAST


@tool(example={"image": "img_1", "box": [0, 0, 10, 10]})
def crop(image: Image, box: Box | None = None, scale: Annotated[float, Field(gt=0, le=8)] = 1.0) -> object:
    """Show a part of a picture. It is cut at whole pixels.

    Args:
        image: the picture.
        box: which part; all of it when left out.
        scale: how much larger.
    """
    left, top, right, bottom = (round(value) for value in box or image.box)
    from lavr.vision.frame import Frame

    pixels = np.ascontiguousarray(image.pixels()[top:bottom, left:right])
    part = image.derive(pixels, Frame.shift(left, top), f"crop of {image.handle}")
    return f"{right - left} x {bottom - top} at scale {scale:g}", part


@tool(example={"regions": ["r1"]})
def areas(regions: list[Region], unit: Literal["px", "percent"] = "px", mode: Mode = Mode.FAST) -> dict[str, Any]:
    """Measure regions.

    Args:
        regions: the regions.
        unit: pixels or percent of the picture.
        mode: how well.
    """
    assert isinstance(mode, Mode)
    return {"areas": [region.area for region in regions], "unit": unit, "mode": mode.value}


@tool
def describe(grid: Grid, names: dict[str, list[int]], pair: tuple[int, str] = (1, "a")) -> str:
    """Describe what arrived.

    Args:
        grid: a grid.
        names: numbers by name.
        pair: two things.
    """
    return f"{grid!r} {names!r} {pair!r}"


@tool(timeout_s=5)
def size(image: Image) -> str:
    """Tell the size of a picture.

    Args:
        image: the picture.
    """
    height, width, _ = image.pixels().shape
    return f"{width} x {height}"


@tool
def found(image: Image) -> list[Region]:
    """Find a square.

    Args:
        image: the picture.
    """
    return [Region(image, (1.0, 2.0, 5.0, 6.0), label="square", score=0.5, attributes={"color": "red"})]


@tool
def pid() -> int:
    """Tell the process."""
    return os.getpid()


@tool_factory
def adder(*, step: int = 1) -> Tool:
    """Make a tool that adds a step."""

    @tool(name="add", host="worker", example={"number": 1})
    def add(number: int) -> int:
        """Add the step to a number.

        Args:
            number: the number.
        """
        return number + step

    return add


@tool_factory
def twice(*, inner: Tool) -> Tool:
    """Make a tool that calls another one twice."""

    @tool(name="twice", host="worker", example={"number": 1})
    def apply(number: int) -> int:
        """Call a tool twice.

        Args:
            number: what to begin with.
        """
        return int(inner(inner(number)))

    return apply


# Faults.


@tool(timeout_s=1)
def sleep(seconds: float = 60) -> str:
    """Sleep."""
    time.sleep(seconds)
    return "slept"


@tool(timeout_s=1)
def spin() -> int:
    """Hold the interpreter's lock in C for minutes."""
    return 0 if re.match(r"(a+)+$", "a" * 60 + "b") else 1


@tool
def leave(code: int = 3) -> None:
    """End the process."""
    print("so long", flush=True)  # noqa: T201 - the fault
    os._exit(code)


@tool
def crash() -> bytes:
    """Read address zero."""
    return ctypes.string_at(0)


@tool
def kill() -> None:
    """Kill the process."""
    os.kill(os.getpid(), signal.SIGKILL)


@tool
def fail(message: str = "no luck") -> None:
    """Raise."""
    raise ValueError(message)


@tool
def fail_typed() -> None:
    """Raise an error of lavr."""
    raise ToolFailed("There is no sky.", remedy="Look down.", sky=0)


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("cannot say")


@tool
def fail_unspeakably() -> None:
    """Raise an error that cannot be printed."""
    raise Unspeakable


@tool
def leave_politely() -> None:
    """Call sys.exit."""
    sys.exit("bye")


@tool
def interrupt() -> None:
    """Raise KeyboardInterrupt."""
    raise KeyboardInterrupt


@tool
def huge_text() -> str:
    """Give back a hundred megabytes of text."""
    return "x" * 100_000_000


@tool
def huge_data() -> list[int]:
    """Give back very many numbers."""
    return list(range(1_000_000))


@tool
def huge_picture() -> object:
    """Give back a picture of 400 megapixels."""
    return np.broadcast_to(np.zeros(3, np.uint8), (20_000, 20_000, 3))


@tool
def endless_regions(image: Image) -> list[Region]:
    """Find very many regions."""
    return [Region(image, (0.0, 0.0, 1.0, 1.0))] * 6_000


@tool
def nan_box(image: Image) -> Region:
    """Find something nowhere."""
    return Region(image, (float("nan"), 0.0, 1.0, 1.0))


@tool
def inverted_box(image: Image) -> Region:
    """Find something inside out."""
    return Region(image, (10.0, 0.0, 1.0, 1.0))


@tool
def beyond_box(image: Image) -> list[Region]:
    """Find something at the edge, and something outside."""
    return [Region(image, (-5.0, 2.0, 10.0, 9999.0)), Region(image, (9000.0, 0.0, 9001.0, 1.0))]


@tool
def numpy_numbers(image: Image) -> Observation:
    """Find something, in numpy's numbers."""
    box: Any = np.array([1, 2, 3, 4], dtype=np.float32)
    score: Any = np.float32(0.5)
    return Observation("one", (Region(image, tuple(box), score=score, attributes={"n": np.int64(3)}),))  # type: ignore[dict-item] # the fault


@tool
def nan_score(image: Image) -> Region:
    """Find something, surely or not."""
    return Region(image, (1.0, 2.0, 3.0, 4.0), score=float("nan"))


@tool
def wrong_size(image: Image) -> Image:
    """Give back a picture that lies about its size."""
    from dataclasses import replace

    return replace(image, size_wh=(7, 7))


@tool
def lost_pixels(image: Image) -> Image:
    """Give back a picture whose pixels are nowhere."""
    from dataclasses import replace

    return replace(image, digest="0" * 64)


@tool
def stranger() -> Region:
    """Find something on a picture that nobody knows."""
    return Region(Image.of(np.zeros((4, 4, 3), np.uint8)), (0.0, 0.0, 1.0, 1.0))


@tool
def blank() -> Any:
    """Make a picture, without saying where it is kept."""
    return np.full((8, 8, 3), 7, np.uint8)


@tool
def logo() -> Image:
    """Give back a picture that is kept for all calls."""
    return _logo()


@cache
def _logo() -> Image:
    return Image.of(np.full((6, 6, 3), 9, np.uint8))


@tool
def wrong_type() -> object:
    """Give back a set."""
    return {1, 2}


@tool
def wrong_observation() -> Observation:
    """Give back an observation of the wrong things."""
    return Observation(text=5)  # type: ignore[arg-type] # the fault


@tool
def broken_text() -> str:
    """Give back half a surrogate pair."""
    return "a\ud800b"


@tool
def chatter() -> str:
    """Print garbage."""
    print('\x00\x00\x00{"observation": {}}' * 1000)  # noqa: T201 - the fault
    os.write(1, b"\xff" * 300_000)
    os.write(2, b"\xff" * 300_000)
    return "done"


@tool
def garble() -> str:
    """Write garbage into every descriptor."""
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(descriptor, b"\xff" * 64)
    return "done"


@tool
def close_all() -> str:
    """Close every descriptor."""
    os.closerange(0, 256)
    return "done"


@tool
def close_all_and_sleep() -> str:
    """Close every descriptor and stay."""
    os.closerange(0, 256)
    time.sleep(60)
    return "done"


@tool
def fork() -> str:
    """Leave a child behind that comes back from the function too."""
    return "child" if os.fork() == 0 else "parent"


@tool(timeout_s=1)
def fork_and_hang() -> str:
    """Start children, one of them in a session of its own, and hang."""
    subprocess.Popen(["sleep", "61"])
    subprocess.Popen(["sleep", "62"], start_new_session=True)
    if os.fork() == 0:
        time.sleep(63)
        os._exit(0)
    time.sleep(60)
    return "done"


@tool
def fork_and_die() -> None:
    """Leave children behind and end the process."""
    subprocess.Popen(["sleep", "64"])
    if os.fork() == 0:
        time.sleep(65)
    os._exit(1)


@tool(retries=2)
def flaky(folder: str) -> str:
    """Work the third time."""
    tries = Path(folder) / "tries"
    count = len(tries.read_text()) if tries.exists() else 0
    tries.write_text("x" * (count + 1))
    if count < 2:
        raise OSError("busy")
    return "worked"


_COUNTER = itertools.count(1)


@tool
def counted(image: Image) -> str:
    """Count the calls."""
    return str(next(_COUNTER))


@tool(effect=Effect.WRITES)
def write(note: str) -> str:
    """Write a note."""
    return f"{note} {next(_COUNTER)}"
