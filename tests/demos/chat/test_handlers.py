"""What a page is sent when something is done on it: the text box, the notices, the words for screen readers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from lavr import Decision, Draft
from lavr.demos.chat.gate import COOKIE
from lavr.demos.chat.room import Room
from lavr.demos.chat.rooms import Rooms
from lavr.planners.base import Conversation, Emit
from lavr.planners.builtin.planner import BuiltinPlanner
from lavr.tests.demos.chat.served import setup
from lavr.tools.spec import ToolSpec
from lavr.vision.image import Image

if TYPE_CHECKING:
    from lavr.demos.chat.handlers import Handlers

SETTINGS: tuple[Any, Any, Any, Any] = ("patient", None, None, None)


class Patient:
    """Answers with the question, once it may."""

    name = "patient"
    unit = BuiltinPlanner.unit

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.may = threading.Event()

    def decide(self, conversation: Conversation, tools: Sequence[ToolSpec], *, emit: Emit) -> Decision:
        self.asked.set()
        self.may.wait(20)
        return Decision(answer=Draft(f"You said: {conversation.question.text.splitlines()[-1]}"))


class Desk:
    """Handlers, their rooms, and one page."""

    def __init__(self, folder: Path, planner: Patient) -> None:
        from lavr.demos.chat.handlers import Handlers

        chosen = setup(made={"patient": planner}, at_once=1, waiting=0, left_s=10)
        self.now = 0.0
        self.rooms = Rooms(folder, chosen, clock=lambda: self.now)
        self.handlers: Handlers = Handlers(self.rooms, chosen)
        self.request: Any = SimpleNamespace(session_hash="page", cookies={COOKIE: "ann"})

    @property
    def room(self) -> Room:
        return self.rooms.find("page", "ann")

    async def ask(self, question: str) -> list[Any]:
        return [view async for view in self.handlers.ask(question, *SETTINGS, self.request)]

    async def again(self) -> list[Any]:
        return [view async for view in self.handlers.again(*SETTINGS, self.request)]

    def send_picture(self, value: int = 200) -> str:
        image = Image.of(np.full((100, 200, 3), value, np.uint8), name="a.png", store=self.room.store)
        return self.room.add(image, 40)

    async def point(self, said: dict[str, Any]) -> Any:
        return await self.handlers.point(SimpleNamespace(_data=said), self.request)  # type: ignore[arg-type]


@pytest.fixture
def planner() -> Iterator[Patient]:
    patient = Patient()
    yield patient
    patient.may.set()


@pytest.fixture
def desk(tmp_path: Path, planner: Patient) -> Desk:
    pytest.importorskip("gradio", reason="gradio is not installed: pip install 'lavr[demo]'")
    return Desk(tmp_path, planner)


def play(play: Callable[[], Awaitable[Any]]) -> Any:
    async def played() -> Any:
        return await play()

    return asyncio.run(played())


def texts(views: Sequence[Any]) -> list[str]:
    """What the text box is set to, view by view."""
    return [view[3]["value"] for view in views if "value" in view[3]]


def shown(view: Any) -> str:
    """The pieces of the conversation."""
    return "".join(html for _, html in view[0])


def test_the_text_box_is_emptied_once_so_that_what_is_typed_meanwhile_stays(desk: Desk, planner: Patient) -> None:
    planner.may.set()
    views = play(lambda: desk.ask("hello"))
    assert "You said: hello" in shown(views[-1])
    assert texts(views) == [""]
    assert views[0][3]["value"] == ""


def test_a_question_that_finds_the_line_full_is_given_back(desk: Desk) -> None:
    async def asked() -> list[Any]:
        desk.handlers._line.join()
        return await desk.ask("hello")

    views = play(asked)
    assert texts(views)[-1] == "hello"
    assert "Busy: 1 questions" in shown(views[-1])
    assert "Busy: 1 questions" in views[-1][1]["says"]


def test_an_answer_is_not_given_up_for_asking_again_when_the_line_is_full(desk: Desk, planner: Patient) -> None:
    planner.may.set()

    async def asked() -> Any:
        await desk.ask("hello")
        desk.handlers._line.join()
        return (await desk.again())[-1]

    view = play(asked)
    assert "You said: hello" in shown(view)
    assert "Busy: 1 questions" in shown(view)


def test_a_new_chat_during_a_run_stays_new_when_the_run_ends(desk: Desk, planner: Patient) -> None:
    async def asked() -> tuple[Any, list[Any]]:
        views: list[Any] = []
        running = asyncio.create_task(desk.ask("hello"))
        await asyncio.to_thread(planner.asked.wait, 10)
        new = await desk.handlers.new_chat(desk.request)
        planner.may.set()
        views += await asyncio.wait_for(running, 10)
        return new, views

    new, views = play(asked)
    assert new[0][0][0] == "welcome"
    assert views[-1][0][0][0] == "welcome"
    assert views[-1][3]["submit_btn"] is True
    assert "hello" not in shown(views[-1])


@pytest.mark.parametrize("how", ["swept", "evicted"])
def test_a_chat_that_was_thrown_away_is_told_and_the_question_given_back(
    desk: Desk, planner: Patient, how: str
) -> None:
    planner.may.set()

    async def asked() -> list[Any]:
        await desk.ask("hello")
        desk.now = 10_000.0
        if how == "swept":
            assert desk.rooms.sweep() == ["page"]
        else:
            desk.rooms._throw_away(desk.room)
        return await desk.ask("and now?")

    views = play(asked)
    assert "This chat was idle for too long and was thrown away." in shown(views[-1])
    assert "Send the pictures again." in views[-1][1]["says"]
    assert texts(views) == ["and now?"]
    assert "You said" in shown(play(lambda: desk.ask("again"))[-1])


@pytest.mark.parametrize("does", ["again", "edit", "changed", "point"])
def test_every_deed_on_a_chat_that_was_thrown_away_tells_so_once(desk: Desk, does: str) -> None:
    async def done() -> Any:
        await desk.handlers.enter(desk.request)
        desk.send_picture()
        desk.rooms._throw_away(desk.room)
        deeds: dict[str, Callable[[], Awaitable[Any]]] = {
            "again": desk.again,
            "edit": lambda: desk.handlers.edit(desk.request),
            "changed": lambda: desk.handlers.changed(desk.request),
            "point": lambda: desk.point({"picture": "new_1", "x": 1, "y": 1}),
        }
        view = await deeds[does]()
        return view[-1] if does == "again" else view

    view = play(done)
    assert "thrown away" in shown(view)
    assert "thrown away" in shown(play(lambda: desk.handlers.enter(desk.request)))
    assert "thrown away" not in shown(play(lambda: desk.handlers.changed(desk.request)))


def test_a_page_that_is_opened_anew_is_not_told_of_what_was_thrown_away(desk: Desk) -> None:
    async def entered() -> Any:
        await desk.handlers.enter(desk.request)
        desk.send_picture()
        desk.rooms._throw_away(desk.room)
        return await desk.handlers.enter(desk.request)

    assert "thrown away" not in shown(play(entered))


def test_a_conversation_ends_after_a_hundred_questions(desk: Desk, planner: Patient) -> None:
    planner.may.set()

    async def asked() -> list[Any]:
        await desk.handlers.enter(desk.request)
        for _ in range(100):
            desk.room.begin("?").state = "answered"
        return await desk.ask("one more")

    views = play(asked)
    assert "There are 100 questions in this chat." in shown(views[-1])
    assert texts(views) == ["one more"]


def test_a_screen_reader_is_told_of_refusals_first_and_of_what_was_pointed_at(desk: Desk, planner: Patient) -> None:
    planner.may.set()

    async def told() -> list[str]:
        await desk.ask("hello")
        key = desk.send_picture()
        good = await desk.point({"picture": key, "xyxy": [1, 1, 20, 20]})
        bad = await desk.point({"picture": "img_9", "x": 1, "y": 1})
        empty = (await desk.ask("  "))[-1]
        return [view[1]["says"] for view in (good, bad, empty)]

    good, bad, empty = play(told)
    assert good == "Pointing at a box on a.png. Ask about this one."
    assert bad == "That picture is not here any more. Point at one that is."
    assert empty.startswith("The question is empty.")


def test_a_sample_takes_the_place_of_what_was_pending_and_pointed_at(desk: Desk, planner: Patient) -> None:
    planner.may.set()

    async def asked() -> Any:
        await desk.handlers.enter(desk.request)
        await desk.point({"picture": desk.send_picture(), "x": 5, "y": 5})
        event: Any = SimpleNamespace(_data={"number": 0})
        return [view async for view in desk.handlers.example(event, *SETTINGS, desk.request)][-1]

    view = play(asked)
    assert "You said: What is the total, and the date?" in shown(view)
    assert [image.name for image in desk.room.images.values()] == ["receipt.png"]
