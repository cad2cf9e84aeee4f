"""A planner of any chat model of LangChain."""

from __future__ import annotations

from .planner import LangChainPlanner

__all__ = ["LangChainPlanner"]
