"""A tool made again in another process, from its recipe."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Mapping
from functools import reduce
from types import ModuleType
from typing import Any

from ...errors import EnvironmentLacks, LavrError, UsageError
from ..recipe import RECIPE
from ..tool import Tool, tool

MAIN = "__lavr_main__"
"""What the parent's script is called here, so that its `if __name__ == "__main__"` does not run."""

loading: list[str] = []
"""The modules that are being loaded: a worker host must not start from there, or it would start without end."""


def rebuild(recipe: Mapping[str, Any]) -> Tool:
    """The tool of a recipe.

    Raises:
        EnvironmentLacks: when its module needs a package that this interpreter does not have.
        UsageError: when its module cannot be loaded or has no such name.
    """
    module = _module(str(recipe["module"]), str(recipe["file"]))
    try:
        found: Any = reduce(getattr, str(recipe["qualname"]).split("."), module)
    except AttributeError as error:
        raise UsageError(
            f"{recipe['module']} has no {recipe['qualname']} at its top level: {error}.",
            remedy="Define the tool at the top level of a module, under its own name.",
        ) from error
    made = (
        found if recipe["config"] is None else found(**{name: _part(each) for name, each in recipe["config"].items()})
    )
    return made if isinstance(made, Tool) else tool(made)


def _part(value: Any) -> Any:
    """An argument of a factory: as it is, or the tool that it is the recipe of."""
    return rebuild(value[RECIPE]) if isinstance(value, Mapping) and RECIPE in value else value


def _module(name: str, file: str) -> ModuleType:
    loading.append(name)
    try:
        return _import(name) if _is_importable(name, file) else _load(name, file)
    except ModuleNotFoundError as error:
        raise EnvironmentLacks(
            f"{sys.executable} has no module {error.name!r}, which {name} needs.",
            remedy=f"{sys.executable} -m pip install {str(error.name).partition('.')[0]}",
        ) from error
    except LavrError:
        raise
    except Exception as error:
        raise UsageError(
            f"{file or name} cannot be loaded in a worker: {type(error).__name__}: {error}.",
            remedy='Keep what should only run as a program under `if __name__ == "__main__":`.',
        ) from error
    finally:
        loading.pop()


def _is_importable(name: str, file: str) -> bool:
    """Whether the name leads to the very file that the parent has."""
    if not file:
        return True
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return False
    return spec is not None and spec.origin is not None and os.path.realpath(spec.origin) == os.path.realpath(file)


def _import(name: str) -> ModuleType:
    return importlib.import_module(name)


def _load(name: str, file: str) -> ModuleType:
    known = MAIN if name == "__main__" else name
    if known in sys.modules and getattr(sys.modules[known], "__file__", None) == file:
        return sys.modules[known]
    spec = importlib.util.spec_from_file_location(known, file)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file} is no Python file.", remedy="Define the tool in one.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[known] = module
    spec.loader.exec_module(module)
    return module
