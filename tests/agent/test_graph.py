"""The graph as a part of other people's graphs."""

from __future__ import annotations

import operator
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, TypedDict, cast

from langgraph.graph import END, START, StateGraph

from lavr import Agent
from lavr.agent.events import AnswerReady, RunStarted
from lavr.tests.agent.tables import TOOLS, Watching, call, calls, picture, says


class Outer(TypedDict, total=False):
    """The state of a graph of the user's own."""

    question: str
    images: list[Any]
    answer: dict[str, Any] | None
    shouted: Annotated[list[str], operator.add]


def _agent() -> Agent:
    return Agent(Watching(calls(call("find", image="img_1", n=3)), says("three", ("three", "r3"))), tools=TOOLS)


def test_the_graph_takes_a_question_and_gives_an_answer_both_plain_json(tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    picture().save(path)
    out = _agent().graph().invoke({"question": "How many?", "images": [str(path)]})
    assert out["answer"] is not None
    assert out["answer"]["text"] == "three"
    assert out["answer"]["evidence"][0]["region"]["xyxy"] == [2, 2, 7, 7]
    assert set(out) == {"answer", "session", "head"}


def test_the_output_of_a_graph_goes_on_as_its_input() -> None:
    planner = Watching(says("one"), says("two"))
    graph = Agent(planner, tools=TOOLS).graph()
    first = graph.invoke({"question": "first?", "images": []})
    graph.invoke({"question": "second?", "session": first["session"], "head": first["head"]})
    assert [message.text for message in planner.seen[-1].messages if message.kind.value == "question"] == [
        "first?",
        "second?",
    ]


def test_the_graph_is_a_node_of_another_graph_and_tells_its_events() -> None:
    def shout(state: Outer) -> Outer:
        assert state["answer"] is not None
        return {"shouted": [state["answer"]["text"].upper()]}

    outer = StateGraph(Outer)
    outer.add_node("look", _agent().graph())
    outer.add_node("shout", shout)
    outer.add_edge(START, "look")
    outer.add_edge("look", "shout")
    outer.add_edge("shout", END)
    given: Outer = {"question": "How many?", "images": [picture().to_json()]}
    stream = outer.compile().stream(given, stream_mode=["custom", "values"], subgraphs=True)
    parts = cast("list[tuple[object, str, Any]]", list(stream))
    events = [part for _, mode, part in parts if mode == "custom"]
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], AnswerReady)
    assert parts[-1][2]["shouted"] == ["THREE"]


def test_nothing_of_langgraph_is_loaded_before_a_graph_is_built() -> None:
    code = (
        "import sys, lavr, lavr.agent.agent, lavr.agent.nodes, lavr.agent.graph\n"
        "lavr.Agent(lavr.ScriptedPlanner([]), tools=[])\n"
        "print([name for name in sys.modules if name.startswith(('langgraph', 'langchain'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_the_nodes_are_those_of_the_design() -> None:
    drawn = _agent().graph().get_graph()
    assert set(drawn.nodes) == {"__start__", "start", "plan", "act", "observe", "answer", "__end__"}
    edges = {(edge.source, edge.target) for edge in drawn.edges}
    assert {("plan", "act"), ("act", "observe"), ("observe", "plan"), ("plan", "answer")} <= edges
