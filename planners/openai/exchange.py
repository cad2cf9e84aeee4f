"""One HTTP exchange that cannot outlast its deadline, whatever the other side does.

HTTP clients bound each wait, not their sum: a server that sends a byte now and then, even of its headers, or a name
server that never answers keeps them for ever. So the exchange runs in a thread of its own, and who waits for it can
leave.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeAlias

import httpx

from .wire import MAX_REPLY_BYTES


class Overdue(Exception):
    """The deadline has passed."""


class Deadline:
    """A moment by which something must be there."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        """Seconds until then; 0 when it is past."""
        return max(0.0, self._end - time.monotonic())


_Item: TypeAlias = httpx.Response | bytes | Exception | None
"""The head of the response, then pieces of its body, then None; or what went wrong."""


class Exchange:
    """A response on its way."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._came: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._left = threading.Event()

    def head(self) -> httpx.Response:
        """Status and headers; its body is read with `pieces` only. Raises what the client raised, or `Overdue`."""
        item = self._next()
        if not isinstance(item, httpx.Response):
            raise httpx.RemoteProtocolError("a response without a head")
        return item

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes. Raises what the client raised, or `Overdue`."""
        while isinstance(item := self._next(), bytes):
            yield item

    def run(self, client: httpx.Client, request: httpx.Request) -> None:
        """Make the request and pass on what comes, until nobody waits for it any more."""
        try:
            response = client.send(request, stream=True, follow_redirects=False)
            try:
                self._pass_on(response)
            finally:
                response.close()
        except Exception as error:  # noqa: BLE001 - it is raised again where it is waited for
            self._came.put(error)

    def leave(self) -> None:
        """Wait no more."""
        self._left.set()

    def _pass_on(self, response: httpx.Response) -> None:
        self._came.put(response)
        size = 0
        for piece in response.iter_bytes():
            size += len(piece)
            self._came.put(piece)
            # One that is too long is cut off behind the limit, where its reader sees that it is.
            if self._left.is_set() or size > MAX_REPLY_BYTES:
                break
        self._came.put(None)

    def _next(self) -> _Item:
        left_s = self._deadline.left_s
        try:
            # What lies ready after the deadline is late as well: who sends without end must not be listened to.
            item = self._came.get(timeout=left_s) if left_s else self._overdue()
        except queue.Empty:
            self._overdue()
        if isinstance(item, Exception):
            raise item
        return item

    def _overdue(self) -> NoReturn:
        raise Overdue(f"it was not done after {self._deadline.seconds:g} s") from None


@contextmanager
def exchanged(client: httpx.Client, request: httpx.Request, deadline: Deadline) -> Iterator[Exchange]:
    """Make a request; who leaves the context no longer waits for it, and the connection is closed soon after."""
    exchange = Exchange(deadline)
    threading.Thread(target=exchange.run, args=(client, request), name="lavr-openai", daemon=True).start()
    try:
        yield exchange
    finally:
        exchange.leave()
