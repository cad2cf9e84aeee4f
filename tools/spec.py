"""What a planner sees of a tool: its name, its card and the JSON schema of its arguments. Never its code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ..jsonable import Json, JsonObject


class Effect(Enum):
    """What a tool does to the world outside the session."""

    READS = "reads"
    WRITES = "writes"


@dataclass(frozen=True, slots=True)
class ToolCard:
    """What a person or a model must know to choose a tool.

    Attributes:
        purpose: what it is for, one sentence.
        avoid: when not to use it; may be empty.
        limits: what it cannot do; may be empty.
        example: arguments of one good call, plain JSON.
    """

    purpose: str
    avoid: str = ""
    limits: str = ""
    example: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as planners see it.

    Attributes:
        name: what a call names.
        card: what for, when not, limits, one example.
        parameters: JSON schema (draft 2020-12) of an object. Images are strings with `"format": "image"`, regions
            strings with `"format": "region"`, boxes arrays of four numbers with `"format": "xyxy"`, points arrays of
            two with `"format": "xy"`.
        effect: whether it only reads or also writes.
        finds: the things whose places it can find ("circle", "person"), in the singular; `("*",)` for a tool that
            takes the names of things as its argument `labels`; empty for a tool that finds no things. The built-in
            planner asks tools that find things about them.
    """

    name: str
    card: ToolCard
    parameters: Mapping[str, Json]
    effect: Effect = Effect.READS
    finds: tuple[str, ...] = ()

    def to_json(self) -> JsonObject:
        """The specification as plain JSON."""
        return {
            "name": self.name,
            "purpose": self.card.purpose,
            "avoid": self.card.avoid,
            "limits": self.card.limits,
            "example": dict(self.card.example),
            "parameters": dict(self.parameters),
            "effect": self.effect.value,
            "finds": list(self.finds),
        }
