"""Telling how far loading is: through a callback, as bars in a terminal, or not at all."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from ...extras import need

Progress: TypeAlias = Callable[[str, float, float], None]
"""Told what is going on, how much of it is done, and how much there is (0 when unknown)."""

_LOCK = threading.RLock()


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
    bar = bar_class(progress or _silent)
    with _LOCK, _hooked(bar):
        yield bar


@contextmanager
def hushed() -> Iterator[None]:
    """Within it, transformers and the hub only log errors, to stderr as always."""
    logs: list[Any] = [
        need(each, extra="local") for each in ("transformers.utils.logging", "huggingface_hub.utils.logging")
    ]
    with _LOCK:
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


def _silent(_: str, __: float, ___: float) -> None:
    pass
