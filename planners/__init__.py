"""Who decides: the contract of planners, the built-in one, the scripted one, and the choice among them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import (
        Citation,
        Conversation,
        Decision,
        Draft,
        ImagePart,
        Kind,
        Message,
        Planner,
        Role,
        TextPart,
        Tokens,
    )
    from .builtin import BuiltinPlanner
    from .choose import Choice, choose_planner
    from .scripted import ScriptedPlanner

_HOMES = {
    "BuiltinPlanner": ".builtin",
    "Choice": ".choose",
    "Citation": ".base",
    "Conversation": ".base",
    "Decision": ".base",
    "Draft": ".base",
    "ImagePart": ".base",
    "Kind": ".base",
    "Message": ".base",
    "Planner": ".base",
    "Role": ".base",
    "ScriptedPlanner": ".scripted",
    "TextPart": ".base",
    "Tokens": ".base",
    "choose_planner": ".choose",
}

__all__ = [
    "BuiltinPlanner",
    "Choice",
    "Citation",
    "Conversation",
    "Decision",
    "Draft",
    "ImagePart",
    "Kind",
    "Message",
    "Planner",
    "Role",
    "ScriptedPlanner",
    "TextPart",
    "Tokens",
    "choose_planner",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
