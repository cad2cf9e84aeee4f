"""Tools as the functions of a chat completion, and the whole reply as one JSON schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ...jsonable import Json, JsonObject
from ...tools.spec import ToolSpec
from ...vision.units import CoordinateUnit

ANSWER = "final_answer"
"""The function that ends a run. No tool of that name is offered beside it."""

THOUGHT = "thought"
"""An argument of every function, asked for where a server leaves no room for words before a call."""

NEXT = "next"
"""In a reply by schema: what comes after the thought, calls or an answer."""

MOST_CALLS = 8
"""In a reply by schema. Without a bound, a small model calls until it is cut off."""

MOST_CITATIONS = 8
"""Of an answer, for the same reason."""

STRING_LIMIT, THOUGHT_LIMIT = 600, 300
"""Characters of a string in a reply by schema that has no bound of its own, and of the thought."""

_THOUGHT_SCHEMA: JsonObject = {
    "type": "string",
    "description": "First think: what is known, what is missing, what next.",
}
_UNIT_WORDS = {
    CoordinateUnit.PIXELS: "pixels of the picture as shown",
    CoordinateUnit.PER_MILLE: "thousandths (0-1000) of the picture's width and height",
    CoordinateUnit.UNIT: "fractions (0-1) of the picture's width and height",
}
_CITATION: JsonObject = {
    "type": "object",
    "properties": {
        "quote": {"type": "string", "description": "A piece of the text, word for word."},
        "handle": {"type": "string", "description": "What it rests on: a region (r3), a picture (img_1), a call (c2)."},
    },
    "required": ["quote", "handle"],
    "additionalProperties": False,
}
ANSWER_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "description": "The answer, as it is shown to the user."},
        "value": {"type": "string", "description": "The bare value asked for (a number, a date, yes), or empty."},
        "citations": {
            "type": "array",
            "items": _CITATION,
            "maxItems": MOST_CITATIONS,
            "description": "What each claim rests on.",
        },
        "complete": {"type": "boolean", "description": "False when a part could not be established."},
    },
    "required": ["text"],
    "additionalProperties": False,
}
_ANSWER_PURPOSE = "Answer the user's question and end. Call it alone, as soon as the answer is known."


def functions(tools: Sequence[ToolSpec], unit: CoordinateUnit, *, thoughts: bool) -> list[Json]:
    """The value of `tools` in a request: one function for each tool, and the final answer.

    Args:
        tools: what can be called.
        unit: the unit in which boxes are written.
        thoughts: whether each function takes the thought that comes before the call.
    """
    offered = [_function(tool.name, purpose_of(tool), worded(tool.parameters, unit), thoughts) for tool in tools]
    return [*offered, _function(ANSWER, _ANSWER_PURPOSE, ANSWER_SCHEMA, thoughts)]


def purpose_of(tool: ToolSpec) -> str:
    """A tool's card in one text."""
    avoid = f"Not for: {tool.card.avoid}" if tool.card.avoid else ""
    limits = f"Limits: {tool.card.limits}" if tool.card.limits else ""
    return " ".join(part for part in (tool.card.purpose, avoid, limits) if part)


def worded(schema: Mapping[str, Json], unit: CoordinateUnit) -> JsonObject:
    """A schema whose lavr formats are said in words, because servers refuse or drop formats that they do not know."""
    plain = {key: _worded(value, unit) for key, value in schema.items()}
    words = _FORMAT_WORDS.get(str(plain.get("format")))
    if words is None:
        return plain
    own = f" {plain['description']}" if plain.get("description") else ""
    told = words.format(unit=_UNIT_WORDS[unit]) + own
    kept = {key: value for key, value in plain.items() if key not in {"format", "description"}}
    return {**kept, **_FORMAT_PATTERNS.get(str(plain["format"]), {}), "description": told}


_FORMAT_WORDS = {
    "image": "The handle of a picture, such as img_1.",
    "region": "The handle of a region, such as r3.",
    "xyxy": "[left, top, right, bottom] in {unit}.",
    "xy": "[x, y] in {unit}.",
}
# Enumerations of the live handles would change the start of the prompt at every step, and with it every prefix cache.
_FORMAT_PATTERNS: dict[str, JsonObject] = {
    "image": {"pattern": "^img_[0-9]{1,6}$"},
    "region": {"pattern": "^r[0-9]{1,6}$"},
}


def _worded(value: Json, unit: CoordinateUnit) -> Json:
    if isinstance(value, Mapping):
        return worded(value, unit)
    if isinstance(value, list):
        return [_worded(item, unit) for item in value]
    return value


def _function(name: str, purpose: str, parameters: Mapping[str, Json], thoughts: bool) -> Json:
    schema = _with_thought(parameters) if thoughts else dict(parameters)
    return {"type": "function", "function": {"name": name, "description": purpose, "parameters": schema}}


def _with_thought(parameters: Mapping[str, Json]) -> JsonObject:
    own = cast("Mapping[str, Json]", parameters.get("properties", {}))
    if THOUGHT in own:
        return dict(parameters)
    required = cast("Sequence[Json]", parameters.get("required", []))
    # First in order: what is constrained to a schema is written in its order.
    return {**parameters, "properties": {THOUGHT: _THOUGHT_SCHEMA, **own}, "required": [THOUGHT, *required]}


def takes_thought(tool: ToolSpec) -> bool:
    """Whether `thought` is an argument of the tool itself."""
    return THOUGHT in cast("Mapping[str, Json]", tool.parameters.get("properties", {}))


def reply_schema(tools: Sequence[ToolSpec], unit: CoordinateUnit, *, may_answer: bool = True) -> JsonObject:
    """The schema of a whole reply, strict in the sense of OpenAI: every property required, every object closed.

    A thought, and `next`, which is either calls or an answer: a server that keeps to it cannot let through both.

    Args:
        tools: what can be called; none when the model must answer.
        unit: the unit in which boxes are written.
        may_answer: whether it may answer already; otherwise it has to call a tool that looks at a picture, if any does:
            as long as nothing is known, a small model calculates with whatever numbers it was told.
    """
    callable_now = tools if may_answer else ([tool for tool in tools if looks(tool)] or tools)
    choices = [_closed({"calls": _some_of([_strict_call(tool, unit) for tool in callable_now])})] if tools else []
    choices += [_closed({"answer": strict(ANSWER_SCHEMA)})] if may_answer or not tools else []
    thought: JsonObject = {**_THOUGHT_SCHEMA, "maxLength": THOUGHT_LIMIT}
    reply = _closed({THOUGHT: thought, NEXT: choices[0] if len(choices) == 1 else {"anyOf": choices}})
    return cast("JsonObject", _with_ends(reply))


def _with_ends(schema: Json) -> Json:
    """A schema whose free strings have a greatest length: without one, a small model writes on until it is cut off."""
    if isinstance(schema, list):
        return [_with_ends(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    inner = {key: _with_ends(value) for key, value in schema.items()}
    is_free = inner.get("type") == "string" and not {"enum", "pattern", "format", "maxLength"} & set(inner)
    return {**inner, "maxLength": STRING_LIMIT} if is_free else inner


def looks(tool: ToolSpec) -> bool:
    """Whether a tool takes a picture or a place on one."""
    properties = cast("Mapping[str, Mapping[str, Any]]", tool.parameters.get("properties", {}))
    return any(schema.get("format") in {"image", "region"} for schema in properties.values())


def _some_of(calls: list[Json]) -> Json:
    return {"type": "array", "items": {"anyOf": calls}, "minItems": 1, "maxItems": MOST_CALLS}


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


def _strict_call(tool: ToolSpec, unit: CoordinateUnit) -> Json:
    parameters = strict({"type": "object", "properties": {}, **worded(tool.parameters, unit)})
    return _closed({"name": {"type": "string", "enum": [tool.name]}, "arguments": parameters})


def _closed(properties: JsonObject) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _or_null(schema: JsonObject) -> Json:
    options: list[Json] = list(schema["anyOf"]) if isinstance(schema.get("anyOf"), list) else []  # type: ignore[arg-type]  # checked beside it
    if {"type": "null"} in options:
        return schema
    return {"anyOf": [*(options or [schema]), {"type": "null"}]}


def without_idle_nulls(arguments: Mapping[str, Any], tool: ToolSpec) -> JsonObject:
    """Arguments without the nulls of optional parameters that do not take null: the model's way of leaving them out."""
    properties = cast("Mapping[str, Mapping[str, Any]]", tool.parameters.get("properties", {}))
    needed = cast("Sequence[str]", tool.parameters.get("required", []))
    return {
        name: value
        for name, value in arguments.items()
        if value is not None or name in needed or name not in properties or takes_null(properties[name])
    }


def takes_null(schema: Mapping[str, Any]) -> bool:
    """Whether null fits a schema."""
    if not schema.get("type") and not schema.get("anyOf") and "enum" not in schema:
        return True
    kinds = schema.get("type")
    named = kinds == "null" or (isinstance(kinds, list) and "null" in kinds)
    return named or None in schema.get("enum", ()) or any(takes_null(each) for each in schema.get("anyOf", ()))
