"""Files of weights that want to run code, to fill the memory, or to be waited for; made when they are asked for."""

from __future__ import annotations

import builtins
import io
import os
import pickle
import struct
import subprocess
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True)
class Hostile:
    """A file that must be refused.

    Attributes:
        name: its name; the suffix chooses the door.
        make: writes it; gets its path and the marker that its payload touches.
        armed: whether it has a payload that a careless reader runs.
    """

    name: str
    make: Callable[[Path, Path], None]
    armed: bool = True


class Calls:
    """Pickles into a call of a function."""

    def __init__(self, function: Callable[..., Any], *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self.call


class ArmedModule(torch.nn.Linear):
    """A module whose state does something when it is set."""

    def __init__(self, marker: Path) -> None:
        super().__init__(1, 1)
        self.marker = str(marker)

    def __setstate__(self, state: dict[str, Any]) -> None:
        Path(state["marker"]).touch()
        self.__dict__.update(state)


def shell(marker: Path) -> Calls:
    return Calls(os.system, f"touch {marker}")


def evaluated(marker: Path) -> Calls:
    return Calls(builtins.eval, f"__import__('pathlib').Path({str(marker)!r}).touch()")


def executed(marker: Path) -> Calls:
    return Calls(builtins.exec, f"open({str(marker)!r}, 'w').close()")


def started(marker: Path) -> Calls:
    return Calls(subprocess.call, ("touch", str(marker)))


def got_by_name(marker: Path) -> Calls:
    """The function is not named: it is got from a module by `getattr`, and called by `map`."""
    return Calls(list, Calls(map, Calls(getattr, Calls(__import__, "os"), "system"), [f"touch {marker}"]))


def plain(payload: Callable[[Path], object], protocol: int = 4) -> Callable[[Path, Path], None]:
    """A bare pickle."""
    return lambda path, marker: _write(path, pickle.dumps(payload(marker), protocol))


def archive(payload: Callable[[Path], object]) -> Callable[[Path, Path], None]:
    """An archive of torch, with a harmless tensor beside the payload."""
    return lambda path, marker: torch.save({"weight": torch.ones(3), "extra": payload(marker)}, path)


def checkpoint(path: Path, marker: Path) -> None:
    """What ultralytics takes for one of its checkpoints."""
    torch.save({"model": ArmedModule(marker), "ema": None, "train_args": {}, "version": "8.4.0"}, path)


def raw_opcodes(path: Path, marker: Path) -> None:
    """A pickle written by hand, in the oldest protocol: no library would have made it."""
    _write(path, b"cposix\nsystem\n(S'touch " + str(marker).encode() + b"'\ntR.")


def nested_load(path: Path, marker: Path) -> None:
    """A pickle that is harmless by itself, and asks torch to load another one without care."""
    inner = path.with_name("inner.bin")
    _write(inner, pickle.dumps(shell(marker)))
    _write(path, pickle.dumps(Calls(_load_carelessly, str(inner))))


def _load_carelessly(path: str) -> Any:
    return torch.load(path, weights_only=False)


def objects(path: Path, marker: Path) -> None:
    np.save(path, np.array([shell(marker), 1], dtype=object), allow_pickle=True)


def objects_in_archive(path: Path, marker: Path) -> None:
    np.savez(path, fine=np.ones(3), evil=np.array([shell(marker)], dtype=object))


def pickle_in_archive(path: Path, marker: Path) -> None:
    with zipfile.ZipFile(path, "w") as archived:
        archived.writestr("weight.pkl", pickle.dumps(shell(marker)))


def truncated(path: Path, marker: Path) -> None:
    archive(shell)(path, marker)
    _write(path, path.read_bytes()[:-200])


def packed_bomb(path: Path, _: Path) -> None:
    """A thousandth of what it unpacks to."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archived:
        archived.writestr("archive/data.pkl", pickle.dumps({}))
        for number in range(8):
            archived.writestr(f"archive/data/{number}", b"\0" * (1 << 22))


def folded_bomb(path: Path, _: Path) -> None:
    """An archive whose parts all are the same bytes of the file."""
    with zipfile.ZipFile(path, "w") as archived:
        archived.writestr("archive/data/0", b"\0" * (1 << 20))
        first = archived.infolist()[0]
        for number in range(1, 200):
            twin = zipfile.ZipInfo(f"archive/data/{number}")
            for field in ("header_offset", "compress_size", "file_size", "CRC", "compress_type", "create_system"):
                setattr(twin, field, getattr(first, field))
            archived.filelist.append(twin)
            archived.NameToInfo[twin.filename] = twin


def array_bomb(path: Path, _: Path) -> None:
    """A header of 128 bytes that announces an exabyte."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (2**57,)})
    _write(path, header.getvalue())


def array_bomb_in_archive(path: Path, marker: Path) -> None:
    inner = path.with_suffix(".npy")
    array_bomb(inner, marker)
    with zipfile.ZipFile(path, "w") as archived:
        archived.write(inner, "weight.npy")


def tensor_bomb(path: Path, _: Path) -> None:
    """A header of safetensors that announces more than there is."""
    header = b'{"weight":{"dtype":"F64","shape":[1000000000000],"data_offsets":[0,8000000000000]}}'
    _write(path, struct.pack("<Q", len(header)) + header)


def endless_header(path: Path, _: Path) -> None:
    _write(path, struct.pack("<Q", 2**63) + b"{}")


def nested(path: Path, _: Path) -> None:
    """Lists in lists, deeper than Python's stack."""
    depth = 200_000
    _write(path, b"\x80\x02" + b"]" * depth + b"a" * (depth - 1) + b".")


def scripted(path: Path, _: Path) -> None:
    """A TorchScript archive: code of its own kind."""
    with warnings.catch_warnings(action="ignore"):  # torch would rather export
        trace: Any = torch.jit.trace
        torch.jit.save(trace(torch.nn.Linear(2, 2), torch.ones(1, 2)), str(path))


def pipe(path: Path, _: Path) -> None:
    queue = path.with_name("queue")
    os.mkfifo(queue)
    path.symlink_to(queue)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


HOSTILE = (
    Hostile("system.pkl", plain(shell)),
    Hostile("eval.pt", plain(evaluated, protocol=2)),
    Hostile("exec_old.pth", plain(executed, protocol=2)),
    Hostile("process.bin", plain(started)),
    Hostile("by_name.pkl", plain(got_by_name, protocol=2)),
    Hostile("by_hand.bin", raw_opcodes),
    Hostile("nested_load.pth", nested_load),
    Hostile("archive_system.pt", archive(shell)),
    Hostile("archive_exec.pth", archive(executed)),
    Hostile("archive_process.bin", archive(started)),
    Hostile("module.pt", archive(ArmedModule)),
    Hostile("checkpoint.pt", checkpoint),
    Hostile("objects.npy", objects),
    Hostile("objects.npz", objects_in_archive),
    Hostile("pickle_in_archive.npz", pickle_in_archive),
    Hostile("pickle.npy", plain(shell)),
    Hostile("pickle.npz", plain(evaluated)),
    Hostile("pickle.safetensors", plain(shell)),
    Hostile("archive.safetensors", archive(shell)),
    Hostile("weights.onnx", plain(shell)),
    Hostile("truncated.pt", truncated, armed=False),
    Hostile("packed_bomb.pt", packed_bomb, armed=False),
    Hostile("folded_bomb.pth", folded_bomb, armed=False),
    Hostile("bomb.npy", array_bomb, armed=False),
    Hostile("bomb.npz", array_bomb_in_archive, armed=False),
    Hostile("bomb.safetensors", tensor_bomb, armed=False),
    Hostile("header.safetensors", endless_header, armed=False),
    Hostile("nested.pkl", nested, armed=False),
    Hostile("script.pt", scripted, armed=False),
    Hostile("pipe.pt", pipe, armed=False),
    Hostile("zero.bin", lambda path, _: path.symlink_to("/dev/zero"), armed=False),
    Hostile("folder.pt", lambda path, _: path.mkdir(), armed=False),
    Hostile("empty.pth", lambda path, _: path.touch(), armed=False),
    Hostile("page.pt", lambda path, _: _write(path, b"<!doctype html><title>404</title>"), armed=False),
)
