"""Loading Gradio without what only its developers need."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import ModuleType
from typing import Any

from ...extras import need
from .deferring import deferring

UNUSED = {"pandas": (), "gradio.cli": ("deploy",), "gradio.external": ("load", "load_chat", "load_openapi")}
"""What Gradio imports for tables, its command line and other people's apps, with what is taken from it by name."""


def load_gradio() -> None:
    """Import Gradio in a quarter of its time, telling nobody. Raises `MissingExtra` with the line that installs it."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    # How often it makes a table of all events so far, for a page that is not shown here: after each one by default.
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")
    with _no_stubs(), _plain_docs(), deferring(UNUSED):
        need("gradio", extra="demo")


def in_event_loop(make: Callable[[], None]) -> None:
    """Call something while an event loop runs: where none does, Gradio's locks each make one and never close it."""

    async def made() -> None:
        make()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(made())
    else:
        make()


def without_apps() -> AbstractContextManager[None]:
    """Keep Gradio from making a web app of a page, which takes it 0.15 s each time: when it is opened, queued, closed.

    Mounting a page makes the one that is needed.
    """
    from gradio import blocks

    class NoApp:
        @staticmethod
        def create_app(*_: Any, **__: Any) -> None:
            return None

    return _replaced(blocks, "App", NoApp)


@contextmanager
def undisturbed() -> Iterator[None]:
    """While a program starts, nearly all that is made is kept: looking for garbage takes a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # nor is it looked through later on
        gc.enable()


def _no_stubs() -> AbstractContextManager[None]:
    """Gradio writes a `.pyi` beside each component whenever it is imported: 2.4 of 4.9 s, into the installed package.

    It leaves a component alone whose file is not known, which is what it is told here.
    """
    known = inspect.getfile

    def unknown(thing: Any) -> str:
        if str(getattr(thing, "__module__", "")).startswith("gradio."):
            raise OSError("not asked for")
        return known(thing)

    return _replaced(inspect, "getfile", unknown)


def _plain_docs() -> AbstractContextManager[None]:
    """Gradio compiles a template for the docstring of each of 200 events: 0.35 s, to fill in the component's name."""
    try:
        import jinja2
    except ImportError:  # Gradio is not there either, which is told by who imports it
        return nullcontext()
    known = jinja2.Template

    def template(source: str) -> Any:
        return _Doc(source) if source.count("{") == 2 * source.count("{{ component }}") else known(source)

    return _replaced(jinja2, "Template", template)


@contextmanager
def _replaced(owner: ModuleType, name: str, other: object) -> Iterator[None]:
    """Let something else stand for a part of a module, for as long as this lasts."""
    known = getattr(owner, name)
    setattr(owner, name, other)
    try:
        yield
    finally:
        setattr(owner, name, known)


class _Doc:
    def __init__(self, source: str) -> None:
        self._source = source

    def render(self, component: str) -> str:
        return self._source.replace("{{ component }}", component)
