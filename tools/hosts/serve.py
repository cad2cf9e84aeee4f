"""The inside of a worker process: load tools, answer calls, one after the other."""

from __future__ import annotations

import faulthandler
import os
import socket
import sys
import traceback
from typing import Any, TypeVar

from ...errors import LavrError, ToolFailed
from ...jsonable import canonical
from ...vision.image import Image
from ...vision.region import Region
from ...vision.store import ImageStore
from ..tool import Tool
from .channel import Channel, ChannelClosed, MessageTooLarge
from .failures import failure_of
from .rebuild import rebuild
from .wire import Packer, Unpacker

Kind = TypeVar("Kind")


def serve(descriptor: int) -> None:
    """Answer messages on a socket until its other end closes, then leave at once."""
    faulthandler.enable()
    end = socket.socket(fileno=descriptor)
    channel = Channel(end)
    # A child that a tool forks must not hold the channel open, nor answer on it.
    os.register_at_fork(after_in_child=end.close)
    status = 1
    try:
        hello = channel.receive()
        sys.path[:] = [*hello["paths"], *(path for path in sys.path if path not in hello["paths"])]
        worker = _Worker(ImageStore(hello["store"]))
        channel.send({"ready": os.getpid()})
        _answer_all(channel, worker)
    except ChannelClosed:
        status = 0
    except BaseException:  # noqa: BLE001 - the parent shows what is printed last
        traceback.print_exc()
    finally:
        # Threads and exit handlers of a tool's libraries must not keep a worker that nobody asks any more.
        os._exit(status)


def _answer_all(channel: Channel, worker: _Worker) -> None:
    pid = os.getpid()
    while True:
        reply = worker.answer(channel.receive())
        if os.getpid() != pid:  # A child that a tool forked came back from the tool's function.
            os._exit(0)
        try:
            channel.send(reply)
        except MessageTooLarge as error:
            channel.send(_refused(f"{error.size:,} bytes, which is too much"))
        except (TypeError, ValueError, RecursionError) as error:
            channel.send(_refused(f"something that cannot be written as JSON ({error})"))


def _refused(what: str) -> dict[str, Any]:
    return {"error": ToolFailed(f"The tool gave back {what}.", remedy="Ask for less, or for something else.").to_json()}


class _Worker:
    """The tools of this process and the store it shares with its parent."""

    def __init__(self, store: ImageStore) -> None:
        self.store = store
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
        arguments = Unpacker(self.store, message["images"]).arguments(message["arguments"])
        if tool.parameters.typed.intersection(arguments):
            arguments = tool.parameters.read(arguments, _AsTheyAre())
        return {"observation": Packer(self.store).observation(tool.observe(**arguments))}


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
