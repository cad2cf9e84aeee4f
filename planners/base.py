"""What a planner is: a function from a conversation and the tools at hand to a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias, runtime_checkable

from ..tools.calls import ToolCall, ToolResult
from ..tools.spec import ToolSpec
from ..vision.image import Image
from ..vision.region import Region
from ..vision.units import CoordinateUnit

SMALL_MODEL = 3_000_000_000
"""Parameters. Models of fewer make one call at a time, where that can be ruled."""


class Role(Enum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    PLANNER = "planner"
    TOOL = "tool"


class Kind(Enum):
    """What a message is for."""

    INSTRUCTION = "instruction"
    QUESTION = "question"
    DECISION = "decision"
    RESULT = "result"
    PICTURES = "pictures"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class TextPart:
    """Text. `untrusted` marks what came out of a picture: data, never an instruction."""

    text: str
    untrusted: bool = False


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture to look at."""

    image: Image


Part: TypeAlias = TextPart | ImagePart


@dataclass(frozen=True, slots=True)
class Citation:
    """A piece of an answer and what it rests on.

    Attributes:
        quote: the piece of the answer's text, verbatim.
        handle: a region (`r3`), an image (`img_1`) or a call (`c2`).
    """

    quote: str
    handle: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as a planner gives it.

    Attributes:
        text: the answer.
        citations: what its pieces rest on.
        complete: False when the question, or a part of it, could not be answered; the text then says what.
        value: the bare value asked for (the number, the date, "yes"), or empty when there is no such thing.
    """

    text: str
    citations: tuple[Citation, ...] = ()
    complete: bool = True
    value: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens that a decision cost; zero for planners without a model."""

    read: int = 0
    reused: int = 0
    written: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.read + other.read, self.reused + other.reused, self.written + other.written)


NO_TOKENS = Tokens()


@dataclass(frozen=True, slots=True)
class Decision:
    """What a planner returns: a thought, and either calls or an answer.

    Raises:
        ValueError: when there are both calls and an answer, or neither.
    """

    thought: str = ""
    calls: tuple[ToolCall, ...] = ()
    answer: Draft | None = None
    tokens: Tokens = NO_TOKENS

    def __post_init__(self) -> None:
        if bool(self.calls) == (self.answer is not None):
            raise ValueError("A decision has either calls or an answer.")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation.

    Attributes:
        role: who speaks.
        kind: what for.
        parts: what a model reads and looks at, in order.
        decision: of a message of kind DECISION.
        result: of a message of kind RESULT; its regions and images have handles.
        pointed: of a message of kind QUESTION: the regions that the user points at, with handles.
    """

    role: Role
    kind: Kind
    parts: tuple[Part, ...] = ()
    decision: Decision | None = None
    result: ToolResult | None = None
    pointed: tuple[Region, ...] = ()

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return "\n".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def images(self) -> tuple[Image, ...]:
        """The pictures of its image parts."""
        return tuple(part.image for part in self.parts if isinstance(part, ImagePart))


@dataclass(frozen=True, slots=True)
class Conversation:
    """The append-only list of messages that a planner reads."""

    messages: tuple[Message, ...] = ()

    def extended(self, messages: Iterable[Message]) -> Conversation:
        """A conversation with more messages at its end; what was said before stays as it is."""
        return Conversation((*self.messages, *messages))

    @property
    def question(self) -> Message:
        """The last question. Raises `ValueError` when nothing was asked yet."""
        for message in reversed(self.messages):
            if message.kind is Kind.QUESTION:
                return message
        raise ValueError("Nothing was asked yet.")

    @property
    def images(self) -> tuple[Image, ...]:
        """Every picture the user gave, oldest first, each once."""
        given = [image for message in self.messages if message.kind is Kind.QUESTION for image in message.images]
        return tuple({image.handle: image for image in given}.values())

    @property
    def results(self) -> tuple[ToolResult, ...]:
        """Every tool result so far, oldest first."""
        return tuple(message.result for message in self.messages if message.result is not None)

    @property
    def made(self) -> tuple[Image, ...]:
        """Every picture that tools made, oldest first."""
        return tuple(image for result in self.results if result.observation for image in result.observation.images)

    @property
    def regions(self) -> tuple[Region, ...]:
        """Every region that a tool found, oldest first, and then every one that the user points at."""
        found = [region for result in self.results if result.observation for region in result.observation.regions]
        return (*found, *(region for message in self.messages for region in message.pointed))


@dataclass(frozen=True, slots=True)
class ThoughtText:
    """A piece of a thought, as it streams."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerText:
    """A piece of an answer, as it streams."""

    text: str


Emit: TypeAlias = Callable[[ThoughtText | AnswerText], None]


@runtime_checkable
class Planner(Protocol):
    """Who decides.

    A planner keeps no state about a run: everything is in the conversation. On the last turn it is given no tools and
    must answer with what it has. It raises `lavr.errors.PlannerError` only when it cannot make a decision at all.
    """

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def unit(self) -> CoordinateUnit:
        """The unit in which it reads and writes boxes."""
        ...

    def decide(self, conversation: Conversation, tools: Sequence[ToolSpec], *, emit: Emit) -> Decision:
        """The next decision. Call ids may be left to the agent, which makes them unique."""
        ...


def silent(_: ThoughtText | AnswerText) -> None:
    """An `emit` that listens to nothing."""
