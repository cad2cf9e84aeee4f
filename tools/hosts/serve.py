"""The inside of a worker process: load tools, answer calls, as many at once as there are lanes."""

from __future__ import annotations

import faulthandler
import os
import socket
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from ...errors import LavrError, ToolFailed
from ...jsonable import canonical
from ...vision.image import Image
from ...vision.region import Region
from ...vision.store import MEMORY_BYTES, ImageStore, adopt_default, storing_in
from ..tool import Tool
from .channel import Channel, ChannelClosed, MessageTooLarge
from .failures import failure_of
from .rebuild import rebuild
from .wire import Packer, Unpacker

Kind = TypeVar("Kind")

STORES = 3
"""How many stores a worker process keeps open; each may keep half as many decoded pictures as one alone would."""


def serve(descriptor: int) -> None:
    """Answer messages on a socket until its other end closes, then leave at once."""
    faulthandler.enable()
    end = socket.socket(fileno=descriptor)
    channel = Channel(end)
    # A child that a tool forks must not hold the channel open, nor answer on it.
    os.register_at_fork(after_in_child=end.close)
    with _last_words():
        hello = channel.receive()
        sys.path[:] = [*hello["paths"], *(path for path in sys.path if path not in hello["paths"])]
        adopt_default(ImageStore(hello["store"]))
        desk = _Desk(channel, _Worker())
        channel.send({"ready": os.getpid(), "number": hello["number"]})
        for lane in range(1, hello["lanes"]):
            threading.Thread(target=desk.serve, name=f"lavr-lane-{lane}", daemon=True).start()
        desk.serve()


@contextmanager
def _last_words() -> Iterator[None]:
    """Leave the process when this is left, however it is."""
    status = 1
    try:
        yield
    except ChannelClosed:
        status = 0
    except BaseException:  # noqa: BLE001 - the parent shows what is printed last
        traceback.print_exc()
    finally:
        # Threads and exit handlers of a tool's libraries must not keep a worker that nobody asks any more.
        os._exit(status)


class _Desk:
    """Where messages come in and replies go out; each lane serves here in a thread of its own."""

    def __init__(self, channel: Channel, worker: _Worker) -> None:
        self._channel = channel
        self._worker = worker
        self._taking = threading.Lock()
        self._giving = threading.Lock()

    def serve(self) -> None:
        """Take a message, answer it, take the next; until the channel closes."""
        with _last_words():
            pid = os.getpid()
            while True:
                with self._taking:
                    message = self._channel.receive()
                reply = self._worker.answer(message)
                if os.getpid() != pid:  # A child that a tool forked came back from the tool's function.
                    os._exit(0)
                self._give(reply, message["number"])

    def _give(self, reply: dict[str, Any], number: int) -> None:
        with self._giving:
            try:
                self._channel.send({**reply, "number": number})
                return
            except MessageTooLarge as error:
                why = f"{error.size:,} bytes, which is too much"
            except (TypeError, ValueError, RecursionError) as error:
                why = f"something that cannot be written as JSON ({error})"
            self._channel.send({**_refused(why), "number": number})


def _refused(what: str) -> dict[str, Any]:
    return {"error": ToolFailed(f"The tool gave back {what}.", remedy="Ask for less, or for something else.").to_json()}


class _Worker:
    """The tools of this process, and the stores it shares with its parent."""

    def __init__(self) -> None:
        self.stores = _Stores()
        self.tools: dict[str, Tool] = {}

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """The reply to a message: an observation, an error, or an empty one after loading."""
        name = str(message["tool"])
        try:
            tool = self._tool(message["recipe"])
            return {} if "arguments" not in message else self._observation(tool, message)
        except BaseException as error:  # noqa: BLE001 - SystemExit and the like end a call, not the process
            return {"error": _told(failure_of(error, name))}

    def _tool(self, recipe: dict[str, Any]) -> Tool:
        key = canonical(recipe)
        if key not in self.tools:
            self.tools[key] = rebuild(recipe)
        return self.tools[key]

    def _observation(self, tool: Tool, message: dict[str, Any]) -> dict[str, Any]:
        store = self.stores.open(message["store"])
        with storing_in(store):
            arguments = Unpacker(store, message["images"]).arguments(message["arguments"])
            if tool.parameters.typed.intersection(arguments):
                arguments = tool.parameters.read(arguments, _AsTheyAre())
            return {"observation": Packer(store).observation(tool.observe(**arguments))}


class _Stores:
    """The stores of the sessions that called last, with the pictures that are decoded already."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, ImageStore] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, folder: str) -> ImageStore:
        """The store in a folder."""
        with self._lock:
            for gone in [each for each in self._open if not os.path.isdir(each)]:
                del self._open[gone]
            if folder not in self._open:
                self._open[folder] = ImageStore(folder, memory_bytes=MEMORY_BYTES // 2)
            self._open.move_to_end(folder)
            while len(self._open) > STORES:
                self._open.popitem(last=False)
            return self._open[folder]


class _AsTheyAre:
    """Reads arguments whose handles and boxes are objects and pixels already."""

    def image(self, value: object) -> Image:
        return _expected(value, Image)

    def region(self, value: object) -> Region:
        return _expected(value, Region)

    def box(self, xyxy: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        return xyxy

    def point(self, xy: tuple[float, float]) -> tuple[float, float]:
        return xy


def _expected(value: object, kind: type[Kind]) -> Kind:
    if not isinstance(value, kind):
        raise ToolFailed(f"A {kind.__name__} was expected, not a {type(value).__name__}.")
    return value


def _told(error: LavrError) -> dict[str, Any]:
    """The error as JSON; data that is no JSON is told as text."""
    told = error.to_json()
    try:
        canonical(told)
    except (TypeError, ValueError):
        told["data"] = {name: repr(value)[:200] for name, value in error.data.items()}
    return told
