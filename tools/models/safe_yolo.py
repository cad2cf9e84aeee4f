"""The door to ultralytics: its safe mode on, nothing fetched, installed or reported, and its patches taken back.

ultralytics reads its switches when it is imported, so everything that uses it comes through here. The package is under
the AGPL-3.0 (or a licence that is paid for): who serves it to others gives them the source of the whole.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from ...errors import EnvironmentLacks, UsageError
from ...extras import SWITCHES, need
from .memory import is_out_of_memory
from .safe_loading import checked_file, refused
from .weights import cache_folder

PATCHED = (("PIL.Image", "open"), ("cv2", "imread"), ("cv2", "imwrite"), ("cv2", "imshow"), ("torch", "save"))
"""Functions of other libraries that ultralytics replaces for the whole process."""

_importing = threading.Lock()


def safe_yolo_environment() -> None:
    """Set the switches of ultralytics; it must not be imported yet, unless it was with its safe mode on.

    Raises:
        UsageError: when it was imported before, without its safe mode.
    """
    os.environ.update(SWITCHES["ultralytics"])
    # Its settings would be written beside those of the user, who may want others for his own work with it.
    os.environ.setdefault("YOLO_CONFIG_DIR", str(cache_folder().parent / "ultralytics"))
    utils: Any = sys.modules.get("ultralytics.utils")
    if utils is not None and not utils.SAFE_LOAD:
        raise UsageError(
            "ultralytics was imported without its safe mode, in which files of weights cannot run code.",
            remedy="Set ULTRALYTICS_SAFE_LOAD=1 before it is imported, or run the tool in the worker host.",
        )


def yolo_library() -> ModuleType:
    """The package ultralytics, imported with its switches set.

    Raises:
        MissingExtra: when it is not installed.
        EnvironmentLacks: with a torch so old that ultralytics drops its safe mode without a word.
        UsageError: when it was imported before, without its safe mode.
    """
    with _importing:
        safe_yolo_environment()
        with _patches_taken_back():
            library = need("ultralytics", extra="yolo")
            _check_torch()
            library.YOLO  # noqa: B018 - it is imported lazily, and patches more
            if library.settings["sync"]:
                library.settings.update({"sync": False})
    return library


def _check_torch() -> None:
    """Refuse a torch without which ultralytics reads files of weights as pickles, its safe mode or not."""
    if not hasattr(import_module("torch").serialization, "get_unsafe_globals_in_checkpoint"):
        raise EnvironmentLacks(
            "This torch is too old to read weights of ultralytics without running what is in them.",
            remedy='pip install "torch>=2.8"',
        )


def load_yolo(path: str | Path) -> Any:
    """A model of ultralytics from a file: a `YOLO` object, on the CPU.

    Args:
        path: a .pt file. Names without a file are refused: ultralytics would go to the network for them.

    Raises:
        MissingExtra: when ultralytics is not installed.
        MissingModel: when there is no such file.
        WeightsRefused: when it is damaged, no checkpoint of ultralytics, or would run code.
        UsageError: when ultralytics was imported before, without its safe mode.
    """
    file = checked_file(path, (".pt",)).absolute()
    library = yolo_library()
    _check_name(file)
    try:
        return library.YOLO(str(file))
    except Exception as error:
        if is_out_of_memory(error):
            raise
        said = " ".join(str(error).split())[:300] or type(error).__name__
        raise refused(file, f"cannot be loaded safely as a checkpoint of ultralytics: {said}") from error


def _check_name(file: Path) -> None:
    """Refuse a name that ultralytics changes, since it would not find the file and go to the network for it."""
    checks = import_module("ultralytics.utils.checks")
    wanted = checks.check_yolov5u_filename(str(file).strip().replace("'", ""), verbose=False)
    if str(Path(wanted)) != str(file):
        raise refused(file, f"would be looked for as {Path(wanted).name}", "Rename it.")


@contextmanager
def _patches_taken_back() -> Iterator[None]:
    """Within it a library may replace functions and set threads for the whole process; afterwards all is as before."""
    need("torch", extra="yolo")
    cv2 = import_module("cv2")
    functions = [(import_module(module), name) for module, name in PATCHED]
    before = [(module, name, getattr(module, name)) for module, name in functions if hasattr(module, name)]
    threads, omp_threads = cv2.getNumThreads(), os.environ.get("OMP_NUM_THREADS")
    try:
        yield
    finally:
        for module, name, function in before:
            setattr(module, name, function)
        cv2.setNumThreads(threads)
        if omp_threads is None:
            os.environ.pop("OMP_NUM_THREADS", None)
