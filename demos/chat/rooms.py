"""Conversations, each with its own visitor, store and files; nothing of one is reachable from another.

A room belongs to one page of one browser: its key is the page's, and only the visitor who opened it, known by a cookie
that scripts cannot read, gets in. Everything here is used from one event loop.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...agent.agent import Agent
from ...agent.answer import Answer
from ...agent.events import Event, RunStarted
from ...agent.session import Session
from ...agent.trace import Trace
from ...errors import LavrError, LimitReached
from ...tools.calls import ToolResult
from ...vision.image import Image
from ...vision.region import Region
from ...vision.store import ImageStore
from .setup import Choice, Setup

MEMORY_BYTES = 32 * 1024 * 1024
"""Of decoded pictures that one room keeps at hand."""


class NotYours(Exception):  # not of the tree: whoever asks is told nothing, not even whether it is there
    """Somebody asked for a room, or a file in it, that is not theirs or not there."""


@dataclass
class Turn:
    """One question and what came of it.

    Attributes:
        number: counts from 1 in its room.
        question: as it was asked.
        images: the pictures that came with it, by the key that the page has for them.
        pointed: the regions that came with it.
        head: where the session stood before it.
        events: what happened.
        state: "waiting", "running", "answered", "stopped" or "failed".
        ahead: how many are before it in line.
        error: why it failed.
        settled: whether what it brought went back to the room, because the session did not keep it.
        drawn: pieces of the page that do not change any more, by key.
    """

    number: int
    question: str
    images: dict[str, Image]
    pointed: tuple[Region, ...]
    head: str
    events: list[Event] = field(default_factory=list)
    state: str = "waiting"
    ahead: int = 0
    error: LavrError | None = None
    settled: bool = False
    drawn: dict[str, str] = field(default_factory=dict)

    @property
    def trace(self) -> Trace:
        """What happened."""
        return Trace(tuple(self.events))

    @property
    def answer(self) -> Answer | None:
        """The answer, once there is one."""
        return self.trace.answer

    @property
    def started(self) -> RunStarted | None:
        """The question as the agent took it in, with the handles of its pictures."""
        return self.trace.started

    @property
    def given(self) -> dict[str, Image]:
        """Its pictures, by handle as soon as they have one."""
        return {image.handle: image for image in self.started.images} if self.started else self.images

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in {"waiting", "running"}


class Room:
    """One conversation.

    Attributes:
        key: of the page.
        visitor: who opened it.
        store: its pictures and its log, in its own folder.
        turns: what was asked, oldest first.
        pending: pictures that go with the next question, by the key that the page has for them.
        pointed: regions that go with the next question.
        stop: set to end the run.
        notice: something to tell that belongs to no turn.
        head: where the session stands: before the last turn, unless that was answered.
    """

    def __init__(self, key: str, visitor: str, folder: Path) -> None:
        self.key = key
        self.visitor = visitor
        self.store = ImageStore(folder, memory_bytes=MEMORY_BYTES)
        self.turns: list[Turn] = []
        self.pending: dict[str, Image] = {}
        self.pointed: list[Region] = []
        self.stop = asyncio.Event()
        self.notice: LavrError | None = None
        self.used = time.monotonic()
        self.left: float | None = None
        self.head = ""
        self._agents: dict[Choice, Agent] = {}
        self._taken = 0

    @property
    def busy(self) -> bool:
        """Whether a question is at work or in line."""
        return bool(self.turns) and not self.turns[-1].over

    def session(self, choice: Choice, setup: Setup) -> Session:
        """The conversation, as the chosen agent goes on with it. Raises `LavrError` for a planner that is not there."""
        agent = self._agents.get(choice)
        if agent is None:
            self._close_agents()
            agent = self._agents[choice] = Agent(
                setup.planner(choice.planner),
                tools=[setup.toolbox[name] for name in choice.tools],
                limits=replace(setup.limits, steps=choice.steps, seconds=choice.seconds),
                store=self.store,
            )
        session = agent.session()
        session.head = self.head
        return session

    def add(self, image: Image, most: int) -> str:
        """Take a picture for the next question. Returns its key. Raises `LimitReached` when there are too many."""
        if len(self.pending) + sum(len(turn.images) for turn in self.turns) >= most:
            raise LimitReached(f"There are {most} pictures in this chat.", remedy="Begin a new chat.", limit="pictures")
        self._taken += 1
        key = f"new_{self._taken}"
        self.pending[key] = image
        return key

    def begin(self, question: str) -> Turn:
        """A new turn with what is pending."""
        turn = Turn(
            number=max((turn.number for turn in self.turns), default=0) + 1,
            question=question,
            images=dict(self.pending),
            pointed=tuple(self.pointed),
            head=self.head,
        )
        self.notice = None
        self.stop.clear()
        self.pending.clear()
        self.pointed.clear()
        self.turns.append(turn)
        return turn

    def take_back(self) -> Turn | None:
        """Take the last question back, as if it had not been asked: its pictures are pending again."""
        if not self.turns or self.busy:
            return None
        turn = self.turns.pop()
        if turn.state == "answered":
            self.give_back(turn)
        self.head = turn.head
        return turn

    def give_back(self, turn: Turn) -> None:
        """Let what came with a turn go with the next question: the session did not keep it."""
        self.pending = turn.images | self.pending
        self.pointed[:0] = turn.pointed

    @property
    def images(self) -> dict[str, Image]:
        """The pictures that visitors gave, by handle, and those that are pending, by key."""
        kept = [turn.given for turn in self.turns if turn.state == "answered" or not turn.over]
        return {key: image for given in kept for key, image in given.items()} | self.pending

    @property
    def results(self) -> list[ToolResult]:
        """What came of every call, oldest first."""
        return [result for turn in self.turns for result in turn.trace.results]

    @property
    def regions(self) -> dict[str, Region]:
        """Every region that has a handle."""
        found = [region for came in self.results if came.observation for region in came.observation.regions]
        pointed = [region for turn in self.turns if turn.started for region in turn.started.pointed]
        cited = [piece.region for turn in self.turns if turn.answer for piece in turn.answer.evidence if piece.region]
        return {region.handle: region for region in (*found, *pointed, *cited)}

    @property
    def digests(self) -> dict[str, Image]:
        """Every picture that the page may show, by digest."""
        shown = [image for turn in self.turns for image in turn.trace.images]
        return {image.digest: image for image in (*shown, *self.images.values())}

    @property
    def trace(self) -> Trace:
        """Everything that happened."""
        return Trace(tuple(event for turn in self.turns for event in turn.events))

    def close(self) -> None:
        """End what runs, and remove the files."""
        self.stop.set()
        self._close_agents()
        shutil.rmtree(self.store.folder, ignore_errors=True)

    def _close_agents(self) -> None:
        for agent in self._agents.values():
            agent.close()
        self._agents.clear()


class Rooms:
    """The conversations that are open.

    Args:
        folder: where their files go, each in a folder of its own.
        setup: how many there may be, and for how long.
        clock: seconds; for tests.
    """

    def __init__(self, folder: Path, setup: Setup, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._setup = setup
        self._clock = clock
        self._rooms: dict[str, Room] = {}
        self._owners: dict[str, str] = {}
        self._opened = 0

    def __len__(self) -> int:
        return len(self._rooms)

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))

    def claim(self, key: str, visitor: str) -> bool:
        """Whether a page's key is this visitor's; a key that nobody has becomes theirs."""
        owner = self._owners.setdefault(key, visitor)
        while len(self._owners) > 20 * self._setup.rooms:
            self._owners.pop(next(each for each in self._owners if each not in self._rooms))
        return owner == visitor

    def open(self, key: str, visitor: str) -> Room:
        """The room of a page; a new one when it has none. Raises `NotYours`, and `LimitReached` when all are in use."""
        if not key or not visitor or not self.claim(key, visitor):
            raise NotYours
        room = self._rooms.get(key)
        if room is None:
            self._make_room()
            self._opened += 1
            room = self._rooms[key] = Room(key, visitor, self.folder / f"room-{self._opened}")
        room.used, room.left = self._clock(), None
        return room

    def find(self, key: str, visitor: str) -> Room:
        """The room of a page that has one. Raises `NotYours`, the same for one that is not there and not theirs."""
        room = self._rooms.get(key)
        if room is None or not visitor or room.visitor != visitor:
            raise NotYours
        room.used, room.left = self._clock(), None
        return room

    def leave(self, key: str) -> None:
        """The page was closed; it may be reloaded, so that its room stays for a while."""
        room = self._rooms.get(key)
        if room is not None:
            room.left = self._clock()
            room.stop.set()

    def close(self, key: str) -> None:
        """Throw a room and its files away."""
        room = self._rooms.pop(key, None)
        if room is not None:
            room.close()

    def sweep(self) -> list[str]:
        """Throw away what was idle for too long. Returns the keys of those rooms."""
        now = self._clock()
        gone = [room.key for room in self if not room.busy and self._expired(room, now)]
        for key in gone:
            self.close(key)
            self._owners.pop(key, None)
        return gone

    def close_all(self) -> None:
        """Throw everything away."""
        for room in self:
            self.close(room.key)

    def _expired(self, room: Room, now: float) -> bool:
        left = room.left is not None and now - room.left > self._setup.left_s
        return left or now - room.used > self._setup.idle_s

    def _make_room(self) -> None:
        if len(self._rooms) < self._setup.rooms:
            return
        idle = sorted((room for room in self if not room.busy), key=lambda room: room.used)
        if not idle:
            raise LimitReached(
                f"Busy: {self._setup.rooms} chats are open.", remedy="Come back in a moment.", limit="rooms"
            )
        self.close(idle[0].key)
