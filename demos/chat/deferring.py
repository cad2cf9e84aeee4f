"""Modules that are imported when something of them is used, for what a program imports and mostly never uses."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any

_leaving = threading.Lock()


class Deferred(ModuleType):
    """Stands for a module until something of it is asked for, other than what every module has.

    Not for a package of which a module two levels down is the first thing that is imported: Python would run the level
    between twice.

    Args:
        name: of the module.
        functions: what is imported from it by name; each stands for the function until it is called.
    """

    def __init__(self, name: str, functions: Sequence[str] = ()) -> None:
        super().__init__(name)
        self.settled = False
        self.__dict__.update({each: _standing_for(name, each) for each in functions})

    def __getattr__(self, asked: str) -> Any:
        # Who imports a function by name looks whether it is a module of this one; who lists modules looks for files.
        if asked.startswith("__") and asked not in (("__path__", "__version__", "__all__") if self.settled else ()):
            raise AttributeError(asked)
        return getattr(real(self.__name__), asked)


@contextmanager
def deferring(modules: Mapping[str, Sequence[str]]) -> Iterator[None]:
    """Leave modules out of what is imported here, unless they are known already.

    Args:
        modules: their names, each with the functions that are imported from it by name.
    """
    standing = [Deferred(name, functions) for name, functions in modules.items() if name not in sys.modules]
    sys.modules.update({each.__name__: each for each in standing})
    try:
        yield
    finally:
        for each in standing:
            _settle(each)


def real(name: str) -> ModuleType:
    """The module of a name, which is imported for it where another stands in its place."""
    with _leaving:
        if isinstance(sys.modules.get(name), Deferred):
            del sys.modules[name]
    return importlib.import_module(name)


def _settle(standing: Deferred) -> None:
    """Let a module be found where importing it would have put it, unless it is there by now."""
    name = standing.__name__
    if sys.modules.get(name) is not standing:
        return
    package, _, own = name.rpartition(".")
    within = sys.modules.get(package)
    around = within.__spec__ if within is not None else None  # its `__path__` would import one that is left out itself
    spec = PathFinder.find_spec(name, around.submodule_search_locations if around is not None else None)
    if spec is None:
        del sys.modules[name]  # it is not installed, or its package could not be imported
        return
    standing.settled, standing.__spec__ = True, spec
    if within is not None:
        setattr(within, own, standing)


def _standing_for(module: str, name: str) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:
        return getattr(real(module), name)(*args, **named)

    call.__name__ = call.__qualname__ = name
    return call
