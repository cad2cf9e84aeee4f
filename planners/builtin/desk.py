"""What lies before the built-in planner: pictures, tools, and the results that came in so far.

A program is written as if every result were there already: it asks the desk and goes on. When a result is not there
yet, `Wanted` carries the call up to the planner, which makes it; next time the program runs from its start and gets
one step further. Nothing is remembered between two decisions but the conversation itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from ...jsonable import Json, canonical
from ...tools.calls import Observation, ToolCall, ToolResult
from ...tools.spec import ToolSpec
from ...vision.image import Image
from ...vision.region import Region
from ..base import Conversation, Draft, Kind

Item = TypeVar("Item")
Got = TypeVar("Got")

SHOWN_HANDLES = 12


class Wanted(Exception):
    """Results that a program cannot go on without; never leaves the planner."""

    def __init__(self, calls: Iterable[ToolCall]) -> None:
        super().__init__()
        self.calls = tuple(calls)


class Unanswerable(Exception):
    """A program knows that it cannot answer, and says so in a draft; never leaves the planner."""

    def __init__(self, reason: str | Draft) -> None:
        super().__init__()
        self.draft = Draft(reason, complete=False) if isinstance(reason, str) else reason


@dataclass(frozen=True)
class Desk:
    """The conversation and the tools of one decision.

    Attributes:
        conversation: everything said so far.
        specs: the tools at hand.
    """

    conversation: Conversation
    specs: Sequence[ToolSpec]

    @cached_property
    def tools(self) -> Mapping[str, ToolSpec]:
        """The tools at hand, by name."""
        return {spec.name: spec for spec in self.specs}

    @cached_property
    def images(self) -> Mapping[str, Image]:
        """Every picture by handle: those of the user first, then those that tools made."""
        return {image.handle: image for image in (*self.conversation.images, *self.conversation.made)}

    @cached_property
    def regions(self) -> Mapping[str, Region]:
        """Every region that a tool found or the user points at, by handle."""
        return {region.handle: region for region in self.conversation.regions}

    def region(self, handle: str) -> Region:
        """A region by handle. Raises `Unanswerable`, which lists the live ones."""
        if handle in self.regions:
            return self.regions[handle]
        live = list(self.regions)[:SHOWN_HANDLES]
        shown = f"There are {', '.join(live)}." if live else "Nothing was marked yet: ask me to read the picture first."
        raise Unanswerable(f"I know no region {handle}. {shown}")

    def image(self, handle: str) -> Image:
        """A picture by handle. Raises `Unanswerable`, which lists the live ones."""
        if handle in self.images:
            return self.images[handle]
        raise Unanswerable(f"I know no picture {handle}. There are {', '.join(self.images) or 'none yet'}.")

    def ask(self, tool: str, **arguments: Json) -> ToolResult:
        """The result of a call.

        Raises:
            Wanted: when it was not made yet.
            Unanswerable: when there is no such tool, or it failed.
        """
        result = self._answered(tool, arguments)
        if result is None and tool not in self.tools:
            raise Unanswerable(f"I would need the tool `{tool}` for that, and it is not at hand.")
        if result is None:
            raise Wanted([ToolCall("", tool, arguments)])
        if result.error is not None:
            raise Unanswerable(f"The tool `{tool}` failed: {result.error}")
        return result

    def see(self, tool: str, **arguments: Json) -> Observation:
        """What a call gave back; raises as `ask` does."""
        return self.ask(tool, **arguments).observation or Observation()

    def each(self, items: Iterable[Item], do: Callable[[Item], Got]) -> list[Got]:
        """Do the same for several items, so that the calls they want are made together."""
        done: list[Got] = []
        wanted: list[ToolCall] = []
        for item in items:
            try:
                done.append(do(item))
            except Wanted as more:
                wanted += more.calls
        if wanted:
            raise Wanted(_unique(wanted))
        return done

    def lines(self, image: Image) -> tuple[Region, ...]:
        """The lines of text on a picture, in reading order."""
        return self.see("ocr", image=image.handle).regions

    def _answered(self, tool: str, arguments: Mapping[str, Json]) -> ToolResult | None:
        """The newest result of this very call. A failure counts only within the question in which it happened."""
        messages = self.conversation.messages
        asked_at = max((at for at, message in enumerate(messages) if message.kind is Kind.QUESTION), default=0)
        for at in range(len(messages) - 1, -1, -1):
            result = messages[at].result
            if result is not None and self._same(result.call, tool, arguments) and (result.ok or at > asked_at):
                return result
        return None

    def _same(self, call: ToolCall, tool: str, arguments: Mapping[str, Json]) -> bool:
        """Whether a call says what these arguments say: equal, but for defaults that were written out."""
        if call.name != tool or any(key not in call.arguments for key in arguments):
            return False
        return all(
            canonical(value) == canonical(arguments[key] if key in arguments else self._default(tool, key))
            for key, value in call.arguments.items()
        )

    def takes(self, tool: str, name: str) -> bool:
        """Whether a tool is at hand and has an argument of that name."""
        return name in self._arguments(tool)

    def _default(self, tool: str, name: str) -> Json:
        schema = self._arguments(tool).get(name)
        return schema.get("default") if isinstance(schema, Mapping) else None

    def _arguments(self, tool: str) -> Mapping[str, Json]:
        spec = self.tools.get(tool)
        properties = spec.parameters.get("properties") if spec else None
        return properties if isinstance(properties, Mapping) else {}


def _unique(calls: Iterable[ToolCall]) -> list[ToolCall]:
    kept = {canonical({"name": call.name, "arguments": call.arguments}): call for call in calls}
    return list(kept.values())
