"""A whole reply as one JSON schema, for servers that keep a model to a schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ...jsonable import Json, JsonObject
from ...tools.spec import ToolSpec
from ...vision.units import CoordinateUnit
from ..handles import Handles
from .functions import ANSWER_SCHEMA, THOUGHT, THOUGHT_SCHEMA, looks, worded

NEXT = "next"
"""What comes after the thought: calls or an answer."""

MOST_CALLS = 8
"""Without a bound, a small model calls until it is cut off."""

MOST_WORDS = 500
"""Servers bound how many words a schema may list."""

STRING_LIMIT, THOUGHT_LIMIT = 600, 300
"""Characters of a string that has no bound of its own, and of the thought."""


def reply_schema(
    tools: Sequence[ToolSpec],
    unit: CoordinateUnit,
    live: Handles | None = None,
    *,
    may_answer: bool = True,
    most_calls: int = MOST_CALLS,
) -> JsonObject:
    """The schema of a whole reply, strict in the sense of OpenAI: every property required, every object closed.

    A thought, and `next`, which is either calls or an answer: a server that keeps to it cannot let through both.
    Handles are those that are live at this very step. Where that would be more words than servers take, places are
    whatever looks like a handle, then citations, then pictures, and one that is not there is refused later.

    Args:
        tools: what can be called; none when the model must answer.
        unit: the unit in which boxes are written.
        live: the handles that the reply may name; any when left out.
        may_answer: whether it may answer already; otherwise it has to call a tool that looks at a picture, if any does:
            as long as nothing is known, a small model calculates with whatever numbers it was told.
        most_calls: how many calls it may have.
    """
    thought: JsonObject = {**THOUGHT_SCHEMA, "maxLength": THOUGHT_LIMIT}
    schema: JsonObject = {}
    for free in _FREE:
        names = _Names(live, free)
        choices = _choices(tools, unit, names, may_answer=may_answer, most_calls=most_calls)
        schema = _closed({THOUGHT: thought, NEXT: choices[0] if len(choices) == 1 else {"anyOf": choices}})
        if _listed(schema) <= MOST_WORDS:
            break
    return cast("JsonObject", _with_ends(schema))


def can_look(tools: Sequence[ToolSpec], live: Handles) -> bool:
    """Whether any tool looks at a picture and has what it needs for that: some need a place, and there is none yet."""
    return any(looks(tool) and _Names(live).in_schema(tool.parameters) is not None for tool in tools)


@dataclass(frozen=True, slots=True)
class _Names:
    """What handles may be.

    Attributes:
        live: those that there are; None for any.
        free: kinds of them that may be any, as long as there are some.
    """

    live: Handles | None
    free: frozenset[str] = frozenset()

    def in_schema(self, schema: Mapping[str, Json]) -> JsonObject | None:
        """A schema whose handles are those that there are, or None when it asks for one and there is none."""
        if self.live is None:
            return dict(schema)
        kind, live = str(schema.get("format")), self.live
        there = {"image": live.images, "region": live.regions, "citable": live.citable}.get(kind)
        if there is None:
            return self._inside(dict(schema))
        if not there or kind in self.free:
            return dict(schema) if there else None
        plain = {key: value for key, value in schema.items() if key != "format"}
        return {**plain, "enum": list(there)}

    def _inside(self, schema: JsonObject) -> JsonObject | None:
        options, items, properties = schema.get("anyOf"), schema.get("items"), schema.get("properties")
        if isinstance(options, list):
            kept = [named for each in options if (named := self.in_schema(cast("JsonObject", each))) is not None]
            return {**schema, "anyOf": cast("Json", kept)} if kept else None
        if isinstance(items, Mapping):
            inner = self.in_schema(items)
            return None if inner is None else {**schema, "items": inner}
        if isinstance(properties, Mapping):
            each_named = {name: self.in_schema(cast("JsonObject", each)) for name, each in properties.items()}
            if any(each_named[name] is None for name in cast("list[str]", schema.get("required", []))):
                return None
            return {**schema, "properties": {name: each for name, each in each_named.items() if each is not None}}
        return schema


_FREE = tuple(map(frozenset, ((), ("region",), ("region", "citable"), ("region", "citable", "image"))))
"""What is left free first where a schema lists too many words: there are most places."""


def _choices(
    tools: Sequence[ToolSpec], unit: CoordinateUnit, names: _Names, *, may_answer: bool, most_calls: int
) -> list[Json]:
    """Calls, an answer, or either."""
    possible = [(tool, call) for tool in tools if (call := _call(tool, unit, names)) is not None]
    telling = [] if may_answer else [(tool, call) for tool, call in possible if looks(tool)]
    calls = [call for _, call in telling or possible]
    choices: list[Json] = [_closed({"calls": _some_of(calls, most_calls)})] if calls else []
    return [*choices, _closed({"answer": _answer(unit, names)})] if may_answer or not calls else choices


def strict(schema: Mapping[str, Json]) -> JsonObject:
    """A schema in which every property is required; those that were not may be null."""
    plain = {key: value for key, value in schema.items() if key != "default"}
    for key in ("items", "additionalProperties"):
        if isinstance(plain.get(key), Mapping):
            plain[key] = strict(cast("Mapping[str, Json]", plain[key]))
    options = plain.get("anyOf")
    if isinstance(options, list):
        plain["anyOf"] = [strict(option) for option in options]
    properties = plain.get("properties")
    if isinstance(properties, Mapping):
        needed = cast("Sequence[Json]", plain.get("required", []))
        plain["properties"] = {
            name: strict(inner) if name in needed else _or_null(strict(inner))
            for name, inner in cast("Mapping[str, Mapping[str, Json]]", properties).items()
        }
        plain["required"] = list(properties)
        plain["additionalProperties"] = False
    return plain


def _call(tool: ToolSpec, unit: CoordinateUnit, names: _Names) -> Json | None:
    """The schema of a call of a tool; None when it needs a handle that there is not yet."""
    parameters = names.in_schema({"type": "object", "properties": {}, **tool.parameters})
    if parameters is None:
        return None
    name: JsonObject = {"type": "string", "enum": [tool.name]}
    return _closed({"name": name, "arguments": strict(worded(parameters, unit))})


def _answer(unit: CoordinateUnit, names: _Names) -> JsonObject:
    # Without anything to cite there are no citations, which are optional: an answer is always possible.
    return strict(worded(names.in_schema(ANSWER_SCHEMA) or ANSWER_SCHEMA, unit))


def _listed(schema: Json) -> int:
    """How many words a schema lists."""
    if isinstance(schema, list):
        return sum(map(_listed, schema))
    if not isinstance(schema, Mapping):
        return 0
    words = schema.get("enum")
    return (len(words) if isinstance(words, list) else 0) + sum(map(_listed, schema.values()))


def _with_ends(schema: Json) -> Json:
    """A schema whose free strings have a greatest length: without one, a small model writes on until it is cut off."""
    if isinstance(schema, list):
        return [_with_ends(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    inner = {key: _with_ends(value) for key, value in schema.items()}
    is_free = inner.get("type") == "string" and not {"enum", "pattern", "format", "maxLength"} & set(inner)
    return {**inner, "maxLength": STRING_LIMIT} if is_free else inner


def _some_of(calls: Sequence[Json], most: int) -> Json:
    return {"type": "array", "items": {"anyOf": list(calls)}, "minItems": 1, "maxItems": most}


def _closed(properties: JsonObject) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _or_null(schema: JsonObject) -> Json:
    options: list[Json] = list(schema["anyOf"]) if isinstance(schema.get("anyOf"), list) else []  # type: ignore[arg-type]  # checked beside it
    if {"type": "null"} in options:
        return schema
    return {"anyOf": [*(options or [schema]), {"type": "null"}]}
