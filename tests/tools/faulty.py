"""Every shipped tool, with a fault in the place of its function; a worker makes them again from here."""

from __future__ import annotations

import ctypes
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from lavr.demos.tool_examples import every_tool
from lavr.errors import MissingModel
from lavr.tools.calls import Observation
from lavr.tools.tool import Tool, tool_factory
from lavr.vision.image import Image
from lavr.vision.mask import Mask
from lavr.vision.region import Region

TIMEOUT_S = 0.5
NO_ERROR = ""


@dataclass(frozen=True)
class Fault:
    """What a tool does wrong.

    Attributes:
        does: the function that takes the place of the tool's own; it gets a picture.
        error: the name of the error that a planner reads; empty where the result can be put right.
        said: a part of the error's cause, or of the notes where there is no error.
        deadly: whether it ends a process, or holds it up for good: such tools belong in a worker.
    """

    does: Callable[[Image], object]
    error: str
    said: str
    deadly: bool = False


class Odd(BaseException):
    """No `Exception`: `except Exception` lets it pass."""


def _raise(error: BaseException) -> Callable[[Image], object]:
    def does(_: Image) -> object:
        raise error

    return does


def _forged(**fields: object) -> Callable[[Image], object]:
    """A region whose fields were changed behind the back of its checks."""

    def does(image: Image) -> object:
        region = Region(image, (1.0, 2.0, 3.0, 4.0), label="forged")
        for name, value in fields.items():
            object.__setattr__(region, name, value)
        return region

    return does


FAULTS: dict[str, Fault] = {
    "raises": Fault(_raise(ValueError("no luck")), "ToolFailed", "ValueError: no luck"),
    "lacks_a_model": Fault(
        _raise(MissingModel("No weights.", remedy="lavr models pull")), "MissingModel", "No weights."
    ),
    "no_exception": Fault(_raise(Odd("odd")), "ToolFailed", "Odd: odd"),
    "sys_exit": Fault(lambda _: sys.exit(3), "ToolFailed", "SystemExit: 3"),
    "hangs": Fault(lambda _: time.sleep(2), "ToolTimeout", f"did not end within {TIMEOUT_S:g} s"),
    "hangs_in_c": Fault(
        lambda _: re.match(r"(a+)+$", "a" * 60 + "b"), "ToolTimeout", "ended with its process", deadly=True
    ),
    "exits": Fault(lambda _: os._exit(3), "ToolCrashed", "exit code 3", deadly=True),
    "segfault": Fault(lambda _: ctypes.string_at(0), "ToolCrashed", "SIGSEGV", deadly=True),
    "gigabyte": Fault(lambda _: {"rows": ["x" * 1_000_000] * 1000}, "ToolFailed", "more than 1,000,000 bytes"),
    "huge_picture": Fault(lambda _: np.broadcast_to(np.uint8(0), (20_000, 20_000, 3)), "ImageTooLarge", "20,?000"),
    "huge_text": Fault(lambda _: "x" * 5_000_000, NO_ERROR, "The text was cut to 20,000 of"),
    "nan_box": Fault(_forged(xyxy=(float("nan"), 0.0, 1.0, 1.0)), "InvalidRegion", "four finite numbers"),
    "inverted_box": Fault(_forged(xyxy=(9.0, 0.0, 1.0, 1.0)), "InvalidRegion", "ends before it begins"),
    "box_outside": Fault(
        lambda image: Observation("x", (Region(image, (9e4, 0, 9e4 + 1, 1)),), (image,)), NO_ERROR, "1 region outside"
    ),
    "wrong_mask": Fault(_forged(mask=Mask((2, 2), (4,))), "InvalidRegion", "The mask is"),
    "wrong_size": Fault(lambda image: replace(image, size_wh=(7, 7)), "ToolFailed", "said to be 7 x 7 pixels"),
    "stranger": Fault(lambda image: Region(replace(image, lineage="x"), (0, 0, 1, 1)), "ToolFailed", "nobody knows"),
    "not_json": Fault(lambda _: Observation("x", data={"a": object()}), "ToolFailed", "no JSON"),  # type: ignore[dict-item] # the fault
    "nothing": Fault(lambda _: None, NO_ERROR, ""),
    "another_type": Fault(lambda _: {1, 2}, "ToolFailed", "gave back a set"),
    "wrong_fields": Fault(lambda _: Observation(text=5), "ToolFailed", "whose text is an int"),  # type: ignore[arg-type] # the fault
}


@cache
def shipped() -> dict[str, Tool]:
    """Every tool that lavr brings, by name."""
    return {tool.name: tool for tool in every_tool()}


@tool_factory
def faulty(*, tool: str, fault: str) -> Tool:
    """A shipped tool as planners see it, with a fault for its function. What is deadly runs in a worker."""
    sound, does = shipped()[tool], FAULTS[fault].does

    def function(**arguments: Any) -> object:
        return does(next(_pictures(arguments.values()), _blank()))

    return replace(
        sound,
        spec=replace(sound.spec, name=f"{tool}-{fault}"),
        function=function,
        timeout_s=TIMEOUT_S if "hangs" in fault else 120.0,
        host="worker" if FAULTS[fault].deadly else sound.host,
        cacheable=False,
        retries=0,
    )


def _pictures(values: Any) -> Iterator[Image]:
    for value in values:
        if isinstance(value, Image):
            yield value
        elif isinstance(value, Region):
            yield value.image
        elif isinstance(value, list | tuple):
            yield from _pictures(value)


def _blank() -> Image:
    """For tools that take no picture."""
    return Image.of(np.zeros((10, 10, 3), np.uint8))
