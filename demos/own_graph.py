"""Use lavr as one node of a LangGraph graph of your own: receipts in, a report of expenses out.

Run it: `python -m lavr.demos.own_graph [IMAGE ...]`
"""

import operator
import sys
from pathlib import Path
from typing import Annotated, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from lavr import Agent

RECEIPT = Path(__file__).parent / "images" / "receipt.png"
AGENT = Agent().graph()


class Expenses(TypedDict):
    """The state: which receipts there are, what was read off them, the report."""

    receipts: list[str]
    lines: Annotated[list[str], operator.add]
    report: str


class Receipt(TypedDict):
    """What one branch gets."""

    path: str


def each(state: Expenses) -> list[Send]:
    """One branch a receipt."""
    return [Send("read", Receipt(path=path)) for path in state["receipts"]]


def read(state: Receipt) -> dict[str, list[str]]:
    """Ask lavr: a graph is called like any runnable, plain JSON in and out."""
    outcome = AGENT.invoke({"question": "What is the date, the company and the total?", "images": [state["path"]]})
    return {"lines": [outcome["answer"]["text"]]}


def report(state: Expenses) -> dict[str, str]:
    """Put the lines together."""
    return {"report": "\n".join(f"{number}. {line}" for number, line in enumerate(state["lines"], start=1))}


def main(*paths: str) -> None:
    """Print the report."""
    graph = StateGraph(Expenses)
    graph.add_node("read", read, input_schema=Receipt)
    graph.add_node("report", report)
    graph.add_conditional_edges(START, each, ["read"])
    graph.add_edge("read", "report")
    graph.add_edge("report", END)
    receipts = list(paths) or [str(RECEIPT)]
    print(graph.compile().invoke({"receipts": receipts, "lines": [], "report": ""})["report"])


if __name__ == "__main__":
    main(*sys.argv[1:])
