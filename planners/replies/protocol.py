"""The plain-text protocol: what a model without tool calling is told to write, and how a decision is written in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...jsonable import JsonObject
from ...tools.calls import ToolCall
from ...tools.spec import ToolSpec
from ..base import Decision, Draft
from .toolbook import properties_of, required_of

_CALLING = """\
Write one or two sentences of thought. Then end your reply with exactly one of these:
- one or more calls, each in its own tags; then stop, their results come back to you:
{example}
- or, as soon as a result shows it, the answer; X stands for it here. Quotes are words of its text, handles are where \
they were seen:
{answer}

Tools (images and regions are named by their handles, such as img_1 and r3; arguments with = may be left out):
{tools}"""
_ANSWERING = """\
Tools can no longer be called. Write one or two sentences of thought, then the answer (X stands for it), and no more:
{answer}"""
# No value that makes sense: small models repeat what makes sense.
ANSWER_EXAMPLE = '{"text": "It is X.", "value": "X", "citations": [{"quote": "X", "handle": "r1"}], "complete": true}'
_ANSWER = f"<answer>{ANSWER_EXAMPLE}</answer>"

ANSWER_FIELDS = """\
In it, text is the answer in a sentence; value the bare value that was asked for, copied exactly from where it stands; \
quote words of the text, and handle the region, picture or call that shows them."""


def reply_format(tools: Sequence[ToolSpec]) -> str:
    """The instruction for a model without native tool calling: how to call, how to answer, and what can be called."""
    if not tools:
        return _ANSWERING.format(answer=_ANSWER)
    lines = "\n".join(map(described, tools))
    example = _tagged("tool_call", call_json(example_of(tools[0])))
    return _CALLING.format(example=example, answer=_ANSWER, tools=lines)


def canonical_reply(decision: Decision) -> str:
    """A decision as a model should have written it; `parse_reply` reads it back."""
    thought = decision.thought.replace("<", "‹").replace("[TOOL_CALLS]", "").strip()
    calls = [_tagged("tool_call", call.to_json() if call.id else call_json(call)) for call in decision.calls]
    answers = [_tagged("answer", answer_json(decision.answer))] if decision.answer is not None else []
    return "\n".join([*([f"<think>{thought}</think>"] if thought else []), *calls, *answers])


def answer_json(draft: Draft) -> JsonObject:
    """An answer as the JSON that models write."""
    made: JsonObject = {"text": draft.text}
    if draft.value:
        made["value"] = draft.value
    if draft.citations:
        made["citations"] = [{"quote": one.quote, "handle": one.handle} for one in draft.citations]
    return made if draft.complete else {**made, "complete": False}


def call_json(call: ToolCall) -> JsonObject:
    """A call as the JSON that models write, without an id, which is for the agent to give."""
    return {"name": call.name, "arguments": dict(call.arguments)}


def _tagged(tag: str, value: JsonObject) -> str:
    # No tag can stand inside the JSON: what is read first is always the tag itself.
    written = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
    return f"<{tag}>{written}</{tag}>"


def example_of(tool: ToolSpec) -> ToolCall:
    """A good call of a tool, for a model to be shown."""
    return ToolCall("", tool.name, dict(tool.card.example) or dict.fromkeys(required_of(tool), "..."))


def described(tool: ToolSpec) -> str:
    """A tool in one line: its arguments as a function has them, and what is said about it."""
    required = required_of(tool)
    arguments = [_argument(name, schema, needed=name in required) for name, schema in properties_of(tool).items()]
    notes = [tool.card.purpose, f"Not for: {tool.card.avoid}", f"Limits: {tool.card.limits}"]
    return f"- {tool.name}({', '.join(arguments)}): {' '.join(note for note in notes if not note.endswith(': '))}"


def _argument(name: str, schema: Mapping[str, Any], *, needed: bool) -> str:
    default = "" if needed else f" = {json.dumps(schema.get('default'), ensure_ascii=False)}"
    return f"{name}: {_kind(schema)}{default}"


def _kind(schema: Mapping[str, Any]) -> str:
    """What an argument is, in a word: `image`, `[x1, y1, x2, y2]`, `"line"|"word"`."""
    if "enum" in schema:
        return "|".join(json.dumps(each, ensure_ascii=False) for each in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_kind(option) for option in schema["anyOf"] if option.get("type") != "null")
    if schema.get("format") == "xyxy":
        return "[x1, y1, x2, y2]"
    if schema.get("format") == "xy":
        return "[x, y]"
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items') or {})}"
    return str(schema.get("format") or schema.get("type") or "any")
