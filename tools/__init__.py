"""What can be done: the `Tool` contract, the registry, the hosts and the tools themselves.

The names are loaded when they are first used. The decorator `tool` shares its name with the module that defines it; it
is imported as `from lavr.tools.tool import tool`, or `from lavr import tool`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cache import ResultCache
    from .calls import Observation, ToolCall, ToolResult
    from .hints import Box, Point
    from .hosts.base import Host
    from .hosts.inline import InlineHost
    from .hosts.worker import WorkerHost
    from .registry import Toolbox, default_tools
    from .runner import ToolRunner
    from .spec import Effect, ToolCard, ToolSpec
    from .tool import Tool, tool_factory

__all__ = [
    "Box",
    "Effect",
    "Host",
    "InlineHost",
    "Observation",
    "Point",
    "ResultCache",
    "Tool",
    "ToolCall",
    "ToolCard",
    "ToolResult",
    "ToolRunner",
    "ToolSpec",
    "Toolbox",
    "WorkerHost",
    "default_tools",
    "tool_factory",
]

_MODULES = {
    "Box": "hints",
    "Effect": "spec",
    "Host": "hosts.base",
    "InlineHost": "hosts.inline",
    "Observation": "calls",
    "Point": "hints",
    "ResultCache": "cache",
    "Tool": "tool",
    "ToolCall": "calls",
    "ToolCard": "spec",
    "ToolResult": "calls",
    "ToolRunner": "runner",
    "ToolSpec": "spec",
    "Toolbox": "registry",
    "WorkerHost": "hosts.worker",
    "default_tools": "registry",
    "tool_factory": "tool",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
