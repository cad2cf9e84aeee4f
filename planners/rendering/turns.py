"""What a model reads and looks at: turns of text and prepared pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from ...vision.frame import SizeWh
from ...vision.image import Image
from ...vision.units import CoordinateUnit
from ..base import Decision, Role


@dataclass(frozen=True, slots=True)
class View:
    """One picture as it is handed to a model: the whole, an overview, or a tile of a picture.

    Attributes:
        image: the picture whose pixels are handed over; its lineage says where a tile lies.
        shown_wh: the size the model really sees it at.
        tokens: the visual tokens it costs.
    """

    image: Image
    shown_wh: SizeWh
    tokens: int


TurnPart: TypeAlias = str | View


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as a model reads it.

    Attributes:
        role: who speaks.
        parts: text and pictures in order; text is neutralised already (no role marker or special token survives).
        decision: of a turn of the planner: what it said, in canonical form.
        call_id: of a turn of a tool: the call that it answers.
    """

    role: Role
    parts: tuple[TurnPart, ...]
    decision: Decision | None = None
    call_id: str = ""

    @property
    def views(self) -> tuple[View, ...]:
        """Its pictures."""
        return tuple(part for part in self.parts if isinstance(part, View))

    @property
    def text(self) -> str:
        """Its text, joined."""
        return "\n".join(part for part in self.parts if isinstance(part, str))


@runtime_checkable
class Eyes(Protocol):
    """How a model sees: its unit, the size it sees a picture at, and what that costs.

    A text-only model has eyes that are shut: `views` gives nothing, and the renderer says so in words.
    """

    @property
    def unit(self) -> CoordinateUnit:
        """The unit in which it reads and writes boxes."""
        ...

    def shown_wh(self, image: Image) -> SizeWh:
        """The size at which it really sees the whole picture."""
        ...

    def views(self, image: Image) -> tuple[View, ...]:
        """The picture as it is handed over: the whole, or an overview and tiles."""
        ...
