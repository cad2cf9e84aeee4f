"""The memory that the models of a pool share: who holds how much on which device, and who goes when it is short."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .batching import Line
from .memory import give_back
from .metrics import ModelMetrics


class Seat:
    """The place of one model in a pool.

    Attributes:
        key: of the model.
        lock: held by the one thread that uses the model, or is loading it.
        line: the calls that wait to share a batch.
        metrics: what is counted.
        model: when it is loaded.
        device: where it is.
        booked: bytes that are reckoned for it; 0 when it is not there.
        users: how many uses of the thread that holds the lock are under way.
        pinned: whether it is never put away to make room.
        stale: whether it is put away as soon as nobody uses it.
        used_at: the number of its last use.
        most: items that it takes at once.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.lock = threading.RLock()
        self.line = Line()
        self.metrics = ModelMetrics()
        self.model: Any = None
        self.device = ""
        self.booked = 0
        self.users = 0
        self.pinned = False
        self.stale = False
        self.used_at = 0
        self.most = 1

    @property
    def loaded(self) -> bool:
        """Whether the model is there."""
        return self.model is not None


@dataclass(slots=True)
class DeviceMemory:
    """What models take on one device, in bytes.

    Attributes:
        budget: what they may take.
        used: what they take now.
        peak: the most that they ever took.
    """

    budget: int
    used: int = 0
    peak: int = 0


@dataclass(slots=True)
class _Devices:
    """The books by device; a budget is asked for once, when the first model comes."""

    budget: Callable[[str], int]
    books: dict[str, DeviceMemory] = field(default_factory=dict)

    def __getitem__(self, device: str) -> DeviceMemory:
        if device not in self.books:
            self.books[device] = DeviceMemory(self.budget(device))
        return self.books[device]


class Room:
    """Seats and their memory. Safe to use from several threads.

    A thread that holds a seat's lock may call everything here: other seats' locks are only tried, never waited for.

    Args:
        budget: from the name of a device to the bytes that models may take there.
    """

    def __init__(self, budget: Callable[[str], int]) -> None:
        self._devices = _Devices(budget)
        self._seats: dict[str, Seat] = {}
        self._changed = threading.Condition(threading.RLock())
        self._changes = 0
        self._uses = 0

    @property
    def changes(self) -> int:
        """A number that grows whenever memory may have become free."""
        return self._changes

    def seat(self, key: str) -> Seat:
        """The seat of a model, made when it is first asked for."""
        with self._changed:
            if key not in self._seats:
                self._seats[key] = Seat(key)
            return self._seats[key]

    def seats(self) -> list[Seat]:
        """All seats."""
        with self._changed:
            return list(self._seats.values())

    def memory(self) -> dict[str, DeviceMemory]:
        """What is taken, by device, at this moment."""
        with self._changed:
            return {
                device: DeviceMemory(book.budget, book.used, book.peak) for device, book in self._devices.books.items()
            }

    def expected(self, seat: Seat, said: int) -> int:
        """The bytes that a model will take: as it did last time, as was said, or as much as the largest so far."""
        largest = max((each.metrics.bytes for each in self.seats()), default=0)
        return seat.metrics.bytes or said or largest

    def claim(self, seat: Seat, device: str, size: int, *, may_wait: bool) -> bool:
        """Book memory for a model that is to be loaded; the idle models that were used longest ago go for it.

        Args:
            seat: of the model; its lock is held.
            device: where it is to be loaded.
            size: bytes.
            may_wait: whether to give up, instead of going over the budget, while models are in use that can go later.

        Returns:
            Whether it may be loaded now. Without, wait for `changes` to grow, and ask again.
        """
        with self._changed:
            book = self._devices[device]
            while book.used and book.used + size > book.budget:
                if self._put_oldest_away(device, besides=seat):
                    continue
                if may_wait and any(each.users and not each.pinned for each in self._on(device, besides=seat)):
                    return False
                break  # Alone, or beside pinned models, it goes over the budget: the device itself has the last word.
            self._book(seat, device, size)
            return True

    def settle(self, seat: Seat, size: int) -> int:
        """Book what a model really takes, now that it is loaded; others go for it.

        Returns:
            The bytes that models now take beyond the budget, because none of the others can go.
        """
        with self._changed:
            self._book(seat, seat.device, size)
            book = self._devices[seat.device]
            while book.used > book.budget and self._put_oldest_away(seat.device, besides=seat):
                pass
            return max(book.used - book.budget, 0)

    def move(self, seat: Seat, device: str) -> None:
        """Book a model on another device, over its budget if need be."""
        with self._changed:
            size = seat.booked
            self.vacate(seat)
            self.claim(seat, device, size, may_wait=False)

    def vacate(self, seat: Seat) -> None:
        """Let go of a model; its lock is held."""
        with self._changed:
            left = _weakly(seat.model)
            seat.model = None
            seat.stale = False
            if seat.booked:
                self._devices[seat.device].used -= seat.booked
                seat.booked = 0
            give_back(collect=left() is not None)
            self._tell()

    def evict_idle(self, device: str, *, besides: Seat) -> list[str]:
        """Put away every idle model of a device but one, pinned ones stay; gives their keys."""
        with self._changed:
            gone: list[str] = []
            while key := self._put_oldest_away(device, besides=besides):
                gone.append(key)
            return gone

    def used(self, seat: Seat) -> None:
        """Note a use, for the order in which models go."""
        with self._changed:
            self._uses += 1
            seat.used_at = self._uses

    def released(self) -> None:
        """Tell those who wait that a model is no longer in use."""
        with self._changed:
            self._tell()

    def wait(self, changes: int) -> None:
        """Wait until `changes` is another number."""
        with self._changed:
            self._changed.wait_for(lambda: self._changes != changes)

    def _book(self, seat: Seat, device: str, size: int) -> None:
        book = self._devices[device]
        book.used += size - seat.booked
        book.peak = max(book.peak, book.used)
        seat.device, seat.booked = device, size

    def _put_oldest_away(self, device: str, *, besides: Seat) -> str:
        """Put away the idle model that was used longest ago; its key, or empty when none can go."""
        for seat in sorted(self._on(device, besides=besides), key=lambda each: each.used_at):
            if seat.pinned or not seat.loaded or not seat.lock.acquire(blocking=False):
                continue
            try:
                if not seat.users:
                    seat.metrics.evictions += 1
                    self.vacate(seat)
                    return seat.key
            finally:
                seat.lock.release()
        return ""

    def _on(self, device: str, *, besides: Seat) -> Iterator[Seat]:
        return (seat for seat in self._seats.values() if seat is not besides and seat.booked and seat.device == device)

    def _tell(self) -> None:
        self._changes += 1
        self._changed.notify_all()


def _weakly(model: Any) -> Callable[[], Any]:
    """Tells whether a model is still there once nobody here holds it: its parts may hold on to each other."""
    if model is None:
        return lambda: None
    try:
        return weakref.ref(model)
    except TypeError:  # A kind of object that cannot be watched; it is looked for.
        return lambda: True
