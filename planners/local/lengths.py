"""How long JSON of a bounded schema can get, in bytes: a token is at least one of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

CHARACTER_BYTES = 4
"""The most that one character of a string takes, in UTF-8 or as an escape (`\\u` is left out of grammars)."""

_QUOTES, _SEPARATOR = 2, 2


def max_bytes(schema: Mapping[str, Any]) -> int:
    """The greatest length in bytes of the JSON of a value of a schema that `bounded` made.

    Raises:
        KeyError: when the schema is not bounded.
    """
    if "enum" in schema:
        return max(_written(value) for value in schema["enum"])
    if "anyOf" in schema:
        return max(max_bytes(option) for option in schema["anyOf"])
    kind = str(schema["type"])
    if kind == "string":
        return _QUOTES + CHARACTER_BYTES * int(schema["maxLength"])
    if kind in {"integer", "number"}:
        return _number_bytes(schema)
    if kind == "array":
        return _array_bytes(schema)
    return _object_bytes(schema) if kind == "object" else len({"null": "null"}.get(kind, "false"))


def _written(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


def _number_bytes(schema: Mapping[str, Any]) -> int:
    ends = [schema[key] for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum") if key in schema]
    if len(ends) < 2:
        raise KeyError("minimum" if "maximum" in schema else "maximum")
    whole = max(len(str(abs(int(end)))) + int(end < 0) for end in ends)
    exponent: int | str = Decimal(str(schema.get("multipleOf", 1))).as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    return whole + (1 + decimals if decimals or schema["type"] == "number" else 0)


def _array_bytes(schema: Mapping[str, Any]) -> int:
    first = [max_bytes(item) for item in schema.get("prefixItems", ())][: int(schema["maxItems"])]
    rest = int(schema["maxItems"]) - len(first)
    more = rest * max_bytes(schema["items"]) if rest else 0
    return _QUOTES + sum(first) + more + _SEPARATOR * int(schema["maxItems"])


def _object_bytes(schema: Mapping[str, Any]) -> int:
    named = [(_written(name), max_bytes(inner)) for name, inner in schema.get("properties", {}).items()]
    free = list(schema.get("patternProperties", {}).values())
    if free:
        from .bounding import KEY_LIMIT

        named += [(_QUOTES + CHARACTER_BYTES * KEY_LIMIT, max_bytes(free[0]))] * int(schema["maxProperties"])
    return _QUOTES + sum(key + value + 2 * _SEPARATOR for key, value in named)
