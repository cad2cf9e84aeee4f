"""How the chat is set up: what its operator chose, and what a visitor may choose."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ...agent.limits import Limits
from ...planners.choose import Selection, select_planner
from ...planners.kinds import PlannerLike, make_planner
from ...tools.tool import Tool
from ...vision.limits import MIB
from .shared import SharedPlanners

AUTO = "auto"


@dataclass(frozen=True)
class Setup:
    """What the operator chose.

    Attributes:
        planners: names a visitor may choose from, besides what is configured and the built-in one.
        made: planners that are made already, by the name that a visitor chooses.
        tools: what the agent may call; the shipped tools when left empty.
        limits: what one question may use up; a visitor may choose less.
        at_once: questions that are worked on at the same time.
        waiting: questions that may stand in line besides.
        rooms: conversations that are kept at the same time; those that nobody uses make way for new ones.
        idle_s: after how many seconds an idle conversation is thrown away, with its files.
        left_s: the same, for one whose page was closed, or lost its connection, as a laptop that sleeps does.
        file_bytes: bytes of one picture.
        pictures: pictures of one conversation.
        auth: names and passwords; empty lets everybody in.
    """

    planners: Sequence[str] = ()
    made: dict[str, PlannerLike] = field(default_factory=dict)
    tools: Sequence[Tool] = ()
    limits: Limits = field(default_factory=Limits)
    at_once: int = 4
    waiting: int = 16
    rooms: int = 200
    idle_s: float = 1800.0
    left_s: float = 600.0
    file_bytes: int = 25 * MIB
    pictures: int = 40
    auth: Sequence[tuple[str, str]] = ()
    _shared: SharedPlanners = field(default_factory=SharedPlanners, init=False, repr=False, compare=False)

    @cached_property
    def selection(self) -> Selection:
        """Which planner `auto` takes, and why. Raises `UsageError` for a config file that cannot be read."""
        return select_planner()

    @cached_property
    def planner_names(self) -> tuple[str, ...]:
        """The planners a visitor may choose, the first being that of the start."""
        return tuple(dict.fromkeys([*self.made, *self.planners, AUTO, "builtin"]))

    @cached_property
    def toolbox(self) -> dict[str, Tool]:
        """The tools by name."""
        from ...tools.registry import default_tools

        return {each.name: each for each in (self.tools or default_tools())}

    def planner(self, name: str) -> Future[PlannerLike]:
        """The planner of a name that a visitor chose, once it is made; all chats share it.

        Its errors, or those of calling this, are those of `choose_planner`.
        """
        given = self.made.get(name, "" if name == AUTO else name)
        if isinstance(given, str | Path):
            selected = select_planner(str(given))
            return self._shared.get(str(selected.name), lambda: make_planner(selected.name, selected.options))
        done: Future[PlannerLike] = Future()
        done.set_result(given)
        return done

    def close(self) -> None:
        """Close the planners that were made here; those that were given stay open."""
        self._shared.close()

    def reason(self, name: str) -> str:
        """Why a planner is offered, for the settings."""
        if name != AUTO:
            return "" if name != "builtin" else "A grammar of questions, without a model. It says what is beyond it."
        chosen = self.selection
        return f"auto takes {chosen.name}: {chosen.reason}. {chosen.more}".strip()


@dataclass(frozen=True)
class Choice:
    """What a visitor chose for a question.

    Attributes:
        planner: one of `Setup.planner_names`.
        tools: names of the tools that are on.
        steps: most decisions.
        seconds: most seconds.
    """

    planner: str
    tools: tuple[str, ...]
    steps: int
    seconds: float

    @classmethod
    def of(cls, setup: Setup, planner: object, tools: object, steps: object, seconds: object) -> Choice:
        """A choice out of what came in: whatever is not on offer is left out or cut to what is."""
        name = planner if isinstance(planner, str) and planner in setup.planner_names else setup.planner_names[0]
        wanted = tools if isinstance(tools, list | tuple) else list(setup.toolbox)
        on = tuple(each for each in setup.toolbox if each in wanted)
        return cls(name, on, int(_within(steps, setup.limits.steps)), _within(seconds, setup.limits.seconds))


def _within(value: object, most: float) -> float:
    """A number from 1 to the most there may be."""
    return min(max(float(value), 1.0), most) if isinstance(value, int | float) else most
