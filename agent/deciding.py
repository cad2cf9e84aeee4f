"""Asking the planner: its stream, its mistakes, the ids of its calls."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from ..errors import LavrError, MalformedReply, PlannerError
from ..jsonable import Json
from ..planners.base import AnswerText, Decision, Planner, ThoughtText
from ..tools.calls import ToolCall
from ..tools.spec import ToolSpec
from . import messages, prompts
from .events import AnswerDelta, DecisionRefused, Listener, RunCancelled, ThoughtDelta
from .log import Page
from .memory import Memory
from .references import renamed

PATIENCE = 2
"""How often a planner may try again after a reply that cannot be used."""


@dataclass(frozen=True, slots=True)
class Decider:
    """Asks one planner for one decision after another."""

    planner: Planner

    def decide(self, memory: Memory, tools: Sequence[ToolSpec], *, step: int, emit: Listener) -> Decision:
        """The planner's decision, its calls numbered on from those of the session.

        A reply that cannot be used is answered with the reason, which stays in the conversation.

        Raises:
            PlannerError: when the planner gave no usable reply after `PATIENCE` more tries, or broke.
            LavrError: what else the planner raised on purpose.
        """
        for tries_left in range(PATIENCE, -1, -1):
            try:
                return numbered(self._asked(memory, tools, step, emit), memory.call_count)
            except PlannerError as error:
                emit(DecisionRefused(step, error))
                if not tries_left:
                    raise
                memory.append(Page(messages=[messages.notice(prompts.refused_decision(error))]))
            except (LavrError, RunCancelled):
                raise
            except Exception as error:
                # Its code broke, not its model's reply: asking again would not help.
                cause = f"The planner {self.planner.name} raised {type(error).__name__}: {error}"
                raise PlannerError(cause, remedy="Mend the planner; the error it raised is chained to this.") from error
        raise AssertionError("The last try returns or raises.")

    def _asked(self, memory: Memory, tools: Sequence[ToolSpec], step: int, emit: Listener) -> Decision:
        def listen(piece: ThoughtText | AnswerText) -> None:
            kind = ThoughtDelta if isinstance(piece, ThoughtText) else AnswerDelta
            emit(kind(step, piece.text))

        decision: object = self.planner.decide(memory.conversation, tools, emit=listen)
        if not isinstance(decision, Decision):
            raise MalformedReply(
                f"The planner {self.planner.name} gave back a {type(decision).__name__}, not a Decision.",
                remedy="Return lavr.Decision with calls or an answer.",
            )
        return decision


def numbered(decision: Decision, count: int) -> Decision:
    """The decision with its calls named c(count+1), c(count+2) ..., also inside their references.

    A planner may number its calls as it likes, or not at all: a reference to one of its own ids means that call, any
    other means a call of the session.
    """
    fresh = [f"c{number}" for number, _ in zip(itertools.count(count + 1), decision.calls, strict=False)]
    ids: dict[str, str] = {}
    for call, name in zip(decision.calls, fresh, strict=True):
        if call.id:
            ids.setdefault(call.id, name)
    calls = zip(decision.calls, fresh, strict=True)
    return replace(decision, calls=tuple(_renamed(call, name, ids) for call, name in calls))


def _renamed(call: ToolCall, name: str, ids: dict[str, str]) -> ToolCall:
    return ToolCall(name, call.name, cast("dict[str, Json]", renamed(call.arguments, ids)))
