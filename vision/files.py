"""Reading a file that a stranger named: regular files only, never a device, and never waiting for one."""

from __future__ import annotations

import difflib
import errno
import itertools
import os
import stat
from pathlib import Path

from ..errors import CorruptImage, ForbiddenSource, ImageError, ImageNotFound, NotAnImage
from .limits import Limits

FORBIDDEN_ROOTS = ("/proc", "/dev", "/sys")
"""Folders whose files are the kernel talking, not pictures."""

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a FIFO (named pipe)"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
)
_NEIGHBOURS = 2000  # names looked at for "did you mean"


def shown(name: str, most: int = 80) -> str:
    """A name fit for one line of a message: printable, at most `most` characters, in quotes."""
    line = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
    kept = most // 2 - 2
    return f"'{line}'" if len(line) <= most else f"'{line[:kept]}...{line[-kept:]}'"


def read_file(path: str, limits: Limits) -> bytes:
    """The bytes of a regular file. It is checked by name before opening, and by descriptor after.

    Raises:
        ImageNotFound: nothing is there, or it cannot be read from the disk.
        ForbiddenSource: under a forbidden root, not permitted, or with a NUL in its name.
        NotAnImage: a directory, FIFO, socket or device, or an empty file.
        ImageTooLarge: more bytes than the limit.
        CorruptImage: the disk gave back an error.
    """
    if "\0" in path:
        raise ForbiddenSource(f"The path {shown(path)} holds a NUL byte.", remedy="Give the path without it.")
    try:
        # By name first: opening some devices has effects of its own.
        _check_root(os.path.realpath(path), path)
        _check_regular(os.stat(path).st_mode, path)
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            return _read_descriptor(file.fileno(), path, limits)
    except OSError as error:
        raise _refusal(path, error) from error


def _read_descriptor(descriptor: int, path: str, limits: Limits) -> bytes:
    """The name may have been pointed elsewhere between check and opening, so what is open is checked again."""
    state = os.fstat(descriptor)
    _check_root(_opened_path(descriptor, path), path)
    _check_regular(state.st_mode, path)
    limits.check_bytes(state.st_size, shown(Path(path).name))
    pieces, left = [], limits.file_bytes + 1
    while left > 0 and (piece := os.read(descriptor, min(left, 1 << 20))):
        pieces.append(piece)
        left -= len(piece)
    content = b"".join(pieces)
    limits.check_bytes(len(content), shown(Path(path).name))
    return content


def _opened_path(descriptor: int, path: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:  # not Linux: the name is all there is
        return os.path.realpath(path)


def _check_root(real: str, path: str) -> None:
    for root in FORBIDDEN_ROOTS:
        if real == root or real.startswith(root + os.sep):
            raise ForbiddenSource(
                f"{shown(path)} lies under {root}, where no pictures are read.",
                remedy="Copy the picture to a folder of your own.",
                path=real,
            )


def _check_regular(mode: int, path: str) -> None:
    if stat.S_ISREG(mode):
        return
    kind = next((kind for test, kind in _KINDS if test(mode)), "not a regular file")
    raise NotAnImage(
        f"{shown(path)} is {kind}, not an image file.", remedy="Give the path of an image file.", kind=kind
    )


def _refusal(path: str, error: OSError) -> ImageError:
    name = shown(path)
    if isinstance(error, PermissionError):
        return ForbiddenSource(f"{name} may not be read: permission denied.", remedy="Allow reading it.", path=path)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return ImageNotFound(f"There is no file {name}.", remedy=_did_you_mean(path), path=path)
    if error.errno in {errno.ENAMETOOLONG, errno.ELOOP}:
        reason = "its name is too long" if error.errno == errno.ENAMETOOLONG else "its links lead in a circle"
        return ImageNotFound(f"There is no file {name}: {reason}.", remedy="Check the path.", path=path[:200])
    return CorruptImage(f"{name} cannot be read: {error.strerror}.", remedy="Check the disk it is on.", path=path)


def _did_you_mean(path: str) -> str:
    folder, name = os.path.split(path)
    if os.path.islink(path):
        return "It is a link whose target is gone."
    try:
        with os.scandir(folder or ".") as entries:
            names = [entry.name for entry in itertools.islice(entries, _NEIGHBOURS)]
    except OSError:  # the folder is missing as well
        return f"Check the path: the folder {shown(folder)} is not there either."
    close = difflib.get_close_matches(name, names, n=1)
    # The whole path, for people to copy.
    return f"Did you mean {shown(os.path.join(folder, close[0]), most=4096)}?" if close else "Check the path."
