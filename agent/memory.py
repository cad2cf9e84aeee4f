"""What a session knows, in memory: rebuilt from its log when it is not there, and never more than a copy of it."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from ..errors import LimitReached, UsageError
from ..jsonable import Json, canonical
from ..planners.base import Conversation, Decision, Kind
from ..tools.calls import Observation, ToolCall, ToolResult
from ..vision.drawing import marked_pictures
from ..vision.frame import Frame
from ..vision.image import Image
from ..vision.region import Region
from ..vision.scene import Scene
from ..vision.store import ImageStore
from .log import Page, read_pages, write_page
from .records import result_from, result_record

KEPT_SESSIONS = 32


class Stopwatch:
    """Seconds that a run has taken, over all the processes that worked on it."""

    def __init__(self, spent: float = 0.0) -> None:
        self._spent = spent
        self._since = time.monotonic()

    @property
    def seconds(self) -> float:
        """What it shows."""
        return self._spent + time.monotonic() - self._since


class Memory:
    """The conversation, the scene and the results of one session, up to the page `head` of its log."""

    def __init__(self, store: ImageStore, head: str = "", *, spent: float = 0.0) -> None:
        pages = list(read_pages(store, head))
        self.store = store
        self.head = head
        self.watch = Stopwatch(spent)
        self.conversation = Conversation()
        self.results: dict[str, ToolResult] = {}
        self.scene = _scene(pages, store)
        self.run_ids: set[str] = set()
        self._same: dict[tuple[str, str], list[ToolResult]] = {}
        self._raw: dict[str, ToolResult] = {}
        for page in pages:
            self._add(page)

    def append(self, page: Page) -> str:
        """Write a page into the log and take it in. Returns the new head."""
        self.head = write_page(self.store, self.head, page)
        self._add(page)
        return self.head

    def _add(self, page: Page) -> None:
        if any(message.kind is Kind.QUESTION for message in page.messages):
            self.run_ids = set()
        self.conversation = self.conversation.extended(page.messages)
        for came in page.results:
            self.results[came.call.id] = came
            self.run_ids.add(came.call.id)
            self._same.setdefault(_key(came.call), []).append(came)

    def same(self, call: ToolCall) -> list[ToolResult]:
        """The results of calls of the same tool with the same arguments, oldest first."""
        return self._same.get(_key(call), [])

    def keep_raw(self, came: ToolResult) -> str:
        """Write down what came of a call, before it has handles. Returns the digest under which `raw` finds it."""
        digest = self.store.put_document(result_record(came))
        self._raw[digest] = came
        return digest

    def raw(self, digest: str) -> ToolResult:
        """What came of a call, before it had handles."""
        kept = self._raw.pop(digest, None)
        if kept is not None:
            return kept
        return result_from(cast("Mapping[str, Json]", self.store.get_document(digest)), self.store)

    def take_in(self, came: ToolResult) -> ToolResult:
        """The result with handles for its images and regions."""
        if came.observation is None:
            return came
        seen = came.observation
        taken = {image: self.scene.add_image(image) for image in seen.images}
        regions = tuple(self._taken_region(region, taken) for region in seen.regions)
        images = [taken[image] for image in seen.images]
        if seen.marked:
            images += [self.scene.add_image(picture) for picture in marked_pictures(regions)]
        return replace(came, observation=replace(seen, images=tuple(images), regions=regions, marked=False))

    def point(self, regions: Iterable[Region], given: Iterable[Image]) -> tuple[Region, ...]:
        """Regions that the user points at, with handles.

        Args:
            regions: on pictures of the session, or on pictures that come with the question.
            given: those that come with it, as they were taken in.
        """
        known = {(image.digest, image.lineage, image.frame): image for image in (*self.scene.images, *given)}
        return tuple(self._pointed_at(region, known) for region in regions)

    def _pointed_at(self, region: Region, known: Mapping[tuple[str, str, Frame], Image]) -> Region:
        image = known.get((region.image.digest, region.image.lineage, region.image.frame))
        if image is None:
            raise UsageError(
                "The user points at a picture that is not part of the conversation.",
                remedy="Give the picture with the question.",
            )
        return self.scene.add_region(replace(region, image=image))

    def _taken_region(self, region: Region, taken: dict[Image, Image]) -> Region:
        image = taken.get(region.image)
        if image is None:
            # Found on a picture that the tool made and kept to itself: it gets a handle, so that the place has one.
            image = taken[region.image] = self.scene.add_image(region.image)
        return self.scene.add_region(replace(region, image=image))

    @property
    def last_decision(self) -> Decision:
        """The decision at work. Raises `ValueError` when nothing was decided yet."""
        for message in reversed(self.conversation.messages):
            if message.decision is not None:
                return message.decision
        raise ValueError("Nothing was decided yet.")

    @property
    def goes_in_circles(self) -> bool:
        """Whether the last decision was nothing but calls that were refused, because their results are known."""
        came = [self.results.get(call.id) for call in self.last_decision.calls]
        return bool(came) and all(each is not None and _is_refused_repeat(each) for each in came)

    @property
    def unanswered(self) -> list[ToolCall]:
        """Calls that the planner was not told the result of, because their run ended."""
        told = {came.call.id for came in self.conversation.results}
        return [call for decision in self.decisions for call in decision.calls if call.id not in told]

    @property
    def decisions(self) -> Iterator[Decision]:
        """Every decision of the session, oldest first."""
        return (message.decision for message in self.conversation.messages if message.decision is not None)

    @property
    def call_count(self) -> int:
        """How many calls the planner made in the session; their ids are c1 to c of this."""
        return sum(len(decision.calls) for decision in self.decisions)

    @property
    def run_results(self) -> list[ToolResult]:
        """The results since the last question, in the order in which they were taken in."""
        return [came for call_id, came in self.results.items() if call_id in self.run_ids]


def _is_refused_repeat(came: ToolResult) -> bool:
    return isinstance(came.error, LimitReached) and came.error.data.get("limit") == "repeats"


def _key(call: ToolCall) -> tuple[str, str]:
    return call.name, canonical(call.arguments)


def _scene(pages: Iterable[Page], store: ImageStore) -> Scene:
    images: list[Image] = []
    regions: list[Region] = []
    for page in pages:
        seen: list[Observation] = [came.observation for came in page.results if came.observation is not None]
        regions += [region for observation in seen for region in observation.regions]
        regions += [region for message in page.messages for region in message.pointed]
        images += [*page.images, *(image for observation in seen for image in observation.images)]
    images += [region.image for region in regions]
    return Scene.restored(images, regions, store)


class Memories:
    """The memories of the sessions that were at work last. Safe to use from several threads."""

    def __init__(self, store: ImageStore, *, kept: int = KEPT_SESSIONS) -> None:
        self.store = store
        self._kept = kept
        self._memories: OrderedDict[str, Memory] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, session: str, head: str, *, spent: float = 0.0, restart: bool = False) -> Memory:
        """The memory of a session that stands at page `head`; read from the log when it is not at hand.

        Args:
            session: its key.
            head: the last page of its log; empty for a new session.
            spent: seconds that its question has taken so far, for a memory that is read from the log.
            restart: whether a new question begins, whose seconds count from now.
        """
        with self._lock:
            memory = self._memories.get(session)
            if memory is None or memory.head != head:
                memory = self._memories[session] = Memory(self.store, head, spent=spent)
            if restart:
                memory.watch = Stopwatch()
            self._memories.move_to_end(session)
            while len(self._memories) > self._kept:
                self._memories.popitem(last=False)
            return memory
