"""The loop: LangGraph graph, state, limits, evidence, trace, and the agent that people use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .agent import Agent
    from .answer import Answer, Evidence, Usage
    from .events import Event
    from .limits import Limits
    from .session import Session
    from .trace import Trace

__all__ = ["Agent", "Answer", "Event", "Evidence", "Limits", "Session", "Trace", "Usage"]

_HOMES = {
    "Agent": "agent",
    "Answer": "answer",
    "Event": "events",
    "Evidence": "answer",
    "Limits": "limits",
    "Session": "session",
    "Trace": "trace",
    "Usage": "answer",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
