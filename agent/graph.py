"""The loop as a LangGraph graph.

    start -> plan -> act (one branch per call, in parallel) -> observe -> plan ... -> answer

This is the one door to LangGraph, which takes a second to load: it is opened when a graph is first built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from .events import Listener
from .nodes import Loop
from .state import Answered, Branch, LoopState, Question

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.types import Checkpointer

    Graph: TypeAlias = CompiledStateGraph[LoopState, None, Question, Answered]

LISTENER = "__lavr_listener"
"""The key under which a run puts its listener into the configuration; LangGraph keeps such keys out of checkpoints."""


def build_graph(loop: Loop, checkpointer: Checkpointer = None) -> Graph:
    """The compiled graph. Events go to the listener of the configuration, or else into the stream mode "custom".

    Input and output are `lavr.agent.state.Question` and `Answered`: plain JSON, so that it can be a node of any graph.
    """
    from langgraph.config import get_stream_writer
    from langgraph.graph import END, START, StateGraph
    from langgraph.types import Send

    def listener(config: RunnableConfig) -> Listener:
        given: Any = config.get("configurable", {}).get(LISTENER)
        return cast("Listener", given or get_stream_writer())

    def start(state: LoopState, config: RunnableConfig) -> LoopState:
        return loop.start(state, listener(config))

    def plan(state: LoopState, config: RunnableConfig) -> LoopState:
        return loop.plan(state, listener(config))

    def act(state: Branch, config: RunnableConfig) -> LoopState:
        return loop.act(state, listener(config))

    def observe(state: LoopState, config: RunnableConfig) -> LoopState:
        return loop.observe(state, listener(config))

    def answer(state: LoopState, config: RunnableConfig) -> LoopState:
        return loop.answer(state, listener(config))

    # LangGraph evaluates the annotations of these two, where Send is not known.
    def after_plan(state: LoopState) -> list[Any] | str:
        return [Send("act", branch) for branch in loop.branches(state)] or "answer"

    def after_observe(state: LoopState) -> list[Any] | str:
        return [Send("act", branch) for branch in loop.branches(state)] or "plan"

    graph = StateGraph(LoopState, input_schema=Question, output_schema=Answered)
    graph.add_node("start", start)
    graph.add_node("plan", plan)
    graph.add_node("act", act, input_schema=Branch)
    graph.add_node("observe", observe)
    graph.add_node("answer", answer)
    graph.add_edge(START, "start")
    graph.add_edge("start", "plan")
    graph.add_conditional_edges("plan", after_plan, ["act", "answer"])
    graph.add_edge("act", "observe")
    graph.add_conditional_edges("observe", after_observe, ["act", "plan"])
    graph.add_edge("answer", END)
    return graph.compile(checkpointer=checkpointer, name="lavr")
