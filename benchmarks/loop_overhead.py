"""What the loop itself costs: CPU milliseconds per step with a scripted model and a trivial tool.

Run it: `python benchmarks/loop_overhead.py [STEPS]`. Beside ours it measures smolagents and LangChain's `create_agent`,
each with its own scripted model, where they are installed (`pip install smolagents "langchain>=1.5"`), all in one run,
and prints the ratios.
"""

from __future__ import annotations

import gc
import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STEPS = 40
ROUNDS = 5


def add(a: int, b: int) -> int:
    """Add two numbers.

    Args:
        a: one number.
        b: the other number.
    """
    return a + b


@contextmanager
def sqlite_saver() -> Iterator[Any]:
    """A LangGraph checkpointer on disk."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    with (
        tempfile.TemporaryDirectory() as folder,
        SqliteSaver.from_conn_string(str(Path(folder) / "checkpoints.sqlite")) as saver,
    ):
        yield saver


def ours(steps: int, saver: Any = None) -> Callable[[], object]:
    """A question to our agent that takes so many steps."""
    from lavr import Agent, Decision, Draft, Limits, ScriptedPlanner, ToolCall

    script = [Decision(calls=(ToolCall("", "add", {"a": step, "b": 1}),)) for step in range(steps)]
    planner = ScriptedPlanner([*script, Decision(answer=Draft("done"))])
    agent = Agent(planner, tools=[add], limits=Limits(steps=steps + 1, calls=steps + 1), checkpointer=saver)
    return lambda: agent.ask(None, "?")


def smolagents(steps: int) -> Callable[[], object]:
    """The same for smolagents' ToolCallingAgent, which keeps nothing."""
    from smolagents import ToolCallingAgent, tool
    from smolagents.models import (
        ChatMessage,
        ChatMessageToolCall,
        ChatMessageToolCallFunction,
        Model,
    )

    class Scripted(Model):  # type: ignore[misc]  # the base is unknown when smolagents is not installed
        """Calls `add` until the last step."""

        def __init__(self) -> None:
            super().__init__(model_id="scripted")
            self.step = 0

        def generate(self, messages: Any, **options: Any) -> Any:
            """The next reply."""
            del messages, options
            self.step += 1
            last = self.step % (steps + 1) == 0
            name, arguments = ("final_answer", {"answer": "done"}) if last else ("add", {"a": self.step, "b": 1})
            function = ChatMessageToolCallFunction(name=name, arguments=arguments)
            call = ChatMessageToolCall(id=f"c{self.step}", type="function", function=function)
            return ChatMessage(role="assistant", content="", tool_calls=[call])

    agent = ToolCallingAgent(tools=[tool(add)], model=Scripted(), max_steps=steps + 2, verbosity_level=0)
    return lambda: agent.run("?")


def create_agent(steps: int, saver: Any = None) -> Callable[[], object]:
    """The same for LangChain's create_agent."""
    from langchain.agents import create_agent as create
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessage
    from langchain_core.outputs import ChatGeneration, ChatResult

    class Scripted(BaseChatModel):
        """Calls `add` until the last step."""

        step: int = 0

        @property
        def _llm_type(self) -> str:
            return "scripted"

        def bind_tools(self, tools: Any, **options: Any) -> Any:
            """It knows its script."""
            del tools, options
            return self

        def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **options: Any) -> ChatResult:
            del messages, stop, run_manager, options
            self.step += 1
            call = {"name": "add", "args": {"a": self.step, "b": 1}, "id": f"c{self.step}"}
            last = self.step % (steps + 1) == 0
            message = AIMessage("done") if last else AIMessage("", tool_calls=[call])
            return ChatResult(generations=[ChatGeneration(message=message)])

    agent = create(Scripted(), [add], checkpointer=saver)
    threads = iter(range(10**6))

    def ask() -> object:
        config = {"recursion_limit": 10 * steps, "configurable": {"thread_id": str(next(threads))}}
        return agent.invoke({"messages": [("user", "?")]}, config)

    return ask


def cpu_ms_per_step(ask: Callable[[], object], steps: int) -> float:
    """The best of some rounds, after one to warm up; CPU of all threads."""
    ask()
    best = float("inf")
    for _ in range(ROUNDS):
        gc.collect()
        begin = time.process_time()
        ask()
        best = min(best, time.process_time() - begin)
    return best * 1000 / steps


def measured(steps: int) -> dict[str, float]:
    """CPU milliseconds per step of everything that is installed."""
    figures = {"lavr": cpu_ms_per_step(ours(steps), steps)}
    with sqlite_saver() as saver:
        figures["lavr, SQLite"] = cpu_ms_per_step(ours(steps, saver), steps)
    if importlib.util.find_spec("smolagents"):
        figures["smolagents"] = cpu_ms_per_step(smolagents(steps), steps)
    if importlib.util.find_spec("langchain"):
        figures["create_agent"] = cpu_ms_per_step(create_agent(steps), steps)
        with sqlite_saver() as saver:
            figures["create_agent, SQLite"] = cpu_ms_per_step(create_agent(steps, saver), steps)
    return figures


def main() -> None:
    """Measure and print."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
    figures = measured(steps)
    print(f"CPU ms per step, {steps} steps, best of {ROUNDS}:")
    for name, figure in figures.items():
        base = figures["lavr, SQLite" if "SQLite" in name else "lavr"]
        ratio = "" if name.startswith("lavr") else f"   {figure / base:.2f} x lavr"
        print(f"  {name:22} {figure:6.2f}{ratio}")


if __name__ == "__main__":
    main()
