"""Prefixes that were computed already, kept to be taken up again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from .memory import held_by
from .session import Session

PREFIX_BYTES = 2 * 1024**3


class PrefixStore:
    """Sessions by the digest of what they were fed (token ids and picture tensors), the least recently used go first.

    Sessions are handed out as forks, so that nobody can spoil what is kept. Safe to use from several threads.

    Args:
        max_bytes: how many bytes of memory are kept at most; memory that sessions share is counted once.

    Attributes:
        evictions: how many sessions had to go.
    """

    def __init__(self, max_bytes: int = PREFIX_BYTES) -> None:
        self.max_bytes = max_bytes
        self.evictions = 0
        self._kept: OrderedDict[str, tuple[Session, dict[int, int]]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: str) -> bool:
        return key in self._kept

    @property
    def size_bytes(self) -> int:
        """Bytes that are kept."""
        with self._lock:
            return self._size()

    def keep(self, session: Session) -> bool:
        """Keep a session as it is now, unless it alone is larger than the store; whether it is kept."""
        twin = session.compacted()
        held = held_by(twin.tensors())
        if sum(held.values()) > self.max_bytes:
            return False
        with self._lock:
            self._kept[twin.key] = (twin, held)
            self._kept.move_to_end(twin.key)
            while self._size() > self.max_bytes:
                self._kept.popitem(last=False)
                self.evictions += 1
        return True

    def longest(self, keys: Sequence[str]) -> tuple[int, Session] | None:
        """The session of the last of the keys that is known, with the index of that key; None when none is."""
        with self._lock:
            for index in range(len(keys) - 1, -1, -1):
                if keys[index] in self._kept:
                    self._kept.move_to_end(keys[index])
                    return index, self._kept[keys[index]][0].taken_up()
        return None

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()

    def _size(self) -> int:
        memory: dict[int, int] = {}
        for _, held in self._kept.values():
            memory |= held
        return sum(memory.values())
