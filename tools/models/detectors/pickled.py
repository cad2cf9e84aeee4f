"""What a PyTorch checkpoint says about itself, without running it: its pickle is read as a list of opcodes."""

from __future__ import annotations

import pickletools
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 64 * 1024 * 1024
"""A pickle without its tensors is some hundred kilobytes; one that is larger than this is not read."""

MOST_CLASSES = 100_000


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What was read.

    Attributes:
        network: the name of the first class of Ultralytics' networks in it, such as "DetectionModel"; may be empty.
        names: of the classes that it finds, in order; empty when it does not say.
    """

    network: str = ""
    names: tuple[str, ...] = ()


def peek(file: Path) -> Checkpoint:
    """Read the names of the classes out of a `.pt` file; nothing in it is run. Empty for what cannot be read."""
    try:
        with zipfile.ZipFile(file) as archive:
            entry = next((each for each in archive.infolist() if each.filename.endswith("/data.pkl")), None)
            if entry is None or entry.file_size > MOST_BYTES:
                return Checkpoint()
            return _read(archive.read(entry))
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return Checkpoint()


def _read(pickle: bytes) -> Checkpoint:
    """Follow what the opcodes put on the stack, as far as strings, numbers and their places in the memo go."""
    network, values = "", []
    for value in _values(pickle):
        values.append(value)
        if not network and isinstance(value, str) and value.startswith("ultralytics.nn.tasks "):
            network = value.partition(" ")[2]
    return Checkpoint(network, _names(values))


def _values(pickle: bytes) -> Iterator[object]:
    """The strings and numbers in the order in which they are pushed; `{` where a dict begins, None for all else."""
    memo: dict[int, object] = {}
    last: object = None
    for opcode, argument, _ in pickletools.genops(pickle):
        if opcode.name in {"BINPUT", "LONG_BINPUT", "MEMOIZE"}:
            memo[len(memo) if argument is None else argument] = last
            continue
        if opcode.name in {"BINGET", "LONG_BINGET"}:
            last = memo.get(int(argument or 0))
        elif opcode.name == "EMPTY_DICT":
            last = {}
        elif opcode.name in {"MARK", "SETITEMS", "SETITEM", "FRAME"}:
            continue
        else:
            last = argument if isinstance(argument, str | int) else None
        yield last


def _names(values: list[object]) -> tuple[str, ...]:
    """The largest dict of the numbers from 0 on to strings that follows the key `names`."""
    best: tuple[str, ...] = ()
    for at, value in enumerate(values):
        if value == "names" and at + 1 < len(values) and isinstance(values[at + 1], dict):
            found = tuple(_numbered(values, at + 2))
            best = max(best, found, key=len)
    return best


def _numbered(values: list[object], at: int) -> Iterator[str]:
    for number in range(MOST_CLASSES):
        pair = values[at + 2 * number : at + 2 * number + 2]
        if len(pair) < 2 or pair[0] != number or not isinstance(pair[1], str):
            return
        yield pair[1]
