"""A run: the graph at work on a thread of its own, its events in a queue, its end at any moment."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..errors import LavrError
from .answer import Answer
from .events import AnswerReady, Event, Listener, RunCancelled, RunFailed
from .trace import Trace

Work = Callable[[Listener], Mapping[str, Any]]
"""Does the whole run, tells a listener, and gives back what comes out of the graph."""


class Run:
    """One question at work.

    The thread is a daemon: a run that was cancelled in the middle of a call ends at its next event, and does not keep
    the program from ending.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._queue: queue.SimpleQueue[Event | BaseException | None] = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._answered: AnswerReady | None = None
        self.outcome: Mapping[str, Any] = {}
        threading.Thread(target=self._go, name="lavr-run", daemon=True).start()

    def cancel(self) -> None:
        """End it. The calls at work are left to end by themselves; nothing of them is heard again."""
        self._cancelled.set()
        self._queue.put(None)

    def next(self) -> Event | None:
        """The next event, as soon as there is one; None after the last. Raises what the run failed with."""
        item = None if self._cancelled.is_set() else self._queue.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def events(self) -> Iterator[Event]:
        """Every event as it comes. Closing the iterator, or an exception in its reader, ends the run."""
        try:
            while (event := self.next()) is not None:
                yield event
        finally:
            self.cancel()

    def _go(self) -> None:
        try:
            self.outcome = self._work(self._tell)
            if self._answered is not None:
                self._pass_on(self._answered)
        except RunCancelled:
            pass
        except LavrError as error:
            self._fail(error)
        except BaseException as error:  # noqa: BLE001 - it is handed to the thread that reads the events
            self._queue.put(error)
        self._queue.put(None)

    def _tell(self, event: Event) -> None:
        with self._lock:
            if self._cancelled.is_set():
                raise RunCancelled
            if isinstance(event, AnswerReady):
                # It is the last word: it waits until the graph has ended and written its state.
                self._answered = AnswerReady(Trace(tuple(self._events)).closed_by(event.answer))
            else:
                self._pass_on(event)

    def _pass_on(self, event: Event) -> None:
        self._events.append(event)
        self._queue.put(event)

    def _fail(self, error: LavrError) -> None:
        self._pass_on(RunFailed(error))
        error.trace = Trace(tuple(self._events))
        self._queue.put(error)


def folded(events: Iterator[Event]) -> Answer:
    """The answer that a stream of events ends with. Raises `RunCancelled` when it ends without one."""
    answers = [event.answer for event in events if isinstance(event, AnswerReady)]
    if not answers:
        raise RunCancelled("The run was ended before it had an answer.")
    return answers[-1]
