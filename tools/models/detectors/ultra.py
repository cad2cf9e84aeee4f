"""Ultralytics, imported the way lavr wants it: no telemetry, no installing, no downloads, no code out of weights.

Its code is AGPL-3.0 (or a paid licence): it is an extra, imported where somebody chose a YOLO and nowhere else. It
reads its switches from the environment when it is imported, patches `torch.save`, `cv2.imread` and `PIL.Image.open`
for the whole process, and sets the threads of OpenCV: one more reason to run its models in a worker.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

from ....extras import need
from ....hub import models_folder
from ..weights import cache_folder

LICENCE = "Ultralytics' code is AGPL-3.0, or a paid licence: whoever serves it to others must publish their own code."

_SWITCHES = {
    "YOLO_OFFLINE": "true",  # no events to Google Analytics, no look whether there is a newer version
    "YOLO_AUTOINSTALL": "false",  # no pip install while a model is loaded
    "YOLO_VERBOSE": "false",
    "ULTRALYTICS_SAFE_LOAD": "1",  # a .pt file is a pickle: only the known classes of networks are made from it
}
_importing = threading.Lock()


def ultralytics() -> Any:
    """The module `ultralytics`, with its switches set.

    Raises:
        MissingExtra: when it is not installed.
    """
    with _importing:
        first = "ultralytics" not in sys.modules
        os.environ.update(_SWITCHES)
        if first:
            os.environ["YOLO_CONFIG_DIR"] = str(_settings_folder())
        module: Any = need("ultralytics", extra="yolo")
        # A program that imported it before us did not set the switches; its settings are its own business.
        need("ultralytics.nn.tasks", extra="yolo").SAFE_LOAD = True
        if first:
            _settle(module)
    return module


def encoder_folder() -> Path:
    """Where Ultralytics looks for the text encoders of its open-vocabulary networks."""
    return models_folder() or cache_folder()


def _settle(module: Any) -> None:
    wanted = {"sync": False, "weights_dir": str(encoder_folder())}
    if any(module.settings[key] != value for key, value in wanted.items()):
        module.settings.update(wanted)
    need("ultralytics.utils", extra="yolo").WEIGHTS_DIR = encoder_folder()


def _settings_folder() -> Path:
    """Where it keeps its settings, made if need be: it complains about a folder that is not there."""
    folder = cache_folder().parent / "ultralytics"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
