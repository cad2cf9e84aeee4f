"""What a run may use up, and what it has used."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import UsageError

SPENDING = ("steps", "calls", "seconds", "tokens")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use up before the planner is asked to answer with what it has.

    Attributes:
        steps: decisions with tools; one more, without tools, follows when the last of them was no answer.
        calls: tool calls.
        seconds: wall-clock seconds. Tools are cut off at this point, a planner is not: it is asked to end.
        tokens: tokens that the planner read and wrote; what it reused from its cache is free.
        repeats: how often an identical call is answered from its earlier result before it is refused; after a decision
            of nothing but refused calls the planner is asked to answer.

    Raises:
        UsageError: for a limit below 1 (below 0 for `repeats`).
    """

    steps: int = 12
    calls: int = 40
    seconds: float = 300.0
    tokens: int = 200_000
    repeats: int = 2

    def __post_init__(self) -> None:
        for name in SPENDING:
            if not getattr(self, name) > 0:
                raise _impossible(name, getattr(self, name), "Give a number above zero.")
        if self.repeats < 0:
            raise _impossible("repeats", self.repeats, "Give 0 to refuse every repeated call.")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has used up."""

    steps: int = 0
    calls: int = 0
    seconds: float = 0.0
    tokens: int = 0


def reached(limits: Limits, spent: Spent) -> str:
    """The limit that leaves the planner one last turn: "steps", "calls", "seconds", "tokens"; empty for none."""
    over = (name for name in SPENDING if getattr(spent, name) >= getattr(limits, name))
    return next(over, "")


def _impossible(name: str, value: float, remedy: str) -> UsageError:
    return UsageError(f"The limit {name} cannot be {value}.", remedy=remedy)
