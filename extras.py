"""Packages that are not part of the core: loaded where they are needed, missed with the line that installs them.

Some of them report to their makers, install packages or fetch files unasked. Their own switches against that are
environment variables that they read when they are imported, so they are set right before, unless the user has set them.
"""

from __future__ import annotations

import importlib
import os
from types import ModuleType

from .errors import MissingExtra

_HUB = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}
SWITCHES = {
    "ultralytics": {
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "YOLO_VERBOSE": "false",
        "ULTRALYTICS_SAFE_LOAD": "1",
    },
    "huggingface_hub": _HUB,
    "transformers": _HUB,
    "gradio": {"GRADIO_ANALYTICS_ENABLED": "False"},
    "paddleocr": {**_HUB, "PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK": "True"},
}
"""What is switched off, by package: telemetry, installing and fetching unasked, loading pickles that run code."""


def need(module: str, *, extra: str) -> ModuleType:
    """Import a package that comes with an extra of lavr.

    Args:
        module: what to import, such as "supervision".
        extra: the extra that brings it, as in `pip install "lavr[extra]"`.

    Raises:
        MissingExtra: when the package is not installed; the remedy is the command that installs it.
    """
    switch_off(module)
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.split(".")[0]:
            raise  # it is installed; one of its own dependencies is missing, and its message says which
        remedy = f'pip install "lavr[{extra}]"'
        raise MissingExtra(f"The package {module} is not installed.", remedy=remedy, module=module) from error


def switch_off(module: str) -> None:
    """Set what keeps a package that is about to be imported from doing anything unasked."""
    for name, value in SWITCHES.get(module.split(".")[0], {}).items():
        os.environ.setdefault(name, value)
