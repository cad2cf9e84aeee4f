"""Calls of one step run together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from lavr import Agent, Decision, ImageStore
from lavr.agent.events import CallFinished, CallStarted, Event
from lavr.tests.agent.tables import TOOLS, Watching, call, calls, says


@pytest.fixture(params=["no checkpointer", "SQLite"])
def saver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteSaver | None]:
    if request.param == "SQLite":
        with SqliteSaver.from_conn_string(str(tmp_path / "checkpoints.sqlite")) as made:
            yield made
    else:
        yield None


def _four(seconds: float) -> Decision:
    return calls(*(call("wait", seconds=seconds, mark=str(mark)) for mark in range(4)))


def _seconds_of_calls(events: Iterator[Event]) -> float:
    begin, end = 0.0, 0.0
    for event in events:
        if isinstance(event, CallStarted):
            begin = begin or time.perf_counter()
        if isinstance(event, CallFinished):
            end = time.perf_counter()
    return end - begin


@pytest.mark.clock
def test_four_independent_calls_of_200_ms_take_at_most_240_ms(saver: SqliteSaver | None, tmp_path: Path) -> None:
    agent = Agent(
        Watching(*[_four(0.0), says()], *[step for _ in range(3) for step in (_four(0.2), says())]),
        tools=TOOLS,
        store=ImageStore(tmp_path / "store"),
        checkpointer=saver,
    )
    agent.ask(None, "warm up")
    # The best of three: the machine may be busy with something else, the loop may not.
    best = min(_seconds_of_calls(agent.stream(None, "?")) for _ in range(3))
    print(f"\nfour calls of 200 ms: {best * 1000:.0f} ms")  # noqa: T201 - a figure that the suite reports
    assert best <= 0.240


@pytest.mark.clock
def test_sixteen_calls_run_at_the_same_time() -> None:
    made = calls(*(call("wait", seconds=0.2, mark=str(mark)) for mark in range(16)))
    agent = Agent(Watching(calls(call("add", a=1)), says(), made, says()), tools=TOOLS)
    agent.ask(None, "warm up")
    assert _seconds_of_calls(agent.stream(None, "?")) < 0.8


def test_results_are_told_in_call_order() -> None:
    waits = (0.15, 0.0, 0.1, 0.05)
    planner = Watching(calls(*(call("wait", seconds=wait) for wait in waits)), says())
    Agent(planner, tools=TOOLS).ask(None, "?")
    assert [came.call.arguments["seconds"] for came in planner.seen[-1].results] == list(waits)
