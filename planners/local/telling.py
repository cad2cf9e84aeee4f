"""What a model is told besides the agent's instruction: how to write a decision, and its tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from ...jsonable import Json, JsonObject
from ...tools.spec import ToolSpec
from ..base import Citation, Decision, Draft
from ..replies.protocol import ANSWER_FIELDS, described, example_of
from .callformats import CallFormat

_CALLING = """\
Each of your turns is one short sentence about what to do next, without values that no result has shown, and then one \
of two things, and nothing after it:
- a tool call, as long as no result shows the answer; then its result comes back to you:
{call}
- the answer, as soon as a result shows it (here X stands for it):
{answer}"""
_ANSWERING = """\
Write one short sentence of thought and then the answer, and nothing after it (here X stands for it):
{answer}"""
_LISTED = (
    "Tools (images and regions are named by their handles, such as img_1 and r3; arguments with = may be left out):"
)

# No value that makes sense: small models repeat what makes sense.
_ANSWER = Draft("It is X.", (Citation("X", "r1"),), value="X")


def told(tools: Sequence[ToolSpec], how: CallFormat, *, by_template: bool) -> str:
    """The words for the system turn: how to call and to answer, and the tools unless the template tells those."""
    answer = how.written(Decision(answer=_ANSWER))
    if not tools:
        return f"{_ANSWERING.format(answer=answer)}\n{ANSWER_FIELDS}"
    call = how.written(Decision(calls=(example_of(tools[0]),)))
    text = f"{_CALLING.format(call=call, answer=answer)}\n{ANSWER_FIELDS}"
    return text if by_template else "\n".join([text, "", _LISTED, *map(described, tools)])


def functions(tools: Sequence[ToolSpec]) -> list[JsonObject]:
    """The tools in the form that chat templates take."""
    return [_function(tool) for tool in tools]


def _function(tool: ToolSpec) -> JsonObject:
    card = tool.card
    notes = ("", card.purpose), ("Not for: ", card.avoid), ("Limits: ", card.limits)
    description = " ".join(word + note for word, note in notes if note)
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
