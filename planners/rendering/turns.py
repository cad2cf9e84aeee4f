"""What a model reads and looks at: turns of text and prepared pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from ...tools.spec import ToolSpec
from ...vision.frame import SizeWh
from ...vision.image import Image
from ...vision.units import CoordinateUnit
from ..base import Conversation, Decision, Role


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


@dataclass(frozen=True, slots=True)
class Fed:
    """What a planner's model is given for a conversation.

    Attributes:
        turns: what the model reads and looks at.
        pictures: how many pictures really go to it.
        visual_tokens: what the pictures became in the token ids that are really fed, as the processor wrote them and
            counted like `View.tokens`; None where a server tokenises.
    """

    turns: tuple[Turn, ...]
    pictures: int
    visual_tokens: int | None = None


@runtime_checkable
class DescribesInput(Protocol):
    """A planner that can say what its model would be given; `lavr.planners.testing` checks it."""

    def fed(self, conversation: Conversation, tools: Sequence[ToolSpec]) -> Fed:
        """What its model would be given for the next decision, counted where it is fed."""
        ...
