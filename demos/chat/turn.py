"""One question of a conversation, and what its events say."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...agent.answer import Answer
from ...agent.events import Event, EvidenceDropped, RunStarted
from ...agent.trace import Step, Trace
from ...errors import LavrError
from ...tools.calls import ToolResult
from ...vision.image import Image
from ...vision.region import Region


@dataclass(frozen=True)
class Facts:
    """What the events of a turn say, read once for as long as no more of them come.

    Attributes:
        events: how many were read.
        started: the question as the agent took it in, with the handles of its pictures.
        answer: the answer, once there is one.
        steps: what was done.
        results: what came of every call.
        images: every picture that is mentioned.
        regions: every region that has a handle, by it.
        dropped: citations that led nowhere.
    """

    events: int
    started: RunStarted | None
    answer: Answer | None
    steps: tuple[Step, ...]
    results: tuple[ToolResult, ...]
    images: tuple[Image, ...]
    regions: dict[str, Region]
    dropped: tuple[EvidenceDropped, ...]

    @classmethod
    def of(cls, trace: Trace) -> Facts:
        """Those of a trace of one question."""
        started, answer, steps = trace.started, trace.answer, trace.steps
        results = tuple(result for step in steps for result in step.results)
        found = [region for came in results if came.observation for region in came.observation.regions]
        pointed = started.pointed if started else ()
        cited = [piece.region for piece in answer.evidence if piece.region] if answer else []
        regions = {region.handle: region for region in (*found, *pointed, *cited)}
        return cls(len(trace.events), started, answer, steps, results, trace.images, regions, trace.dropped)

    @property
    def handles(self) -> set[str]:
        """Whatever an answer can link to: regions, pictures and calls."""
        return {*self.regions, *(image.handle for image in self.images), *(came.call.id for came in self.results)}


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
        drawn: steps on the page that do not change any more, by key.
        kept: all its pieces of the page, once it is over and not the last.
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
    kept: list[list[str]] = field(default_factory=list)
    _facts: Facts | None = field(default=None, repr=False)

    @property
    def facts(self) -> Facts:
        """What its events say so far."""
        if self._facts is None or self._facts.events != len(self.events):
            self._facts = Facts.of(Trace(tuple(self.events)))
        return self._facts

    @property
    def answer(self) -> Answer | None:
        """The answer, once there is one."""
        return self.facts.answer

    @property
    def started(self) -> RunStarted | None:
        """The question as the agent took it in, with the handles of its pictures."""
        return self.facts.started

    @property
    def given(self) -> dict[str, Image]:
        """Its pictures, by handle as soon as they have one."""
        return {image.handle: image for image in self.started.images} if self.started else self.images

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in {"waiting", "running"}

    @property
    def stays(self) -> bool:
        """Whether what it brought is part of the conversation: it was answered, or may yet be."""
        return self.state == "answered" or not self.over
