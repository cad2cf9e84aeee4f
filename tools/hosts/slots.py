"""The places of a worker host: each for one process, and for as many calls at once as that has lanes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .process import WorkerProcess


class Slot:
    """A place for one process.

    Attributes:
        process: that runs here; None before the first call.
        lock: held while the process is started, and while a tool is loaded in it.
    """

    def __init__(self) -> None:
        self.process: WorkerProcess | None = None
        self.lock = threading.Lock()
        self._free = threading.Condition()
        self._inside = 0
        self._wait_alone = 0

    @contextmanager
    def entered(self, *, alone: bool) -> Iterator[None]:
        """Within it a call runs here.

        Args:
            alone: whether no other call may run here meanwhile; it comes before those that wait with company.
        """
        with self._free:
            self._wait_alone += alone
            self._free.wait_for(lambda: not self._inside if alone else self._inside >= 0 and not self._wait_alone)
            self._wait_alone -= alone
            self._inside += -1 if alone else 1
        try:
            yield
        finally:
            with self._free:
                self._inside -= -1 if alone else 1
                self._free.notify_all()
