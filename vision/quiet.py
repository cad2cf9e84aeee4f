"""Silence for Pillow's warnings, and for what libtiff writes to the terminal, while pictures are decoded."""

from __future__ import annotations

import ctypes
import functools
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_lock = threading.Lock()
_inside = ExitStack()
_depth = 0


@contextmanager
def pillow_quiet() -> Iterator[None]:
    """Ignore `UserWarning` and Pillow's bomb warning while any thread is inside.

    What they warn of (damaged metadata, large pictures) is checked here and answered with errors. Python keeps the
    filters for all threads in one place, so the first thread to come in sets them and the last one out restores them.
    """
    global _depth  # noqa: PLW0603 - one count for one process-wide list of filters
    import PIL.Image

    _silence_libtiff()
    with _lock:
        if _depth == 0:
            _inside.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore", UserWarning)
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
        _depth += 1
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if _depth == 0:
                _inside.close()


@functools.cache
def _silence_libtiff() -> bool:
    """Libtiff writes its errors to stderr before Pillow raises them. Whether it could be told not to."""
    import PIL._imaging

    try:
        set_handler = ctypes.CDLL(PIL._imaging.__file__).TIFFSetErrorHandler
    except (AttributeError, OSError):  # linked in so that its functions cannot be found
        return False
    set_handler.argtypes, set_handler.restype = [ctypes.c_void_p], ctypes.c_void_p
    set_handler(None)
    return True
