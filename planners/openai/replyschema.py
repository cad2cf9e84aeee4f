"""A whole reply as one JSON schema, for servers that keep a model to a schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ...jsonable import Json, JsonObject
from ...tools.spec import ToolSpec
from ...vision.units import CoordinateUnit
from ..handles import Handles
from .functions import ANSWER_SCHEMA, THOUGHT, THOUGHT_SCHEMA, looking, worded

NEXT = "next"
"""What comes after the thought: calls or an answer."""

MOST_CALLS = 8
"""Without a bound, a small model calls until it is cut off."""

MOST_HANDLES, MOST_WORDS = 100, 500
"""So many of the newest are offered, as long as the whole schema lists no more words than servers allow; otherwise
whatever looks like a handle, and one that is not there is refused later."""

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

    A thought, and `next`, which is either calls or an answer: a server that keeps to it cannot let through both. The
    schema is no part of the prompt, so it can name what is live at this very step.

    Args:
        tools: what can be called; none when the model must answer.
        unit: the unit in which boxes are written.
        live: the handles that the reply may name; any when left out.
        may_answer: whether it may answer already; otherwise it has to call a tool that looks at a picture, if any does:
            as long as nothing is known, a small model calculates with whatever numbers it was told.
        most_calls: how many calls it may have.
    """
    offered = tools if may_answer else looking(tools)
    calls = [call for tool in offered if (call := _call(tool, unit, live)) is not None]
    choices = [_closed({"calls": _some_of(calls, most_calls)})] if calls else []
    if may_answer or not calls:
        choices.append(_closed({"answer": _answer(unit, live)}))
    thought: JsonObject = {**THOUGHT_SCHEMA, "maxLength": THOUGHT_LIMIT}
    reply = _closed({THOUGHT: thought, NEXT: choices[0] if len(choices) == 1 else {"anyOf": choices}})
    if live is not None and _listed(reply) > MOST_WORDS:
        return reply_schema(tools, unit, may_answer=may_answer, most_calls=most_calls)
    return cast("JsonObject", _with_ends(reply))


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


def _call(tool: ToolSpec, unit: CoordinateUnit, live: Handles | None) -> Json | None:
    """The schema of a call of a tool; None when it needs a handle that there is not yet."""
    parameters = _naming({"type": "object", "properties": {}, **tool.parameters}, live)
    if parameters is None:
        return None
    name: JsonObject = {"type": "string", "enum": [tool.name]}
    return _closed({"name": name, "arguments": strict(worded(parameters, unit))})


def _answer(unit: CoordinateUnit, live: Handles | None) -> JsonObject:
    # Without anything to cite there are no citations, which are optional: an answer is always possible.
    return strict(worded(_naming(ANSWER_SCHEMA, live) or ANSWER_SCHEMA, unit))


def _naming(schema: Mapping[str, Json], live: Handles | None) -> JsonObject | None:
    """A schema whose handles are those that there are, or None when it asks for one and there is none."""
    if live is None:
        return dict(schema)
    names = {"image": live.images, "region": live.regions, "citable": live.citable}.get(str(schema.get("format")))
    if names is not None:
        plain = {key: value for key, value in schema.items() if key != "format"}
        return {**plain, "enum": list(names[-MOST_HANDLES:])} if names else None
    return _naming_inside(dict(schema), live)


def _naming_inside(schema: JsonObject, live: Handles) -> JsonObject | None:
    options, items, properties = schema.get("anyOf"), schema.get("items"), schema.get("properties")
    if isinstance(options, list):
        kept = [named for each in options if (named := _naming(cast("JsonObject", each), live)) is not None]
        return {**schema, "anyOf": cast("Json", kept)} if kept else None
    if isinstance(items, Mapping):
        inner = _naming(items, live)
        return None if inner is None else {**schema, "items": inner}
    if isinstance(properties, Mapping):
        named_each = {name: _naming(cast("JsonObject", each), live) for name, each in properties.items()}
        if any(named_each[name] is None for name in cast("list[str]", schema.get("required", []))):
            return None
        return {**schema, "properties": {name: each for name, each in named_each.items() if each is not None}}
    return schema


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
