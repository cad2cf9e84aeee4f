"""Planners that are made of their names: each once, for all chats, and closed in the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from ...planners.kinds import PlannerLike


class SharedPlanners:
    """Planners by name. Any thread may use it.

    A model takes long to load, so each is made in a thread of its own: who waits for it may stop waiting, and the next
    one finds it further on.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, Future[PlannerLike]] = {}

    def get(self, name: str, make: Callable[[], PlannerLike]) -> Future[PlannerLike]:
        """The planner of a name; one that could not be made is made anew."""
        with self._lock:
            known = self._made.get(name)
            if known is not None and not (known.done() and known.exception()):
                return known
            making: Future[PlannerLike] = Future()
            making.set_running_or_notify_cancel()  # nobody who stops waiting can take it from the others
            self._made[name] = making
        threading.Thread(target=_fill, args=(making, make), name=f"lavr-make-{name}", daemon=True).start()
        return making

    def close(self) -> None:
        """Close them all, also those that are still being made. They are made anew when they are asked for."""
        with self._lock:
            made = list(self._made.values())
            self._made.clear()
        for each in made:
            each.add_done_callback(_close)


def _fill(making: Future[PlannerLike], make: Callable[[], PlannerLike]) -> None:
    try:
        making.set_result(make())
    except BaseException as error:  # noqa: BLE001 - whoever waits for it gets it
        making.set_exception(error)


def _close(made: Future[PlannerLike]) -> None:
    close = None if made.exception() else getattr(made.result(), "close", None)
    if callable(close):
        close()
