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

EVERY_S = 0.1
"""A line is drawn again at most this often."""


def silent(_: str, __: float, ___: float) -> None:
    """Tell nobody."""


def default_progress() -> Progress:
    """A line on stderr where that is a terminal, and nothing elsewhere."""
    return TerminalLine() if sys.stderr.isatty() else silent


class TerminalLine:
    """One line on stderr that is drawn over and over, and ended when everything is done."""

    def __init__(self) -> None:
        self._what = ""
        self._drawn = 0.0

    def __call__(self, what: str, done: float, total: float) -> None:
        """See `Progress`."""
        now, finished = time.monotonic(), 0 < total <= done
        if what == self._what and not finished and now - self._drawn < EVERY_S:
            return
        if self._what and what != self._what:
            sys.stderr.write("\n")
        self._drawn = now
        self._what = "" if finished else what
        share = f" {done / total:4.0%}" if total else ""
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r\033[K{what[: width - len(share)]}{share}" + "\n" * finished)
        sys.stderr.flush()


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
