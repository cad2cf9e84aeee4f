"""One call of a tool and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import LavrError
from ..jsonable import Json, JsonObject
from ..vision.image import Image
from ..vision.region import Region


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as a planner wrote it.

    Attributes:
        id: unique in a session ("c1"); every id is answered exactly once.
        name: the tool.
        arguments: plain JSON. An image or region is named by its handle. `{"$ref": "c1.regions"}` in the place of a
            value stands for a part of an earlier result of the same decision or of one before.
    """

    id: str
    name: str
    arguments: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """The call as plain JSON."""
        return {"id": self.id, "name": self.name, "arguments": dict(self.arguments)}


@dataclass(frozen=True, slots=True)
class Observation:
    """What a tool gives back.

    Attributes:
        text: short text for the planner; what was found, not how.
        regions: places, without handles while they come from a tool, with handles once a session took them in.
        images: pictures worth looking at.
        data: plain JSON for programs.
        untrusted: whether the text comes out of an image (OCR, barcodes) and must be fenced as data.
        marked: whether a picture with the regions marked is to be shown as well. It is drawn by who took the regions
            in, as only then they have handles.
        notes: what happened on the way and the planner should know; they become notes of the result.
    """

    text: str = ""
    regions: tuple[Region, ...] = ()
    images: tuple[Image, ...] = ()
    data: Json = None
    untrusted: bool = False
    marked: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call: an observation or an error, never both.

    Attributes:
        call: the call that is answered.
        observation: what the tool gave back, or None.
        error: why there is no observation, or None.
        seconds: how long it took.
        cached: whether it came out of the result cache.
        notes: what happened on the way and the planner should know ("the box was clipped to the picture").
    """

    call: ToolCall
    observation: Observation | None = None
    error: LavrError | None = None
    seconds: float = 0.0
    cached: bool = False
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is an observation."""
        return self.observation is not None
