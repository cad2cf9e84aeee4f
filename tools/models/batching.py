"""Calls that wait for one model at the same time, put together into micro-batches.

Nobody waits for company: the first call goes ahead alone, and those that come while it runs make up the next batch. The
call at the head of the line leads: it takes its like from the line, serves them all in its own thread, and then hands
the lead on to whoever is at the head. So a batch is always served by one of its own callers, and no thread of its own
is needed.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Ticket:
    """One call in the line.

    Attributes:
        item: what it is about.
        work: the function that is to be called with it; calls with an equal one may share a batch.
        leads: whether its caller is to serve the next batch.
        done: whether it was served.
    """

    def __init__(self, item: Any, work: object) -> None:
        self.item = item
        self.work = work
        self.leads = False
        self.done = False
        self._turn = threading.Event()
        self._value: Any = None
        self._error: BaseException | None = None

    def give(self, value: Any) -> None:
        """Serve it with a result."""
        self._value, self.done = value, True
        self._turn.set()

    def fail(self, error: BaseException) -> None:
        """Serve it with an error."""
        self._error, self.done = error, True
        self._turn.set()

    def lead(self) -> None:
        """Make its caller serve the next batch."""
        self.leads = True
        self._turn.set()

    def wait(self) -> None:
        """Wait until it is served, or leads."""
        self._turn.wait()

    def result(self) -> Any:
        """What it was served with. Raises the error that it was served with."""
        if self._error is not None:
            raise self._error
        return self._value


class Line:
    """The calls that wait for one model."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Ticket] = deque()
        self._taken: list[Ticket] = []
        self._led = False

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @contextmanager
    def joined(self, item: Any, work: object) -> Iterator[Ticket]:
        """Wait in the line until the call is served or leads; a leader serves a batch within the `with`.

        Whatever happens to a leader, the lead is handed on, and calls that it took and did not serve wait again.
        """
        ticket = Ticket(item, work)
        with self._lock:
            self._waiting.append(ticket)
            if not self._led:
                self._led = True
                ticket.lead()
        try:
            ticket.wait()
            yield ticket
        finally:
            self._leave(ticket)

    def take(self, leader: Ticket, most: int) -> list[Ticket]:
        """The next batch: the leader, and up to `most` - 1 calls from the line whose work is equal, in their order."""
        with self._lock:
            alike = [ticket for ticket in self._waiting if ticket is not leader and ticket.work == leader.work]
            self._taken = [leader, *alike[: max(most, 1) - 1]]
            for ticket in self._taken:
                self._waiting.remove(ticket)
        return self._taken

    def _leave(self, ticket: Ticket) -> None:
        with self._lock:
            if not ticket.leads:
                if not ticket.done:  # Its caller was interrupted while it waited.
                    self._waiting = deque(each for each in self._waiting if each is not ticket)
                return
            left = [each for each in self._taken if not each.done and each is not ticket]
            others = [each for each in self._waiting if each is not ticket]
            self._waiting = deque([*left, *others])
            self._taken = []
            self._led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].lead()
