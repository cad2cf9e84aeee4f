"""Where a model runs and in which precision, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ...errors import EnvironmentLacks, UsageError
from ...extras import need

ROOM = 1.2
"""A model needs this much more than its weights, for what it computes and remembers."""

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how.

    Attributes:
        device: "cpu", "cuda:0", "mps".
        dtype: "float32", "bfloat16" or "float16".
        reason: in words.
    """

    device: str
    dtype: str
    reason: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What this machine has free.

    Attributes:
        cpu_bytes: of main memory.
        gpu_bytes: of the GPU's; 0 without one.
        gpu: the device's name for torch; empty without one.
        gpu_dtype: the half precision that it computes in.
    """

    cpu_bytes: int
    gpu_bytes: int = 0
    gpu: str = ""
    gpu_dtype: str = "bfloat16"


def this_machine() -> Machine:
    """What is free now."""
    import torch

    free = int(need("psutil", extra="local").virtual_memory().available)
    if torch.cuda.is_available():
        index = max(range(torch.cuda.device_count()), key=lambda each: torch.cuda.mem_get_info(each)[0])
        half = "bfloat16" if torch.cuda.get_device_capability(index) >= (8, 0) else "float16"
        return Machine(free, int(torch.cuda.mem_get_info(index)[0]), f"cuda:{index}", half)
    if torch.backends.mps.is_available():
        return Machine(free, free, "mps", "float16")
    return Machine(free)


def choose_place(
    parameters: int,
    *,
    device: str = "auto",
    dtype: str = "auto",
    machine: Machine,
    bytes_each: float | None = None,
    unpacked: bool = False,
) -> Place:
    """Where a model of so many parameters goes.

    A GPU on which it fits in half precision; else the CPU, in float32 when that fits (it is exact, and as fast as
    bfloat16 on most CPUs) and in bfloat16 otherwise.

    Args:
        parameters: how many; 0 when unknown.
        device: "auto", or where it has to go.
        dtype: "auto", or its precision.
        machine: what is free.
        bytes_each: bytes of a parameter when it is quantised.
        unpacked: whether the weights are unpacked to float32, as those of GGUF files are, unless a dtype is given.

    Raises:
        EnvironmentLacks: when it fits nowhere.
        UsageError: for an unknown dtype.
    """
    if dtype != "auto" and dtype not in BYTES:
        raise UsageError(f"There is no dtype {dtype!r}.", remedy=f"There are: auto, {', '.join(BYTES)}.")
    choices = _choices(device, dtype, machine) if dtype != "auto" or not unpacked else _unpacked(device, machine)
    for place, free in choices:
        need = parameters * (bytes_each or BYTES[place.dtype]) * ROOM
        if need <= free:
            why = f"{parameters / 1e9:.2f} billion parameters need {need / GIB:.1f} GiB, {free / GIB:.1f} are free"
            return Place(place.device, place.dtype, f"{place.reason}; {why}")
    last, free = choices[-1]
    need = parameters * (bytes_each or BYTES[last.dtype]) * ROOM
    raise EnvironmentLacks(
        f"The model needs {need / GIB:.1f} GiB in {last.dtype}; {free / GIB:.1f} GiB are free on {last.device}.",
        remedy='Take a smaller model, dtype="bfloat16", quantization="4bit" on a GPU, or free memory.',
        needed=need,
        free=free,
    )


def _choices(device: str, dtype: str, machine: Machine) -> list[tuple[Place, int]]:
    choices: list[tuple[Place, int]] = []
    on_gpu = device.startswith(("cuda", "mps")) or (device == "auto" and machine.gpu)
    if on_gpu:
        where = machine.gpu if device in {"auto", "cuda"} and machine.gpu else device
        chosen = machine.gpu_dtype if dtype == "auto" else dtype
        said = "its fastest precision" if dtype == "auto" else "asked for"
        found = "a GPU is there" if device == "auto" else f"{device} was asked for"
        choices.append((Place(where, chosen, f"{where}: {found}; {chosen}: {said}"), machine.gpu_bytes))
    if device in {"auto", "cpu"}:
        found = "asked for" if device == "cpu" else ("the GPU is too small" if machine.gpu else "there is no GPU")
        reasons = {"float32": "exact, and no slower on most CPUs", "bfloat16": "float32 would not fit"}
        for each in ("float32", "bfloat16") if dtype == "auto" else (dtype,):
            why = reasons[each] if dtype == "auto" else "asked for"
            choices.append((Place("cpu", each, f"cpu: {found}; {each}: {why}"), machine.cpu_bytes))
    if not choices:
        raise UsageError(f"There is no device {device!r}.", remedy="There are: auto, cpu, cuda, cuda:0 ..., mps.")
    return choices


def _unpacked(device: str, machine: Machine) -> list[tuple[Place, int]]:
    return [
        (
            replace(
                place, reason=place.reason.replace("float32: asked for", "float32: what a GGUF file is unpacked to")
            ),
            free,
        )
        for place, free in _choices(device, "float32", machine)
    ]


def parameters_in(files: Any) -> int:
    """How many parameters are stored, by the headers of the safetensors or the GGUF file; 0 when they do not tell."""
    return _gguf_parameters(files) if files.gguf else _safetensors_parameters(files)


def _gguf_parameters(files: Any) -> int:
    from gguf import GGUFReader

    return sum(int(tensor.n_elements) for tensor in GGUFReader(files.folder / files.gguf).tensors)


def _safetensors_parameters(files: Any) -> int:
    import math

    from safetensors import safe_open

    count = 0
    for path in files.folder.glob("*.safetensors"):
        with safe_open(path, framework="pt") as stored:
            count += sum(math.prod(stored.get_slice(name).get_shape()) for name in stored.keys())  # noqa: SIM118
    return count
