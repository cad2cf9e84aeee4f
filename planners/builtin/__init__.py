"""The built-in planner: a small question grammar, no model and no download."""

from .planner import BuiltinPlanner

__all__ = ["BuiltinPlanner"]
