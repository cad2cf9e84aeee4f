"""The one worker that all agents of a process share, so that three agents do not load the same models three times."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..tools.hosts.worker import WorkerHost

_lock = threading.Lock()
_worker: list[WorkerHost] = []
_users: weakref.WeakSet[object] = weakref.WeakSet()


def shared_worker(user: object) -> WorkerHost:
    """The worker of this process, used by `user` until it gives it back, is collected, or the program ends."""
    from ..tools.hosts.worker import WorkerHost

    with _lock:
        if not _worker:
            _worker.append(WorkerHost())
        _users.add(user)
        return _worker[0]


def give_back(user: object) -> None:
    """Tell that `user` is done with it. The last one ends its processes; it starts anew when it is used again."""
    with _lock:
        _users.discard(user)
        if _worker and not _users:
            _worker[0].close()
