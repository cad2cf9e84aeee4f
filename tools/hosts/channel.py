"""Messages between two processes: one JSON object for each, with its length before it, over a socket."""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
LOOK_S = 0.1
"""How often it is looked whether the other process still lives, while nothing comes."""

_HEAD = struct.Struct(">Q")


class ChannelClosed(Exception):
    """The other end is closed, or its process is gone."""


class ChannelGarbled(Exception):
    """What came is no message."""


class MessageTooLarge(Exception):
    """A message of more than `MAX_MESSAGE_BYTES`; `size` is its length."""

    def __init__(self, size: int) -> None:
        super().__init__(f"A message of {size:,} bytes is more than {MAX_MESSAGE_BYTES:,}.")
        self.size = size


class Channel:
    """One end of the socket. Not safe to use from several threads."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._coming = bytearray()

    def send(self, message: dict[str, Any], *, deadline: float | None = None) -> None:
        """Send a message. Raises `MessageTooLarge`, `ChannelClosed`, `TimeoutError`.

        Args:
            message: plain JSON.
            deadline: on the clock of `time.monotonic`; None waits for ever.
        """
        body = json.dumps(message, separators=(",", ":")).encode()
        if len(body) > MAX_MESSAGE_BYTES:
            raise MessageTooLarge(len(body))
        self._socket.settimeout(None if deadline is None else max(deadline - time.monotonic(), 0.001))
        try:
            self._socket.sendall(_HEAD.pack(len(body)) + body)
        except TimeoutError:
            raise
        except OSError as error:
            raise ChannelClosed(str(error)) from error

    def receive(self) -> dict[str, Any]:
        """The next message, however long it takes. Raises `ChannelClosed`, `ChannelGarbled`."""
        self._socket.settimeout(None)
        while (message := self._complete()) is None:
            self._read()
        return message

    def receive_until(self, deadline: float, alive: Callable[[], bool]) -> dict[str, Any]:
        """The next message. Raises `TimeoutError` at the deadline, `ChannelClosed`, `ChannelGarbled`.

        Args:
            deadline: on the clock of `time.monotonic`.
            alive: whether the other process lives; asked now and then, because its children may keep its socket open.
        """
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        while (message := self._complete()) is None:
            left = deadline - time.monotonic()
            if poll.poll(max(min(left, LOOK_S), 0) * 1000):
                self._read()
            elif left <= 0:
                raise TimeoutError
            elif not alive():
                raise ChannelClosed("Its process is gone.")
        return message

    def close(self) -> None:
        """Close this end."""
        self._socket.close()

    def _read(self) -> None:
        try:
            came = self._socket.recv(1 << 20)
        except OSError as error:
            raise ChannelClosed(str(error)) from error
        if not came:
            raise ChannelClosed("The other end is closed.")
        self._coming += came

    def _complete(self) -> dict[str, Any] | None:
        if len(self._coming) < _HEAD.size:
            return None
        size = int(_HEAD.unpack_from(self._coming)[0])
        if size > MAX_MESSAGE_BYTES:
            raise ChannelGarbled(f"A message of {size:,} bytes was announced.")
        end = _HEAD.size + size
        if len(self._coming) < end:
            return None
        body = bytes(self._coming[_HEAD.size : end])
        del self._coming[:end]
        return _parsed(body)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise ChannelGarbled(str(error)) from error
    if not isinstance(message, dict):
        raise ChannelGarbled(f"It is a {type(message).__name__}.")
    return message
