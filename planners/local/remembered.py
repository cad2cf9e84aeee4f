"""A bounded memory of what would otherwise have to be worked out anew."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

REMEMBERED = 4096

_Value = TypeVar("_Value")


class Remembered(Generic[_Value]):
    """The last things that were remembered, by key; never more than `REMEMBERED`. Safe to use from several threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> _Value | None:
        """What was put under the key, or None."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def put(self, key: str, value: _Value) -> None:
        """Remember it."""
        with self._lock:
            self._known[key] = value
            self._known.move_to_end(key)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
