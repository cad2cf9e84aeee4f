"""Tools as the functions of a chat completion: their schemas in words that every server takes."""

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

MOST_CITATIONS = 8
"""Of an answer. Without a bound, a small model cites until it is cut off."""

THOUGHT_SCHEMA: JsonObject = {
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
        "handle": {"type": "string", "format": "citable"},
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
    return [*offered, _function(ANSWER, _ANSWER_PURPOSE, worded(ANSWER_SCHEMA, unit), thoughts)]


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
    "citable": "What it rests on: a region (r3), a picture (img_1), a call (c2).",
    "xyxy": "[left, top, right, bottom] in {unit}.",
    "xy": "[x, y] in {unit}.",
}
# Enumerations of the live handles would change the start of the prompt at every step, and with it every prefix cache.
_FORMAT_PATTERNS: dict[str, JsonObject] = {
    "image": {"pattern": "^img_[0-9]{1,6}$"},
    "region": {"pattern": "^r[0-9]{1,6}$"},
    "citable": {"pattern": "^(r|c|img_)[0-9]{1,6}$"},
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
    return {**parameters, "properties": {THOUGHT: THOUGHT_SCHEMA, **own}, "required": [THOUGHT, *required]}


def takes_thought(tool: ToolSpec) -> bool:
    """Whether `thought` is an argument of the tool itself."""
    return THOUGHT in cast("Mapping[str, Json]", tool.parameters.get("properties", {}))


def looks(tool: ToolSpec) -> bool:
    """Whether a tool takes a picture or a place on one."""
    properties = cast("Mapping[str, Mapping[str, Any]]", tool.parameters.get("properties", {}))
    return any(schema.get("format") in {"image", "region"} for schema in properties.values())


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
