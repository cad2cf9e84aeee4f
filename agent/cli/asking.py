"""`lavr ask`: one question, its answer on stdout, its steps on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import LavrError, UsageError
from ...jsonable import Json, JsonObject
from ...vision.image import Image
from ..answer import Answer
from ..events import Event, RunStarted
from ..harmless import harmless
from ..limits import Limits
from ..trace import Trace
from ..trace_json import plain
from .failing import ExitCode, print_json
from .progress import Progress, cited
from .saving import check_folder, made_pictures, save_pictures
from .screen import answer_screen, progress_screen

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage

    from ..agent import Agent


@dataclass(frozen=True, slots=True)
class Setup:
    """What `ask` and `chat` make an agent of.

    Attributes:
        planner: its name; empty for the one that is configured.
        tools: names of tools, with commas between; empty for all.
        detector: weights of the tool `detect`; empty for what is configured.
        allow_urls: whether pictures may be http(s) addresses.
        max_steps: decisions; None for the default.
        timeout: seconds; None for the default.
    """

    planner: str = ""
    tools: str = ""
    detector: str = ""
    allow_urls: bool = False
    max_steps: int | None = None
    timeout: float | None = None

    def agent(self) -> Agent:
        """The agent. Raises `LavrError` for a planner or tool that is not there."""
        from ...tools.configured import tools_at_hand
        from ..agent import Agent

        names = [name.strip() for name in self.tools.split(",") if name.strip()]
        toolbox = tools_at_hand({"detect": self.detector})
        tools = toolbox.subset(names) if names else toolbox
        return Agent(self.planner or None, tools=tools, limits=self._limits(), allow_urls=self.allow_urls)

    def _limits(self) -> Limits:
        limits = Limits() if self.max_steps is None else replace(Limits(), steps=self.max_steps)
        return limits if self.timeout is None else replace(limits, seconds=self.timeout)


def ask(
    words: Sequence[str],
    setup: Setup,
    *,
    traces: Sequence[Path],
    as_json: bool,
    quiet: bool,
    folder: Path | None = None,
) -> ExitCode:
    """Answer the last word about the pictures before it; the pictures that tools made are written to the folder.

    Raises:
        LavrError: when something is refused; traces are written nonetheless.
    """
    pictures, question = parted(words)
    check_targets(traces)
    if folder is not None:
        check_folder(folder)
    events: list[Event] = []
    try:
        with setup.agent() as agent, Progress(progress_screen(), quiet=quiet or as_json) as progress:
            tell_licences(agent, quiet=quiet or as_json)
            for event in progress.follow(agent.stream(pictures, question)):
                events.append(event)  # noqa: PERF402 - one by one: what came before an error is kept
    except BaseException:
        save(Trace(tuple(events)), traces, quiet=quiet or as_json)
        raise
    code = answered(Trace(tuple(events)), as_json=as_json, quiet=quiet, folder=folder)
    save(Trace(tuple(events)), traces, quiet=quiet or as_json)
    return code


def tell_licences(agent: Agent, *, quiet: bool) -> None:
    """Say what binds those who use the tools at hand, where something does."""
    for tool in agent.toolbox:
        if tool.licence and not quiet:
            progress_screen().print(f"{tool.name}: {harmless(tool.licence)}", style="dim")


def parted(words: Sequence[str]) -> tuple[list[object], str]:
    """The pictures and the question. `-` is a picture on stdin.

    Raises:
        UsageError: when there is no picture, or no question after it.
    """
    *pictures, question = words
    if Path(question).suffix and _is_file(question):
        raise UsageError(
            f"The last argument, {question!r}, is a file: the question is missing.",
            remedy='Write: lavr ask IMAGE "What is the total?"',
        )
    if not pictures:
        raise UsageError("No picture was given.", remedy='Write: lavr ask IMAGE "What is the total?"')
    if not question.strip():
        raise UsageError("The question is empty.", remedy="Ask something about the picture, in quotes.")
    return [sys.stdin.buffer.read() if picture == "-" else picture for picture in pictures], question


def _is_file(word: str) -> bool:
    try:
        return Path(word).is_file()
    except (OSError, ValueError):  # too long for a path, or with a null in it: a question
        return False


def check_targets(traces: Iterable[Path]) -> None:
    """Refuse names that a trace cannot be saved under, before the work is done. Raises `UsageError`."""
    for path in traces:
        Trace.check_name(path)


def save(trace: Trace, targets: Sequence[Path], *, quiet: bool) -> None:
    """Write a trace to each target, and say so."""
    if not trace.events:
        return
    for target in targets:
        trace.save(target)
        if not quiet:
            progress_screen().print(f"Trace: {harmless(str(target))}", style="dim")


def answered(trace: Trace, *, as_json: bool, quiet: bool, folder: Path | None = None) -> ExitCode:
    """Print the answer that a run ended with, and keep the pictures that tools made for it."""
    answer = trace.answer
    if answer is None:
        raise LavrError("The run ended without an answer.", remedy="Look at its trace: --trace trace.html.")
    if as_json:
        print_json(as_plain(trace, answer, _saved(trace, folder)))
    else:
        print_answer(answer, quiet=quiet)
        _tell_of_pictures(answer, _saved(trace, folder), folder, quiet=quiet)
    return ExitCode.ANSWERED if answer.complete else ExitCode.INCOMPLETE


def _saved(trace: Trace, folder: Path | None) -> list[str]:
    return [] if folder is None else save_pictures(made_for(trace), folder)


def _tell_of_pictures(answer: Answer, saved: Sequence[str], folder: Path | None, *, quiet: bool) -> None:
    """Which files were written, or how to get those pictures that the answer shows."""
    told = [f"Saved {path}" for path in saved] or ["No tool made a picture."]
    if folder is None:
        told = [f"{image.handle} is not kept: --save DIR writes it." for image in answer.images]
    for line in told if not quiet else ():
        progress_screen().print(harmless(line), style="dim")


def made_for(trace: Trace) -> dict[str, PilImage]:
    """The pictures that tools made in a run or in a session, by name."""
    given = [image for event in trace.events if isinstance(event, RunStarted) for image in event.images]
    return made_pictures([came.observation for came in trace.results if came.observation is not None], given)


def print_answer(answer: Answer, *, quiet: bool) -> None:
    """The answer on stdout, what it rests on and what it cost on stderr."""
    answer_screen().print(harmless(answer.text))
    if quiet:
        return
    screen = progress_screen()
    for piece in answer.evidence:
        screen.print(f"  {cited(piece)}", style="cyan")
    screen.print(f"  {', '.join(_costs(answer))}", style="dim")


def _costs(answer: Answer) -> Iterator[str]:
    usage = answer.usage
    yield f"{usage.seconds:.1f} s"
    yield f"{usage.steps} step{'s' * (usage.steps != 1)}"
    yield f"{usage.calls} call{'s' * (usage.calls != 1)}"
    if usage.tokens.read or usage.tokens.written:
        yield f"{usage.tokens.read} tokens read, {usage.tokens.written} written"


def as_plain(trace: Trace, answer: Answer, saved: Sequence[str] = ()) -> Json:
    """The answer for programs."""
    started = trace.started or RunStarted("", "", (), "", ())
    tokens = answer.usage.tokens
    return plain(
        {
            "question": started.question,
            "answer": answer.text,
            "value": answer.value,
            "complete": answer.complete,
            "evidence": [piece.to_json() for piece in answer.evidence],
            "images": [_listed(image) for image in started.images],
            "shown": [_listed(image) for image in answer.images],
            "saved": saved,
            "planner": started.planner,
            "usage": {
                "seconds": answer.usage.seconds,
                "steps": answer.usage.steps,
                "calls": answer.usage.calls,
                "tokens": {"read": tokens.read, "reused": tokens.reused, "written": tokens.written},
            },
        }
    )


def _listed(image: Image) -> JsonObject:
    return {"handle": image.handle, "name": image.name, "size_wh": list(image.size_wh)}
