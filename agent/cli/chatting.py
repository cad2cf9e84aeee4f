"""`lavr chat`: several questions in one conversation, with a few commands."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import LavrError, UsageError
from ...vision.image import Image
from ...vision.region import Region
from ..events import Event, Observed, RunStarted
from ..harmless import harmless, one_line
from ..trace import Trace
from .asking import Setup, made_for, print_answer, tell_licences
from .failing import tell
from .progress import Progress, pictured
from .saving import save_pictures
from .screen import progress_screen

if TYPE_CHECKING:
    from ..session import Session

HELP = "/add PATH  /images  /regions  /save DIR  /trace PATH  /help  /quit"
MOST_LISTED = 100


def chat(pictures: Sequence[str], setup: Setup) -> None:
    """Ask for questions and answer them until `/quit` or the end of the input.

    Raises:
        LavrError: when a picture, the planner or a tool is refused at the start.
    """
    with setup.agent() as agent:
        talk = Talk(agent.session(), allow_urls=setup.allow_urls)
        for picture in pictures:
            talk.add(picture)
        screen = progress_screen()
        screen.print(f"planner {agent.planner.name} · {HELP}", style="dim")
        tell_licences(agent, quiet=False)
        while talk.going and (line := _read_line()) is not None:
            try:
                talk.hear(line)
            except LavrError as error:
                tell(error)
            except KeyboardInterrupt:
                screen.print("Interrupted; the conversation goes on.", style="yellow")


def _read_line() -> str | None:
    """What is typed; None at the end of the input. The prompt goes to stderr, so that answers can be piped."""
    screen = progress_screen()
    if screen.is_terminal:
        screen.print("> ", end="", style="bold")
    try:
        return input()
    except EOFError:
        return None


class Talk:
    """One conversation and what was seen in it.

    Args:
        session: of the agent.
        allow_urls: whether pictures may be http(s) addresses.
    """

    def __init__(self, session: Session, *, allow_urls: bool = False) -> None:
        self.going = True
        self._session = session
        self._allow_urls = allow_urls
        self._new: list[Image] = []
        self._events: list[Event] = []
        self._commands: dict[str, Callable[[str], None]] = {
            "/add": self.add,
            "/images": self._images,
            "/regions": self._regions,
            "/save": self._save,
            "/trace": self._trace,
            "/help": self._help,
            "/quit": self._quit,
        }

    def hear(self, line: str) -> None:
        """A question or a command. Raises `LavrError` for one that cannot be followed."""
        said = line.strip()
        if not said:
            return
        if not said.startswith("/"):
            self._ask(said)
            return
        name, _, rest = said.partition(" ")
        command = self._commands.get(name)
        if command is None:
            raise UsageError(f"There is no command {one_line(name, 40)}.", remedy=f"Commands: {HELP}.")
        command(_unquoted(rest))

    def add(self, path: str) -> None:
        """Take a picture along with the next question."""
        if not path:
            raise UsageError("No picture was named.", remedy="Write: /add photo.jpg")
        image = Image.open(path, allow_urls=self._allow_urls)
        self._new.append(image)
        progress_screen().print(f"▣ {pictured(image)} goes with the next question", style="cyan")

    def _ask(self, question: str) -> None:
        before = len(self._events)
        with Progress(progress_screen()) as progress:
            for event in progress.follow(self._session.stream(question, list(self._new))):
                self._events.append(event)
        self._new.clear()
        answer = Trace(tuple(self._events[before:])).answer
        if answer is not None:
            print_answer(answer, quiet=False)

    def _images(self, _: str) -> None:
        images = Trace(tuple(self._events)).images
        for image in images:
            self._list(pictured(image) + (f", of {image.parent}" if image.parent else ""))
        for image in self._new:
            self._list(f"(new) {pictured(image)}")
        if not images and not self._new:
            self._list("No pictures yet: /add PATH")

    def _regions(self, _: str) -> None:
        regions: dict[str, Region] = {
            region.handle: region
            for event in self._events
            if isinstance(event, Observed)
            for result in event.results
            if result.observation is not None
            for region in result.observation.regions
        }
        for region in list(regions.values())[-MOST_LISTED:]:
            self._list(described(region))
        hidden = len(regions) - MOST_LISTED
        if hidden > 0:
            self._list(f"… and {hidden} before these")
        if not regions:
            self._list("No regions yet: ask something.")

    def _save(self, folder: str) -> None:
        if not folder:
            raise UsageError("No folder was named.", remedy="Write: /save pictures")
        saved = save_pictures(made_for(Trace(tuple(self._events))), Path(folder))
        for path in saved:
            self._list(f"Saved {harmless(path)}")
        if not saved:
            self._list("No tool made a picture yet.")

    def _trace(self, path: str) -> None:
        if not path:
            raise UsageError("No file was named.", remedy="Write: /trace chat.html")
        if not any(isinstance(event, RunStarted) for event in self._events):
            raise UsageError("Nothing was asked yet.", remedy="Ask something first.")
        Trace(tuple(self._events)).save(Path(path))
        self._list(f"Trace: {harmless(path)}")

    def _help(self, _: str) -> None:
        self._list(HELP)

    def _quit(self, _: str) -> None:
        self.going = False

    def _list(self, line: str) -> None:
        progress_screen().print(line, style="dim")


def described(region: Region) -> str:
    """A region on one line: `r4 line “TOTAL 11.50” 0.98 at 24, 288, 530, 332 on img_1`."""
    parts = [
        region.handle,
        one_line(region.label, 40),
        f"“{one_line(region.text, 80)}”" if region.text else "",
        "" if region.score is None else f"{region.score:.2f}",
        f"at {', '.join(f'{value:.0f}' for value in region.xyxy)}",
        f"on {region.image.handle}" if region.image.handle else "",
    ]
    return " ".join(part for part in parts if part)


def _unquoted(rest: str) -> str:
    """A path as it was meant: quotes and escaped spaces resolved, plain spaces kept."""
    try:
        words = shlex.split(rest)
    except ValueError:  # an apostrophe of a file name
        return rest.strip()
    return words[0] if len(words) == 1 else rest.strip()
