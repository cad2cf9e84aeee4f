"""What happens when a visitor does something: from Gradio's events to the room, and from the room to the page."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, TypeAlias

import gradio as gr

from ...errors import LavrError, LimitReached, UsageError
from ...jsonable import Json
from ...vision.loading import open_image
from . import log, panel
from .examples import EXAMPLES, Example
from .gate import COOKIE
from .line import Line
from .room import Room
from .rooms import NotYours, Rooms
from .setup import Choice, Setup
from .turn import Turn
from .turns import played

LONGEST_QUESTION = 4000
MOST_TURNS = 100
"""Questions of one conversation: each view of the page holds them all."""

Shown: TypeAlias = tuple[Any, Any, Any, Any]
"""Values of the log, the tray, the panel and the text box."""


class Handlers:
    """The events of the page. Each is a method that Gradio calls with what the page sent and who sent it.

    Args:
        rooms: the conversations.
        setup: what the operator chose.
    """

    def __init__(self, rooms: Rooms, setup: Setup) -> None:
        self._rooms = rooms
        self._setup = setup
        self._line = Line(setup.at_once, setup.waiting)

    async def enter(self, request: gr.Request) -> Shown:
        """A page was opened."""
        try:
            return self._shown(self._rooms.enter(*_who(request)))
        except (NotYours, LavrError) as error:
            return self._turned_away(error)

    async def ask(
        self, question: str, planner: str, tools: list[str], steps: float, seconds: float, request: gr.Request
    ) -> AsyncGenerator[Shown, None]:
        """Answer a question about the pictures that were sent before it. Yields the conversation as it grows.

        Args:
            question: in plain words.
            planner: who decides.
            tools: what it may call.
            steps: most decisions.
            seconds: most seconds.
            request: who asks.
        """
        choice = Choice.of(self._setup, planner, tools, steps, seconds)
        async with contextlib.aclosing(self._ask(str(question or ""), choice, request)) as views:
            async for view in views:
                yield view

    async def again(
        self, planner: str, tools: list[str], steps: float, seconds: float, request: gr.Request
    ) -> AsyncGenerator[Shown, None]:
        """Ask the last question anew."""
        try:
            room = self._room(request)
            turn = None if _is_lost(room) or self._is_full(room) else room.take_back()
        except (NotYours, LavrError) as error:
            yield self._turned_away(error)
            return
        if turn is None:
            yield self._shown(room)
            return
        async with contextlib.aclosing(self.ask(turn.question, planner, tools, steps, seconds, request)) as views:
            async for view in views:
                yield view

    async def edit(self, request: gr.Request) -> Shown:
        """Put the last question back into the text box."""
        try:
            room = self._room(request)
        except (NotYours, LavrError) as error:
            return self._turned_away(error)
        turn = None if _is_lost(room) else room.take_back()
        return self._shown(room, text=turn.question if turn else None)

    async def example(
        self, event: gr.EventData, planner: str, tools: list[str], steps: float, seconds: float, request: gr.Request
    ) -> AsyncGenerator[Shown, None]:
        """Ask a sample question about its sample picture."""
        number = _said(event).get("number")
        if not isinstance(number, int) or not 0 <= number < len(EXAMPLES):
            yield self._kept()
            return
        try:
            room = self._room(request)
            if room.busy or _is_lost(room):
                yield self._shown(room)
                return
            await self._take_example(room, EXAMPLES[number])
        except (NotYours, LavrError) as error:
            yield self._turned_away(error)
            return
        async with contextlib.aclosing(
            self.ask(EXAMPLES[number].question, planner, tools, steps, seconds, request)
        ) as views:
            async for view in views:
                yield view

    async def _take_example(self, room: Room, example: Example) -> None:
        """Let the sample picture, and nothing else, go with the next question. Raises `LavrError`."""
        with room.taking_in():
            image = await asyncio.to_thread(open_image, example.path, store=room.store)
            if room.closed:
                raise NotYours
            if room.busy:
                room.discard(image)
                return
            for key in list(room.pending):
                room.take_away(key)
            room.pointed.clear()
            room.add(image, self._setup.pictures)

    async def stop(self, request: gr.Request) -> None:
        """End the run."""
        with contextlib.suppress(NotYours):
            self._rooms.find(*_who(request)).stop.set()

    async def changed(self, request: gr.Request) -> Shown:
        """Pictures came in."""
        return self._changed(request, lambda _: None)

    async def away(self, event: gr.EventData, request: gr.Request) -> Shown:
        """A picture or a place is not to go with the next question."""
        return self._changed(request, lambda room: panel.take_away(room, str(_said(event).get("key", ""))))

    async def point(self, event: gr.EventData, request: gr.Request) -> Shown:
        """The visitor points at something."""
        return self._changed(request, lambda room: panel.point_at(room, _said(event)))

    async def new_chat(self, request: gr.Request) -> Shown:
        """Throw the conversation away and begin another."""
        try:
            room = self._room(request)
            self._rooms.close(room.key)
            return self._shown(self._rooms.enter(*_who(request)), text="")
        except (NotYours, LavrError) as error:
            return self._turned_away(error)

    async def leave(self, request: gr.Request) -> None:
        """A page was closed."""
        self._rooms.leave(str(request.session_hash or ""))

    def _room(self, request: gr.Request) -> Room:
        return self._rooms.open(*_who(request))

    def _is_full(self, room: Room) -> bool:
        """Whether there is no place in line, which the room tells; an answer is not given up for that."""
        try:
            self._line.check()
        except LavrError as busy:
            room.notice = busy
            return True
        return False

    def _changed(self, request: gr.Request, change: Callable[[Room], str | None]) -> Shown:
        """Change what goes with the next question; the change gives what a screen reader is told of it."""
        try:
            room = self._room(request)
        except (NotYours, LavrError) as error:
            return self._turned_away(error)
        says = None
        if not _is_lost(room):
            room.notice = None
            try:
                says = change(room)
            except LavrError as error:
                room.notice = error
        return (log.entries(room), self._tray(room, _notice(room) or says), self._panel(room), gr.skip())

    async def _ask(self, question: str, choice: Choice, request: gr.Request) -> AsyncGenerator[Shown, None]:
        try:
            room = self._room(request)
            turn = None if _is_lost(room) else _begun(room, question)
        except (NotYours, LavrError) as error:
            yield self._turned_away(error)
            return
        if turn is None:
            yield self._shown(room, text=question)
            return
        text: str | None = ""  # once: what is typed from then on is the next question
        async with contextlib.aclosing(played(room, turn, choice, self._setup, self._line)) as news:
            async for more in news:
                if not room.closed:
                    yield self._at_work(room, more=more, text=text)
                    text = None
        if room.closed:
            yield self._after(request)
        else:
            yield self._shown(room, text=None if turn in room.turns else turn.question)

    def _after(self, request: gr.Request) -> Shown:
        """What a page shows whose room was closed while a question was at work: its new one."""
        try:
            return self._shown(self._rooms.find(*_who(request)))
        except NotYours as error:
            return self._turned_away(error)

    def _at_work(self, room: Room, *, more: bool, text: str | None) -> Shown:
        tray = self._tray(room, _says(room)) if more else gr.skip()
        pictures = self._panel(room) if more else gr.skip()
        box = gr.skip() if text is None else gr.update(value=text, submit_btn=False, stop_btn=True)
        return (log.entries(room), tray, pictures, box)

    def _shown(self, room: Room, text: str | None = None) -> Shown:
        buttons: dict[str, Any] = {"submit_btn": not room.busy, "stop_btn": room.busy}
        box = gr.update(**buttons) if text is None else gr.update(value=text, **buttons)
        return (log.entries(room), self._tray(room, _says(room)), self._panel(room), box)

    def _tray(self, room: Room, says: str | None) -> dict[str, Any]:
        return {
            "room": room.key,
            "busy": room.busy,
            "chips": panel.chips(room),
            "most_bytes": self._setup.file_bytes,
            "says": says,
        }

    def _panel(self, room: Room) -> dict[str, Any]:
        return {"sheets": panel.sheets(room), "tabs": panel.tabs(room), "focus": panel.focus(room)}

    def _turned_away(self, error: NotYours | LavrError) -> Shown:
        told = error if isinstance(error, LavrError) else UsageError("This chat is gone.", remedy="Reload the page.")
        return ([["notice", log.failed(told)]], gr.skip(), gr.skip(), gr.skip())

    @staticmethod
    def _kept() -> Shown:
        return (gr.skip(), gr.skip(), gr.skip(), gr.skip())


def _is_lost(room: Room) -> bool:
    """Whether the room has just taken the place of one that was thrown away, which its notice tells once."""
    lost, room.lost = room.lost, False
    return lost


def _begun(room: Room, question: str) -> Turn | None:
    """A new turn; None, with a notice in the room, when there can be none."""
    said = question.strip()
    if room.busy:
        return None
    if not said:
        room.notice = UsageError("The question is empty.", remedy="Ask something about the picture.")
    elif len(said) > LONGEST_QUESTION:
        room.notice = LimitReached(
            f"The question has {len(said):,} characters; at most {LONGEST_QUESTION:,} are read.", remedy="Ask shorter."
        )
    elif len(room.turns) >= MOST_TURNS:
        room.notice = LimitReached(f"There are {MOST_TURNS} questions in this chat.", remedy="Begin a new chat.")
    else:
        return room.begin(said)
    return None


def _says(room: Room) -> str:
    """What a screen reader is told."""
    if notice := _notice(room):
        return notice
    turn = room.turns[-1] if room.turns else None
    if turn is None:
        return ""
    if turn.answer:
        return f"Answer: {turn.answer.text}"
    return {"waiting": "Waiting.", "running": "Working.", "stopped": "Stopped."}.get(turn.state, "That did not work.")


def _notice(room: Room) -> str:
    return f"{room.notice.cause} {room.notice.remedy}".strip() if room.notice else ""


def _who(request: gr.Request) -> tuple[str, str]:
    """The page and the visitor that a request comes from."""
    return str(request.session_hash or ""), str(request.cookies.get(COOKIE, ""))


def _said(event: gr.EventData) -> Mapping[str, Json]:
    """What the page said with an event."""
    data = event._data
    return data if isinstance(data, Mapping) else {}
