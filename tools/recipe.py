"""How another process makes a tool again: by name, and for configured tools with their configuration."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..errors import InvalidTool
from ..jsonable import Json, JsonObject, canonical

RECIPE = "$recipe"
"""The key of a tool among the arguments of a factory, in JSON."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Where a tool's function, or the factory that makes it, is found.

    Attributes:
        module: the module's name; that of a script is `__main__`.
        qualname: the name within the module.
        file: the module's source file; empty for functions typed into an interpreter.
        config: the factory's arguments as plain JSON, or None when `qualname` names the tool itself. An argument that
            is a tool is there as its own recipe.
        bound: whether it is a method of an object, which no other process has.
    """

    module: str
    qualname: str
    file: str = ""
    config: Mapping[str, Json | Recipe] | None = None
    bound: bool = False

    @classmethod
    def of(cls, function: Callable[..., object], config: Mapping[str, Json | Recipe] | None = None) -> Recipe:
        """The recipe of a function. Raises `InvalidTool` for configuration that is not JSON."""
        plain = inspect.unwrap(function)
        code = getattr(plain, "__code__", None)
        if config is not None:
            _check_json(function.__name__, config)
        return cls(
            module=_importable_name(function.__module__),
            qualname=function.__qualname__,
            file=_file(code.co_filename if code else ""),
            config=None if config is None else dict(config),
            bound=inspect.ismethod(function),
        )

    @property
    def obstacle(self) -> str:
        """Why no other process can make the tool again; empty when it can."""
        if "<lambda>" in self.qualname:
            return "it is a lambda, which has no name to find it by"
        if "<locals>" in self.qualname:
            return "it is defined inside another function"
        if self.bound:
            return "it is a method of an object"
        if not self.file:
            return "it was typed into an interpreter, not written in a file"
        for name, part in (self.config or {}).items():
            if isinstance(part, Recipe) and part.obstacle:
                return f"its {name} cannot: {part.obstacle}"
        return ""

    def to_json(self) -> JsonObject:
        """Plain JSON, for another process and for cache keys."""
        return {"module": self.module, "qualname": self.qualname, "file": self.file, "config": self._plain_config()}

    def __str__(self) -> str:
        config = "" if self.config is None else f"({canonical(self._plain_config())})"
        return f"{self.module}:{self.qualname}{config}"

    def _plain_config(self) -> JsonObject | None:
        if self.config is None:
            return None
        return {
            name: {RECIPE: value.to_json()} if isinstance(value, Recipe) else value
            for name, value in self.config.items()
        }


def _check_json(factory: str, config: Mapping[str, Json | Recipe]) -> None:
    for name, value in config.items():
        try:
            canonical(None if isinstance(value, Recipe) else value)
        except (TypeError, ValueError) as error:
            raise InvalidTool(
                f"{factory}: the setting {name!r} is of type {type(value).__name__}, which is not JSON.",
                remedy="Configure tools with text, numbers, lists and dicts, so that a worker can make them again.",
            ) from error


def _importable_name(module: str) -> str:
    """The name under which a module run with `python -m` can be imported; any other name as it is."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    return spec.name if module == "__main__" and spec is not None else module


def _file(name: str) -> str:
    from pathlib import Path

    path = Path(name)
    return str(path.resolve()) if name and not name.startswith("<") and path.is_file() else ""
