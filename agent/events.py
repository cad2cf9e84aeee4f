"""The events of a run: the one stream that the command line, the chat, the trace and the log consume."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..errors import LavrError
from ..planners.base import Decision
from ..tools.calls import ToolCall, ToolResult
from ..vision.image import Image
from ..vision.region import Region
from .answer import Answer


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A question was taken in, with its pictures and the regions that the user points at."""

    run_id: str
    question: str
    images: tuple[Image, ...]
    planner: str
    tools: tuple[str, ...]
    pointed: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class StepStarted:
    """The planner begins to decide. Steps count from 1."""

    step: int


@dataclass(frozen=True, slots=True)
class ThoughtDelta:
    """A piece of the planner's thought."""

    step: int
    text: str


@dataclass(frozen=True, slots=True)
class AnswerDelta:
    """A piece of the planner's answer."""

    step: int
    text: str


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """The planner decided; its calls have their final ids."""

    step: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A tool begins to work."""

    step: int
    call: ToolCall


@dataclass(frozen=True, slots=True)
class CallFinished:
    """A tool is done, or failed.

    It comes the moment the call ends, so its regions and images have no handles yet: handles are allotted in call
    order, whichever call was faster, and `Observed` brings the same result with them.
    """

    step: int
    result: ToolResult


@dataclass(frozen=True, slots=True)
class Observed:
    """The results of calls that ran together were taken in, in call order.

    Regions and images have their handles now. A step whose calls wait for one another has several of these.
    """

    step: int
    results: tuple[ToolResult, ...]


@dataclass(frozen=True, slots=True)
class ImageShown:
    """A picture was put before the planner. `call_id` is empty for a picture of the user's."""

    step: int
    image: Image
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class LimitHit:
    """A limit was reached: "steps", "calls", "seconds", "tokens" or "repeats"."""

    step: int
    limit: str
    message: str


@dataclass(frozen=True, slots=True)
class DecisionRefused:
    """The planner could not decide, or decided what cannot be; it was told why and tries again, or the run fails."""

    step: int
    error: LavrError


@dataclass(frozen=True, slots=True)
class EvidenceDropped:
    """A citation of the planner that leads nowhere; the answer stands without it."""

    quote: str
    handle: str
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerReady:
    """The run is over, with an answer.

    The trace of this answer ends with an `AnswerReady` of its own, whose answer has an empty trace.
    """

    answer: Answer


@dataclass(frozen=True, slots=True)
class RunFailed:
    """The run is over, with an error."""

    error: LavrError


Event: TypeAlias = (
    RunStarted
    | StepStarted
    | ThoughtDelta
    | AnswerDelta
    | DecisionMade
    | CallStarted
    | CallFinished
    | Observed
    | ImageShown
    | LimitHit
    | DecisionRefused
    | EvidenceDropped
    | AnswerReady
    | RunFailed
)

Listener: TypeAlias = Callable[[Event], None]
"""Who is told of events, in order; it may be called from several threads, one at a time."""


class RunCancelled(Exception):  # not of the tree: nobody made a mistake
    """Raised by a listener that wants no more events, to end the run."""
