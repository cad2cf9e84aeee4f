"""Turns as messages of LangChain: standard content blocks, which its packages turn into each provider's form."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ...tools.spec import ToolSpec
from ..base import Decision, Role
from ..openai.functions import ANSWER
from ..openai.pictures import Album, too_heavy
from ..openai.writing import GIVEN, remembered, wire_id
from ..rendering.turns import Turn, View
from ..replies import canonical_reply, reply_format
from ..replies.protocol import answer_json
from .echoes import Echoes

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage

Block: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes the messages of one request.

    Attributes:
        album: the pictures as files.
        echoes: what the model said word for word, where its provider wants that back.
        native: whether the model calls tools natively; otherwise everything is plain text.
        tools: what it can call now, told in the instruction when it does not call natively.
    """

    album: Album
    echoes: Echoes
    native: bool
    tools: Sequence[ToolSpec]

    def messages(self, turns: Sequence[Turn]) -> list[BaseMessage]:
        """The messages, oldest first."""
        first = [] if turns and turns[0].role is Role.SYSTEM else [Turn(Role.SYSTEM, ())]
        ids: dict[str, str] = {}
        return [message for number, turn in enumerate([*first, *turns]) for message in self._written(number, turn, ids)]

    def _written(self, number: int, turn: Turn, ids: dict[str, str]) -> Iterator[BaseMessage]:
        from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

        if turn.role is Role.SYSTEM:
            told = [turn.text, *([] if self.native else [reply_format(self.tools)])]
            text = "\n\n".join(filter(None, told))
            yield from [SystemMessage(text)] if text else []
        elif turn.decision is not None and not self.native:
            yield AIMessage(canonical_reply(turn.decision))
        elif turn.decision is not None:
            yield from self._decided(number, turn.decision, ids)
        elif turn.role is Role.TOOL and self.native:
            call_id = ids.get(turn.call_id, turn.call_id)
            yield ToolMessage(content=self._content(turn), tool_call_id=call_id)
        else:
            yield HumanMessage(content=self._content(turn))

    def _decided(self, number: int, decision: Decision, ids: dict[str, str]) -> Iterator[BaseMessage]:
        from langchain_core.messages import ToolMessage

        message = self.echoes.of(decision) or _said(number, decision)
        names = [str(call["id"]) for call in message.tool_calls]
        ids.update(zip((call.id for call in decision.calls), names, strict=False))
        yield message
        if decision.answer is not None:
            yield from (ToolMessage(content=GIVEN, tool_call_id=name) for name in names)

    def _content(self, turn: Turn) -> Any:
        if not turn.views:
            return turn.text
        return [self._picture(part) if isinstance(part, View) else _text_block(part) for part in turn.parts]

    def _picture(self, view: View) -> Block:
        file = self.album.file(view.image)
        if file is None:
            raise too_heavy(view.image, self.album.max_bytes)
        return {"type": "image", "base64": base64.b64encode(file.data).decode(), "mime_type": file.mime}


def _said(number: int, decision: Decision) -> AIMessage:
    """A decision as the model would have said it natively."""
    from langchain_core.messages import AIMessage

    made = [(wire_id(call.id), call.name, dict(call.arguments)) for call in decision.calls]
    if decision.answer is not None:
        made = [(f"a{number:08d}", ANSWER, answer_json(decision.answer))]
    calls = [{"type": "tool_call", "id": each[0], "name": each[1], "args": each[2]} for each in made]
    return AIMessage(content=remembered(decision.thought), tool_calls=calls)


def _text_block(text: str) -> Block:
    return {"type": "text", "text": text}
