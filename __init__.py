"""LLM-aided visual reasoning: an agent that plans, looks with vision tools, and answers with evidence.

    from lavr import Agent
    answer = Agent().ask("receipt.png", "What is the total?")
    print(answer.text, answer.evidence[0].region.xyxy)

Everything here is loaded when it is first used, so that importing lavr costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .agent.agent import Agent
    from .agent.answer import Answer, Evidence
    from .agent.limits import Limits
    from .agent.session import Session
    from .agent.trace import Trace
    from .errors import LavrError
    from .planners.base import Citation, Decision, Draft
    from .planners.scripted import ScriptedPlanner
    from .tools.calls import Observation, ToolCall
    from .tools.hints import Box
    from .tools.registry import default_tools
    from .tools.tool import Tool, tool
    from .vision.image import Image
    from .vision.region import Region
    from .vision.regions import Regions
    from .vision.store import ImageStore

__version__ = "0.1.0"

__all__ = [
    "Agent",
    "Answer",
    "Box",
    "Citation",
    "Decision",
    "Draft",
    "Evidence",
    "Image",
    "ImageStore",
    "LavrError",
    "Limits",
    "Observation",
    "Region",
    "Regions",
    "ScriptedPlanner",
    "Session",
    "Tool",
    "ToolCall",
    "Trace",
    "__version__",
    "default_tools",
    "tool",
]

_HOMES = {
    "Agent": "agent.agent",
    "Answer": "agent.answer",
    "Box": "tools.hints",
    "Citation": "planners.base",
    "Decision": "planners.base",
    "Draft": "planners.base",
    "Evidence": "agent.answer",
    "Image": "vision.image",
    "ImageStore": "vision.store",
    "LavrError": "errors",
    "Limits": "agent.limits",
    "Observation": "tools.calls",
    "Region": "vision.region",
    "Regions": "vision.regions",
    "ScriptedPlanner": "planners.scripted",
    "Session": "agent.session",
    "Tool": "tools.tool",
    "ToolCall": "tools.calls",
    "Trace": "agent.trace",
    "default_tools": "tools.registry",
    "tool": "tools.tool",
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
