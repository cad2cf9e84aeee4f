"""Tools that run beside others in one worker process, at the top level of a file so that it can make them again."""

from __future__ import annotations

import os
import time
from pathlib import Path

from lavr.tools.models.pool import PooledModel, shared_pool
from lavr.tools.spec import Effect
from lavr.tools.tool import tool

PATIENCE_S = 20.0


@tool
def meet(folder: str, number: int, count: int) -> dict[str, int]:
    """Wait until so many have come to a folder."""
    Path(folder, f"came{number}").touch()
    _until(lambda: len([*Path(folder).glob("came*")]) >= count)
    return {"number": number, "pid": os.getpid()}


@tool
def twice(number: int) -> int:
    """Double a number, the larger the sooner."""
    time.sleep(0.02 / (1 + number % 7))
    return 2 * number


@tool
def linger(folder: str, number: int) -> dict[str, int]:
    """Note that it began, wait until a file `go` is in the folder, and say in which process it ended."""
    _note(folder, number)
    _until(Path(folder, "go").exists)
    return {"number": number, "pid": os.getpid()}


@tool(effect=Effect.WRITES)
def write(folder: str, number: int) -> str:
    """Do as `linger`, and change the world."""
    _note(folder, number)
    _until(Path(folder, "go").exists)
    return "written"


@tool
def die(folder: str) -> str:
    """End the process, once a file `now` is in the folder."""
    _until(Path(folder, "now").exists)
    os._exit(9)


@tool
def hang() -> str:
    """Never end."""
    time.sleep(3600)
    return ""


@tool
def batched(number: int) -> dict[str, int]:
    """Double a number with a model that takes several at once."""
    doubled, size = shared_pool().batched(MODEL, number, _doubled)
    return {"doubled": doubled, "size": size}


MODEL = PooledModel("doubler", load=str, size=lambda _: 1000, batch=8, device="cpu")


def _doubled(_: str, numbers: list[int]) -> list[tuple[int, int]]:
    time.sleep(0.05)
    return [(2 * number, len(numbers)) for number in numbers]


def _note(folder: str, number: int) -> None:
    Path(folder, f"began{number}-{os.getpid()}").touch()


def _until(there: object) -> None:
    assert callable(there)
    patience = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < patience, "nobody came"
        time.sleep(0.005)
