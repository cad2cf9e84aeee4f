"""Packages that are not part of the core: loaded where they are needed, missed with the line that installs them."""

from __future__ import annotations

import importlib
from types import ModuleType

from .errors import MissingExtra


def need(module: str, *, extra: str) -> ModuleType:
    """Import a package that comes with an extra of lavr.

    Args:
        module: what to import, such as "supervision".
        extra: the extra that brings it, as in `pip install "lavr[extra]"`.

    Raises:
        MissingExtra: when the package is not installed; the remedy is the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.split(".")[0]:
            raise  # it is installed; one of its own dependencies is missing, and its message says which
        remedy = f'pip install "lavr[{extra}]"'
        raise MissingExtra(f"The package {module} is not installed.", remedy=remedy, module=module) from error
