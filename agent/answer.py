"""An answer and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..jsonable import JsonObject
from ..planners.base import NO_TOKENS, Tokens
from ..vision.image import Image
from ..vision.region import Region

if TYPE_CHECKING:
    from .trace import Trace


@dataclass(frozen=True, slots=True)
class Evidence:
    """A link from a piece of the answer to what it rests on.

    Attributes:
        quote: the piece of the answer's text, verbatim.
        handle: the region, image or call that was cited.
        region: the region, on the picture that the user gave (in its pixels), or None when no region was cited.
        image: the picture that the user gave, or None when a call without pictures was cited.
        call_id: the call whose result brought it in; empty for a picture of the user's.
    """

    quote: str
    handle: str
    region: Region | None = None
    image: Image | None = None
    call_id: str = ""

    def to_json(self) -> JsonObject:
        """Plain JSON."""
        return {
            "quote": self.quote,
            "handle": self.handle,
            "region": None if self.region is None else self.region.to_json(),
            "image": None if self.image is None else self.image.handle,
            "call_id": self.call_id,
        }


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run cost."""

    seconds: float = 0.0
    steps: int = 0
    calls: int = 0
    tokens: Tokens = NO_TOKENS


@dataclass(frozen=True, slots=True)
class Answer:
    """What the agent answers.

    Attributes:
        text: the answer.
        value: the bare value asked for (the number, the date, "yes"); empty when there is no such thing.
        evidence: what its pieces rest on.
        complete: False when the question, or a part of it, could not be answered; the text then says what.
        usage: what the run cost.
        trace: everything that happened.
    """

    text: str
    value: str
    evidence: tuple[Evidence, ...]
    complete: bool
    usage: Usage
    trace: Trace

    @property
    def images(self) -> tuple[Image, ...]:
        """The pictures that it shows: those that it cites and a tool brought in, such as a redacted one."""
        seen = {image.handle: image for image in self.trace.images}
        cited = dict.fromkeys(piece.handle for piece in self.evidence if piece.call_id)
        return tuple(seen[handle] for handle in cited if handle in seen)
