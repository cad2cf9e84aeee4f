"""The steps of a run in the terminal: a pure consumer of the event stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

from ...tools.calls import ToolCall, ToolResult
from ...vision.image import Image
from ...vision.region import Region
from ..answer import Evidence
from ..events import (
    AnswerDelta,
    CallFinished,
    CallStarted,
    DecisionMade,
    DecisionRefused,
    Event,
    EvidenceDropped,
    ImageShown,
    LimitHit,
    Observed,
    RunStarted,
    StepStarted,
    ThoughtDelta,
)
from ..harmless import one_line
from ..page_steps import seconds, written

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

LINE_CHARACTERS = 400
RESULT_CHARACTERS = 120
ARGUMENT_CHARACTERS = 60
TAIL_CHARACTERS = 60


class Progress(AbstractContextManager["Progress"]):
    """Shows events as they come: lines for what is done and, on a terminal, a spinner for what is under way.

    Args:
        screen: where to.
        quiet: show nothing at all.
    """

    def __init__(self, screen: Console, *, quiet: bool = False) -> None:
        self._screen = screen
        self._quiet = quiet
        self._running: dict[str, ToolCall] = {}
        self._known: set[str] = set()
        self._streamed = ""
        self._status: Status | None = screen.status("", spinner="dots") if screen.is_terminal and not quiet else None

    def __enter__(self) -> Progress:
        self._spin("starting")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def follow(self, events: Iterable[Event]) -> Iterator[Event]:
        """The events, each shown before it is passed on."""
        for event in events:
            if not self._quiet:
                self.show(event)
            yield event

    def show(self, event: Event) -> None:
        """One event."""
        match event:
            case StepStarted():
                self._streamed = ""
                self._spin("thinking")
            case ThoughtDelta(text=text) | AnswerDelta(text=text):
                self._streamed += text
                self._spin(self._streamed[-TAIL_CHARACTERS:])
            case CallStarted(call=call):
                self._running[call.id] = call
                self._spin_calls()
            case _:
                self._tell(event)

    def _tell(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._started(event)
            case DecisionMade(decision=decision) if decision.thought:
                self._line("● ", decision.thought)
            case CallFinished(result=result):
                self._finished(result)
            case Observed(results=results):
                for result in results:
                    self._observed(result)
            case ImageShown(image=image) if image.handle not in self._known:
                self._picture(image)
            case LimitHit(message=message):
                self._line("! ", message, "yellow")
            case DecisionRefused(error=error):
                self._line("! ", f"asked again: {error.cause}", "yellow")
            case EvidenceDropped():
                self._line("! ", f"“{event.quote}” was cited to {event.handle}: {event.reason}", "yellow")
            case _:
                pass

    def _started(self, event: RunStarted) -> None:
        self._line("", f"planner {event.planner}", "dim")
        for image in event.images:
            self._picture(image)

    def _picture(self, image: Image) -> None:
        self._known.add(image.handle)
        self._line("▣ ", pictured(image), "cyan")

    def _finished(self, result: ToolResult) -> None:
        self._running.pop(result.call.id, None)
        took = "cached" if result.cached else seconds(result.seconds)
        self._line("  ✓ " if result.ok else "  ✗ ", f"{called(result.call)}  {took}", "green" if result.ok else "red")
        self._spin_calls()

    def _observed(self, result: ToolResult) -> None:
        for note in result.notes:
            self._line("    ", note, "yellow")
        if result.error is not None:
            self._line("    ", f"{result.call.id}: {result.error.name}: {result.error.cause}", "red")
        if result.observation is None:
            return
        text = one_line(result.observation.text, RESULT_CHARACTERS)
        found = counted(result.observation.regions)
        self._line("    ", " · ".join(part for part in (f"{result.call.id}", found, text) if part), "dim")
        for image in result.observation.images:
            if image.handle not in self._known:
                self._picture(image)

    def _line(self, mark: str, text: str, style: str = "") -> None:
        self._screen.print(f"{mark}{one_line(text, LINE_CHARACTERS)}", style=style or None)

    def _spin_calls(self) -> None:
        self._spin(", ".join(called(call) for call in self._running.values()) or "thinking")

    def _spin(self, text: str) -> None:
        if self._status is None:
            return
        from rich.text import Text

        self._status.update(Text(one_line(text, self._screen.width - 4), style="dim"))
        self._status.start()


def called(call: ToolCall) -> str:
    """A call as people write it: `c1 ocr(image=img_1)`."""
    given = (f"{name}={one_line(written(value), ARGUMENT_CHARACTERS)}" for name, value in call.arguments.items())
    return one_line(f"{call.id} {call.name}({', '.join(given)})")


def counted(regions: tuple[Region, ...]) -> str:
    """How many regions there are: `43 regions r1-r43`."""
    if not regions:
        return ""
    first, last = regions[0].handle, regions[-1].handle
    return f"1 region {first}" if len(regions) == 1 else f"{len(regions)} regions {first}-{last}"


def pictured(image: Image) -> str:
    """A picture in words: `img_1 receipt.png 620 × 900`."""
    return " ".join(part for part in (image.handle, one_line(image.name, 80), "{} × {}".format(*image.size_wh)) if part)


def cited(piece: Evidence) -> str:
    """A piece of evidence in words: `“11.50” ← r4 at 24, 288, 530, 332 on img_1`."""
    box = "" if piece.region is None else f" at {', '.join(f'{value:.0f}' for value in piece.region.xyxy)}"
    picture = "" if piece.image is None or piece.image.handle == piece.handle else f" on {piece.image.handle}"
    named = f" ({one_line(piece.image.name, 60)})" if piece.image is not None and piece.image.name else ""
    return f"“{one_line(piece.quote, 120)}” ← {piece.handle}{box}{picture}{named}"
