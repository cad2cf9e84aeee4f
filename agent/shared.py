"""The workers that all agents of a process share, so that three agents do not load the same models three times."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..tools.hosts.worker import WorkerHost

_lock = threading.Lock()
_workers: dict[str, WorkerHost] = {}
_users: weakref.WeakSet[object] = weakref.WeakSet()


def shared_workers(user: object, names: Iterable[str]) -> dict[str, WorkerHost]:
    """The workers of this process, used by `user` until it gives them back, is collected, or the program ends.

    Args:
        user: who uses them.
        names: the hosts that it needs; those with an interpreter of their own come beside `worker`, others are no
            concern of this module.

    Raises:
        MissingExtra: when a host with an interpreter of its own is not made yet.
    """
    from ..tools.hosts.environments import environment, is_kind
    from ..tools.hosts.worker import WorkerHost

    wanted = {"worker", *filter(is_kind, names)}
    with _lock:
        for name in wanted - set(_workers):
            _workers[name] = WorkerHost() if name == "worker" else environment(name).worker()
        _users.add(user)
        return {name: _workers[name] for name in wanted}


def give_back(user: object) -> None:
    """Tell that `user` is done with them. The last one ends their processes; they start anew when used again."""
    with _lock:
        _users.discard(user)
        if not _users:
            for worker in _workers.values():
                worker.close()
