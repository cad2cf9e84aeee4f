"""Questions to another process and its replies: several at once over one channel, matched by number.

There is no thread of its own: of the callers that wait, one reads, for all of them.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

from .channel import Channel, ChannelClosed, ChannelGarbled

CLOSING_S = 0.5
"""How long whoever reads may take to see that the other end is gone."""


class Unheard(ChannelClosed):
    """The other end was gone before it had the whole message, so nothing was begun."""


class Exchange:
    """One end of a channel whose other end answers. Safe to use from several threads.

    Args:
        channel: that nobody else uses.
        alive: whether the other process lives.
    """

    def __init__(self, channel: Channel, alive: Callable[[], bool]) -> None:
        self._channel = channel
        self._alive = alive
        self._numbers = itertools.count(1)
        self._sending = threading.Lock()
        self._changed = threading.Condition()
        self._asked: dict[int, dict[str, Any] | None] = {}
        self._read_from = False
        self._broken: ChannelClosed | ChannelGarbled | None = None
        self.shared = False
        """Once it is broken: whether that may have been because of another question than one's own."""

    def ask(self, message: dict[str, Any], *, deadline: float) -> dict[str, Any]:
        """The reply to a message.

        Raises:
            TimeoutError: at the deadline; the exchange must be closed then, as the reply may still come.
            ChannelClosed: when the other end is gone, or this one was closed.
            Unheard: when it was gone before it had the message.
            ChannelGarbled: when what came was no reply.
            MessageTooLarge: when the message is too large to send; others may still be sent.
        """
        number = next(self._numbers)
        with self._changed:
            self._asked[number] = None
        try:
            self._send({**message, "number": number}, deadline)
            return self._reply(number, deadline)
        finally:
            with self._changed:
                del self._asked[number]

    def _send(self, message: dict[str, Any], deadline: float) -> None:
        try:
            with self._sending:
                self._channel.send(message, deadline=deadline)
        except ChannelClosed as error:
            raise Unheard(str(error)) from error

    def give_up(self, *, shared: bool | None = None) -> None:
        """Let all that wait get a `ChannelClosed`; to be told before the other process is ended.

        Args:
            shared: what `shared` is to be; left out, it is so when more than one question waits.
        """
        with self._changed:
            self._break(ChannelClosed("It was given up."), shared)

    def close(self) -> None:
        """Close this end, once the other process is gone."""
        with self._changed:
            self._changed.wait_for(lambda: not self._read_from, timeout=CLOSING_S)
        self._channel.close()

    def _reply(self, number: int, deadline: float) -> dict[str, Any]:
        while True:
            with self._changed:
                settled = self._changed.wait_for(
                    lambda: self._asked[number] or self._broken or not self._read_from, deadline - time.monotonic()
                )
                if (reply := self._asked[number]) is not None:
                    return reply
                if self._broken is not None:
                    raise type(self._broken)(*self._broken.args)
                if not settled:
                    raise TimeoutError
                self._read_from = True
            self._read(deadline)

    def _read(self, deadline: float) -> None:
        """Read one reply, for whoever asked for it."""
        reply: dict[str, Any] = {}
        broken: ChannelClosed | ChannelGarbled | None = None
        try:
            reply = self._channel.receive_until(deadline, self._alive)
        except (ChannelClosed, ChannelGarbled) as error:
            broken = error
        finally:
            with self._changed:
                self._read_from = False
                if broken is not None:
                    self._break(broken, None)
                elif isinstance(number := reply.get("number"), int) and number in self._asked:
                    self._asked[number] = reply
                self._changed.notify_all()

    def _break(self, error: ChannelClosed | ChannelGarbled, shared: bool | None) -> None:
        if self._broken is None:
            self._broken, self.shared = error, len(self._asked) > 1 if shared is None else shared
        self._changed.notify_all()
