"""Memory: how much there is, how much models may take, and whether an error says that it ran out."""

from __future__ import annotations

import ctypes
import gc
import os
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from ...errors import UsageError

OF_RAM, OF_GPU = 0.5, 0.85
"""The part of the memory that models may take where nothing else is said: other programs need RAM too."""

UNKNOWN_RAM = 4 * 1024**3
"""Bytes, where the system does not tell."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(%|[kmgt]?i?b?)", re.IGNORECASE)
_STEPS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_RAN_OUT = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "insufficient memory",
    "failed to allocate memory",
    "bad_alloc",
    "bad allocation",
    "status_alloc_failed",  # cuBLAS and cuDNN on a GPU that is nearly full
)


def ram_bytes() -> int:
    """Main memory, the limit of a container counted; 0 where the system does not tell."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0
    limit = Path("/sys/fs/cgroup/memory.max")
    allowed = limit.read_text().strip() if limit.is_file() else "max"
    return min(total, int(allowed)) if allowed.isdigit() else total


def budget_for(device: str) -> int:
    """Bytes that models may take on a device: what `LAVR_MEMORY` says, else half of the RAM or most of a GPU's memory.

    Raises:
        UsageError: when `LAVR_MEMORY` is no size.
    """
    total = device_bytes(device)
    said = os.environ.get("LAVR_MEMORY", "").strip()
    return bytes_in(said, total) if said else int(total * (OF_GPU if device.startswith("cuda") else OF_RAM))


def device_bytes(device: str) -> int:
    """The memory of a device; that of an Apple GPU is the RAM."""
    if device.startswith("cuda"):
        torch: Any = import_module("torch")
        return int(torch.cuda.mem_get_info(device)[1])
    return ram_bytes() or UNKNOWN_RAM


def bytes_in(text: str, total: int) -> int:
    """The number of bytes that `6GB`, `512 MiB` or `40%` (of `total`) means. All units are powers of 1024."""
    found = _SIZE.fullmatch(text.strip())
    if found is None or float(found[1]) <= 0:
        raise UsageError(f"{text!r} is no size of memory.", remedy="Write LAVR_MEMORY=6GB, 512MB or 40%.")
    number, unit = float(found[1]), found[2].lower()
    return int(number / 100 * total) if unit == "%" else int(number * 1024 ** _STEPS[unit.rstrip("ib")])


def network_bytes(network: Any) -> int:
    """Bytes of the parameters and buffers of a torch module; what several share is counted once."""
    storages = {}
    for tensor in (*network.parameters(), *network.buffers()):
        storage = tensor.untyped_storage()
        storages[tensor.device, storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, in the words of Python, torch, onnxruntime or OpenCV."""
    if isinstance(error, MemoryError):
        return True
    torch: Any = sys.modules.get("torch")
    kind = getattr(torch, "OutOfMemoryError", None)
    if isinstance(kind, type) and isinstance(error, kind):
        return True
    if not isinstance(error, RuntimeError) and type(error).__module__.partition(".")[0] not in {"cv2", "onnxruntime"}:
        return False
    said = str(error).lower()
    return any(words in said for words in _RAN_OUT)


def give_back(*, collect: bool) -> None:
    """Give memory that is no longer used back to the system and to the GPU.

    Args:
        collect: whether to look for objects that hold on to each other as well, which takes a while.
    """
    if collect:
        gc.collect()
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)  # glibc keeps what was freed in pools of its own; musl has no such function, and needs none
