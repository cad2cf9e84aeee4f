"""The test double, shipped: plays a list of decisions, or asks a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..errors import UsageError
from ..tools.spec import ToolSpec
from ..vision.units import CoordinateUnit
from .base import AnswerText, Conversation, Decision, Emit, Kind, ThoughtText, silent

Script: TypeAlias = Sequence[Decision] | Callable[[Conversation, Sequence[ToolSpec]], Decision]


class ScriptedPlanner:
    """Plays decisions that were written beforehand.

    It keeps no position: the n-th decision of the list is the one after n - 1 decisions since the last question. So
    one planner serves several sessions and questions, each of which plays the list from its start.

    Args:
        decisions: a list, or a function of the conversation and the tools.
        name: what people call it.
        unit: the unit in which its calls write boxes.
    """

    def __init__(
        self, decisions: Script, *, name: str = "scripted", unit: CoordinateUnit = CoordinateUnit.PIXELS
    ) -> None:
        self.name = name
        self.unit = unit
        self._script = decisions if callable(decisions) else tuple(decisions)

    def decide(self, conversation: Conversation, tools: Sequence[ToolSpec], *, emit: Emit = silent) -> Decision:
        """The next decision of the script.

        Raises:
            UsageError: when the list has run out.
        """
        decision = self._next(conversation, tools)
        if decision.thought:
            emit(ThoughtText(decision.thought))
        if decision.answer is not None:
            emit(AnswerText(decision.answer.text))
        return decision

    def _next(self, conversation: Conversation, tools: Sequence[ToolSpec]) -> Decision:
        if callable(self._script):
            return self._script(conversation, tools)
        played = decisions_since_question(conversation)
        if played >= len(self._script):
            raise UsageError(
                f"The scripted planner {self.name!r} has {len(self._script)} decisions, and number {played + 1} was "
                "asked for.",
                remedy="End the list with a decision that has an answer, or add what should happen next.",
                decisions=len(self._script),
            )
        return self._script[played]


def decisions_since_question(conversation: Conversation) -> int:
    """How many decisions were made since the last question."""
    kinds = [message.kind for message in conversation.messages]
    asked = max((at for at, kind in enumerate(kinds) if kind is Kind.QUESTION), default=-1)
    return kinds[asked + 1 :].count(Kind.DECISION)
