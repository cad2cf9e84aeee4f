"""A question at work: from the events of a run to a turn that can be shown, with an end at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Awaitable
from dataclasses import replace
from typing import TypeVar

from ...agent.events import (
    AnswerDelta,
    AnswerReady,
    CallFinished,
    DecisionRefused,
    Event,
    Observed,
    RunFailed,
    ThoughtDelta,
)
from ...agent.session import Session
from ...errors import LavrError
from ...tools.calls import ToolResult
from .line import Line
from .room import Room
from .safety import without_paths
from .setup import Choice, Setup
from .turn import Turn

T = TypeVar("T")

LOG = logging.getLogger("lavr.demos.chat")
SHOWN_EVERY_S = 0.08
"""Pieces of text that come faster than this are shown together."""


async def played(room: Room, turn: Turn, choice: Choice, setup: Setup, line: Line) -> AsyncGenerator[bool, None]:
    """Answer a turn. Yields whenever there is something new to show, and a last time when it is over.

    What it yields says whether more than text is new: a picture, a region, a state.
    """
    try:
        place = line.join()
    except LavrError as busy:
        room.turns.remove(turn)
        room.give_back(turn)
        room.notice = busy
        yield True
        return
    try:
        yield True
        async with contextlib.aclosing(until(room.stop, place.comes())) as moves:
            async for ahead in moves:
                turn.ahead = ahead
                yield False
        if room.stop.is_set():
            return
        async with contextlib.aclosing(_answered(room, turn, choice, setup)) as news:
            async for more in news:
                yield more
    finally:
        await place.leave()
        _settle(room, turn)


async def _answered(room: Room, turn: Turn, choice: Choice, setup: Setup) -> AsyncGenerator[bool, None]:
    turn.state = "running"
    try:
        planner = await _unless(room.stop, asyncio.wrap_future(setup.planner(choice.planner)))
        if planner is None:
            return
        session = await _unless(room.stop, asyncio.to_thread(room.session, choice, setup, planner))
        if session is None:
            return
        shown = 0.0
        async with contextlib.aclosing(until(room.stop, _events(session, turn))) as events:
            async for event in events:
                turn.events.append(fit_to_show(event))
                more = not isinstance(event, ThoughtDelta | AnswerDelta)
                if more or time.monotonic() - shown > SHOWN_EVERY_S:
                    yield more
                    shown = time.monotonic()
        if turn.answer is not None:
            room.head = session.head
            turn.state = "answered"
    except LavrError as error:
        turn.state, turn.error = "failed", _told(error)
    except Exception as error:
        # A bug of lavr's or of somebody's tool: the operator gets the traceback, the visitor does not.
        LOG.exception("A question could not be answered.")
        turn.state = "failed"
        turn.error = LavrError(
            f"Something broke inside ({type(error).__name__}).", remedy="Try again; the operator's log says more."
        )
    _settle(room, turn)
    yield True


def _settle(room: Room, turn: Turn) -> None:
    """A turn that ended without an answer leaves its pictures to the next question."""
    if turn.state in {"waiting", "running"}:
        turn.state = "stopped"
    if turn.state != "answered" and turn in room.turns and not turn.settled:
        turn.settled = True
        room.give_back(turn)


def _events(session: Session, turn: Turn) -> AsyncGenerator[Event, None]:
    stream = session.astream(turn.question, list(turn.images.values()), regions=turn.pointed)
    assert isinstance(stream, AsyncGenerator)  # noqa: S101 - it is written as one
    return stream


async def _unless(stop: asyncio.Event, coming: Awaitable[T]) -> T | None:
    """What comes, or None as soon as the stop is set. Raises what it raises."""

    async def only() -> AsyncGenerator[T, None]:
        yield await coming

    async with contextlib.aclosing(until(stop, only())) as comes:
        async for came in comes:
            return came
    return None


async def until(stop: asyncio.Event, events: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """The events until there are no more, or until the stop is set, which ends their source at once."""
    stopping = asyncio.ensure_future(stop.wait())
    coming: asyncio.Task[T | None] | None = None
    try:
        while not stop.is_set():
            coming = asyncio.ensure_future(anext(events, None))
            await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done() or (event := coming.result()) is None:
                return
            yield event
    finally:
        stopping.cancel()
        if coming is not None and not coming.done():
            coming.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await coming
        await events.aclose()


def fit_to_show(event: Event) -> Event:
    """The event as a visitor may see it: errors name no paths of this machine, and the answer no second trace."""
    match event:
        case CallFinished(result=result):
            return replace(event, result=_result(result))
        case Observed(results=results):
            return replace(event, results=tuple(map(_result, results)))
        case DecisionRefused(error=error) | RunFailed(error=error):
            return replace(event, error=_told(error))
        case AnswerReady(answer=answer):
            return AnswerReady(replace(answer, trace=type(answer.trace)()))
        case _:
            return event


def _result(result: ToolResult) -> ToolResult:
    notes = tuple(map(without_paths, result.notes))
    return replace(result, notes=notes, error=None if result.error is None else _told(result.error))


def _told(error: LavrError) -> LavrError:
    return type(error)(without_paths(error.cause), remedy=without_paths(error.remedy), **error.data)
