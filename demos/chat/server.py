"""The chat as a web app: Gradio's page and the rooms' files behind one gate, and the server that runs it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import UsageError
from .files import Files
from .gate import App, Gate
from .quick import in_event_loop, load_gradio, undisturbed, without_apps
from .rooms import Rooms
from .setup import Setup

if TYPE_CHECKING:
    import uvicorn
    from gradio import Blocks
    from starlette.applications import Starlette

    from ...agent.agent import Agent

SWEPT_EVERY_S = 10.0
WARMED_UP_AFTER_S = 2.0
"""By then the page was served to whoever waits for it."""

PORTS = 20
"""How many ports are tried, from the one that is asked for upwards."""


class Chat:
    """The app and its rooms.

    Attributes:
        app: what a server runs (ASGI).
        rooms: the conversations that are open.

    Raises:
        MissingExtra: when Gradio is not installed.
    """

    def __init__(self, setup: Setup | None = None) -> None:
        self.setup = setup or Setup()
        # Before Gradio, because the tools' libraries look whether there is pandas, of which it needs nothing here.
        self.setup.toolbox  # noqa: B018 - it is made when it is asked for
        load_gradio()
        import gradio as gr
        from fastapi import FastAPI

        from .handlers import Handlers
        from .layout import build, looks

        self.rooms = Rooms(Path(tempfile.mkdtemp(prefix="lavr-chat-")), self.setup)
        inner = FastAPI(lifespan=self._lifespan, docs_url=None, redoc_url=None, openapi_url=None)
        inner.router.routes.extend(Files(self.rooms, self.setup).routes())
        handlers = Handlers(self.rooms, self.setup)
        self._blocks: Blocks

        def mount() -> None:
            with without_apps():
                self._blocks = build(handlers, self.setup)
            gr.mount_gradio_app(
                inner,
                self._blocks,
                path="/",
                auth=list(self.setup.auth) or None,
                show_error=False,
                run_history=False,
                max_file_size=1,  # nothing is uploaded through Gradio
                ssr_mode=False,
                mcp_server=False,
                **looks(),
            )

        in_event_loop(mount)
        self._gradio: Any = inner.routes[-1].app  # type: ignore[attr-defined]  # what was mounted last
        self._blocks.app = self._gradio
        self.app: App = Gate(inner, self.rooms, self._logged_in if self.setup.auth else None)
        self._warm: Agent | None = None

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        # A run keeps one thread waiting for its events, and there may be more of them than cores.
        threads = ThreadPoolExecutor(2 * self.setup.at_once + 8, thread_name_prefix="lavr-chat")
        asyncio.get_running_loop().set_default_executor(threads)
        sweeping = asyncio.create_task(self._sweep())
        warming = asyncio.create_task(self._warm_up())
        try:
            yield
        finally:
            sweeping.cancel()
            warming.cancel()
            if self._warm is not None:
                self._warm.close()
            self.rooms.close_all()
            self.setup.close()
            shutil.rmtree(self.rooms.folder, ignore_errors=True)

    def _logged_in(self, cookies: Mapping[str, str]) -> bool:
        """Whether the cookies hold a login that Gradio gave out, as its own paths look at it."""
        names = (f"access-token-{self._gradio.cookie_id}", f"access-token-unsecure-{self._gradio.cookie_id}")
        return any(cookies.get(name) in self._gradio.tokens for name in names)

    async def _warm_up(self) -> None:
        await asyncio.sleep(WARMED_UP_AFTER_S)
        self._warm = await asyncio.to_thread(warmed_up)

    def hang_up(self) -> None:
        """End what every open page keeps open, so that a server can end."""
        for room in self.rooms:
            room.stop.set()
        self._gradio.stop_event.set()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEPT_EVERY_S)
            self.sweep()

    def sweep(self) -> None:
        """Throw away what was idle for too long: the rooms, what Gradio knows of their pages, and the memory."""
        gone = self.rooms.sweep()
        for key in gone:
            self._blocks.state_holder.session_data.pop(key, None)
            self._blocks.state_holder.time_last_used.pop(key, None)
        if gone:
            give_memory_back()


def give_memory_back() -> None:
    """Let the operating system have what was freed: glibc keeps it, for each thread by itself."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def warmed_up() -> Agent | None:
    """An agent that has read a picture, so that the first visitor does not wait for models to load.

    As long as it is kept, the worker process that holds them stays. None when it did not work: then the first question
    meets the same failure, and tells it.
    """
    import numpy as np

    from ...agent.agent import Agent
    from ...errors import LavrError
    from ...vision.store import ImageStore

    agent = Agent("builtin", store=ImageStore())
    try:
        agent.ask(np.full((64, 256, 3), 255, np.uint8), "What does it say?")
    except LavrError:
        agent.close()
        return None
    return agent


def free_socket(host: str, port: int, *, exact: bool) -> socket.socket:
    """A listening place at the port, or at one of the next ones unless it must be exactly that.

    Raises:
        UsageError: when none is free.
    """
    last: OSError | None = None
    for each in range(port, port + (1 if exact else PORTS)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, each))
        except OSError as error:
            bound.close()
            last = error
        else:
            bound.listen()  # a browser that is too early waits, instead of being turned away
            return bound
    raise UsageError(
        f"The chat cannot listen at {host}, port {port}: {last.strerror if last else 'no port was tried'}.",
        remedy="Name another one: --port 7870.",
    )


def serve(setup: Setup, bound: socket.socket) -> None:
    """Run the chat until it is interrupted."""
    with undisturbed():
        chat = Chat(setup)
    server_of(chat).run(sockets=[bound])


def server_of(chat: Chat, *, log_level: str = "warning") -> uvicorn.Server:
    """A server of a chat, to be run with a socket."""
    import uvicorn  # comes with Gradio, which is there when there is a chat

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            chat.hang_up()
            await super().shutdown(sockets)

    return Server(uvicorn.Config(chat.app, log_level=log_level, timeout_graceful_shutdown=2, server_header=False))
