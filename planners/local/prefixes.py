"""Prefixes that were computed already, kept to be taken up again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from .session import Session, first_key, next_key

PREFIX_BYTES = 2 * 1024**3


class PrefixStore:
    """Sessions by the digest of what they were fed (token ids and picture tensors), the least recently used go first.

    Sessions are handed out as forks, so that nobody can spoil what is kept. Safe to use from several threads.

    Args:
        max_bytes: how many bytes of keys and values are kept at most.
    """

    def __init__(self, max_bytes: int = PREFIX_BYTES) -> None:
        self.max_bytes = max_bytes
        self.evictions = 0
        self._kept: OrderedDict[str, tuple[Session, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size_bytes(self) -> int:
        """Bytes that are kept."""
        return sum(size for _, size in self._kept.values())

    def keep(self, session: Session) -> None:
        """Keep a session as it is now, unless it alone is larger than the store."""
        size = session.size_bytes
        if size > self.max_bytes:
            return
        with self._lock:
            self._kept[session.key] = (session.fork(), size)
            self._kept.move_to_end(session.key)
            while self.size_bytes > self.max_bytes:
                self._kept.popitem(last=False)
                self.evictions += 1

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


def keys_along(model_name: str, digests: Sequence[str]) -> list[str]:
    """The keys that a session has after each of the spans with these digests, from its very beginning."""
    keys = [first_key(model_name)]
    for digest in digests:
        keys.append(next_key(keys[-1], digest))
    return keys[1:]
