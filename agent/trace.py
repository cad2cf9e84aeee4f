"""The trace: every event of a run, to look at, to keep and to load again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ..errors import LavrError, UsageError
from ..jsonable import Json
from ..planners.base import Decision
from ..tools.calls import ToolCall, ToolResult
from ..vision.image import Image
from ..vision.store import ImageStore
from .answer import Answer, Usage
from .events import (
    AnswerReady,
    CallFinished,
    CallStarted,
    DecisionMade,
    DecisionRefused,
    Event,
    EvidenceDropped,
    ImageShown,
    LimitHit,
    Observed,
    RunFailed,
    RunStarted,
    ThoughtDelta,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One turn of the planner and what came of it.

    Attributes:
        number: counts from 1.
        thought: what the planner thought; the streamed pieces when the decision carries none.
        decision: what it decided, or None when the run ended before it did.
        refused: why earlier attempts at a decision were refused.
        results: what came of its calls, in the order of the calls, with handles where they were taken in.
        unanswered: calls of which nothing came, because the run ended.
        images: pictures that were put before the planner in this step, with the call they come from.
        limits: the limits that were reached.
    """

    number: int
    thought: str = ""
    decision: Decision | None = None
    refused: tuple[LavrError, ...] = ()
    results: tuple[ToolResult, ...] = ()
    unanswered: tuple[ToolCall, ...] = ()
    images: tuple[ImageShown, ...] = ()
    limits: tuple[LimitHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that happened, in order.

    Attributes:
        events: of one run, or of all the runs of a session.
    """

    events: tuple[Event, ...] = field(default=(), repr=False)

    @property
    def runs(self) -> tuple[Trace, ...]:
        """One trace for each question."""
        starts = [index for index, event in enumerate(self.events) if isinstance(event, RunStarted)]
        ends = [*starts[1:], len(self.events)][: len(starts)]
        return tuple(Trace(self.events[start:end]) for start, end in zip(starts, ends, strict=True))

    @property
    def started(self) -> RunStarted | None:
        """The first question."""
        return next((event for event in self.events if isinstance(event, RunStarted)), None)

    @property
    def answer(self) -> Answer | None:
        """The last answer, or None when there is none."""
        return next((event.answer for event in reversed(self.events) if isinstance(event, AnswerReady)), None)

    @property
    def error(self) -> LavrError | None:
        """What the last run failed of, or None when it did not."""
        last = self.events[-1] if self.events else None
        return last.error if isinstance(last, RunFailed) else None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps, in order; those of several runs follow one another."""
        return tuple(step for run in self.runs or (self,) for step in _steps(run.events))

    @property
    def results(self) -> tuple[ToolResult, ...]:
        """Every tool result, in the order of the calls."""
        return tuple(result for step in self.steps for result in step.results)

    @property
    def dropped(self) -> tuple[EvidenceDropped, ...]:
        """Citations that led nowhere."""
        return tuple(event for event in self.events if isinstance(event, EvidenceDropped))

    @property
    def usage(self) -> Usage:
        """What the runs cost together."""
        total = Usage()
        for event in self.events:
            if isinstance(event, AnswerReady):
                total = _sum(total, event.answer.usage)
        return total

    @property
    def images(self) -> tuple[Image, ...]:
        """Every picture that is mentioned, once, in the order in which they came."""
        found: dict[tuple[str, str], Image] = {}
        for event in self.events:
            for image in _images(event):
                found.setdefault((image.handle, image.digest), image)
        return tuple(found.values())

    def closed_by(self, answer: Answer) -> Answer:
        """The answer with this trace, ended by the event that carries it (with an empty trace of its own)."""
        return replace(answer, trace=Trace((*self.events, AnswerReady(replace(answer, trace=Trace())))))

    def to_json(self) -> list[Json]:
        """The events as plain JSON; pictures by digest."""
        from .trace_json import objects_of

        return list(objects_of(self.events))

    def save(self, path: str | os.PathLike[str], *, pictures: bool = True) -> None:
        """Write it to a file; the suffix decides the form.

        Args:
            path: `.html` for one page that needs nothing else, `.jsonl` for one event per line.
            pictures: of `.jsonl`: whether to keep the pictures in a folder of PNGs beside it. The page always has them.

        Raises:
            UsageError: for another suffix, or a file that cannot be written.
        """
        target = Path(path)
        self.check_name(target)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._write(target, pictures=pictures)
        except OSError as error:
            raise UsageError(
                f"The trace cannot be written to {str(target)!r}: {error.strerror or error}.",
                remedy="Name a file in a folder that you may write to.",
            ) from error

    @staticmethod
    def check_name(path: str | os.PathLike[str]) -> None:
        """Raise `UsageError` for a file name under which no trace can be saved."""
        target = Path(path)
        if target.suffix.lower() not in (".html", ".jsonl"):
            raise UsageError(
                f"A trace cannot be saved as {target.name!r}.", remedy="Name a file that ends in .html or .jsonl."
            )

    def _write(self, target: Path, *, pictures: bool) -> None:
        if target.suffix.lower() == ".html":
            from .page import page

            target.write_text(page(self), encoding="utf-8", errors="replace")
            return
        from .trace_json import lines_of

        # A lone surrogate (half of a damaged file name) is written as the escape that JSON has for it.
        with target.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines_of(self.events))
        if pictures:
            self._keep_pictures(ImageStore(pictures_folder(target)))

    def _keep_pictures(self, store: ImageStore) -> None:
        for image in self.images:
            if image.store.path(image.digest).is_file():
                store.put(image.pixels())

    @classmethod
    def load(cls, path: str | os.PathLike[str], store: ImageStore | None = None) -> Trace:
        """The trace that `save` wrote to a `.jsonl` file.

        Args:
            path: the file.
            store: where the pixels are; the folder of pictures beside the file when left out.

        Raises:
            UsageError: when it cannot be read, or a line of it is no event.
        """
        from .trace_json import events_of

        source = Path(path)
        try:
            with source.open(encoding="utf-8") as file:
                return cls(events_of(file, store or ImageStore(pictures_folder(source)), cls))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"The trace {str(source)!r} cannot be read: {error}.", remedy="Give a .jsonl file that `save` wrote."
            ) from error


def pictures_folder(path: Path) -> Path:
    """Where the pictures of a `.jsonl` trace are kept: an image store beside it."""
    return path.with_name(f"{path.stem}-pictures")


def _steps(events: tuple[Event, ...]) -> Iterator[Step]:
    numbers = sorted({event.step for event in events if hasattr(event, "step")})
    for number in numbers:
        yield _step(number, [event for event in events if getattr(event, "step", None) == number])


def _step(number: int, events: list[Any]) -> Step:
    decision = next((event.decision for event in events if isinstance(event, DecisionMade)), None)
    streamed = "".join(event.text for event in events if isinstance(event, ThoughtDelta))
    calls = decision.calls if decision else tuple(event.call for event in events if isinstance(event, CallStarted))
    results = {event.result.call.id: event.result for event in events if isinstance(event, CallFinished)}
    results |= {taken.call.id: taken for event in events if isinstance(event, Observed) for taken in event.results}
    order = {call.id: index for index, call in enumerate(calls)}
    return Step(
        number,
        thought=(decision.thought if decision else "") or streamed,
        decision=decision,
        refused=tuple(event.error for event in events if isinstance(event, DecisionRefused)),
        results=tuple(sorted(results.values(), key=lambda result: order.get(result.call.id, len(order)))),
        unanswered=tuple(call for call in calls if call.id not in results),
        images=tuple(event for event in events if isinstance(event, ImageShown)),
        limits=tuple(event for event in events if isinstance(event, LimitHit)),
    )


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(**{item.name: getattr(one, item.name) + getattr(other, item.name) for item in fields(Usage)})


def _images(event: Event) -> Iterator[Image]:
    if isinstance(event, RunStarted):
        yield from event.images
    elif isinstance(event, ImageShown):
        yield event.image
    elif isinstance(event, Observed):
        yield from (image for result in event.results for image in _pictures(result))
    elif isinstance(event, AnswerReady):
        yield from (piece.image for piece in event.answer.evidence if piece.image is not None)


def _pictures(result: ToolResult) -> Iterator[Image]:
    if result.observation is not None:
        yield from result.observation.images
        yield from (region.image for region in result.observation.regions)
