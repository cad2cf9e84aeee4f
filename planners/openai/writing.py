"""Turns as the messages of a chat completion, append-only: what was sent once is sent again byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

from ...jsonable import Json, JsonObject
from ...tools.spec import ToolSpec
from ...vision.units import CoordinateUnit
from ..base import Decision, Role
from ..rendering.turns import Turn, View
from ..replies.protocol import (
    ANSWER_EXAMPLE,
    ANSWER_FIELDS,
    answer_json,
    call_json,
    canonical_reply,
    example_of,
    reply_format,
)
from .dialect import Dialect
from .functions import ANSWER, THOUGHT, purpose_of, worded
from .pictures import Album
from .replyschema import NEXT

Message: TypeAlias = JsonObject

THOUGHT_LIMIT = 2_000
"""Characters of an earlier thought that a model reads again."""

GIVEN = "The answer was given to the user."
_SCHEMA_FORMAT = """\
Each of your replies is one JSON object and nothing else. Its thought is one short sentence about what to do next, \
without values that no result has shown; then comes one of two things:
- calls of tools, as long as no result shows the answer; then their results come back to you:
{{"thought": "...", "next": {{"calls": [{call}]}}}}
- the answer, as soon as a result shows it (here X stands for it):
{{"thought": "...", "next": {{"answer": {answer}}}}}
{fields}

Tools, with the JSON schemas of their arguments:
{tools}"""
_SCHEMA_LAST = """\
Tools can no longer be called. Reply with one JSON object and nothing else (X stands for what you found):
{{"thought": "...", "next": {{"answer": {answer}}}}}
{fields}"""


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes the messages of one request.

    Attributes:
        dialect: how the server is spoken to.
        album: the pictures as files.
        unit: in which boxes are written.
        tools: what the model was told that it can call.
        last: whether it must answer now.
        name_pictures: whether each picture carries its digest as `uuid`, by which vLLM knows it again.
    """

    dialect: Dialect
    album: Album
    unit: CoordinateUnit
    tools: Sequence[ToolSpec]
    last: bool = False
    name_pictures: bool = False

    def messages(self, turns: Sequence[Turn]) -> list[Message]:
        """The messages of a request, oldest first."""
        first = [] if turns and turns[0].role is Role.SYSTEM else [Turn(Role.SYSTEM, ())]
        written = [message for number, turn in enumerate([*first, *turns]) for message in self._written(number, turn)]
        if self.last and self.dialect.mode != "tools":
            written.append({"role": "user", "content": self._format(())})
        return _alternating(written) if self.dialect.alternating else written

    def _written(self, number: int, turn: Turn) -> Iterator[Message]:
        native = self.dialect.mode == "tools"
        if turn.role is Role.SYSTEM:
            yield from self._instruction(turn)
        elif turn.role is Role.PLANNER and turn.decision is not None:
            yield from self._native(number, turn.decision) if native else self._plain(turn.decision)
        elif turn.role is Role.TOOL and native:
            yield {"role": "tool", "tool_call_id": wire_id(turn.call_id), "content": self._content(turn)}
        else:
            yield {"role": "user", "content": self._content(turn)}

    def _instruction(self, turn: Turn) -> Iterator[Message]:
        formats = [] if self.dialect.mode == "tools" else [self._format(self.tools)]
        text = "\n\n".join([*([turn.text] if turn.text else []), *formats])
        if text:
            yield {"role": "system" if self.dialect.system else "user", "content": text}

    def _native(self, number: int, decision: Decision) -> Iterator[Message]:
        made = [(wire_id(call.id), call.name, dict(call.arguments)) for call in decision.calls]
        if decision.answer is not None:
            made = [(f"a{number:08d}", ANSWER, answer_json(decision.answer))]
        message: Message = {"role": "assistant"}
        thought = remembered(decision.thought)
        if thought and self.dialect.thoughts_in_calls:
            made[0] = (made[0][0], made[0][1], {THOUGHT: thought, **made[0][2]})
        elif thought:
            message["content"] = thought
        yield {**message, "tool_calls": [_call(*each) for each in made]}
        if decision.answer is not None:
            yield {"role": "tool", "tool_call_id": made[0][0], "content": GIVEN}

    def _plain(self, decision: Decision) -> Iterator[Message]:
        if self.dialect.mode == "text":
            short = replace(decision, thought=remembered(decision.thought))
            yield {"role": "assistant", "content": canonical_reply(short)}
            return
        calls: list[Json] = [call_json(call) for call in decision.calls]
        made: Json = {"calls": calls} if decision.answer is None else {"answer": answer_json(decision.answer)}
        yield {"role": "assistant", "content": _dumped({THOUGHT: remembered(decision.thought), NEXT: made})}

    def _format(self, tools: Sequence[ToolSpec]) -> str:
        if self.dialect.mode == "text":
            return reply_format(tools)
        if not tools:
            return _SCHEMA_LAST.format(answer=ANSWER_EXAMPLE, fields=ANSWER_FIELDS)
        lines = (f"- {tool.name}: {purpose_of(tool)} {_dumped(worded(tool.parameters, self.unit))}" for tool in tools)
        return _SCHEMA_FORMAT.format(
            call=_dumped(call_json(example_of(tools[0]))),
            answer=ANSWER_EXAMPLE,
            fields=ANSWER_FIELDS,
            tools="\n".join(lines),
        )

    def _content(self, turn: Turn) -> Json:
        if not turn.views:
            return turn.text
        return [
            self._picture(part) if isinstance(part, View) else {"type": "text", "text": part} for part in turn.parts
        ]

    def _picture(self, view: View) -> Json:
        part: JsonObject = {"type": "image_url", "image_url": {"url": self.album.uri(view.image)}}
        return {**part, "uuid": view.image.digest} if self.name_pictures else part


def remembered(thought: str) -> str:
    """A thought as the model reads it later: its end, when a reasoning model thought at length."""
    return thought if len(thought) <= THOUGHT_LIMIT else f"... {thought[-THOUGHT_LIMIT:]}"


def wire_id(call_id: str) -> str:
    """The id of a call as it is sent: nine letters and digits, which is what Mistral's servers insist on."""
    number = call_id.removeprefix("c")
    return f"c{number:0>8}" if number.isascii() and number.isalnum() and len(number) <= 8 else call_id


def _call(call_id: str, name: str, arguments: JsonObject) -> Json:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": _dumped(arguments)}}


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _alternating(messages: Sequence[Message]) -> list[Message]:
    """Neighbouring messages of the user as one."""
    made: list[Message] = []
    for message in messages:
        if made and made[-1]["role"] == message["role"] == "user":
            made[-1] = {"role": "user", "content": _joined(made[-1]["content"], message["content"])}
        else:
            made.append(message)
    return made


def _joined(first: Json, second: Json) -> Json:
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}\n\n{second}"
    return [*parts_of(first), *parts_of(second)]


def parts_of(content: Json) -> list[JsonObject]:
    """The content of a message as a list of parts."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else cast("list[JsonObject]", content)
