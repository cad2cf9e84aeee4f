"""A conversation: its pictures, its questions, and what goes with the next one."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ...agent.agent import Agent
from ...agent.session import Session
from ...agent.trace import Trace
from ...errors import LavrError, LimitReached, UsageError
from ...planners.kinds import PlannerLike
from ...tools.calls import ToolResult
from ...vision.image import Image
from ...vision.region import Region
from ...vision.store import ImageStore
from .setup import Choice, Setup
from .turn import Turn

MEMORY_BYTES = 32 * 1024 * 1024
"""Of decoded pictures that one room keeps at hand."""


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
        lost: whether it took the place of one that was thrown away, which the page was not told yet.
        closed: whether it was thrown away.
        sheets: of the page's pictures, by their keys: what each was drawn from, and its HTML.
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
        self.lost = False
        self.closed = False
        self.sheets: dict[str, tuple[list[object], str]] = {}
        self._agents: dict[Choice, Agent] = {}
        self._agents_lock = threading.Lock()
        self._taken = 0
        self._opening = 0
        self._unwanted: set[str] = set()

    @property
    def busy(self) -> bool:
        """Whether a question is at work or in line."""
        return bool(self.turns) and not self.turns[-1].over

    @property
    def empty(self) -> bool:
        """Whether nothing would be lost with it."""
        return not self.turns and not self.pending

    def session(self, choice: Choice, setup: Setup, planner: PlannerLike) -> Session:
        """The conversation, as the chosen agent goes on with it. Raises `LavrError`. Any thread may call it."""
        with self._agents_lock:
            if self.closed:
                raise UsageError("This chat is gone.", remedy="Reload the page.")
            agent = self._agents.get(choice)
            if agent is None:
                self._close_agents()
                agent = self._agents[choice] = Agent(
                    planner,
                    tools=[setup.toolbox[name] for name in choice.tools],
                    limits=replace(setup.limits, steps=choice.steps, seconds=choice.seconds),
                    store=self.store,
                )
        session = agent.session()
        session.head = self.head
        return session

    def check(self, most: int) -> None:
        """Raise `LimitReached` when it has so many pictures. One that is in a failed turn and pending counts once."""
        images = [*self.pending.values(), *(image for turn in self.turns for image in turn.images.values())]
        if len({image.lineage for image in images}) >= most:
            raise LimitReached(f"There are {most} pictures in this chat.", remedy="Begin a new chat.", limit="pictures")

    def add(self, image: Image, most: int) -> str:
        """Take a picture for the next question. Returns its key.

        Raises:
            LimitReached: when there are too many; its file is gone then.
        """
        try:
            self.check(most)
        except LimitReached:
            self.discard(image)
            raise
        self._taken += 1
        key = f"new_{self._taken}"
        self.pending[key] = image
        return key

    def take_away(self, key: str) -> None:
        """Take a picture out of what goes with the next question, with the places on it."""
        gone = self.pending.pop(key)
        self.pointed[:] = [region for region in self.pointed if region.image.lineage != gone.lineage]
        self.discard(gone)

    @contextmanager
    def taking_in(self) -> Iterator[None]:
        """While a picture is opened: until it is added, nobody knows that its file is wanted."""
        self._opening += 1
        try:
            yield
        finally:
            self._opening -= 1
            self._tidy()

    def discard(self, image: Image) -> None:
        """Remove the file of a picture, unless another one has the same pixels."""
        self._unwanted.add(image.digest)
        self._tidy()

    def _tidy(self) -> None:
        if self._opening:
            return
        images = [*self.pending.values(), *(image for turn in self.turns for image in turn.images.values())]
        seen = (image for turn in self.turns for image in turn.facts.images)
        for digest in self._unwanted - {image.digest for image in (*images, *seen)}:
            self.store.path(digest).unlink(missing_ok=True)
        self._unwanted.clear()

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
        self._forget_lost_places()
        self.head = turn.head
        return turn

    def give_back(self, turn: Turn) -> None:
        """Let what came with a turn go with the next question: the session did not keep it."""
        self.pending = turn.images | self.pending
        self.pointed[:0] = turn.pointed
        self._forget_lost_places()

    def _forget_lost_places(self) -> None:
        """Of what was pointed at, keep what the next question can point at: its own pictures, and the session's."""
        kept = (image for turn in self.turns if turn.stays for image in (*turn.facts.images, *turn.images.values()))
        known = {(image.digest, image.lineage, image.frame) for image in (*self.pending.values(), *kept)}
        places = [(region.image.digest, region.image.lineage, region.image.frame) for region in self.pointed]
        self.pointed[:] = [region for region, place in zip(self.pointed, places, strict=True) if place in known]

    @property
    def images(self) -> dict[str, Image]:
        """The pictures that visitors gave, by handle, and those that are pending, by key."""
        kept = [turn.given for turn in self.turns if turn.stays]
        return {key: image for given in kept for key, image in given.items()} | self.pending

    @property
    def results(self) -> list[ToolResult]:
        """What came of every call, oldest first."""
        return [result for turn in self.turns for result in turn.facts.results]

    @property
    def regions(self) -> dict[str, Region]:
        """Every region that has a handle."""
        return {handle: region for turn in self.turns for handle, region in turn.facts.regions.items()}

    @property
    def handles(self) -> set[str]:
        """Whatever an answer can link to."""
        return {handle for turn in self.turns for handle in turn.facts.handles}

    @property
    def digests(self) -> dict[str, Image]:
        """Every picture that the page may show, by digest."""
        shown = [image for turn in self.turns for image in turn.facts.images]
        return {image.digest: image for image in (*shown, *self.images.values())}

    @property
    def trace(self) -> Trace:
        """Everything that happened."""
        return Trace(tuple(event for turn in self.turns for event in turn.events))

    def close(self) -> None:
        """End what runs, and remove the files."""
        self.closed = True
        self.stop.set()
        with self._agents_lock:
            self._close_agents()
        shutil.rmtree(self.store.folder, ignore_errors=True)

    def _close_agents(self) -> None:
        for agent in self._agents.values():
            agent.close()
        self._agents.clear()
