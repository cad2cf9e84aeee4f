"""A run that is followed: its end at any moment, and errors as a visitor may see them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from lavr import ScriptedPlanner, ToolCall
from lavr.agent.events import CallFinished, Event, RunFailed, StepStarted
from lavr.demos.chat.line import Line
from lavr.demos.chat.rooms import Rooms
from lavr.demos.chat.setup import Choice
from lavr.demos.chat.turns import fit_to_show, played, until
from lavr.errors import ToolFailed
from lavr.tests.demos.chat.served import setup
from lavr.tools.calls import ToolResult


async def slowly(ended: list[str]) -> AsyncGenerator[Event, None]:
    try:
        yield StepStarted(1)
        await asyncio.sleep(30)
        yield StepStarted(2)
    finally:
        ended.append("ended")


def test_the_source_is_ended_at_once_when_the_stop_is_set() -> None:
    async def play() -> tuple[list[Event], list[str], float]:
        stop, ended, seen = asyncio.Event(), list[str](), list[Event]()
        begun = time.perf_counter()
        asyncio.get_running_loop().call_later(0.05, stop.set)
        async for event in until(stop, slowly(ended)):
            seen.append(event)
        return seen, ended, time.perf_counter() - begun

    seen, ended, took = asyncio.run(play())
    assert (seen, ended) == ([StepStarted(1)], ["ended"])
    assert took < 2


def test_a_reader_that_is_cancelled_ends_the_source() -> None:
    async def play() -> list[str]:
        ended = list[str]()

        async def read() -> None:
            async for _ in until(asyncio.Event(), slowly(ended)):
                pass

        task = asyncio.create_task(read())
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return ended

    assert asyncio.run(play()) == ["ended"]


def test_a_question_that_waits_in_line_is_stopped_at_once(tmp_path: Path) -> None:
    chosen = setup()

    async def play() -> tuple[str, float]:
        room, line = Rooms(tmp_path, chosen).open("page", "ann"), Line(1, 1)
        line.join()
        turn = room.begin("say hi")
        asyncio.get_running_loop().call_later(0.2, room.stop.set)
        begun = time.perf_counter()
        async with asyncio.timeout(5):
            async for _ in played(room, turn, Choice.of(chosen, None, None, None, None), chosen, line):
                pass
        return turn.state, time.perf_counter() - begun

    state, took = asyncio.run(play())
    assert state == "stopped"
    assert took < 2


def test_a_question_whose_planner_is_still_being_made_is_stopped_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, may = setup(planners=("slow/model",)), threading.Event()
    monkeypatch.setattr("lavr.demos.chat.setup.make_planner", lambda *_: may.wait(20) and ScriptedPlanner([]))

    async def play() -> tuple[str, float]:
        room = Rooms(tmp_path, chosen).open("page", "ann")
        turn = room.begin("?")
        asyncio.get_running_loop().call_later(0.2, room.stop.set)
        begun = time.perf_counter()
        async for _ in played(room, turn, Choice.of(chosen, "slow/model", None, None, None), chosen, Line(1, 0)):
            pass
        return turn.state, time.perf_counter() - begun

    try:
        state, took = asyncio.run(play())
    finally:
        may.set()
    assert state == "stopped"
    assert took < 2


def test_errors_are_shown_without_the_folders_of_this_machine() -> None:
    error = ToolFailed("cannot open /home/ann/x.pt", remedy="Look into /home/ann.", tool="t")
    result = ToolResult(ToolCall("c1", "t"), error=error, notes=("cached in /tmp/a/b.png",))
    finished = fit_to_show(CallFinished(1, result))
    assert isinstance(finished, CallFinished)
    assert isinstance(finished.result.error, ToolFailed)
    assert (finished.result.error.cause, finished.result.notes) == ("cannot open …/x.pt", ("cached in …/b.png",))
    failed = fit_to_show(RunFailed(error))
    assert isinstance(failed, RunFailed)
    assert failed.error.remedy == "Look into …/ann."


def test_a_bug_is_shown_without_its_message_and_leaves_the_question_to_be_asked_again(tmp_path: Path) -> None:
    class Broken(ScriptedPlanner):
        @property
        def unit(self) -> Any:
            raise RuntimeError("/home/ann/secret.py is broken")

        @unit.setter
        def unit(self, _: object) -> None:
            pass

    chosen = setup(made={"broken": Broken([])})

    async def play() -> tuple[str, str]:
        room = Rooms(tmp_path, chosen).open("page", "ann")
        turn = room.begin("?")
        choice = Choice.of(chosen, "broken", None, None, None)
        async for _ in played(room, turn, choice, chosen, Line(1, 0)):
            pass
        return turn.state, str(turn.error)

    state, said = asyncio.run(play())
    assert state == "failed"
    assert "RuntimeError" in said or "broken" in said
    assert "/home/ann" not in said
