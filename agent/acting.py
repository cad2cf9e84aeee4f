"""Running one call: what it refers to, what is known already, the tool, and a result whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from ..errors import InvalidArguments, LavrError, LimitReached, ToolFailed
from ..tools.arguments import ReadBox
from ..tools.calls import ToolCall, ToolResult
from ..vision.scene import Scene
from . import prompts
from .limits import Limits
from .memory import Memory
from .references import resolved
from .sight import Sight


class Runner(Protocol):
    """What runs a call; see `lavr.tools.runner.ToolRunner`."""

    def run(
        self, call: ToolCall, scene: Scene, *, unit_reader: ReadBox | None = None, timeout_s: float = ...
    ) -> ToolResult:
        """What came of a call; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Runs calls for one planner.

    Attributes:
        runner: runs a tool.
        sight: how the planner writes boxes.
        limits: of seconds and repeats.
        uncacheable: the tools of which equal calls may have unequal results, so that each call is run.
    """

    runner: Runner
    sight: Sight
    limits: Limits
    uncacheable: frozenset[str] = frozenset()

    def prepared(self, call: ToolCall, memory: Memory, *, stuck: bool) -> ToolCall | ToolResult:
        """The call with its references replaced, or the result that says why they cannot be."""
        try:
            if stuck:
                raise InvalidArguments(
                    f"The call {call.id} waits for its own result: its references lead in a circle.",
                    remedy="Leave one of the references out, or make the calls in two turns.",
                )
            return resolved(call, memory.results)
        except LavrError as error:
            return ToolResult(call, error=error)

    def run(self, call: ToolCall, memory: Memory) -> ToolResult:
        """What came of a call whose references are replaced."""
        known = self._known(call, memory)
        if known is not None:
            return known
        left = max(self.limits.seconds - memory.watch.seconds, 0.0)
        if not left:
            return ToolResult(call, error=LimitReached("The seconds of this run are used up.", remedy="Answer now."))
        return self.runner.run(call, memory.scene, unit_reader=self.sight.pixels, timeout_s=left)

    def _known(self, call: ToolCall, memory: Memory) -> ToolResult | None:
        if call.name in self.uncacheable:
            return None
        before = memory.same(call)
        here = [came for came in before if came.call.id in memory.run_ids]
        if len(here) > self.limits.repeats:
            text = prompts.refused_repeat(call.name, here[0].call.id, len(here) + 1)
            error = LimitReached(text, remedy="Do something else, or answer.", limit="repeats")
            return ToolResult(call, error=error)
        first = next((came for came in before if came.ok), None)
        if first is None:
            return None
        note = prompts.repeated(first.call.id)
        return replace(first, call=call, seconds=0.0, cached=True, notes=(*first.notes, note))


def unstorable(call: ToolCall, error: Exception) -> ToolResult:
    """The result of a tool that gave back what cannot be written down."""
    cause = f"{call.name} gave back data that is no plain JSON: {error}"
    return ToolResult(call, error=ToolFailed(cause, remedy="Do without this tool; its author must give plain numbers."))
