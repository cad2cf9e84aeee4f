"""What can be written as JSON, written in one canonical way.

Everything that crosses a border (a worker process, a checkpoint, a log line, a cache key) is plain JSON. This module
owns the type of such values and the one way of turning them into bytes, so that equal values have equal digests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
"""Any JSON value, read-only. NaN and infinity are not JSON and are refused by `canonical`."""

JsonObject: TypeAlias = "dict[str, Json]"
"""A JSON object that its owner may still fill."""


def canonical(value: Json) -> str:
    """One line of JSON: sorted keys, no spaces, UTF-8 kept. Raises `ValueError` for NaN and infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(value: Json) -> str:
    """SHA-256 of the canonical form, as 64 hex digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
