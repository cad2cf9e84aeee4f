"""The models of a process: loaded at first use, each used by one thread at a time, sharing a budget of memory.

    pool = shared_pool()
    shapes = PooledModel("yolo:/weights/shapes.pt", load=load_yolo, size=network_bytes)
    found = pool.batched(shapes, pixels, detect)   # detect(model, [pixels, ...]) -> [found, ...]

A model that does not fit beside the others takes the place of those that were used longest ago. Where memory runs out
all the same, the pool puts the others away and tries once more, then takes fewer items at once, then goes to the CPU;
each of these steps is said in `notes`.
"""

from __future__ import annotations

import functools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from ...errors import EnvironmentLacks, UsageError
from ...progress import Progress, default_progress
from ..remarks import remark
from .batching import Ticket
from .devices import Device, choose_device
from .memory import budget_for, is_out_of_memory
from .metrics import ModelMetrics
from .room import DeviceMemory, Room, Seat

M = TypeVar("M")
Item = TypeVar("Item")
T = TypeVar("T")

KEPT_NOTES = 200


@dataclass(frozen=True)
class PooledModel(Generic[M]):
    """How a pool loads a model.

    Attributes:
        key: unique, such as "yolo:/weights/shapes.pt"; two that differ in what they load differ in their keys.
        load: from the name of a device ("cpu", "cuda:0", "mps") to the model, on that device.
        size: the bytes that it holds; `network_bytes` for a torch module.
        batch: most items of one micro-batch.
        expected_bytes: what it will hold, where that is known before it is loaded (the size of its file); 0 is unknown.
        device: "auto" for that of the pool; "cpu" for a model that runs nowhere else.
    """

    key: str
    load: Callable[[str], M]
    size: Callable[[M], int]
    batch: int = 8
    expected_bytes: int = 0
    device: str = "auto"


class ModelPool:
    """Keeps models and runs them. Safe to use from several threads.

    Work on one model must not use another one of the same pool: two threads that each hold what the other one wants
    wait for ever. Let one model's work end, and then give its result to the next.

    Args:
        budget_bytes: memory that models may take on the pool's device; what `LAVR_MEMORY` says, or a part of what there
            is, when left out.
        device: "auto", "cpu", "cuda", "cuda:1", "mps" (see `choose_device`), or one that was chosen.
        progress: told when a model is loaded; a line in a terminal when left out.
    """

    def __init__(
        self, *, budget_bytes: int | None = None, device: str | Device = "auto", progress: Progress | None = None
    ) -> None:
        if budget_bytes is not None and budget_bytes <= 0:
            raise UsageError(f"A budget of {budget_bytes} bytes holds no model.", remedy="Give more, or leave it out.")
        self._wanted = device
        self._budget_bytes = budget_bytes
        self._progress = progress
        self._room = Room(self._budget)
        self._notes: deque[str] = deque(maxlen=KEPT_NOTES)
        self._mine = threading.local()

    @functools.cached_property
    def device(self) -> Device:
        """Where models run, with the reason. Finding out may import torch."""
        return self._wanted if isinstance(self._wanted, Device) else choose_device(self._wanted)

    @property
    def metrics(self) -> dict[str, ModelMetrics]:
        """What each model did so far, by its key."""
        return {seat.key: seat.metrics.copy() for seat in self._room.seats()}

    @property
    def memory(self) -> dict[str, DeviceMemory]:
        """What the models take, by device."""
        return self._room.memory()

    @property
    def notes(self) -> tuple[str, ...]:
        """The fallbacks that were taken, oldest first, each beginning with the key of its model.

        Each is a note of the call on whose way it was taken, too.
        """
        return tuple(self._notes)

    def run(self, model: PooledModel[M], work: Callable[[M], T]) -> T:
        """Use a model alone.

        Args:
            model: loaded if it is not there.
            work: called with it, in this thread; again when memory ran out.

        Raises:
            EnvironmentLacks: when memory runs out even on the CPU.
        """

        def alone(loaded: M, _: list[None]) -> list[T]:
            return [work(loaded)]

        with self._using(model) as seat:
            return self._results(seat, model, alone, [None])[0]

    def batched(self, model: PooledModel[M], item: Item, work: Callable[[M, list[Item]], list[T]]) -> T:
        """Use a model for one item, together with the calls that wait for it at the same time.

        Calls share a batch when their `work` is equal: pass one function of a module, and put what differs from call to
        call into the items. A batch that fails is run again one by one, so that each call gets its own error.

        Args:
            model: loaded if it is not there.
            item: what to work on.
            work: called with the model and the items of several calls; gives a result for each, in their order.

        Raises:
            EnvironmentLacks: when memory runs out even with one item on the CPU.
            UsageError: when `work` gives another number of results.
        """
        line = self._room.seat(model.key).line
        with line.joined(item, work) as ticket:
            if ticket.leads:
                with self._using(model) as seat:
                    self._serve(seat, model, work, line.take(ticket, seat.most))
        result: T = ticket.result()
        return result

    def pin(self, key: str) -> None:
        """Never put a model away to make room for others."""
        self._room.seat(key).pinned = True

    def unpin(self, key: str) -> None:
        """Let a model go again when others need its room."""
        self._room.seat(key).pinned = False

    def close(self) -> None:
        """Put all models away; those in use as soon as they no longer are. The pool may be used again."""
        for seat in self._room.seats():
            seat.stale = True
            if seat.lock.acquire(blocking=False):
                try:
                    self._put_away_if_stale(seat)
                finally:
                    seat.lock.release()

    def _budget(self, device: str) -> int:
        if self._budget_bytes is not None and device == self.device.name:
            return self._budget_bytes
        return budget_for(device)

    @contextmanager
    def _using(self, model: PooledModel[M]) -> Iterator[Seat]:
        """The seat of a model, loaded and held by this thread."""
        seat = self._room.seat(model.key)
        while True:
            changes = self._room.changes
            if self._entered(seat, model):
                break
            self._room.wait(changes)
        self._mine.depth = self._depth + 1
        try:
            yield seat
        finally:
            self._mine.depth -= 1
            self._room.used(seat)
            self._leave(seat)
            self._room.released()

    @property
    def _depth(self) -> int:
        """How many models this thread holds."""
        depth: int = getattr(self._mine, "depth", 0)
        return depth

    def _entered(self, seat: Seat, model: PooledModel[M]) -> bool:
        """Take a seat and see to it that its model is loaded; False, and the seat is free, where room is lacking."""
        seat.lock.acquire()
        seat.users += 1
        entered = False
        try:
            seat.metrics.hits += seat.loaded
            entered = seat.loaded or self._load(seat, model)
        finally:
            if not entered:
                self._leave(seat)
        return entered

    def _leave(self, seat: Seat) -> None:
        seat.users -= 1
        self._put_away_if_stale(seat)
        seat.lock.release()

    def _put_away_if_stale(self, seat: Seat) -> None:
        if seat.stale and not seat.users:
            self._room.vacate(seat)

    def _load(self, seat: Seat, model: PooledModel[M]) -> bool:
        device = self.device.name if model.device == "auto" else model.device
        size = self._room.expected(seat, model.expected_bytes)
        # Who holds a model already must not wait for room: the one it waits for may wait for that model.
        if not self._room.claim(seat, device, size, may_wait=not self._depth):
            return False
        try:
            self._load_or_fall_back(seat, model)
        except BaseException:
            self._room.vacate(seat)
            raise
        return True

    def _load_or_fall_back(self, seat: Seat, model: PooledModel[M]) -> None:
        failed = self._tried_to_load(seat, model)
        if failed and (gone := self._room.evict_idle(seat.device, besides=seat)):
            self._note(seat, f"it did not fit on {seat.device}; {', '.join(gone)} went, and it was loaded again")
            failed = self._tried_to_load(seat, model)
        if failed and seat.device != "cpu":
            self._note(seat, f"it does not fit on {seat.device} ({failed.said}), and runs on the CPU")
            self._room.move(seat, "cpu")
            failed = self._tried_to_load(seat, model)
        if failed:
            raise _too_large(model.key, "be loaded", failed)

    def _tried_to_load(self, seat: Seat, model: PooledModel[M]) -> RanOut | None:
        progress = self._progress or default_progress()
        what, began = f"Loading {model.key} on {seat.device}", time.perf_counter()
        progress(what, 0, 0)
        loaded = attempt(lambda: model.load(seat.device))
        if isinstance(loaded, RanOut):
            return loaded
        progress(what, 1, 1)
        seat.model, seat.most = loaded, model.batch
        metrics = seat.metrics
        metrics.loads += 1
        metrics.load_s += time.perf_counter() - began
        metrics.device, metrics.bytes = seat.device, model.size(loaded)
        if over := self._room.settle(seat, metrics.bytes):
            self._note(seat, f"with it, models take {over:,} bytes more than their budget on {seat.device}")
        return None

    def _serve(
        self, seat: Seat, model: PooledModel[M], work: Callable[[M, list[Item]], list[T]], tickets: list[Ticket]
    ) -> None:
        try:
            results = self._results(seat, model, work, [ticket.item for ticket in tickets])
        except Exception as error:  # noqa: BLE001 - whatever it is, it goes to the caller whose item it is about
            if len(tickets) == 1:
                tickets[0].fail(error)
                return
        else:
            for ticket, result in zip(tickets, results, strict=True):
                ticket.give(result)
            return
        for ticket in tickets:
            self._serve(seat, model, work, [ticket])

    def _results(
        self, seat: Seat, model: PooledModel[M], work: Callable[[M, list[Item]], list[T]], items: list[Item]
    ) -> list[T]:
        """The results for some items, as many of them at once as memory allows."""
        results: list[T] = []
        while rest := items[len(results) :]:
            results += self._next_results(seat, model, work, rest[: seat.most])
        return results

    def _next_results(
        self, seat: Seat, model: PooledModel[M], work: Callable[[M, list[Item]], list[T]], items: list[Item]
    ) -> list[T]:
        """The results for items that are computed at once; none, where they turned out to be too many."""
        got = self._computed(seat, work, items)
        if isinstance(got, RanOut) and (gone := self._room.evict_idle(seat.device, besides=seat)):
            self._note(seat, f"memory ran out on {seat.device}; {', '.join(gone)} went, and it ran again")
            got = self._computed(seat, work, items)
        if isinstance(got, RanOut) and len(items) > 1:
            seat.most = (len(items) + 1) // 2
            self._note(seat, f"{len(items)} items at once are too many for {seat.device}; now at most {seat.most}")
            return []
        if isinstance(got, RanOut) and seat.device != "cpu":
            self._move_to_cpu(seat, model, got)
            got = self._computed(seat, work, items)
        if isinstance(got, RanOut):
            raise _too_large(model.key, "compute", got)
        return got

    def _computed(self, seat: Seat, work: Callable[[M, list[Item]], list[T]], items: list[Item]) -> list[T] | RanOut:
        began = time.perf_counter()
        got = attempt(lambda: list(work(seat.model, items)))
        seat.metrics.run_s += time.perf_counter() - began
        if isinstance(got, RanOut):
            return got
        if len(got) != len(items):
            raise UsageError(
                f"The work on {seat.key} gave {len(got)} results for {len(items)} items.",
                remedy="Let it give one for each, in their order.",
            )
        seat.metrics.batches[len(items)] += 1
        return got

    def _move_to_cpu(self, seat: Seat, model: PooledModel[M], failed: RanOut) -> None:
        self._note(seat, f"memory ran out on {seat.device} ({failed.said}); it runs on the CPU until it is loaded anew")
        self._room.move(seat, "cpu")
        try:
            if failure := self._tried_to_load(seat, model):
                raise _too_large(model.key, "be loaded", failure)
        except BaseException:
            self._room.vacate(seat)  # nothing is loaded, so nothing takes up room
            raise

    def _note(self, seat: Seat, text: str) -> None:
        self._notes.append(f"{seat.key}: {text}.")
        remark(self._notes[-1])


@dataclass(frozen=True, slots=True)
class RanOut:
    """Memory ran out; `said` is the first line of the error."""

    said: str


def attempt(work: Callable[[], T]) -> T | RanOut:
    """What `work` gives, or that memory ran out.

    The error itself is dropped, as its traceback would keep everything alive that took up the memory.
    """
    try:
        return work()
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return RanOut((str(error).strip() or type(error).__name__).splitlines()[0][:200])


def _too_large(key: str, deed: str, ran_out: RanOut) -> EnvironmentLacks:
    return EnvironmentLacks(
        f"Memory ran out for {key} to {deed}: {ran_out.said}",
        remedy="Ask for a smaller region, take a smaller model, or free memory.",
        model=key,
    )


_sharing = threading.Lock()


@functools.cache
def _made() -> ModelPool:
    return ModelPool()


def shared_pool() -> ModelPool:
    """The pool of this process; a worker process has its own."""
    with _sharing:
        return _made()
