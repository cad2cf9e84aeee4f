"""The one door through which files of weights are read: whatever is in them, none of their code runs.

Files of torch (.pt, .pth, .bin) and pickles (.pkl) are read by torch's restricted unpickler, which makes tensors and
plain containers and nothing else; numpy's (.npy, .npz) without object arrays; safetensors have no code at all. Before a
library sees a file it is looked at: no pipe, device or folder, and no archive that unpacks to more than it holds.
"""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import EnvironmentLacks, MissingModel, WeightsRefused
from ...extras import need
from .memory import is_out_of_memory, ram_bytes

TORCH = (".pt", ".pth", ".bin", ".pkl")
SUFFIXES = (*TORCH, ".npy", ".npz", ".safetensors")

PARTS = 200_000
"""More parts than any archive of weights has."""

SAFE = "Save it as safetensors, or as a plain state dict: torch.save(model.state_dict(), path)."


def load_weights(path: str | Path) -> Any:
    """What a file of weights holds, on the CPU.

    Args:
        path: a .pt, .pth, .bin, .pkl, .npy, .npz or .safetensors file.

    Returns:
        For safetensors and .npz files a dict from names to tensors or arrays, for .npy an array, for files of torch
        what was saved: usually a state dict.

    Raises:
        MissingModel: when nothing is there.
        WeightsRefused: when it is damaged, is no such file, or would need code to run.
        EnvironmentLacks: when memory runs out.
        MissingExtra: when torch is not installed, and the file needs it.
    """
    checked = checked_file(path, SUFFIXES)
    load = _LOADERS.get(checked.suffix.lower(), _torch)
    try:
        return load(checked)
    except (WeightsRefused, EnvironmentLacks):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise EnvironmentLacks(
                f"Memory ran out for {checked}.", remedy="Free memory, or take a smaller model."
            ) from error
        raise refused(checked, f"cannot be read safely: {_reason(error)}") from error


def checked_file(path: str | Path, suffixes: tuple[str, ...] = SUFFIXES) -> Path:
    """A file that a library may be given; nothing of it is loaded.

    Raises:
        MissingModel: when nothing is there.
        WeightsRefused: when it is no regular file, is empty, has another suffix, or is an archive that unpacks to more
            than it can hold.
    """
    file = Path(path).expanduser()
    try:
        status = file.stat()
    except (OSError, ValueError) as error:
        raise MissingModel(f"There is no file {file}.", remedy="Check the path.", path=str(file)) from error
    if not stat.S_ISREG(status.st_mode):
        raise refused(file, "is no regular file", "Give a file.")
    if file.suffix.lower() not in suffixes:
        raise refused(file, f"is none of {', '.join(suffixes)}")
    if not status.st_size:
        raise refused(file, "is empty", "Fetch it anew.")
    _check_archive(file, status.st_size)
    return file


def refused(file: Path, why: str, remedy: str = "") -> WeightsRefused:
    """The error for a file that is not loaded."""
    return WeightsRefused(f"The weights {file} are refused: the file {why}.", remedy=remedy or SAFE, path=str(file))


def _check_archive(file: Path, size: int) -> None:
    """Refuse an archive that would fill the memory. Torch packs nothing: its parts are no larger than the file."""
    try:
        if not zipfile.is_zipfile(file):
            return
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise refused(file, f"is a damaged archive: {_first_line(error)}", "Fetch it anew.") from error
    unpacked = sum(part.file_size for part in parts)
    most = (ram_bytes() or 1 << 33) // 2 if file.suffix.lower() == ".npz" else size
    if unpacked > most or len(parts) > PARTS:
        raise refused(file, f"unpacks to {unpacked:,} bytes in {len(parts):,} parts, though it has {size:,}")


def _torch(file: Path) -> Any:
    torch = need("torch", extra="models")
    return torch.load(file, map_location="cpu", weights_only=True)


def _safetensors(file: Path) -> Any:
    need("torch", extra="models")
    return need("safetensors.torch", extra="models").load_file(file)


def _npy(file: Path) -> Any:
    import numpy as np

    with file.open("rb") as opened:
        _check_header(file, opened, file.stat().st_size)
        opened.seek(0)
        return np.lib.format.read_array(opened, allow_pickle=False)


def _npz(file: Path) -> Any:
    import numpy as np

    arrays = {}
    with zipfile.ZipFile(file) as archive:
        for part in archive.infolist():
            if not part.filename.endswith(".npy"):
                raise refused(file, f"has a part that is no array: {part.filename[:80]!r}")
            with archive.open(part) as opened:
                _check_header(file, opened, part.file_size)
            with archive.open(part) as opened:
                arrays[part.filename.removesuffix(".npy")] = np.lib.format.read_array(opened, allow_pickle=False)
    return arrays


def _check_header(file: Path, opened: Any, size: int) -> None:
    """Refuse an array that is said to be larger than what there is: numpy makes room for it before it reads."""
    import math

    from numpy.lib import format as npy

    version = npy.read_magic(opened)
    read: Callable[..., Any] = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(opened)
    if dtype.hasobject:
        raise refused(file, "holds Python objects, whose code would run")
    if math.prod(shape) * dtype.itemsize > size:
        raise refused(file, f"is said to hold an array of {shape} {dtype}, which is more than it has")


_LOADERS: dict[str, Callable[[Path], Any]] = {".npy": _npy, ".npz": _npz, ".safetensors": _safetensors}


def _reason(error: BaseException) -> str:
    """What was met, without the advice that torch gives, which is to do without its restricted unpickler."""
    met = re.search(r"(?:GLOBAL|function) ([\w.]+)", str(error))
    if met is not None:
        return f"it calls for {met[1]}, which is no tensor"
    return "it is no plain pickle of torch" if "Unsupported operand" in str(error) else _first_line(error)


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].partition(". ")[0][:200].rstrip(".?") if lines else type(error).__name__
