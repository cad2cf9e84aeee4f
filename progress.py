"""Telling how far something long is: through a callback, as a line in a terminal, or not at all."""

from __future__ import annotations

import io
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from .extras import need

Progress: TypeAlias = Callable[[str, float, float], None]
"""Told what is going on, how much of it is done, and how much there is (0 when unknown)."""

EVERY_S, EVERY_LINE_S = 0.1, 2.0
"""A line is drawn again at most this often; a new one below it is begun at most that often."""


def silent(_: str, __: float, ___: float) -> None:
    """Tell nobody."""


def default_progress() -> Progress:
    """A line on stderr where that is a terminal, and nothing elsewhere."""
    return TerminalLine() if sys.stderr.isatty() else silent


class TerminalLine:
    """One line on stderr that is drawn over and over, and ended when everything is done.

    Where something else has put itself before stderr, such as a spinner that keeps to the last line, whole lines are
    written now and then instead.
    """

    def __init__(self) -> None:
        self._what = ""
        self._drawn = 0.0

    def __call__(self, what: str, done: float, total: float) -> None:
        """See `Progress`."""
        now, finished, alone = time.monotonic(), 0 < total <= done, sys.stderr is sys.__stderr__
        if what == self._what and not finished and now - self._drawn < (EVERY_S if alone else EVERY_LINE_S):
            return
        share = f" {done / total:4.0%}" if total else ""
        width = shutil.get_terminal_size().columns - 1
        line = f"{what[: width - len(share)]}{share}"
        if alone:
            unfinished = self._what not in {"", what}
            sys.stderr.write("\n" * unfinished + f"\r\033[K{line}" + "\n" * finished)
        else:
            sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
        self._drawn, self._what = now, "" if finished else what


def bar_class(progress: Progress) -> Any:
    """A class in the manner of tqdm's that draws nothing and tells `progress`."""
    tqdm: Any = need("tqdm.auto", extra="local").tqdm

    class Bar(tqdm):  # type: ignore[misc]  # tqdm is untyped
        def __init__(self, *arguments: Any, **options: Any) -> None:
            options = {key: value for key, value in options.items() if key != "name"}
            super().__init__(*arguments, **{**options, "file": io.StringIO(), "disable": False})

        def __iter__(self) -> Iterator[Any]:
            for done, each in enumerate(self.iterable):
                self._tell(done)
                yield each
                self._tell(done + 1)

        def update(self, count: float | None = 1) -> bool | None:
            drawn: bool | None = super().update(count)
            self._tell(self.n)
            return drawn

        def _tell(self, done: float) -> None:
            progress(str(self.desc or "").rstrip(": "), float(done), float(self.total or 0))

    return Bar
