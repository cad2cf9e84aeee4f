"""What a model is told besides the agent's instruction: its tools, and how to write a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from ...jsonable import Json, JsonObject
from ...tools.spec import ToolSpec
from ..replies.protocol import reply_format

_ANSWERS = """\
Think in one short sentence. Then either call a tool, or, as soon as you know it, write the answer in this form and \
nothing after it:
<answer>{"text": "It says 9.00.", "value": "9.00", "citations": [{"quote": "9.00", "handle": "r3"}]}</answer>
"value" is the bare value that was asked for, copied exactly."""


def told(tools: Sequence[ToolSpec], *, by_template: bool) -> str:
    """The words for the system turn: how to answer, and the tools unless the template tells those."""
    return _ANSWERS if by_template and tools else reply_format(tools)


def functions(tools: Sequence[ToolSpec]) -> list[JsonObject]:
    """The tools in the form that chat templates take."""
    return [_function(tool) for tool in tools]


def _function(tool: ToolSpec) -> JsonObject:
    card = tool.card
    description = " ".join(part for part in (card.purpose, card.avoid, card.limits) if part)
    parameters = cast("JsonObject", _brief(tool.parameters))
    function: JsonObject = {"name": tool.name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


def _brief(schema: Any) -> Json:
    """A schema without what says nothing to a model that is kept to it anyway."""
    if isinstance(schema, list | tuple):
        return [_brief(each) for each in schema]
    if not isinstance(schema, dict):
        return cast("Json", schema)
    kept = {key: value for key, value in schema.items() if key not in {"additionalProperties", "title", "$schema"}}
    return {key: value if key in {"default", "enum", "const"} else _brief(value) for key, value in kept.items()}
