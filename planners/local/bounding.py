"""From the schema of a tool's arguments to one whose every value is short: what a grammar writes is never cut off.

A grammar only guarantees that what was written so far is the beginning of something valid. That it is ever finished
follows from bounds: strings have a greatest length, numbers a range and a fixed number of decimals, arrays and objects
a greatest number of items. Handles become enumerations of the live ones, boxes numbers in the planner's unit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ...jsonable import JsonObject
from ...vision.units import CoordinateUnit
from ..handles import Handles
from .boxes import orderable

STRING_LIMIT = 200
"""Characters of a string whose schema names no limit."""

KEY_LIMIT = 32
"""Characters of a key of a free dictionary."""

NUMBER_LIMIT = 10**9
"""The largest magnitude of a number whose schema names none."""

DECIMALS = 4
"""Decimals of a number, unless its range is so narrow that it needs more."""

ARRAY_LIMIT = 16
"""Items of an array, and keys of a free dictionary, whose schema names no limit."""

UNIT_STEP = 0.001
"""The step of a coordinate of the unit 0-1."""

FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"})
"""Formats of strings that grammars know; others say nothing about the text."""

_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DAY = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_DATE = f"(?:{_YEAR}-{_DAY}|{_LEAP_YEAR}-02-29)"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"
_DATES = {"date": f"^{_DATE}$", "date-time": f"^{_DATE}T{_TIME}$"}
"""Days that there are: grammars allow the 30th of February, and the year 0."""

_KEY = rf'^[^\x00-\x1f\x7f"\\]{{1,{KEY_LIMIT}}}$'
_FOREIGN_PATTERN = re.compile(r"\(\?(?:[=!<]|P[=>])|\\[1-9bB]")
_UNWRITABLE = re.compile(r"[\x00-\x07\x0b\x0e-\x1f]")
_TYPES = ("string", "integer", "number", "boolean", "null", "array", "object")


class _Impossible(Exception):
    """No value fits: a handle is asked for and none is live. Never leaves this module."""


def bounded(schema: Mapping[str, Any], *, handles: Handles, unit: CoordinateUnit) -> JsonObject | None:
    """A schema that allows only what the given one allows, and nothing long.

    Args:
        schema: of a value, draft 2020-12, without references; as in `ToolSpec.parameters`.
        handles: what may be named.
        unit: in which boxes are written.

    Returns:
        The bounded schema, or None when no value fits, because a handle is required and none is live.
    """
    try:
        return _Bounder(handles, unit).bounded(schema)
    except _Impossible:
        return None


@dataclass(frozen=True, slots=True)
class _Bounder:
    handles: Handles
    unit: CoordinateUnit

    def bounded(self, node: Mapping[str, Any] | bool) -> JsonObject:
        if isinstance(node, bool):
            return self._anything() if node else _impossible()
        if "const" in node or "enum" in node:
            return _choice([node["const"]] if "const" in node else node["enum"])
        for union in ("anyOf", "oneOf"):
            if union in node:
                return self._union([_joined(node, union, option) for option in node[union]])
        if "allOf" in node:
            return self.bounded(_intersection(node))
        kind = node.get("type") or _type_meant(node)
        if isinstance(kind, list):
            return self._union([{**node, "type": each} for each in kind])
        return self._of_type(kind, node)

    def _of_type(self, kind: str, node: Mapping[str, Any]) -> JsonObject:
        if node.get("format") == "image":
            return _choice(self.handles.images)
        if node.get("format") == "region":
            return _choice(self.handles.regions)
        if node.get("format") == "xyxy":
            return box_schema(self.unit, self.handles)
        if node.get("format") == "xy":
            return point_schema(self.unit, self.handles)
        if kind == "string":
            return _string(node)
        if kind in {"integer", "number"}:
            return _number(node, whole=kind == "integer")
        if kind == "array":
            return self._array(node)
        if kind == "object":
            return self._object(node)
        return {"type": kind} if kind in _TYPES else self._anything()

    def _union(self, options: Sequence[Mapping[str, Any]]) -> JsonObject:
        kept = [found for option in options if (found := self._if_possible(option)) is not None]
        if not kept:
            return _impossible()
        return kept[0] if len(kept) == 1 else {"anyOf": kept}

    def _if_possible(self, node: Mapping[str, Any] | bool) -> JsonObject | None:
        try:
            return self.bounded(node)
        except _Impossible:
            return None

    def _array(self, node: Mapping[str, Any]) -> JsonObject:
        least = int(node.get("minItems", 0))
        limit = max(ARRAY_LIMIT, least)
        most = min(int(node.get("maxItems", limit)), limit)
        first = [self.bounded(item) for item in node.get("prefixItems", ())]
        rest = self._if_possible(node.get("items", not first))
        if rest is None:
            most = min(most, len(first))
        if least > most:
            return _impossible()
        array: JsonObject = {"type": "array", "minItems": least, "maxItems": most}
        array |= {"prefixItems": first} if first else {}
        array["items"] = False if rest is None else rest
        return array

    def _object(self, node: Mapping[str, Any]) -> JsonObject:
        required = [str(name) for name in node.get("required", ())]
        if "properties" not in node and node.get("additionalProperties") is not False:
            return self._dictionary(node)
        properties: JsonObject = {}
        for name, inner in node.get("properties", {}).items():
            found = self._if_possible(inner)
            if found is not None:
                properties[name] = found
            elif name in required:
                return _impossible()
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def _dictionary(self, node: Mapping[str, Any]) -> JsonObject:
        value = self._if_possible(node.get("additionalProperties", True))
        least, names = int(node.get("minProperties", 0)), node.get("propertyNames", {})
        if value is None:
            return _impossible() if least else self._object({"properties": {}})
        if "enum" in names and not least:
            choices: JsonObject = {str(name): value for name in names["enum"]}
            return {"type": "object", "properties": choices, "required": [], "additionalProperties": False}
        limit = max(ARRAY_LIMIT, least)
        most = min(int(node.get("maxProperties", limit)), limit)
        return {
            "type": "object",
            "patternProperties": {_KEY: value},
            "additionalProperties": False,
            "minProperties": least,
            "maxProperties": most,
        }

    def _anything(self) -> JsonObject:
        """Where a schema says nothing: a plain value."""
        plain = [{"type": "string"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}]
        return self._union(plain)


def box_schema(unit: CoordinateUnit, handles: Handles) -> JsonObject:
    """Left, top, right, bottom in a unit; pixels reach as far as the largest picture was shown.

    The format `xyxy` stays where a grammar can tell that right comes after left.
    """
    width, height = _span(unit, handles)
    box = _numbers(unit, (0, 0, 1, 1), (width - 1, height - 1, width, height))
    return {**box, "format": "xyxy"} if orderable(unit, handles.extent_wh) else box


def point_schema(unit: CoordinateUnit, handles: Handles) -> JsonObject:
    """A point, x and y in a unit, as far as `box_schema` reaches."""
    return _numbers(unit, (0, 0), _span(unit, handles))


def _span(unit: CoordinateUnit, handles: Handles) -> tuple[int, int]:
    return handles.extent_wh if unit is CoordinateUnit.PIXELS else (1000, 1000)


def _numbers(unit: CoordinateUnit, lows: Sequence[int], highs: Sequence[int]) -> JsonObject:
    """An array of so many whole numbers, or of fractions where these are the unit."""
    if unit is CoordinateUnit.UNIT:
        side: JsonObject = {"type": "number", "minimum": 0, "maximum": 1, "multipleOf": UNIT_STEP}
        sides = [side] * len(lows)
    else:
        sides = [{"type": "integer", "minimum": low, "maximum": high} for low, high in zip(lows, highs, strict=True)]
    return {"type": "array", "minItems": len(lows), "maxItems": len(lows), "prefixItems": sides, "items": False}


def _impossible() -> JsonObject:
    raise _Impossible


def _choice(values: Sequence[Any]) -> JsonObject:
    # Control characters other than \n, \r, \t, \b and \f cannot be written: grammars leave \u escapes out.
    writable = [value for value in values if not (isinstance(value, str) and _UNWRITABLE.search(value))]
    return {"enum": writable} if writable else _impossible()


def _joined(node: Mapping[str, Any], union: str, option: Mapping[str, Any] | bool) -> Mapping[str, Any]:
    """One option of a union with what stands beside the union."""
    if option is False:
        return {"enum": []}
    beside = {key: value for key, value in node.items() if key not in {union, "default", "description", "title"}}
    return {**beside, **(option if isinstance(option, Mapping) else {})}


def _intersection(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parts of an `allOf` laid over each other; pydantic writes it around a single part."""
    merged: dict[str, Any] = {key: value for key, value in node.items() if key != "allOf"}
    for part in node["allOf"]:
        merged.update(part)
    return merged


def _type_meant(node: Mapping[str, Any]) -> str:
    hints = {"properties": "object", "additionalProperties": "object", "items": "array", "prefixItems": "array"}
    hints |= {"pattern": "string", "maxLength": "string", "minimum": "number", "maximum": "number"}
    return next((kind for key, kind in hints.items() if key in node), "")


def _string(node: Mapping[str, Any]) -> JsonObject:
    least = int(node.get("minLength", 0))
    most = max(least, min(int(node.get("maxLength", STRING_LIMIT)), STRING_LIMIT))
    string: JsonObject = {"type": "string", "minLength": least, "maxLength": most}
    pattern = node.get("pattern")
    # Lookarounds and back references cannot be told to a grammar: the tool will check them.
    if pattern is not None and not _FOREIGN_PATTERN.search(pattern):
        string["pattern"] = pattern
    if node.get("format") in _DATES and pattern is None:
        string["pattern"] = _DATES[node["format"]]
    elif node.get("format") in FORMATS:
        string["format"] = node["format"]
    return string


def _number(node: Mapping[str, Any], *, whole: bool) -> JsonObject:
    number: JsonObject = {"type": "integer" if whole else "number"}
    number |= {key: node[key] for key in ("exclusiveMinimum", "exclusiveMaximum") if key in node}
    given_low, given_high = _end(node, "inimum"), _end(node, "aximum")
    low = min(-NUMBER_LIMIT, 0 if given_high is None else given_high - NUMBER_LIMIT) if given_low is None else given_low
    high = max(NUMBER_LIMIT, low + NUMBER_LIMIT) if given_high is None else given_high
    if low == high and not whole:
        return _choice([low])
    number |= {
        key: value for key, value in (("minimum", low), ("maximum", high)) if f"exclusive{key.title()}" not in node
    }
    if "multipleOf" in node:
        number["multipleOf"] = node["multipleOf"]
    elif not whole:
        number["multipleOf"] = _step(Decimal(str(high)) - Decimal(str(low)))
    return number


def _end(node: Mapping[str, Any], name: str) -> Any:
    """The least or the greatest value that a schema names, whether it is one itself or not."""
    return node.get(f"m{name}", node.get(f"exclusiveM{name}"))


def _step(span: Decimal) -> float:
    """The step between numbers: 10 to the minus `DECIMALS`, finer where a range has less than a thousand steps."""
    step = Decimal(1).scaleb(-DECIMALS)
    while span / step < 1000:
        step /= 10
    return float(step)
