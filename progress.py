"""Telling how far something long is: through a callback, as a line in a terminal, or not at all."""

from __future__ import annotations

import io
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from .extras import need

Progress: TypeAlias = Callable[[str, float, float], None]
"""Told what is going on, how much of it is done, and how much there is (0 when unknown)."""

_settings = threading.RLock()
"""Held while the settings of a library, which are those of the process, are others than usual."""

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


@contextmanager
def told(progress: Progress | None) -> Iterator[Any]:
    """Within it, the libraries' own bars tell `progress`; without one, they are drawn in a terminal and nowhere else.

    Gives the class of bars for downloads, or None for the library's own. The settings are those of the process, so
    one model is loaded at a time.
    """
    if progress is None and sys.stderr.isatty():
        yield None
        return
    bar = bar_class(progress or silent)
    with _settings, _hooked(bar):
        yield bar


@contextmanager
def hushed() -> Iterator[None]:
    """Within it, transformers and the hub only log errors, to stderr as always."""
    logs: list[Any] = [
        need(each, extra="models") for each in ("transformers.utils.logging", "huggingface_hub.utils.logging")
    ]
    with _settings:
        before = [each.get_verbosity() for each in logs]
        for each in logs:
            each.set_verbosity_error()
        try:
            yield
        finally:
            for each, level in zip(logs, before, strict=True):
                each.set_verbosity(level)


@contextmanager
def _hooked(bar: Any) -> Iterator[None]:
    from transformers import modeling_gguf_pytorch_utils as gguf
    from transformers.utils import logging

    library: Any = gguf
    before, own = logging.set_tqdm_hook(lambda _, arguments, options: bar(*arguments, **options)), library.tqdm
    library.tqdm = bar  # GGUF files are read behind a bar without a hook
    try:
        yield
    finally:
        logging.set_tqdm_hook(before)
        library.tqdm = own
