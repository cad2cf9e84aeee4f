"""Where models run, with the reason."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...errors import EnvironmentLacks, UsageError

KINDS = ("cpu", "cuda", "mps")


@dataclass(frozen=True, slots=True)
class Device:
    """A device and why it was taken.

    Attributes:
        name: as torch calls it: "cpu", "cuda:0", "mps".
        reason: in words.
        remedy: what would give a better one; empty when there is nothing to do.
    """

    name: str
    reason: str
    remedy: str = ""


def choose_device(wanted: str = "auto") -> Device:
    """The device for models.

    Args:
        wanted: "cpu", "cuda", "cuda:1", "mps", or "auto": what `LAVR_DEVICE` says, else the GPU with the most free
            memory, else the CPU.

    Raises:
        UsageError: for a name that no device has.
        EnvironmentLacks: for one that this machine does not have.
    """
    named = wanted if wanted != "auto" else os.environ.get("LAVR_DEVICE", "auto") or "auto"
    if named == "auto":
        return _best()
    if named.partition(":")[0] not in KINDS:
        raise UsageError(f"There is no device {named!r}.", remedy="There are: auto, cpu, cuda, cuda:0 ..., mps.")
    why = "it was asked for" if wanted != "auto" else "LAVR_DEVICE says so"
    if named == "cpu":
        return Device("cpu", why)
    best = _best()
    kind, _, number = named.partition(":")
    if best.name.partition(":")[0] != kind:
        raise EnvironmentLacks(
            f"The device {named} is not here: {best.reason}.", remedy=best.remedy or "Take device='auto'.", device=named
        )
    if number and number not in _numbers(kind):
        there = ", ".join(f"{kind}:{each}" for each in _numbers(kind))
        raise EnvironmentLacks(f"There is no {named} here, but {there}.", remedy="Take one of them.", device=named)
    return Device(best.name if named == "cuda" else named, why)


def _numbers(kind: str) -> list[str]:
    """The numbers that devices of a kind have on this machine."""
    torch: Any = import_module("torch")
    return [str(number) for number in range(torch.cuda.device_count() if kind == "cuda" else 1)]


def _best() -> Device:
    if find_spec("torch") is None:
        remedy = 'pip install "lavr[local]"' if has_nvidia() else ""
        return Device("cpu", "torch is not installed; OCR runs on onnxruntime's CPU", remedy)
    torch: Any = import_module("torch")
    if torch.cuda.is_available():
        index = max(range(torch.cuda.device_count()), key=lambda each: torch.cuda.mem_get_info(each)[0])
        return Device(f"cuda:{index}", f"torch {torch.__version__} sees {torch.cuda.get_device_name(index)}")
    if torch.backends.mps.is_available():
        return Device("mps", f"torch {torch.__version__} sees an Apple GPU")
    if has_nvidia():
        return Device(
            "cpu",
            f"there is an NVIDIA driver, but torch {torch.__version__} sees no GPU",
            "Install a torch built for your CUDA: https://pytorch.org/get-started",
        )
    return Device("cpu", f"torch {torch.__version__} sees no GPU")


def has_nvidia() -> bool:
    """Whether a driver for NVIDIA GPUs is loaded."""
    return Path("/proc/driver/nvidia/version").exists()
