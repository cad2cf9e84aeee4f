"""Telling how far loading is: through a callback, as bars in a terminal, or not at all."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...extras import need
from ...progress import Progress, bar_class, silent

_LOCK = threading.RLock()


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
