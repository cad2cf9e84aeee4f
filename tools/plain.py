"""Plain JSON out of what a tool calls JSON, within bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..jsonable import Json

MAX_BYTES = 1_000_000
MAX_DEPTH = 60


class NotJson(ValueError):
    """A value that is no JSON, or too much of it; the message says what and where."""


def plain(value: object, *, max_bytes: int = MAX_BYTES) -> Json:
    """A copy made of dicts, lists, str, int, float, bool and None; tuples and numpy's numbers are converted.

    Raises:
        NotJson: for other types, NaN, keys that are no strings, too deep nesting or more than `max_bytes`; it stops at
            the first one, so that a gigabyte is refused quickly.
    """
    return _Walk(max_bytes).copy(value, "", 0)


class _Walk:
    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.left = max_bytes

    def copy(self, value: object, where: str, depth: int) -> Json:
        self._spend(2)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, np.generic):
            return self.copy(value.item(), where, depth)
        if isinstance(value, str):
            self._spend(len(value))
            return str(value)
        if isinstance(value, int | float):
            return self._number(value, where)
        if depth > MAX_DEPTH:
            raise NotJson(f"it is nested more than {MAX_DEPTH} deep.")
        if isinstance(value, Mapping):
            return self._mapping(value, where, depth)
        if isinstance(value, list | tuple):
            return [self.copy(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(value)]
        raise NotJson(f"the {type(value).__name__}{_at(where)} is not JSON.")

    def _mapping(self, value: Mapping[object, object], where: str, depth: int) -> Json:
        copied: dict[str, Json] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise NotJson(f"the key {key!r}{_at(where)} is not a string.")
            self._spend(len(key))
            copied[key] = self.copy(item, f"{where}.{key}", depth + 1)
        return copied

    def _number(self, value: float, where: str) -> Json:
        if isinstance(value, int):
            self._spend(value.bit_length() // 4)
            return int(value)
        if not math.isfinite(value):
            raise NotJson(f"the number {value}{_at(where)} is not JSON.")
        self._spend(8)
        return float(value)

    def _spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise NotJson(f"it is more than {self.max_bytes:,} bytes of JSON.")


def _at(where: str) -> str:
    return f" at {where.lstrip('.')[:60]}" if where else ""
