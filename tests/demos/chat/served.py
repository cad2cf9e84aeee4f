"""The chat, served on this machine for tests, with a planner that does as the question says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lavr import Citation, Decision, Draft, Region, ToolCall, default_tools, tool
from lavr.demos.chat.setup import Setup
from lavr.jsonable import Json
from lavr.planners.base import Conversation, Emit, Kind, ThoughtText
from lavr.planners.builtin.planner import BuiltinPlanner
from lavr.tools.calls import Observation
from lavr.tools.spec import ToolSpec
from lavr.vision.image import Image

if TYPE_CHECKING:
    from lavr.demos.chat.server import Chat

NAP_S = 30.0
WAKE = threading.Event()
"""Ends every nap, so that no thread outlives the tests."""


@tool(cacheable=False)
def nap(seconds: float) -> str:
    """Sleep."""
    WAKE.wait(seconds)
    return "slept"


@tool
def breaks() -> str:
    """Break, and name a file of this machine."""
    raise RuntimeError("cannot open /home/ann/secret/models/x.pt")


@tool
def finds(image: Image, label: str, text: str) -> Observation:
    """Find a region that says something."""
    width, height = image.size_wh
    place = Region(image, (width * 0.2, height * 0.2, width * 0.6, height * 0.5), label, 0.9, text)
    return Observation(text, (place,), untrusted=True)


class Obedient:
    """Does as the question says: `nap`, `break`, `say TEXT`, `find TEXT`; anything else is for the built-in planner."""

    name = "obedient"
    unit = BuiltinPlanner.unit

    def __init__(self) -> None:
        self._builtin = BuiltinPlanner()

    def decide(self, conversation: Conversation, tools: Sequence[ToolSpec], *, emit: Emit) -> Decision:
        question = conversation.question.text.splitlines()[-1]
        verb, _, rest = question.partition(" ")
        if verb not in {"nap", "break", "say", "find"}:
            return self._builtin.decide(conversation, tools, emit=emit)
        emit(ThoughtText(f"I am asked to {verb}."))
        if verb == "say":
            return Decision(f"I am asked to {verb}.", answer=Draft(rest))
        since = [message.kind for message in conversation.messages]
        if Kind.RESULT in since[max(at for at, kind in enumerate(since) if kind is Kind.QUESTION) :]:
            found = [region for came in conversation.results if came.observation for region in came.observation.regions]
            cited = (Citation(rest, found[-1].handle),) if verb == "find" else ()
            return Decision("That was it.", answer=Draft(f"Done: {rest}", cited))
        given: dict[str, dict[str, Json]] = {
            "nap": {"seconds": float(rest) if verb == "nap" and rest else NAP_S},
            "break": {},
            "find": {"image": "img_1", "label": rest, "text": rest},
        }
        name = {"nap": "nap", "break": "breaks", "find": "finds"}[verb]
        return Decision(f"I am asked to {verb}.", calls=(ToolCall("", name, given[verb]),))


@dataclass(frozen=True)
class Served:
    """A chat that is listening."""

    url: str
    chat: Chat


def setup(**changes: object) -> Setup:
    """The setup of the tests: the obedient planner first, the shipped tools and those that it calls."""
    given = {"made": {"obedient": Obedient()}, "tools": (*default_tools(), nap, breaks, finds), **changes}
    return Setup(**given)  # type: ignore[arg-type]  # the changes are those of the dataclass


@contextmanager
def served(chosen: Setup) -> Iterator[Served]:
    """A chat on a free port of this machine, until it is left."""
    from lavr.demos.chat.server import Chat, free_socket, server_of

    WAKE.clear()
    chat = Chat(chosen)
    bound = free_socket("127.0.0.1", 0, exact=True)
    server = server_of(chat, log_level="error")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield Served(f"http://127.0.0.1:{bound.getsockname()[1]}", chat)
    finally:
        WAKE.set()
        server.should_exit = True
        thread.join(10)
        bound.close()
        WAKE.clear()  # another chat of the tests may go on, and its naps are to last
